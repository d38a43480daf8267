package financials

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of statements out of a book.
var (
	// ErrBookMissing: the property has no book.
	ErrBookMissing = fault.New(fault.NotFound, "property_book_missing", "the property has no book")
	// ErrBookOpen: journals may still be dated in the month.
	ErrBookOpen = fault.New(fault.Illegal, "statement_book_open", "the property's book is not closed through the month").On("month")
	// ErrAccountUnmapped: an account with postings in the month stands on no line.
	ErrAccountUnmapped = fault.New(fault.Invalid, "statement_account_unmapped", "an income or expense account stands on no line").On("accounts")
)

// StatementAccount is what an account of a book came to in the period of a statement that
// was made out of it. Amount is as its line counts it: a deduction and an expense are
// positive.
type StatementAccount struct {
	bun.BaseModel `bun:"table:financials.statement_accounts,alias:sa" json:"-"`

	ID        id.Of[StatementAccount] `bun:"id,pk" json:"id"`
	IncomeID  id.Of[IncomeStatement]  `bun:"income_id" json:"income_id"`
	AccountID id.Of[ledger.Account]   `bun:"account_id" json:"account_id"`
	Line      StatementLine           `bun:"line" json:"line"`
	Amount    money.Amount            `bun:"amount" json:"amount"`
}

// statementAccounts is the repository of StatementAccount rows.
var statementAccounts = store.Repo[StatementAccount]{NotFound: ErrStatementNotFound, Constraints: constraints}

// standardLines say where the accounts stand that the library's own verbs book to, and
// the usual ones beside them. Percentage rent is rent; recoveries are other income.
var standardLines = map[string]StatementLine{
	"4100": LineGrossRentalIncome, "4310": LineGrossRentalIncome, "4190": LineConcessions, "4195": LineBadDebt,
	"4210": LineParkingIncome, "4220": LineLaundryIncome, "4230": LinePetIncome, "4240": LineApplicationFees, "4250": LineLateFees,
	"4290": LineOtherIncome, "4300": LineOtherIncome,
	"5100": LinePropertyManagement, "5200": LineMaintenanceRepairs, "5300": LineUtilities, "5400": LineInsurance, "5500": LinePropertyTaxes,
	"5600": LinePayroll, "5700": LineAdvertising, "5800": LineLegalProfessional, "5850": LineLandscaping, "5950": LineOfficeAdministrative,
	"5990": LineOtherOperating, AccountCapitalImprovements: LineCapitalImprovements, AccountPrincipalPaid: LineMortgagePrincipal, AccountMortgageInterest: LineMortgageInterest,
	AccountMortgageFees: LineMortgageInterest,
}

// The codes of the accounts below net operating income.
const (
	AccountCapitalImprovements = "1700" // an asset
	AccountPrincipalPaid       = "2560" // a liability: what scheduled payments took off the mortgages
	AccountMortgageInterest    = "6100"
)

// StandardLine is the line on which an account of a property's book stands unless a
// caller says otherwise, by its code; "" is none.
func StandardLine(code string) StatementLine { return standardLines[code] }

// AccountLine puts an account of a book on a line of the statement.
type AccountLine struct {
	Code string
	Line StatementLine
}

// DeriveStatementParams is a month to state out of the book.
type DeriveStatementParams struct {
	PropertyID id.Of[properties.Property]
	Month      date.Date     // any day of it
	Accounts   []AccountLine // beside the standard lines ([StandardLine]), or instead of them
}

