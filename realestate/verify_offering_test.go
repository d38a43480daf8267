package realestate_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/id"
)

// One offering is proved by itself, several at once, on connections that only read;
// what is wrong in one is no finding of another.
func TestVerifyOffering(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p := platform()
	sound, wrong := offered(t, db, "500000"), deal(t, db)
	standby, err := pgtest.Open(pgtest.DSN(t, db) + "&default_transaction_read_only=on")
	require.NoError(t, err)
	defer func() { require.NoError(t, standby.Close()) }()
	both := func() (a, b *realestate.Report) {
		var wg sync.WaitGroup
		for o, r := range map[*investments.Offering]**realestate.Report{sound: &a, wrong: &b} {
			wg.Go(func() {
				var err error
				if *r, err = p.VerifyOffering(ctx, standby, o.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		return a, b
	}
	a, b := both()
	require.True(t, a.OK(), a)
	require.True(t, b.OK(), b)
	require.Equal(t, 3, a.Invariants)
	require.Positive(t, b.Unsealed)

	_, err = db.ExecContext(ctx, `UPDATE financials.account_balances SET debits = debits + 1
		WHERE account_id IN (SELECT id FROM financials.accounts WHERE book_id = ?)`, *wrong.BookID)
	require.NoError(t, err)
	a, b = both()
	require.True(t, a.OK(), a)
	require.False(t, b.OK())

	_, err = p.VerifyOffering(ctx, db, id.New[investments.Offering]())
	require.ErrorIs(t, err, investments.ErrOfferingNotFound)
}
