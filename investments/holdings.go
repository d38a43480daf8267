package investments

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// holding is what a position holds at the end of a day.
type holding struct {
	party   *party
	capital money.Amount     // contributed
	units   *decimal.Decimal // nil where its class has no price
}

// holdings are the positions that hold capital at the end of a day, by ascending
// key. As long as nothing is dated later, they are as they stand; otherwise the
// contributions and transfers to that day are run again, which issues the units
// of the day anew.
func (h *past) holdings(ctx context.Context, tx bun.IDB, day date.Date) ([]holding, error) {
	var since bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM investments.transactions t JOIN investments.property_investments p ON p.id = t.investment_id
		WHERE p.opportunity_id = ? AND t.effective_date > ? AND t.status = 'completed'
			AND t.type IN ('investment', 'refund', 'transfer_in', 'transfer_out'))`, h.offering.ID, day).Scan(ctx, &since)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if since {
		return h.holdingsAsOf(ctx, tx, day)
	}
	rows, err := tx.QueryContext(ctx, `SELECT id::text, investment_amount, units FROM investments.property_investments
		WHERE opportunity_id = ? AND status = 'funded' AND deleted_at IS NULL AND funding_date <= ? ORDER BY id`, h.offering.ID, day)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var out []holding
	for rows.Next() {
		var key string
		var x holding
		if err := rows.Scan(&key, &x.capital, &x.units); err != nil {
			return nil, err
		}
		if x.party = h.find(key); x.party != nil {
			out = append(out, x)
		}
	}
	return out, store.Err(rows.Err(), constraints)
}

func (h *past) holdingsAsOf(ctx context.Context, tx bun.IDB, day date.Date) ([]holding, error) {
	if h.moves == nil {
		if err := h.loadMoves(ctx, tx, date.Date{}); err != nil {
			return nil, err
		}
	}
	list, err := shareClasses.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("sc.opportunity_id = ?", h.offering.ID) })
	if err != nil {
		return nil, err
	}
	classes := make(map[string]*ShareClass, len(list))
	for i := range list {
		classes[list[i].Code] = &list[i]
	}
	return h.runMoves(classes, day)
}

// runMoves runs contributions and transfers through the end of a day. It touches
// no database.
func (h *past) runMoves(classes map[string]*ShareClass, day date.Date) ([]holding, error) {
	at := map[string]*Position{}
	position := func(key string) *Position {
		if at[key] == nil {
			p := h.find(key)
			if p == nil {
				return &Position{}
			}
			at[key] = &Position{ID: p.position, ShareClass: p.class}
		}
		return at[key]
	}
	moves := slices.Clone(h.moves)
	slices.SortStableFunc(moves, waterfall.Event.Compare)
	for _, e := range moves {
		if e.Date.After(day) {
			break
		}
		if e.Type == waterfall.EventContribution {
			pos := position(e.Partner)
			if err := pos.contribute(classes[pos.ShareClass], e.Amount, e.Date); err != nil {
				return nil, err
			}
			continue
		}
		from, to := position(e.From), position(e.To)
		t := Transfer{Fraction: e.Fraction, EffectiveDate: e.Date}
		p, err := t.portion(from, money.Zero)
		if err != nil {
			return nil, err
		}
		if err := t.give(from, p); err != nil {
			return nil, err
		}
		if from.ShareClass != to.ShareClass {
			p.units = classes[to.ShareClass].unitsFor(p.capital)
		}
		if err := t.take(to, p); err != nil {
			return nil, err
		}
	}
	var out []holding
	for key, pos := range at {
		if pos.InvestmentAmount.Sign() > 0 {
			out = append(out, holding{party: h.find(key), capital: pos.InvestmentAmount, units: pos.Units})
		}
	}
	slices.SortFunc(out, func(a, b holding) int { return strings.Compare(a.party.key, b.party.key) })
	return out, nil
}
