package investments_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// loadCommitments makes n open commitments of 1,000 to 1,099, each with its
// position, as set k.
func loadCommitments(b *testing.B, db *bun.DB, o *investments.Offering, k, n int) []investments.Receipt {
	b.Helper()
	run(b, db,
		fmt.Sprintf(`INSERT INTO investments.property_investments (id, property_id, opportunity_id, investor_id, investment_amount, commitment_date, status)
			SELECT %s, '%s', '%s', %s, 1000 + i %% 100, '2026-01-10', 'committed' FROM generate_series(1, %d) i`, number(positionKind, k, "i"), o.PropertyID, o.ID, number(userKind, 0, "i"), n),
		fmt.Sprintf(`INSERT INTO investments.subscriptions (id, opportunity_id, investor_id, investment_id, requested_amount, amount, status, commitment_date, evidence)
			SELECT %s, '%s', %s, %s, 1000 + i %% 100, 1000 + i %% 100, 'open', '2026-01-10', '{"accredited": true, "documents_signed": true}' FROM generate_series(1, %d) i`,
			number(subscriptionKind, k, "i"), o.ID, number(userKind, 0, "i"), number(positionKind, k, "i"), n),
		fmt.Sprintf(`UPDATE investments.opportunities o SET committed_amount = (SELECT sum(s.amount) FROM investments.subscriptions s WHERE s.opportunity_id = o.id) WHERE o.id = '%s'`, o.ID))
	receipts := make([]investments.Receipt, n)
	for i := range receipts {
		receipts[i] = investments.Receipt{SubscriptionID: id.MustParse[investments.Subscription](fmt.Sprintf("01900000-0000-7%s-8%03x-%012x", subscriptionKind, k, i+1)),
			Date: date.MustParse("2026-01-15"), Reference: "wire"}
	}
	return receipts
}

// fundingFloor takes the rows that funding one offering wrote and changed, and
// writes them for its twin: COPY into the same tables, and UPDATE FROM a table
// copied to, without the summaries of offerings and portfolios.
func fundingFloor(b *testing.B, db *bun.DB, from, to *investments.Offering, k int) took {
	b.Helper()
	var accounts []struct{ A, B string }
	require.NoError(b, db.NewRaw(`SELECT x.id AS a, y.id AS b FROM financials.accounts x JOIN financials.accounts y ON y.code = x.code WHERE x.book_id = ? AND y.book_id = ?`,
		*from.BookID, *to.BookID).Scan(b.Context(), &accounts))
	pairs := []string{fmt.Sprintf("('%s'::uuid, '%s'::uuid)", *from.BookID, *to.BookID)}
	for _, a := range accounts {
		pairs = append(pairs, fmt.Sprintf("('%s', '%s')", a.A, a.B))
	}
	// A twin's id is that of its original with another set, or with another random
	// part, which keeps the order.
	_, err := db.ExecContext(b.Context(), fmt.Sprintf(`DROP TABLE IF EXISTS public.pairs; CREATE TABLE public.pairs (a, b) AS VALUES %s;
		CREATE OR REPLACE FUNCTION public.twin(v uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
		SELECT COALESCE((SELECT b FROM public.pairs WHERE a = v), CASE WHEN v::text LIKE '01900000-%%%%' THEN replace(v::text, '-8%03x-', '-8%03x-')
			ELSE left(v::text, 24) || left(md5(v::text), 12) END::uuid) $$`, strings.Join(pairs, ", "), k, k+1))
	require.NoError(b, err)
	r := raw{b, db}
	const journals, postings = "id, book_id, effective_date, description, source_type, source_id, command_id, actor, content_hash, line_count, recorded_at",
		"journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount, subledger_id"
	const cash = "id, investor_id, investment_id, type, amount, currency, effective_date, reference_number, status, completed_at, subscription_id, journal_id, command_id, created_at"
	of := fmt.Sprintf("book_id = '%s'", *from.BookID)
	j := r.out(`SELECT public.twin(id), public.twin(book_id), effective_date, description, source_type, public.twin(source_id), command_id, actor, content_hash, line_count, recorded_at
		FROM financials.journals WHERE %s ORDER BY id`, of)
	p := r.out(`SELECT public.twin(journal_id), line, line_count, public.twin(book_id), effective_date, public.twin(debit_account), public.twin(credit_account), amount, public.twin(subledger_id)
		FROM financials.postings WHERE %s ORDER BY journal_id, line`, of)
	t := r.out(`SELECT public.twin(t.id), t.investor_id, public.twin(t.investment_id), t.type, t.amount, t.currency, t.effective_date, t.reference_number, t.status, t.completed_at,
		public.twin(t.subscription_id), public.twin(t.journal_id), t.command_id, t.created_at FROM investments.transactions t
		JOIN financials.journals j ON j.id = t.journal_id WHERE j.%s ORDER BY t.id`, of)
	l := r.out(`SELECT public.twin(account_id), public.twin(book_id), public.twin(subledger_id), debits, credits FROM financials.subledger_balances
		WHERE %s ORDER BY 1, 3`, of)
	s := r.out("SELECT public.twin(id), received, called, status, funded_at, version FROM investments.subscriptions WHERE opportunity_id = '%s' ORDER BY 1", from.ID)
	h := r.out("SELECT public.twin(id), investment_amount, units, funding_date, actual_exit_date, status FROM investments.property_investments WHERE opportunity_id = '%s' ORDER BY 1", from.ID)
	summaries := func(what string) {
		for _, trigger := range []string{"opportunity_metrics_trigger_insert", "opportunity_metrics_trigger_update", "investment_portfolio_trigger_insert", "investment_portfolio_trigger_update"} {
			_, err := db.ExecContext(b.Context(), "ALTER TABLE investments.property_investments "+what+" TRIGGER "+trigger)
			require.NoError(b, err)
		}
	}
	summaries("DISABLE")
	defer summaries("ENABLE")
	settle(b, db)
	const binary = ") FROM STDIN (FORMAT binary)"
	return r.time(
		step{sql: "CREATE TEMP TABLE s (id uuid, received numeric, called numeric, status text, funded_at timestamptz, version bigint) ON COMMIT DROP"},
		step{"COPY s (id, received, called, status, funded_at, version" + binary, s},
		step{sql: `UPDATE investments.subscriptions x SET received = s.received, called = s.called, status = s.status, funded_at = s.funded_at, version = s.version FROM s WHERE s.id = x.id`},
		step{sql: "CREATE TEMP TABLE h (id uuid, amount numeric, units numeric, funded date, exited date, status varchar) ON COMMIT DROP"},
		step{"COPY h (id, amount, units, funded, exited, status" + binary, h},
		step{sql: `UPDATE investments.property_investments x SET investment_amount = h.amount, units = h.units, funding_date = h.funded, actual_exit_date = h.exited, status = h.status FROM h WHERE h.id = x.id`},
		step{"COPY financials.journals (" + journals + binary, j},
		step{"COPY financials.postings (" + postings + binary, p},
		step{"COPY financials.subledger_balances (account_id, book_id, subledger_id, debits, credits" + binary, l},
		step{"COPY investments.transactions (" + cash + binary, t},
	)
}

