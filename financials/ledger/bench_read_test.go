package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/page"
)

// The first and the last page of a statement whose 100,000 lines are all of one
// day and one journal, and then sealing and proving that book.
func BenchmarkBook_100k(b *testing.B) {
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 2)
	ctx := b.Context()
	p := transfer(book, accounts[0], accounts[1])
	for len(p.Entries) < 100_000 {
		p.Entries = append(p.Entries, p.Entries[0])
	}
	start := time.Now()
	_, err := svc.Post(ctx, db, p)
	require.NoError(b, err)
	posting := time.Since(start).Seconds()
	_, err = db.ExecContext(ctx, "ANALYZE financials.postings, financials.journals")
	require.NoError(b, err)
	params := ledger.AccountStatementParams{AccountID: accounts[0]}
	for b.Loop() {
		b.ReportMetric(posting, "s/post")
		var cost []time.Duration
		for r := (page.Request{Limit: 100}); ; {
			start := time.Now()
			s, err := svc.AccountStatement(ctx, db, params, r)
			require.NoError(b, err)
			cost = append(cost, time.Since(start))
			if r.After = s.Lines.Next; r.After == "" {
				break
			}
		}
		require.Len(b, cost, 1000)
		mean := func(d []time.Duration) (sum float64) {
			for _, x := range d {
				sum += x.Seconds() * 1000 / float64(len(d))
			}
			return sum
		}
		first, last := mean(cost[:100]), mean(cost[900:])
		b.ReportMetric(first, "ms/page1..100")
		b.ReportMetric(last/first, "last/first")
		start := time.Now()
		report, err := svc.Verify(ctx, db, book.ID)
		require.NoError(b, err)
		require.True(b, report.OK())
		b.ReportMetric(time.Since(start).Seconds(), "s/verify")
	}
}
