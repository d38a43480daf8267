package investments

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// payout is a distribution in the history of its offering. Every command reads all of
// them, so that they are small and point to nothing.
type payout struct {
	id       id.Of[Distribution]
	kind     waterfall.Kind
	date     date.Date
	record   date.Date
	amount   money.Amount
	method   Method              // "" is none
	terms    id.Of[TermsVersion] // zero is none
	declared time.Time
}

// payout is what a distribution is in the history of its offering.
func (d *Distribution) payout() payout {
	return payout{d.ID, or(d.DistributionType).kind(), d.DistributionDate, d.record(), d.TotalAmount, or(d.CalculationMethod), or(d.TermsID), d.CreatedAt}
}

// sale reports whether it distributes the proceeds of a sale.
func (p *payout) sale() bool { return p.kind == waterfall.Sale }

// loadDeclared reads the declared distributions.
func (h *past) loadDeclared(ctx context.Context, tx bun.IDB) error {
	return store.NewQuery(tx, constraints, `SELECT id, COALESCE(distribution_type, ''), distribution_date, COALESCE(record_date, distribution_date), total_amount,
			COALESCE(calculation_method, ''), COALESCE(terms_id, ?1), created_at
		FROM investments.distributions WHERE opportunity_id = ?0 AND status NOT IN ('cancelled', 'reversed') ORDER BY distribution_date, created_at, id`,
		h.offering.ID, id.Of[TermsVersion]{}).Each(ctx, func(row store.Row) error {
		var p payout
		var t DistributionType
		if err := row.Scan(&p.id, &t, &p.date, &p.record, &p.amount, &p.method, &p.terms, &p.declared); err != nil {
			return err
		}
		p.kind = t.kind()
		h.declared = append(h.declared, p)
		return nil
	})
}

// payouts are distributions as the order of transfers sees them.
func payouts(declared []payout) []history.Payout {
	out := make([]history.Payout, len(declared))
	for i := range declared {
		out[i] = history.Payout{Date: declared[i].date, Record: declared[i].record}
	}
	return out
}

// withDraft are the declared distributions and the draft.
func (h *past) withDraft() []payout {
	if h.draft == nil {
		return h.declared
	}
	if h.all == nil {
		h.all = append(slices.Clip(h.declared), *h.draft)
	}
	return h.all
}
