package investments

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/internal/convoy"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// committing is a commitment among others to the same offering, which share a transaction.
type committing = convoy.Member[CommitParams, *Subscription]

// commitTogether is [Commitments.Commit] for several investors at once: it judges them one
// after the other, as they came, and writes what they commit in one statement for each table.
// Whoever is refused has changed nothing, so then it begins anew with the others. A key that was
// used before, a second commitment of an investor, and one more to what they have committed,
// are left to be made alone.
func (s *Commitments) commitTogether(ctx context.Context, db *bun.DB, all []*committing) error {
	on := present(all, func(p CommitParams) id.Of[auth.User] { return p.InvestorID })
	refused, subs := map[*committing]error{}, map[*committing]*Subscription{}
	for len(on) > 0 {
		err := convoy.InTx(ctx, db, func(tx bun.IDB) (err error) {
			clear(subs)
			tried, c := on, &commits{}
			calm, err := convoy.Hurry(ctx, tx, store.Into(&on, func(tx bun.IDB) ([]*committing, error) { return s.claimed(ctx, tx, tried, subs) }))
			if err != nil || len(on) == 0 {
				return err
			}
			if len(on) < len(tried) {
				clear(refused) // who was refused for want of the room that others took is judged alone
			}
			if c.evidence, err = s.evidenceOf(tx, on); err != nil {
				return err
			}
			if err := s.loadCommits(ctx, tx, on, c, calm); err != nil {
				return err
			}
			var accepted []*committing
			judged := map[*committing]error{}
			for _, m := range on {
				switch err := s.commitBeside(tx, c, m, subs[m]); {
				case err == nil:
					accepted = append(accepted, m)
				case errors.Is(err, errWithout): // alone
				case answers(err):
					judged[m] = err
					if s.policy.Roles { // who was asked may have spoiled the transaction, and it may be another's doing
						if err := store.Exec(ctx, tx, "SELECT 1"); err != nil {
							return err
						}
					}
				default:
					return err
				}
			}
			if len(accepted) < len(on) {
				on, refused = accepted, judged // and so are those whom others were in the way of that are refused now
				return errWithout
			}
			return s.writeCommits(ctx, tx, c, on, subs)
		})
		if err == nil {
			break
		}
		if !errors.Is(err, errWithout) {
			return err
		}
	}
	for _, m := range on {
		m.Settle(subs[m], nil)
	}
	for m, err := range refused {
		m.Settle(nil, err)
	}
	return nil
}

// claimed makes subscriptions of commitments whose keys are new, and claims those.
func (s *Commitments) claimed(ctx context.Context, tx bun.IDB, on []*committing, subs map[*committing]*Subscription) (kept []*committing, err error) {
	uses := make([]store.Keyed[Subscription], len(on))
	for i, m := range on {
		subs[m] = s.newSubscription(m.Params)
		uses[i] = s.commitOnce(m.Params, subs[m])
	}
	claimed, err := store.OnceEach(ctx, tx, uses)
	for i, m := range on {
		if err == nil && claimed[i] {
			kept = append(kept, m)
		}
	}
	return kept, err
}

// commits is what commitments to one offering are judged by, read and locked at once.
type commits struct {
	offering  *Offering
	waiting   bool // somebody is on the waitlist
	evidence  map[id.Of[auth.User]]Evidence
	investors map[id.Of[auth.User]]bool // whether they are active; without those whom others have locked
	actors    map[id.Of[auth.User]]bool // the same of who acts
	classes   []ShareClass
	accounts  []Account
	committed []committedTo
	positions []holding // that the investors have
	created   []Position
}

// holding is a position that an investor has in the offering.
type holding struct {
	ID         id.Of[Position]
	InvestorID id.Of[auth.User]
	AccountID  *id.Of[Account]
	ShareClass string
	Status     PositionStatus
}

// committedTo is what an investor has committed to the offering, and to all of them.
type committedTo struct {
	InvestorID id.Of[auth.User]
	Here       money.Amount
	Overall    money.Amount
}

func byInvestor(a, b *committing) int { return a.Params.InvestorID.Compare(b.Params.InvestorID) }

// evidenceOf loads the evidence about each investor, in the order of their ids.
func (s *Commitments) evidenceOf(tx bun.IDB, on []*committing) (map[id.Of[auth.User]]Evidence, error) {
	out := make(map[id.Of[auth.User]]Evidence, len(on))
	for _, m := range slices.SortedFunc(slices.Values(on), byInvestor) {
		e, err := s.evidence(m.Ctx, tx, EvidenceRequest{m.Params.OfferingID, m.Params.InvestorID})
		if err != nil {
			return nil, err
		}
		out[m.Params.InvestorID] = e
	}
	return out, nil
}