// DeriveStatement puts the accrual statement of a month in force that the property's book
// makes: its postings by account, each account on a line. Deriving again after the book
// changed is a restatement, which keeps the one before, and one that is the same changes
// nothing. Verify proves a statement out of the book equal to it from then on; so a journal
// that adjusts the month, or one after the book was reopened, calls for deriving again.
//
// It locks the property and, in share mode, its book, which is closed through the month. It
// returns [ErrBookMissing], [ErrBookOpen], [ErrAccountUnmapped], [ErrStatementOverlap],
// properties.ErrPropertyNotFound, [money.ErrOutOfRange] of a total or the field errors.
func (s *Service) DeriveStatement(ctx context.Context, db bun.IDB, p DeriveStatementParams) (*Statement, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("month", p.Month)
	for i, a := range p.Accounts {
		at := "accounts[" + strconv.Itoa(i) + "]."
		f.Required(at+"code", a.Code, 50)
		check.One(&f, at+"line", a.Line)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *Statement
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		d, err := derive(ctx, tx, p)
		if err != nil {
			return err
		}
		prior, err := inForce(ctx, tx, p.PropertyID, d.PeriodStart, d.PeriodEnd, d.Basis)
		if err == nil {
			out, err = s.replace(ctx, tx, *d, len(prior) > 0)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// derive makes a month's statement out of the book of the property.
func derive(ctx context.Context, tx bun.IDB, p DeriveStatementParams) (*draft, error) {
	month := p.Month.StartOfMonth()
	of, err := store.Rows[struct {
		ID id.Of[ledger.Book] `bun:"id"`
	}](ctx, tx, "SELECT id FROM financials.books WHERE property_id = $1", p.PropertyID)
	if err != nil {
		return nil, err
	}
	if len(of) == 0 {
		return nil, ErrBookMissing
	}
	books, err := store.Rows[struct { // the lock is asked of the one machine that has the book
		Closed *date.Date `bun:"closed_through"`
	}](ctx, tx, "SELECT closed_through FROM financials.books WHERE id = $1 FOR SHARE", of[0].ID)
	switch {
	case err != nil:
		return nil, err
	case len(books) == 0:
		return nil, ErrBookMissing
	case books[0].Closed == nil || books[0].Closed.Before(month.EndOfMonth()):
		return nil, ErrBookOpen
	}
	sums, err := store.Rows[accountSum](ctx, tx, accountSumsSQL, of[0].ID, month, month.EndOfMonth())
	if err != nil {
		return nil, err
	}
	named := make(map[string]StatementLine, len(p.Accounts))
	for _, a := range p.Accounts {
		named[a.Code] = a.Line
	}
	d := &draft{source: SourceBook, PostStatementParams: PostStatementParams{PropertyID: p.PropertyID, PeriodStart: month, PeriodEnd: month.EndOfMonth(), Basis: BasisAccrual}}
	return d, d.account(sums, named)
}

// accountSum is what an account came to in a period: debits less credits.
type accountSum struct {
	ID   id.Of[ledger.Account] `bun:"id"`
	Code string                `bun:"code"`
	Type ledger.AccountType    `bun:"type"`
	Net  money.Amount          `bun:"net"`
}

const accountSumsSQL = `SELECT a.id, a.code, a.type, COALESCE(d.amount, 0) - COALESCE(c.amount, 0) AS net
	FROM financials.accounts a
	CROSS JOIN LATERAL (SELECT sum(p.amount) AS amount FROM financials.postings p
		WHERE p.debit_account = a.id AND p.book_id = a.book_id AND p.effective_date BETWEEN $2 AND $3) d
	CROSS JOIN LATERAL (SELECT sum(p.amount) AS amount FROM financials.postings p
		WHERE p.credit_account = a.id AND p.book_id = a.book_id AND p.effective_date BETWEEN $2 AND $3) c
	WHERE a.book_id = $1 AND num_nonnulls(d.amount, c.amount) > 0 ORDER BY a.code`

// account puts the sums of accounts on their lines.
func (d *draft) account(sums []accountSum, named map[string]StatementLine) error {
	o := d.operating()
	at := map[StatementLine]*money.Amount{}
	for i, amount := range o.lines() {
		at[statementLines[i]] = amount
	}
	for _, a := range sums {
		line := named[a.Code]
		if line == "" {
			line = StandardLine(a.Code)
		}
		if line == "" {
			if (a.Type == ledger.Income || a.Type == ledger.Expense) && !a.Net.IsZero() {
				return ErrAccountUnmapped.With("%s", a.Code)
			}
			continue
		}
		if line.More() { // income grows with credits; a deduction and an expense with debits
			a.Net = a.Net.Neg()
		}
		var err error
		if *at[line], err = at[line].Add(a.Net); err != nil {
			return err
		}
		d.accounts = append(d.accounts, StatementAccount{AccountID: a.ID, Line: line, Amount: a.Net})
	}
	d.Income, d.Expenses, d.ReplacementReserves = o.Income, o.Expenses, o.ReplacementReserves
	return nil
}

// StatementAccounts are the accounts behind the lines of a statement that was made out of
// the book, by line. A statement that was reported has none.
func (s *Service) StatementAccounts(ctx context.Context, db bun.IDB, income id.Of[IncomeStatement]) ([]StatementAccount, error) {
	return statementAccounts.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sa.income_id = ?", income).OrderExpr("sa.line, sa.account_id")
	})
}
