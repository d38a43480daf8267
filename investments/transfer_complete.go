package investments

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of completing a transfer.
var (
	// ErrTransferBehind: a distribution is of who held on the day of the transfer or
	// later, or an allocation or a movement of the positions' capital is dated after
	// it. What lies in the past is put
	// right by a correction, once allocations are reversed.
	ErrTransferBehind = fault.New(fault.Illegal, "transfer_behind", "a later distribution or movement stands against the date").On("effective_date")
	// ErrTransferDate: the position was not funded before the day of the
	// transfer; a day's transfers go before its contributions.
	ErrTransferDate = fault.New(fault.Invalid, "transfer_before_funding", "the position was not funded before that day").On("effective_date")
	// ErrTransferNothing: the fraction is less than a cent of the capital.
	ErrTransferNothing = fault.New(fault.Invalid, "transfer_of_nothing", "the fraction moves less than a cent").On("fraction")
	// ErrTransferOutstanding: the whole of a position cannot pass on while its
	// holder owes more of what they committed.
	ErrTransferOutstanding = fault.New(fault.Illegal, "transfer_outstanding", "a commitment of the position is still outstanding")
	// ErrBehindTransfer: a part of the position passed on at a later date; money
	// dated before would have changed what moved.
	ErrBehindTransfer = fault.New(fault.Illegal, "behind_transfer", "a part of the position was transferred at a later date").On("date")
)

// CompleteTransferParams is an approved transfer to carry out.
type CompleteTransferParams struct {
	IdempotencyKey string
	TransferID     id.Of[Transfer]
	ActorID        id.Of[auth.User]
}

// CompleteTransfer moves what an approved transfer names: round(fraction *
// balance) of the contributed and of the unreturned capital, and the fraction
// of the units, to the receiver's position of the class, which is made where
// there is none. The receiver takes over that part of the giver's capital account
// as it stands; what is recorded or undone behind the transfer later follows. It
// posts through the clearing account and writes two transactions, transfer_out and
// transfer_in. The giver's position is exited when all of it moved.
//
// It locks the offering, the transfer and both positions. On a pool, transfers of
// the offering that one actor completes at once share a transaction; see [Services]. It returns
// [ErrTransferStatus], [ErrTransferBehind], [ErrTransferDate],
// [ErrTransferNothing], [ErrTransferOutstanding], [ErrPositionNotFunded],
// [ErrTransferTerms], [ErrTransferSponsor], what the gate returns,
// [ledger.ErrPeriodClosed] or [ErrTransferNotFound]. The same key and request again
// return the transfer.
func (s *Positions) CompleteTransfer(ctx context.Context, db bun.IDB, p CompleteTransferParams) (*Transfer, error) {
	var f check.Fields
	f.Given("transfer_id", p.TransferID)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := &completing{p: p, once: store.Keyed[Transfer]{Scope: s.scope, Verb: "investments.complete_transfer", Params: p, Kind: "transfer", Result: p.TransferID}}
	return s.completions.DoFound(ctx, db, func(ctx context.Context) (lane, error) {
		c.lane.actor = p.ActorID
		err := store.Read(ctx, db, db.NewRaw("SELECT opportunity_id FROM investments.transfers WHERE id = ? AND opportunity_id IS NOT NULL", p.TransferID), &c.lane.offering)
		return c.lane, err
	}, c, func(ctx context.Context) (*Transfer, error) {
		return store.RunOnce(ctx, db, c.once, transfers.Get, func(tx bun.IDB) (*Transfer, error) { return s.completeTransfer(ctx, tx, p) })
	}, s.completeTogether)
}

