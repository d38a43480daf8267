package investments_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// BenchmarkPay approves, pays and reverses a distribution, and does the same to
// another one of as many lines in the least way that leaves the same rows: COPY of
// every row inserted, and one UPDATE ... FROM a copied temporary table for every
// table of which many rows change, triggers on, one transaction per verb. It
// reports each verb's time and its ratio to that floor.
//
// `go test -run '^$' -bench BenchmarkPay -benchtime 1x ./investments`
func BenchmarkPay(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint("lines=", n), func(b *testing.B) {
			for b.Loop() {
				benchPay(b, n)
			}
		})
	}
}

func benchPay(b *testing.B, n int) {
	b.Helper()
	ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
	creator, other := investor(b, db), investor(b, db)
	_, err := db.NewRaw("INSERT INTO auth.users (email, password_hash) SELECT 'payee' || i || '@example.com', '-' FROM generate_series(1, ?) i", n).Exec(ctx)
	require.NoError(b, err)
	ours := benchDistribution(b, db, n, creator)
	f := newFloor(b, db, benchDistribution(b, db, n, creator))
	_, err = db.ExecContext(ctx, "ANALYZE")
	require.NoError(b, err)

	var total, floor time.Duration
	measure := func(name string, verb, least func()) {
		start := time.Now()
		verb()
		took := time.Since(start)
		start = time.Now()
		least()
		bottom := time.Since(start)
		total, floor = total+took, floor+bottom
		b.ReportMetric(float64(took.Milliseconds()), name+"-ms")
		b.ReportMetric(took.Seconds()/bottom.Seconds(), name+"-ratio")
	}
	approve, pay, back := f.prepareApprove(), f.preparePay(), f.prepareReverse()
	measure("approve", func() {
		_, err := svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: ours, ActorID: other})
		require.NoError(b, err)
	}, approve)
	measure("pay", func() {
		_, err := svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "pay", DistributionID: ours, Date: date.MustParse("2026-04-16"), Method: investments.PayACH, Reference: "batch", ActorID: staff})
		require.NoError(b, err)
	}, pay)
	measure("reverse", func() {
		_, err := reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: investor(b, db), IdempotencyKey: "back", DistributionID: ours, Date: date.MustParse("2026-04-17"), Reason: "bench"})
		require.NoError(b, err)
	}, back)
	b.ReportMetric(total.Seconds()/floor.Seconds(), "ratio")
	for _, rows := range []string{
		"SELECT count(*) FROM investments.transactions t JOIN investments.investor_distributions l ON l.id = t.distribution_line_id WHERE l.distribution_id = ?",
		"SELECT count(*) FROM investments.investor_distributions_history WHERE distribution_id = ?",
		"SELECT count(*) FROM financials.postings p JOIN financials.journals j ON j.id = p.journal_id WHERE j.source_id = ?",
	} {
		var one, two int
		require.NoError(b, db.NewRaw(rows, ours).Scan(ctx, &one))
		require.NoError(b, db.NewRaw(rows, f.v).Scan(ctx, &two))
		require.Equal(b, one, two, rows)
	}
}

// benchDistribution is a pending distribution of n lines of 100.00, of every tenth
// of which 24.00 is withheld.
func benchDistribution(b *testing.B, db *bun.DB, n int, creator id.Of[auth.User]) id.Of[investments.Distribution] {
	b.Helper()
	ctx, o := b.Context(), raise(b, db, "100000000")
	v := id.New[investments.Distribution]()
	for _, q := range []string{
		`INSERT INTO investments.property_investments (property_id, opportunity_id, investor_id, investment_amount, status, funding_date)
			SELECT ?0, ?1, id, 1000, 'funded', '2026-01-15' FROM auth.users WHERE email LIKE 'payee%'`,
		`INSERT INTO investments.distributions (id, property_id, opportunity_id, distribution_type, distribution_date, total_amount, calculation_method, created_by)
			SELECT ?2, ?0, ?1, 'quarterly', '2026-04-15', 100.00 * ?3, 'pro_rata', ?4`,
		`INSERT INTO investments.investor_distributions (distribution_id, property_id, investor_id, investment_id, distribution_amount, tax_withholding, net_distribution)
			SELECT ?2, ?0, investor_id, id, 100, w, 100 - w FROM (SELECT id, investor_id, CASE WHEN row_number() OVER (ORDER BY id) % 10 = 0 THEN 24 ELSE 0 END AS w
				FROM investments.property_investments WHERE opportunity_id = ?1) p`,
		`INSERT INTO investments.distribution_tiers (line_id, tier, kind, amount) SELECT id, 0, 'pro_rata', 100 FROM investments.investor_distributions WHERE distribution_id = ?2`,
		`INSERT INTO investments.distribution_calculations (distribution_id, method_version, inputs, inputs_hash) VALUES (?2, 'pro_rata/1', '{}', sha256('bench'))`,
	} {
		_, err := db.NewRaw(q, o.PropertyID, o.ID, v, n, creator).Exec(ctx)
		require.NoError(b, err)
	}
	return v
}

