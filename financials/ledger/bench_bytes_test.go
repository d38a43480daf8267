package ledger_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// What a posting takes on the disk, tables and indexes together: 200,000 journals of two legs,
// a day's thousand after another, as PostBatch writes them, and the same lines in journals of a
// thousand, as a distribution's are. Each is measured as it was written, after VACUUM, and
// sealed and after VACUUM; the log (-v) has the ten largest parts.
func BenchmarkBytes(b *testing.B) {
	for _, lines := range []int{1, 1000} {
		b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
			for b.Loop() {
				benchBytes(b, 200_000, lines)
			}
		})
	}
}

func benchBytes(b *testing.B, postings, lines int) {
	b.Helper()
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 100)
	_, empty := pgtest.Sizes(b, db)
	bytes := func(what string) {
		all, sum := pgtest.Sizes(b, db)
		b.ReportMetric(float64(sum-empty)/float64(postings), "bytes/posting-"+what)
		b.Log(what)
		pgtest.LogSizes(b, all, postings)
	}
	day := date.MustParse("2026-01-05")
	for n := 0; n < postings; n += 1000 {
		batch := make([]ledger.PostParams, 1000/lines)
		for i := range batch {
			p := transfer(book, accounts[(n+i)%100], accounts[(n+i*7+1+n/1000)%100])
			if p.Entries[0].Debit == p.Entries[0].Credit {
				p.Entries[0].Credit = accounts[(n+i+50)%100]
			}
			p.EffectiveDate = day
			p.Entries[0].Subledger = id.New[ledger.Subledger]()
			for len(p.Entries) < lines {
				e := p.Entries[0]
				e.Subledger = id.New[ledger.Subledger]()
				p.Entries = append(p.Entries, e)
			}
			batch[i] = p
		}
		_, err := svc.PostBatch(b.Context(), db, ledger.PostBatchParams{Journals: batch})
		require.NoError(b, err)
		day = day.AddDays(1)
	}
	bytes("written")
	_, err := db.ExecContext(b.Context(), "VACUUM ANALYZE")
	require.NoError(b, err)
	bytes("vacuumed")
	for {
		s, err := svc.Seal(b.Context(), db, ledger.SealParams{BookID: book.ID})
		require.NoError(b, err)
		if s == nil {
			break
		}
	}
	_, err = db.ExecContext(b.Context(), "VACUUM ANALYZE")
	require.NoError(b, err)
	bytes("sealed")
}