func (s *Positions) completeTransfer(ctx context.Context, tx bun.IDB, p CompleteTransferParams) (*Transfer, error) {
	known, err := transfers.Get(ctx, tx, p.TransferID) // unlocked, to learn the offering
	if err != nil {
		return nil, err
	}
	if known.OfferingID == nil {
		return nil, ErrNoBook
	}
	e, err := s.evidence(ctx, tx, EvidenceRequest{*known.OfferingID, known.ToInvestorID})
	if err != nil {
		return nil, err
	}
	var o *Offering
	var x passing
	err = store.Together(ctx, tx,
		store.Into(&o, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, *known.OfferingID) }),
		store.Into(&x.t, func(tx bun.IDB) (*Transfer, error) { return transfers.Lock(ctx, tx, p.TransferID) }),
		func(tx bun.IDB) error { return known.lockPeople(ctx, tx, p.ActorID) },
		func(tx bun.IDB) error { return s.acts(ctx, tx, VerbCompleteTransfer, p.ActorID, ofTransfer(known)) },
		store.Into(&x.from, func(tx bun.IDB) (*Position, error) { return positions.Lock(ctx, tx, known.FromPositionID) }))
	if err != nil {
		return nil, err
	}
	var b book
	if err := s.prepare(ctx, tx, o, &x, e, store.Into(&b, func(tx bun.IDB) (book, error) { return s.bookOf(ctx, tx, o) })); err != nil {
		return nil, err
	}
	if err := s.pass(o, b, &x, p.ActorID); err != nil {
		return nil, err
	}
	return x.t, s.writePassed(ctx, tx, []*passing{&x}, []store.Telling{{Ctx: ctx}})
}

// receiver finds the position that receives, locked, or makes one, which is to be written.
func (s *Positions) receiver(ctx context.Context, tx bun.IDB, o *Offering, t *Transfer, from *Position, e Evidence) (to *Position, made bool, err error) {
	var account *Account // nil is the investor in person
	err = store.Together(ctx, tx,
		func(tx bun.IDB) error { return t.byTerms(ctx, tx, from) },
		func(tx bun.IDB) (err error) {
			if t.ToAccountID != nil {
				account, err = usableAccount(ctx, tx, *t.ToAccountID, t.ToInvestorID)
			}
			return err
		},
		func(tx bun.IDB) error {
			if t.ToInvestorID == from.InvestorID {
				return nil
			}
			if err := t.receivable(ctx, tx); err != nil {
				return err
			}
			return s.gate(o, account, e)
		},
		func(tx bun.IDB) (err error) {
			to, err = positionOf(ctx, tx, o.ID, t.ToInvestorID, t.ToAccountID, *t.ToShareClass)
			if fault.KindOf(err) == fault.NotFound {
				return nil
			}
			return err
		})
	if err != nil || to != nil {
		return to, false, err
	}
	now := s.now()
	return &Position{
		ID: id.New[Position](), PropertyID: o.PropertyID, OfferingID: &o.ID, InvestorID: t.ToInvestorID, AccountID: t.ToAccountID,
		ShareClass: *t.ToShareClass, Currency: o.Currency, Status: PositionStatusPending, Version: 1, CreatedAt: now, UpdatedAt: now,
	}, true, nil
}

// positionOf finds and locks the live position of a holder in a class: among those of the
// holder, which are few, and never among those of the offering, whatever the server takes for
// cheaper before it has statistics.
func positionOf(ctx context.Context, tx bun.IDB, o id.Of[Offering], investor id.Of[auth.User], account *id.Of[Account], class string) (*Position, error) {
	return positions.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		if account != nil {
			q = q.Where("pi.account_id = ?", *account).Where("pi.investor_id IS NOT DISTINCT FROM ?", investor)
		} else {
			q = q.Where("pi.account_id IS NULL").Where("pi.investor_id = ?", investor)
		}
		return q.Where("pi.opportunity_id IS NOT DISTINCT FROM ?", o).Where("pi.share_class IS NOT DISTINCT FROM ?", class).
			Where("pi.status <> ?", PositionStatusCancelled).Where("pi.deleted_at IS NULL").For("NO KEY UPDATE")
	})
}

