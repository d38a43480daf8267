package schematest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// raised reads what an offering says of itself, as amount/investors.
func raised(t *testing.T, db bun.IDB, opportunity string) string {
	t.Helper()
	return one(t, db, `SELECT amount_raised::text || '/' || investor_count FROM investments.opportunities WHERE id = ?`, opportunity)
}

// invested reads the total of an investor's portfolio, "none" without one.
func invested(t *testing.T, db bun.IDB, investor string) string {
	t.Helper()
	return one(t, db, `SELECT COALESCE((SELECT total_invested::text FROM investments.portfolios WHERE investor_id = ?), 'none')`, investor)
}

// cachesAgree compares every cache over positions with the positions.
func cachesAgree(t *testing.T, db bun.IDB) {
	t.Helper()
	require.Empty(t, rows(t, db, `
		SELECT o.id FROM investments.opportunities o
		CROSS JOIN LATERAL (
			SELECT COALESCE(sum(p.investment_amount), 0) AS raised, count(DISTINCT p.investor_id) AS investors
			FROM investments.property_investments p
			WHERE p.opportunity_id = o.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) m
		WHERE o.amount_raised <> m.raised OR o.investor_count <> m.investors`), "offerings")
	require.Empty(t, rows(t, db, `
		SELECT u.id FROM auth.users u
		LEFT JOIN investments.investor_portfolios f ON f.investor_id = u.id
		WHERE COALESCE(f.total_invested, 0) IS DISTINCT FROM (
			SELECT COALESCE(sum(p.investment_amount), 0) FROM investments.property_investments p
			WHERE p.investor_id = u.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL)`), "portfolios")
}

// The document's triggers saw an UPDATE from another status to funded and
// nothing else: a row inserted as funded, un-funded, deleted, edited or moved
// left its old amount behind, and an investor without a portfolio lost it.
func TestDefect_cachesOverPositions(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	a, b := newOpportunity(t, tx, property), newOpportunity(t, tx, property)
	ann, bob := newUser(t, tx), newUser(t, tx)
	first := newPosition(t, tx, a, ann, "pending", "100.10")

	type state struct{ a, b, ann, bob string }
	steps := []struct {
		what, sql string
		want      state
	}{
		{"a pending position counts for nothing", `SELECT`, state{"0.00/0", "0.00/0", "none", "none"}},
		{"funding counts, and makes the portfolio", `UPDATE investments.property_investments SET status = 'funded' WHERE id = '` + first + `'`,
			state{"100.10/1", "0.00/0", "100.10", "none"}},
		{"an amount is edited", `UPDATE investments.property_investments SET investment_amount = 150 WHERE id = '` + first + `'`,
			state{"150.00/1", "0.00/0", "150.00", "none"}},
		{"another is inserted as funded", fmt.Sprintf(`INSERT INTO investments.property_investments
			(opportunity_id, investor_id, status, investment_amount) VALUES ('%s', '%s', 'funded', 50)`, a, bob),
			state{"200.00/2", "0.00/0", "150.00", "50.00"}},
		{"a position moves to another offering", fmt.Sprintf(`UPDATE investments.property_investments SET opportunity_id = '%s' WHERE id = '%s'`, b, first),
			state{"50.00/1", "150.00/1", "150.00", "50.00"}},
		{"a position moves to another investor", fmt.Sprintf(`UPDATE investments.property_investments SET investor_id = '%s' WHERE id = '%s'`, bob, first),
			state{"50.00/1", "150.00/1", "0.00", "200.00"}},
		{"both at once, with a new amount", fmt.Sprintf(`UPDATE investments.property_investments
			SET investor_id = '%s', opportunity_id = '%s', investment_amount = 70 WHERE id = '%s'`, ann, a, first),
			state{"120.00/2", "0.00/0", "70.00", "50.00"}},
		{"an exited position still counts", `UPDATE investments.property_investments SET status = 'exited' WHERE id = '` + first + `'`,
			state{"120.00/2", "0.00/0", "70.00", "50.00"}},
		{"an un-funded one does not", `UPDATE investments.property_investments SET status = 'committed' WHERE id = '` + first + `'`,
			state{"50.00/1", "0.00/0", "0.00", "50.00"}},
		{"one statement funds and un-funds", fmt.Sprintf(`UPDATE investments.property_investments
			SET status = CASE WHEN id = '%s' THEN 'funded' ELSE 'cancelled' END WHERE opportunity_id = '%s'`, first, a),
			state{"70.00/1", "0.00/0", "70.00", "0.00"}},
		{"through the earlier name", fmt.Sprintf(`INSERT INTO investments.investments (opportunity_id, investor_id, status, amount)
			VALUES ('%s', '%s', 'funded', 30)`, b, bob),
			state{"70.00/1", "30.00/1", "70.00", "30.00"}},
		{"taken out of sight", `UPDATE investments.property_investments SET deleted_at = now() WHERE id = '` + first + `'`,
			state{"0.00/0", "30.00/1", "0.00", "30.00"}},
		{"and back", `UPDATE investments.property_investments SET deleted_at = NULL WHERE id = '` + first + `'`,
			state{"70.00/1", "30.00/1", "70.00", "30.00"}},
		{"deleted", `DELETE FROM investments.property_investments WHERE id = '` + first + `'`,
			state{"0.00/0", "30.00/1", "0.00", "30.00"}},
		{"deleted through the earlier name", `DELETE FROM investments.investments WHERE opportunity_id = '` + b + `'`,
			state{"0.00/0", "0.00/0", "0.00", "0.00"}},
	}
	for _, s := range steps {
		exec(t, tx, s.sql)
		require.Equal(t, s.want, state{raised(t, tx, a), raised(t, tx, b), invested(t, tx, ann), invested(t, tx, bob)}, s.what)
	}
	cachesAgree(t, tx)
}

