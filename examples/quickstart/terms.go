package main

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
)

// setTerms puts the waterfall in force from the day that the offering opens.
// The file names accounts, the platform knows them by their ids.
func (q *quickstart) setTerms(ctx context.Context) (string, error) {
	if q.deal.Terms == nil {
		q.steps.Advance()
		return "none, distributions are pro rata", nil
	}
	var v *investments.TermsVersion
	err := q.do(ctx, func(tx bun.IDB) (err error) {
		v, err = q.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{
			OfferingID: q.offering, EffectiveDate: q.deal.Offering.Open, ActorID: q.user(q.deal.Offering.Manager),
			Terms: q.deal.TermsWith(func(a *deal.Account) string { return accountID(a).String() }),
		})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", deal.TermsFile, err)
	}
	return q.said(q.fresh(&v.CreatedAt), fmt.Sprintf("version %d: %d steps for operating cash, %d for capital", v.Version,
		len(q.deal.Terms.List(waterfall.Operating)), len(q.deal.Terms.List(waterfall.Sale)))), nil
}
