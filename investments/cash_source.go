package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// CashSource is cash of the entity that a distribution is paid out of.
type CashSource struct {
	CashID id.Of[CashRecord] `bun:"journal_id" json:"cash_id"`
	Amount money.Amount      `bun:"amount" json:"amount"`
}

// cite reports cash that cannot be what a distribution is paid out of. The caller
// holds the offering's lock.
func (d *Draft) cite(ctx context.Context, tx bun.IDB, sources []CashSource) error {
	total, seen := money.Zero, map[id.Of[CashRecord]]bool{}
	for _, c := range sources {
		found, err := cashRecords(ctx, tx, "lj.id = ?", c.CashID)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return ErrCashNotFound
		}
		r := &found[0]
		free, err := r.Amount.Sub(r.Cited)
		if err != nil {
			return err
		}
		switch {
		case c.Amount.Sign() <= 0 || seen[c.CashID] || r.OfferingID != *d.Distribution.OfferingID || !r.Kind.in() || r.ReversedBy != nil:
			return ErrSource
		case r.Date.After(d.Distribution.DistributionDate):
			return ErrSource.With("it is of %s", r.Date)
		case free.Less(c.Amount):
			return ErrSource.With("%s of it is free", free)
		}
		seen[c.CashID] = true
		if total, err = total.Add(c.Amount); err != nil {
			return err
		}
	}
	if len(sources) > 0 && total != d.Distribution.TotalAmount {
		return ErrSource.With("%s is cited", total)
	}
	d.Sources = sources
	return nil
}

// storeSources writes what a distribution cites.
func (d *Draft) storeSources(ctx context.Context, tx bun.IDB) error {
	for _, c := range d.Sources { // a few
		_, err := store.Write(ctx, tx, tx.NewRaw("INSERT INTO investments.distribution_sources (distribution_id, journal_id, amount) VALUES (?, ?, ?)",
			d.Distribution.ID, c.CashID, c.Amount))
		if err != nil {
			return store.Err(err, constraints)
		}
	}
	return nil
}

// Sources reads the cash that a distribution is paid out of, as it was declared; none
// where it cites none.
func (s *Distributions) Sources(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]CashSource, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []CashSource{}
	err = store.Read(ctx, db, db.NewRaw("SELECT journal_id, amount FROM investments.distribution_sources WHERE distribution_id = ? ORDER BY journal_id", v), &out)
	return out, store.Err(err, constraints)
}