// timely refuses a date that what has happened since contradicts. Within a day
// transfers go first, then contributions, then distributions; a correction may
// lie behind distributions, but what it moves is of the balance of its day, too.
func (t *Transfer) timely(ctx context.Context, tx bun.IDB, from, to *Position) error {
	if from.FundingDate == nil || !t.EffectiveDate.After(*from.FundingDate) {
		return ErrTransferDate
	}
	var allocated, owed, paid, moved bool
	var ahead []history.Payout
	err := store.Together(ctx, tx,
		store.Into(&allocated, func(tx bun.IDB) (bool, error) { return partOf(ctx, tx, from.ID, t.EffectiveDate) }),
		func(tx bun.IDB) error {
			return store.Err(store.Read(ctx, tx, tx.NewRaw(`SELECT
		EXISTS (SELECT 1 FROM investments.subscriptions WHERE investment_id = ?0 AND status = 'open' AND received < amount),
		EXISTS (SELECT 1 FROM investments.distributions WHERE opportunity_id = ?2 AND status NOT IN ('cancelled', 'reversed') AND COALESCE(record_date, distribution_date) >= ?3),
		EXISTS (SELECT 1 FROM investments.transactions WHERE investment_id = ?0 AND effective_date >= ?3 AND status <> 'failed'
				AND (type = 'investment' OR type IN ('refund', 'transfer_in', 'transfer_out') AND effective_date > ?3))
			OR EXISTS (SELECT 1 FROM investments.transactions WHERE investment_id = ?1 AND effective_date > ?3 AND status <> 'failed' AND type = 'transfer_out')`,
				from.ID, to.ID, *t.OfferingID, t.EffectiveDate), &owed, &paid, &moved), constraints)
		},
		store.Into(&ahead, func(tx bun.IDB) ([]history.Payout, error) { return t.ahead(ctx, tx) }))
	switch {
	case err != nil:
		return err
	case owed && t.whole():
		return ErrTransferOutstanding
	case moved:
		return ErrTransferBehind.With("capital moved on %s or later", t.EffectiveDate)
	case allocated:
		return ErrTransferBehind.With("an allocation is dated %s or later", t.EffectiveDate)
	case paid && t.Kind != TransferCorrection:
		return ErrTransferBehind.With("a distribution is of who held on %s or later", t.EffectiveDate)
	}
	_, err = history.Place(t.EffectiveDate, ahead)
	return err
}

// ahead reads the distributions by terms of the day of a transfer or later: it comes neither
// after one of them, whose record date is before it, nor before another that lies between.
func (t *Transfer) ahead(ctx context.Context, tx bun.IDB) (out []history.Payout, err error) {
	err = store.NewQuery(tx, constraints, `SELECT distribution_date, COALESCE(record_date, distribution_date) FROM investments.distributions
		WHERE opportunity_id = ? AND terms_id IS NOT NULL AND status NOT IN ('cancelled', 'reversed') AND distribution_date >= ? ORDER BY distribution_date, created_at, id`,
		*t.OfferingID, t.EffectiveDate).Each(ctx, func(row store.Row) error {
		var p history.Payout
		err := row.Scan(&p.Date, &p.Record)
		out = append(out, p)
		return err
	})
	return out, err
}

