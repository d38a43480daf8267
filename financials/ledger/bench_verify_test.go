package ledger_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// Proving a book of many postings in journals of two lines, all of it sealed, from
// nothing, and then what a thousand more journals add. FREEHOLD_BENCH_LARGE=1 takes a
// million postings.
func BenchmarkVerify(b *testing.B) {
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 50)
	ctx := b.Context()
	n := 50_000
	if os.Getenv("FREEHOLD_BENCH_LARGE") != "" {
		n = 500_000
	}
	post := func(n int) {
		for done := 0; done < n; done += 1000 {
			batch := make([]ledger.PostParams, 1000)
			for i := range batch {
				batch[i] = transfer(book, accounts[i%50], accounts[(i+1)%50])
				batch[i].Entries = append(batch[i].Entries, ledger.Entry{Debit: accounts[(i+7)%50], Credit: accounts[(i+3)%50], Amount: batch[i].Entries[0].Amount})
			}
			_, err := svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: batch})
			require.NoError(b, err)
		}
	}
	sealAll := func() {
		for {
			s, err := svc.Seal(ctx, db, ledger.SealParams{BookID: book.ID})
			require.NoError(b, err)
			if s == nil {
				return
			}
		}
	}
	post(n)
	start := time.Now()
	sealAll()
	b.ReportMetric(time.Since(start).Seconds(), "s/seal")
	for b.Loop() {
		start := time.Now()
		r, err := svc.Verify(ctx, db, book.ID)
		require.NoError(b, err)
		require.True(b, r.OK())
		b.ReportMetric(time.Since(start).Seconds(), "s/whole")
		_, err = proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: *r.Mark})
		require.NoError(b, err)
		post(1000)
		sealAll()
		start = time.Now()
		r, err = proofs.VerifyNew(ctx, db, ledger.VerifyNewParams{BookID: book.ID})
		require.NoError(b, err)
		require.True(b, r.OK(), "%+v", r.Findings)
		b.ReportMetric(time.Since(start).Seconds(), "s/new")
	}
}
