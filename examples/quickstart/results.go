package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// results is the deal as the database tells it, everything that the summary,
// the report and the statements say.
type results struct {
	Property    *properties.Property
	First, Last date.Date // of the statements
	Operating   financials.OperatingMetrics
	Roll        financials.RollMetrics
	RollDate    date.Date
	Loan        *financials.Loan           // nil without debt
	LoanBalance money.Amount               // on Last
	Variance    *financials.BudgetVariance // nil without a budget
	Let         []let                      // from RollDate on, by month

	Offering      *investments.Offering
	Classes       []investments.ShareClass
	Terms         *waterfall.Terms // nil is pro rata; recipients by the names of accounts
	Accounts      map[id.Of[investments.Account]]*investments.Account
	Holders       []holder          // by name
	Distributions []payout          // by date
	Transfers     []move            // by date
	Why           *why              // nil when nothing was paid
	Exit          *investments.Exit // nil while the positions are held
	AsOf          date.Date
	Verified      int
	Sealed        int64
}

// holder is an investor with everything that a statement says.
type holder struct {
	ID           id.Of[auth.User]
	First, Last  string
	Portfolio    *investments.Portfolio
	Positions    []holding
	Transactions []investments.Transaction // by date
}

func (h *holder) name() string {
	if h.First == "" || h.Last == "" {
		return h.First + h.Last
	}
	return h.First + " " + h.Last
}

// holding is a position with the account that holds it, and its capital account
// over the year of the statements.
type holding struct {
	investments.Position
	Account *investments.Account
	Capital investments.CapitalAccount
}

// read collects the results.
func (q *quickstart) read(ctx context.Context) (*results, error) {
	r := &results{Terms: q.deal.Terms, AsOf: q.asOf(), Verified: q.verified, Sealed: q.sealed}
	for _, part := range []func(context.Context, *results) error{
		q.readProperty, q.readManaged, q.readOffering, q.readAccounts, q.readHolders, q.readCapital, q.readPayouts, q.readTransfers, q.readWhy,
	} {
		if err := part(ctx, r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (q *quickstart) readProperty(ctx context.Context, r *results) (err error) {
	if r.Property, err = q.Properties.Property(ctx, q.db, q.property); err != nil {
		return err
	}
	r.First, r.Last = q.year()
	in := financials.MetricsInput{Value: *r.Property.PurchasePrice}
	if in.Statement, err = q.yearStatement(ctx); err != nil {
		return err
	}
	if in.EquityInvested, err = q.equity(); err != nil {
		return err
	}
	if q.deal.Loan != nil {
		if r.Loan, err = q.findLoan(ctx); err != nil {
			return err
		}
		schedule, err := loans.NewSchedule(r.Loan.Terms())
		if err != nil {
			return err
		}
		if r.LoanBalance, err = schedule.BalanceOn(r.Last); err != nil {
			return err
		}
		in.LoanBalance = r.LoanBalance
	}
	if r.Operating, err = financials.Metrics(in); err != nil {
		return err
	}
	roll, err := q.Financials.RentRollOn(ctx, q.db, q.property, q.deal.Property.RentRollDate)
	if err != nil {
		return err
	}
	r.Roll, r.RollDate = roll.Metrics, roll.AsOf
	return nil
}

func (q *quickstart) readOffering(ctx context.Context, r *results) (err error) {
	if r.Offering, err = q.Offerings.Offering(ctx, q.db, q.offering); err != nil {
		return err
	}
	if r.Exit, err = q.readExit(ctx); err != nil {
		return err
	}
	r.Classes, err = q.Offerings.ShareClasses(ctx, q.db, q.offering)
	return err
}

func (q *quickstart) readAccounts(ctx context.Context, r *results) error {
	r.Accounts = map[id.Of[investments.Account]]*investments.Account{}
	for _, known := range q.deal.Accounts() {
		a, err := q.Accounts.Account(ctx, q.db, accountID(known))
		if err != nil {
			return err
		}
		r.Accounts[a.ID] = a
	}
	return nil
}

func (q *quickstart) readHolders(ctx context.Context, r *results) error {
	for _, investor := range q.investors() {
		h := holder{ID: investor}
		profile, err := q.Profiles.Profile(ctx, q.db, investor)
		if err != nil {
			return err
		}
		if profile.FirstName != nil {
			h.First = *profile.FirstName
		}
		if profile.LastName != nil {
			h.Last = *profile.LastName
		}
		if h.Portfolio, err = q.Reports.Portfolio(ctx, q.db, investor); err != nil {
			return err
		}
		for p, err := range q.Positions.AllPositions(ctx, q.db, investments.PositionFilter{OfferingID: &q.offering, InvestorID: &investor}) {
			if err != nil {
				return err
			}
			h.Positions = append(h.Positions, holding{Position: p, Account: r.Accounts[*p.AccountID]})
		}
		slices.SortFunc(h.Positions, func(a, b holding) int { return order(a.Account.Name, b.Account.Name, a.ShareClass, b.ShareClass) })
		for t, err := range q.Reports.AllTransactions(ctx, q.db, investor) {
			if err != nil {
				return err
			}
			h.Transactions = append(h.Transactions, t)
		}
		r.Holders = append(r.Holders, h)
	}
	slices.SortStableFunc(r.Holders, func(a, b holder) int { return order(a.Last, b.Last, a.First, b.First) })
	return nil
}

// order compares two pairs of texts, the first ones first.
func order(a1, b1, a2, b2 string) int {
	if c := cmp.Compare(a1, b1); c != 0 {
		return c
	}
	return cmp.Compare(a2, b2)
}
