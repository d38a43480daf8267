package realestate_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
	"github.com/freehold-go/freehold/realestate/vault"
)

// platformWithVault is a platform that may keep secrets.
func platformWithVault(t *testing.T) *realestate.Platform {
	t.Helper()
	secret := sha256.Sum256([]byte("k"))
	v, err := vault.New(vault.Key{ID: "k", Secret: secret[:]})
	require.NoError(t, err)
	p, err := realestate.New(realestate.Config{Vault: v})
	require.NoError(t, err)
	return p
}

// What people tell about themselves reaches neither the server's log, at its
// default settings, nor an error's text, however the verbs fail.
func TestPersonalData_notInTheServersLog(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, log := pgtest.Logged(t)
	p := platformWithVault(t)
	mark := "canary" + strings.ReplaceAll(id.New[auth.User]().String(), "-", "")
	_, err := db.NewRaw("INSERT INTO auth.users (email, password_hash) VALUES (?, NULL)", "control-"+mark+"@example.com").Exec(ctx)
	require.Error(t, err)
	require.True(t, strings.Contains(log(), "control-"+mark), "the log is read, and would show it")

	var failed []error
	fails := func(err error) {
		t.Helper()
		require.Error(t, err)
		require.NotEmpty(t, fault.KindOf(err), "%v", err)
		failed = append(failed, err)
	}
	taken, hash := "taken."+mark+"@example.com", auth.NewSecret("$argon2id$"+mark)
	u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: taken, PasswordHash: hash, Phone: text("+1 555 010 0199")})
	require.NoError(t, err)
	_, err = p.Users.Register(ctx, db, auth.RegisterParams{Email: strings.ToUpper(taken), PasswordHash: hash})
	fails(err)
	_, err = p.Users.Register(ctx, db, auth.RegisterParams{ID: u.ID, Email: "other." + mark + "@example.com", PasswordHash: hash})
	fails(err)
	_, err = p.Users.Register(ctx, db, auth.RegisterParams{Email: "a b" + mark + "@example.com", PasswordHash: auth.NewSecret(strings.Repeat(mark, 20))})
	fails(err)
	profile := users.SaveProfileParams{UserID: id.New[auth.User](), FirstName: text("First" + mark), LastName: text("Last" + mark), Bio: text("Bio" + mark),
		Phone: text("+1 555"), DateOfBirth: date.MustParse("1971-02-03").Ptr()}
	_, err = p.Profiles.SaveProfile(ctx, db, profile)
	fails(err)
	profile.UserID = u.ID
	_, err = p.Profiles.SaveProfile(ctx, db, profile)
	require.NoError(t, err)
	profile.Version, profile.FirstName = 9, text("Second"+mark)
	_, err = p.Profiles.SaveProfile(ctx, db, profile)
	fails(err)
	long := profile
	long.Version, long.LastName = 0, text(strings.Repeat(mark, 20))
	_, err = p.Profiles.SaveProfile(ctx, db, long)
	fails(err)
	submit := users.SubmitVerificationParams{UserID: u.ID, Type: users.VerificationKYC, Data: auth.NewSecret("passport " + mark).Ptr(),
		Documents: []users.EvidenceDocument{{Name: "Passport of " + mark}}}
	_, err = p.Profiles.SubmitVerification(ctx, db, submit)
	require.NoError(t, err)
	_, err = p.Profiles.SubmitVerification(ctx, db, submit)
	fails(err)

	// The statements themselves, failing for a reason of the server's.
	_, err = db.ExecContext(ctx, `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.users FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON users.profiles FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON users.verifications FOR EACH ROW EXECUTE FUNCTION public.refuse()`)
	require.NoError(t, err)
	before := len(log())
	_, err = p.Users.Register(ctx, db, auth.RegisterParams{Email: "new." + mark + "@example.com", PasswordHash: hash})
	require.Error(t, err)
	profile.Version = 1
	_, err = p.Profiles.SaveProfile(ctx, db, profile)
	require.Error(t, err)
	submit.Type = users.VerificationAML
	_, err = p.Profiles.SubmitVerification(ctx, db, submit)
	require.Error(t, err)
	require.Greater(t, strings.Count(log()[before:], "refused"), 2)

	seen := strings.ReplaceAll(log(), "control-"+mark, "")
	require.False(t, strings.Contains(strings.ToLower(seen), mark), "logged")
	for _, err := range failed {
		require.NotContains(t, strings.ToLower(err.Error()), mark)
	}
}

func text(s string) *string { return &s }
