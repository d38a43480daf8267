package investments_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// loadHeld makes a funded position of each of n users in an offering, as set k,
// with its contribution and so many distributions.
func loadHeld(b *testing.B, db *bun.DB, o *investments.Offering, k, n, paid int) {
	b.Helper()
	run(b, db,
		fmt.Sprintf(`INSERT INTO investments.property_investments (id, property_id, opportunity_id, investor_id, investment_amount, units, commitment_date, funding_date, status, total_distributions)
			SELECT %s, '%s', '%s', %s, 1000 + i %% 100, 1, '2026-01-10', '2026-01-15', 'funded', 10 * %d FROM generate_series(1, %d) i`,
			number(positionKind, k, "i"), o.PropertyID, o.ID, number(userKind, 0, "i"), paid, n),
		fmt.Sprintf(`INSERT INTO investments.transactions (id, investor_id, investment_id, type, amount, effective_date, status, completed_at)
			SELECT %s, %s, %s, CASE WHEN j = 0 THEN 'investment' ELSE 'distribution' END, CASE WHEN j = 0 THEN 1000 + i %% 100 ELSE 10 END,
				('2026-01-15'::date + j * 91), 'completed', now() FROM generate_series(0, %d) j, generate_series(1, %d) i`,
			number(transactionKind, k, fmt.Sprintf("j * %d + i", n)), number(userKind, 0, "i"), number(positionKind, k, "i"), paid, n),
		fmt.Sprintf(`INSERT INTO investments.capital_movements (opportunity_id, position_id, kind, effective_date, counts_on, amount, subscription_id, line_id, book_id, journal_id)
			SELECT '%s', %s, CASE WHEN j = 0 THEN 'contribution' WHEN j > %d THEN 'distribution' ELSE 'payment' END, '2026-01-15'::date + (CASE WHEN j > %d THEN j - %d ELSE j END) * 91,
				'2026-01-15'::date + (CASE WHEN j > %d THEN j - %d ELSE j END) * 91, CASE WHEN j = 0 THEN 1000 + i %% 100 ELSE 10 END,
				CASE WHEN j = 0 THEN gen_random_uuid() END, CASE WHEN j > 0 THEN gen_random_uuid() END, '%s', gen_random_uuid()
			FROM generate_series(0, %d) j, generate_series(1, %d) i`,
			o.ID, number(positionKind, k, "i"), paid, paid, paid, paid, paid, *o.BookID, 2*paid, n))
}

// The portfolio of one investor among 250,000 with a million positions and three
// million transactions: reading it, and computing it anew.
func BenchmarkPortfolio_oneOfMillion(b *testing.B) {
	large(b)
	const users, offerings = 250_000, 4
	ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
	loadUsers(b, db, users)
	for k := range offerings {
		loadHeld(b, db, benchOffering(b, db), k+1, users, 2)
	}
	run(b, db, `INSERT INTO investments.investor_portfolios (investor_id, total_invested) SELECT investor_id, sum(investment_amount) FROM investments.property_investments GROUP BY 1`)
	settle(b, db, "investments.property_investments", "investments.capital_movements", "investments.investor_portfolios", "properties.properties")
	asOf := date.MustParse("2026-12-31")
	one := func(i int) id.Of[auth.User] {
		return id.MustParse[auth.User](fmt.Sprintf("01900000-0000-7%s-8000-%012x", userKind, 1+i*7919%users))
	}
	for name, verb := range map[string]func(int) error{
		"ping": func(int) error { _, err := db.ExecContext(ctx, "SELECT 1"); return err }, // what the machine is good for
		"read": func(i int) error { _, err := svc.Reports.Portfolio(ctx, db, one(i)); return err },
		"refresh": func(i int) error {
			return svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{InvestorIDs: []id.Of[auth.User]{one(i)}, AsOf: asOf})
		},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for i := range 2_000 {
				start := time.Now()
				require.NoError(b, verb(i))
				took = append(took, time.Since(start))
			}
			b.ReportMetric(float64(percentile(took, 50).Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(percentile(took, 99).Microseconds())/1000, "p99-ms(<5)")
		})
	}
}

