// Package deal is a real-estate deal in files: a property with its rent roll,
// twelve months of income and expenses, an offering and its waterfall, the
// investors with their commitments, what they pass on to others, and the
// distributions to make. The README of the quickstart describes each file.
//
// [Load] reads a whole folder or nothing. It checks what can be checked without
// a database, also across files, and returns everything that is wrong at once
// as [tabular.Problems], each with its file, line and column.
package deal

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
	"github.com/freehold-go/freehold/realestate/users"
)

// The files of a deal.
const (
	PropertyFile      = "property.csv"
	RentRollFile      = "rent_roll.csv"
	OperatingFile     = "operating.csv"
	BudgetFile        = "budget.csv" // without it there is none
	OfferingFile      = "offering.csv"
	ClassesFile       = "classes.csv"
	InvestorsFile     = "investors.csv"
	TermsFile         = "terms.json"    // without it distributions are pro rata
	TransfersFile     = "transfers.csv" // without it there are none
	DistributionsFile = "distributions.csv"
)

// Deal is everything the folder says.
type Deal struct {
	Property      Property
	Loan          *Loan // nil when the purchase was paid in full
	Units         []Unit
	Months        []Month
	Budget        []Month // of the same months; none where it is not told
	Offering      Offering
	Classes       []Class
	Terms         *waterfall.Terms // nil is pro rata; recipients by the names of accounts
	Commitments   []Commitment
	Transfers     []Transfer     // by date
	Distributions []Distribution // by date

	Files []File // as they were read

	byTerms bool // there is a file of terms, if perhaps a wrong one
}

// File is one of the files, and what of it is no part of the deal.
type File struct {
	Name    string
	Skipped tabular.Skips
}

// Property is a building and its purchase.
type Property struct {
	Name, Slug                                string
	Address, Address2, City, State, Zip       string
	Latitude, Longitude                       *decimal.Decimal
	Class                                     properties.Class
	Type, Subtype                             string
	YearBuilt, LastRenovated                  *int
	Buildings, Parking                        *int
	LotAcres                                  *decimal.Decimal
	PurchasePrice                             money.Amount
	PurchaseDate                              date.Date
	Valuation                                 *money.Amount
	ValuationDate                             *date.Date
	RentRollDate                              date.Date
	Market, Submarket, ManagedBy, Description string
}

// Loan is the mortgage of the purchase.
type Loan struct {
	Lender, Number     string // the number tells loans of a property apart
	Principal          money.Amount
	AnnualRate         decimal.Decimal
	TermMonths         int
	AmortizationMonths int
	InterestOnlyMonths int
	Accrual            string
	Start              date.Date
	MinimumDSCR        *decimal.Decimal // that the lender asks for; nil is none
}

// Unit is a line of the rent roll.
type Unit struct {
	Number, Building, Type     string
	Bedrooms, Sqft, Floor      *int
	Bathrooms                  *decimal.Decimal
	Status                     properties.OccupancyStatus
	Tenant                     string
	LeaseStart, LeaseEnd       *date.Date
	MoveIn                     *date.Date
	Rent, MarketRent           *money.Amount
	Deposit, Balance           *money.Amount
	DaysDelinquent             int
	Billed, Collected          *money.Amount
	Renovated, UnderRenovation bool
}

// Month is the income and the expenses of a calendar month.
type Month struct {
	First               date.Date
	Income              financials.IncomeLines
	Expenses            financials.ExpenseLines
	ReplacementReserves money.Amount
}

// Last is the last day of the month.
func (m Month) Last() date.Date { return m.First.EndOfMonth() }

// Offering is the raise.
type Offering struct {
	Name, Slug, Summary                  string
	Open, Close                          date.Date
	MinimumRaise, Target, HardCap        *money.Amount
	MinimumInvestment, MaximumInvestment *money.Amount
	Manager, Approver                    Person
}

// Person is somebody with an e-mail address, who becomes a user.
type Person struct{ First, Last, Email string }

// Class is a share class.
type Class struct {
	Code, Name string
	UnitPrice  decimal.Decimal
	Minimum    *money.Amount
}

// Account is a name that a person invests under.
type Account struct {
	Owner     Person
	Joint     *Person // the second owner of a joint account
	Type      investments.AccountType
	Name      string
	Custodian string
	Tax       investments.TaxClassification
	Sponsor   bool
	// Accreditation says by what means the owner was found to be accredited.
	Accreditation users.VerificationMethod
}

// Key tells accounts apart, across runs: the same owner, kind and name are the
// same account.
func (a *Account) Key() string {
	name := strings.Join(strings.Fields(a.Name), " ")
	return strings.ToLower(a.Owner.Email + "/" + string(a.Type) + "/" + name)
}

// Commitment is a line of the investors' file. Ordinal counts the commitments
// of one account to one class from 1, which tells a top-up from a
// repetition.
type Commitment struct {
	Account   Account
	Class     string
	Ordinal   int
	Amount    money.Amount
	Committed date.Date
	Funded    *date.Date // nil when the money has not come yet
}

// Accounts are all accounts, each once: those of the commitments and then those
// that receive a transfer.
func (d *Deal) Accounts() []*Account {
	var list []*Account
	seen := map[string]bool{}
	add := func(a *Account) {
		if key := a.Key(); !seen[key] {
			seen[key] = true
			list = append(list, a)
		}
	}
	for i := range d.Commitments {
		add(&d.Commitments[i].Account)
	}
	for i := range d.Transfers {
		add(d.Transfers[i].To)
	}
	return list
}

// Load reads the deal in a folder. Years of two digits are judged as of today.
// The error is [tabular.Problems] when the files are wrong.
func Load(folder fs.FS, today date.Date) (*Deal, error) {
	var d Deal
	var all tabular.Problems
	for _, part := range []struct {
		name     string
		read     func(*tabular.File)
		optional bool
	}{
		{OperatingFile, d.readOperating, false},
		{BudgetFile, d.readBudget, true},
		{PropertyFile, d.readProperty, false},
		{RentRollFile, d.readRentRoll, false},
		{OfferingFile, d.readOffering, false},
		{ClassesFile, d.readClasses, false},
		{InvestorsFile, d.readInvestors, false},
		{TermsFile, nil, true},
		{TransfersFile, d.readTransfers, true},
		{DistributionsFile, d.readDistributions, false},
	} {
		data, err := fs.ReadFile(folder, part.name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && part.optional:
			continue
		case errors.Is(err, fs.ErrNotExist):
			all = append(all, &tabular.Problem{File: part.name, Line: 1, Column: 1, Msg: "the folder lacks this file"})
			continue
		case err != nil:
			return nil, fmt.Errorf("reading %s: %w", part.name, err)
		}
		f := tabular.New(part.name, data, today)
		if part.name == TermsFile {
			d.readTerms(f, data)
		} else {
			part.read(f)
		}
		all = append(all, f.Problems()...)
		d.Files = append(d.Files, File{Name: part.name, Skipped: f.Skipped()})
	}
	if len(all) > 0 {
		return nil, all
	}
	return &d, nil
}
