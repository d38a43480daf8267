package investments_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

// What follows a bulk load at once, before anybody has run ANALYZE, which test servers
// never do by themselves: microseconds for each position do not grow with the positions.
func BenchmarkAfterLoad(b *testing.B) {
	for _, n := range []int{5_000, 10_000, 20_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
				o, creator := loaded(b, db, n)
				timed := func(name string, verb func() error) {
					start := time.Now()
					require.NoError(b, verb(), name)
					b.ReportMetric(float64(time.Since(start).Microseconds())/float64(n), name+"-us/position")
				}
				p := declaration(o, "q1", "2026-01-15", "0", creator)
				p.Amount = *amount(fmt.Sprint(n * 9000))
				var d *investments.Distribution
				timed("declare", func() (err error) { d, err = svc.Distributions.Declare(ctx, db, p); return err })
				timed("approve", func() error {
					_, err := svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(b, db)})
					return err
				})
				timed("pay", func() error {
					_, err := svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "p", DistributionID: d.ID, Date: date.MustParse("2026-01-20"), Method: investments.PayACH, ActorID: staff})
					return err
				})
				p = declaration(o, "q2", "2026-04-15", "0", creator)
				p.Amount = *amount(fmt.Sprint(n * 500))
				timed("next", func() (err error) { d, err = svc.Distributions.Declare(ctx, db, p); return err })
				timed("balances", func() error {
					_, err := svc.Positions.PositionBalances(ctx, db, o.ID, date.MustParse("2026-02-01"))
					return err
				})
				timed("review", func() error { _, err := svc.Distributions.Review(ctx, db, o.ID); return err })
				timed("ownership", func() error { return svc.Positions.RefreshOwnership(ctx, db, o.ID) })
				timed("portfolios", func() error {
					return svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-02-01")})
				})
				timed("history", func() error { _, err := svc.Positions.VerifyHistory(ctx, db, o.ID); return err })
			}
		})
	}
}
