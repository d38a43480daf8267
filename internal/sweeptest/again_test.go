package sweeptest

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// again runs each verb once more that makes something under an id or a key which its
// caller chose, as Do does when the answer to a COMMIT was lost. The second time is a
// success, and its result the same row.
func (w *world) again(t *testing.T) {
	n := 0
	for _, v := range w.verbs {
		args, ok := v.choosing(w.m)
		if !ok || v.err != nil {
			continue
		}
		tx, err := w.db.BeginTx(t.Context(), nil)
		require.NoError(t, err)
		first, err := v.call(t.Context(), tx, args)
		if err == nil {
			n++
			second, err := v.call(t.Context(), tx, args)
			if err != nil {
				t.Errorf("%s, run again: %v", v.name, err)
			} else if one, two := idOf(first), idOf(second); one != two {
				t.Errorf("%s made %v, and run again %v", v.name, one, two)
			}
		}
		require.NoError(t, tx.Rollback())
	}
	require.Greater(t, n, leastAgain)
}

// leastAgain is how many verbs are run again.
const leastAgain = 15

// choosing are arguments in which the id of a new row, and the key, are the caller's.
func (v *verb) choosing(m *maker) (_ []reflect.Value, ok bool) {
	args := make([]reflect.Value, len(v.best))
	for i, a := range v.best {
		args[i] = clone(a)
		if a.Kind() != reflect.Struct {
			continue
		}
		if f := args[i].FieldByName("ID"); f.IsValid() && isID(f.Type()) {
			fresh := reflect.New(f.Type()).Elem()
			copied := m.unique()
			for j := range 16 {
				fresh.Index(j).SetUint(uint64(copied[len(copied)-1-j%len(copied)]) ^ uint64(j))
			}
			f.Set(fresh)
			ok = true
		}
		if f := args[i].FieldByName("IdempotencyKey"); f.IsValid() {
			f.SetString(m.unique())
			ok = true
		}
	}
	return args, ok
}

// idOf is the id of a row, nil where the result is none.
func idOf(v reflect.Value) any {
	for v.IsValid() && v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.IsValid() && v.Kind() == reflect.Struct {
		if f := v.FieldByName("ID"); f.IsValid() {
			return f.Interface()
		}
	}
	return nil
}
