package leases

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of write-offs.
var (
	// ErrWriteOffNotFound: there is no such write-off.
	ErrWriteOffNotFound = fault.New(fault.NotFound, "lease_write_off_not_found", "there is no such write-off")
	// ErrWriteOffDecided: the write-off waits for no decision.
	ErrWriteOffDecided = fault.New(fault.Illegal, "lease_write_off_decided", "the write-off waits for no decision")
	// ErrWriteOffState: what a write-off says of its decision is not its status.
	ErrWriteOffState = fault.New(fault.Invalid, "lease_write_off_state_inconsistent", "a decided write-off says by whom and when, and an approved one its entry").On("status")
	// ErrSecondPerson: who asked for a write-off does not decide it.
	ErrSecondPerson = fault.New(fault.Forbidden, "lease_write_off_second_person", "somebody else decides than who asked").On("actor_id")
	// ErrOverWrittenOff: more is to be written off than is owed.
	ErrOverWrittenOff = fault.New(fault.Invalid, "lease_over_written_off", "more is written off than is owed").On("amount")
)

// WriteOffStatus says where a write-off is.
type WriteOffStatus string

// The write-off statuses.
const (
	WriteOffPending  WriteOffStatus = "pending"
	WriteOffApproved WriteOffStatus = "approved"
	WriteOffRejected WriteOffStatus = "rejected"
)

// aggregateWriteOff is what the events of write-offs are about.
const aggregateWriteOff = "lease_write_off"

// Valid reports whether s is one of the statuses.
func (s WriteOffStatus) Valid() bool {
	return s == WriteOffPending || s == WriteOffApproved || s == WriteOffRejected
}

// WriteOff is what is given up of what the tenants of a lease owe. One person asks for
// it and others agree.
type WriteOff struct {
	bun.BaseModel `bun:"table:financials.lease_write_offs,alias:lw" json:"-"`

	ID            id.Of[WriteOff]   `bun:"id,pk" json:"id"`
	LeaseID       id.Of[Lease]      `bun:"lease_id" json:"lease_id"`
	Amount        money.Amount      `bun:"amount" json:"amount"`
	EffectiveDate date.Date         `bun:"effective_date" json:"effective_date"`
	Reason        string            `bun:"reason" json:"reason"`
	Status        WriteOffStatus    `bun:"status" json:"status"`
	RequestedBy   id.Of[auth.User]  `bun:"requested_by" json:"requested_by"`
	DecidedBy     *id.Of[auth.User] `bun:"decided_by" json:"decided_by"` // the last who had to
	DecidedAt     *time.Time        `bun:"decided_at" json:"decided_at"`
	EntryID       *id.Of[Entry]     `bun:"entry_id" json:"entry_id"`
	Version       int64             `bun:"version" json:"version"`
	CreatedAt     time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time         `bun:"updated_at" json:"updated_at"`
}

// writeOffs is the repository of WriteOff rows, the oldest first.
var writeOffs = store.Repo[WriteOff]{
	NotFound:    ErrWriteOffNotFound,
	Constraints: constraints,
	Sort: store.Sort[WriteOff]{
		Columns: []store.Column{{Name: "id", Type: "uuid"}},
		Key:     func(w *WriteOff) []string { return []string{w.ID.String()} },
	},
}

// WriteOffRequested says that somebody asks to give up what a tenant owes.
type WriteOffRequested struct {
	LeaseID     id.Of[Lease]     `json:"lease_id"`
	Amount      money.Amount     `json:"amount"`
	Date        date.Date        `json:"date"`
	RequestedBy id.Of[auth.User] `json:"requested_by"`
}

// EventType names the event.
func (WriteOffRequested) EventType() (string, int) { return "leases.write_off_requested", 1 }

// WriteOffDecided says what became of a write-off.
type WriteOffDecided struct {
	LeaseID   id.Of[Lease]     `json:"lease_id"`
	Status    WriteOffStatus   `json:"status"`
	Amount    money.Amount     `json:"amount"`
	DecidedBy id.Of[auth.User] `json:"decided_by"`
}

