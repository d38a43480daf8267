package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The codes of the accounts that every offering's book has. A host may add its
// own beside them. What is by position is one part of the investors' capital
// accounts; see [CapitalAccount].
const (
	AccountCash                 = "1000" // the offering's bank account
	AccountReserves             = "1100" // cash set aside
	AccountRecovery             = "1200" // paid and reversed, to be paid back; by position
	AccountProperty             = "1500" // what was bought, at cost
	AccountInKind               = "1510" // what was distributed in kind, at its stated value
	AccountDistributionsPayable = "2100" // approved, not yet paid; by position
	AccountWithholdingPayable   = "2200" // tax withheld, not yet remitted
	AccountLoans                = "2500" // borrowed, not yet repaid
	AccountCapital              = "3000" // contributions; by position
	AccountDistributions        = "3100" // distributions declared; by position
	AccountPromote              = "3200" // promote and fees declared; by payee account
	AccountIncome               = "3300" // net income and loss allocated; by position
	AccountUnrealized           = "3310" // unrealized change in value allocated; by position
	AccountRealized             = "3320" // realized gains and losses of the exit; by position
	AccountFees                 = "3330" // fees charged to investors; by position
	AccountCarried              = "3400" // what transfers took along of the capital account besides contributions and unrealized value; by position
	AccountAllocated            = "3800" // what the four before were allocated out of
	AccountPartnerLoans         = "3950" // claims of partners on each other, not the offering's money; by position
	AccountUnfunded             = "3960" // what was missing from calls and cost percentage points; by position
	AccountMemorandum           = "3990" // against the two before
	AccountOperatingIncome      = "4000" // rents and other operating income
	AccountSaleGain             = "4900" // proceeds of sales beyond the cost; a loss is below zero
	AccountOperatingExpense     = "5000" // operating expenses and interest
	AccountWrittenOff           = "5900" // what was given up of what payees owed
	AccountTransfers            = "3900" // capital between two positions; zero after every transfer
)

// capitalCodes lists, for SQL, the accounts whose parts by position are an
// investor's capital account.
const capitalCodes = "'" + AccountCapital + "', '" + AccountDistributions + "', '" + AccountIncome + "', '" + AccountUnrealized + "', '" +
	AccountRealized + "', '" + AccountFees + "', '" + AccountCarried + "'"

// ErrNoBook: the offering has no book to post to.
var ErrNoBook = fault.New(fault.Illegal, "offering_without_book", "the offering has no book")

// ErrBookAccount: an account of the book has a standard code and is of another
// kind than the code stands for.
var ErrBookAccount = fault.New(fault.Illegal, "book_account_unsuitable", "an account of the book has a standard code and is of another kind")

var offeringChart = []ledger.AccountParams{
	{Code: AccountCash, Name: "Cash", Type: ledger.Asset},
	{Code: AccountReserves, Name: "Reserves", Type: ledger.Asset},
	{Code: AccountProperty, Name: "Property at cost", Type: ledger.Asset},
	{Code: AccountRecovery, Name: "Recoverable distributions", Type: ledger.Asset, Subledgered: true},
	{Code: AccountInKind, Name: "Distributed in kind", Type: ledger.Asset},
	{Code: AccountDistributionsPayable, Name: "Distributions payable", Type: ledger.Liability, Subledgered: true},
	{Code: AccountWithholdingPayable, Name: "Withholding payable", Type: ledger.Liability},
	{Code: AccountLoans, Name: "Loans", Type: ledger.Liability},
	{Code: AccountCapital, Name: "Contributed capital", Type: ledger.Equity, Subledgered: true},
	{Code: AccountDistributions, Name: "Distributions", Type: ledger.Equity, Subledgered: true},
	{Code: AccountPromote, Name: "Promote and fees", Type: ledger.Equity, Subledgered: true},
	{Code: AccountIncome, Name: "Net income allocated", Type: ledger.Equity, Subledgered: true},
	{Code: AccountUnrealized, Name: "Unrealized change allocated", Type: ledger.Equity, Subledgered: true},
	{Code: AccountRealized, Name: "Realized gains and losses", Type: ledger.Equity, Subledgered: true},
	{Code: AccountFees, Name: "Fees charged", Type: ledger.Equity, Subledgered: true},
	{Code: AccountCarried, Name: "Capital accounts passed on", Type: ledger.Equity, Subledgered: true},
	{Code: AccountAllocated, Name: "Results allocated to investors", Type: ledger.Equity},
	{Code: AccountTransfers, Name: "Transfers clearing", Type: ledger.Equity},
	{Code: AccountPartnerLoans, Name: "Loans between partners", Type: ledger.Equity, Subledgered: true},
	{Code: AccountUnfunded, Name: "Calls not funded", Type: ledger.Equity, Subledgered: true},
	{Code: AccountMemorandum, Name: "Memorandum", Type: ledger.Equity},
	{Code: AccountOperatingIncome, Name: "Operating income", Type: ledger.Income},
	{Code: AccountSaleGain, Name: "Gain on sale", Type: ledger.Income},
	{Code: AccountOperatingExpense, Name: "Operating expenses", Type: ledger.Expense},
	{Code: AccountWrittenOff, Name: "Receivables written off", Type: ledger.Expense},
}

// book is the accounts that an offering's money moves between.
type book struct {
	id    id.Of[ledger.Book]
	chart map[string]ledger.Account
}

// bookOf reads the accounts of an offering's book for a verb, and adds the
// standard ones that a book from an earlier version lacks.
func (s *core) bookOf(ctx context.Context, tx bun.IDB, o *Offering) (book, error) {
	if o.BookID == nil {
		return book{}, ErrNoBook
	}
	chart, err := s.ledger.EnsureAccounts(ctx, tx, ledger.EnsureAccountsParams{BookID: *o.BookID, Accounts: offeringChart})
	if err != nil {
		return book{}, err
	}
	for _, want := range offeringChart {
		// The account of promote has not always been by payee; an older one
		// goes on without that detail.
		have := chart[want.Code]
		if have.Type != want.Type || want.Subledgered && !have.Subledgered && want.Code != AccountPromote {
			return book{}, ErrBookAccount.With("account %s", want.Code)
		}
	}
	return book{*o.BookID, chart}, nil
}

func (b book) account(code string) id.Of[ledger.Account] { return b.chart[code].ID }
