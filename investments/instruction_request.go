package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/vault"
)

// ErrInstructionDecided: the payment instructions wait for no decision.
var ErrInstructionDecided = fault.New(fault.Illegal, "payment_instruction_decided", "the payment instructions wait for no decision")

// RequestInstructionParams is where an account wants to be paid from now on.
type RequestInstructionParams struct {
	ID         id.Of[PaymentInstruction] // zero makes a new one
	InvestorID id.Of[auth.User]
	AccountID  *id.Of[Account] // nil is the investor in person
	Method     PaymentMethod
	Details    auth.Secret // bank details or an address, in the host's own form; at most 10,000 bytes
	Last4      string      // of the bank account, for display; "" for none
	ActorID    id.Of[auth.User]
}

// RequestInstruction puts payment instructions on record, encrypted. They take
// effect when somebody else approves them ([Accounts.ApproveInstruction]); until
// then the ones in force stay. A second call with the same ID and the same params is
// the first one's success. It returns [ErrAccountOwner] or [ErrNoVault].
func (s *Accounts) RequestInstruction(ctx context.Context, db bun.IDB, p RequestInstructionParams) (*PaymentInstruction, error) {
	var f check.Fields
	f.Given("investor_id", p.InvestorID)
	check.One(&f, "method", p.Method)
	f.Given("details", p.Details)
	f.Check(len(p.Details.Reveal()) <= 10_000, "details", check.TooLong, "at most 10,000 bytes")
	f.Check(len(p.Last4) <= 4, "last4", check.TooLong, "at most four characters are kept readable")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if s.vault == nil {
		return nil, ErrNoVault
	}
	now := s.now()
	in := &PaymentInstruction{
		ID: p.ID.OrNew(), InvestorID: p.InvestorID, AccountID: p.AccountID, Method: p.Method, Last4: optional(p.Last4),
		Status: InstructionStatusPending, RequestedBy: p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := s.sealDetails(in, p.Details.Reveal()); err != nil {
		return nil, err
	}
	c := store.Creation[PaymentInstruction]{Scope: s.scope, Verb: "investments." + string(VerbRequestInstruction), Params: p, Chosen: p.ID, Kind: aggregateInstruction, Rows: paymentInstructions}
	out, err := store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*PaymentInstruction, error) {
		if p.AccountID != nil {
			if _, err := usableAccount(ctx, tx, *p.AccountID, p.InvestorID); err != nil {
				return nil, err
			}
		}
		if err := s.acts(ctx, tx, VerbRequestInstruction, p.ActorID, ofHolder(in.ID, p.InvestorID, p.AccountID)); err != nil {
			return nil, err
		}
		if err := paymentInstructions.Insert(ctx, tx, in); err != nil {
			return nil, err
		}
		return in, s.hooks.Emit(ctx, tx, now, store.Event(aggregateInstruction, in.ID,
			PaymentInstructionRequested{in.InvestorID, in.AccountID, in.Method, in.RequestedBy}))
	})
	if err != nil || out == in {
		return out, err
	}
	// What a request is compared by holds no secret, so the details are compared here.
	if details, err := s.vault.Open(out.detailsPlace(), out.Details.Reveal()); err != nil || details != p.Details.Reveal() {
		return nil, store.ErrExists.On("id")
	}
	return out, nil
}

func (s *Accounts) sealDetails(in *PaymentInstruction, plain string) error {
	sealed, err := s.vault.Seal(in.detailsPlace(), plain)
	in.Details = auth.NewSecret(sealed)
	return err
}

func (in *PaymentInstruction) detailsPlace() vault.Place {
	return vault.Place{Table: "investments.payment_instructions", Column: "details", Row: in.ID.String(), Owner: in.InvestorID.String()}
}

// ApproveInstructionParams is the second person's agreement to a payment instruction.
type ApproveInstructionParams struct {
	InstructionID id.Of[PaymentInstruction]
	ActorID       id.Of[auth.User] // who agrees
}

// ApproveInstruction puts payment instructions in force, by somebody else than
// who asked for them; those in force until now are superseded. Approving again
// by the same person changes nothing. It locks all instructions of the holder.
// It returns [ErrSecondPerson], [ErrInstructionDecided] or
// [ErrInstructionNotFound].
func (s *Accounts) ApproveInstruction(ctx context.Context, db bun.IDB, p ApproveInstructionParams) (*PaymentInstruction, error) {
	return s.decideInstruction(ctx, db, VerbApproveInstruction, p.InstructionID, p.ActorID, InstructionStatusActive)
}

// RejectInstructionParams says no to a payment instruction.
type RejectInstructionParams struct {
	InstructionID id.Of[PaymentInstruction]
	ActorID       id.Of[auth.User] // who rejects
}

// RejectInstruction refuses payment instructions, by somebody else than who
// asked for them. Rejecting again by the same person changes nothing. It
// returns what [Accounts.ApproveInstruction] returns.
func (s *Accounts) RejectInstruction(ctx context.Context, db bun.IDB, p RejectInstructionParams) (*PaymentInstruction, error) {
	return s.decideInstruction(ctx, db, VerbRejectInstruction, p.InstructionID, p.ActorID, InstructionStatusRejected)
}