// Two transactions fund positions of one offering at the same time. The second
// waits for the first and counts its money; the document's trigger wrote a sum
// that left it out.
func TestDefect_lostUpdateOfTheRaise(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	property := newProperty(t, db)
	opportunity, other := newOpportunity(t, db, property), newOpportunity(t, db, property)
	ann, bob := newUser(t, db), newUser(t, db)
	of := func(o, u string) string { return newPosition(t, db, o, u, "committed", "100") }

	t.Run("two investors, one offering", func(t *testing.T) {
		overlap(t, db, of(opportunity, ann), of(opportunity, bob))
		require.Equal(t, "200.00/2", raised(t, db, opportunity))
	})
	t.Run("one investor, two offerings", func(t *testing.T) {
		overlap(t, db, of(other, bob), newPosition(t, db, newOpportunity(t, db, property), bob, "committed", "100"))
		require.Equal(t, "300.00", invested(t, db, bob))
	})
	cachesAgree(t, db)
}

// overlap funds two positions in transactions that overlap: the second starts
// before the first commits, and is seen to wait for it.
func overlap(t *testing.T, db *bun.DB, first, second string) {
	t.Helper()
	const fund = `UPDATE investments.property_investments SET status = 'funded' WHERE id = ?`
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tx1, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx1.Rollback() }()
	exec(t, tx1, fund, first)

	tx2, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx2.Rollback() }()
	pid := one(t, tx2, `SELECT pg_backend_pid()::text`)
	done := make(chan error, 1)
	go func() {
		_, err := tx2.ExecContext(ctx, fund, second)
		done <- err
	}()
	require.Eventually(t, func() bool {
		return one(t, db, `SELECT count(*) FROM pg_stat_activity WHERE pid = ?::int AND wait_event_type = 'Lock'`, pid) == "1"
	}, time.Minute, 5*time.Millisecond, "the second transaction does not wait for the first")
	require.NoError(t, tx1.Commit())
	require.NoError(t, <-done)
	require.NoError(t, tx2.Commit())
}

