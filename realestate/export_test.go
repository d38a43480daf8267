package realestate

import "github.com/freehold-go/freehold/internal/retention"

// Invariants is invariants, for the test that breaks each of them.
var Invariants = invariants

// Work is what Maintain asks, for the test that has each kind due.
func (p *Platform) Work() []retention.Work { return p.work() }