// floor is the least way.
type floor struct {
	b  *testing.B
	db *bun.DB
	v  id.Of[investments.Distribution]
}

// newFloor plans the rows, with all their keys.
func newFloor(b *testing.B, db *bun.DB, v id.Of[investments.Distribution]) floor {
	b.Helper()
	f := floor{b, db, v}
	f.exec(`CREATE UNLOGGED TABLE public.accounts AS SELECT a.id, a.code, a.book_id FROM financials.accounts a
		JOIN investments.opportunities o ON o.book_id = a.book_id JOIN investments.distributions d ON d.opportunity_id = o.id WHERE d.id = '` + v.String() + `'`)
	f.exec(`CREATE UNLOGGED TABLE public.journals AS SELECT k, gen_random_uuid() AS id, (SELECT book_id FROM public.accounts LIMIT 1) AS book
		FROM unnest(ARRAY['declare', 'pay', 'back', 'recover']) k`)
	f.exec(`CREATE UNLOGGED TABLE public.plan AS SELECT row_number() OVER (ORDER BY id) AS i, id AS line, investment_id AS position, investor_id AS investor,
			net_distribution AS net, tax_withholding AS tax, ` + sortedID("1") + ` AS cash, ` + sortedID("2") + ` AS held, ` + sortedID("3") + ` AS cash_back, ` + sortedID("4") + ` AS held_back,
			` + sortedID("5") + ` AS declared, ` + sortedID("6") + ` AS paid
		FROM investments.investor_distributions WHERE distribution_id = '` + v.String() + `'`)
	return f
}

// sortedID is an id of one batch's time, as the library's.
func sortedID(batch string) string {
	return "('019d00000000" + batch + "' || substr(gen_random_uuid()::text, 16))::uuid"
}

func (f floor) exec(q string) {
	f.b.Helper()
	_, err := f.db.ExecContext(f.b.Context(), q)
	require.NoError(f.b, err, q)
}

func (f floor) raw(fn func(ctx context.Context, pg *pgconn.PgConn) error) {
	f.b.Helper()
	conn, err := f.db.Conn(f.b.Context())
	require.NoError(f.b, err)
	defer func() { _ = conn.Close() }()
	require.NoError(f.b, conn.Raw(func(c any) error { return fn(f.b.Context(), c.(*stdlib.Conn).Conn().PgConn()) }))
}

// payStep is a COPY of rows that are encoded already, into a table or a temporary
// one, and a statement after it.
type payStep struct {
	temp, into, then string
	rows             *bytes.Buffer
}

// rows encodes the rows of a query for COPY.
func (f floor) rows(query string) *bytes.Buffer {
	f.b.Helper()
	var buf bytes.Buffer
	f.raw(func(ctx context.Context, pg *pgconn.PgConn) error {
		_, err := pg.CopyTo(ctx, &buf, "COPY ("+query+") TO STDOUT")
		return err
	})
	return &buf
}

