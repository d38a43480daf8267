package investments

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// In parts of any size, by a list or by ranges of ids, the portfolios come out
// the same, and each investor's is computed once.
func TestRefresh_inParts(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), New(Config{Gate: func(*Offering, *Account, Evidence) error { return nil }})
	o, asOf := testOffering(t, tx), date.MustParse("2026-12-31")
	b, err := svc.Distributions.ledger.OpenBook(ctx, tx, ledger.OpenBookParams{Code: "refresh", Name: "refresh", Accounts: offeringChart})
	require.NoError(t, err)
	o.BookID = &b.ID
	require.NoError(t, offerings.Update(ctx, tx, o, "book_id"))
	var who []id.Of[auth.User]
	for i := range 7 {
		who = append(who, testUser(t, tx))
		sub, err := svc.Commitments.Commit(ctx, tx, CommitParams{IdempotencyKey: fmt.Sprint("c", i), OfferingID: o.ID, InvestorID: who[i], Amount: money.MustParse("1000"),
			Date: date.MustParse("2025-01-10"), ActorID: who[i]})
		require.NoError(t, err)
		if i != 3 {
			_, err = svc.Commitments.ReceiveContribution(ctx, tx, ReceiveContributionParams{IdempotencyKey: fmt.Sprint("r", i), SubscriptionID: sub.ID, Date: date.MustParse("2025-01-15"), ActorID: staff})
			require.NoError(t, err)
		}
	}
	for i, day := range []string{"2026-03-01", "2027-01-01"} {
		d, err := svc.Distributions.Declare(ctx, tx, DeclareParams{IdempotencyKey: day, OfferingID: o.ID, Type: DistributionQuarterly, Date: date.MustParse(day),
			Amount: money.MustParse([]string{"663", "30"}[i]), ActorID: testUser(t, tx)})
		require.NoError(t, err)
		_, err = svc.Distributions.Approve(ctx, tx, ApproveDistributionParams{DistributionID: d.ID, ActorID: testUser(t, tx)})
		require.NoError(t, err)
		_, err = svc.Distributions.Pay(ctx, tx, PayParams{IdempotencyKey: "pay" + day, DistributionID: d.ID, Date: date.MustParse(day), Method: PayACH, ActorID: staff})
		require.NoError(t, err)
	}
	dump := func() (out []string) {
		require.NoError(t, tx.NewRaw(`SELECT (to_jsonb(f) - '{id,created_at,updated_at,last_calculated_at}'::text[])::text FROM investments.investor_portfolios f
			WHERE investor_id IN (?) ORDER BY investor_id`, bun.List(who)).Scan(ctx, &out))
		return out
	}
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, RefreshPortfoliosParams{InvestorIDs: who, AsOf: asOf}))
	want := dump()
	require.Len(t, want, 7)
	for i, row := range want {
		if i != 3 {
			require.Contains(t, row, `"total_distributions": 110.50`)
			require.Contains(t, row, `"allocation_by_state": {"OH": "1.000000"}`)
			require.NotContains(t, row, `"weighted_avg_irr": null`)
		}
	}
	for _, size := range []int{1, 2, 3, 100} {
		for _, how := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			all, anew := how[0], how[1]
			_, err := tx.NewRaw(`UPDATE investments.investor_portfolios SET current_value = 1, total_distributions = 1, allocation_by_state = NULL`).Exec(ctx)
			require.NoError(t, err)
			shuffled := append(append([]id.Of[auth.User]{}, who[4:]...), who...) // unsorted, some twice
			require.NoError(t, svc.Reports.refresh(ctx, tx, shuffled, all, anew, asOf, size))
			require.Equal(t, want, dump(), "%d at a time, by ranges %t, anew %t", size, all, anew)
		}
	}
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, RefreshPortfoliosParams{InvestorIDs: []id.Of[auth.User]{}, AsOf: asOf}), "nobody")
	require.Error(t, svc.Reports.RefreshPortfolios(ctx, tx, RefreshPortfoliosParams{InvestorIDs: who, AsOf: date.Date{}}))
}

