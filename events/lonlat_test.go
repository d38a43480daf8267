package events

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/internal/pgtest"
)

func TestParseLonLat(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]LonLat{
		"(-73.985428,40.748817)": {-73.985428, 40.748817},
		" ( -180 , 90 ) ":        {-180, 90},
		"0,-0":                   {0, math.Copysign(0, -1)},
		"(1e-7,2E1)":             {1e-7, 20},
	} {
		got, err := ParseLonLat(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "(", "()", "(1,2", "1,2)", "(1)", "(1,2,3)", "(a,b)", "(NaN,1)", "(1,NaN)", "(Inf,1)", "(181,0)", "(0,91)", "(0,-90.0001)"} {
		_, err := ParseLonLat(in)
		require.ErrorIs(t, err, ErrLonLat, in)
	}
}

func TestLonLat_refused(t *testing.T) {
	t.Parallel()
	for _, p := range []LonLat{{math.NaN(), 0}, {0, math.NaN()}, {math.Inf(1), 0}, {181, 0}, {0, 91}} {
		_, err := p.Value()
		require.ErrorIs(t, err, ErrLonLat)
	}
	var p LonLat
	require.ErrorIs(t, p.Scan(nil), ErrLonLat)
	require.ErrorIs(t, p.Scan(7), ErrLonLat)
	require.NoError(t, p.Scan([]byte("(1,2)")))
	require.Equal(t, LonLat{1, 2}, p)
}

// Any place survives its text and PostgreSQL, to the last bit.
func TestLonLat_roundTrip(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := LonLat{rapid.Float64Range(-180, 180).Draw(rt, "lon"), rapid.Float64Range(-90, 90).Draw(rt, "lat")}
		back, err := ParseLonLat(p.String())
		require.NoError(rt, err)
		require.Equal(rt, p, back)
		var got LonLat
		require.NoError(rt, tx.NewRaw("SELECT ?::point", p).Scan(ctx, &got))
		require.Equal(rt, p, got)
	})
}

func FuzzParseLonLat(f *testing.F) {
	for _, s := range []string{"(1,2)", "1,2", "(NaN,0)", "(1e400,0)", "((1,2))", ",", "(-0,-0)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseLonLat(s)
		if err != nil {
			require.ErrorIs(t, err, ErrLonLat)
			return
		}
		require.NoError(t, p.Check())
		back, err := ParseLonLat(p.String())
		require.NoError(t, err)
		require.Equal(t, p, back)
	})
}