// EventType names the event.
func (WriteOffDecided) EventType() (string, int) { return "leases.write_off_decided", 1 }

// RequestWriteOffParams is what should be given up.
type RequestWriteOffParams struct {
	IdempotencyKey string
	LeaseID        id.Of[Lease]
	Amount         money.Amount
	Date           date.Date // the day it is given up
	Reason         string
	ActorID        id.Of[auth.User]
}

// RequestWriteOff asks to give up what the tenants of a lease owe, in whole or in part.
// Nothing is booked until others agree ([Accounts.ApproveWriteOff]). It locks the
// lease. It returns [ErrOverWrittenOff], [ErrLeaseNotFound] or the field errors. The
// same key and request again return the first write-off.
func (s *Accounts) RequestWriteOff(ctx context.Context, db bun.IDB, p RequestWriteOffParams) (*WriteOff, error) {
	f := s.moneyFields(p.LeaseID, p.Amount, p.ActorID, "")
	f.GivenHappened("date", p.Date, s.days())
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[WriteOff]()
	k := store.Keyed[WriteOff]{Scope: s.scope, Verb: "leases.request_write_off", Params: p, Kind: aggregateWriteOff, Result: v}
	return store.RunOnce(ctx, db, k, writeOffs.Get, func(tx bun.IDB) (*WriteOff, error) {
		l, err := s.lock(ctx, tx, VerbRequestWriteOff, p.LeaseID, p.ActorID)
		if err != nil {
			return nil, err
		}
		if err := s.owes(ctx, tx, l, p.Amount, p.Date); err != nil {
			return nil, err
		}
		now := s.now()
		w := &WriteOff{ID: v, LeaseID: l.ID, Amount: p.Amount, EffectiveDate: p.Date, Reason: p.Reason, Status: WriteOffPending, RequestedBy: p.ActorID,
			Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := writeOffs.Insert(ctx, tx, w); err != nil {
			return nil, err
		}
		return w, s.hooks.Emit(ctx, tx, now, store.Event(aggregateWriteOff, w.ID, WriteOffRequested{l.ID, w.Amount, w.EffectiveDate, w.RequestedBy}))
	})
}

// owes reports tenants who owe less than an amount on a day, or do by now.
func (s *Accounts) owes(ctx context.Context, tx bun.IDB, l *Lease, amount money.Amount, day date.Date) error {
	b, err := s.spendable(ctx, tx, l.ID, day)
	if err == nil && b.Owed.Less(amount) {
		return ErrOverWrittenOff
	}
	return err
}

// ApproveWriteOffParams is one person's agreement.
type ApproveWriteOffParams struct {
	WriteOffID id.Of[WriteOff]
	ActorID    id.Of[auth.User]
}

// ApproveWriteOff records that somebody agrees to a write-off, other than who asked. With
// as many as [Config.WriteOffApprovals] it is booked as bad debt, and goes to the
// tenants' charges by rule. Approving again by the same person changes nothing. It
// locks the lease and the write-off. It returns [ErrSecondPerson], [ErrWriteOffDecided],
// [ErrOverWrittenOff] where less is owed by now, ledger.ErrPeriodClosed or
// [ErrWriteOffNotFound].
func (s *Accounts) ApproveWriteOff(ctx context.Context, db bun.IDB, p ApproveWriteOffParams) (*WriteOff, error) {
	return s.decide(ctx, db, VerbApproveWriteOff, p.WriteOffID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Approved: true})
}

// RejectWriteOffParams says no to a write-off.
type RejectWriteOffParams struct {
	WriteOffID id.Of[WriteOff]
	ActorID    id.Of[auth.User]
	Reason     string
}

