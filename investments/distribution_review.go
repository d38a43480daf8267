package investments

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DistributionsReview compares an offering's distributions with what they would
// be by what is on record today, after corrections of the past.
type DistributionsReview struct {
	// Changed are the distributions that would be split otherwise, by date.
	Changed []ChangedDistribution `json:"changed"`
	// TrueUp proposes what makes it good: what each payee should have got by now,
	// less what they got. Who got too little is above zero; all of it sums to zero,
	// and none of it is left out. [DeclareParams].TrueUp pays it with the next
	// distribution. Where terms without a last tier would leave some of what was paid to
	// nobody today, the sum is below zero by it; nobody else is due that, and it stays
	// owed until its distribution is reversed.
	TrueUp []TrueUp `json:"true_up"`

	owed parts
}

// newReview is a review that has found nothing; its lists are empty, also in JSON.
func newReview() *DistributionsReview {
	return &DistributionsReview{Changed: []ChangedDistribution{}, TrueUp: []TrueUp{}, owed: parts{}}
}

// ChangedDistribution is a past distribution that would be split otherwise.
type ChangedDistribution struct {
	Distribution Distribution  `json:"distribution"`
	Lines        []ChangedLine `json:"lines"` // those that differ; their differences sum to zero
}

// ChangedLine is what a payee got of a distribution, all roles together, and
// what they would get today. One of the ids is set: the position, or the account
// that the terms name.
type ChangedLine struct {
	PositionID id.Of[Position] `json:"position_id,omitzero"`
	AccountID  id.Of[Account]  `json:"account_id,omitzero"`
	Paid       money.Amount    `json:"paid"`
	Due        money.Amount    `json:"due"`
}

// TrueUp is what a payee is owed, or below zero owes, over all distributions
// together.
type TrueUp struct {
	PositionID id.Of[Position] `json:"position_id,omitzero"`
	AccountID  id.Of[Account]  `json:"account_id,omitzero"`
	Amount     money.Amount    `json:"amount"`
	Tiers      []history.Part  `json:"tiers"` // what it consists of, by kind of tier
}

