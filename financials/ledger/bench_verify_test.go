package ledger_test

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
)

// Proving books of many postings in journals of two lines, all of them sealed, from
// nothing, and then what a thousand more journals of a book add: all in one book, which one call
// proves, and in four, which two calls at once prove. FREEHOLD_BENCH_LARGE=1 takes ten million
// postings, which takes half an hour and 12 GB of disk for each.
//
// Before that a posting in the middle is damaged, which has to be found: a proof that did
// not read it would be fast, too.
func BenchmarkVerify(b *testing.B) {
	postings := 400_000
	if os.Getenv("FREEHOLD_BENCH_LARGE") != "" {
		postings = 10_000_000
	}
	for _, books := range []int{1, 4} {
		b.Run(fmt.Sprintf("books=%d", books), func(b *testing.B) {
			for b.Loop() {
				benchVerify(b, books, postings/2/books)
			}
		})
	}
}

func benchVerify(b *testing.B, books, journals int) {
	b.Helper()
	ctx, db := b.Context(), pgtest.Clone(b)
	all := make([]*loadedBook, books)
	start := time.Now()
	for i := range all {
		all[i] = newLoadedBook(b, db, i)
		all[i].add(b, db, journals)
	}
	b.ReportMetric(time.Since(start).Seconds(), "s/load")
	start = time.Now()
	for _, l := range all {
		l.seal(b, db)
	}
	b.ReportMetric(time.Since(start).Seconds(), "s/seal")
	_, err := db.ExecContext(ctx, "VACUUM ANALYZE")
	require.NoError(b, err)
	_, err = db.ExecContext(ctx, "CHECKPOINT")
	require.NoError(b, err)
	findsDamage(b, db, all[books-1])
	for workers := range min(books, 2) {
		start, spent, stop := time.Now(), pgtest.ProcessorTime(b, db), pgtest.Peak()
		reports := proved(b, db, all, workers+1)
		suffix := fmt.Sprintf("/whole-%d", workers+1)
		b.ReportMetric(stop(), "MB"+suffix)
		b.ReportMetric(time.Since(start).Seconds(), "s"+suffix)
		b.ReportMetric((pgtest.ProcessorTime(b, db) - spent).Seconds(), "cpu-s"+suffix)
		if workers+1 < min(books, 2) {
			continue
		}
		for _, r := range reports {
			_, err := proofs.KeepMark(ctx, db, ledger.KeepMarkParams{Mark: *r.Mark})
			require.NoError(b, err)
		}
	}
	var added []float64
	for range 5 {
		added = append(added, benchVerifyNew(b, db, all[0]))
	}
	slices.Sort(added)
	b.ReportMetric(added[2], "s/new")
}

// benchVerifyNew is how many seconds the proof takes of what a thousand journals more add, whose mark
// it keeps.
func benchVerifyNew(b *testing.B, db *bun.DB, l *loadedBook) float64 {
	b.Helper()
	l.add(b, db, 1000)
	l.seal(b, db)
	start := time.Now()
	r, err := proofs.VerifyNew(b.Context(), db, ledger.VerifyNewParams{BookID: l.id})
	took := time.Since(start).Seconds()
	require.NoError(b, err)
	require.True(b, r.OK(), "%+v", r.Findings)
	require.EqualValues(b, l.loaded, r.Sealed)
	_, err = proofs.KeepMark(b.Context(), db, ledger.KeepMarkParams{Mark: *r.Mark})
	require.NoError(b, err)
	return took
}

// proved proves all books from nothing, so many at once.
func proved(b *testing.B, db *bun.DB, all []*loadedBook, workers int) []*ledger.Report {
	b.Helper()
	reports, next := make([]*ledger.Report, len(all)), make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				r, err := all[i].svc.Verify(b.Context(), db, all[i].id)
				if err != nil {
					b.Error(err)
				}
				reports[i] = r
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wg.Wait()
	for i, r := range reports {
		require.NotNil(b, r)
		require.True(b, r.OK(), "%+v", r.Findings)
		require.EqualValues(b, all[i].loaded, r.Sealed)
	}
	return reports
}

// findsDamage changes a cent in the middle of a book, and sees that a proof names the
// journal and its account's balance; then it takes the change back.
func findsDamage(b *testing.B, db *bun.DB, l *loadedBook) {
	b.Helper()
	ctx := b.Context()
	err := store(ctx, db, func(tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "SET LOCAL session_replication_role = replica")
		require.NoError(b, err)
		var damaged string
		require.NoError(b, tx.NewRaw("SELECT id FROM financials.journals WHERE book_id = ? AND idempotency_key = ?", l.id, fmt.Sprint("k", l.loaded/2)).Scan(ctx, &damaged))
		res, err := tx.ExecContext(ctx, "UPDATE financials.postings SET amount = amount + 0.01 WHERE book_id = ? AND journal_id = ? AND line = 2", l.id, damaged)
		require.NoError(b, err)
		n, err := res.RowsAffected()
		require.NoError(b, err)
		require.EqualValues(b, 1, n)
		r, err := l.svc.Verify(ctx, tx, l.id)
		require.NoError(b, err)
		require.Nil(b, r.Mark)
		require.Equal(b, []string{"journal_content", "balance", "balance"}, codes(r), "%+v", r.Findings)
		require.Equal(b, damaged, r.Findings[0].Row)
		return errUndo
	})
	require.ErrorIs(b, err, errUndo)
}
