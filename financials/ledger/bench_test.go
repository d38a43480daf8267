package ledger_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The benchmarks measure rates of the whole system over a fixed time, each
// beside its yardstick in one run and on one server, and report the ratio.
// `go test -run '^$' -bench . -benchtime 1x ./financials/ledger`

// window is how long each side of a ratio runs.
const window = 4 * time.Second

// benchBook is a book with accounts to spread over.
func benchBook(b *testing.B, db *bun.DB, accounts int) (*ledger.Service, *ledger.Book, []id.Of[ledger.Account]) {
	b.Helper()
	svc := ledger.NewService(ledger.Config{})
	params := ledger.OpenBookParams{Code: "bench-" + id.New[ledger.Book]().String(), Name: "Bench"}
	for i := range accounts {
		params.Accounts = append(params.Accounts, ledger.AccountParams{Code: fmt.Sprintf("%05d", i), Name: "Account", Type: ledger.Asset})
	}
	book, err := svc.OpenBook(b.Context(), db, params)
	require.NoError(b, err)
	chart, err := svc.Chart(b.Context(), db, book.ID)
	require.NoError(b, err)
	ids := make([]id.Of[ledger.Account], accounts)
	for i, a := range params.Accounts {
		ids[i] = chart[a.Code].ID
	}
	return svc, book, ids
}

// rate runs fn in n clients for the window and returns how often it ran per
// second.
func rate(b *testing.B, n int, fn func(client, i int) error) float64 {
	b.Helper()
	var done atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for c := range n {
		wg.Go(func() {
			for i := 0; time.Since(start) < window; i++ {
				if err := fn(c, i); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

func transfer(book *ledger.Book, from, to id.Of[ledger.Account]) ledger.PostParams {
	return ledger.PostParams{Actor: "clerk", ID: id.New[ledger.Journal](), BookID: book.ID, EffectiveDate: date.MustParse("2026-01-05"), Description: "transfer",
		Entries: []ledger.Entry{{Debit: to, Credit: from, Amount: money.MustParse("1.00")}}}
}

// singles is what Post does, statement by statement.
const singles = `\set d random(0, %[2]d)
\set c random(0, %[2]d)
SELECT gen_random_uuid() AS j, (SELECT id FROM financials.accounts WHERE book_id = '%[1]s' AND code = to_char(:d::int, 'FM00000')) AS da,
  (SELECT id FROM financials.accounts WHERE book_id = '%[1]s' AND code = to_char((:d::int + 1 + :c::int) %% (%[2]d + 2), 'FM00000')) AS ca \gset
BEGIN;
INSERT INTO financials.journals (id, book_id, effective_date, description, actor, content_hash, line_count, recorded_at)
  VALUES (':j', '%[1]s', '2026-01-05', 'transfer', 'clerk', '\x0000000000000000000000000000000000000000000000000000000000000000', 1, now());
INSERT INTO financials.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount)
  VALUES (':j', 1, 1, '%[1]s', '2026-01-05', ':da', ':ca', 1.00);
INSERT INTO financials.account_balances AS b (account_id, book_id, shard, debits, credits) VALUES (':da', '%[1]s', 0, 1.00, 0)
  ON CONFLICT (account_id, book_id, shard) DO UPDATE SET debits = b.debits + 1.00;
INSERT INTO financials.account_balances AS b (account_id, book_id, shard, debits, credits) VALUES (':ca', '%[1]s', 0, 0, 1.00)
  ON CONFLICT (account_id, book_id, shard) DO UPDATE SET credits = b.credits + 1.00;
COMMIT;
`

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench returns the transactions per second of a script with 8 clients.
func pgbench(b *testing.B, db *bun.DB, script, protocol string) float64 {
	b.Helper()
	program := pgtest.Server(b).Program("pgbench")
	if _, err := exec.LookPath(program); err != nil {
		b.Skip("pgbench is not installed")
	}
	file := filepath.Join(b.TempDir(), "script.sql")
	require.NoError(b, os.WriteFile(file, []byte(script), 0o600))
	out, err := exec.CommandContext(b.Context(), program, "-n", "-M", protocol, "-c", "8", "-j", "2",
		"-T", strconv.Itoa(int(window.Seconds())), "-f", file, pgtest.DSN(b, db)).CombinedOutput()
	require.NoError(b, err, string(out))
	m := tps.FindSubmatch(out)
	require.NotNil(b, m, string(out))
	v, err := strconv.ParseFloat(string(m[1]), 64)
	require.NoError(b, err)
	return v
}

// Two legs, 8 clients, many accounts, against pgbench sending the same work as
// single statements.
func BenchmarkPost_againstPgbench(b *testing.B) {
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 100)
	ctx := b.Context()
	script := fmt.Sprintf(singles, book.ID, len(accounts)-2)
	for b.Loop() {
		ours := rate(b, 8, func(c, i int) error {
			from := (c*31 + i) % 100
			_, err := svc.Post(ctx, db, transfer(book, accounts[from], accounts[(from+1+i%98)%100]))
			return err
		})
		simple := pgbench(b, db, script, "simple")
		prepared := pgbench(b, db, strings.NewReplacer("':j'", ":j", "':da'", ":da", "':ca'", ":ca").Replace(script), "prepared")
		b.ReportMetric(ours, "posts/s")
		b.ReportMetric(simple, "pgbench/s")
		b.ReportMetric(ours/simple, "ratio")
		b.ReportMetric(ours/prepared, "ratio-prepared")
	}
}

// Batches of 1,000 journals on one hot account against single postings, one
// client each.
func BenchmarkPostBatch_againstSingles(b *testing.B) {
	db := pgtest.Clone(b)
	svc, book, accounts := benchBook(b, db, 2)
	ctx := b.Context()
	batch := make([]ledger.PostParams, 1000)
	for i := range batch {
		batch[i] = transfer(book, accounts[0], accounts[1])
	}
	for b.Loop() {
		single := rate(b, 1, func(int, int) error {
			_, err := svc.Post(ctx, db, batch[0])
			return err
		})
		batched := 1000 * rate(b, 1, func(int, int) error {
			_, err := svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: batch})
			return err
		})
		b.ReportMetric(single, "singles/s")
		b.ReportMetric(batched, "batched/s")
		b.ReportMetric(batched/single, "ratio")
	}
}
