package investments

// HoldingsOn is holdingsOn for the tests of it.
var HoldingsOn = holdingsOn
