package waterfall_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// The binary form is exact: the state that comes back is the same to the last
// part of a cent, and so are its bytes; with names and with UUIDs as ids.
func TestState_binary(t *testing.T) {
	t.Parallel()
	terms, partners, h := everything(t)
	opened, err := waterfall.Open(terms, partners)
	require.NoError(t, err)
	for _, s := range []*waterfall.State{opened, h.Final, withUUIDs(t, h.Final)} {
		b, err := s.MarshalBinary()
		require.NoError(t, err)
		var back waterfall.State
		require.NoError(t, back.UnmarshalBinary(b))
		want, err := json.Marshal(s)
		require.NoError(t, err)
		got, err := json.Marshal(&back)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		again, err := back.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
		for n := range b { // cut off anywhere, it is refused
			require.ErrorIs(t, new(waterfall.State).UnmarshalBinary(b[:n]), waterfall.ErrStateMalformed)
		}
		require.ErrorIs(t, new(waterfall.State).UnmarshalBinary(append(b, 0)), waterfall.ErrStateMalformed)
	}
}

// withUUIDs is the state with every account under a UUID.
func withUUIDs(t *testing.T, s *waterfall.State) *waterfall.State {
	t.Helper()
	var list []waterfall.Account
	for i := range s.Len() {
		a := s.Account(i)
		a.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(a.ID)).String()
		list = append(list, a)
	}
	out, err := waterfall.Restore(s.Header(), list)
	require.NoError(t, err)
	return out
}

// Whatever bytes come, a state is read whole or refused.
func FuzzState_binary(f *testing.F) {
	terms, partners, h := everything(f)
	opened, err := waterfall.Open(terms, partners)
	require.NoError(f, err)
	for _, s := range []*waterfall.State{opened, h.Final} {
		b, err := s.MarshalBinary()
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var s waterfall.State
		if err := s.UnmarshalBinary(b); err != nil {
			require.ErrorIs(t, err, waterfall.ErrStateMalformed)
			return
		}
		again, err := s.MarshalBinary()
		require.NoError(t, err)
		var same waterfall.State
		require.NoError(t, same.UnmarshalBinary(again))
	})
}
