package financials

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of what is drawn and paid on loans.
var (
	// ErrLoanEntryNotFound: there is no such entry.
	ErrLoanEntryNotFound = fault.New(fault.NotFound, "loan_entry_not_found", "there is no such entry of a loan")
	// ErrLoanEntryOf: a reversal names what it undoes, and money out of escrow what it paid for.
	ErrLoanEntryOf = fault.New(fault.Invalid, "loan_entry_inconsistent", "a reversal names what it undoes, money out of escrow what it paid for, and an amount is the sum of its parts")
	// ErrLoanEntryReversed: the entry is reversed already, or is a reversal.
	ErrLoanEntryReversed = fault.New(fault.Illegal, "loan_entry_reversed", "the entry is reversed already")
	// ErrLoanEnded: the loan is paid off.
	ErrLoanEnded = fault.New(fault.Illegal, "loan_ended", "the loan is paid off or refinanced")
	// ErrLoanEarly: a day is before the loan starts, or before what it undoes.
	ErrLoanEarly = fault.New(fault.Invalid, fault.CodeDisordered, "the day is before the loan starts, or before what it follows").On("date")
	// ErrOverDrawn: more is drawn than the lender committed.
	ErrOverDrawn = fault.New(fault.Invalid, "loan_over_drawn", "more is drawn than the lender committed").On("amount")
	// ErrOverPaid: more principal is paid than is owed on that day or a later one.
	ErrOverPaid = fault.New(fault.Invalid, "loan_over_paid", "more principal is paid than is owed").On("principal")
	// ErrEscrowShort: more is taken out of escrow than is in it.
	ErrEscrowShort = fault.New(fault.Invalid, "escrow_short", "more is taken out of escrow than is in it").On("amount")
)

// LoanEntryKind says what an entry of a loan is.
type LoanEntryKind string

// The kinds of entry.
const (
	LoanDraw               LoanEntryKind = "draw"
	LoanPayment            LoanEntryKind = "payment"
	LoanEscrowDisbursement LoanEntryKind = "escrow_disbursement" // what the servicer paid out of escrow
	LoanPayoff             LoanEntryKind = "payoff"
	LoanReversal           LoanEntryKind = "reversal"
)

// Valid reports whether k is one of the kinds.
func (k LoanEntryKind) Valid() bool {
	switch k {
	case LoanDraw, LoanPayment, LoanEscrowDisbursement, LoanPayoff, LoanReversal:
		return true
	}
	return false
}

// EscrowPurpose says what money out of escrow paid for.
type EscrowPurpose string

// The purposes of escrow.
const (
	EscrowTaxes     EscrowPurpose = "taxes"
	EscrowInsurance EscrowPurpose = "insurance"
	EscrowRepairs   EscrowPurpose = "repairs"
	EscrowReleased  EscrowPurpose = "released" // back to the property's cash
)

// Valid reports whether p is one of the purposes.
func (p EscrowPurpose) Valid() bool {
	return p == EscrowTaxes || p == EscrowInsurance || p == EscrowRepairs || p == EscrowReleased
}

// LoanEntry is money of a loan that moved. It never changes; a mistake is reversed. Amount
// is the sum of the parts.
type LoanEntry struct {
	bun.BaseModel `bun:"table:financials.loan_entries,alias:fle" json:"-"`

	ID          id.Of[LoanEntry]      `bun:"id,pk" json:"id"`
	LoanID      id.Of[Loan]           `bun:"loan_id" json:"loan_id"`
	Kind        LoanEntryKind         `bun:"kind" json:"kind"`
	Amount      money.Amount          `bun:"amount" json:"amount"`
	Principal   money.Amount          `bun:"principal" json:"principal"`
	Interest    money.Amount          `bun:"interest" json:"interest"`
	Escrow      money.Amount          `bun:"escrow" json:"escrow"`
	Fees        money.Amount          `bun:"fees" json:"fees"`
	EffectiveOn date.Date             `bun:"effective_on" json:"effective_on"`
	Purpose     *EscrowPurpose        `bun:"purpose" json:"purpose"`
	OfID        *id.Of[LoanEntry]     `bun:"of_id" json:"of_id"`
	JournalID   id.Of[ledger.Journal] `bun:"journal_id" json:"journal_id"`
	Memo        *string               `bun:"memo" json:"memo"`
	RecordedBy  id.Of[auth.User]      `bun:"recorded_by" json:"recorded_by"`
	RecordedAt  time.Time             `bun:"recorded_at" json:"recorded_at"`

	from string // the account that a draw came into, where it is not cash
}

