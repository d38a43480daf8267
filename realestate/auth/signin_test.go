package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/vault"
)

const password = "correct horse battery staple"

// counting is a hasher that counts, and costs nothing to speak of.
type counting struct {
	verified, running, most atomic.Int64
}

func (c *counting) Hash(_ context.Context, password auth.Secret) (auth.Secret, error) {
	return auth.NewSecret("plain:" + password.Reveal()), nil
}

func (c *counting) Verify(_ context.Context, password, hash auth.Secret) (ok, stale bool, err error) {
	c.verified.Add(1)
	n := c.running.Add(1)
	defer c.running.Add(-1)
	for {
		was := c.most.Load()
		if n <= was || c.most.CompareAndSwap(was, n) {
			break
		}
	}
	return hash.Reveal() == "plain:"+password.Reveal(), false, nil
}

func keys() *vault.Vault {
	secret := sha256.Sum256([]byte("k"))
	v, err := vault.New(vault.Key{ID: "k", Secret: secret[:]})
	if err != nil {
		panic(err)
	}
	return v
}

// signing is a service that signs in, with a cheap hash.
func signing(change ...func(*auth.Config)) *auth.Services {
	cfg := auth.Config{Vault: keys(), Hasher: &counting{}}
	for _, c := range change {
		c(&cfg)
	}
	return auth.New(cfg)
}

var home = auth.Client{IPAddress: netip.MustParseAddr("203.0.113.7"), UserAgent: "test", DeviceType: auth.DeviceWeb, DeviceID: "laptop", Place: "Columbus"}

// member is a user with a password.
func member(t *testing.T, db bun.IDB, svc *auth.Services) *auth.User {
	t.Helper()
	u, err := svc.Users.Register(t.Context(), db, auth.RegisterParams{Email: address("member")})
	require.NoError(t, err)
	_, err = svc.Users.SetPassword(t.Context(), db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.NoError(t, err)
	return u
}

func attempt(t *testing.T, db bun.IDB, svc *auth.Services, email, pass string) (*auth.SignedIn, error) {
	t.Helper()
	return svc.Sessions.SignIn(t.Context(), db, auth.SignInParams{Email: email, Password: auth.NewSecret(pass), Client: home, Refresh: true})
}

func signIn(t *testing.T, db bun.IDB, svc *auth.Services, u *auth.User) *auth.Tokens {
	t.Helper()
	in, err := attempt(t, db, svc, u.Email, password)
	require.NoError(t, err)
	require.NotNil(t, in.Tokens)
	return in.Tokens
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u := member(t, db, svc)
	in, err := attempt(t, db, svc, " "+u.Email, password)
	require.NoError(t, err)
	require.True(t, in.NewDevice)
	s := in.Tokens.Session
	require.Equal(t, auth.LevelPassword, s.AuthLevel)
	require.Equal(t, auth.DeviceWeb, *s.DeviceType)
	require.Equal(t, "Columbus", *s.Place)
	require.Equal(t, home.IPAddress, *s.IPAddress)
	got, err := svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.NoError(t, err)
	require.Equal(t, u.ID, got.UserID)
	require.True(t, got.Proved(auth.LevelPassword, time.Hour, time.Now()))
	require.False(t, got.Proved(auth.LevelMFA, 0, time.Now()))
	again, err := attempt(t, db, svc, u.Email, password)
	require.NoError(t, err)
	require.False(t, again.NewDevice)
	u, err = svc.Users.User(ctx, db, u.ID)
	require.NoError(t, err)
	require.NotNil(t, u.LastLoginAt)
	list, err := svc.Sessions.Sessions(ctx, db, u.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	var tries []auth.LoginAttempt
	require.NoError(t, db.NewSelect().Model(&tries).Scan(ctx))
	require.Len(t, tries, 2)
	require.True(t, tries[0].Success)
	require.Equal(t, u.ID, *tries[0].UserID)
	_, err = svc.Sessions.SignIn(ctx, pgtest.Tx(t), auth.SignInParams{})
	require.ErrorIs(t, err, auth.ErrPoolRequired)
}

// Who is unknown, wrong, suspended, deleted or without a password gets one answer,
// after one hash each.
func TestSignIn_oneAnswer(t *testing.T) {
	t.Parallel()
	ctx, db, hasher := t.Context(), pgtest.Clone(t), &counting{}
	svc := signing(func(c *auth.Config) { c.Hasher = hasher })
	suspended, deleted, none := member(t, db, svc), member(t, db, svc), register(t, db, address("none"))
	suspend(t, db, suspended)
	_, err := svc.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: deleted.ID, ActorID: deleted.ID})
	require.NoError(t, err)
	var texts []string
	for _, c := range [][2]string{{address("nobody"), password}, {member(t, db, svc).Email, "wrong"}, {suspended.Email, password}, {deleted.Email, password},
		{none.Email, "!"}, {none.Email, ""}, {"no address", password}, {member(t, db, svc).Email, string(make([]byte, 1<<20))}} {
		before := hasher.verified.Load()
		_, err := attempt(t, db, svc, c[0], c[1])
		require.ErrorIs(t, err, auth.ErrSignIn)
		require.EqualValues(t, 1, hasher.verified.Load()-before, c[0])
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		require.Equal(t, texts[0], text)
	}
	var reasons []struct{ FailureReason string }
	require.NoError(t, db.NewRaw("SELECT DISTINCT failure_reason FROM auth.login_attempts ORDER BY 1").Scan(ctx, &reasons))
	require.Len(t, reasons, 3, "only the list knows why")
}

