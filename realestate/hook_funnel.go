package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// funnelHook keeps the funnel of an offering to what its subscriptions say.
func funnelHook(funnel *analytics.Service) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			var offering id.Of[investments.Offering]
			var who []id.Of[auth.User] // none is everybody in the offering
			switch p := e.Payload().(type) {
			case investments.SubscriptionCommitted:
				offering, who = p.OfferingID, []id.Of[auth.User]{p.InvestorID}
			case investments.SubscriptionAdmitted:
				offering, who = p.OfferingID, []id.Of[auth.User]{p.InvestorID}
			case investments.ContributionReceived:
				offering, who = p.OfferingID, []id.Of[auth.User]{p.InvestorID}
			case investments.ContributionsReceived:
				offering = p.OfferingID
			case investments.OfferingScaledBack:
				v, err := aggregateOf[investments.Offering](e)
				if err != nil {
					return err
				}
				offering = v
			default:
				continue
			}
			if err := funnel.SyncFunnel(ctx, tx, analytics.SyncFunnelParams{OfferingID: offering, UserIDs: who}); err != nil {
				return err
			}
		}
		return nil
	}
}

// aggregateOf is the id of the thing that an event happened to.
func aggregateOf[T any](e Emission) (id.Of[T], error) {
	_, text := e.Aggregate()
	return id.Parse[T](text)
}
