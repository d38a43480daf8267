package realestate

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
)

// personalColumns are names of columns that hold what people told, or where they
// were, wherever they stand.
var personalColumns = []string{
	"email", "to_email", "phone", "first_name", "last_name", "display_name", "bio", "date_of_birth", "ip_address", "user_agent",
	"participants", "sender_id", "recipient_id", "user_id", "investor_id", "owner_id", "signer_id", "actor_id", "property_manager_email",
}

// Every table that refers to a user, has a column of a personal name, or is kept from
// investors by a policy, is treated by Erase and by Export, or says why not; and the list
// names no table that is not there.
func TestPersonalTables_equalTheCatalog(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	var found []struct{ Tab string }
	require.NoError(t, tx.NewRaw(`SELECT DISTINCT n.nspname || '.' || c.relname AS tab FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
		AND (EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = 'auth.users'::regclass)
			OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY (string_to_array(?, ',')))
			OR EXISTS (SELECT FROM freehold.protected_tables() p WHERE (p.schema_name, p.table_name) = (n.nspname, c.relname)))`,
		strings.Join(personalColumns, ",")).Scan(t.Context(), &found))
	require.Greater(t, len(found), 60)
	var absent []string
	byName := map[string]store.PersonalTable{}
	for _, p := range personalTables() {
		require.Empty(t, byName[p.Name].Name, "%s is listed twice", p.Name)
		byName[p.Name] = p
		require.NotEqual(t, p.Erased == "", p.Kept == "", "%s: erased, or kept for a reason", p.Name)
		require.NotEqual(t, p.Mine == "", p.Omitted == "", "%s: exported, or omitted for a reason", p.Name)
		var there bool
		require.NoError(t, tx.NewRaw("SELECT to_regclass(?) IS NOT NULL", p.Name).Scan(t.Context(), &there))
		if !there {
			absent = append(absent, p.Name)
		}
	}
	require.Empty(t, absent, "no such tables")
	var missing []string
	for _, f := range found {
		if byName[f.Tab].Name == "" {
			missing = append(missing, f.Tab)
		}
	}
	require.Empty(t, missing, "these have personal data: they join personalTables and freehold.erase_person")
	// What the list calls erased is what the function reports.
	var body string
	require.NoError(t, tx.NewRaw("SELECT prosrc FROM pg_proc WHERE oid = 'freehold.erase_person'::regproc").Scan(t.Context(), &body))
	for _, p := range personalTables() {
		require.Equal(t, p.Erased != "", strings.Contains(body, "erased_table := '"+p.Name+"'"), p.Name)
	}
	require.True(t, slices.Contains(neverExported, "password_hash"))
}
