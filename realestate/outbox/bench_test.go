package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// One relay with a handler that does nothing, over 20,000 events of one aggregate, of
// 2,000 and of 20,000; beside a statement by statement delivery of 500 of them,
// which is how a relay marks that may try each event only once.
func BenchmarkRelay(b *testing.B) {
	const events = 20_000
	for name, each := range map[string]int{"one aggregate": events, "2,000 aggregates": 10, "20,000 aggregates": 1} {
		b.Run(name, func(b *testing.B) {
			ctx, db := b.Context(), pgtest.Clone(b)
			filled := 0
			fill := func() {
				_, err := db.NewRaw(`INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor)
					SELECT 'x', md5(((n - 1) / ?0)::text)::uuid, ?2 + (n - 1) % ?0 + 1, 'x', '{}', 'job' FROM generate_series(1, ?1) AS n`, each, events, filled*each).Exec(ctx)
				require.NoError(b, err)
				filled++
			}
			for b.Loop() {
				fill()
				start := time.Now()
				res, err := outbox.Relay{}.Drain(ctx, db, func(context.Context, outbox.Message) error { return nil })
				require.NoError(b, err)
				require.Equal(b, events, res.Delivered)
				rate := events / time.Since(start).Seconds()
				fill()
				start, n := time.Now(), 0
				single, stop := context.WithCancel(ctx)
				_, err = outbox.Relay{MaxAttempts: 1}.Drain(single, db, func(context.Context, outbox.Message) error {
					if n++; n == 500 {
						stop()
					}
					return nil
				})
				require.ErrorIs(b, err, context.Canceled)
				ones := float64(n) / time.Since(start).Seconds()
				b.ReportMetric(rate, "events/s")
				b.ReportMetric(ones, "one-by-one/s")
				b.ReportMetric(rate/ones, "ratio")
				stop()
			}
		})
	}
}
