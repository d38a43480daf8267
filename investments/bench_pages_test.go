package investments_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// loadPages makes n positions and subscriptions of one offering, n lines of one
// distribution and n transactions of one investor.
func loadPages(b *testing.B, db *bun.DB, o *investments.Offering, n int) (id.Of[investments.Distribution], id.Of[auth.User]) {
	b.Helper()
	one := id.MustParse[auth.User]("01900000-0000-7" + userKind + "-8000-000000000001")
	d := id.MustParse[investments.Distribution]("01900000-0000-7" + distribKind + "-8001-000000000001")
	run(b, db,
		fmt.Sprintf(`INSERT INTO investments.property_investments (id, property_id, opportunity_id, investor_id, investment_amount, commitment_date, funding_date, status, created_at)
			SELECT %s, '%s', '%s', %s, 1000, '2026-01-10', '2026-01-15', 'funded', '2026-01-10'::timestamptz + i / 10 * interval '1 second' FROM generate_series(1, %d) i`,
			number(positionKind, 1, "i"), o.PropertyID, o.ID, number(userKind, 0, "i"), n),
		fmt.Sprintf(`INSERT INTO investments.subscriptions (id, opportunity_id, investor_id, investment_id, requested_amount, amount, received, called, status, commitment_date, created_at)
			SELECT %s, '%s', %s, %s, 1000, 1000, 1000, 1000, 'funded', '2026-01-10', '2026-01-10'::timestamptz + i / 10 * interval '1 second' FROM generate_series(1, %d) i`,
			number(subscriptionKind, 1, "i"), o.ID, number(userKind, 0, "i"), number(positionKind, 1, "i"), n),
		fmt.Sprintf(`INSERT INTO investments.distributions (id, property_id, opportunity_id, distribution_type, distribution_date, payment_date, total_amount, status)
			VALUES ('%s', '%s', '%s', 'quarterly', '2026-04-15', '2026-04-15', %d, 'pending')`, d, o.PropertyID, o.ID, n),
		fmt.Sprintf(`INSERT INTO investments.investor_distributions (id, distribution_id, property_id, investor_id, investment_id, distribution_amount, net_distribution)
			SELECT %s, '%s', '%s', %s, %s, 1, 1 FROM generate_series(1, %d) i`, number(lineKind, 1, "i"), d, o.PropertyID, number(userKind, 0, "i"), number(positionKind, 1, "i"), n),
		fmt.Sprintf(`INSERT INTO investments.transactions (id, investor_id, investment_id, type, amount, effective_date, status, completed_at)
			SELECT %s, '%s', '%s', 'distribution', 1, '2000-01-01'::date + i / 100, 'completed', now() FROM generate_series(1, %d) i`,
			number(transactionKind, 1, "i"), one, "01900000-0000-7"+positionKind+"-8001-000000000001", n))
	settle(b, db, "investments.property_investments", "investments.subscriptions", "investments.investor_distributions", "investments.transactions")
	return d, one
}

// Page 1 against page 9,000 of the long lists, 100 rows each: the median of
// many readings of both in turn.
func BenchmarkPages(b *testing.B) {
	large(b)
	const n, deep = 1_000_000, 9_000
	ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
	loadUsers(b, db, n)
	o := benchOffering(b, db)
	d, one := loadPages(b, db, o, n)
	// The row before page 9,000 of a list from the first or from the last number.
	last := func(kind string, newest bool) string {
		i := (deep - 1) * 100
		if newest {
			i = n + 1 - i
		}
		return fmt.Sprintf("01900000-0000-7%s-8001-%012x", kind, i)
	}
	at := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC).Add(time.Duration((n+1-(deep-1)*100)/10) * time.Second).Format("2006-01-02T15:04:05.000000Z")
	newestFirst := func(kind string) page.Cursor { return page.Encode(at, last(kind, true)) }
	day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, (deep-1)*100/100).Format("2006-01-02")
	read := func(items int, next page.Cursor, err error) error {
		require.Equal(b, 100, items)
		require.NotEmpty(b, next)
		return err
	}
	for _, list := range []struct {
		name  string
		after page.Cursor
		read  func(page.Request) error
	}{
		{"positions", newestFirst(positionKind), func(r page.Request) error {
			p, err := svc.Positions.Positions(ctx, db, investments.PositionFilter{OfferingID: &o.ID}, r)
			return read(len(p.Items), p.Next, err)
		}},
		{"all positions", newestFirst(positionKind), func(r page.Request) error {
			p, err := svc.Positions.Positions(ctx, db, investments.PositionFilter{}, r)
			return read(len(p.Items), p.Next, err)
		}},
		{"subscriptions", newestFirst(subscriptionKind), func(r page.Request) error {
			p, err := svc.Commitments.Subscriptions(ctx, db, investments.SubscriptionFilter{OfferingID: &o.ID}, r)
			return read(len(p.Items), p.Next, err)
		}},
		{"lines", page.Encode(last(lineKind, false)), func(r page.Request) error {
			p, err := svc.Distributions.DistributionLines(ctx, db, d, r)
			return read(len(p.Items), p.Next, err)
		}},
		{"transactions", page.Encode(day, last(transactionKind, false)), func(r page.Request) error {
			p, err := svc.Reports.Transactions(ctx, db, one, r)
			return read(len(p.Items), p.Next, err)
		}},
	} {
		b.Run(list.name, func(b *testing.B) {
			took := [2][]time.Duration{}
			for range 200 {
				for i, r := range []page.Request{{Limit: 100}, {Limit: 100, After: list.after}} {
					start := time.Now()
					require.NoError(b, list.read(r))
					took[i] = append(took[i], time.Since(start))
				}
			}
			first, far := percentile(took[0], 50), percentile(took[1], 50)
			b.ReportMetric(float64(first.Microseconds())/1000, "page1-ms")
			b.ReportMetric(float64(far.Microseconds())/1000, "page9000-ms")
			b.ReportMetric(float64(far)/float64(first), "ratio(<=1.3)")
		})
	}
}
