package main

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// none is an environment without variables.
func none(string) string { return "" }

func TestParse(t *testing.T) {
	t.Parallel()

	env := func(string) string { return "from the environment" }
	for line, want := range map[string]command{
		"up":                       {verb: "up", dsn: "from the environment", to: -1},
		"-dsn here status":         {verb: "status", dsn: "here", to: -1},
		"-to 3 up":                 {verb: "up", dsn: "from the environment", to: 3},
		"-to 0 down":               {verb: "down", dsn: "from the environment", to: 0},
		"-dsn x -from 2 -to 3 sql": {verb: "sql", dsn: "x", from: 2, to: 3},
	} {
		got, err := parse(strings.Fields(line), env, &strings.Builder{})
		require.NoError(t, err, line)
		require.Equal(t, want, got, line)
	}
}

func TestParse_wrong(t *testing.T) {
	t.Parallel()

	for _, line := range []string{"", "sideways", "up down", "-to x up", "-nothing up", "-dsn x down", "up", "validate"} {
		_, err := parse(strings.Fields(line), none, &strings.Builder{})
		require.ErrorIs(t, err, errUsage, line)
	}
	_, err := parse([]string{"-h"}, none, &strings.Builder{})
	require.True(t, errors.Is(err, flag.ErrHelp))
}

// The command takes a database from nothing to the newest version and back.
func TestRun(t *testing.T) {
	t.Parallel()

	dsn := pgtest.DSN(t, pgtest.Empty(t))
	migrate := func(args string) (string, error) {
		var stdout, stderr strings.Builder
		env := func(name string) string { return map[string]string{"FREEHOLD_DSN": dsn}[name] }
		err := run(t.Context(), strings.Fields(args), env, &stdout, &stderr)
		return stdout.String(), err
	}
	out, err := migrate("status")
	require.NoError(t, err)
	require.Contains(t, out, "0001  freehold")
	require.NotContains(t, out, "applied")
	_, err = migrate("validate")
	require.ErrorIs(t, err, migrations.ErrPending)

	_, err = migrate("-to 2 up")
	require.NoError(t, err)
	out, err = migrate("status")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(out, "applied 2"))
	require.Contains(t, out, "pending")

	_, err = migrate("up")
	require.NoError(t, err)
	out, err = migrate("validate")
	require.NoError(t, err)
	require.Empty(t, out)
	out, err = migrate("status")
	require.NoError(t, err)
	require.NotContains(t, out, "pending")

	_, err = migrate("-to 0 down")
	require.NoError(t, err)
	_, err = migrate("validate")
	require.ErrorIs(t, err, migrations.ErrPending)

	out, err = migrate("-to 1 sql")
	require.NoError(t, err)
	require.Contains(t, out, "CREATE EXTENSION IF NOT EXISTS postgis;")
	require.Contains(t, out, "INSERT INTO freehold.migrations (version, name, checksum) VALUES (1, 'freehold',")
	_, err = migrate("-to 9999 sql")
	require.ErrorIs(t, err, migrations.ErrUnknownVersion)
}

// A database that cannot be reached is an error, not a hang or a panic.
func TestRun_noDatabase(t *testing.T) {
	t.Parallel()

	for _, dsn := range []string{"postgres:///nothing?host=" + t.TempDir(), "postgres://%zz"} {
		require.Error(t, run(t.Context(), []string{"-dsn", dsn, "up"}, none, &strings.Builder{}, &strings.Builder{}))
	}
}
