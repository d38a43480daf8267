package payables

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/propertybook"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// AccountCash is the code of the account that bills are paid out of: the property's bank
// account, which tenants pay into.
const AccountCash = leases.AccountCash

// ErrBookAccount: an account of the property's book has a code of payables and is of
// another kind than the code stands for.
var ErrBookAccount = fault.New(fault.Illegal, "payable_account_unsuitable", "an account of the book has a code of payables and is of another kind")

// ExpenseLine is the line of the operating statement that a bill belongs to, in the words
// of financials.StatementLine.
type ExpenseLine string

// The lines of expenses, in the order of the statement.
const (
	LinePropertyManagement   ExpenseLine = "property_management"
	LineMaintenanceRepairs   ExpenseLine = "maintenance_repairs"
	LineUtilities            ExpenseLine = "utilities"
	LineInsurance            ExpenseLine = "insurance"
	LinePropertyTaxes        ExpenseLine = "property_taxes"
	LinePayroll              ExpenseLine = "payroll"
	LineAdvertising          ExpenseLine = "advertising"
	LineLegalProfessional    ExpenseLine = "legal_professional"
	LineLandscaping          ExpenseLine = "landscaping"
	LineOfficeAdministrative ExpenseLine = "office_administrative"
	LineOtherOperating       ExpenseLine = "other_operating"
	LineCapitalImprovements  ExpenseLine = "capital_improvements"
)

// Valid reports whether l is one of the lines.
func (l ExpenseLine) Valid() bool { return accountOf[l] != "" }

// expense is an account that bills are booked to.
type expense struct {
	line ExpenseLine
	code string
	name string
	kind ledger.AccountType
}

// expenses are the accounts of the book of a property, by the lines of its operating
// statement.
var expenses = []expense{
	{LinePropertyManagement, "5100", "Property management", ledger.Expense},
	{LineMaintenanceRepairs, "5200", "Maintenance and repairs", ledger.Expense},
	{LineUtilities, "5300", "Utilities", ledger.Expense},
	{LineInsurance, "5400", "Insurance", ledger.Expense},
	{LinePropertyTaxes, "5500", "Property taxes", ledger.Expense},
	{LinePayroll, "5600", "Payroll", ledger.Expense},
	{LineAdvertising, "5700", "Advertising", ledger.Expense},
	{LineLegalProfessional, "5800", "Legal and professional", ledger.Expense},
	{LineLandscaping, "5850", "Landscaping", ledger.Expense},
	{LineOfficeAdministrative, "5950", "Office and administrative", ledger.Expense},
	{LineOtherOperating, "5990", "Other operating expenses", ledger.Expense},
	{LineCapitalImprovements, "1700", "Capital improvements", ledger.Asset},
}

// accountOf maps a line to the code of its account.
var accountOf = codes()

func codes() map[ExpenseLine]string {
	out := make(map[ExpenseLine]string, len(expenses))
	for _, e := range expenses {
		out[e.line] = e.code
	}
	return out
}

// post books a payment, or its return, in the book of the bill's property.
func (s *Service) post(ctx context.Context, tx bun.IDB, b *Bill, m *BillPayment, actor id.Of[auth.User]) error {
	to := expenses[0]
	for _, e := range expenses {
		if e.line == b.Line {
			to = e
		}
	}
	books := propertybook.Finder{Books: s.books, Properties: s.properties}
	book, err := books.Find(ctx, tx, b.PropertyID, nil)
	if err != nil {
		return err
	}
	chart, err := books.Accounts(ctx, tx, book, []ledger.AccountParams{
		{Code: AccountCash, Name: "Operating cash", Type: ledger.Asset}, {Code: to.code, Name: to.name, Type: to.kind}}, ErrBookAccount)
	if err != nil {
		return err
	}
	e := ledger.Entry{Debit: chart[to.code], Credit: chart[AccountCash], Amount: m.Amount}
	about := "Bill paid"
	if m.Kind == Returned {
		e.Debit, e.Credit, about = e.Credit, e.Debit, "Payment of a bill returned"
	}
	_, err = s.books.Post(ctx, tx, ledger.PostParams{ID: m.JournalID, BookID: book, EffectiveDate: m.PaidOn, Description: about, SourceType: aggregateBill,
		SourceID: id.Cast[ledger.Source](b.ID), Actor: actor.String(), Entries: []ledger.Entry{e}})
	return err
}