func (s *Accounts) decideInstruction(ctx context.Context, db bun.IDB, verb Verb, v id.Of[PaymentInstruction], by id.Of[auth.User], to InstructionStatus) (*PaymentInstruction, error) {
	if by.IsZero() {
		return nil, ErrActorRequired
	}
	var out *PaymentInstruction
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := paymentInstructions.Get(ctx, tx, v) // unlocked, to learn the holder
		if err != nil {
			return err
		}
		all, err := paymentInstructions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return known.ofHolder(q).OrderExpr("pn.id").For("NO KEY UPDATE")
		})
		if err != nil {
			return err
		}
		for i := range all {
			if all[i].ID == v {
				out = &all[i]
			}
		}
		if out == nil {
			return ErrInstructionNotFound
		}
		if err := s.acts(ctx, tx, verb, by, ofHolder(out.ID, out.InvestorID, out.AccountID)); err != nil {
			return err
		}
		done, err := out.decides(by, to)
		if err != nil || done {
			return err
		}
		now := s.now()
		if to == InstructionStatusActive {
			_, err := store.Write(ctx, tx, known.ofHolderUpdate(tx.NewUpdate().Model((*PaymentInstruction)(nil))).Set("status = ?", InstructionStatusSuperseded).
				Set("version = version + 1").Where("status = ?", InstructionStatusActive))
			if err != nil {
				return store.Err(err, constraints)
			}
		}
		out.Status, out.DecidedBy, out.DecidedAt, out.UpdatedAt = to, &by, &now, now
		out.Version++
		if err := paymentInstructions.Update(ctx, tx, out, "status", "decided_by", "decided_at", "version"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateInstruction, out.ID, out.decision()))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// decision is the event of what was decided.
func (in *PaymentInstruction) decision() store.Payload {
	if in.Status == InstructionStatusActive {
		return PaymentInstructionApproved{in.InvestorID, in.AccountID, in.Method, *in.DecidedBy}
	}
	return PaymentInstructionRejected{in.InvestorID, in.AccountID, *in.DecidedBy}
}

// decides reports whether by may decide, and whether they have done so. It
// touches no database.
func (in *PaymentInstruction) decides(by id.Of[auth.User], to InstructionStatus) (done bool, err error) {
	switch {
	case in.Status == to && *in.DecidedBy == by:
		return true, nil
	case in.Status != InstructionStatusPending:
		return false, ErrInstructionDecided.With("they are %s", in.Status)
	case in.RequestedBy == by:
		return false, ErrSecondPerson
	}
	return false, nil
}

// ofHolder narrows a query to the instructions of in's holder.
func (in *PaymentInstruction) ofHolder(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("pn.investor_id = ?", in.InvestorID).Where("pn.account_id IS NOT DISTINCT FROM ?::uuid", in.AccountID)
}

func (in *PaymentInstruction) ofHolderUpdate(q *bun.UpdateQuery) *bun.UpdateQuery {
	return q.Where("investor_id = ?", in.InvestorID).Where("account_id IS NOT DISTINCT FROM ?::uuid", in.AccountID)
}

// ActiveInstruction reads the payment instructions in force for an account, or
// for an investor in person. It returns [ErrInstructionNotFound].
func (s *Accounts) ActiveInstruction(ctx context.Context, db bun.IDB, investor id.Of[auth.User], account *id.Of[Account]) (*PaymentInstruction, error) {
	in := &PaymentInstruction{InvestorID: investor, AccountID: account}
	return paymentInstructions.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return in.ofHolder(q).Where("pn.status = ?", InstructionStatusActive)
	})
}

// InstructionFilter narrows a list of payment instructions; the zero value is
// all of them.
type InstructionFilter struct {
	InvestorID *id.Of[auth.User]
	Status     InstructionStatus // "" is any
}

// Instructions lists payment instructions, the newest first.
func (s *Accounts) Instructions(ctx context.Context, db bun.IDB, f InstructionFilter, r page.Request) (page.Page[PaymentInstruction], error) {
	return paymentInstructions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.InvestorID != nil {
			q = q.Where("pn.investor_id = ?", *f.InvestorID)
		}
		if f.Status != "" {
			q = q.Where("pn.status = ?", f.Status)
		}
		return q
	})
}

// RevealInstruction decrypts the details of payment instructions. It returns
// [ErrNoVault], [vault.ErrForged], [vault.ErrUnknownKey] or
// [ErrInstructionNotFound].
func (s *Accounts) RevealInstruction(ctx context.Context, db bun.IDB, v id.Of[PaymentInstruction]) (auth.Secret, error) {
	if s.vault == nil {
		return auth.Secret{}, ErrNoVault
	}
	in, err := paymentInstructions.Get(ctx, db, v)
	if err != nil {
		return auth.Secret{}, err
	}
	plain, err := s.vault.Open(in.detailsPlace(), in.Details.Reveal())
	return auth.NewSecret(plain), err
}
