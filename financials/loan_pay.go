package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// fields checks what the verbs on money of a loan have in common.
func (s *Loans) fields(loan id.Of[Loan], day date.Date, actor id.Of[auth.User], memo string) *check.Fields {
	var f check.Fields
	f.Given("loan_id", loan)
	f.GivenHappened("date", day, s.days())
	f.Given("actor_id", actor)
	f.Text("memo", memo, 255)
	return &f
}

// DrawLoanParams is money that a lender advanced.
type DrawLoanParams struct {
	IdempotencyKey string
	LoanID         id.Of[Loan]
	Amount         money.Amount
	Date           date.Date
	Opening        bool   // it was there before the property's book, and no cash comes in
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// DrawLoan books money that a lender advanced: the principal at closing, and later draws up
// to the commitment. A loan owes nothing before its first draw.
//
// It locks the property and the loan. It returns [ErrOverDrawn], [ErrLoanEnded],
// [ErrLoanEarly], [ErrLoanNotFound], ledger.ErrPeriodClosed or the field errors. The same
// key and request again return the first entry.
func (s *Loans) DrawLoan(ctx context.Context, db bun.IDB, p DrawLoanParams) (*LoanEntry, error) {
	f := s.fields(p.LoanID, p.Date, p.ActorID, p.Memo)
	f.Above("amount", p.Amount)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.move(ctx, db, loanMove{VerbDrawLoan, p, p.LoanID, p.ActorID}, func(_ bun.IDB, l *Loan, h loanHistory) (*LoanEntry, error) {
		e := &LoanEntry{Kind: LoanDraw, Principal: p.Amount, EffectiveOn: p.Date, Memo: store.Optional(p.Memo), from: AccountPropertyCash}
		if p.Opening {
			e.from = AccountMortgageOpening
		}
		return e, l.accepts(h, e)
	})
}

// PayLoanParams is a payment, by its parts as the servicer states them.
type PayLoanParams struct {
	IdempotencyKey string
	LoanID         id.Of[Loan]
	Date           date.Date
	Interest       money.Amount
	Principal      money.Amount
	Escrow         money.Amount // into escrow
	Fees           money.Amount // for paying late, say
	Memo           string       // at most 255 characters
	ActorID        id.Of[auth.User]
}

// PayLoan books a payment: interest, principal, what goes into escrow and fees. A deposit
// into escrow alone is a payment too.
//
// It locks the property and the loan. It returns [ErrOverPaid], [ErrLoanEnded],
// [ErrLoanEarly], [ErrLoanNotFound], ledger.ErrPeriodClosed or the field errors. The same
// key and request again return the first entry.
func (s *Loans) PayLoan(ctx context.Context, db bun.IDB, p PayLoanParams) (*LoanEntry, error) {
	f := s.fields(p.LoanID, p.Date, p.ActorID, p.Memo)
	f.NotNegative("interest", p.Interest)
	f.NotNegative("principal", p.Principal)
	f.NotNegative("escrow", p.Escrow)
	f.NotNegative("fees", p.Fees)
	f.Check(p.Interest.Sign()+p.Principal.Sign()+p.Escrow.Sign()+p.Fees.Sign() != 0, "principal", check.Required, "a payment pays something")
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.move(ctx, db, loanMove{VerbPayLoan, p, p.LoanID, p.ActorID}, func(_ bun.IDB, l *Loan, h loanHistory) (*LoanEntry, error) {
		e := &LoanEntry{Kind: LoanPayment, Interest: p.Interest, Principal: p.Principal, Escrow: p.Escrow, Fees: p.Fees, EffectiveOn: p.Date, Memo: store.Optional(p.Memo)}
		return e, l.accepts(h, e)
	})
}

// DisburseEscrowParams is money that a servicer paid out of escrow.
type DisburseEscrowParams struct {
	IdempotencyKey string
	LoanID         id.Of[Loan]
	Amount         money.Amount
	Purpose        EscrowPurpose
	Date           date.Date
	Memo           string // at most 255 characters
	ActorID        id.Of[auth.User]
}

// DisburseEscrow books what the servicer paid out of escrow for taxes, insurance or repairs,
// or gave back, also after the loan was paid off.
//
// It locks the property and the loan. It returns [ErrEscrowShort], [ErrLoanNotFound],
// ledger.ErrPeriodClosed or the field errors. The same key and request again return the
// first entry.
func (s *Loans) DisburseEscrow(ctx context.Context, db bun.IDB, p DisburseEscrowParams) (*LoanEntry, error) {
	f := s.fields(p.LoanID, p.Date, p.ActorID, p.Memo)
	f.Above("amount", p.Amount)
	check.One(f, "purpose", p.Purpose)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.move(ctx, db, loanMove{VerbDisburseEscrow, p, p.LoanID, p.ActorID}, func(_ bun.IDB, l *Loan, h loanHistory) (*LoanEntry, error) {
		e := &LoanEntry{Kind: LoanEscrowDisbursement, Escrow: p.Amount, Purpose: &p.Purpose, EffectiveOn: p.Date, Memo: store.Optional(p.Memo)}
		return e, l.accepts(h, e)
	})
}

// ReverseLoanEntryParams is an entry that was wrong.
type ReverseLoanEntryParams struct {
	IdempotencyKey string
	EntryID        id.Of[LoanEntry]
	Date           date.Date // from which it counts; on or after the entry's
	Memo           string    // at most 255 characters
	ActorID        id.Of[auth.User]
}

// ReverseLoanEntry undoes an entry from a day on; the reversal of what paid a loan off
// makes it active again.
//
// It locks the property and the loan. It returns [ErrLoanEntryNotFound],
// [ErrLoanEntryReversed], [ErrLoanEarly], [ErrLoanEnded] for a loan that was refinanced or
// paid off by another entry, [ErrOverPaid] or [ErrEscrowShort] where what came later rests
// on it, ledger.ErrPeriodClosed or the field errors. The same key and request again return
// the first entry.
func (s *Loans) ReverseLoanEntry(ctx context.Context, db bun.IDB, p ReverseLoanEntryParams) (*LoanEntry, error) {
	var f check.Fields
	f.Given("entry_id", p.EntryID)
	f.GivenHappened("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	f.Text("memo", p.Memo, 255)
	if err := f.Err(); err != nil {
		return nil, err
	}
	of, err := loanEntries.Get(ctx, db, p.EntryID) // it never changes
	if err != nil {
		return nil, err
	}
	return s.move(ctx, db, loanMove{VerbReverseLoanEntry, p, of.LoanID, p.ActorID}, func(tx bun.IDB, l *Loan, h loanHistory) (*LoanEntry, error) {
		for i := range h {
			if h[i].OfID != nil && *h[i].OfID == of.ID {
				return nil, ErrLoanEntryReversed
			}
		}
		switch {
		case of.Kind == LoanReversal:
			return nil, ErrLoanEntryReversed
		case p.Date.Before(of.EffectiveOn):
			return nil, ErrLoanEarly
		case of.Kind == LoanPayoff && l.Status == LoanStatusPaidOff:
			if err := s.reopen(ctx, tx, l); err != nil {
				return nil, err
			}
		}
		e := &LoanEntry{Kind: LoanReversal, Principal: of.Principal, Interest: of.Interest, Escrow: of.Escrow, Fees: of.Fees, EffectiveOn: p.Date, OfID: &of.ID, Memo: store.Optional(p.Memo)}
		return e, l.accepts(h, e)
	})
}

// reopen makes a loan active that was paid off.
func (s *Loans) reopen(ctx context.Context, tx bun.IDB, l *Loan) error {
	version := l.Version
	l.Status, l.PayoffDate, l.Version = LoanStatusActive, nil, version+1
	return mortgages.UpdateVersion(ctx, tx, l, version, "status", "payoff_date")
}
