package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The codes of the accounts that every offering's book starts with. A host may
// add its own beside them.
const (
	AccountCash                 = "1000" // the offering's bank account
	AccountRecovery             = "1200" // paid and reversed, to be paid back; by position
	AccountDistributionsPayable = "2100" // approved, not yet paid; by position
	AccountWithholdingPayable   = "2200" // tax withheld, not yet remitted
	AccountCapital              = "3000" // contributions; by position
	AccountDistributions        = "3100" // distributions declared; by position
	AccountPromote              = "3200" // promote, fees and holdbacks declared
	AccountTransfers            = "3900" // capital between two positions; zero after every transfer
)

// ErrNoBook: the offering has no book to post to.
var ErrNoBook = fault.New(fault.Illegal, "offering_without_book", "the offering has no book")

var offeringChart = []ledger.AccountParams{
	{Code: AccountCash, Name: "Cash", Type: ledger.Asset},
	{Code: AccountRecovery, Name: "Recoverable distributions", Type: ledger.Asset, Subledgered: true},
	{Code: AccountDistributionsPayable, Name: "Distributions payable", Type: ledger.Liability, Subledgered: true},
	{Code: AccountWithholdingPayable, Name: "Withholding payable", Type: ledger.Liability},
	{Code: AccountCapital, Name: "Contributed capital", Type: ledger.Equity, Subledgered: true},
	{Code: AccountDistributions, Name: "Distributions", Type: ledger.Equity, Subledgered: true},
	{Code: AccountPromote, Name: "Promote, fees and holdbacks", Type: ledger.Equity},
	{Code: AccountTransfers, Name: "Transfers clearing", Type: ledger.Equity},
}

// book is the accounts that an offering's money moves between.
type book struct {
	id    id.Of[ledger.Book]
	chart map[string]ledger.Account
}

func (s *Service) bookOf(ctx context.Context, db bun.IDB, o *Offering) (book, error) {
	if o.BookID == nil {
		return book{}, ErrNoBook
	}
	chart, err := s.ledger.Chart(ctx, db, *o.BookID)
	if err != nil {
		return book{}, err
	}
	for _, a := range offeringChart {
		if _, ok := chart[a.Code]; !ok {
			return book{}, ErrNoBook.With("it lacks account %s", a.Code)
		}
	}
	return book{*o.BookID, chart}, nil
}

func (b book) account(code string) id.Of[ledger.Account] { return b.chart[code].ID }
