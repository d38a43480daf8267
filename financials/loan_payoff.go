package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of the end of a loan.
var (
	// ErrNothingOwed: nothing is owed on the loan.
	ErrNothingOwed = fault.New(fault.Illegal, "loan_nothing_owed", "nothing is owed on the loan")
	// ErrRefinance: the new loan is another one of the property, with nothing drawn.
	ErrRefinance = fault.New(fault.Invalid, "loan_refinance_unsuitable", "the new loan is another active one of the property, with nothing drawn, and takes the place of one loan").On("new_loan_id")
)

// LoanPaidOff says that a loan was paid off, or refinanced by another.
type LoanPaidOff struct {
	EntryID   id.Of[LoanEntry] `json:"entry_id"`
	Principal money.Amount     `json:"principal"`
	Date      date.Date        `json:"date"`
	ByLoanID  *id.Of[Loan]     `json:"by_loan_id"` // that took its place
	ActorID   id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (LoanPaidOff) EventType() (string, int) { return "financials.loan_paid_off", 1 }

// PayOffLoanParams is what pays a loan off. The principal is what is owed.
type PayOffLoanParams struct {
	IdempotencyKey string
	LoanID         id.Of[Loan]
	Date           date.Date
	Interest       money.Amount // accrued
	Fees           money.Amount // for paying early, say
	Memo           string       // at most 255 characters
	ActorID        id.Of[auth.User]
}

// PayOffLoan books what pays a loan off, all that is owed with interest and fees, and ends
// it. What is in escrow comes back by [Loans.DisburseEscrow].
//
// It locks the property and the loan. It returns [ErrNothingOwed], [ErrLoanEnded],
// [ErrLoanEarly] also where an entry is of a later day, [ErrLoanNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return the
// first entry.
func (s *Loans) PayOffLoan(ctx context.Context, db bun.IDB, p PayOffLoanParams) (*LoanEntry, error) {
	f := s.fields(p.LoanID, p.Date, p.ActorID, p.Memo)
	f.NotNegative("interest", p.Interest)
	f.NotNegative("fees", p.Fees)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[LoanEntry]()
	k := store.Keyed[LoanEntry]{Scope: s.scope, Verb: "financials." + string(VerbPayOffLoan), Params: p, Kind: "loan_entry", Result: v}
	return store.RunOnce(ctx, db, k, loanEntries.Get, func(tx bun.IDB) (*LoanEntry, error) {
		l, h, err := s.lockLoan(ctx, tx, VerbPayOffLoan, p.LoanID, p.ActorID)
		if err != nil {
			return nil, err
		}
		e := &LoanEntry{ID: v, Kind: LoanPayoff, Interest: p.Interest, Fees: p.Fees, EffectiveOn: p.Date, Memo: store.Optional(p.Memo), RecordedBy: p.ActorID}
		if err := s.end(ctx, tx, l, h, e, LoanStatusPaidOff); err != nil {
			return nil, err
		}
		told := LoanPaidOff{EntryID: e.ID, Principal: e.Principal, Date: e.EffectiveOn, ActorID: p.ActorID}
		return e, s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateLoan, l.ID, told))
	})
}

// end books what pays a loan off and ends it.
func (s *Loans) end(ctx context.Context, tx bun.IDB, l *Loan, h loanHistory, e *LoanEntry, status LoanStatus) error {
	b, err := h.on(l.ID, e.EffectiveOn)
	if err != nil {
		return err
	}
	e.Principal = b.Balance
	if err := l.accepts(h, e); err != nil {
		return err
	}
	if n := len(h); n > 0 && h[n-1].EffectiveOn.After(e.EffectiveOn) {
		return ErrLoanEarly
	}
	if e.Principal.Sign() == 0 {
		return ErrNothingOwed
	}
	if err := s.write(ctx, tx, l, e); err != nil {
		return err
	}
	version := l.Version
	l.Status, l.PayoffDate, l.Version = status, &e.EffectiveOn, version+1
	return mortgages.UpdateVersion(ctx, tx, l, version, "status", "payoff_date")
}

