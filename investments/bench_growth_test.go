package investments_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// pair is a small offering and a large one of the same database, so that all that
// differs between them is their size.
type pair struct {
	*testing.B
	db           *bun.DB
	small, large *investments.Offering
	creator      id.Of[auth.User]
}

// newPair makes offerings of 100 positions and of 20,000, or of 100,000 in the large
// benchmarks.
func newPair(b *testing.B) pair {
	b.Helper()
	n, db := 20_000, pgtest.Clone(b)
	db.SetMaxOpenConns(1) // so that every verb finds the same plans kept
	if os.Getenv("FREEHOLD_BENCH_LARGE") != "" {
		n = 100_000
	}
	p := pair{B: b, db: db}
	p.large, p.creator = crowd(b, db, n)
	p.small, _ = crowd(b, db, 100)
	return p
}

// compare runs a verb n times on both in turn, on what prepare makes before, and
// reports the medians in milliseconds and their ratio.
func (p pair) compare(n int, name string, prepare func(o *investments.Offering) func(ctx context.Context) error) {
	p.Helper()
	var took [2][]time.Duration
	for range n {
		for i, o := range []*investments.Offering{p.small, p.large} {
			verb := prepare(o)
			start := time.Now()
			require.NoError(p, verb(p.Context()))
			took[i] = append(took[i], time.Since(start))
		}
	}
	small, large := percentile(took[0], 50), percentile(took[1], 50)
	p.ReportMetric(float64(small.Microseconds())/1000, name+"-small-ms")
	p.ReportMetric(float64(large.Microseconds())/1000, name+"-large-ms")
	p.ReportMetric(float64(large)/float64(small), name+"-ratio(<=1.2)")
}

// committed is a new commitment of 50,000, and its position.
func (p pair) committed(o *investments.Offering) *investments.Subscription {
	p.Helper()
	who := investor(p, p.db)
	sub, err := newService().Commitments.Commit(p.Context(), p.db, commitment(o, who, "50000"))
	require.NoError(p, err)
	return sub
}

// What one command costs in a small offering and in a large one.
func BenchmarkGrowth_positions(b *testing.B) {
	p, svc := newPair(b), newService()
	for b.Loop() {
		p.compare(40, "commit", func(o *investments.Offering) func(context.Context) error {
			c := commitment(o, investor(b, p.db), "50000")
			return func(ctx context.Context) error { _, err := svc.Commitments.Commit(ctx, p.db, c); return err }
		})
		p.compare(40, "receive", func(o *investments.Offering) func(context.Context) error {
			sub := p.committed(o)
			return func(ctx context.Context) error {
				_, err := svc.Commitments.ReceiveContribution(ctx, p.db, investments.ReceiveContributionParams{IdempotencyKey: sub.ID.String(),
					SubscriptionID: sub.ID, Amount: money.MustParse("25000"), Date: date.MustParse("2026-01-15"), ActorID: staff})
				return err
			}
		})
		p.compare(10, "balance", func(o *investments.Offering) func(context.Context) error {
			var v id.Of[investments.Position]
			require.NoError(b, p.db.NewRaw("SELECT id FROM investments.property_investments WHERE opportunity_id = ? AND status = 'funded' LIMIT 1", o.ID).Scan(b.Context(), &v))
			return func(ctx context.Context) error {
				_, err := svc.Positions.PositionBalance(ctx, p.db, v, date.MustParse("2026-02-01"))
				return err
			}
		})
	}
}