// loadCommits takes the locks of [Commitments.Commit] in the same order. Behind that of the
// offering it waits for none: alone no command has the people of another one locked while it
// waits for its own, so somebody who has these may wait for those.
func (s *Commitments) loadCommits(ctx context.Context, tx bun.IDB, on []*committing, c *commits, first store.Part) error {
	on = slices.SortedFunc(slices.Values(on), byInvestor)
	offering := on[0].Params.OfferingID
	accounted := slices.ContainsFunc(on, func(m *committing) bool { return m.Params.AccountID != nil })
	column := func(of func(CommitParams) string) string {
		return store.TextArray(on, func(m **committing) string { return of((*m).Params) })
	}
	investors := column(func(p CommitParams) string { return p.InvestorID.String() })
	whose := column(func(p CommitParams) string {
		if p.AccountID == nil {
			return ""
		}
		return p.AccountID.String()
	})
	return store.Together(ctx, tx, first,
		store.Into(&c.offering, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, offering) }),
		store.Into(&c.investors, func(tx bun.IDB) (map[id.Of[auth.User]]bool, error) {
			return acting.Active(ctx, tx, investors, "NO KEY UPDATE")
		}),
		store.Into(&c.actors, func(tx bun.IDB) (map[id.Of[auth.User]]bool, error) {
			return acting.Active(ctx, tx, column(func(p CommitParams) string { return p.ActorID.String() }), "SHARE")
		}),
		store.Into(&c.classes, func(tx bun.IDB) ([]ShareClass, error) {
			return shareClasses.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("sc.opportunity_id = ?", offering) })
		}),
		func(tx bun.IDB) (err error) {
			if !accounted {
				return nil
			}
			c.accounts, err = accounts.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("ia.id = ANY (?::uuid[])", whose).OrderExpr("ia.id").For("SHARE SKIP LOCKED")
			})
			return err
		},
		store.Into(&c.committed, func(tx bun.IDB) ([]committedTo, error) {
			return store.Rows[committedTo](ctx, tx, `SELECT w.id AS investor_id, c.here, c.overall FROM unnest($1::uuid[]) AS w (id) CROSS JOIN LATERAL (
				SELECT COALESCE(sum(amount - refunded) FILTER (WHERE opportunity_id = $2), 0) AS here, COALESCE(sum(amount - refunded), 0) AS overall
				FROM investments.subscriptions WHERE investor_id = w.id AND status IN ('open', 'funded')) c`, investors, offering.String())
		}),
		func(tx bun.IDB) error {
			return c.hold(ctx, tx, offering, "investor_id = w.id AND account_id IS NULL", investors)
		},
		func(tx bun.IDB) error {
			if !accounted {
				return nil
			}
			return c.hold(ctx, tx, offering, "account_id = w.id", whose)
		},
		func(tx bun.IDB) error {
			return store.Err(store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.subscriptions
				WHERE opportunity_id = ? AND status = 'waitlisted')`, offering), &c.waiting), constraints)
		})
}

// hold finds and locks positions in the offering; see [positionOf].
func (c *commits) hold(ctx context.Context, tx bun.IDB, o id.Of[Offering], where, whose string) error {
	found, err := store.Rows[holding](ctx, tx, `SELECT p.id, p.investor_id, p.account_id, p.share_class, p.status FROM unnest($1::uuid[]) AS w (id) CROSS JOIN LATERAL (
		SELECT * FROM investments.property_investments WHERE `+where+` AND opportunity_id IS NOT DISTINCT FROM $2
			AND status <> 'cancelled' AND deleted_at IS NULL FOR NO KEY UPDATE) p`, whose, o.String())
	c.positions = append(c.positions, found...)
	return err
}

// commitBeside judges a commitment behind those before it, and counts it in. Without room it
// waits, where its caller asked for that.
func (s *Commitments) commitBeside(tx bun.IDB, c *commits, m *committing, sub *Subscription) error {
	p := m.Params
	_, holder := c.investors[p.InvestorID]
	if _, actor := c.actors[p.ActorID]; !holder || !actor {
		return errWithout
	}
	var account *Account
	if p.AccountID != nil {
		if i := slices.IndexFunc(c.accounts, func(a Account) bool { return a.ID == *p.AccountID }); i >= 0 {
			account = &c.accounts[i]
		}
		if account == nil {
			return errWithout
		}
	}
	if !c.actors[p.ActorID] {
		return ErrActorInactive
	}
	if s.policy.Roles { // whoever is asked may want to know
		if err := store.Exec(m.Ctx, tx, "SELECT set_config('freehold.actor', $1::text, TRUE)", p.ActorID.String()); err != nil {
			return store.Err(err, nil)
		}
	}
	owns := p.ActorID == p.InvestorID || account != nil && account.JointInvestorID != nil && *account.JointInvestorID == p.ActorID
	if err := s.permits(m.Ctx, tx, VerbCommit, p.ActorID, ofHolder(sub.ID, p.InvestorID, p.AccountID), owns); err != nil {
		return err
	}
	own := candidate{account: account}
	class := slices.IndexFunc(c.classes, func(sc ShareClass) bool { return sc.Code == p.ShareClass })
	switch {
	case class < 0:
		return noClass(p.ShareClass)
	case account != nil && !account.usableBy(p.InvestorID):
		return ErrAccountOwner
	case !c.investors[p.InvestorID]:
		return ErrInvestorInactive
	}
	own.class = &c.classes[class]
	if i := slices.IndexFunc(c.committed, func(v committedTo) bool { return v.InvestorID == p.InvestorID }); i >= 0 {
		own.here, own.overall = c.committed[i].Here, c.committed[i].Overall
	}
	sub.Currency = c.offering.Currency
	if err := c.offering.takes(p.Date); err != nil {
		return err
	}
	err := s.mayCommit(c.offering, sub, own, c.evidence[p.InvestorID], money.Zero, func(class *ShareClass, already, amount money.Amount) error {
		if err := c.offering.accepts(class, already, amount); err != nil || !c.waiting {
			return err
		}
		return errOthersWait
	})
	if p.JoinWaitlist && c.offering.mayWait(err, p.Amount) {
		sub.queue(c.offering)
		c.waiting = true
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.reserve(sub); err != nil {
		return err
	}
	c.offering.CommittedAmount, err = c.offering.CommittedAmount.Add(sub.Amount)
	return err
}

// reserve is [Subscription.reserve] among the positions that were read. One whose amount would
// change is not for a transaction of several actors, whom its history names.
func (c *commits) reserve(sub *Subscription) error {
	i := slices.IndexFunc(c.positions, func(pos holding) bool {
		return pos.InvestorID == sub.InvestorID && pos.ShareClass == sub.ShareClass && sameAccount(pos.AccountID, sub.AccountID)
	})
	switch {
	case i < 0:
		pos := sub.position(c.offering)
		sub.PositionID = &pos.ID
		c.created = append(c.created, *pos)
	case c.positions[i].Status.Counts():
		sub.PositionID = &c.positions[i].ID
	default:
		return errWithout
	}
	return nil
}

// writeCommits writes what commitments come to.
func (s *Commitments) writeCommits(ctx context.Context, tx bun.IDB, c *commits, on []*committing, subs map[*committing]*Subscription) error {
	rows, told, room := make([]Subscription, len(on)), make([]store.Telling, len(on)), money.Zero
	waited := false
	for i, m := range on {
		sub := subs[m]
		rows[i] = *sub
		told[i] = store.Telling{Ctx: m.Ctx, Actor: actor(m.Params.ActorID), Events: []store.Emission{sub.told()}}
		if sub.Status == SubscriptionStatusWaitlisted {
			waited = true
			continue
		}
		var err error
		if room, err = room.Add(sub.Amount); err != nil {
			return err
		}
	}
	if s.policy.Roles { // the last one who was asked about is not who did all of it
		if err := store.Exec(ctx, tx, "SELECT set_config('freehold.actor', '', TRUE)"); err != nil {
			return store.Err(err, nil)
		}
	}
	return s.hooks.EmitEach(ctx, tx, s.now(), []store.Part{
		func(tx bun.IDB) error { return positions.InsertAll(ctx, tx, c.created) },
		func(tx bun.IDB) error { return subscriptions.InsertAll(ctx, tx, rows) },
		func(tx bun.IDB) error {
			if room.IsZero() {
				return nil
			}
			return addCommitted(ctx, tx, c.offering.ID, room)
		},
		func(tx bun.IDB) error {
			if !waited {
				return nil
			}
			return offerings.Update(ctx, tx, c.offering, "next_waitlist_number")
		},
	}, told)
}