// RefinanceLoanParams is a loan that another takes the place of.
type RefinanceLoanParams struct {
	IdempotencyKey string
	LoanID         id.Of[Loan] // the old one
	NewLoanID      id.Of[Loan] // on record ([Service.AddLoan]), of the same property
	Date           date.Date
	Interest       money.Amount // accrued on the old one
	Fees           money.Amount // of the old one
	ActorID        id.Of[auth.User]
}

// RefinanceLoan draws the principal of a new loan, pays the old one off and ties the two:
// what is left over comes into the property's cash, and what is missing out of it. It
// returns what paid the old loan off.
//
// It locks the property and both loans. It returns [ErrRefinance] on the new loan,
// [ErrNothingOwed], [ErrLoanEnded], [ErrLoanEarly] of either, [ErrLoanNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return the
// first entry.
func (s *Loans) RefinanceLoan(ctx context.Context, db bun.IDB, p RefinanceLoanParams) (*LoanEntry, error) {
	f := s.fields(p.LoanID, p.Date, p.ActorID, "")
	f.Given("new_loan_id", p.NewLoanID)
	f.NotNegative("interest", p.Interest)
	f.NotNegative("fees", p.Fees)
	if p.NewLoanID == p.LoanID && !p.LoanID.IsZero() {
		f.AddErr("", ErrRefinance)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[LoanEntry]()
	k := store.Keyed[LoanEntry]{Scope: s.scope, Verb: "financials." + string(VerbRefinanceLoan), Params: p, Kind: "loan_entry", Result: v}
	return store.RunOnce(ctx, db, k, loanEntries.Get, func(tx bun.IDB) (*LoanEntry, error) {
		l, h, next, err := s.lockPair(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		draw := &LoanEntry{ID: id.New[LoanEntry](), Kind: LoanDraw, Principal: next.Principal, EffectiveOn: p.Date, RecordedBy: p.ActorID, from: AccountPropertyCash}
		if err := next.accepts(nil, draw); err != nil {
			return nil, err
		}
		if err := s.write(ctx, tx, next, draw); err != nil {
			return nil, err
		}
		next.RefinancesID = &l.ID
		version := next.Version
		next.Version++
		if err := mortgages.UpdateVersion(ctx, tx, next, version, "refinances_id"); err != nil {
			return nil, err
		}
		e := &LoanEntry{ID: v, Kind: LoanPayoff, Interest: p.Interest, Fees: p.Fees, EffectiveOn: p.Date, RecordedBy: p.ActorID}
		if err := s.end(ctx, tx, l, h, e, LoanStatusRefinanced); err != nil {
			return nil, err
		}
		told := LoanPaidOff{EntryID: e.ID, Principal: e.Principal, Date: e.EffectiveOn, ByLoanID: &next.ID, ActorID: p.ActorID}
		return e, s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateLoan, next.ID, movedEvent(draw)), store.Event(aggregateLoan, l.ID, told))
	})
}

// lockPair locks the two loans of a refinancing.
func (s *Loans) lockPair(ctx context.Context, tx bun.IDB, p RefinanceLoanParams) (*Loan, loanHistory, *Loan, error) {
	known, err := mortgages.Get(ctx, tx, p.LoanID)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := s.properties.LockProperty(ctx, tx, known.PropertyID); err != nil {
		return nil, nil, nil, err
	}
	both, err := mortgages.LockAll(ctx, tx, []id.Of[Loan]{p.LoanID, p.NewLoanID})
	if err != nil {
		return nil, nil, nil, err
	}
	l, next := &both[0], &both[1]
	if l.ID != p.LoanID {
		l, next = next, l
	}
	if err := s.acts(ctx, tx, VerbRefinanceLoan, p.ActorID, l.PropertyID); err != nil {
		return nil, nil, nil, err
	}
	h, err := historyOf(ctx, tx, l.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	drawn, err := historyOf(ctx, tx, next.ID)
	if err == nil && (next.PropertyID != l.PropertyID || next.Status != LoanStatusActive || next.RefinancesID != nil || len(drawn) > 0) {
		err = ErrRefinance
	}
	return l, h, next, err
}
