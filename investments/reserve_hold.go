package investments

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// cash is what a declared distribution was computed from: what it gives everyone, with
// what it held back and without what it released.
func (x *extras) cash(total money.Amount) (money.Amount, error) {
	var err error
	for _, h := range x.Held {
		if total, err = total.Add(h.Amount); err != nil {
			return total, err
		}
	}
	for _, r := range x.Releases {
		if total, err = total.Sub(r.Amount); err != nil {
			return total, err
		}
	}
	return total, nil
}

// reserves are what they hold before a distribution dated on a day: all that counts by
// then but what the distribution itself did. Nil is that there never was one.
func (h *past) reserves(v id.Of[Distribution], day date.Date) ([]waterfall.ReserveAmount, error) {
	var out []waterfall.ReserveAmount
	for i := range h.reserved {
		m := &h.reserved[i]
		if m.Date.After(day) || or(m.DistributionID) == v {
			continue
		}
		at, found := slices.BinarySearchFunc(out, m.Reserve, func(r waterfall.ReserveAmount, name string) int { return cmp.Compare(r.Reserve, name) })
		if !found {
			out = slices.Insert(out, at, waterfall.ReserveAmount{Reserve: m.Reserve})
		}
		sum, err := out[at].Amount.Add(m.Amount)
		if err != nil {
			return nil, err
		}
		out[at].Amount = sum
	}
	for i := range out { // what was released late may lie before what it came from
		out[i].Amount = money.Max(out[i].Amount, money.Zero)
	}
	if out == nil && len(h.reserved) > 0 {
		out = []waterfall.ReserveAmount{}
	}
	return out, nil
}

// loadReserves reads the movements of reserves that count, by tier and reserve, and
// gives each distribution its own.
func (h *past) loadReserves(ctx context.Context, tx bun.IDB) error {
	err := store.Read(ctx, tx, tx.NewRaw(undoneReserves("m.opportunity_id = ?0")+`SELECT rm.id, rm.reserve, rm.kind, rm.amount, rm.effective_date, rm.distribution_id, rm.tier
		FROM investments.reserve_movements rm LEFT JOIN investments.distributions d ON d.id = rm.distribution_id
		WHERE rm.opportunity_id = ?0 AND `+reserveStands+` ORDER BY rm.tier, rm.reserve, rm.id`, h.offering.ID), &h.reserved)
	return store.Err(err, constraints)
}

// placeReserves gives the declared distributions what they held back and released.
func (h *past) placeReserves() {
	declared := make(map[id.Of[Distribution]]*payout, len(h.declared))
	for i := range h.declared {
		declared[h.declared[i].id] = &h.declared[i]
	}
	for i := range h.reserved {
		m := &h.reserved[i]
		d := declared[or(m.DistributionID)]
		if d == nil {
			continue // a record of cash
		}
		x := h.extras[d.id]
		if m.Kind == ReserveReleased {
			x.Releases = append(x.Releases, waterfall.ReserveAmount{Reserve: m.Reserve, Amount: m.Amount.Neg()})
		} else {
			x.Held = append(x.Held, waterfall.Holding{Tier: h.tierName(d, or(m.Tier)), Amount: m.Amount})
		}
		h.extras[d.id] = x
	}
}

// tierName is the name of a tier that a distribution was split by, "" where it was not
// split by so many; such a row is found by Verify.
func (h *past) tierName(d *payout, tier int) string {
	if d.terms.IsZero() {
		return ""
	}
	if list := h.list(d); tier < len(list) {
		return list[tier].Name
	}
	return ""
}

// hold notes what a result keeps in reserves and takes out of them, and brings the
// total to what it gives everyone.
func (d *Draft) hold(h *past, r *waterfall.Result, releases []waterfall.ReserveAmount) (x extras, err error) {
	dist := &d.Distribution
	add := func(name string, kind ReserveMovementKind, amount money.Amount, tier *int) error {
		if amount.IsZero() {
			return nil
		}
		d.Reserves = append(d.Reserves, ReserveMovement{ID: id.New[ReserveMovement](), OfferingID: *dist.OfferingID, Reserve: name, Kind: kind, Amount: amount,
			Date: dist.DistributionDate, DistributionID: &dist.ID, Tier: tier, CreatedAt: dist.CreatedAt})
		dist.TotalAmount, err = dist.TotalAmount.Sub(amount)
		return err
	}
	list := h.list(h.draft)
	releases = slices.SortedFunc(slices.Values(releases), func(a, b waterfall.ReserveAmount) int { return cmp.Compare(a.Reserve, b.Reserve) })
	for _, rel := range releases {
		if err := add(rel.Reserve, ReserveReleased, rel.Amount.Neg(), nil); err != nil {
			return x, err
		}
		if !rel.Amount.IsZero() {
			x.Releases = append(x.Releases, rel)
		}
	}
	for t := range r.Tiers {
		if err := add(list[t].Reserve, ReserveHeld, r.Tiers[t].Held, ptr(t)); err != nil {
			return x, err
		}
		if !r.Tiers[t].Held.IsZero() {
			x.Held = append(x.Held, waterfall.Holding{Tier: list[t].Name, Amount: r.Tiers[t].Held})
		}
	}
	if dist.TotalAmount.Sign() <= 0 {
		return x, ErrAllHeld
	}
	if len(d.Reserves) == 0 {
		return x, nil
	}
	return x, lasts(slices.Concat(h.reserved, d.Reserves)) // or nobody could ever approve it
}

// reserveEntries post what a distribution holds back and releases: cash is set aside,
// or can be distributed again. The reserves have to hold what is released by then.
func (s *Distributions) reserveEntries(ctx context.Context, tx bun.IDB, d *Distribution, b book) ([]ledger.Entry, error) {
	var moved []ReserveMovement
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT rm.kind, rm.amount FROM investments.reserve_movements rm WHERE rm.distribution_id = ? ORDER BY rm.reserve, rm.tier, rm.id`, d.ID), &moved)
	if err != nil || len(moved) == 0 {
		return nil, store.Err(err, constraints)
	}
	if err := reserveLasts(ctx, tx, *d.OfferingID, reserveChange{books: d.ID}); err != nil {
		return nil, err
	}
	cash, reserves := b.account(AccountCash), b.account(AccountReserves)
	var out []ledger.Entry
	for _, m := range moved {
		if m.Kind == ReserveHeld {
			out = append(out, ledger.Entry{Debit: reserves, Credit: cash, Amount: m.Amount})
		} else {
			out = append(out, ledger.Entry{Debit: cash, Credit: reserves, Amount: m.Amount.Neg()})
		}
	}
	return out, nil
}

// Reserved reads what a distribution held back, by tier, and released, as it was
// declared: what it gives everyone is the cash that was declared, less the one, with
// the other.
func (s *Distributions) Reserved(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]ReserveMovement, error) {
	return reserveMovements.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("rm.distribution_id = ?", v).OrderExpr("rm.tier NULLS FIRST, rm.reserve, rm.id")
	})
}
