package financials

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The codes of the accounts that the book of a property with loans has, beside
// [AccountPrincipalPaid] and [AccountMortgageInterest].
const (
	AccountPropertyCash    = "1010"
	AccountEscrow          = "1450" // held by the servicer
	AccountMortgages       = "2550" // drawn, less what paid them off
	AccountMortgageOpening = "3970" // loans that were there before the book
	AccountMortgageFees    = "6150" // late and prepayment fees
	accountPropertyTaxes   = "5500"
	accountInsurance       = "5400"
	accountRepairs         = "5200"
	accountDeposits        = "2300" // of tenants, which package leases books
)

// ErrLoanAccount: an account of the property's book has a code of loans and is of
// another kind than the code stands for.
var ErrLoanAccount = fault.New(fault.Illegal, "loan_account_unsuitable", "an account of the book has a code of loans and is of another kind")

var loanChart = []ledger.AccountParams{
	{Code: AccountPropertyCash, Name: "Cash", Type: ledger.Asset},
	{Code: AccountPropertyReserves, Name: "Reserves", Type: ledger.Asset},
	{Code: AccountEscrow, Name: "Escrow", Type: ledger.Asset},
	{Code: AccountMortgages, Name: "Mortgages", Type: ledger.Liability},
	{Code: AccountPrincipalPaid, Name: "Mortgage principal paid", Type: ledger.Liability},
	{Code: AccountMortgageOpening, Name: "Opening balances of mortgages", Type: ledger.Equity},
	{Code: accountRepairs, Name: "Maintenance and repairs", Type: ledger.Expense},
	{Code: accountInsurance, Name: "Insurance", Type: ledger.Expense},
	{Code: accountPropertyTaxes, Name: "Property taxes", Type: ledger.Expense},
	{Code: AccountMortgageInterest, Name: "Mortgage interest", Type: ledger.Expense},
	{Code: AccountMortgageFees, Name: "Mortgage fees", Type: ledger.Expense},
}

// LoanMoneyMoved says that money of a loan moved: a draw, a payment, money out of escrow,
// what paid it off, or the reversal of one of them.
type LoanMoneyMoved struct {
	EntryID   id.Of[LoanEntry] `json:"entry_id"`
	Entry     LoanEntryKind    `json:"entry"`
	Amount    money.Amount     `json:"amount"`
	Principal money.Amount     `json:"principal"`
	Interest  money.Amount     `json:"interest"`
	Date      date.Date        `json:"date"`
	ActorID   id.Of[auth.User] `json:"actor_id"`
}

// EventType names the event.
func (LoanMoneyMoved) EventType() (string, int) { return "financials.loan_money_moved", 1 }

func movedEvent(e *LoanEntry) store.Payload {
	return LoanMoneyMoved{e.ID, e.Kind, e.Amount, e.Principal, e.Interest, e.EffectiveOn, e.RecordedBy}
}

// loanMove is what a verb that moves money of a loan was told.
type loanMove struct {
	verb   Verb
	params any
	loan   id.Of[Loan]
	actor  id.Of[auth.User]
}

// move is a keyed verb that writes one entry of a loan: under the locks of the property and
// the loan, decide makes it, and the loan accepts it.
func (s *Loans) move(ctx context.Context, db bun.IDB, m loanMove, decide func(tx bun.IDB, l *Loan, h loanHistory) (*LoanEntry, error)) (*LoanEntry, error) {
	v := id.New[LoanEntry]()
	k := store.Keyed[LoanEntry]{Scope: s.scope, Verb: "financials." + string(m.verb), Params: m.params, Kind: "loan_entry", Result: v}
	return store.RunOnce(ctx, db, k, loanEntries.Get, func(tx bun.IDB) (*LoanEntry, error) {
		l, h, err := s.lockLoan(ctx, tx, m.verb, m.loan, m.actor)
		if err != nil {
			return nil, err
		}
		e, err := decide(tx, l, h)
		if err != nil {
			return nil, err
		}
		e.ID, e.RecordedBy = v, m.actor
		if err := s.write(ctx, tx, l, e); err != nil {
			return nil, err
		}
		return e, s.hooks.Emit(ctx, tx, e.RecordedAt, store.Event(aggregateLoan, l.ID, movedEvent(e)))
	})
}

