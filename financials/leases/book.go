package leases

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/propertybook"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The codes of the accounts that the book of a property with leases has. A host may
// add its own beside them.
const (
	AccountCash            = "1010" // what tenants paid
	AccountReceivable      = "1300" // what tenants owe; below zero is paid ahead
	AccountDeposits        = "2300" // deposits of tenants, until applied or refunded
	AccountOpening         = "3950" // balances and deposits that were imported
	AccountRent            = "4100"
	AccountConcessions     = "4190" // deducted from rent
	AccountBadDebt         = "4195" // written off
	AccountParking         = "4210"
	AccountLaundry         = "4220"
	AccountPet             = "4230"
	AccountApplicationFees = "4240"
	AccountLateFees        = "4250"
	AccountOtherIncome     = "4290"
	AccountRecoveries      = "4300" // costs that tenants bear
	AccountPercentageRent  = "4310"
)

// ErrBookAccount: an account of the property's book has a code of leases and is of
// another kind than the code stands for.
var ErrBookAccount = fault.New(fault.Illegal, "lease_account_unsuitable", "an account of the book has a code of leases and is of another kind")

var leaseChart = []ledger.AccountParams{
	{Code: AccountCash, Name: "Tenant receipts", Type: ledger.Asset},
	{Code: AccountReceivable, Name: "Tenant receivables", Type: ledger.Asset},
	{Code: AccountDeposits, Name: "Security deposits", Type: ledger.Liability},
	{Code: AccountOpening, Name: "Opening balances of tenants", Type: ledger.Equity},
	{Code: AccountRent, Name: "Rent", Type: ledger.Income},
	{Code: AccountConcessions, Name: "Concessions", Type: ledger.Income},
	{Code: AccountBadDebt, Name: "Bad debt", Type: ledger.Income},
	{Code: AccountParking, Name: "Parking", Type: ledger.Income},
	{Code: AccountLaundry, Name: "Laundry", Type: ledger.Income},
	{Code: AccountPet, Name: "Pet fees", Type: ledger.Income},
	{Code: AccountApplicationFees, Name: "Application fees", Type: ledger.Income},
	{Code: AccountLateFees, Name: "Late fees", Type: ledger.Income},
	{Code: AccountOtherIncome, Name: "Other income", Type: ledger.Income},
	{Code: AccountRecoveries, Name: "Recoveries", Type: ledger.Income},
	{Code: AccountPercentageRent, Name: "Percentage rent", Type: ledger.Income},
}

// incomeOf maps what is charged, or given up, to the account that it is booked to.
var incomeOf = map[ChargeKind]string{
	ChargeRent: AccountRent, ChargeParking: AccountParking, ChargePet: AccountPet, ChargeStorage: AccountOtherIncome, ChargeUtility: AccountOtherIncome,
	ChargeLaundry: AccountLaundry, ChargeApplication: AccountApplicationFees, ChargeRecovery: AccountRecoveries, ChargePercentageRent: AccountPercentageRent,
	ChargeLateFee: AccountLateFees, ChargeReturnedFee: AccountOtherIncome, ChargeDamage: AccountOtherIncome, ChargeTermination: AccountOtherIncome,
	ChargeOther: AccountOtherIncome, ChargeConcession: AccountConcessions, ChargeBadDebt: AccountBadDebt, ChargeOpening: AccountOpening,
}

// bookOf finds the book of a property, whose lock the caller holds, or opens it.
func (c *core) bookOf(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) (id.Of[ledger.Book], error) {
	return propertybook.Finder{Books: c.books, Properties: c.properties}.Find(ctx, tx, property, leaseChart)
}

// chart is a book with its accounts by their codes, which a verb reads once for all of its
// journals.
type chart struct {
	book     id.Of[ledger.Book]
	accounts map[string]id.Of[ledger.Account]
}

// chartOf reads a book's accounts; those that leases need and it lacks are added.
func (c *core) chartOf(ctx context.Context, tx bun.IDB, book id.Of[ledger.Book]) (*chart, error) {
	all, err := propertybook.Finder{Books: c.books, Properties: c.properties}.Accounts(ctx, tx, book, leaseChart, ErrBookAccount)
	if err != nil {
		return nil, err
	}
	return &chart{book: book, accounts: all}, nil
}

// chartOfProperty is the chart of a property's book, which is opened where there is none.
func (c *core) chartOfProperty(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) (*chart, error) {
	book, err := c.bookOf(ctx, tx, property)
	if err != nil {
		return nil, err
	}
	return c.chartOf(ctx, tx, book)
}

// posting is a journal of tenants' entries.
type posting struct {
	journal id.Of[ledger.Journal]
	on      date.Date
	about   string
	source  id.Of[ledger.Source] // the lease, or the property of a month's charges
	kind    string
	actor   id.Of[auth.User]
	entries []Entry
}

// post writes entries and their journals, into one book.
func (c *core) post(ctx context.Context, tx bun.IDB, in *chart, list []posting) error {
	var all []Entry
	var journals []ledger.PostParams
	for i := range list {
		p := &list[i]
		j := ledger.PostParams{ID: p.journal, BookID: in.book, EffectiveDate: p.on, Description: p.about, SourceType: p.kind, SourceID: p.source, Actor: p.actor.String(),
			Entries: make([]ledger.Entry, len(p.entries))}
		for n := range p.entries {
			e := &p.entries[n]
			debit, credit := e.sides()
			j.Entries[n] = ledger.Entry{Debit: in.accounts[debit], Credit: in.accounts[credit], Amount: e.Amount, Subledger: id.Cast[ledger.Subledger](e.LeaseID)}
		}
		journals = append(journals, j)
		all = append(all, p.entries...)
	}
	if _, err := c.books.PostBatch(ctx, tx, ledger.PostBatchParams{Journals: journals}); err != nil {
		return err
	}
	return entries.InsertAll(ctx, tx, all)
}
