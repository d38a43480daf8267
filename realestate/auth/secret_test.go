package auth_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

func insert(t *testing.T, db bun.IDB, row any) error {
	t.Helper()
	return builders.Insert(t, db, auth.Constraints(), row)
}

// No way of printing a user shows the hash or the second factor's secret.
func TestSecret_isNotPrinted(t *testing.T) {
	t.Parallel()
	const text = "hunter2"
	mfa := auth.NewSecret(text)
	u := auth.User{PasswordHash: mfa, MFASecret: &mfa}
	hidden := struct{ s auth.Secret }{mfa}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08.3f", "%t", "%c", "%U", "%o"} {
		require.NotContains(t, fmt.Sprintf(verb, mfa), text, verb)
		require.NotContains(t, fmt.Sprintf(verb, u), text, verb)
		require.NotContains(t, fmt.Sprintf(verb, hidden), text, "%s of an unexported field", verb)
		require.NotContains(t, strings.ToLower(fmt.Sprintf(verb, u)), hex.EncodeToString([]byte(text)), verb)
		require.NotContains(t, fmt.Sprintf(verb, []any{u, &u, mfa}), text, verb)
	}
	require.Equal(t, "[redacted]", mfa.String())

	b, err := json.Marshal(u)
	require.NoError(t, err)
	require.NotContains(t, string(b), text)

	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("user", "secret", mfa, "user", u, "pointer", &mfa)
	}
	require.NotContains(t, log.String(), text)
	require.Contains(t, log.String(), "[redacted]")

	require.Equal(t, text, mfa.Reveal())
}

// What is printed as redacted is still stored as it is.
func TestSecret_isStored(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	u := register(t, tx, address("secret"))
	u.PasswordHash = auth.NewSecret("v1:key:it's\\cipher")
	_, err := tx.NewUpdate().Model(u).Column("password_hash").WherePK().Exec(ctx)
	require.NoError(t, err)
	got, err := service().Users.User(ctx, tx, u.ID)
	require.NoError(t, err)
	require.Equal(t, "v1:key:it's\\cipher", got.PasswordHash.Reveal())
	var n int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM auth.users WHERE password_hash = ?", "v1:key:it's\\cipher").Scan(ctx, &n))
	require.Equal(t, 1, n)
}

func TestSecret_json(t *testing.T) {
	t.Parallel()
	var in struct {
		Password auth.Secret
		Other    *auth.Secret
	}
	require.NoError(t, json.Unmarshal([]byte(`{"Password":"hunter2","Other":null}`), &in))
	require.Equal(t, "hunter2", in.Password.Reveal())
	require.Nil(t, in.Other)
	err := json.Unmarshal([]byte(`{"Password":{"a":"hunter2"}}`), &in)
	require.ErrorIs(t, err, auth.ErrSecret)
	require.NotContains(t, err.Error(), "hunter2")
}

func TestSecret_equal(t *testing.T) {
	t.Parallel()
	require.True(t, auth.NewSecret("a").Equal(auth.NewSecret("a")))
	require.False(t, auth.NewSecret("a").Equal(auth.NewSecret("b")))
	require.True(t, auth.Secret{}.Equal(auth.NewSecret("")))
	require.True(t, auth.Secret{}.IsZero())
	require.False(t, auth.NewSecret("a").IsZero())
}

func TestSecret_scan(t *testing.T) {
	t.Parallel()
	var s auth.Secret
	require.NoError(t, s.Scan([]byte("bytes")))
	require.Equal(t, "bytes", s.Reveal())
	require.ErrorIs(t, s.Scan(nil), auth.ErrSecret)
	require.ErrorIs(t, s.Scan(7), auth.ErrSecret)
	require.Equal(t, "bytes", s.Reveal(), "a failed scan leaves it")
}
