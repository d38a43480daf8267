package auth_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// A DELETE of a user becomes a soft delete; only a transaction that asks for a
// purge removes the row, and what is the user's own goes with it.
func TestUsers_deleteIsSoft(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	u := register(t, tx, address("soft"))
	s := session(u.ID, "c")
	_, err := tx.NewInsert().Model(s).Exec(ctx)
	require.NoError(t, err)

	_, err = tx.ExecContext(ctx, "DELETE FROM auth.users WHERE id = ?", u.ID)
	require.NoError(t, err)
	got, err := service().Users.User(ctx, tx, u.ID)
	require.NoError(t, err, "the row is there")
	require.Equal(t, auth.StatusDeleted, got.Status)
	first := *got.DeletedAt

	_, err = tx.ExecContext(ctx, "DELETE FROM auth.users WHERE id = ?", u.ID)
	require.NoError(t, err)
	got, err = service().Users.User(ctx, tx, u.ID)
	require.NoError(t, err)
	require.Equal(t, first, *got.DeletedAt, "a second time changes nothing")

	_, err = tx.ExecContext(ctx, "SELECT set_config('freehold.purge', 'on', true)")
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "DELETE FROM auth.users WHERE id = ?", u.ID)
	require.NoError(t, err)
	_, err = service().Users.User(ctx, tx, u.ID)
	require.ErrorIs(t, err, auth.ErrUserNotFound)
	n, err := tx.NewSelect().Model((*auth.Session)(nil)).Where("user_id = ?", u.ID).Count(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

// Every rule of the tables refuses its violation with the error it is meant to
// be.
func TestSchema_refusals(t *testing.T) {
	t.Parallel()
	user := func(change func(*auth.User)) any {
		u := &auth.User{
			ID: id.New[auth.User](), Email: address("x"), PasswordHash: auth.NewSecret(auth.UnusablePassword),
			Status: auth.StatusActive, CreatedAt: at, UpdatedAt: at,
		}
		change(u)
		return u
	}
	mfa := auth.MFAType("carrier_pigeon")
	step := int64(-1)
	sess := func(change func(*auth.Session)) func(id.Of[auth.User]) any {
		return func(u id.Of[auth.User]) any { s := session(u, "d"); change(s); return s }
	}
	fixed := func(v any) func(id.Of[auth.User]) any { return func(id.Of[auth.User]) any { return v } }
	device := auth.DeviceType("fridge")
	for name, c := range map[string]struct {
		row   func(id.Of[auth.User]) any
		want  error
		field string
	}{
		"deleted without a time": {fixed(user(func(u *auth.User) { u.Status = auth.StatusDeleted })), auth.ErrDeletion, "status"},
		"a time without deleted": {fixed(user(func(u *auth.User) { u.DeletedAt = &at })), auth.ErrDeletion, "status"},
		"status unknown":         {fixed(user(func(u *auth.User) { u.Status = "asleep" })), store.ErrCheck, "status"},
		"mfa kind unknown":       {fixed(user(func(u *auth.User) { u.MFAType = &mfa })), store.ErrCheck, "mfa_type"},
		"mfa without kind":       {fixed(user(func(u *auth.User) { u.MFAEnabled = true })), auth.ErrMFAType, "mfa_type"},
		"totp step negative":     {fixed(user(func(u *auth.User) { u.LastTOTPStep = &step })), store.ErrCheck, "last_totp_step"},
		"address not normal":     {fixed(user(func(u *auth.User) { u.Email = "Ada@example.com" })), store.ErrCheck, "email"},
		"address with a space":   {fixed(user(func(u *auth.User) { u.Email = "a da@example.com" })), store.ErrCheck, "email"},
		"secret in the clear":    {fixed(user(func(u *auth.User) { u.MFASecret = auth.NewSecret("JBSWY3DPEHPK3PXP").Ptr() })), store.ErrCheck, "mfa_secret"},
		"pending in the clear":   {fixed(user(func(u *auth.User) { u.MFAPendingSecret = auth.NewSecret("JBSWY3DPEHPK3PXP").Ptr() })), store.ErrCheck, "mfa_pending_secret"},
		"erased and there":       {fixed(user(func(u *auth.User) { u.ErasedAt = &at })), auth.ErrErasure, "erased_at"},
		"no password hash":       {fixed(user(func(u *auth.User) { u.PasswordHash = auth.Secret{} })), store.ErrCheck, "password_hash"},
		"token itself, not hash": {sess(func(s *auth.Session) { s.TokenHash = auth.NewSecret("the-token") }), store.ErrCheck, "token_hash"},
		"level unknown":          {sess(func(s *auth.Session) { s.AuthLevel = "friend" }), store.ErrCheck, "auth_level"},
		"device unknown":         {sess(func(s *auth.Session) { s.DeviceType = &device }), store.ErrCheck, "device_type"},
		"session of nobody":      {sess(func(s *auth.Session) { s.UserID = id.New[auth.User]() }), store.ErrReference, "user_id"},
		"parent unknown":         {sess(func(s *auth.Session) { s.ParentID = id.New[auth.Session]().Ptr() }), store.ErrReference, "parent_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tx := pgtest.Tx(t)
			u := register(t, tx, address("owner"))
			err := insert(t, tx, c.row(u.ID))
			require.ErrorIs(t, err, c.want)
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, c.field, e.Field)
		})
	}
}

