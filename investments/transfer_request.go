package investments

import (
	"context"
	"errors"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of transfers.
var (
	// ErrTransferStatus: the transfer's status does not allow the verb.
	ErrTransferStatus = fault.New(fault.Illegal, "transfer_status", "the transfer's status does not allow it")
	// ErrPositionNotFunded: the position holds no capital that could move.
	ErrPositionNotFunded = fault.New(fault.Illegal, "position_not_funded", "the position holds no capital that could move")
	// ErrTransferClass: a transfer stays within one class, a conversion does
	// not.
	ErrTransferClass = fault.New(fault.Invalid, "transfer_class", "a transfer stays within the class, a conversion leaves it").On("to_share_class")
	// ErrTransferSelfApproval: who asked for a transfer cannot approve it.
	ErrTransferSelfApproval = fault.New(fault.Forbidden, "transfer_self_approval", "somebody else than who asked for it must approve").On("approved_by")
)

// FractionDecimals is the number of decimals of the fraction that a transfer
// moves.
const FractionDecimals = 10

// RequestTransferParams is a position, or a part of it, to move to another
// holder within its class.
type RequestTransferParams struct {
	IdempotencyKey string
	PositionID     id.Of[Position]
	ToInvestorID   id.Of[auth.User]
	ToAccountID    *id.Of[Account] // nil is the investor in person
	Fraction       decimal.Decimal // of each balance; above 0, at most 1
	Price          *money.Amount   // what the receiver pays; nil is the unreturned capital
	EffectiveDate  date.Date
	Reason         string
	ActorID        id.Of[auth.User]
}

// RequestConversionParams is a position, or a part of it, to move to another
// class of the same holder.
type RequestConversionParams struct {
	IdempotencyKey string
	PositionID     id.Of[Position]
	ToShareClass   string
	Fraction       decimal.Decimal // of each balance; above 0, at most 1
	EffectiveDate  date.Date
	Reason         string
	ActorID        id.Of[auth.User]
}

// RequestCorrectionParams is an entry to put right: capital that was counted
// for the wrong holder or class.
type RequestCorrectionParams struct {
	IdempotencyKey string
	PositionID     id.Of[Position]
	ToInvestorID   id.Of[auth.User]
	ToAccountID    *id.Of[Account] // nil is the investor in person
	ToShareClass   string          // "" is the position's
	Fraction       decimal.Decimal // of each balance; above 0, at most 1
	EffectiveDate  date.Date       // may be before distributions that were paid
	Reason         string          // required
	ActorID        id.Of[auth.User]
}

// RequestTransfer asks for a position, or a fraction of it, to pass to another
// holder of the same class as of a day. Nothing moves before somebody else has
// approved it ([Positions.ApproveTransfer]) and it is completed
// ([Positions.CompleteTransfer]). It returns [ErrPositionNotFunded],
// [ErrTransferEnds], [ErrTransferSponsor], [ErrAccountOwner] or
// [ErrPositionNotFound]. The same key and request again return the first
// transfer.
func (s *Positions) RequestTransfer(ctx context.Context, db bun.IDB, p RequestTransferParams) (*Transfer, error) {
	t := &Transfer{Kind: TransferSale, FromPositionID: p.PositionID, ToInvestorID: p.ToInvestorID, ToAccountID: p.ToAccountID,
		Fraction: p.Fraction, Price: p.Price, EffectiveDate: p.EffectiveDate, Reason: optional(p.Reason), CreatedBy: &p.ActorID}
	return s.requestTransfer(ctx, db, t, VerbRequestTransfer, p)
}

// RequestConversion is [Positions.RequestTransfer] to another class of the same
// holder. Capital moves at its amount; units are issued anew at the price of
// the new class. An offering with terms converts nothing: [ErrTransferTerms]. It
// also returns [ErrTransferClass] and [ErrShareClassNotFound].
func (s *Positions) RequestConversion(ctx context.Context, db bun.IDB, p RequestConversionParams) (*Transfer, error) {
	t := &Transfer{Kind: TransferConversion, FromPositionID: p.PositionID, ToShareClass: optional(p.ToShareClass),
		Fraction: p.Fraction, EffectiveDate: p.EffectiveDate, Reason: optional(p.Reason), CreatedBy: &p.ActorID}
	return s.requestTransfer(ctx, db, t, VerbRequestConversion, p)
}

// RequestCorrection is [Positions.RequestTransfer] for an entry that was wrong
// from the day given: it may lie before distributions that were paid and in a
// closed period of the books, may name another class, and needs a reason. It
// does not lie before other movements of the capital. What was paid stays where
// it was paid: [Distributions.Review] shows what it would be by the
// correction, and a true-up makes it good. In an offering with terms a correction
// keeps the class ([ErrTransferTerms]), and passes nothing between a sponsor's
// account and another ([ErrTransferSponsor]).
func (s *Positions) RequestCorrection(ctx context.Context, db bun.IDB, p RequestCorrectionParams) (*Transfer, error) {
	t := &Transfer{Kind: TransferCorrection, FromPositionID: p.PositionID, ToInvestorID: p.ToInvestorID, ToAccountID: p.ToAccountID,
		ToShareClass: optional(p.ToShareClass), Fraction: p.Fraction, EffectiveDate: p.EffectiveDate, Reason: optional(p.Reason), CreatedBy: &p.ActorID}
	return s.requestTransfer(ctx, db, t, VerbRequestCorrection, p)
}

func (t *Transfer) validate(days check.Days) error {
	var f check.Fields
	f.Given("position_id", t.FromPositionID)
	f.Check(t.Kind == TransferConversion || !t.ToInvestorID.IsZero(), "to_investor_id", check.Required, "a receiver is needed")
	f.Check(t.Kind != TransferConversion || t.ToShareClass != nil, "to_share_class", check.Required, "a class is needed")
	f.Part("fraction", &t.Fraction, FractionDecimals)
	f.Check(t.Price == nil || t.Price.Sign() >= 0, "price", check.OutOfRange, "a price is not negative")
	f.GivenWithin("effective_date", t.EffectiveDate, days)
	f.Given("actor_id", t.CreatedBy)
	f.Check(t.Kind != TransferCorrection || t.Reason != nil, "reason", check.Required, "a correction needs a reason")
	return f.Err()
}

func (s *Positions) requestTransfer(ctx context.Context, db bun.IDB, t *Transfer, verb Verb, params any) (*Transfer, error) {
	if err := t.validate(s.days()); err != nil {
		return nil, err
	}
	now := s.now()
	t.ID, t.Status, t.Version, t.CreatedAt, t.UpdatedAt = id.New[Transfer](), TransferStatusPending, 1, now, now
	return store.RunOnce(ctx, db, store.Keyed[Transfer]{Scope: s.scope, Verb: "investments." + string(verb), Params: params, Kind: "transfer", Result: t.ID}, transfers.Get, func(tx bun.IDB) (*Transfer, error) {
		from, err := positions.Get(ctx, tx, t.FromPositionID)
		if err != nil {
			return nil, err
		}
		if err := s.requestable(ctx, tx, t, from, verb); err != nil {
			return nil, err
		}
		return t, s.hooks.EmitBehind(ctx, tx, now, []store.Part{func(tx bun.IDB) error { return transfers.Insert(ctx, tx, t) }},
			store.Event(aggregateTransfer, t.ID, TransferRequested{Kind: t.Kind, OfferingID: t.OfferingID,
				FromPositionID: t.FromPositionID, ToInvestorID: t.ToInvestorID, ToAccountID: t.ToAccountID, ToShareClass: *t.ToShareClass,
				Fraction: t.Fraction, EffectiveDate: t.EffectiveDate, RequestedBy: t.CreatedBy}), nil)
	})
}

// requestable locks the people of a transfer, fills in what follows from the position, and
// reports why it can't be asked for.
func (s *Positions) requestable(ctx context.Context, tx bun.IDB, t *Transfer, from *Position, verb Verb) error {
	unable := t.starts(from)
	locked := []store.Part{
		func(tx bun.IDB) error { return t.lockPeople(ctx, tx, *t.CreatedBy) },
		func(tx bun.IDB) error { return s.acts(ctx, tx, verb, *t.CreatedBy, ofPosition(from)) },
	}
	if unable != nil {
		if err := store.Together(ctx, tx, locked...); err != nil {
			return err
		}
		return unable
	}
	return store.Together(ctx, tx, append(locked,
		func(tx bun.IDB) error {
			if t.ToInvestorID == from.InvestorID {
				return nil
			}
			return t.receivable(ctx, tx)
		},
		func(tx bun.IDB) (err error) {
			if t.ToAccountID != nil {
				_, err = usableAccount(ctx, tx, *t.ToAccountID, t.ToInvestorID)
			}
			return err
		},
		func(tx bun.IDB) error {
			_, err := classOf(ctx, tx, *from.OfferingID, *t.ToShareClass)
			return err
		},
		func(tx bun.IDB) error { return t.byTerms(ctx, tx, from) })...)
}

// starts fills in what follows from the position, and reports why t cannot move
// it. It touches no database.
func (t *Transfer) starts(from *Position) error {
	if from.OfferingID == nil {
		return ErrNoBook
	}
	if from.Status != PositionStatusFunded {
		return ErrPositionNotFunded.With("it is %s", from.Status)
	}
	t.OfferingID, t.PropertyID = from.OfferingID, from.PropertyID
	if t.Kind == TransferConversion {
		t.ToInvestorID, t.ToAccountID = from.InvestorID, from.AccountID
	}
	if t.ToShareClass == nil {
		t.ToShareClass = &from.ShareClass
	}
	if (t.Kind == TransferConversion) == (*t.ToShareClass == from.ShareClass) && t.Kind != TransferCorrection {
		return ErrTransferClass
	}
	if t.ToInvestorID == from.InvestorID && sameAccount(t.ToAccountID, from.AccountID) && *t.ToShareClass == from.ShareClass {
		return ErrTransferEnds
	}
	return nil
}

// lockPeople locks the receiver and who acts, in the one order of users: against their
// suspension, and not against others' transfers, which one person may carry out all of.
func (t *Transfer) lockPeople(ctx context.Context, tx bun.IDB, actor id.Of[auth.User]) error {
	return store.Err(store.Exec(ctx, tx, "SELECT 1 FROM auth.users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR SHARE",
		store.TextArray([]id.Of[auth.User]{t.ToInvestorID, actor}, func(v *id.Of[auth.User]) string { return v.String() })), constraints)
}

// receivable reports why the receiver, whose row is locked, cannot receive: they are
// suspended or deleted.
func (t *Transfer) receivable(ctx context.Context, tx bun.IDB) error {
	err := activeInvestor(ctx, tx, t.ToInvestorID)
	if errors.Is(err, ErrInvestorInactive) {
		return ErrInvestorInactive.On("to_investor_id")
	}
	return err
}

func sameAccount(a, b *id.Of[Account]) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// ApproveTransferParams is the agreement to a requested transfer.
type ApproveTransferParams struct {
	TransferID id.Of[Transfer]
	ActorID    id.Of[auth.User] // who agrees
}

// ApproveTransfer lets a transfer be completed, by somebody else than who asked
// for it. Approving again by the same person changes nothing. It locks the
// transfer. It returns [ErrTransferSelfApproval], [ErrTransferStatus] or
// [ErrTransferNotFound].
func (s *Positions) ApproveTransfer(ctx context.Context, db bun.IDB, p ApproveTransferParams) (*Transfer, error) {
	return s.changeTransfer(ctx, db, VerbApproveTransfer, p.TransferID, p.ActorID, func(t *Transfer) (bool, error) {
		switch {
		case t.ApprovedBy != nil && *t.ApprovedBy == p.ActorID && t.Status != TransferStatusCancelled:
			return false, nil
		case t.Status != TransferStatusPending:
			return false, ErrTransferStatus.With("it is %s", t.Status)
		case t.CreatedBy != nil && *t.CreatedBy == p.ActorID:
			return false, ErrTransferSelfApproval
		}
		t.Status, t.ApprovedBy = TransferStatusApproved, &p.ActorID
		return true, nil
	})
}

// CancelTransferParams is a transfer to withdraw.
type CancelTransferParams struct {
	TransferID id.Of[Transfer]
	ActorID    id.Of[auth.User]
}

// CancelTransfer withdraws a transfer that is not completed. Cancelling again
// changes nothing. It locks the transfer. It returns [ErrTransferStatus] or
// [ErrTransferNotFound].
func (s *Positions) CancelTransfer(ctx context.Context, db bun.IDB, p CancelTransferParams) (*Transfer, error) {
	return s.changeTransfer(ctx, db, VerbCancelTransfer, p.TransferID, p.ActorID, func(t *Transfer) (bool, error) {
		switch t.Status {
		case TransferStatusCancelled:
			return false, nil
		case TransferStatusPending, TransferStatusApproved:
			t.Status = TransferStatusCancelled
			return true, nil
		}
		return false, ErrTransferStatus.With("it is %s", t.Status)
	})
}

// changeTransfer locks a transfer and lets decide change its status.
func (s *Positions) changeTransfer(ctx context.Context, db bun.IDB, verb Verb, v id.Of[Transfer], by id.Of[auth.User],
	decide func(t *Transfer) (changed bool, err error)) (*Transfer, error) {
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var t *Transfer
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if t, err = transfers.Lock(ctx, tx, v); err != nil {
			return err
		}
		if err := s.acts(ctx, tx, verb, by, ofTransfer(t)); err != nil {
			return err
		}
		was := t.Status
		changed, err := decide(t)
		if err != nil || !changed {
			return err
		}
		t.UpdatedAt = s.now()
		t.Version++
		return s.hooks.EmitBehind(ctx, tx, t.UpdatedAt, []store.Part{func(tx bun.IDB) error {
			return transfers.Update(ctx, tx, t, "status", "approved_by", "version")
		}}, store.Event(aggregateTransfer, t.ID, t.change(was)), nil)
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// change is the event of the status that a verb has given the transfer.
func (t *Transfer) change(was TransferStatus) store.Payload {
	if t.Status == TransferStatusApproved {
		return TransferApproved{t.OfferingID, *t.ApprovedBy}
	}
	return TransferCancelled{t.OfferingID, was}
}

// Transfer reads a transfer, conversion or correction. It returns
// [ErrTransferNotFound].
func (s *Positions) Transfer(ctx context.Context, db bun.IDB, v id.Of[Transfer]) (*Transfer, error) {
	return transfers.Get(ctx, db, v)
}

// TransferFilter narrows a list of transfers; the zero value is all of them.
type TransferFilter struct {
	OfferingID *id.Of[Offering]
	PositionID *id.Of[Position] // gives or receives
	Status     TransferStatus   // "" is any
}

// Transfers lists transfers, the newest first.
func (s *Positions) Transfers(ctx context.Context, db bun.IDB, f TransferFilter, r page.Request) (page.Page[Transfer], error) {
	return transfers.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.OfferingID != nil {
			q = q.Where("tr.opportunity_id = ?", *f.OfferingID)
		}
		if f.PositionID != nil {
			q = q.Where("? IN (tr.from_investment_id, tr.to_investment_id)", *f.PositionID)
		}
		if f.Status != "" {
			q = q.Where("tr.status = ?", f.Status)
		}
		return q
	})
}
