package events

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Without a vault no passcode is stored, the database takes none in clear, and a
// sealed one opens for its event alone.
func TestPasscode(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	create := func(svc *Service, code string) (*Event, error) {
		p := call(base)
		p.VirtualPasscode = auth.NewSecret(code).Ptr()
		return svc.CreateEvent(ctx, tx, p)
	}
	_, err := create(NewService(Config{}), "secret")
	require.ErrorIs(t, err, vault.ErrNoVault)
	for _, code := range []string{"", strings.Repeat("x", maxPasscode+1)} {
		_, err = create(svc, code)
		require.Equal(t, "virtual_passcode", fault.FieldErrors(err)[0].Field)
	}
	one, err := create(svc, "code of one")
	require.NoError(t, err)
	two, err := create(svc, "code of two")
	require.NoError(t, err)
	for _, clear := range []string{"code", "fv1.", "fv1.k.", "xfv1.k1.AAAA"} {
		require.ErrorContains(t, inSavepoint(t, tx, func(tx bun.IDB) error {
			_, err := tx.NewRaw("UPDATE events.events SET virtual_passcode = ? WHERE id = ?", clear, two.ID).Exec(ctx)
			return err
		}), "chk_events_virtual_passcode", clear)
	}
	_, err = tx.NewRaw("UPDATE events.events SET virtual_passcode = ? WHERE id = ?", one.VirtualPasscode.Reveal(), two.ID).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.RevealPasscode(ctx, tx, two.ID)
	require.ErrorIs(t, err, vault.ErrForged)
	clear, err := svc.RevealPasscode(ctx, tx, one.ID)
	require.NoError(t, err)
	require.Equal(t, "code of one", clear.Reveal())
	_, err = NewService(Config{}).RevealPasscode(ctx, tx, one.ID)
	require.ErrorIs(t, err, vault.ErrNoVault)
	_, err = svc.RevealPasscode(ctx, tx, id.New[Event]())
	require.ErrorIs(t, err, ErrEventNotFound)
	_, err = NewService(Config{}).Reseal(ctx, tx, 0)
	require.ErrorIs(t, err, vault.ErrNoVault)
}

func inSavepoint(t *testing.T, tx bun.Tx, fn func(tx bun.IDB) error) error {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), "SAVEPOINT of_the_test")
	require.NoError(t, err)
	failed := fn(tx)
	_, err = tx.ExecContext(t.Context(), "ROLLBACK TO SAVEPOINT of_the_test")
	require.NoError(t, err)
	return failed
}