// lockLoan locks the property and the loan, and checks who acts.
func (s *Loans) lockLoan(ctx context.Context, tx bun.IDB, verb Verb, loan id.Of[Loan], actor id.Of[auth.User]) (*Loan, loanHistory, error) {
	known, err := mortgages.Get(ctx, tx, loan) // to learn the property, which never changes
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.properties.LockProperty(ctx, tx, known.PropertyID); err != nil {
		return nil, nil, err
	}
	l, err := mortgages.Lock(ctx, tx, loan)
	if err != nil {
		return nil, nil, err
	}
	if err := s.acts(ctx, tx, verb, actor, l.PropertyID); err != nil {
		return nil, nil, err
	}
	h, err := historyOf(ctx, tx, loan)
	return l, h, err
}

// write books an entry in the property's book and stores it. A reversal is booked as the
// mirror of what it undoes.
func (s *Loans) write(ctx context.Context, tx bun.IDB, l *Loan, e *LoanEntry) error {
	e.LoanID, e.RecordedAt = l.ID, s.now()
	var err error
	if e.Amount, err = money.Sum(e.Principal, e.Interest, e.Escrow, e.Fees); err != nil {
		return err
	}
	book, err := s.bookOf(ctx, tx, l.PropertyID)
	if err != nil {
		return err
	}
	e.JournalID = id.New[ledger.Journal]()
	source := id.Cast[ledger.Source](l.ID)
	if e.OfID != nil {
		of, err := loanEntries.Get(ctx, tx, *e.OfID)
		if err != nil {
			return err
		}
		_, err = s.books.Reverse(ctx, tx, ledger.ReverseParams{JournalID: of.JournalID, ID: e.JournalID, EffectiveDate: e.EffectiveOn, Description: "loan " + string(e.Kind),
			SourceType: aggregateLoan, SourceID: source, Actor: e.RecordedBy.String()})
		if err != nil {
			return err
		}
		return loanEntries.Insert(ctx, tx, e)
	}
	chart, err := s.chart(ctx, tx, book)
	if err != nil {
		return err
	}
	j := ledger.PostParams{ID: e.JournalID, BookID: book, EffectiveDate: e.EffectiveOn, Description: "loan " + string(e.Kind), SourceType: aggregateLoan, SourceID: source,
		Actor: e.RecordedBy.String()}
	for _, side := range e.sides() {
		if side.amount.Sign() > 0 {
			j.Entries = append(j.Entries, ledger.Entry{Debit: chart[side.debit], Credit: chart[side.credit], Amount: side.amount, Subledger: id.Cast[ledger.Subledger](l.ID)})
		}
	}
	if _, err := s.books.Post(ctx, tx, j); err != nil {
		return err
	}
	return loanEntries.Insert(ctx, tx, e)
}

// loanSide is a line of an entry's journal, by the codes of its accounts.
type loanSide struct {
	debit, credit string
	amount        money.Amount
}

// sides are the lines of the journal of an entry.
func (e *LoanEntry) sides() []loanSide {
	switch e.Kind {
	case LoanDraw:
		return []loanSide{{e.from, AccountMortgages, e.Principal}}
	case LoanEscrowDisbursement:
		to := map[EscrowPurpose]string{EscrowTaxes: accountPropertyTaxes, EscrowInsurance: accountInsurance, EscrowRepairs: accountRepairs, EscrowReleased: AccountPropertyCash}[*e.Purpose]
		return []loanSide{{to, AccountEscrow, e.Escrow}}
	}
	repaid := AccountPrincipalPaid
	if e.Kind == LoanPayoff {
		repaid = AccountMortgages
	}
	return []loanSide{{AccountMortgageInterest, AccountPropertyCash, e.Interest}, {repaid, AccountPropertyCash, e.Principal},
		{AccountEscrow, AccountPropertyCash, e.Escrow}, {AccountMortgageFees, AccountPropertyCash, e.Fees}}
}
