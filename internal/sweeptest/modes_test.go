package sweeptest

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/fault"
)

// modes calls every verb on pools that only read: one that names no statement and one that
// may, thrice on the one connection of the latter, so that all that it sends is named at last.
// A read finds the same each time. Those that answer with what they make by chance, or by the
// clock, are told by two answers of the first pool.
func (w *world) modes(t *testing.T) {
	dsn := pgtest.DSN(t, w.db) + "&default_transaction_read_only=on"
	unnamed, err := realestate.OpenDB(t.Context(), dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, unnamed.Close()) }()
	named, err := realestate.OpenDB(t.Context(), dsn+"&default_query_exec_mode=cache_statement")
	require.NoError(t, err)
	defer func() { require.NoError(t, named.Close()) }()
	for _, db := range []*bun.DB{unnamed, named} {
		db.SetMaxOpenConns(1)
	}
	same := 0
	for _, v := range w.verbs {
		if v.err != nil {
			continue
		}
		answer := func(db *bun.DB) string {
			got, err := v.call(t.Context(), db, v.best)
			switch {
			case errors.Is(err, errPanic):
				t.Errorf("%s: %v", v.name, err)
				return ""
			case err != nil:
				return "error " + fault.CodeOf(err)
			case !got.IsValid() || !got.CanInterface():
				return "nothing"
			}
			text, err := json.Marshal(got.Interface())
			if err != nil {
				return "no JSON"
			}
			return string(text)
		}
		want := answer(unnamed)
		if want != answer(unnamed) {
			continue
		}
		for range 3 {
			if got := answer(named); got != want {
				t.Errorf("%s: %.300s with named statements, %.300s without", v.name, got, want)
			}
		}
		same++
	}
	require.Greater(t, same, 300, "too few verbs answer the same twice")
	var counts [2]int
	for i, db := range []*bun.DB{unnamed, named} {
		require.NoError(t, db.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(t.Context(), &counts[i]))
	}
	require.Zero(t, counts[0])
	require.Greater(t, counts[1], 100)
}
