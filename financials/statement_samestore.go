package financials

import (
	"cmp"
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of same-store figures.
var (
	// ErrSameStoreEmpty: no property of the set has statements of all of both periods.
	ErrSameStoreEmpty = fault.New(fault.NotFound, "same_store_empty", "no property of the set has statements of all of both periods")
	// ErrSameStoreCurrencies: amounts of two currencies are never added.
	ErrSameStoreCurrencies = fault.New(fault.Invalid, "same_store_currencies", "the properties are of several currencies").On("property_ids")
)

// Change is one figure beside what it was.
type Change struct {
	// Line is a [StatementLine], or a total by its name in [OperatingTotals].
	Line       string           `json:"line"`
	Prior      money.Amount     `json:"prior"`
	Now        money.Amount     `json:"now"`
	Difference money.Amount     `json:"difference"` // now less prior
	Pct        *decimal.Decimal `json:"pct"`        // of prior, a fraction; nil where that is zero
	Direction  Direction        `json:"direction"`  // for the owner; as_budgeted is no change
}

// SameStore is what the same properties came to in two periods.
type SameStore struct {
	PropertyIDs []id.Of[properties.Property] `json:"property_ids"` // with statements of all of both
	LeftOut     []id.Of[properties.Property] `json:"left_out"`     // bought or sold between, or not stated
	Currency    string                       `json:"currency"`
	Prior       OperatingStatement           `json:"prior"`
	Now         OperatingStatement           `json:"now"`
	Lines       []Change                     `json:"lines"` // those that are not zero on both sides
	Totals      []Change                     `json:"totals"`
}

// SameStoreParams is a set of properties and the periods to compare.
type SameStoreParams struct {
	PropertyIDs []id.Of[properties.Property] // each once; at most 10,000
	Month       date.Date                    // any day of the last month
	Stretch     Stretch                      // "" is [StretchT12]
	Back        int                          // how many months before the prior period ends; zero is 12
	Basis       AccountingBasis              // "" is accrual
}

// SameStore compares what properties came to in a period with an earlier one, over those
// of the set that have statements of all of both, and names the others. It is one query. It
// returns [ErrSameStoreEmpty], [ErrSameStoreCurrencies], properties.ErrPropertyNotFound,
// [money.ErrOutOfRange] of a sum, or the field errors.
func (s *Service) SameStore(ctx context.Context, db bun.IDB, p SameStoreParams) (*SameStore, error) {
	var f check.Fields
	p.Basis = p.Basis.given(&f)
	p.Stretch, p.Back = cmp.Or(p.Stretch, StretchT12), cmp.Or(p.Back, 12)
	check.One(&f, "stretch", p.Stretch)
	f.Given("month", p.Month)
	f.Integer("back", &p.Back, 1, 1200)
	propertySet(&f, p.PropertyIDs)
	if err := f.Err(); err != nil {
		return nil, err
	}
	before := p.Month.StartOfMonth().AddMonths(-p.Back)
	spans := []span{{p.Stretch.first(before), before.EndOfMonth()}, {p.Stretch.first(p.Month), p.Month.EndOfMonth()}}
	list, err := summed(ctx, db, p.PropertyIDs, spans, p.Basis)
	if err != nil {
		return nil, err
	}
	return sameStore(list, spans)
}

// sameStore adds the pairs of sums up that are there on both sides.
func sameStore(list []TrailingStatement, spans []span) (*SameStore, error) {
	out := &SameStore{PropertyIDs: []id.Of[properties.Property]{}, LeftOut: []id.Of[properties.Property]{}}
	for i := 0; i < len(list); i += 2 {
		prior, now := &list[i], &list[i+1]
		switch {
		case prior.Statement == nil || now.Statement == nil:
			out.LeftOut = append(out.LeftOut, now.PropertyID)
			continue
		case out.Currency != "" && out.Currency != now.Currency:
			return nil, ErrSameStoreCurrencies
		}
		out.Currency = now.Currency
		out.PropertyIDs = append(out.PropertyIDs, now.PropertyID)
		if err := out.Prior.add(prior.Statement); err != nil {
			return nil, err
		}
		if err := out.Now.add(now.Statement); err != nil {
			return nil, err
		}
	}
	if len(out.PropertyIDs) == 0 {
		return nil, ErrSameStoreEmpty
	}
	out.Prior.PeriodStart, out.Prior.PeriodEnd = spans[0].first, spans[0].last
	out.Now.PeriodStart, out.Now.PeriodEnd = spans[1].first, spans[1].last
	lines, totals, err := variances(&out.Prior, &out.Now)
	out.Lines, out.Totals = changes(lines), changes(totals)
	return out, err
}

func changes(list []Variance) []Change {
	out := make([]Change, len(list))
	for i, v := range list {
		out[i] = Change{Line: v.Line, Prior: v.Budget, Now: v.Actual, Difference: v.Difference, Pct: v.Pct, Direction: v.Direction}
	}
	return out
}
