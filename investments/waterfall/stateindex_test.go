package waterfall_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// accountsAlone reads some accounts out of a form by its index.
func accountsAlone(t testing.TB, form, index []byte, ids ...string) (*waterfall.State, error) {
	t.Helper()
	x, err := waterfall.ReadStateIndex(index)
	require.NoError(t, err)
	parts := make([][]byte, len(ids))
	for i, v := range ids {
		from, to := x.Part(v)
		require.LessOrEqual(t, to, len(form))
		parts[i] = form[from:to]
	}
	return x.State(ids, parts)
}

// crowded is a deal of n partners in two classes after two distributions, and its terms.
func crowded(t testing.TB, n int) (*waterfall.Terms, *waterfall.State) {
	t.Helper()
	terms := parse(t, `{"name": "Crowd", "day_count": "30E/360", "prefs": {"a": {"rate": "0.08", "compounding": "quarterly"}, "b": {"rate": "0.05"}},
		"tiers": {"operating": [{"name": "pref", "type": "pref"}, {"name": "rest", "type": "split"}],
			"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "ten", "type": "hurdle", "irr": "0.1", "multiple": "1.5", "by": "investor"}, {"name": "rest", "type": "split"}]}}`)
	var partners []waterfall.Partner
	var events []waterfall.Event
	for i := range n {
		p := waterfall.Partner{ID: fmt.Sprintf("p%05d", i*2), Class: string(rune('a' + i%2))}
		partners = append(partners, p)
		events = append(events, waterfall.Event{Type: waterfall.EventContribution, Date: date.Must(2025, 1, 1+i%28), Partner: p.ID, Amount: money.MustParse(fmt.Sprint(1000 + i))})
	}
	events = append(events, distribution("2025-09-30", waterfall.Operating, "777.77"), distribution("2025-10-31", waterfall.Sale, "123.45"))
	h, err := waterfall.Replay(terms, partners, events)
	require.NoError(t, err)
	return terms, h.Final
}

// What an index finds of an account is the account, wherever it stands, and later days
// accrue to it as to the whole; who is not there is not found.
func TestStateIndex(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 63, 64, 65, 300} {
		terms, named := crowded(t, n)
		for _, s := range []*waterfall.State{named, withUUIDs(t, named)} {
			form, index, err := s.MarshalIndexed()
			require.NoError(t, err)
			plain, err := s.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, plain, form)
			later, err := waterfall.Accrue(terms, s, date.Must(2026, 5, 7))
			require.NoError(t, err)
			for i := range n {
				one, err := accountsAlone(t, form, index, s.ID(i))
				require.NoError(t, err)
				require.Equal(t, 1, one.Len())
				require.Equal(t, s.Account(i), one.Account(0))
				require.Equal(t, s.Contributed(), one.Contributed())
				moved, err := waterfall.Accrue(terms, one, date.Must(2026, 5, 7))
				require.NoError(t, err)
				require.Equal(t, later.Account(i), moved.Account(0))
			}
			two, err := accountsAlone(t, form, index, s.ID(n-1), "p00001", s.ID(0), "00000000-0000-0000-0000-000000000000", "zz")
			require.NoError(t, err)
			require.Equal(t, min(n, 2), two.Len())
			nobody, err := accountsAlone(t, form, index, "p00001")
			require.NoError(t, err)
			require.Zero(t, nobody.Len())
		}
	}
}

// Cut off or lengthened, an index is refused, and parts that are no accounts are.
func TestStateIndex_malformed(t *testing.T) {
	t.Parallel()
	_, s := crowded(t, 130)
	form, index, err := s.MarshalIndexed()
	require.NoError(t, err)
	for n := range index {
		_, err := waterfall.ReadStateIndex(index[:n])
		require.ErrorIs(t, err, waterfall.ErrStateMalformed, "%d bytes", n)
	}
	_, err = waterfall.ReadStateIndex(append(index, 0))
	require.ErrorIs(t, err, waterfall.ErrStateMalformed)
	x, err := waterfall.ReadStateIndex(index)
	require.NoError(t, err)
	from, to := x.Part(s.ID(70))
	for n := from + 1; n < to; n++ { // an account that is cut off is not half read
		one, err := x.State([]string{s.ID(127)}, [][]byte{form[from:n]})
		if err != nil {
			require.ErrorIs(t, err, waterfall.ErrStateMalformed)
			continue
		}
		require.LessOrEqual(t, one.Len(), 1)
	}
}

// Whatever bytes come as an index, and whatever part it names, nothing panics.
func FuzzStateIndex(f *testing.F) {
	_, s := crowded(f, 130)
	form, index, err := s.MarshalIndexed()
	require.NoError(f, err)
	f.Add(form, index, "p00010")
	f.Fuzz(func(t *testing.T, form, index []byte, account string) {
		x, err := waterfall.ReadStateIndex(index)
		if err != nil {
			require.ErrorIs(t, err, waterfall.ErrStateMalformed)
			return
		}
		from, to := x.Part(account)
		require.True(t, 0 <= from && from <= to)
		if to > len(form) {
			return
		}
		one, err := x.State([]string{account}, [][]byte{form[from:to]})
		if err != nil {
			require.ErrorIs(t, err, waterfall.ErrStateMalformed)
			return
		}
		_, err = json.Marshal(one)
		require.NoError(t, err)
	})
}
