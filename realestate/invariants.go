package realestate

import (
	"slices"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// invariants lists what [Platform.Verify] proves, as the domains state it. Each
// name says what holds.
func invariants() []store.Invariant {
	return slices.Concat(investments.Invariants(), ledger.Invariants(), financials.Invariants(), leases.Invariants(), payables.Invariants(),
		properties.Invariants(), renovations.Invariants(), media.Invariants(),
		events.Invariants(), documents.Invariants(), outbox.Invariants())
}
