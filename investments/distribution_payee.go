package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PayeeTotal is what one command paid one investor out of a distribution, over
// all of their positions.
type PayeeTotal struct {
	InvestorID id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	OfferingID id.Of[Offering]  `bun:"opportunity_id" json:"offering_id"`
	Currency   string           `bun:"currency" json:"currency"`
	Gross      money.Amount     `bun:"gross" json:"gross"`
	Withheld   money.Amount     `bun:"withheld" json:"withheld"`
	Net        money.Amount     `bun:"net" json:"net"`
}

// PayeeTotals sums up what the payments of one command came to, for each investor
// who holds a position, in the order of their ids. Promote and fees are in none;
// who was paid nothing is left out.
func (s *Distributions) PayeeTotals(ctx context.Context, db bun.IDB, distribution id.Of[Distribution], command id.Of[ledger.Command]) ([]PayeeTotal, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []PayeeTotal{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT dl.investor_id, d.opportunity_id, d.currency, sum(dl.distribution_amount) AS gross,
			sum(dl.tax_withholding) AS withheld, sum(dl.net_distribution) AS net
		FROM investments.investor_distributions dl JOIN investments.distributions d ON d.id = dl.distribution_id
		WHERE dl.distribution_id = ? AND dl.investment_id IS NOT NULL
			AND dl.id IN (SELECT t.distribution_line_id FROM investments.transactions t WHERE t.command_id = ?)
		GROUP BY 1, 2, 3 HAVING sum(dl.distribution_amount) > 0 OR sum(dl.net_distribution) > 0 ORDER BY 1`, distribution, command), &out)
	return out, store.Err(err, constraints)
}

// PayeeDebt is what a distribution that was reversed, or that billed, means for one
// investor, over all of their positions.
type PayeeDebt struct {
	InvestorID id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	OfferingID id.Of[Offering]  `bun:"opportunity_id" json:"offering_id"`
	Currency   string           `bun:"currency" json:"currency"`
	Gross      money.Amount     `bun:"gross" json:"gross"` // of the lines
	Owed       money.Amount     `bun:"owed" json:"owed"`   // of it, net of tax; what has been settled since is not counted
}

// PayeeDebts sums up what the lines of a distribution mean for each investor who holds
// a position, in the order of their ids: those of a reversed one, or of one that stands
// those that it billed. Promote and fees are in none.
func (s *Distributions) PayeeDebts(ctx context.Context, db bun.IDB, distribution id.Of[Distribution]) ([]PayeeDebt, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	out := []PayeeDebt{}
	err = store.Read(ctx, db, db.NewRaw(`SELECT dl.investor_id, d.opportunity_id, d.currency, sum(dl.distribution_amount) AS gross,
			COALESCE(sum(abs(dl.net_distribution)) FILTER (WHERE dl.payment_date IS NOT NULL), 0) AS owed
		FROM investments.investor_distributions dl JOIN investments.distributions d ON d.id = dl.distribution_id
		WHERE dl.distribution_id = ? AND dl.investment_id IS NOT NULL AND dl.owed_back
		GROUP BY 1, 2, 3 ORDER BY 1`, distribution), &out)
	return out, store.Err(err, constraints)
}