// run does the steps in one transaction.
func (f floor) run(steps []payStep) func() {
	return func() {
		f.b.Helper()
		f.raw(func(ctx context.Context, pg *pgconn.PgConn) error {
			do := func(q string) error { _, err := pg.Exec(ctx, q).ReadAll(); return err }
			if err := do("BEGIN"); err != nil {
				return err
			}
			for _, s := range steps {
				if s.temp != "" {
					if err := do("CREATE TEMPORARY TABLE " + s.temp + " ON COMMIT DROP"); err != nil {
						return err
					}
				}
				if s.into != "" {
					if _, err := pg.CopyFrom(ctx, s.rows, "COPY "+s.into+" FROM STDIN"); err != nil {
						return err
					}
				}
				if s.then != "" {
					if err := do(s.then); err != nil {
						return err
					}
				}
			}
			return do("COMMIT")
		})
	}
}

func accountByCode(code string) string {
	return "(SELECT id FROM public.accounts WHERE code = '" + code + "')"
}

// planLines is room for two lines of each row.
const planLines = "(SELECT 2 * count(*)::int FROM public.plan)"

func (f floor) journal(kind, day, reverses string) payStep {
	return payStep{into: "financials.journals (id, book_id, effective_date, description, source_type, source_id, reverses_id, actor, content_hash, line_count, recorded_at)",
		rows: f.rows(`SELECT id, book, '` + day + `'::date, 'bench', 'distribution', '` + f.v.String() + `'::uuid, ` + reverses + `, 'clerk', sha256('x'), ` + planLines + `, now() FROM public.journals WHERE k = '` + kind + `'`)}
}

// postings are those of a journal: one of the net of each line, and with tax one
// of what is withheld.
func (f floor) postings(kind, day, debit, credit, taxDebit, taxCredit string) payStep {
	q := `SELECT j.id, 2 * p.i - 1, ` + planLines + `, j.book, '` + day + `'::date, ` + accountByCode(debit) + `, ` + accountByCode(credit) + `, p.net, p.position FROM public.plan p, public.journals j WHERE j.k = '` + kind + `'`
	if taxDebit != "" {
		q += ` UNION ALL SELECT j.id, 2 * p.i, ` + planLines + `, j.book, '` + day + `'::date, ` + accountByCode(taxDebit) + `, ` + accountByCode(taxCredit) + `, p.tax, p.position FROM public.plan p, public.journals j WHERE j.k = '` + kind + `' AND p.tax > 0`
	}
	return payStep{into: "financials.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount, subledger_id)", rows: f.rows(q + " ORDER BY 2")}
}

func (f floor) newBalances(code, debits, credits string) payStep {
	return payStep{into: "financials.subledger_balances (account_id, book_id, subledger_id, debits, credits)",
		rows: f.rows(`SELECT a.id, a.book_id, position, ` + debits + `, ` + credits + ` FROM public.plan CROSS JOIN financials.accounts a WHERE a.id = ` + accountByCode(code) + ` ORDER BY 3`)}
}

func (f floor) balances(code, debits, credits string) payStep {
	return payStep{temp: "b" + code + " (account_id uuid, subledger_id uuid, debits numeric, credits numeric)", into: "b" + code,
		rows: f.rows(`SELECT ` + accountByCode(code) + `, position, ` + debits + `, ` + credits + ` FROM public.plan ORDER BY 2`),
		then: `UPDATE financials.subledger_balances b SET debits = t.debits, credits = t.credits FROM b` + code + ` t WHERE b.account_id = t.account_id AND b.subledger_id = t.subledger_id`}
}

// movements are those of the history; the day is that of the journal.
func (f floor) movements(key, kind, amount, day, counts, journal, reverses string) payStep {
	return payStep{into: "investments.capital_movements (id, opportunity_id, position_id, kind, effective_date, counts_on, amount, line_id, reverses_id, book_id, journal_id, recorded_at)",
		rows: f.rows(`SELECT ` + key + `, d.opportunity_id, p.position, '` + kind + `', '` + day + `'::date, '` + counts + `'::date, ` + amount + `, p.line, ` + reverses + `, j.book, j.id, now()
			FROM public.plan p, public.journals j, investments.distributions d WHERE j.k = '` + journal + `' AND d.id = '` + f.v.String() + `' ORDER BY 1`)}
}

