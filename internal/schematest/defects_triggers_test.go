package schematest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The document's soft delete answered a BEFORE DELETE with an empty row, and the
// row was gone. Here a DELETE of a user marks the user and deletes nothing.
func TestDefect_hardDelete(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := newUser(t, tx)
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, user)
	require.Equal(t, [][]string{{"deleted", "true"}},
		rows(t, tx, `SELECT status, deleted_at = now() FROM auth.users WHERE id = ?`, user))

	// The second DELETE does not move the time of the first.
	exec(t, tx, `UPDATE auth.users SET deleted_at = '2024-05-01' WHERE id = ?`, user)
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, user)
	require.Equal(t, "2024-05-01", one(t, tx, `SELECT deleted_at::date::text FROM auth.users WHERE id = ?`, user))
}

// On a table without a status the document's function failed.
func TestDefect_softDeleteWithoutStatus(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	exec(t, tx, `CREATE TABLE public.note (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), deleted_at TIMESTAMPTZ)`)
	exec(t, tx, `CREATE TRIGGER soft_delete BEFORE DELETE ON public.note FOR EACH ROW EXECUTE FUNCTION freehold.soft_delete_row()`)
	exec(t, tx, `INSERT INTO public.note DEFAULT VALUES`)
	exec(t, tx, `DELETE FROM public.note`)
	require.Equal(t, "1", one(t, tx, `SELECT count(*) FROM public.note WHERE deleted_at IS NOT NULL`))
	exec(t, tx, `SELECT set_config('freehold.purge', 'on', TRUE)`)
	exec(t, tx, `DELETE FROM public.note`)
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM public.note`))
}

// The document put a CASCADE key beside a key without, which refused the delete
// of any user with a profile. Here a purge, asked for in so many words, takes
// what the user owns along, and refuses while money names him.
func TestDefect_twoForeignKeysOnOneColumn(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user, investor := newUser(t, tx), newUser(t, tx)
	for _, u := range []string{user, investor} {
		exec(t, tx, `INSERT INTO users.profiles (user_id, first_name) VALUES (?, 'Ann')`, u)
		exec(t, tx, `INSERT INTO users.verifications (user_id, type) VALUES (?, 'kyc')`, u)
	}
	newPosition(t, tx, newOpportunity(t, tx, newProperty(t, tx)), investor, "committed", "100")

	exec(t, tx, `SELECT set_config('freehold.purge', 'on', TRUE)`)
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, user)
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM auth.users WHERE id = ?`, user))
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM users.profiles WHERE user_id = ?`, user))
	require.Equal(t, "0", one(t, tx, `SELECT count(*) FROM users.verifications WHERE user_id = ?`, user))
	require.ErrorContains(t, refused(t, tx, `DELETE FROM auth.users WHERE id = ?`, investor), "fk_investment_investor")

	require.Empty(t, rows(t, tx, `SELECT conrelid::regclass::text, conkey::text FROM pg_constraint
		WHERE contype IN ('f', 'u') AND conparentid = 0 GROUP BY conrelid, contype, conkey HAVING count(*) > 1`),
		"foreign keys or unique constraints that stand twice on the same columns")
}

// The document's audit function overwrote created_at, so that history could not
// be imported.
func TestDefect_importOfHistory(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := newUser(t, tx)
	profile := one(t, tx, `INSERT INTO users.profiles (user_id, created_at, updated_at)
		VALUES (?, '2001-02-03 04:05:06+00', '2002-02-03 04:05:06+00') RETURNING id`, user)
	const times = `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
		to_char(updated_at AT TIME ZONE 'UTC', 'YYYY') FROM users.profiles WHERE id = ?`
	require.Equal(t, [][]string{{"2001-02-03 04:05:06", "2002"}}, rows(t, tx, times, profile))

	// Afterwards created_at stands still and updated_at moves on, with every
	// update and even within one transaction.
	seen := map[string]bool{}
	for range 3 {
		exec(t, tx, `UPDATE users.profiles SET bio = 'x', created_at = now() WHERE id = ?`, profile)
		require.Equal(t, "2001-02-03 04:05:06", rows(t, tx, times, profile)[0][0])
		seen[one(t, tx, `SELECT extract(epoch FROM updated_at)::text FROM users.profiles WHERE id = ?`, profile)] = true
	}
	require.Len(t, seen, 3)
	exec(t, tx, `UPDATE users.profiles SET updated_at = '1999-01-01' WHERE id = ?`, profile)
	require.Equal(t, "true", one(t, tx, `SELECT updated_at > now() FROM users.profiles WHERE id = ?`, profile))
}

// "Apply to all tables" failed on the 28 tables without updated_at. Here a table
// has both the columns and the trigger, or neither.
func TestDefect_auditTriggerOnAllTables(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	audited := 0
	for _, g := range c.triggers {
		if g.name != "audit_trigger" {
			continue
		}
		audited++
		r := c.relation(g.schema + "." + g.table)
		for _, name := range []string{"created_at", "updated_at"} {
			require.NotNil(t, r.column(name), "%s.%s", r, name)
			require.True(t, r.column(name).notNull, "%s.%s", r, name)
		}
	}
	require.Greater(t, audited, 40)
	require.Empty(t, unaudited(t, c, nil))
	for _, name := range []string{"auth.login_attempts", "analytics.user_events", "analytics.page_views", "investments.transactions"} {
		require.Nil(t, c.relation(name).column("updated_at"), name)
	}
}
