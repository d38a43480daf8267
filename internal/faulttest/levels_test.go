package faulttest

import (
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/money"
)

// levels are those that a host may give its transaction.
var levels = map[sql.IsolationLevel]string{sql.LevelReadCommitted: "READ COMMITTED", sql.LevelRepeatableRead: "REPEATABLE READ", sql.LevelSerializable: "SERIALIZABLE"}

// Every verb of the table does its work in a caller's transaction at READ COMMITTED.
// At the other levels it would decide by what it saw before its locks, and refuses
// them by name: the caller's transaction goes on, and nothing of the verb is in it.
func TestLevels(t *testing.T) {
	t.Parallel()
	raced.Skip(t)
	db := pgtest.Clone(t)
	w, p := newWorld(t, db), newPrints(t, db)
	for _, v := range recipes.Money {
		if slices.Contains(reads, v.Name) {
			continue // under any level
		}
		call := w.ready(v)
		before := p.take(t)
		for _, level := range []sql.IsolationLevel{sql.LevelRepeatableRead, sql.LevelSerializable, sql.LevelReadCommitted} {
			tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
			require.NoError(t, err)
			err = call(t.Context(), tx)
			if level == sql.LevelReadCommitted {
				require.NoError(t, err, v.Name)
				require.NoError(t, tx.Commit())
				continue
			}
			require.ErrorIs(t, err, store.ErrIsolation, "%s at %s", v.Name, levels[level])
			require.NoError(t, tx.Commit(), "the transaction is whole")
			require.Equal(t, before, p.take(t), v.Name)
		}
	}
	w.verify()
}

// An investor may commit 100 over all offerings. Another transaction commits 60 to one
// between the first look of the caller's transaction and its commitment of 60 to
// another: at no level are there 120.
func TestLevels_limitOverAll(t *testing.T) {
	t.Parallel()
	for level, name := range levels {
		db := pgtest.Clone(t)
		w := newWorld(t, db)
		p, err := realestate.New(realestate.Config{Gate: investments.LimitCommitments(money.MustParse("100"))})
		require.NoError(t, err)
		one, two := w.Offering("1000"), w.Offering("1000")
		tx, err := db.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
		require.NoError(t, err)
		var n int
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM investments.subscriptions").Scan(t.Context(), &n))
		_, err = p.Commitments.Commit(t.Context(), db, recipes.Commitment(one, w.Who[0], "60"))
		require.NoError(t, err)
		_, err = p.Commitments.Commit(t.Context(), tx, recipes.Commitment(two, w.Who[0], "60"))
		require.Error(t, err, name)
		require.Equal(t, level != sql.LevelReadCommitted, errors.Is(err, store.ErrIsolation), "%s: %v", name, err)
		require.NoError(t, tx.Commit(), name)
		require.Equal(t, "60.00", committedBy(t, db, w), name)
	}
}

func committedBy(t *testing.T, db bun.IDB, w *world) (sum string) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT sum(amount) FROM investments.subscriptions WHERE investor_id = ?", w.Who[0]).Scan(t.Context(), &sum))
	return sum
}