func (f floor) totals(amount string) payStep {
	return payStep{temp: "p (id uuid, amount numeric)", into: "p", rows: f.rows(`SELECT position, ` + amount + ` FROM public.plan ORDER BY 1`),
		then: `UPDATE investments.property_investments pi SET total_distributions = p.amount FROM p WHERE p.id = pi.id`}
}

func (f floor) lines(status, day string) payStep {
	return payStep{temp: "l (id uuid, status text, day date, method text, reference text)", into: "l",
		rows: f.rows(`SELECT line, '` + status + `', '` + day + `', 'ach', 'batch' FROM public.plan ORDER BY 1`),
		then: `UPDATE investments.investor_distributions dl SET payment_status = l.status, payment_date = l.day, payment_method = l.method, payment_reference = l.reference,
			version = dl.version + 1 FROM l WHERE l.id = dl.id`}
}

func (f floor) prepareApprove() func() {
	return f.run([]payStep{f.journal("declare", "2026-04-15", "NULL::uuid"), f.postings("declare", "2026-04-15", "3100", "2100", "3100", "2200"),
		f.newBalances("3100", "100", "0"), f.newBalances("2100", "0", "net"),
		f.movements("p.declared", "distribution", "100", "2026-04-15", "2026-04-15", "declare", "NULL::uuid"),
		{then: "UPDATE investments.distributions SET status = 'approved', declaration_journal_id = (SELECT id FROM public.journals WHERE k = 'declare') WHERE id = '" + f.v.String() + "'"}})
}

func (f floor) transactions(sign, cash, held, reverses, kind, day string) payStep {
	q := func(key, of, typ, amount, where string) string {
		return `SELECT ` + key + `, p.investor, p.position, '` + typ + `', ` + sign + amount + `, '` + day + `'::date, 'batch', 'completed', now(), p.line, j.id, ` + of + `, j.id, now()
			FROM public.plan p, public.journals j WHERE j.k = '` + kind + `'` + where
	}
	cashOf, heldOf := "NULL::uuid", "NULL::uuid"
	if reverses != "" {
		cashOf, heldOf = "p.cash", "p.held"
	}
	return payStep{into: `investments.transactions (id, investor_id, investment_id, type, amount, effective_date, reference_number, status, completed_at,
			distribution_line_id, journal_id, reverses_id, command_id, created_at)`,
		rows: f.rows(q("p."+cash, cashOf, "distribution", "100.00", "") + " UNION ALL " + q("p."+held, heldOf, "withholding", "p.tax", " AND p.tax > 0"))}
}

func (f floor) preparePay() func() {
	return f.run([]payStep{f.journal("pay", "2026-04-16", "NULL::uuid"), f.postings("pay", "2026-04-16", "2100", "1000", "", ""), f.balances("2100", "net", "net"),
		f.movements("p.paid", "payment", "100", "2026-04-16", "2026-04-16", "pay", "NULL::uuid"),
		f.transactions("", "cash", "held", "", "pay", "2026-04-16"), f.totals("100"), f.lines("completed", "2026-04-16"),
		{then: "UPDATE investments.distributions SET status = 'completed', processed_date = now() WHERE id = '" + f.v.String() + "'"}})
}

func (f floor) prepareReverse() func() {
	return f.run([]payStep{f.journal("back", "2026-04-17", "(SELECT id FROM public.journals WHERE k = 'declare')"), f.journal("recover", "2026-04-17", "NULL::uuid"),
		f.postings("back", "2026-04-17", "2100", "3100", "2200", "3100"), f.postings("recover", "2026-04-17", "1200", "2100", "", ""),
		f.balances("3100", "100", "100"), f.balances("2100", "2 * net", "2 * net"), f.newBalances("1200", "net", "0"),
		f.movements("gen_random_uuid()", "payment", "-100", "2026-04-17", "2026-04-16", "recover", "p.paid"),
		f.movements("gen_random_uuid()", "distribution", "-100", "2026-04-17", "2026-04-15", "back", "p.declared"),
		f.transactions("-", "cash_back", "held_back", "reverses", "recover", "2026-04-17"), f.totals("0"), f.lines("reversed", "2026-04-16"),
		{then: "UPDATE investments.distributions SET status = 'reversed', reversed_at = now() WHERE id = '" + f.v.String() + "'"}})
}
