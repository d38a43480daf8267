package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrLossBeyondCapital: a loss is more than what all capital accounts hold on the
// day, and the terms do not name who bears that.
var ErrLossBeyondCapital = fault.New(fault.Conflict, "loss_beyond_capital", "the loss is more than all capital accounts hold; terms name who bears what is beyond").On("amount")

// shareLoss changes the parts of a loss so that it takes no capital account below
// zero while others are above it, as the terms in force on the day say otherwise.
func (p *AllocateParams) shareLoss(ctx context.Context, tx bun.IDB, held []Position, shared *shares) error {
	rule, err := lossRule(ctx, tx, p.OfferingID, p.Date)
	if err != nil || rule.BelowZero {
		return err
	}
	hold, err := accountsOn(ctx, tx, p.OfferingID, p.Date)
	if err != nil {
		return err
	}
	bearers := make([]history.Bearer, len(held))
	for i := range held {
		bearers[i] = history.Bearer{ID: string(held[i].ID[:]), Weight: shared.weights[i], Account: hold[held[i].ID]}
	}
	parts, beyond, err := history.ShareLoss(p.Amount.Neg(), bearers)
	if err != nil {
		return err
	}
	shared.parts = parts
	if beyond.IsZero() {
		return nil
	}
	if rule.Bearer == "" {
		return ErrLossBeyondCapital.With("by %s", beyond)
	}
	return shared.bear(ctx, tx, held, rule.Bearer, beyond)
}

// bear adds what is beyond all capital to the holdings of a class.
func (s *shares) bear(ctx context.Context, tx bun.IDB, held []Position, class string, beyond money.Amount) error {
	var of []id.Of[Position]
	err := store.Read(ctx, tx, tx.NewRaw("SELECT id FROM investments.property_investments WHERE share_class = ? AND id = ANY (?::uuid[])", class,
		store.TextArray(held, func(p *Position) string { return p.ID.String() })), &of)
	if err != nil {
		return store.Err(err, constraints)
	}
	bears := make(map[id.Of[Position]]bool, len(of))
	for _, v := range of {
		bears[v] = true
	}
	list := make([]money.Share, len(held))
	total := decimal.Zero
	for i := range held {
		list[i].ID = string(held[i].ID[:])
		if bears[held[i].ID] {
			list[i].Weight = s.weights[i]
			total = total.Add(s.weights[i])
		}
	}
	if total.IsZero() {
		return ErrLossBeyondCapital.With("by %s; nobody holds class %s, which bears it", beyond, class)
	}
	more, err := money.Allocate(beyond, list)
	if err != nil {
		return err
	}
	for i := range more {
		if s.parts[i], err = s.parts[i].Sub(more[i]); err != nil {
			return err
		}
	}
	return nil
}

// lossRule is what the terms in force on a day say of losses; without any it is the
// usual rule.
func lossRule(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) (waterfall.Losses, error) {
	versions, err := termsOf(ctx, tx, o)
	if err != nil {
		return waterfall.Losses{}, err
	}
	h := &past{versions: versions}
	v, err := h.inForce(day)
	if err != nil {
		return waterfall.Losses{}, nil //nolint:nilerr // none are in force
	}
	t, err := waterfall.ParseTerms(v.Terms)
	if err != nil || t.Losses == nil {
		return waterfall.Losses{}, err
	}
	return *t.Losses, nil
}

// accountsOn is what the capital accounts of an offering hold at the end of a day.
// Movements are added up by kind first, since there may be many.
func accountsOn(ctx context.Context, tx bun.IDB, o id.Of[Offering], day date.Date) (map[id.Of[Position]]money.Amount, error) {
	out := map[id.Of[Position]]money.Amount{}
	err := store.NewQuery(tx, constraints, `SELECT position_id, kind, sum(amount), sum(carrying) FROM investments.capital_movements
		WHERE opportunity_id = ? AND effective_date <= ? GROUP BY 1, 2`, o, day).Each(ctx, func(row store.Row) error {
		var pos id.Of[Position]
		var m history.Movement
		if err := row.Scan(&pos, &m.Kind, &m.Amount, &m.Carrying); err != nil {
			return err
		}
		e := m.Effect()
		var err error
		out[pos], err = out[pos].Add(e.Account)
		return err
	})
	return out, err
}
