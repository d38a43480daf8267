package investments

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// HistoryFinding is a figure that is not what the history of capital comes to.
type HistoryFinding struct {
	Row    string `json:"row"`    // the id of the offering, transfer, position or portfolio
	Detail string `json:"detail"` // what is stored and what it should be; no personal data
}

// OfferingsWithHistory lists the offerings whose capital ever moved, and that were not
// deleted, by id.
func OfferingsWithHistory(ctx context.Context, db bun.IDB) (all []id.Of[Offering], err error) {
	err = store.Read(ctx, db, db.NewRaw(`SELECT o.id FROM investments.opportunities o WHERE o.deleted_at IS NULL
		AND EXISTS (SELECT 1 FROM investments.capital_movements cm WHERE cm.opportunity_id = o.id) ORDER BY 1`), &all)
	return all, store.Err(err, constraints)
}

// VerifyHistory derives an offering's history anew, out of nothing but its
// movements, and compares: what each transfer took along with the fraction of what
// the giver had, and the capital of each account of the waterfall, replayed from
// the first day, with the positions'. A history that the terms cannot take is a finding of
// the offering, such as [history.ErrBetween]. It returns what differs, and
// [ErrOfferingNotFound].
func (s *Positions) VerifyHistory(ctx context.Context, db bun.IDB, v id.Of[Offering]) ([]HistoryFinding, error) {
	o, err := seeOffering(ctx, db, v)
	if err != nil {
		return nil, err
	}
	out, err := verifyTransfers(ctx, db, v)
	if err != nil {
		return nil, err
	}
	h, err := openPast(ctx, db, o)
	if err != nil || len(h.versions) == 0 {
		return out, err
	}
	if err := h.loadMoves(ctx, db, date.Date{}); err != nil {
		return nil, err
	}
	var last date.Date
	for i := range h.moves {
		if last.Before(h.moves[i].Date) {
			last = h.moves[i].Date
		}
	}
	if n := len(h.declared); n > 0 && last.Before(h.declared[n-1].date) {
		last = h.declared[n-1].date
	}
	if last.IsZero() {
		return out, nil
	}
	state, _, err := h.until(last)
	if fault.KindOf(err) != "" { // it cannot have been as it is on record
		return append(out, HistoryFinding{v.String(), err.Error()}), nil
	}
	if err != nil {
		return nil, err
	}
	err = store.NewQuery(db, constraints, `SELECT id, investment_amount FROM investments.property_investments
		WHERE opportunity_id = ? AND status IN ('funded', 'exited') AND deleted_at IS NULL ORDER BY id`, v).Each(ctx, func(row store.Row) error {
		var pos id.Of[Position]
		var capital, replayed money.Amount
		if err := row.Scan(&pos, &capital); err != nil {
			return err
		}
		if i, ok := state.Index(pos.String()); ok {
			replayed = state.Account(i).Contributed
		}
		if replayed != capital {
			out = append(out, HistoryFinding{pos.String(), fmt.Sprintf("capital %s, replayed %s", capital, replayed)})
		}
		return nil
	})
	return out, err
}

// verifyTransfers works out again what transfers took along.
func verifyTransfers(ctx context.Context, db bun.IDB, v id.Of[Offering]) (out []HistoryFinding, err error) {
	out = []HistoryFinding{}
	moves, err := completedMoves(ctx, db, v)
	if err != nil || len(moves) == 0 {
		return out, err
	}
	ms, err := loadHistory(ctx, db, transferred, v)
	if err != nil {
		return nil, err
	}
	corrections, err := history.Restate(ms, moves)
	if err != nil {
		return nil, err
	}
	for i := range corrections {
		c := &corrections[i]
		out = append(out, HistoryFinding{c.ID.String(), fmt.Sprintf("unreturned capital %s and capital account %s did not go along", c.Capital, c.Carrying)})
	}
	return out, nil
}