// In repeatable read the second transaction cannot count what the first
// committed, so it fails with a code that the library retries, and nothing is
// lost.
func TestDefect_lostUpdateUnderRepeatableRead(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	opportunity := newOpportunity(t, db, newProperty(t, db))
	first := newPosition(t, db, opportunity, newUser(t, db), "committed", "100")
	second := newPosition(t, db, opportunity, newUser(t, db), "committed", "100")
	const fund = `UPDATE investments.property_investments SET status = 'funded' WHERE id = ?`

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	exec(t, tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
	require.Equal(t, "0.00/0", raised(t, tx, opportunity))
	exec(t, db, fund, first)
	_, err = tx.ExecContext(t.Context(), fund, second)
	require.ErrorContains(t, err, "SQLSTATE 40001")
	require.Equal(t, "100.00/1", raised(t, db, opportunity))
}

// Many clients insert, fund, edit, move and delete at once; afterwards every
// cache equals its source. Clients may fail (a deadlock between two statements
// that move positions both ways is theirs to retry), the caches may not.
func TestDefect_cachesUnderLoad(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	property := newProperty(t, db)
	offerings, investors := make([]string, 3), make([]string, 4)
	for i := range offerings {
		offerings[i] = newOpportunity(t, db, property)
	}
	for i := range investors {
		investors[i] = newUser(t, db)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	succeeded := 0
	for client := range 6 {
		wg.Go(func() {
			for i := range 20 {
				o, u := offerings[(client+i)%3], investors[(client*i)%4]
				moved := offerings[(client+i+1)%3]
				for _, step := range []string{
					fmt.Sprintf(`INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount, share_class)
						SELECT '%s', '%s', 'funded', %d, code FROM investments.share_classes WHERE opportunity_id = '%[1]s' ON CONFLICT DO NOTHING`, o, u, 10+i),
					fmt.Sprintf(`UPDATE investments.property_investments SET investment_amount = investment_amount + 1 WHERE opportunity_id = '%s'`, o),
					fmt.Sprintf(`UPDATE investments.property_investments p SET opportunity_id = '%s' WHERE opportunity_id = '%s' AND investor_id = '%s'
						AND NOT EXISTS (SELECT FROM investments.property_investments q WHERE q.opportunity_id = '%[1]s' AND q.investor_id = p.investor_id)`, moved, o, u),
					fmt.Sprintf(`DELETE FROM investments.property_investments WHERE opportunity_id = '%s' AND investor_id = '%s'`, moved, investors[i%4]),
				} {
					if _, err := db.ExecContext(context.WithoutCancel(t.Context()), step); err == nil {
						mu.Lock()
						succeeded++
						mu.Unlock()
					}
				}
			}
		})
	}
	wg.Wait()
	require.Greater(t, succeeded, 240)
	cachesAgree(t, db)
}

// work is what a statement cost, in rows.
type work struct{ read, offerings, portfolios int64 }

// fundings funds n positions of one offering in one statement and counts the
// rows that it and its triggers read and wrote.
func fundings(t *testing.T, db *bun.DB, n int) work {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Rollback()) }()
	opportunity := newOpportunity(t, tx, newProperty(t, tx))
	exec(t, tx, `WITH u AS (
			INSERT INTO auth.users (email, password_hash)
			SELECT 'bulk-' || n || '@example.test', '!' FROM generate_series(1, ?) n RETURNING id)
		INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount)
		SELECT ?, id, 'committed', 1000 FROM u`, n, opportunity)
	exec(t, tx, `ANALYZE investments.property_investments, investments.investor_portfolios`)
	count := func() work {
		var w work
		require.NoError(t, tx.NewRaw(`SELECT
				sum(COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)) FILTER (WHERE schemaname = 'investments'),
				sum(n_tup_upd) FILTER (WHERE relname = 'opportunities'),
				sum(n_tup_ins + n_tup_upd) FILTER (WHERE relname = 'investor_portfolios')
			FROM pg_stat_xact_user_tables`).Scan(t.Context(), &w.read, &w.offerings, &w.portfolios))
		return w
	}
	before := count()
	exec(t, tx, `UPDATE investments.property_investments SET status = 'funded', funding_date = CURRENT_DATE WHERE opportunity_id = ?`, opportunity)
	after := count()
	require.Equal(t, fmt.Sprintf("%d000.00/%d", n, n), raised(t, tx, opportunity))
	return work{after.read - before.read, after.offerings - before.offerings, after.portfolios - before.portfolios}
}

// 10,000 fundings in one statement: the document's trigger summed up the whole
// offering for each of them, 50 million rows. Here a statement reads each
// position a few times, however many there are, and writes its offering once.
func TestDefect_quadraticTrigger(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	few, many := fundings(t, db, 2_500), fundings(t, db, 10_000)
	t.Logf("rows read for 2,500 fundings %d, for 10,000 %d", few.read, many.read)
	require.EqualValues(t, 1, few.offerings)
	require.EqualValues(t, 1, many.offerings)
	require.EqualValues(t, 10_000, many.portfolios, "a portfolio is written once")
	require.LessOrEqual(t, many.read, 12*int64(10_000))
	require.Less(t, many.read, 5*few.read, "four times the fundings may not cost more than about four times the work")
}

