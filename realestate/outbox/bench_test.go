package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/outbox"
)

const (
	relayed = 20_000 // events that a relay delivers
	singles = 500    // events that are delivered statement by statement
)

// fillOutbox writes events of as many aggregates as each of one leave, for the n-th time,
// with ids and times that grow as those of the library's verbs do.
func fillOutbox(b *testing.B, db *bun.DB, each, n int) {
	b.Helper()
	_, err := db.NewRaw(`INSERT INTO freehold.outbox (id, aggregate_type, aggregate_id, position, type, payload, actor, available_at)
		SELECT ('01900000-0000-7' || lpad(to_hex(?2), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'x', md5((n % (?1 / ?0))::text)::uuid, ?2 * ?0 + (n - 1) / (?1 / ?0) + 1,
			'x', '{"amount": "1000.00"}', 'job', statement_timestamp() - interval '1 hour' + n * interval '1 millisecond' FROM generate_series(1, ?1) AS n`, each, relayed, n).Exec(b.Context())
	require.NoError(b, err)
}

// floorOf leases and delivers all that waits by two bare updates for each thousand, of the
// columns that a relay writes.
func floorOf(b *testing.B, db *bun.DB) float64 {
	b.Helper()
	start, n := time.Now(), 0
	for {
		var ids []string
		require.NoError(b, db.NewRaw(`UPDATE freehold.outbox SET attempts = 1, lease_owner = 'floor', lease_token = id, leased_until = statement_timestamp() + interval '1 minute',
				available_at = statement_timestamp() + interval '1 minute'
			WHERE id IN (SELECT id FROM freehold.outbox WHERE delivered_at IS NULL AND dead_at IS NULL ORDER BY available_at, id LIMIT 1000) RETURNING id`).Scan(b.Context(), &ids))
		if len(ids) == 0 {
			return float64(n) / time.Since(start).Seconds()
		}
		n += len(ids)
		_, err := db.NewRaw(`UPDATE freehold.outbox SET delivered_at = statement_timestamp(), lease_owner = NULL, lease_token = NULL, leased_until = NULL
			WHERE id = ANY (?::uuid[])`, "{"+strings.Join(ids, ",")+"}").Exec(b.Context())
		require.NoError(b, err)
	}
}

// One relay with a handler that does nothing, over 20,000 events of one aggregate, of
// 2,000 and of 20,000; beside the two bare updates of as many that leasing and marking
// them takes, and beside a delivery of 500 statement by statement, which is how a
// relay marks that may try each event only once.
func BenchmarkRelay(b *testing.B) {
	for _, each := range []int{relayed, 10, 1} {
		b.Run(fmt.Sprintf("%d of an aggregate", each), func(b *testing.B) {
			ctx, db := b.Context(), pgtest.Clone(b)
			filled := 0
			fill := func() {
				fillOutbox(b, db, each, filled)
				filled++
			}
			for b.Loop() {
				fill()
				start, spent := time.Now(), pgtest.ProcessorTime(b, db)
				res, err := outbox.Relay{}.Drain(ctx, db, func(context.Context, outbox.Message) error { return nil })
				require.NoError(b, err)
				require.Equal(b, relayed, res.Delivered)
				rate := relayed / time.Since(start).Seconds()
				b.ReportMetric(float64((pgtest.ProcessorTime(b, db)-spent).Microseconds())/relayed, "cpu-us/event")
				fill()
				floor := floorOf(b, db)
				fill()
				start, n := time.Now(), 0
				single, stop := context.WithCancel(ctx)
				_, err = outbox.Relay{MaxAttempts: 1}.Drain(single, db, func(context.Context, outbox.Message) error {
					if n++; n == singles {
						stop()
					}
					return nil
				})
				require.ErrorIs(b, err, context.Canceled)
				ones := float64(n) / time.Since(start).Seconds()
				b.ReportMetric(rate, "events/s")
				b.ReportMetric(floor, "floor/s")
				b.ReportMetric(rate/floor, "ratio")
				b.ReportMetric(ones, "one-by-one/s")
				b.ReportMetric(rate/ones, "ratio-one-by-one")
				stop()
			}
		})
	}
}