// A thousand wrong guesses at once never compute more hashes than the limit, for an
// address that exists and for one that does not; the limit then refuses the right
// password too, ends with its window, and does not bind a trusted device.
func TestSignIn_parallelGuesses(t *testing.T) {
	t.Parallel()
	ctx, db, hasher := t.Context(), pgtest.Clone(t), &counting{}
	svc := signing(func(c *auth.Config) {
		c.Hasher, c.Limits, c.ParallelHashes = hasher, auth.Limits{Account: 10, Address: 5000}, 3
	})
	u := member(t, db, svc)
	for _, email := range []string{u.Email, address("nobody")} {
		hasher.verified.Store(0)
		var wg sync.WaitGroup
		var tooMany, wrong atomic.Int64
		for range 1000 {
			wg.Go(func() {
				switch _, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: email, Password: auth.NewSecret("guess"), Client: home}); {
				case errors.Is(err, auth.ErrTooManyAttempts):
					tooMany.Add(1)
				case errors.Is(err, auth.ErrSignIn):
					wrong.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 10, hasher.verified.Load(), email)
		require.EqualValues(t, 10, wrong.Load())
		require.EqualValues(t, 990, tooMany.Load())
	}
	require.LessOrEqual(t, hasher.most.Load(), int64(3), "hashes at once")
	_, err := attempt(t, db, svc, u.Email, password)
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = db.ExecContext(ctx, "UPDATE auth.attempt_counters SET window_started_at = window_started_at - interval '16 minutes'")
	require.NoError(t, err)
	signIn(t, db, svc, u)
	n, err := svc.Audit.PurgeCounters(ctx, db)
	require.NoError(t, err)
	require.Positive(t, n)
}

// Attempts from one network count together, over all accounts.
func TestSignIn_perAddress(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	svc := signing(func(c *auth.Config) { c.Limits = auth.Limits{Address: 5} })
	from := func(addr string) error {
		_, err := svc.Sessions.SignIn(t.Context(), db, auth.SignInParams{Email: address("x"), Password: auth.NewSecret("y"), Client: auth.Client{IPAddress: netip.MustParseAddr(addr)}})
		return err
	}
	for range 5 {
		require.ErrorIs(t, from("2001:db8::1"), auth.ErrSignIn)
	}
	require.ErrorIs(t, from("2001:db8::2"), auth.ErrTooManyAttempts, "the same /64")
	require.ErrorIs(t, from("2001:db8:1::1"), auth.ErrSignIn, "another")
	require.ErrorIs(t, from("::ffff:192.0.2.1"), auth.ErrSignIn)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	first := signIn(t, db, svc, member(t, db, svc))
	refresh := func(token auth.Secret) (*auth.Tokens, error) {
		return svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: token, Client: home})
	}
	// Sixty-four at once get one new session.
	var wg sync.WaitGroup
	got := make(chan *auth.Tokens, 64)
	for range 64 {
		wg.Go(func() {
			if out, err := refresh(first.Refresh); err == nil {
				got <- out
			}
		})
	}
	wg.Wait()
	close(got)
	seen := map[string]bool{}
	var second *auth.Tokens
	for second = range got {
		seen[second.Access.Reveal()+second.Session.ID.String()] = true
	}
	require.Len(t, seen, 1)
	require.Equal(t, first.Session.FamilyID, second.Session.FamilyID)
	require.Equal(t, first.Session.ID, *second.Session.ParentID)
	require.True(t, first.Session.FamilyExpiresAt.Equal(second.Session.FamilyExpiresAt), "no refresh outlasts the family")
	var rows int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.sessions").Scan(ctx, &rows))
	require.Equal(t, 2, rows)
	_, err := svc.Sessions.Authenticate(ctx, db, second.Access)
	require.NoError(t, err)

	third, err := refresh(second.Refresh)
	require.NoError(t, err)
	// The first token once more: its child was used meanwhile, so somebody has a copy.
	_, err = refresh(first.Refresh)
	require.ErrorIs(t, err, auth.ErrRefreshReplayed)
	for _, token := range []*auth.Tokens{first, second, third} {
		_, err := svc.Sessions.Authenticate(ctx, db, token.Access)
		require.ErrorIs(t, err, auth.ErrSession)
		_, err = refresh(token.Refresh)
		require.ErrorIs(t, err, auth.ErrSession)
	}
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{Action: auth.AuditRefreshReplayed}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 1)
	_, err = svc.Sessions.Refresh(ctx, pgtest.Tx(t), auth.RefreshParams{Token: first.Refresh})
	require.ErrorIs(t, err, auth.ErrPoolRequired)
}

