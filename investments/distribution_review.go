package investments

import (
	"bytes"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DistributionsReview compares an offering's distributions with what they would
// be by what is on record today, after corrections of the past.
type DistributionsReview struct {
	// Changed are the distributions that would be split otherwise, by date.
	Changed []ChangedDistribution
	// TrueUp proposes what makes it good: what each payee should have got by now,
	// less what he got. Who got too little is above zero; all of it sums to zero,
	// and none of it is left out. [DeclareParams].TrueUp pays it with the next
	// distribution.
	TrueUp []TrueUp

	owed owed
}

// ChangedDistribution is a past distribution that would be split otherwise.
type ChangedDistribution struct {
	Distribution Distribution
	Lines        []ChangedLine // those that differ; their differences sum to zero
}

// ChangedLine is what a payee got of a distribution, all roles together, and
// what he would get today. One of the ids is set: the position, or the account
// that the terms name.
type ChangedLine struct {
	PositionID id.Of[Position]
	AccountID  id.Of[Account]
	Paid       money.Amount
	Due        money.Amount
}

// TrueUp is what a payee is owed, or below zero owes, over all distributions
// together.
type TrueUp struct {
	PositionID id.Of[Position]
	AccountID  id.Of[Account]
	Amount     money.Amount
}

// Review runs the history of an offering again by what is on record
// today and shows which distributions a correction of the past changes, and the
// true-up that makes it good. Without corrections both lists are empty. It
// writes nothing. It locks the offering while it reads. It returns
// [ErrOfferingNotFound].
func (s *Distributions) Review(ctx context.Context, db bun.IDB, v id.Of[Offering]) (*DistributionsReview, error) {
	var out *DistributionsReview
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		o, err := lockOffering(ctx, tx, v)
		if err != nil {
			return err
		}
		h, err := openPast(ctx, tx, o)
		if err != nil {
			return err
		}
		switch n := len(h.declared); {
		case n == 0:
			out = &DistributionsReview{}
		case h.declared[0].TermsID == nil:
			out, err = h.reviewProRata(ctx, tx)
		default:
			out, err = h.reviewByTerms(ctx, tx, h.declared[n-1].DistributionDate)
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
	_, results, err := h.until(last)
	if err != nil {
		return nil, err
	}
	out := &DistributionsReview{}
	for i, r := range results {
		due := owed{}
		for key, amount := range r.Totals() {
			due[key] = amount
		}
		if err := out.compare(ctx, tx, h, &h.declared[i], due); err != nil {
			return nil, err
		}
	}
	out.propose(h)
	return out, nil
}

func (h *past) reviewProRata(ctx context.Context, tx bun.IDB) (*DistributionsReview, error) {
	out := &DistributionsReview{}
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
	out.propose(h)
	return out, nil
}

// dueProRata is what a distribution pro rata would pay today. While nothing it
// rested on has changed, that is what its tiers say.
func (h *past) dueProRata(ctx context.Context, tx bun.IDB, d *Distribution) (owed, error) {
	record := d.DistributionDate
	if d.RecordDate != nil {
		record = *d.RecordDate
	}
	is, err := h.fingerprint(ctx, tx, record, nil)
	if err != nil {
		return nil, err
	}
	var was []byte
	err = tx.QueryRowContext(ctx, `SELECT (SELECT history_hash FROM investments.distribution_calculations WHERE distribution_id = ?)`, d.ID).Scan(&was)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if bytes.Equal(is, was) {
		return sums(ctx, tx, `SELECT COALESCE(l.investment_id, l.account_id, l.investor_id)::text, sum(t.amount)
			FROM investments.investor_distributions l JOIN investments.distribution_tiers t ON t.line_id = l.id WHERE l.distribution_id = ? GROUP BY 1`, d.ID)
	}
	held, err := h.holdings(ctx, tx, record)
	if err != nil {
		return nil, err
	}
	sp, err := shareOut(held, d.TotalAmount)
	if err != nil {
		return nil, err
	}
	due := make(owed, len(held))
	for i := range held {
		due[held[i].ID.String()] = sp.parts[i]
	}
	return due, nil
}

// compare notes a distribution whose lines are not what is due, apart from what
// true-ups changed on purpose.
func (r *DistributionsReview) compare(ctx context.Context, tx bun.IDB, h *past, d *Distribution, due owed) error {
	paid, err := sums(ctx, tx, `SELECT COALESCE(investment_id, account_id, investor_id)::text, sum(distribution_amount)
		FROM investments.investor_distributions WHERE distribution_id = ? GROUP BY 1`, d.ID)
	if err != nil {
		return err
	}
	var trued string
	err = tx.NewRaw(`SELECT COALESCE((SELECT inputs->>'true_up' FROM investments.distribution_calculations WHERE distribution_id = ?), '{}')`, d.ID).Scan(ctx, &trued)
	if err != nil {
		return store.Err(err, constraints)
	}
	if r.owed == nil {
		r.owed = owed{}
	}
	onPurpose, err := parseOwed(trued)
	if err != nil {
		return err
	}
	keys := owed{}
	for _, list := range []owed{due, paid} {
		for key := range list {
			keys[key] = money.Zero
		}
	}
	changed := ChangedDistribution{Distribution: *d}
	for _, key := range sortedKeys(keys) {
		less, err := due[key].Sub(paid[key])
		if err != nil {
			return err
		}
		if r.owed[key], err = r.owed[key].Add(less); err != nil {
			return err
		}
		computed, err := paid[key].Sub(onPurpose[key])
		if err != nil {
			return err
		}
		if computed != due[key] {
			l := ChangedLine{Paid: computed, Due: due[key]}
			l.PositionID, l.AccountID = h.ids(key)
			changed.Lines = append(changed.Lines, l)
		}
	}
	if len(changed.Lines) > 0 {
		r.Changed = append(r.Changed, changed)
	}
	return nil
}

// propose turns what is owed into the true-up.
func (r *DistributionsReview) propose(h *past) {
	r.owed = r.owed.trim()
	for _, key := range sortedKeys(r.owed) {
		t := TrueUp{Amount: r.owed[key]}
		t.PositionID, t.AccountID = h.ids(key)
		r.TrueUp = append(r.TrueUp, t)
	}
}

// ids says whether a key is a position's or an account's.
func (h *past) ids(key string) (position id.Of[Position], account id.Of[Account]) {
	if p := h.find(key); p != nil {
		if p.position.IsZero() {
			return position, p.account
		}
		return p.position, account
	}
	position, _ = id.Parse[Position](key) // a position that holds nothing any more
	return position, account
}