// beforeTransfers reports why money of a position cannot be dated on a day: the
// fraction that a later transfer moved is of the balance before it.
func beforeTransfers(ctx context.Context, tx bun.IDB, pos id.Of[Position], on date.Date) error {
	var later bool
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.transfers WHERE from_investment_id = ? AND status = 'completed' AND effective_date > ?)`,
		pos, on), &later)
	if err != nil {
		return store.Err(err, constraints)
	}
	if later {
		return ErrBehindTransfer
	}
	return nil
}

// passing is a transfer and its two positions, locked, and what decides how much moves; behind
// [Positions.pass], what is to be written of it.
type passing struct {
	t        *Transfer
	from, to *Position
	made     bool // to is a new one
	own      []history.Movement
	day      map[id.Of[history.Transfer]]bool // see sameDay
	last     time.Time
	class    *ShareClass // to be converted to; nil is that of from

	post   ledger.PostParams
	ends   []Movement
	halves []Transaction
}

// prepare reads what decides about a transfer behind its locks, and reports why it can't be
// completed. parts are other reads.
func (s *Positions) prepare(ctx context.Context, tx bun.IDB, o *Offering, x *passing, e Evidence, parts ...store.Part) (err error) {
	t := x.t
	if t.Status != TransferStatusApproved {
		return ErrTransferStatus.With("it is %s", t.Status)
	}
	if err := t.starts(x.from); err != nil {
		return err
	}
	if x.to, x.made, err = s.receiver(ctx, tx, o, t, x.from, e); err != nil {
		return err
	}
	return store.Together(ctx, tx, append([]store.Part{
		func(tx bun.IDB) error { return t.timely(ctx, tx, x.from, x.to) },
		store.Into(&x.own, func(tx bun.IDB) ([]history.Movement, error) { return historyOf(ctx, tx, x.from.ID) }),
		func(tx bun.IDB) (err error) {
			x.day, x.last, err = t.sameDay(ctx, tx)
			return err
		},
		func(tx bun.IDB) (err error) {
			if *t.ToShareClass != x.from.ShareClass {
				x.class, err = classOf(ctx, tx, *t.OfferingID, *t.ToShareClass)
			}
			return err
		},
	}, parts...)...)
}

// pass carries a transfer out between its positions. It touches no database.
func (s *Positions) pass(o *Offering, b book, x *passing, by id.Of[auth.User]) error {
	t, from, to := x.t, x.from, x.to
	p, err := t.portion(from, x.own, x.day)
	if err != nil {
		return err
	}
	if err := t.give(from, p); err != nil {
		return err
	}
	if x.class != nil {
		p.fresh = x.class.unitsFor(p.Contributed)
	}
	if err := t.take(to, p); err != nil {
		return err
	}
	now, journal := s.now(), id.New[ledger.Journal]()
	completed := now
	if !completed.After(x.last) {
		completed = x.last.Add(time.Microsecond)
	}
	from.UpdatedAt, to.UpdatedAt = now, now
	t.ToPositionID, t.Amount, t.Units, t.JournalID = &to.ID, &p.Contributed, p.fresh, &journal
	t.Status, t.CompletedAt, t.UpdatedAt = TransferStatusCompleted, &completed, now
	t.Version++
	return s.bookTransfer(o, b, x, p, by)
}

// sameDay reads the transfers of the giver's position that were completed with the day of t,
// and when the last one of the offering was. Their order decides what each took along; it is that
// of the offering's lock, and hosts' clocks do not agree: whoever comes later is
// completed later, if by a microsecond.
func (t *Transfer) sameDay(ctx context.Context, tx bun.IDB) (map[id.Of[history.Transfer]]bool, time.Time, error) {
	var rows []struct {
		ID          *id.Of[history.Transfer] `bun:"id"`
		CompletedAt *time.Time               `bun:"completed_at"`
	}
	const done = " AND status = 'completed' AND effective_date = ?2"
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT id, completed_at FROM investments.transfers WHERE from_investment_id = ?1`+done+`
		UNION ALL SELECT id, completed_at FROM investments.transfers WHERE to_investment_id = ?1`+done+`
		UNION ALL SELECT NULL, (SELECT max(completed_at) FROM investments.transfers WHERE opportunity_id = ?0`+done+`)`,
		*t.OfferingID, t.FromPositionID, t.EffectiveDate), &rows)
	out, last := map[id.Of[history.Transfer]]bool{}, time.Time{}
	for _, r := range rows {
		if r.ID != nil {
			out[*r.ID] = true
		}
		if r.CompletedAt != nil && r.CompletedAt.After(last) {
			last = *r.CompletedAt
		}
	}
	return out, last.UTC(), store.Err(err, constraints)
}
