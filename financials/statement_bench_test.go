package financials_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// The trailing twelve months of 1,000 properties with five years of statements, beside a
// raw query of two of the lines.
func BenchmarkTrailingStatements_1000(b *testing.B) {
	db, ctx, svc := pgtest.Clone(b), b.Context(), newService()
	realestatetest.Property(b, db)
	for _, q := range []string{
		`INSERT INTO properties.properties (property_name, slug, address_line1, city, state, zip_code, total_units) SELECT 'Home', 'home-' || n, '1 Elm St', 'Columbus', 'OH', '43004', 1 FROM generate_series(1, 999) n`,
		`INSERT INTO financials.property_income (property_id, period_start, period_end, gross_rental_income, vacancy_loss) SELECT p.id, m, m + interval '1 month' - interval '1 day', 10000, 500
			FROM properties.properties p, generate_series('2021-01-01'::date, '2025-12-01', '1 month') m`,
		`INSERT INTO financials.property_expenses (property_id, period_start, period_end, payroll, utilities) SELECT p.id, m, m + interval '1 month' - interval '1 day', 2000, 300
			FROM properties.properties p, generate_series('2021-01-01'::date, '2025-12-01', '1 month') m`,
		`ANALYZE`,
	} {
		_, err := db.ExecContext(ctx, q)
		require.NoError(b, err)
	}
	var ids []id.Of[properties.Property]
	require.NoError(b, db.NewRaw("SELECT id FROM properties.properties ORDER BY id").Scan(ctx, &ids))
	require.Len(b, ids, 1000)
	named := store.TextArray(ids, func(v *id.Of[properties.Property]) string { return v.String() })
	p := financials.TrailingStatementsParams{PropertyIDs: ids, Month: date.MustParse("2025-12-31")}
	var ours, raw []time.Duration
	for b.Loop() {
		start := time.Now()
		list, err := svc.TrailingStatements(ctx, db, p)
		ours = append(ours, time.Since(start))
		require.NoError(b, err)
		require.Equal(b, "120000.00", list[999].Statement.Income.GrossRentalIncome.String())
		start = time.Now()
		sums, err := store.Rows[struct {
			ID     id.Of[properties.Property] `bun:"property_id"`
			Income string                     `bun:"income"`
		}](ctx, db, `SELECT i.property_id, sum(i.gross_rental_income - i.vacancy_loss - e.payroll - e.utilities)::text AS income FROM financials.property_income i
			JOIN financials.property_expenses e USING (property_id, period_start, period_end, accounting_basis)
			WHERE i.property_id = ANY ($1::uuid[]) AND i.superseded_at IS NULL AND e.superseded_at IS NULL AND i.accounting_basis = 'accrual'
				AND i.period_start >= '2025-01-01' AND i.period_end <= '2025-12-31' GROUP BY i.property_id`, named)
		raw = append(raw, time.Since(start))
		require.NoError(b, err)
		require.Len(b, sums, 1000)
	}
	mean := func(d []time.Duration) (ms float64) {
		for _, x := range d {
			ms += x.Seconds() * 1000 / float64(len(d))
		}
		return ms
	}
	b.ReportMetric(mean(ours), "ms/t12")
	b.ReportMetric(mean(raw), "ms/raw")
}
