package investments_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// The benchmarks load their tables with plain SQL, without triggers and foreign
// keys, and measure each thing beside its floor in one run on one server:
// `go test -run '^$' -bench . -benchtime 1x ./investments`. Those over a million
// rows run with FREEHOLD_BENCH_LARGE=1.

// large skips a benchmark that takes minutes unless it is asked for.
func large(b *testing.B) {
	b.Helper()
	if os.Getenv("FREEHOLD_BENCH_LARGE") == "" {
		b.Skip("minutes long; FREEHOLD_BENCH_LARGE=1 runs it")
	}
}

// number is the SQL of the id of row i of a kind (3 hexadecimal digits) in set k:
// ids grow with i, as those of the library do.
func number(kind string, k int, i string) string {
	return fmt.Sprintf("('01900000-0000-7%s-8%03x-' || lpad(to_hex(%s), 12, '0'))::uuid", kind, k, i)
}

const (
	userKind, positionKind, subscriptionKind = "0a0", "0b0", "0c0"
	transactionKind, lineKind, distribKind   = "0d0", "0e0", "0f0"
)

// run executes SQL in one transaction without triggers and foreign keys.
func run(b *testing.B, db *bun.DB, statements ...string) {
	b.Helper()
	tx, err := db.BeginTx(b.Context(), nil)
	require.NoError(b, err)
	defer func() { _ = tx.Rollback() }()
	for _, q := range append([]string{"SET LOCAL session_replication_role = replica", "SET LOCAL synchronous_commit = off"}, statements...) {
		_, err := tx.ExecContext(b.Context(), q)
		require.NoError(b, err, q)
	}
	require.NoError(b, tx.Commit())
}

// settle brings the tables to rest after a load.
func settle(b *testing.B, db *bun.DB, tables ...string) {
	b.Helper()
	for _, t := range tables {
		_, err := db.ExecContext(b.Context(), "VACUUM ANALYZE "+t)
		require.NoError(b, err)
	}
	_, err := db.ExecContext(b.Context(), "CHECKPOINT")
	require.NoError(b, err)
}

// loadUsers makes n users, the set 0.
func loadUsers(b *testing.B, db *bun.DB, n int) {
	b.Helper()
	run(b, db, fmt.Sprintf(`INSERT INTO auth.users (id, email, password_hash) SELECT %s, 'u' || i || '@example.com', '!' FROM generate_series(1, %d) i`, number(userKind, 0, "i"), n))
	settle(b, db, "auth.users")
}

// benchOffering makes an open offering in a property of its own.
func benchOffering(b *testing.B, db *bun.DB) *investments.Offering {
	b.Helper()
	hire(b, db)
	return realestatetest.Offering(b, db, func(p *investments.CreateOfferingParams) {
		p.MinimumInvestment, p.HardCap, p.ActorID = nil, amount("9000000000000"), staff
	})
}

// raw copies through the connection below db.
type raw struct {
	b  *testing.B
	db *bun.DB
}

// out reads what a query gives, in COPY's binary format.
func (r raw) out(query string, args ...any) []byte {
	r.b.Helper()
	var buf bytes.Buffer
	conn, err := r.db.Conn(r.b.Context())
	require.NoError(r.b, err)
	defer func() { _ = conn.Close() }()
	require.NoError(r.b, conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().PgConn().CopyTo(r.b.Context(), &buf, fmt.Sprintf("COPY ("+query+") TO STDOUT (FORMAT binary)", args...))
		return err
	}))
	return buf.Bytes()
}

// step is a statement of a floor; with data it is a COPY.
type step struct {
	sql  string
	data []byte
}

// time runs steps in one transaction and measures them.
func (r raw) time(steps ...step) took {
	r.b.Helper()
	return measure(r.b, r.db, func() { r.steps(steps) })
}

func (r raw) steps(steps []step) {
	r.b.Helper()
	conn, err := r.db.Conn(r.b.Context())
	require.NoError(r.b, err)
	defer func() { _ = conn.Close() }()
	require.NoError(r.b, conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn().PgConn()
		if _, err := pg.Exec(r.b.Context(), "BEGIN").ReadAll(); err != nil {
			return err
		}
		for _, s := range steps {
			var err error
			if s.data == nil {
				_, err = pg.Exec(r.b.Context(), s.sql).ReadAll()
			} else {
				_, err = pg.CopyFrom(r.b.Context(), bytes.NewReader(s.data), s.sql)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", s.sql, err)
			}
		}
		_, err := pg.Exec(r.b.Context(), "COMMIT").ReadAll()
		return err
	}))
}

// took is how long something took, and how much processor time this process and
// the server's connections to the database spent on it: what a busy machine does
// not change.
type took struct{ wall, cpu time.Duration }

func measure(b *testing.B, db *bun.DB, fn func()) took {
	b.Helper()
	start, spent := time.Now(), pgtest.ProcessorTime(b, db)
	fn()
	return took{time.Since(start), pgtest.ProcessorTime(b, db) - spent}
}

// least returns the smaller of two measurements, each for itself.
func (t took) least(u took) took {
	if t == (took{}) {
		return u
	}
	return took{min(t.wall, u.wall), min(t.cpu, u.cpu)}
}

// against reports a measurement beside its floor, and the time for a row beside
// that of a smaller run, which it remembers.
func (t took) against(b *testing.B, floor took, limit string, n int, perRow map[int]float64) {
	b.Helper()
	b.ReportMetric(t.wall.Seconds(), "s")
	b.ReportMetric(floor.wall.Seconds(), "floor-s")
	b.ReportMetric(float64(t.wall)/float64(floor.wall), "ratio("+limit+")")
	each := t.wall
	if floor.cpu > 0 {
		each = t.cpu
		b.ReportMetric(t.cpu.Seconds(), "cpu-s")
		b.ReportMetric(floor.cpu.Seconds(), "floor-cpu-s")
		b.ReportMetric(float64(t.cpu)/float64(floor.cpu), "cpu-ratio("+limit+")")
	}
	perRow[n] = float64(each) / float64(n)
	if least := slices.Min(slices.Collect(maps.Keys(perRow))); least < n {
		b.ReportMetric(perRow[n]/perRow[least], "per-row-growth(~1)")
	}
}

// percentile returns the p-th percentile of durations.
func percentile(all []time.Duration, p float64) time.Duration {
	slices.Sort(all)
	return all[min(int(float64(len(all))*p/100), len(all)-1)]
}