// RejectWriteOff refuses a write-off: what is owed stays owed. Rejecting again by the
// same person changes nothing. It returns what [Accounts.ApproveWriteOff] returns.
func (s *Accounts) RejectWriteOff(ctx context.Context, db bun.IDB, p RejectWriteOffParams) (*WriteOff, error) {
	var f check.Fields
	f.Required("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.decide(ctx, db, VerbRejectWriteOff, p.WriteOffID, approval.Decision{By: id.Cast[approval.Person](p.ActorID), Note: &p.Reason})
}

// round is what people decide about.
func (w *WriteOff) round() approval.Matter {
	return approval.Matter{Kind: aggregateWriteOff, ID: id.Cast[approval.Subject](w.ID), Action: "write_off", RequestedBy: id.Cast[approval.Person](w.RequestedBy)}
}

func (s *Accounts) decide(ctx context.Context, db bun.IDB, verb Verb, v id.Of[WriteOff], say approval.Decision) (*WriteOff, error) {
	by := id.Cast[auth.User](say.By)
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var w *WriteOff
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := writeOffs.Get(ctx, tx, v) // unlocked, to learn the lease
		if err != nil {
			return err
		}
		l, err := s.lock(ctx, tx, verb, known.LeaseID, by)
		if err != nil {
			return err
		}
		if w, err = writeOffs.Lock(ctx, tx, v); err != nil {
			return err
		}
		switch {
		case w.Status != WriteOffPending:
			return w.decided(ctx, tx, say)
		case w.RequestedBy == by:
			return ErrSecondPerson
		}
		return s.say(ctx, tx, l, w, say)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// decided reports a write-off that waits for no decision, unless the person is one of
// those who decided it so.
func (w *WriteOff) decided(ctx context.Context, tx bun.IDB, say approval.Decision) error {
	if said, err := approval.Said(ctx, tx, w.round(), say); err != nil || said && (w.Status == WriteOffApproved) == say.Approved {
		return err
	}
	return ErrWriteOffDecided.With("it is %s", w.Status)
}

// say records a decision, and lets the write-off follow where it settles it.
func (s *Accounts) say(ctx context.Context, tx bun.IDB, l *Lease, w *WriteOff, say approval.Decision) error {
	now, round := s.now(), w.round()
	round.Required, say.At = s.approvals, now
	if settled, err := approval.Settle(ctx, tx, round, w, say); err != nil || !settled {
		return err
	}
	by := id.Cast[auth.User](say.By)
	w.Status, w.DecidedBy, w.DecidedAt = WriteOffRejected, &by, &now
	if say.Approved {
		if err := s.owes(ctx, tx, l, w.Amount, w.EffectiveDate); err != nil {
			return err
		}
		e := s.charged(l, EntryCredit, ChargeBadDebt, w.Amount, w.EffectiveDate, "")
		if err := s.book(ctx, tx, l, "Write-off", by, e); err != nil {
			return err
		}
		w.Status, w.EntryID = WriteOffApproved, &e.ID
	}
	w.Version++
	if err := writeOffs.Save(ctx, tx, w, &w.UpdatedAt, "status", "decided_by", "decided_at", "entry_id", "version"); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateWriteOff, w.ID, WriteOffDecided{l.ID, w.Status, w.Amount, by}))
}

// WriteOff reads a write-off. It returns [ErrWriteOffNotFound].
func (s *Accounts) WriteOff(ctx context.Context, db bun.IDB, v id.Of[WriteOff]) (*WriteOff, error) {
	return writeOffs.Get(ctx, db, v)
}

// WriteOffFilter narrows a list of write-offs; the zero value takes all.
type WriteOffFilter struct {
	LeaseID *id.Of[Lease]
	Status  WriteOffStatus // "" is any
}

// WriteOffs lists write-offs, the oldest first.
func (s *Accounts) WriteOffs(ctx context.Context, db bun.IDB, f WriteOffFilter, r page.Request) (page.Page[WriteOff], error) {
	var c check.Fields
	if check.Maybe(&c, "status", f.Status); c.Err() != nil {
		return page.Page[WriteOff]{}, c.Err()
	}
	return writeOffs.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.LeaseID != nil {
			q = q.Where("lw.lease_id = ?", *f.LeaseID)
		}
		if f.Status != "" {
			q = q.Where("lw.status = ?", f.Status)
		}
		return q
	})
}
