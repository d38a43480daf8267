package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// results is the deal as the database tells it, everything that the summary,
// the report and the statements say.
type results struct {
	Property    *properties.Property
	First, Last date.Date // of the statements
	Operating   financials.OperatingMetrics
	Roll        financials.RollMetrics
	RollDate    date.Date
	Loan        *financials.Loan // nil without debt
	LoanBalance money.Amount     // on Last

	Offering      *investments.Offering
	Classes       []investments.ShareClass
	Holders       []holder // by name
	Distributions []payout // by date
	AsOf          date.Date
	Verified      int
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

// holding is a position with the account that holds it.
type holding struct {
	investments.Position
	Account *investments.Account
}

// payout is a distribution with its lines and what they were weighted by.
type payout struct {
	*investments.Distribution
	Lines   []investments.DistributionLine
	Basis   string // units or capital
	Weights map[id.Of[investments.Position]]decimal.Decimal
	Whole   decimal.Decimal // the sum of the weights
}

// weight formats a weight, which is a number of units or of dollars.
func (d *payout) weight(w decimal.Decimal) string {
	if d.Basis == "units" {
		return screen.Units(&w) + " units"
	}
	return screen.Price(w)
}

// read collects the results.
func (q *quickstart) read(ctx context.Context) (*results, error) {
	r := &results{AsOf: q.asOf(), Verified: q.verified}
	for _, part := range []func(context.Context, *results) error{q.readProperty, q.readOffering, q.readHolders, q.readPayouts} {
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
	stated, err := q.Financials.Statements(ctx, q.db, q.property, r.First, r.Last)
	if err != nil {
		return err
	}
	parts := make([]financials.OperatingStatement, len(stated))
	for i := range stated {
		if parts[i], err = stated[i].Operating(); err != nil {
			return err
		}
	}
	in := financials.MetricsInput{Value: *r.Property.PurchasePrice}
	if in.Statement, err = financials.SumStatements(parts); err != nil {
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
	if r.Offering, err = q.Investments.Offering(ctx, q.db, q.offering); err != nil {
		return err
	}
	r.Classes, err = q.Investments.ShareClasses(ctx, q.db, q.offering)
	return err
}

func (q *quickstart) readHolders(ctx context.Context, r *results) error {
	for _, investor := range q.investors() {
		h := holder{ID: investor}
		profile, err := q.Users.Profile(ctx, q.db, investor)
		if err != nil {
			return err
		}
		if profile.FirstName != nil {
			h.First = *profile.FirstName
		}
		if profile.LastName != nil {
			h.Last = *profile.LastName
		}
		if h.Portfolio, err = q.Investments.Portfolio(ctx, q.db, investor); err != nil {
			return err
		}
		for p, err := range q.Investments.AllPositions(ctx, q.db, investments.PositionFilter{OfferingID: &q.offering, InvestorID: &investor}) {
			if err != nil {
				return err
			}
			account, err := q.Investments.Account(ctx, q.db, *p.AccountID)
			if err != nil {
				return err
			}
			h.Positions = append(h.Positions, holding{p, account})
		}
		slices.SortFunc(h.Positions, func(a, b holding) int { return order(a.Account.Name, b.Account.Name, a.ShareClass, b.ShareClass) })
		for t, err := range q.Investments.AllTransactions(ctx, q.db, investor) {
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

func (q *quickstart) readPayouts(ctx context.Context, r *results) error {
	for d, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.Distribution], error) {
		return q.Investments.Distributions(ctx, q.db, q.offering, p)
	}) {
		if err != nil {
			return err
		}
		out := payout{Distribution: &d}
		for l, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.DistributionLine], error) {
			return q.Investments.DistributionLines(ctx, q.db, d.ID, p)
		}) {
			if err != nil {
				return err
			}
			out.Lines = append(out.Lines, l)
		}
		if err := q.readWeights(ctx, &out); err != nil {
			return err
		}
		r.Distributions = append(r.Distributions, out)
	}
	slices.SortFunc(r.Distributions, func(a, b payout) int { return a.DistributionDate.Compare(b.DistributionDate) })
	return nil
}

// readWeights reads the inputs that were frozen with a distribution.
func (q *quickstart) readWeights(ctx context.Context, d *payout) error {
	c, err := q.Investments.Calculation(ctx, q.db, d.ID)
	if err != nil {
		return err
	}
	var inputs struct {
		Basis     string `json:"basis"`
		Positions []struct {
			Position id.Of[investments.Position] `json:"position"`
			Weight   decimal.Decimal             `json:"weight"`
		} `json:"positions"`
	}
	if err := json.Unmarshal(c.Inputs, &inputs); err != nil {
		return fmt.Errorf("the inputs of the distribution of %s: %w", d.DistributionDate, err)
	}
	d.Basis, d.Weights = inputs.Basis, map[id.Of[investments.Position]]decimal.Decimal{}
	for _, p := range inputs.Positions {
		d.Weights[p.Position] = p.Weight
		d.Whole = d.Whole.Add(p.Weight)
	}
	return nil
}

// order compares two pairs of texts, the first ones first.
func order(a1, b1, a2, b2 string) int {
	if c := cmp.Compare(a1, b1); c != 0 {
		return c
	}
	return cmp.Compare(a2, b2)
}
