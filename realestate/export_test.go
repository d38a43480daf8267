package realestate

// Invariants is invariants, for the test that breaks each of them.
var Invariants = invariants
