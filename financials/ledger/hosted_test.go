package ledger_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// A journal of a command has no key of its own and is refused in a closed period: a host
// whose unit of work or hook posts it goes on, and commits what it wrote besides.
func TestPost_refusedInHostsWork(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	_, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-30"))
	require.NoError(t, err)
	_, err = f.svc.ClosePeriod(ctx, db, ledger.ClosePeriodParams{BookID: f.book.ID, Through: date.MustParse("2026-01-31")})
	require.NoError(t, err)
	refused, tried := func(ctx context.Context, tx bun.IDB) {
		p := f.contribution(id.New[ledger.Subledger](), "1", "2026-01-31")
		p.ID, p.CommandID = id.Of[ledger.Journal]{}, id.New[ledger.Command]()
		_, err := f.svc.Post(ctx, tx, p)
		require.ErrorIs(t, err, ledger.ErrPeriodClosed)
	}, 0
	work := func(tx bun.IDB) error {
		tried++
		refused(ctx, tx)
		_, err := f.svc.Post(ctx, tx, f.contribution(id.New[ledger.Subledger](), "1", "2026-02-01"))
		return err
	}
	require.NoError(t, realestate.InTx(ctx, db, work))
	require.NoError(t, realestate.Do(ctx, db, work))
	require.NoError(t, realestate.InTx(ctx, db, func(tx bun.IDB) error { return realestate.InTx(ctx, tx, work) }))

	p, err := realestate.New(realestate.Config{Hooks: []realestate.Hook{func(ctx context.Context, tx bun.IDB, _ []realestate.Emission) error {
		tried++
		refused(ctx, tx)
		return nil
	}}})
	require.NoError(t, err)
	_, err = p.Properties.RegisterProperty(ctx, db, properties.RegisterPropertyParams{Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"})
	require.NoError(t, err)
	require.Equal(t, 4, tried)
	require.Equal(t, "4.00", f.balance(t, db, "1000"))
}
