package retention_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate/date"
)

// A month that is made under row-level security is not read around it, and one that
// is made without stays open.
func TestEnsure_protects(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	months := retention.Months{Schema: "auth", Table: "login_attempts"}
	protected := func(month string) (on bool) {
		made, err := months.Ensure(ctx, db, date.MustParse(month), 1)
		require.NoError(t, err)
		require.Len(t, made, 1)
		require.NoError(t, db.NewRaw("SELECT relrowsecurity FROM pg_class WHERE oid = ?::regclass", made[0]).Scan(ctx, &on))
		return on
	}
	require.False(t, protected("2031-01-01"))
	_, err := db.ExecContext(ctx, "SELECT freehold.enable_row_level_security()")
	require.NoError(t, err)
	require.True(t, protected("2031-02-01"))
	var open int
	require.NoError(t, db.NewRaw(`SELECT count(*) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'auth.login_attempts'::regclass AND NOT c.relrowsecurity`).Scan(ctx, &open))
	require.Zero(t, open)
}
