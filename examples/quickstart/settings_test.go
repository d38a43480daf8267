package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// The program does the same, to the letter, whoever it is to the database: the
// owner of the tables, a login that may what the library's groups may, and such
// a login with row-level security on. None is a superuser.
func TestRun_settings(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		name  string
		setup string // run by the superuser, with %s for the login
		owner bool
	}{
		{name: "owner", owner: true},
		{name: "roles", setup: "SELECT freehold.create_roles(); GRANT freehold_platform TO %s"},
		{name: "row_security", setup: "SELECT freehold.enable_row_level_security(); GRANT freehold_platform TO %s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := pgtest.Clone(t)
			dsn := pgtest.DSN(t, db)
			login := newLogin(t, db)
			if c.owner {
				handOver(t, db, login.name)
			} else {
				_, err := db.ExecContext(t.Context(), fmt.Sprintf(c.setup, login.name))
				require.NoError(t, err)
			}
			o := options{out: filepath.Join(t.TempDir(), "out"), dsn: login.dsn(t, dsn)}
			golden(t, "first_run.txt", printed(t, t.Context(), o))
			golden(t, "report.md", read(t, o.out, "report.md"))
			golden(t, "statement.md", read(t, o.out, "statements/achterberg-tobias.md"))
			golden(t, "second_run.txt", printed(t, t.Context(), o))
			if c.name == "row_security" {
				seesOneInvestor(t, login.dsn(t, dsn))
			}
		})
	}
}

// seesOneInvestor reads what the program wrote as one of its investors, who finds
// their own lines, and no others.
func seesOneInvestor(t *testing.T, dsn string) {
	t.Helper()
	ctx := t.Context()
	db, err := realestate.OpenDB(ctx, dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	count := func(tx bun.IDB, where string) (n int) {
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM investments.investor_distributions WHERE "+where).Scan(ctx, &n))
		return n
	}
	var investor id.Of[auth.User]
	require.NoError(t, db.NewRaw("SELECT investor_id FROM investments.investor_distributions ORDER BY investor_id LIMIT 1").Scan(ctx, &investor))
	err = realestate.InTx(ctx, db, func(tx bun.IDB) error {
		theirs, all := count(tx, fmt.Sprintf("investor_id = '%s'", investor)), count(tx, "TRUE")
		require.Positive(t, theirs)
		require.Greater(t, all, theirs)
		require.NoError(t, realestate.AsInvestor(ctx, tx, investor))
		require.Equal(t, theirs, count(tx, "TRUE"))
		require.NoError(t, realestate.AsPlatform(ctx, tx))
		require.Equal(t, all, count(tx, "TRUE"))
		return nil
	})
	require.NoError(t, err)
}

// login is a role that may connect.
type login struct{ name, password string }

// newLogin makes a login of the test's own, dropped when the test ends.
func newLogin(t *testing.T, db *bun.DB) login {
	t.Helper()
	l := login{"quickstart_" + strings.ReplaceAll(id.New[login]().String(), "-", ""), "p" + id.New[login]().String()}
	_, err := db.ExecContext(t.Context(), fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", l.name, l.password))
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.Exec(fmt.Sprintf("REASSIGN OWNED BY %[1]s TO CURRENT_USER; DROP OWNED BY %[1]s; DROP ROLE %[1]s", l.name))
		require.NoError(t, err)
	})
	return l
}

// dsn is the connection string with the login in the place of its user.
func (l login) dsn(t *testing.T, dsn string) string {
	t.Helper()
	if u, err := url.Parse(dsn); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		q := u.Query() // a parameter wins over what stands before the host
		q.Set("user", l.name)
		q.Set("password", l.password)
		u.RawQuery = q.Encode()
		dsn = u.String()
	} else {
		dsn += " user=" + l.name + " password=" + l.password
	}
	cfg, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	require.Equal(t, l.name, cfg.User)
	return dsn
}

// handOver makes name the owner of the schemas and of all that is in them, as it
// is where a login without further rights has migrated.
func handOver(t *testing.T, db *bun.DB, name string) {
	t.Helper()
	var statements []string
	require.NoError(t, db.NewRaw(`WITH ours AS (
			SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('freehold', 'auth', 'users', 'communications', 'properties', 'renovations',
				'media', 'market', 'financials', 'investments', 'events', 'documents', 'analytics', 'shared'))
		SELECT format('ALTER SCHEMA %I OWNER TO ?0', nspname) FROM ours
		UNION ALL
		SELECT format('ALTER %s %I.%I OWNER TO ?0', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, nspname, c.relname)
		FROM ours JOIN pg_class c ON c.relnamespace = ours.oid WHERE c.relkind IN ('r', 'p', 'v', 'm')
		UNION ALL
		SELECT format('ALTER FUNCTION %s OWNER TO ?0', p.oid::regprocedure) FROM ours JOIN pg_proc p ON p.pronamespace = ours.oid`,
		bun.Safe(name)).Scan(t.Context(), &statements))
	_, err := db.ExecContext(t.Context(), strings.Join(statements, ";"))
	require.NoError(t, err)
}
