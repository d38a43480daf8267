package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/communications"
)

// paymentNoticeHook notifies each investor who was paid, once per command and
// whatever number of positions they have: a notification of the type
// distribution_paid. Its texts name nobody; its data says which distribution, how
// much, and what was withheld of it.
func paymentNoticeHook(distributions *investments.Distributions, notices *communications.Service) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			paid, ok := e.Payload().(investments.PaymentsConfirmed)
			if !ok {
				continue
			}
			distribution, err := aggregateOf[investments.Distribution](e)
			if err != nil {
				return err
			}
			payees, err := distributions.PayeeTotals(ctx, tx, distribution, paid.CommandID)
			if err != nil {
				return err
			}
			list := make([]communications.NotifyParams, len(payees))
			action := communications.ActionViewInvestment
			for i, payee := range payees {
				list[i] = communications.NotifyParams{UserID: payee.InvestorID, Type: communications.NotifyDistribution, Title: "Distribution paid",
					Message: "A distribution was paid on " + paid.Date.String() + ".", ActionType: &action,
					ActionData: map[string]any{"offering_id": payee.OfferingID, "distribution_id": distribution, "payment_date": paid.Date,
						"currency": payee.Currency, "amount": payee.Gross, "withheld": payee.Withheld, "net": payee.Net}}
			}
			if _, err := notices.NotifyAll(ctx, tx, list); err != nil {
				return err
			}
		}
		return nil
	}
}