// Tokens are unique whoever holds them.
func TestSessions_tokenTwice(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	u := register(t, tx, address("token"))
	require.NoError(t, insert(t, tx, session(u.ID, "e")))
	require.ErrorIs(t, insert(t, tx, session(u.ID, "e")), store.ErrExists)
}

// Attempts land in the default partition for want of a month's, and their
// address is in lower case.
func TestLoginAttempts(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	addr, email := netip.MustParseAddr("2001:db8::1"), address("low")
	a := &auth.LoginAttempt{ID: id.New[auth.LoginAttempt](), Email: &email, Kind: auth.AttemptPassword, IPAddress: &addr, CreatedAt: at.Truncate(time.Microsecond)}
	require.NoError(t, insert(t, tx, a))

	var got auth.LoginAttempt
	require.NoError(t, tx.NewSelect().Model(&got).Where("email = ?", email).Scan(ctx))
	require.Equal(t, a.ID, got.ID)
	require.Equal(t, addr, *got.IPAddress)
	require.True(t, got.CreatedAt.Equal(a.CreatedAt))

	upper := strings.ToUpper(email)
	a.ID, a.Email = id.New[auth.LoginAttempt](), &upper
	err := insert(t, tx, a)
	require.ErrorIs(t, err, store.ErrCheck)
	require.Equal(t, "email", fault.FieldErrors(err)[0].Field, "read from a partition's constraint too")
}

// The times of a row: an import may state both, created_at never changes
// afterwards, and two updates in one transaction still differ.
func TestUsers_times(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	u := register(t, tx, address("times"))
	old := time.Date(2001, 1, 2, 3, 4, 5, 6000, time.UTC)
	imported := &auth.User{
		ID: id.New[auth.User](), Email: address("old"), PasswordHash: auth.NewSecret(auth.UnusablePassword),
		Status: auth.StatusActive, CreatedAt: old, UpdatedAt: old.Add(time.Hour),
	}
	require.NoError(t, insert(t, tx, imported))
	got, err := service().Users.User(ctx, tx, imported.ID)
	require.NoError(t, err)
	require.True(t, got.CreatedAt.Equal(old))
	require.True(t, got.UpdatedAt.Equal(old.Add(time.Hour)))

	var was time.Time
	future := time.Now().AddDate(1, 0, 0).Truncate(time.Microsecond)
	for i := range 5 {
		_, err := tx.ExecContext(ctx, "UPDATE auth.users SET created_at = now(), updated_at = '2000-01-01' WHERE id = ?", u.ID)
		require.NoError(t, err)
		got, err := service().Users.User(ctx, tx, u.ID)
		require.NoError(t, err)
		require.True(t, got.CreatedAt.Equal(u.CreatedAt), "created once")
		require.True(t, got.UpdatedAt.After(was), "update %d", i)
		was = got.UpdatedAt
	}

	// A row from a clock that runs ahead still grows.
	ahead := *imported
	ahead.ID, ahead.Email, ahead.UpdatedAt = id.New[auth.User](), address("ahead"), future
	require.NoError(t, insert(t, tx, &ahead))
	_, err = tx.ExecContext(ctx, "UPDATE auth.users SET phone = '1' WHERE id = ?", ahead.ID)
	require.NoError(t, err)
	got, err = service().Users.User(ctx, tx, ahead.ID)
	require.NoError(t, err)
	require.True(t, got.UpdatedAt.Equal(future.Add(time.Microsecond)))
}