// Receipts for n commitments in one command, against the same rows written with
// no summaries.
func BenchmarkFundReceipts(b *testing.B) {
	const rounds = 2
	perRow := map[int]float64{}
	for _, n := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx, db, svc := b.Context(), pgtest.Clone(b), newService()
			loadUsers(b, db, n)
			var sdk, floor took
			for round := range rounds {
				k := 1 + 2*round
				o, twin := benchOffering(b, db), benchOffering(b, db)
				receipts := loadCommitments(b, db, o, k, n)
				loadCommitments(b, db, twin, k+1, n)
				settle(b, db, "investments.subscriptions", "investments.property_investments")
				sdk = sdk.least(measure(b, db, func() {
					got, err := svc.Commitments.ReceiveContributions(ctx, db, investments.ReceiveContributionsParams{IdempotencyKey: o.ID.String(), OfferingID: o.ID, Receipts: receipts, ActorID: staff})
					require.NoError(b, err)
					require.Equal(b, n, got.Count)
				}))
				floor = floor.least(fundingFloor(b, db, o, twin, k))
			}
			var same bool // the floor wrote what the verb did
			require.NoError(b, db.NewRaw(`SELECT count(*) = ? AND min(x) = 2 * ? AND max(x) = 2 * ? FROM (SELECT count(*) AS x FROM investments.subscriptions s
				JOIN investments.transactions t ON t.subscription_id = s.id AND t.amount = s.received AND s.status = 'funded'
				JOIN investments.property_investments p ON p.id = s.investment_id AND p.status = 'funded' AND p.investment_amount = t.amount
				JOIN financials.postings l ON l.journal_id = t.journal_id AND l.subledger_id = p.id AND l.amount = t.amount GROUP BY s.investor_id) y`, n, rounds, rounds).Scan(ctx, &same))
			require.True(b, same)
			sdk.against(b, floor, "<=1.5", n, perRow)
		})
	}
}
