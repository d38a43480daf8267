package faulttest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate/money"
)

// Connections are cut before COMMIT, in the middle of it, right behind it and
// behind its answer, and now and then anywhere else.
func TestProxy(t *testing.T) {
	t.Parallel()
	watchedElsewhere(t)
	rnd := random(t)
	db := pgtest.Clone(t)
	proxy, dsn := newProxy(t, pgtest.DSN(t, db), rnd, 0.2, 0.002)
	p := newPlan(t, db, dsn, 6, either(600, 6000))
	require.NoError(t, p.carryOut(t.Context()))
	t.Log("cut at COMMIT:", proxy.cuts, "elsewhere:", proxy.rest)
	for _, how := range []cut{before, half, behind, answered} {
		require.Greater(t, proxy.cuts[how], either(6, 150), how)
	}
	require.Positive(t, proxy.rest)
	var deadlocks int
	require.NoError(t, db.NewRaw("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(t.Context(), &deadlocks))
	require.Zero(t, deadlocks, "the locks are taken in one order")
	settled(t, db, p)
}

// The control: clients that choose a new key for every try. The same check has
// to see what they do twice, and the invariants that nothing else breaks.
func TestControl(t *testing.T) {
	t.Parallel()
	rnd := random(t)
	db := pgtest.Clone(t)
	proxy, dsn := newProxy(t, pgtest.DSN(t, db), rnd, 0.25, 0)
	p := newPlan(t, db, dsn, 4, either(200, 1000))
	p.FreshKeys = true
	require.NoError(t, p.carryOut(t.Context()))
	j, err := readJournals(p.Dir)
	require.NoError(t, err)
	wrong, err := check(t.Context(), db, j)
	require.NoError(t, err)
	t.Log("cut at COMMIT:", proxy.count(), "found:", len(wrong), wrong[:min(len(wrong), 3)])
	require.Greater(t, len(wrong), either(3, 20), "a client without keys does double, and the check sees it")
	twice := 0
	for _, w := range wrong {
		if strings.HasSuffix(w, "done 2 times") || strings.HasSuffix(w, "done 3 times") {
			twice++
		}
	}
	require.Positive(t, twice, "money moved twice")
	(&world{&recipes.World{T: t, DB: db, P: platform()}}).verify()
}

// The check by itself: a journal that is true, then one that lies in each way.
func TestCheck(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	p := newPlan(t, db, pgtest.DSN(t, db), 1, 1)
	j := &journal{orders: map[int]*order{}, answers: map[int]*answer{}}
	s := &story{client: &client{plan: *p, db: db, p: platform(), journal: j}}
	o := order{N: 1, Kind: kindCommit, Key: recipes.Key(), Amount: money.MustParse("1000.01"), Date: recipes.CommittedOn}
	found := func(a *answer, times int) int {
		j.orders[1], j.answers = &o, map[int]*answer{}
		if a != nil {
			j.answers[1] = a
		}
		wrong, err := check(t.Context(), db, j)
		require.NoError(t, err)
		for _, w := range wrong {
			require.True(t, strings.HasSuffix(w, fmt.Sprintf(" %d times", times)), w)
		}
		return len(wrong)
	}
	for times := range 3 {
		require.Equal(t, map[bool]int{true: 0, false: 1}[times == 1], found(&answer{N: 1}, times), "acknowledged: once")
		require.Equal(t, map[bool]int{true: 0, false: 1}[times == 0], found(&answer{N: 1, Refused: "x"}, times), "refused: not at all")
		require.Equal(t, map[bool]int{true: 0, false: 1}[times < 2], found(nil, times), "without an answer: once or not at all")
		require.Equal(t, 1, found(&answer{N: 1, Lost: "x"}, times), "an error that is no answer")
		o := o
		o.Key = recipes.Key()
		_, err := s.verb(t.Context(), db, o)
		require.NoError(t, err)
	}

	// One that was done once and is told of once, then not at all, then twice.
	o.Amount, o.Key = money.MustParse("1000.02"), recipes.Key()
	_, err := s.verb(t.Context(), db, o)
	require.NoError(t, err)
	require.Zero(t, found(&answer{N: 1}, 1))
	for n, change := range []string{"UPDATE freehold.outbox SET payload = payload || '{\"amount\": \"1\"}' WHERE payload->>'amount' = '1000.02'",
		"UPDATE freehold.outbox SET payload = payload || '{\"amount\": \"1000.02\"}' WHERE type = 'investments.subscription_committed' AND payload->>'amount' IN ('1', '1000.01')"} {
		_, err := db.ExecContext(t.Context(), change)
		require.NoError(t, err)
		require.Equal(t, 1, found(&answer{N: 1}, []int{0, 4}[n]))
	}
}