// Nothing that the library wrote about approvals, seals and events can be
// changed afterwards, and a bad chain is refused.
func TestFreehold_appendOnly(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	exec := func(q string, args ...any) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, q, args...)
			return store.Err(err, nil)
		})
	}
	hash := strings.Repeat("h", 32)
	request, book, journal := id.New[any](), id.New[any](), id.New[any]()
	require.NoError(t, exec(`INSERT INTO freehold.approval_requests (id, subject_kind, subject_id, action, subject_hash, requested_by)
		VALUES (?, 'distribution', ?, 'pay', ?, ?)`, request, book, []byte(hash), book))
	require.ErrorIs(t, exec(`INSERT INTO freehold.approval_requests (subject_kind, subject_id, action, subject_hash, requested_by)
		VALUES ('distribution', ?, 'pay', ?, ?)`, book, []byte(hash), book), store.ErrExists, "one open request")
	approve := `INSERT INTO freehold.approvals (request_id, approver_id, decision) VALUES (?, ?, 'approved')`
	require.NoError(t, exec(approve, request, book))
	require.ErrorIs(t, exec(approve, request, book), store.ErrExists, "one decision a person")

	seal := `INSERT INTO freehold.ledger_seals (book_id, position, first_journal_id, last_journal_id, first_recorded_at,
		last_recorded_at, journal_count, previous_hash, hash) VALUES (?, ?, ?, ?, now(), now(), 1, ?, ?)`
	require.NoError(t, exec(seal, book, 1, journal, journal, nil, []byte(hash)))
	require.ErrorIs(t, exec(seal, book, 1, journal, journal, nil, []byte(hash)), store.ErrExists)
	require.ErrorIs(t, exec(seal, book, 2, journal, journal, nil, []byte(hash)), store.ErrCheck, "a link without the one before")
	require.NoError(t, exec(seal, book, 2, journal, journal, []byte(hash), []byte(hash)))
	member := `INSERT INTO freehold.sealed_journals (journal_id, book_id, position, ordinal, content_hash) VALUES (?, ?, ?, 1, ?)`
	require.NoError(t, exec(member, journal, book, 1, []byte(hash)))
	require.ErrorIs(t, exec(member, journal, book, 2, []byte(hash)), store.ErrExists, "a journal is sealed once")
	require.ErrorIs(t, exec(member, id.New[any](), book, 3, []byte(hash)), store.ErrReference, "of a seal that is there")

	for _, table := range []string{"approvals", "ledger_seals", "sealed_journals"} {
		for _, q := range []string{"DELETE FROM ?", "TRUNCATE ? CASCADE"} {
			require.ErrorIs(t, exec(q, bun.Safe("freehold."+table)), store.ErrAppendOnly, q+table)
		}
	}
	require.ErrorIs(t, exec("UPDATE freehold.approvals SET decision = 'rejected'"), store.ErrAppendOnly)
	require.ErrorIs(t, exec("UPDATE freehold.ledger_seals SET hash = previous_hash"), store.ErrAppendOnly)
	require.ErrorIs(t, exec("UPDATE freehold.sealed_journals SET ordinal = 2"), store.ErrAppendOnly)

	event := `INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor, delivered_at, dead_at)
		VALUES ('x', ?, ?, 'y', '{}', 'job', ?, ?)`
	require.NoError(t, exec(event, book, 1, nil, nil))
	require.ErrorIs(t, exec(event, book, 1, nil, nil), store.ErrExists, "one event a place")
	require.ErrorIs(t, exec(event, book, 2, at, at), store.ErrCheck, "delivered or dead")
	require.ErrorIs(t, exec("UPDATE freehold.outbox SET lease_owner = 'a'"), store.ErrCheck, "a lease ends")
}