// VerifyPortfolios derives the portfolios of investors anew as of the day that they
// were computed for, and compares all of their figures. Portfolios of which something was
// recorded since are left out, as are the allocations where a property was changed since:
// they wait for the next computation. It returns what differs. A session that sees some
// investor's positions only is refused.
func (s *Reports) VerifyPortfolios(ctx context.Context, db bun.IDB) ([]HistoryFinding, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := needsAll(ctx, db, "portfolios are not verified against some of what they sum"); err != nil {
		return nil, err
	}
	var stored []struct {
		ID          id.Of[Portfolio] `bun:"id"`
		InvestorID  id.Of[auth.User] `bun:"investor_id"`
		Currency    string           `bun:"currency"`
		AsOf        date.Date        `bun:"as_of"`
		Value       money.Amount     `bun:"current_value"`
		Distributed money.Amount     `bun:"total_distributions"`
		Figures     string           `bun:"figures"`
		Allocations *string          `bun:"allocations"` // nil where a property was changed since
		Folded      []byte           `bun:"folded"`      // nil where the next computation begins anew
		Movements   int64            `bun:"movements"`
	}
	err = store.Read(ctx, db, db.NewRaw(`SELECT f.id, f.investor_id, f.currency, f.as_of, f.current_value, f.total_distributions,
			concat_ws(' ', trim_scale(f.weighted_avg_irr), f.irr_unique::text, trim_scale(f.total_equity_multiple),
				trim_scale(f.weighted_avg_cash_on_cash), f.total_properties) AS figures,
			CASE WHEN NOT EXISTS (SELECT 1 FROM investments.property_investments p JOIN properties.properties r ON r.id = p.property_id
				WHERE p.investor_id = f.investor_id AND r.updated_at >= f.last_calculated_at)
				THEN jsonb_build_array(f.allocation_by_state, f.allocation_by_city, f.allocation_by_property_type, f.allocation_by_property_class)::text END AS allocations, f.folded, f.movements
		FROM investments.investor_portfolios f WHERE f.as_of IS NOT NULL AND f.movements >= `+allMovements+`
		ORDER BY f.investor_id`), &stored)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	out := []HistoryFinding{}
	for i := range stored {
		f := &stored[i]
		sums, err := portfolioSums(ctx, db, whom{n: 1, from: f.InvestorID, to: f.InvestorID}, f.AsOf, true)
		if err != nil {
			return nil, err
		}
		for j := range sums {
			r := &sums[j]
			if r.Currency != f.Currency {
				continue
			}
			var figures []any
			if r.irr != nil {
				figures = append(figures, r.irr, r.unique)
			}
			if r.mul != nil {
				figures = append(figures, r.mul)
			}
			if r.coc != nil {
				figures = append(figures, r.coc)
			}
			figures = append(figures, r.Properties)
			text := fmt.Sprint(spaced(figures)...)
			if r.Value != f.Value || r.Distributed != f.Distributed || text != f.Figures {
				out = append(out, HistoryFinding{f.ID.String(), fmt.Sprintf("value %s, derived %s; distributed %s, derived %s; figures %s, derived %s",
					f.Value, r.Value, f.Distributed, r.Distributed, f.Figures, text)})
			}
			if f.Movements != r.Movements {
				out = append(out, HistoryFinding{f.ID.String(), fmt.Sprintf("computed from %d movements, of which there are %d", f.Movements, r.Movements)})
			}
			if f.Folded != nil && !bytes.Equal(f.Folded, r.folded) {
				out = append(out, HistoryFinding{f.ID.String(), "the next computation would go on from other movements than there are"})
			}
			derived := "[" + strings.Join(r.by[:], ",") + "]"
			if f.Allocations == nil {
				continue
			}
			same, err := sameFractions(*f.Allocations, derived)
			if err != nil {
				return nil, err
			}
			if !same {
				out = append(out, HistoryFinding{f.ID.String(), fmt.Sprintf("allocations %s, derived %s", *f.Allocations, derived)})
			}
		}
	}
	return out, nil
}

// sameFractions reports whether two JSON lists of fractions by key say the same.
func sameFractions(a, b string) (bool, error) {
	var x, y []map[string]decimal.Decimal
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		return false, err
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		return false, err
	}
	return slices.EqualFunc(x, y, func(x, y map[string]decimal.Decimal) bool { return maps.EqualFunc(x, y, decimal.Decimal.Equal) }), nil
}

// spaced puts blanks between.
func spaced(list []any) (out []any) {
	for i, x := range list {
		if i > 0 {
			out = append(out, " ")
		}
		out = append(out, fmt.Sprint(x))
	}
	return out
}
