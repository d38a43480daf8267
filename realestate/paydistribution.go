package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PayDistributionParams is a distribution to record as paid, with all that
// follows from it.
type PayDistributionParams struct {
	investments.PayParams
	// AsOf is the day that the portfolios are brought up to; nil is the day of the
	// payment.
	AsOf *date.Date
	// Notify tells each investor.
	Notify bool
}

// PayDistribution is [investments.Service.Pay]; it then brings the portfolios of
// exactly the investors with lines up to date
// ([investments.Service.RefreshTouched]), and with Notify tells each of them once,
// whatever number of positions he has: a notification of the type
// distribution_paid, whose texts name nobody and whose data says which
// distribution, how much, and what was withheld of it. All of it is one
// transaction.
//
// It locks what the verbs lock, the portfolios last, and returns what they return.
// The same key and request again change nothing.
func (p *Platform) PayDistribution(ctx context.Context, db bun.IDB, c PayDistributionParams) (*investments.Distribution, error) {
	request := c
	request.IdempotencyKey = ""
	var out *investments.Distribution
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		cmd := store.Command{Scope: p.scope, Verb: "realestate.pay_distribution", Key: c.IdempotencyKey}
		_, replay, err := store.Once(ctx, tx, cmd, request, "distribution", c.DistributionID)
		if err != nil {
			return err
		}
		if replay {
			out, err = p.Investments.Distribution(ctx, tx, c.DistributionID)
			return err
		}
		if out, err = p.Investments.Pay(ctx, tx, c.PayParams); err != nil {
			return err
		}
		asOf := c.Date
		if c.AsOf != nil {
			asOf = *c.AsOf
		}
		if err := p.Investments.RefreshTouched(ctx, tx, out.ID, asOf); err != nil || !c.Notify {
			return err
		}
		return p.tellPaid(ctx, tx, out, c.Date)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// tellPaid writes the notifications of a distribution that was paid.
func (p *Platform) tellPaid(ctx context.Context, tx bun.IDB, d *investments.Distribution, on date.Date) error {
	var paid []struct {
		InvestorID     id.Of[auth.User]
		Gross, Net     money.Amount
		TaxWithholding money.Amount `bun:"withheld"`
	}
	err := tx.NewRaw(`SELECT investor_id, sum(distribution_amount) AS gross, sum(net_distribution) AS net, sum(tax_withholding) AS withheld
		FROM investments.investor_distributions WHERE distribution_id = ? AND investment_id IS NOT NULL AND payment_status = 'completed'
		GROUP BY 1 HAVING sum(distribution_amount) > 0 ORDER BY 1`, d.ID).Scan(ctx, &paid)
	if err != nil {
		return store.Err(err, nil)
	}
	list := make([]communications.NotifyParams, len(paid))
	action := communications.ActionViewInvestment
	for i, l := range paid {
		list[i] = communications.NotifyParams{UserID: l.InvestorID, Type: communications.NotifyDistribution, Title: "Distribution paid",
			Message: "A distribution was paid on " + on.String() + ".", ActionType: &action,
			ActionData: map[string]any{"opportunity_id": d.OfferingID, "distribution_id": d.ID, "payment_date": on, "currency": d.Currency,
				"amount": l.Gross, "withheld": l.TaxWithholding, "net": l.Net}}
	}
	_, err = p.Communications.NotifyAll(ctx, tx, list)
	return err
}
