package investments

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// completing is one transfer to complete among others. Its lane is known when it is not alone.
type completing struct {
	p    CompleteTransferParams
	once store.Keyed[Transfer]
	lane lane
}

type completion = convoy.Member[*completing, *Transfer]

// completeTogether is [Positions.CompleteTransfer] of several transfers at once.
func (s *Positions) completeTogether(ctx context.Context, db *bun.DB, all []*completion) error {
	on := present(all, func(c *completing) id.Of[Transfer] { return c.p.TransferID })
	return together(ctx, db, on, func(c *completing) store.Keyed[Transfer] { return c.once },
		func(tx bun.IDB, on []*completion) ([]*Transfer, []bool, error) { return s.completeEach(ctx, tx, on) })
}

// completeEach completes transfers of one offering by one actor. With [errWithout] it has
// written nothing, and fit says which of them would be right. Transfers that have a holder in
// common depend on each other, and go one after the other.
func (s *Positions) completeEach(ctx context.Context, tx bun.IDB, on []*completion) (out []*Transfer, fit []bool, err error) {
	lane, all, evidence := on[0].Params.lane, make([]*passing, len(on)), make([]Evidence, len(on))
	ids := make([]id.Of[Transfer], len(on))
	for i, m := range on {
		ids[i] = m.Params.p.TransferID
	}
	fit = make([]bool, len(on))
	known, err := transfers.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { // unlocked, to learn whom they are of
		return q.Where("tr.id = ANY (?::uuid[])", transferArray(ids)).OrderExpr("tr.to_investor_id, tr.id")
	})
	if err != nil {
		return nil, nil, err
	}
	calm, err := convoy.Hurry(ctx, tx, func(tx bun.IDB) error {
		for i := range known {
			k := slices.Index(ids, known[i].ID)
			if all[k] = (&passing{t: &known[i]}); known[i].OfferingID == nil || *known[i].OfferingID != lane.offering {
				return ErrNoBook // the lane is that of its offering
			}
			if evidence[k], err = s.evidence(on[k].Ctx, tx, EvidenceRequest{lane.offering, known[i].ToInvestorID}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if err := calm(tx); err != nil {
		return nil, nil, err
	}
	o, own, err := s.lockPassing(ctx, tx, lane, all)
	if err != nil {
		return nil, nil, err
	}
	parts, seen := make([]store.Part, len(on)), map[id.Of[auth.User]]bool{}
	for i, x := range all {
		may := x != nil && x.from != nil && !seen[x.from.InvestorID] && !seen[x.t.ToInvestorID]
		if may {
			seen[x.from.InvestorID], seen[x.t.ToInvestorID] = true, true
			may, err = s.permitsBeside(on[i].Ctx, tx, VerbCompleteTransfer, lane.actor, ofTransfer(x.t), slices.Contains(own, x.t.ID))
			if err != nil {
				return nil, nil, err
			}
		}
		parts[i] = func(tx bun.IDB) error {
			if !may {
				return nil
			}
			err := s.prepare(ctx, tx, o, x, evidence[i])
			if fit[i] = err == nil; answers(err) {
				return nil
			}
			return err
		}
	}
	var b book
	if err := store.Together(ctx, tx, append(parts, store.Into(&b, func(tx bun.IDB) (book, error) { return s.bookOf(ctx, tx, o) }))...); err != nil {
		return nil, nil, err
	}
	out, told := make([]*Transfer, len(on)), make([]store.Telling, len(on))
	var last time.Time
	for i, x := range all {
		if !fit[i] {
			continue
		}
		if x.last.Before(last) {
			x.last = last
		}
		if fit[i] = s.pass(o, b, x, lane.actor) == nil; fit[i] {
			last = *x.t.CompletedAt
		}
		out[i], told[i] = x.t, store.Telling{Ctx: on[i].Ctx, Actor: actor(lane.actor)}
	}
	if slices.Contains(fit, false) {
		return nil, fit, errWithout
	}
	return out, fit, s.writePassed(ctx, tx, all, told)
}

func transferArray(ids []id.Of[Transfer]) string {
	return store.TextArray(ids, func(v *id.Of[Transfer]) string { return v.String() })
}

// lockPassing takes the locks of [Positions.CompleteTransfer] for several, those of one kind in
// the order of their ids, and brings the locked rows: without the giver's position where
// somebody else has the receiver or their account locked; see [commits]. It says in which of them the actor is a party.
func (s *Positions) lockPassing(ctx context.Context, tx bun.IDB, lane lane, all []*passing) (o *Offering, own []id.Of[Transfer], err error) {
	var ids []id.Of[Transfer]
	var givers []id.Of[Position]
	var people []id.Of[auth.User]
	var takers []id.Of[Account]
	for _, x := range all {
		if x != nil && x.t.ToAccountID != nil {
			takers = append(takers, *x.t.ToAccountID)
		}
		if x != nil {
			ids, givers, people = append(ids, x.t.ID), append(givers, x.t.FromPositionID), append(people, x.t.ToInvestorID)
		}
	}
	var rows []Transfer
	var held []Position
	var parties []struct{ ID id.Of[Transfer] }
	var locked map[id.Of[auth.User]]bool
	var usable []struct{ ID id.Of[Account] }
	err = store.Together(ctx, tx,
		store.Into(&o, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, lane.offering) }),
		store.Into(&rows, func(tx bun.IDB) ([]Transfer, error) {
			return transfers.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("tr.id = ANY (?::uuid[])", transferArray(ids)).OrderExpr("tr.id").For("NO KEY UPDATE")
			})
		}),
		func(tx bun.IDB) error {
			_, err := acting.Read(ctx, tx, lane.actor, "")
			return err
		},
		store.Into(&locked, func(tx bun.IDB) (map[id.Of[auth.User]]bool, error) {
			return acting.Active(ctx, tx, store.TextArray(people, func(v *id.Of[auth.User]) string { return v.String() }), "SHARE")
		}),
		func(tx bun.IDB) (err error) {
			if len(takers) > 0 {
				usable, err = store.Rows[struct{ ID id.Of[Account] }](ctx, tx, "SELECT id FROM investments.investor_accounts WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE SKIP LOCKED",
					store.TextArray(takers, func(v *id.Of[Account]) string { return v.String() }))
			}
			return err
		},
		func(tx bun.IDB) (err error) {
			parties, err = store.Rows[struct{ ID id.Of[Transfer] }](ctx, tx, `SELECT t.id FROM investments.transfers t
				JOIN investments.property_investments p ON p.id = t.from_investment_id
				LEFT JOIN investments.investor_accounts g ON g.id = p.account_id LEFT JOIN investments.investor_accounts r ON r.id = t.to_account_id
				WHERE t.id = ANY ($1::uuid[]) AND $2 IN (t.to_investor_id, p.investor_id, g.joint_investor_id, r.joint_investor_id)`,
				transferArray(ids), lane.actor.String())
			return err
		},
		store.Into(&held, func(tx bun.IDB) ([]Position, error) {
			return positions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("pi.id = ANY (?::uuid[])", store.TextArray(givers, func(v *id.Of[Position]) string { return v.String() })).
					OrderExpr("pi.id").For("NO KEY UPDATE")
			})
		}))
	for _, x := range all {
		if x == nil {
			continue
		}
		if i := slices.IndexFunc(rows, func(t Transfer) bool { return t.ID == x.t.ID }); i >= 0 {
			x.t = &rows[i]
		}
		_, known := locked[x.t.ToInvestorID]
		if a := x.t.ToAccountID; a != nil {
			known = known && slices.ContainsFunc(usable, func(v struct{ ID id.Of[Account] }) bool { return v.ID == *a })
		}
		if i := slices.IndexFunc(held, func(pos Position) bool { return pos.ID == x.t.FromPositionID }); i >= 0 && known {
			x.from = &held[i]
		}
	}
	for _, p := range parties {
		own = append(own, p.ID)
	}
	return o, own, err
}