// Review runs the history of an offering again by what is on record
// today and shows which distributions a correction of the past changes, and the
// true-up that makes it good. Without corrections both lists are empty. It
// writes and locks nothing, and given the pool it sees one moment. It returns
// [history.ErrBetween] where a distribution lies between what was recorded late and
// another one, so that their order is undefined, or [ErrOfferingNotFound].
func (s *Distributions) Review(ctx context.Context, db bun.IDB, v id.Of[Offering]) (*DistributionsReview, error) {
	var out *DistributionsReview
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		o, err := seeOffering(ctx, tx, v)
		if err != nil {
			return err
		}
		h, err := openPast(ctx, tx, o)
		if err != nil {
			return err
		}
		switch n := len(h.declared); {
		case n == 0:
			out = newReview()
		case h.declared[0].terms.IsZero():
			out, err = h.reviewProRata(ctx, tx)
		default:
			out, err = h.reviewByTerms(ctx, tx, h.declared[n-1].date)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (h *past) reviewByTerms(ctx context.Context, tx bun.IDB, last date.Date) (*DistributionsReview, error) {
	if err := h.loadMoves(ctx, tx, date.Date{}); err != nil {
		return nil, err
	}
	if err := h.placed(); err != nil {
		return nil, err
	}
	_, results, err := h.until(last)
	if err != nil {
		return nil, err
	}
	out := newReview()
	for i, r := range results {
		due := parts{}
		if err := due.addResult(r, h.list(&h.declared[i]), h.declared[i].sale()); err != nil {
			return nil, err
		}
		if err := out.compare(ctx, tx, h, &h.declared[i], due); err != nil {
			return nil, err
		}
	}
	return out, out.propose(h)
}

func (h *past) reviewProRata(ctx context.Context, tx bun.IDB) (*DistributionsReview, error) {
	out := newReview()
	for i := range h.declared {
		d := &h.declared[i]
		due, err := h.dueProRata(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		if err := out.compare(ctx, tx, h, d, due); err != nil {
			return nil, err
		}
	}
	return out, out.propose(h)
}

// dueProRata is what a distribution pro rata would pay today. While nothing it
// rested on has changed, that is what its frozen weights come to.
func (h *past) dueProRata(ctx context.Context, tx bun.IDB, d *payout) (parts, error) {
	is, err := h.fingerprint(ctx, tx, []payout{*d})
	if err != nil {
		return nil, err
	}
	var was, weights []byte
	err = store.Scan(ctx, tx, []any{&was, &weights}, `SELECT (SELECT history_hash FROM investments.distribution_calculations WHERE distribution_id = $1),
		(SELECT opening_state FROM investments.distribution_calculations WHERE distribution_id = $1)`, d.id.String())
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	due := parts{}
	if bytes.Equal(is, was) {
		frozen, err := proRataParts(weights, d.amount)
		if err != nil {
			return nil, err
		}
		for position, a := range frozen {
			due[part{position.String(), string(MethodProRata), d.sale()}] = a
		}
		return due, nil
	}
	held, err := h.holdings(ctx, tx, d.record)
	if err != nil {
		return nil, err
	}
	sp, err := shareOut(held, d.amount)
	if err != nil {
		return nil, err
	}
	for i := range held {
		due[part{held[i].ID.String(), string(MethodProRata), d.sale()}] = sp.parts[i]
	}
	return due, nil
}

// compare notes a distribution whose lines are not what is due, apart from what
// true-ups changed on purpose.
func (r *DistributionsReview) compare(ctx context.Context, tx bun.IDB, h *past, d *payout, due parts) error {
	paid, err := partsOf(ctx, tx, "d.id = ?", d.id)
	if err != nil {
		return err
	}
	for k, a := range due {
		if err := r.owed.add(k, a); err != nil {
			return err
		}
	}
	if err := r.owed.less(paid); err != nil {
		return err
	}
	var c Calculation
	err = store.Scan(ctx, tx, []any{&c.Inputs}, `SELECT inputs FROM investments.distribution_calculations WHERE distribution_id = $1`, d.id.String())
	if errors.Is(err, sql.ErrNoRows) {
		return r.changed(ctx, tx, h, d, paid, due)
	}
	if err != nil {
		return store.Err(err, constraints)
	}
	in, err := c.Frozen()
	if err != nil {
		return err
	}
	for _, o := range in.TrueUp {
		for _, p := range o.Parts {
			if err := paid.add(part{o.Payee, p.Kind, p.Sale}, p.Amount.Neg()); err != nil {
				return err
			}
		}
	}
	return r.changed(ctx, tx, h, d, paid, due)
}

// changed adds a distribution, if its lines differ in what they give or in the
// tiers that it is of.
func (r *DistributionsReview) changed(ctx context.Context, tx bun.IDB, h *past, d *payout, paid, due parts) error {
	sums, differ := map[string][2]money.Amount{}, map[string]bool{}
	var err error
	for i, list := range []parts{paid, due} {
		for k, a := range list {
			differ[k.payee] = differ[k.payee] || paid[k] != due[k]
			s := sums[k.payee]
			if s[i], err = s[i].Add(a); err != nil {
				return err
			}
			sums[k.payee] = s
		}
	}
	var changed ChangedDistribution
	for _, key := range slices.Sorted(maps.Keys(sums)) {
		if differ[key] {
			l := ChangedLine{Paid: sums[key][0], Due: sums[key][1]}
			l.PositionID, l.AccountID = h.ids(key)
			changed.Lines = append(changed.Lines, l)
		}
	}
	if len(changed.Lines) == 0 {
		return nil
	}
	whole, err := distributions.Get(ctx, tx, d.id)
	if err != nil {
		return err
	}
	changed.Distribution = *whole
	r.Changed = append(r.Changed, changed)
	return nil
}

// propose turns what is owed into the true-up.
func (r *DistributionsReview) propose(h *past) error {
	owed, err := r.owed.owed()
	if err != nil {
		return err
	}
	for i := range owed {
		t := TrueUp{Tiers: owed[i].Parts}
		if t.Amount, err = owed[i].Total(); err != nil {
			return err
		}
		t.PositionID, t.AccountID = h.ids(owed[i].Payee)
		r.TrueUp = append(r.TrueUp, t)
	}
	return nil
}
