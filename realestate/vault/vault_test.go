package vault_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/vault"
)

func key(name string, seed byte) vault.Key {
	secret := sha256.Sum256([]byte{seed})
	return vault.Key{ID: name, Secret: secret[:]}
}

func open(t testing.TB, keys ...vault.Key) *vault.Vault {
	t.Helper()
	v, err := vault.New(keys...)
	require.NoError(t, err)
	return v
}

var place = vault.Place{Table: "investments.investor_accounts", Column: "tax_id", Row: "0192", Owner: "ada"}

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]vault.Key{
		"none":      nil,
		"no name":   {key("", 1)},
		"long name": {key(strings.Repeat("a", 33), 1)},
		"bad name":  {key("a.b", 1)},
		"short":     {{ID: "a", Secret: make([]byte, 31)}},
		"twice":     {key("a", 1), key("a", 2)},
		"same":      {key("a", 1), key("b", 1)},
		"zeros":     {{ID: "a", Secret: make([]byte, 32)}},
		"ones":      {{ID: "a", Secret: bytes.Repeat([]byte{0xff}, 32)}},
		"two bytes": {{ID: "a", Secret: bytes.Repeat([]byte("ab"), 16)}},
		"a phrase":  {{ID: "a", Secret: []byte("correct-horsecorrect-horsecorrec")}},
		"counting":  {{ID: "a", Secret: []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`")}},
		"few":       {{ID: "a", Secret: []byte("11121212131214113212131112131411")}},
	} {
		_, err := vault.New(keys...)
		require.ErrorIs(t, err, vault.ErrKeys, name)
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	v := open(t, key("k1", 1))
	rapid.Check(t, func(t *rapid.T) {
		text, at := rapid.String().Draw(t, "text"), vault.Place{Table: rapid.String().Draw(t, "table"), Column: rapid.String().Draw(t, "column"), Row: rapid.String().Draw(t, "row"), Owner: rapid.String().Draw(t, "owner")}
		one, err := v.Seal(at, text)
		require.NoError(t, err)
		two, err := v.Seal(at, text)
		require.NoError(t, err)
		require.NotEqual(t, one, two)
		got, err := v.Open(at, one)
		require.NoError(t, err)
		require.Equal(t, text, got)
	})
}

// A value opens in its place only, and no byte of it can be changed.
func TestOpen_bound(t *testing.T) {
	t.Parallel()
	v := open(t, key("k1", 1))
	sealed, err := v.Seal(place, "123-45-6789")
	require.NoError(t, err)
	for _, other := range []vault.Place{
		{Table: place.Table, Column: place.Column, Row: "0193", Owner: "ada"},
		{Table: place.Table, Column: "tax_id0", Row: "192", Owner: "ada"},
		{Table: "investments.payment_instructions", Column: place.Column, Row: place.Row, Owner: "ada"},
		{Table: place.Table, Column: place.Column, Row: place.Row, Owner: "bob"},
		{Table: place.Table, Column: place.Column, Row: place.Row},
	} {
		_, err := v.Open(other, sealed)
		require.ErrorIs(t, err, vault.ErrForged, other.String())
	}
	for i := range sealed {
		changed := []byte(sealed)
		changed[i] ^= 1
		_, err := v.Open(place, string(changed))
		require.Error(t, err, "byte %d", i)
	}
	_, err = v.Open(place, sealed[:20])
	require.ErrorIs(t, err, vault.ErrSealed)
	_, err = v.Open(place, sealed+"\n")
	require.ErrorIs(t, err, vault.ErrSealed)
	_, err = v.Open(place, "123-45-6789")
	require.ErrorIs(t, err, vault.ErrSealed)
	require.NotContains(t, err.Error(), "6789")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before := open(t, key("2025", 1))
	sealed, err := before.Seal(place, "secret")
	require.NoError(t, err)
	after := open(t, key("2026", 2), key("2025", 1))
	text, err := after.Open(place, sealed)
	require.NoError(t, err)
	require.Equal(t, "secret", text)
	stale, err := after.Stale(sealed)
	require.NoError(t, err)
	require.True(t, stale)
	again, err := after.Seal(place, text)
	require.NoError(t, err)
	stale, err = after.Stale(again)
	require.NoError(t, err)
	require.False(t, stale)
	_, err = before.Open(place, again)
	require.ErrorIs(t, err, vault.ErrUnknownKey)
	_, err = after.Stale("plain")
	require.ErrorIs(t, err, vault.ErrSealed)
	// The same name with another secret is a wrong key, not a wrong answer.
	_, err = open(t, key("2025", 9)).Open(place, sealed)
	require.ErrorIs(t, err, vault.ErrForged)
}

func TestIndex(t *testing.T) {
	t.Parallel()
	v := open(t, key("2026", 2), key("2025", 1))
	old := open(t, key("2025", 1)).Index("t", "c", "123456789")
	require.Len(t, old, vault.IndexSize)
	require.Equal(t, old, v.Indexes("t", "c", "123456789")[1], "what the old key wrote is still found")
	require.Equal(t, v.Index("t", "c", "123456789"), v.Indexes("t", "c", "123456789")[0])
	require.NotEqual(t, v.Index("t", "c", "123456789"), v.Index("t", "c", "123456780"))
	require.NotEqual(t, v.Index("t", "c", "123456789"), v.Index("t", "d", "123456789"), "columns cannot be compared")
	require.NotEqual(t, v.Index("t", "c1", "2"), v.Index("t", "c", "12"))
}

func TestKey_neverPrinted(t *testing.T) {
	t.Parallel()
	k := vault.Key{ID: "k", Secret: []byte("SECRETSECRETSECRETSECRETSECRET!!")}
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", k, k, k, k), "SECRET")
	require.Equal(t, "key k", fmt.Sprintf("%d", k))
	out, err := json.Marshal(k)
	require.NoError(t, err)
	require.Equal(t, `{"id":"k"}`, string(out))
}

func FuzzOpen(f *testing.F) {
	v := open(f, key("k1", 1))
	sealed, err := v.Seal(place, "123-45-6789")
	require.NoError(f, err)
	for _, s := range []string{sealed, "fv1.k1.", "fv1..", "fv1.k1.AAAA", "", "fv1.k2." + sealed[7:], sealed[:len(sealed)-1]} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := v.Open(place, s)
		if err == nil {
			require.Equal(t, "123-45-6789", text, "only what was sealed opens")
		}
		if name, err := vault.KeyID(s); err == nil {
			require.True(t, strings.HasPrefix(s, "fv1."+name+"."))
		}
	})
}

// Without a vault nothing is sealed, and nothing is stored in the clear instead.
func TestNilVault(t *testing.T) {
	t.Parallel()
	var none *vault.Vault
	_, err := none.Seal(place, "x")
	require.ErrorIs(t, err, vault.ErrNoVault)
	_, err = none.Open(place, "x")
	require.ErrorIs(t, err, vault.ErrNoVault)
}

func ExampleVault() {
	secret := make([]byte, vault.KeySize) // from the host's secret store; here made on the spot
	_, _ = rand.Read(secret)
	v, err := vault.New(vault.Key{ID: "2026", Secret: secret})
	if err != nil {
		panic(err)
	}
	at := vault.Place{Table: "investments.investor_accounts", Column: "tax_id", Row: "0192f0c1", Owner: "0192aa07"}
	sealed, _ := v.Seal(at, "123-45-6789")
	name, _ := vault.KeyID(sealed)
	text, _ := v.Open(at, sealed)
	_, err = v.Open(vault.Place{Table: at.Table, Column: at.Column, Row: at.Row, Owner: "somebody else"}, sealed)
	fmt.Println(name, text)
	fmt.Println(err)
	// Output:
	// 2026 123-45-6789
	// the value was changed or belongs to another place (sealed_forged)
}