// loanEntries is the repository of LoanEntry rows, by day within a loan.
var loanEntries = store.Repo[LoanEntry]{
	NotFound:    ErrLoanEntryNotFound,
	Constraints: constraints,
	Sort: store.Sort[LoanEntry]{
		Columns: []store.Column{{Name: "effective_on", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(e *LoanEntry) []string { return []string{e.EffectiveOn.String(), e.ID.String()} },
	},
}

// LoanBalance is what a loan stands at at the end of a day.
type LoanBalance struct {
	LoanID   id.Of[Loan]  `json:"loan_id"`
	Drawn    money.Amount `json:"drawn"`
	Repaid   money.Amount `json:"repaid"`  // principal, with what paid it off
	Balance  money.Amount `json:"balance"` // owed
	Interest money.Amount `json:"interest"`
	Fees     money.Amount `json:"fees"`
	Escrow   money.Amount `json:"escrow"` // held by the servicer
}

// add counts an entry; undone is the kind of what a reversal undoes.
func (b *LoanBalance) add(e *LoanEntry, undone LoanEntryKind) error {
	kind, sign := e.Kind, func(a money.Amount) money.Amount { return a }
	if kind == LoanReversal {
		kind, sign = undone, money.Amount.Neg
	}
	to, escrow := &b.Repaid, sign(e.Escrow)
	switch kind {
	case LoanDraw:
		to = &b.Drawn
	case LoanEscrowDisbursement:
		escrow = escrow.Neg()
	}
	var err error
	for _, x := range []struct {
		to *money.Amount
		by money.Amount
	}{{to, sign(e.Principal)}, {&b.Interest, sign(e.Interest)}, {&b.Fees, sign(e.Fees)}, {&b.Escrow, escrow}} {
		if *x.to, err = x.to.Add(x.by); err != nil {
			return err
		}
	}
	b.Balance, err = b.Drawn.Sub(b.Repaid)
	return err
}

// loanHistory is all entries of a loan by day.
type loanHistory []LoanEntry

// historyOf reads the entries of a loan. A mortgage has some hundreds.
func historyOf(ctx context.Context, db bun.IDB, loan id.Of[Loan]) (loanHistory, error) {
	return loanEntries.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("fle.loan_id = ?", loan).OrderExpr("fle.effective_on, fle.id")
	})
}

func (h loanHistory) undone(e *LoanEntry) LoanEntryKind {
	for i := range h {
		if e.OfID != nil && h[i].ID == *e.OfID {
			return h[i].Kind
		}
	}
	return ""
}

// on is what the loan stands at at the end of a day.
func (h loanHistory) on(loan id.Of[Loan], day date.Date) (LoanBalance, error) {
	b := LoanBalance{LoanID: loan}
	for i := range h {
		if h[i].EffectiveOn.After(day) {
			continue
		}
		if err := b.add(&h[i], h.undone(&h[i])); err != nil {
			return LoanBalance{}, err
		}
	}
	return b, nil
}

// accepts reports why the loan cannot take an entry: on its day and on each later one, no
// more is drawn than was committed, none is repaid that is not owed, and escrow is not
// below zero. It touches no database.
func (l *Loan) accepts(h loanHistory, e *LoanEntry) error {
	switch {
	case l.Status == LoanStatusPaidOff || l.Status == LoanStatusRefinanced:
		if e.Kind != LoanEscrowDisbursement {
			return ErrLoanEnded
		}
	case e.EffectiveOn.Before(l.StartDate):
		return ErrLoanEarly
	}
	limit := l.Principal
	if l.Commitment != nil {
		limit = *l.Commitment
	}
	with := append(slices.Clone(h), *e)
	for i := range with {
		day := with[i].EffectiveOn
		if day.Before(e.EffectiveOn) {
			continue
		}
		switch b, err := with.on(l.ID, day); {
		case err != nil:
			return err
		case limit.Less(b.Drawn):
			return ErrOverDrawn
		case b.Balance.Sign() < 0:
			return ErrOverPaid
		case b.Escrow.Sign() < 0:
			return ErrEscrowShort
		}
	}
	return nil
}

// LoanEntries lists the entries of a loan by day.
func (s *Loans) LoanEntries(ctx context.Context, db bun.IDB, loan id.Of[Loan], r page.Request) (page.Page[LoanEntry], error) {
	return loanEntries.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fle.loan_id = ?", loan) })
}

// LoanBalanceParams is a loan and a day.
type LoanBalanceParams struct {
	LoanID id.Of[Loan]
	On     date.Date
}

// LoanBalance is what a loan stands at at the end of a day: what was drawn and repaid, what
// is owed, and what is in escrow. It returns [ErrLoanNotFound] or the field errors.
func (s *Loans) LoanBalance(ctx context.Context, db bun.IDB, p LoanBalanceParams) (*LoanBalance, error) {
	var f check.Fields
	f.Given("loan_id", p.LoanID)
	f.Given("on", p.On)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if _, err := mortgages.Get(ctx, db, p.LoanID); err != nil {
		return nil, err
	}
	h, err := historyOf(ctx, db, p.LoanID)
	if err != nil {
		return nil, err
	}
	b, err := h.on(p.LoanID, p.On)
	return &b, err
}