// A statement may insert, update and delete positions at once, and set off
// statements of a host's triggers. Each of the triggers over positions sees the work
// of all of them.
func TestDefect_cachesOfSeveralChangesAtOnce(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	a, b := newOpportunity(t, tx, property), newOpportunity(t, tx, property)
	exec(t, tx, `INSERT INTO investments.share_classes (opportunity_id, code) VALUES (?, 'second'), (?, 'second')`, a, b)
	ann, bob := newUser(t, tx), newUser(t, tx)
	first := newPosition(t, tx, a, ann, "committed", "100.00")

	steps := []struct{ what, sql, a, b, ann string }{
		{"an upsert funds one and inserts another of the same investor", fmt.Sprintf(`
			INSERT INTO investments.property_investments (id, property_id, opportunity_id, investor_id, status, investment_amount, share_class)
			VALUES ('%s', '%[2]s', '%[3]s', '%[4]s', 'funded', 100, 'common'), (gen_random_uuid(), '%[2]s', '%[3]s', '%[4]s', 'funded', 20, 'second')
			ON CONFLICT (id) DO UPDATE SET status = 'funded'`, first, property, a, ann), "120.00/1", "0.00/0", "120.00"},
		{"one part deletes what another replaces", fmt.Sprintf(`
			WITH gone AS (DELETE FROM investments.property_investments WHERE opportunity_id = '%s' RETURNING investor_id)
			INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount)
			SELECT '%s', investor_id, 'funded', 30 FROM gone LIMIT 1`, a, b), "0.00/0", "30.00/1", "30.00"},
		{"one part inserts, one updates", fmt.Sprintf(`
			WITH new AS (INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount, share_class)
				VALUES ('%s', '%s', 'funded', 1, 'second'), ('%[1]s', '%[3]s', 'funded', 5, 'common'))
			UPDATE investments.property_investments SET status = 'committed' WHERE opportunity_id = '%[1]s'`, b, ann, bob), "0.00/0", "6.00/2", "1.00"},
		{"the next statement counts by differences again", fmt.Sprintf(`
			UPDATE investments.property_investments SET investment_amount = investment_amount + 1 WHERE opportunity_id = '%s'`, b), "0.00/0", "8.00/2", "2.00"},
	}
	for _, s := range steps {
		exec(t, tx, s.sql)
		require.Equal(t, []string{s.a, s.b, s.ann}, []string{raised(t, tx, a), raised(t, tx, b), invested(t, tx, ann)}, s.what)
	}
	require.Empty(t, one(t, tx, `SELECT current_setting('freehold.position_overlap')`))
	require.Equal(t, "0", one(t, tx, `SELECT current_setting('freehold.position_statements')`))
	_ = refused(t, tx, fmt.Sprintf(`UPDATE investments.property_investments SET investment_amount = -1 WHERE opportunity_id = '%s'`, b))
	require.Equal(t, "0", one(t, tx, `SELECT current_setting('freehold.position_statements')`), "a statement that failed is none that goes on")

	exec(t, tx, `CREATE FUNCTION pg_temp.follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount, share_class)
		VALUES (NEW.opportunity_id, NEW.investor_id, 'funded', 7, 'second'); RETURN NULL; END $$`)
	exec(t, tx, `CREATE TRIGGER follow AFTER INSERT ON investments.property_investments FOR EACH ROW
		WHEN (NEW.share_class = 'common') EXECUTE FUNCTION pg_temp.follow()`)
	exec(t, tx, `INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount) VALUES (?, ?, 'funded', 3)`, a, bob)
	require.Equal(t, "10.00/1", raised(t, tx, a))
	cachesAgree(t, tx)
}

// Money that comes in for one position reads as many rows in an offering of
// thousands as in one of a few, whatever the planner knows of them.
func TestDefect_oneFundingReadsItself(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	read := func(n int) (rows int64) {
		tx, err := db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback()) }()
		opportunity := newOpportunity(t, tx, newProperty(t, tx))
		exec(t, tx, `WITH u AS (INSERT INTO auth.users (email, password_hash) SELECT 'held-' || n || '@example.test', '!' FROM generate_series(1, ?) n RETURNING id)
			INSERT INTO investments.property_investments (opportunity_id, investor_id, status, investment_amount) SELECT ?, id, 'funded', 1000 FROM u`, n, opportunity)
		position := newPosition(t, tx, opportunity, newUser(t, tx), "committed", "1000")
		const query = `SELECT sum(COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables WHERE schemaname = 'investments'`
		var before, after int64
		require.NoError(t, tx.NewRaw(query).Scan(t.Context(), &before))
		exec(t, tx, `UPDATE investments.property_investments SET status = 'funded', funding_date = CURRENT_DATE WHERE id = ?`, position)
		require.NoError(t, tx.NewRaw(query).Scan(t.Context(), &after))
		require.Equal(t, fmt.Sprintf("%d000.00/%d", n+1, n+1), raised(t, tx, opportunity))
		return after - before
	}
	few, many := read(20), read(5_000)
	t.Logf("rows read to fund one of 20: %d, of 5,000: %d", few, many)
	require.LessOrEqual(t, many, few+10)
}
