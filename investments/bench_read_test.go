package investments_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// positionColumns are the columns of a position in the order of its table, and those that
// a struct of it is read into by hand.
const positionColumns = `id, property_id, opportunity_id, investor_id, account_id, investment_amount, ownership_percentage, share_class, units,
	currency, commitment_date, funding_date, expected_exit_date, actual_exit_date, status, total_distributions, total_returns, realized_gains,
	unrealized_gains, subscription_agreement_url, operating_agreement_url, k1_documents, version, created_at, updated_at, deleted_at`

func positionFields(p *investments.Position) []any {
	return []any{(*[16]byte)(&p.ID), (*[16]byte)(&p.PropertyID), &p.OfferingID, (*[16]byte)(&p.InvestorID), &p.AccountID, &p.InvestmentAmount, &p.OwnershipPercentage, &p.ShareClass, &p.Units,
		&p.Currency, &p.CommitmentDate, &p.FundingDate, &p.ExpectedExitDate, &p.ActualExitDate, &p.Status, &p.TotalDistributions, &p.TotalReturns, &p.RealizedGains,
		&p.UnrealizedGains, &p.SubscriptionAgreementURL, &p.OperatingAgreementURL, &p.K1Documents, &p.Version, &p.CreatedAt, &p.UpdatedAt, &p.DeletedAt}
}

// shortest is the form of each type from which it is read fastest: numbers with a point as
// text, which is what amounts are read from.
var shortest = pgx.QueryResultFormatsByOID{pgtype.UUIDOID: pgx.BinaryFormatCode, pgtype.TimestamptzOID: pgx.BinaryFormatCode,
	pgtype.DateOID: pgx.BinaryFormatCode, pgtype.Int8OID: pgx.BinaryFormatCode}

// byHand reads positions as a program without the library would: by pgx, with a prepared
// statement and parameters, into the same struct.
func byHand(ctx context.Context, pool *pgxpool.Pool, query string, args ...any) ([]investments.Position, error) {
	rows, err := pool.Query(ctx, query, append([]any{shortest}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []investments.Position{}
	for rows.Next() {
		out = append(out, investments.Position{})
		if err := rows.Scan(positionFields(&out[len(out)-1])...); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}

// A position by its id, and pages of 50 of an offering's 10,000, through a service on a pool
// that may name statements and on one that may not, against the same SQL by hand. Each is read
// by one client and by sixteen, in turn with the other; a ratio is of the fastest rounds.
func BenchmarkReads(b *testing.B) {
	const n, size = 10_000, 50
	ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
	loadUsers(b, db, n)
	o := benchOffering(b, db)
	loadPages(b, db, o, n)
	cfg, err := pgxpool.ParseConfig(pgtest.DSN(b, db))
	require.NoError(b, err)
	cfg.MaxConns = 16
	plain, err := pgxpool.NewWithConfig(ctx, cfg)
	require.NoError(b, err)
	b.Cleanup(plain.Close)
	pools := map[string]*bun.DB{}
	for name, option := range map[string]string{"unnamed": "", "named": "default_query_exec_mode=cache_statement"} {
		dsn := pgtest.DSN(b, db)
		pools[name], err = realestate.OpenDB(ctx, withOption(dsn, option))
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, pools[name].Close()) })
	}
	position := func(i int) string { return fmt.Sprintf("01900000-0000-7%s-8001-%012x", positionKind, 1+i%n) }
	first, err := svc.Positions.Positions(ctx, db, investments.PositionFilter{OfferingID: &o.ID}, page.Request{Limit: size})
	require.NoError(b, err)
	last := first.Items[size-1]
	for _, read := range []struct {
		name    string
		library func(db *bun.DB, i int) (int, error)
		hand    func(i int) (int, error)
	}{
		{"point", func(db *bun.DB, i int) (int, error) {
			_, err := svc.Positions.Position(ctx, db, id.MustParse[investments.Position](position(i)))
			return 1, err
		}, func(i int) (int, error) {
			rows, err := byHand(ctx, plain, "SELECT "+positionColumns+" FROM investments.property_investments WHERE id = $1", position(i))
			return len(rows), err
		}},
		{"page", func(db *bun.DB, _ int) (int, error) {
			p, err := svc.Positions.Positions(ctx, db, investments.PositionFilter{OfferingID: &o.ID}, page.Request{Limit: size, After: first.Next})
			return len(p.Items), err
		}, func(int) (int, error) {
			rows, err := byHand(ctx, plain, "SELECT "+positionColumns+` FROM investments.property_investments WHERE deleted_at IS NULL AND opportunity_id = $1
				AND property_id = (SELECT property_id FROM investments.opportunities WHERE id = $1) AND (created_at, id) < ($2, $3)
				ORDER BY created_at DESC, id DESC LIMIT $4`, o.ID.String(), last.CreatedAt, last.ID.String(), size+1)
			return min(len(rows), size), err
		}},
	} {
		want, err := read.hand(0)
		require.NoError(b, err)
		for _, clients := range []int{1, 16} {
			for _, name := range []string{"unnamed", "named"} {
				pool := pools[name]
				b.Run(fmt.Sprintf("%s/%d clients/%s", read.name, clients, name), func(b *testing.B) {
					compare(b, db, clients, want, func(i int) (int, error) { return read.library(pool, i) }, read.hand)
				})
			}
		}
	}
}

func withOption(dsn, option string) string {
	switch {
	case option == "":
		return dsn
	case !strings.Contains(dsn, "://"):
		return dsn + " " + option
	case strings.Contains(dsn, "?"):
		return dsn + "&" + option
	}
	return dsn + "?" + option
}

// compare reads by the library and by hand in turn, and reports the fastest rounds of both and
// all of their processor time: this process's, which decodes, and the server's.
func compare(b *testing.B, db *bun.DB, clients, want int, library, hand func(i int) (int, error)) {
	const rounds, reads = 12, 64
	var wall [2][]time.Duration
	var own, all [2]time.Duration
	for round := range rounds {
		for k, read := range []func(int) (int, error){library, hand} {
			ownBefore, allBefore, start := ownTime(b), pgtest.ProcessorTime(b, db), time.Now()
			var wg sync.WaitGroup
			for c := range clients {
				wg.Go(func() {
					for i := range reads / clients {
						got, err := read(c*reads + i)
						if err != nil || got != want {
							b.Errorf("%d rows: %v", got, err)
							return
						}
					}
				})
			}
			wg.Wait()
			if round > 0 { // the first one connects
				wall[k] = append(wall[k], time.Since(start))
				own[k] += ownTime(b) - ownBefore
				all[k] += pgtest.ProcessorTime(b, db) - allBefore
			}
		}
	}
	ours, theirs := slices.Min(wall[0]), slices.Min(wall[1])
	b.ReportMetric(float64(ours.Microseconds())/reads, "us/read")
	b.ReportMetric(float64(theirs.Microseconds())/reads, "by-hand-us/read")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio(<=1.3)")
	b.ReportMetric(float64(own[0])/float64(own[1]), "own-cpu-ratio(<=1.3)")
	b.ReportMetric(float64(all[0])/float64(all[1]), "cpu-ratio(<=1.3)")
}

// ownTime is the processor time of this process.
func ownTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