// A used refresh token is a replay once the grace window is over.
func TestRefresh_graceEnds(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	first := signIn(t, db, svc, member(t, db, svc))
	second, err := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: first.Refresh})
	require.NoError(t, err)
	_, err = db.ExecContext(ctx, "UPDATE auth.sessions SET refresh_used_at = refresh_used_at - interval '31 seconds' WHERE id = ?", first.Session.ID)
	require.NoError(t, err)
	_, err = svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: first.Refresh})
	require.ErrorIs(t, err, auth.ErrRefreshReplayed)
	_, err = svc.Sessions.Authenticate(ctx, db, second.Access)
	require.ErrorIs(t, err, auth.ErrSession)
}

// Idle and absolute limits are the database's, and what ends a user's powers ends
// their sessions.
func TestSessions_end(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	for name, end := range map[string]func(u *auth.User, s *auth.Tokens){
		"expired": func(_ *auth.User, s *auth.Tokens) {
			exec(t, db, "UPDATE auth.sessions SET expires_at = now() - interval '1 second' WHERE id = ?", s.Session.ID)
		},
		"family": func(_ *auth.User, s *auth.Tokens) {
			exec(t, db, "UPDATE auth.sessions SET family_expires_at = now() - interval '1 second' WHERE id = ?", s.Session.ID)
		},
		"suspended": func(u *auth.User, _ *auth.Tokens) { suspend(t, db, u) },
		"suspended by SQL": func(u *auth.User, _ *auth.Tokens) {
			exec(t, db, "UPDATE auth.users SET status = 'suspended' WHERE id = ?", u.ID)
		},
		"deleted": func(u *auth.User, _ *auth.Tokens) {
			_, err := svc.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
			require.NoError(t, err)
		},
		"signed out": func(_ *auth.User, s *auth.Tokens) { require.NoError(t, svc.Sessions.SignOut(ctx, db, s.Access)) },
		"revoked": func(u *auth.User, s *auth.Tokens) {
			require.NoError(t, svc.Sessions.Revoke(ctx, db, auth.RevokeSessionParams{UserID: u.ID, SessionID: s.Session.ID, ActorID: u.ID}))
		},
		"all revoked": func(u *auth.User, _ *auth.Tokens) {
			require.NoError(t, svc.Sessions.RevokeAll(ctx, db, auth.RevokeSessionsParams{UserID: u.ID, ActorID: u.ID}))
		},
		"password reset": func(u *auth.User, _ *auth.Tokens) { reset(t, db, svc, u, another) },
	} {
		u := member(t, db, svc)
		s := signIn(t, db, svc, u)
		_, err := svc.Sessions.Authenticate(ctx, db, s.Access)
		require.NoError(t, err, name)
		end(u, s)
		_, err = svc.Sessions.Authenticate(ctx, db, s.Access)
		require.ErrorIs(t, err, auth.ErrSession, name)
	}
	other := member(t, db, svc)
	mine := signIn(t, db, svc, member(t, db, svc))
	require.ErrorIs(t, svc.Sessions.Revoke(ctx, db, auth.RevokeSessionParams{UserID: other.ID, SessionID: mine.Session.ID, ActorID: other.ID}), auth.ErrSessionNotFound)
	require.ErrorIs(t, svc.Sessions.Revoke(ctx, db, auth.RevokeSessionParams{UserID: mine.Session.UserID, SessionID: mine.Session.ID, ActorID: other.ID}), auth.ErrNotPermitted)
	for _, token := range []string{"", "x", mine.Refresh.Reveal(), mine.Access.Reveal() + "x", string(make([]byte, 1<<16))} {
		_, err := svc.Sessions.Authenticate(ctx, db, auth.NewSecret(token))
		require.ErrorIs(t, err, auth.ErrSession)
	}
}