// The plan for one investor looks his rows up: no table is read through, with
// the planner's choice left free over a hundred times as many rows.
func TestRefresh_oneInvestorIsLookedUp(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	o, who := testOffering(t, db), testUser(t, db)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	for _, q := range []string{"SET LOCAL session_replication_role = replica",
		`INSERT INTO investments.property_investments (property_id, opportunity_id, investor_id, investment_amount, status)
			SELECT '` + o.PropertyID.String() + `', '` + o.ID.String() + `', gen_random_uuid(), 1000, 'funded' FROM generate_series(1, 5000)`,
		`INSERT INTO investments.capital_movements (opportunity_id, position_id, kind, effective_date, counts_on, amount, subscription_id, book_id, journal_id)
			SELECT opportunity_id, id, 'contribution', '2026-01-15', '2026-01-15', 1000, gen_random_uuid(), gen_random_uuid(), gen_random_uuid() FROM investments.property_investments`,
		`INSERT INTO investments.investor_portfolios (investor_id) SELECT investor_id FROM investments.property_investments`,
		`ANALYZE investments.property_investments, investments.capital_movements, investments.investor_portfolios`} {
		_, err := tx.ExecContext(ctx, q)
		require.NoError(t, err)
	}
	read := func() (n int) {
		require.NoError(t, tx.NewRaw(`SELECT COALESCE(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables
			WHERE schemaname = 'investments' AND relname IN ('property_investments', 'capital_movements', 'investor_portfolios')`).Scan(ctx, &n))
		return n
	}
	before := read()
	require.NoError(t, New(Config{Gate: func(*Offering, *Account, Evidence) error { return nil }}).Reports.RefreshPortfolios(ctx, tx, RefreshPortfoliosParams{InvestorIDs: []id.Of[auth.User]{who}, AsOf: date.MustParse("2026-12-31")}))
	require.Zero(t, read()-before, "rows read by scanning")
}

// The movements of many investors are read row by row, and are not all in memory; those of
// a few come in the round trip of their portfolios' locks.
func TestRefresh_manyAreRead(t *testing.T) {
	t.Parallel()
	ctx, quiet := t.Context(), pgtest.Clone(t)
	db, trace := pgtest.Traced(t, quiet)
	o := testOffering(t, quiet)
	require.NoError(t, quiet.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range []string{"SET LOCAL session_replication_role = replica",
			`INSERT INTO investments.property_investments (property_id, opportunity_id, investor_id, investment_amount, status)
				SELECT '` + o.PropertyID.String() + `', '` + o.ID.String() + `', gen_random_uuid(), 1000, 'funded' FROM generate_series(1, 120)`,
			`INSERT INTO investments.investor_portfolios (investor_id) SELECT investor_id FROM investments.property_investments`} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	}))
	var who []id.Of[auth.User]
	require.NoError(t, quiet.NewRaw("SELECT investor_id FROM investments.investor_portfolios").Scan(ctx, &who))
	svc := New(Config{Gate: func(*Offering, *Account, Evidence) error { return nil }})
	for _, n := range []int{3, 120} {
		trace.Take()
		require.NoError(t, svc.Reports.RefreshPortfolios(ctx, db, RefreshPortfoliosParams{InvestorIDs: who[:n], AsOf: date.MustParse("2026-12-31")}))
		alone := 0
		for _, s := range trace.Take() {
			if strings.HasPrefix(s.SQL, "SELECT cm.position_id, cm.number") {
				alone++
			}
		}
		require.Equal(t, n == 120, alone == 1, "%d investors", n)
	}
}

// Where the server knows nothing of many movements, those of a line are found by the line alone: by
// the kind too it would read all entries of the kind for each line.
func TestMovementOfLine_byLine(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	require.NoError(t, db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, q := range []string{"SET LOCAL session_replication_role = replica",
			`INSERT INTO investments.capital_movements (opportunity_id, position_id, kind, effective_date, counts_on, amount, line_id, book_id, journal_id)
				SELECT p, p, 'distribution', '2026-01-01', '2026-01-01', 1, gen_random_uuid(), p, p FROM gen_random_uuid() p, generate_series(1, 120000)`} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	}))
	plan := func(of string) string {
		var lines []string
		require.NoError(t, db.NewRaw("EXPLAIN SELECT m.id FROM investments.investor_distributions AS dl CROSS JOIN LATERAL ("+of+") m").Scan(ctx, &lines))
		return strings.Join(lines, "\n")
	}
	require.NotContains(t, plan(movementOfLine), "BitmapAnd")
	require.Contains(t, plan("SELECT * FROM investments.capital_movements WHERE line_id = dl.id AND kind = 'distribution' OFFSET 0"), "BitmapAnd", "so the test would tell")
}