// storing is how long a raw COPY takes of a distribution's lines, tiers and
// postings to n positions of set k, with every trigger and foreign key.
func storing(b *testing.B, db *bun.DB, o *investments.Offering, k, n int) (id.Of[investments.Distribution], took) {
	b.Helper()
	d := id.MustParse[investments.Distribution](fmt.Sprintf("01900000-0000-7%s-8%03x-000000000001", distribKind, k))
	run(b, db, fmt.Sprintf(`INSERT INTO investments.distributions (id, property_id, opportunity_id, distribution_type, distribution_date, payment_date, total_amount, status)
		VALUES ('%s', '%s', '%s', 'quarterly', '2026-04-15', '2026-04-15', %d, 'pending')`, d, o.PropertyID, o.ID, n))
	r := raw{b, db}
	lines := r.out("SELECT %s, '%s'::uuid, '%s'::uuid, %s, %s, 10.00::numeric(15,2), 10.00::numeric(15,2) FROM generate_series(1, %d) i", number(lineKind, k, "i"), d, o.PropertyID, number(userKind, 0, "i"), number(positionKind, k, "i"), n)
	tiers := r.out("SELECT %s, 0::smallint, 'pro_rata'::varchar, 10.00::numeric(15,2) FROM generate_series(1, %d) i", number(lineKind, k, "i"), n)
	postings := r.out(`SELECT '%s'::uuid, i, %[4]d::int, '%[2]s'::uuid, '2026-04-15'::date, (SELECT id FROM financials.accounts WHERE book_id = '%[2]s' AND code = '3100'),
		(SELECT id FROM financials.accounts WHERE book_id = '%[2]s' AND code = '2100'), 10.00::numeric(15,2), %[3]s FROM generate_series(1, %[4]d) i`, d, *o.BookID, number(positionKind, k, "i"), n)
	settle(b, db, "investments.property_investments")
	return d, r.time(
		step{"COPY investments.investor_distributions (id, distribution_id, property_id, investor_id, investment_id, distribution_amount, net_distribution) FROM STDIN (FORMAT binary)", lines},
		step{"COPY investments.distribution_tiers (line_id, tier, kind, amount) FROM STDIN (FORMAT binary)", tiers},
		step{sql: fmt.Sprintf(`INSERT INTO financials.journals (id, book_id, effective_date, actor, content_hash, line_count) VALUES ('%s', '%s', '2026-04-15', 'clerk', sha256('x'), %d)`, d, *o.BookID, n)},
		step{"COPY financials.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount, subledger_id) FROM STDIN (FORMAT binary)", postings},
	)
}

// The portfolios of all investors that a distribution touched, against storing
// it. Each has a contribution and four distributions.
func BenchmarkRefreshPortfolios(b *testing.B) {
	perRow := map[int]float64{}
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
			loadUsers(b, db, n)
			o := benchOffering(b, db)
			loadHeld(b, db, o, 1, n, 4)
			run(b, db, `INSERT INTO investments.investor_portfolios (investor_id, total_invested) SELECT investor_id, investment_amount FROM investments.property_investments`)
			settle(b, db, "investments.property_investments", "investments.transactions", "investments.investor_portfolios", "properties.properties")
			d, floor := storing(b, db, o, 1, n)
			settle(b, db, "investments.investor_distributions")
			var best took
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 2 {
				best = best.least(measure(b, db, func() {
					require.NoError(b, svc.Reports.RefreshPortfolios(ctx, db, investments.RefreshPortfoliosParams{DistributionID: new(d), AsOf: date.MustParse("2027-01-31")}))
				}))
			}
			runtime.ReadMemStats(&after)
			var done int
			require.NoError(b, db.NewRaw(`SELECT count(*) FROM investments.investor_portfolios f WHERE weighted_avg_irr BETWEEN -1 AND 1 AND total_distributions = 40
				AND current_value = total_invested AND allocation_by_state = '{"OH": "1.000000"}'`).Scan(ctx, &done))
			require.Equal(b, n, done)
			b.ReportMetric(float64(after.Sys-before.Sys)/1e6, "growth-MB")
			best.against(b, floor, "<=3", n, perRow)
		})
	}
}