// A session for cookies lives while it is used, up to its absolute end.
func TestAuthenticate_slides(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u := member(t, db, svc)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	require.True(t, in.Tokens.Refresh.IsZero())
	exec(t, db, "UPDATE auth.sessions SET last_seen_at = now() - interval '30 minutes', expires_at = now() + interval '30 minutes'")
	_, err = svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.NoError(t, err)
	var left float64
	require.NoError(t, db.NewRaw("SELECT extract(epoch FROM expires_at - now()) FROM auth.sessions").Scan(ctx, &left))
	require.InDelta(t, 3600, left, 60)
	exec(t, db, "UPDATE auth.sessions SET family_expires_at = now() + interval '5 minutes', last_seen_at = now() - interval '2 minutes'")
	_, err = svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.NoError(t, err)
	require.NoError(t, db.NewRaw("SELECT extract(epoch FROM expires_at - now()) FROM auth.sessions").Scan(ctx, &left))
	require.InDelta(t, 300, left, 60)
}

// What a request is told of its session is the whole row that is not secret.
func TestAuthenticate_wholeRow(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u := member(t, db, svc)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	exec(t, db, `UPDATE auth.sessions SET parent_id = id, ip_address = '192.0.2.7', place = 'Oslo', user_agent = 'curl', device_id = gen_random_uuid(), device_type = 'ios',
		auth_level = 'mfa', refresh_expires_at = now(), refresh_used_at = now(), last_seen_at = now()`)
	got, err := svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.NoError(t, err)
	var want auth.Session
	require.NoError(t, db.NewSelect().Model(&want).Scan(ctx))
	require.NotNil(t, want.RefreshUsedAt)
	wantJSON, err := json.Marshal(want)
	require.NoError(t, err)
	gotJSON, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, string(wantJSON), string(gotJSON))
}

func exec(t *testing.T, db bun.IDB, q string, args ...any) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), q, args...)
	require.NoError(t, err)
}

// one runs fn 64 times at once and requires that it succeeds exactly once.
func one(t *testing.T, want error, fn func() error) {
	t.Helper()
	oneOf(t, 64, want, fn)
}

func oneOf(t *testing.T, n int, want error, fn func() error) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for range n {
		wg.Go(func() { errs <- fn() })
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, want)
	}
	require.Equal(t, 1, won)
}

var _ = id.New[any]
