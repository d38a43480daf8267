package investments_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

// What a position takes on the disk with its investor, its contribution and four distributions
// that were declared by terms, approved and paid, tables and indexes together: where nothing
// is vacuumed before the end, and where it is after each distribution, as a server does by itself in
// the quarter between two. The journals of the contributions are not there. The log (-v) has the
// ten largest parts.
func BenchmarkPositionBytes(b *testing.B) {
	for _, vacuum := range []bool{false, true} {
		b.Run(fmt.Sprint("vacuum=", vacuum), func(b *testing.B) {
			for b.Loop() {
				benchPositionBytes(b, 20_000, vacuum)
			}
		})
	}
}

func benchPositionBytes(b *testing.B, n int, vacuum bool) {
	b.Helper()
	ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
	_, empty := pgtest.Sizes(b, db)
	bytes := func(what string) {
		all, sum := pgtest.Sizes(b, db)
		b.ReportMetric(float64(sum-empty)/float64(n), "bytes/position-"+what)
		b.Log(what)
		pgtest.LogSizes(b, all, n)
	}
	o, creator := crowd(b, db, n)
	approver := investor(b, db)
	bytes("funded")
	for i, month := range []string{"01", "02", "03", "04"} {
		d, err := svc.Distributions.Declare(ctx, db, declaration(o, fmt.Sprint("q", i), "2026-"+month+"-15", fmt.Sprint(n*500), creator))
		require.NoError(b, err)
		_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		require.NoError(b, err)
		_, err = svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: fmt.Sprint("pay", i), DistributionID: d.ID, Date: date.MustParse("2026-" + month + "-16"),
			Method: investments.PayACH, Reference: "batch", ActorID: staff})
		require.NoError(b, err)
		if vacuum {
			_, err := db.ExecContext(ctx, "VACUUM ANALYZE")
			require.NoError(b, err)
		}
	}
	bytes("written")
	_, err := db.ExecContext(ctx, "VACUUM ANALYZE")
	require.NoError(b, err)
	bytes("vacuumed")
}
