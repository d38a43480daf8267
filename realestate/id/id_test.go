package id_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/id"
)

type thing struct{}

func TestNew_sortsByTime(t *testing.T) {
	t.Parallel()
	last := id.New[thing]()
	for range 10_000 {
		next := id.New[thing]()
		require.Positive(t, next.Compare(last), "ids of one process grow")
		last = next
	}
	require.Equal(t, byte('7'), last.String()[14], "version 7")
}

func TestParse(t *testing.T) {
	t.Parallel()
	const s = "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a"
	v, err := id.Parse[thing](strings.ToUpper(s))
	require.NoError(t, err)
	require.Equal(t, s, v.String())
	for _, bad := range []string{"", "x", s + "0", s[:35], "{" + s + "}", "urn:uuid:" + s, strings.ReplaceAll(s, "-", ""), "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1g"} {
		_, err := id.Parse[thing](bad)
		require.ErrorIs(t, err, id.ErrMalformed, "%q", bad)
	}
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
		v := id.Of[thing](raw)
		if v.IsZero() {
			return
		}
		b, err := json.Marshal(map[string]any{"id": v})
		require.NoError(t, err)
		var got struct{ ID id.Of[thing] }
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, v, got.ID)
		val, err := v.Value()
		require.NoError(t, err)
		for _, src := range []any{val, []byte(v.String()), raw, [16]byte(v)} {
			var w id.Of[thing]
			require.NoError(t, w.Scan(src))
			require.Equal(t, v, w)
		}
		other := id.Of[thing](rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "other"))
		require.Equal(t, bytes.Compare(v[:], other[:]), strings.Compare(v.String(), other.String()), "bytes and text sort alike")
	})
}

func TestZero(t *testing.T) {
	t.Parallel()
	var none id.Of[thing]
	require.True(t, none.IsZero())
	val, err := none.Value()
	require.NoError(t, err, "a query by it finds nothing; the store refuses to write it")
	require.Equal(t, "00000000-0000-0000-0000-000000000000", val)
	for _, src := range []any{nil, int64(1), "x", []byte("short")} {
		require.ErrorIs(t, none.Scan(src), id.ErrMalformed)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := id.Parse[thing](s); err == nil {
			require.Equal(t, strings.ToLower(s), v.String())
		}
	})
}
