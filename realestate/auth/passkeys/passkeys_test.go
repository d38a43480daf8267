package passkeys_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"sync"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/auth/passkeys"
	"github.com/freehold-go/freehold/realestate/id"
)

const (
	site     = "example.com"
	origin   = "https://app.example.com"
	password = "correct horse battery staple"
)

// device is an authenticator in software: one key on P-256.
type device struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	origin string
	flags  byte
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	d := &device{key: key, id: make([]byte, 32), origin: origin, flags: 0x05} // present and verified
	_, _ = rand.Read(d.id)
	return d
}

var b64 = base64.RawURLEncoding

func (d *device) client(kind, challenge string) []byte {
	out, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return out
}

func (d *device) authData(extra byte) []byte {
	sum := sha256.Sum256([]byte(site))
	return binary.BigEndian.AppendUint32(append(sum[:], d.flags|extra), d.count)
}

type options struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	}
}

// create answers navigator.credentials.create.
func (d *device) create(t *testing.T, raw json.RawMessage) []byte {
	var o options
	require.NoError(t, json.Unmarshal(raw, &o))
	var err error
	d.handle, err = b64.DecodeString(o.PublicKey.User.ID)
	require.NoError(t, err)
	point, err := d.key.PublicKey.Bytes() // 4, x, y
	require.NoError(t, err)
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	require.NoError(t, err)
	data := append(d.authData(0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	require.NoError(t, err)
	out, err := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(d.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64.EncodeToString(object)}})
	require.NoError(t, err)
	return out
}

// get answers navigator.credentials.get.
func (d *device) get(t *testing.T, raw json.RawMessage) []byte {
	var o options
	require.NoError(t, json.Unmarshal(raw, &o))
	d.count++
	data, client := d.authData(0), d.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	require.NoError(t, err)
	out, err := json.Marshal(map[string]any{"id": b64.EncodeToString(d.id), "rawId": b64.EncodeToString(d.id), "type": "public-key",
		"response": map[string]any{"clientDataJSON": b64.EncodeToString(client), "authenticatorData": b64.EncodeToString(data),
			"signature": b64.EncodeToString(sig), "userHandle": b64.EncodeToString(d.handle)}})
	require.NoError(t, err)
	return out
}

type plain struct{}

func (plain) Hash(_ context.Context, p auth.Secret) (auth.Secret, error) {
	return auth.NewSecret("plain:" + p.Reveal()), nil
}

func (plain) Verify(_ context.Context, p, h auth.Secret) (bool, bool, error) {
	return h.Reveal() == "plain:"+p.Reveal(), false, nil
}

func enrolled(t *testing.T, db bun.IDB) (*auth.Services, *passkeys.Service, *device, *auth.Tokens) {
	ctx, svc := t.Context(), auth.New(auth.Config{Hasher: plain{}, Limits: auth.Limits{Account: 1000, Address: 1000}})
	u, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
	require.NoError(t, err)
	_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.NoError(t, err)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	keys, err := passkeys.New(passkeys.Config{Factors: svc.Factors, Sessions: svc.Sessions, ID: site, Name: "Example", Origins: []string{origin}})
	require.NoError(t, err)
	d := newDevice(t)
	begun, err := keys.StartEnrolment(ctx, db, in.Tokens.Session.ID)
	require.NoError(t, err)
	answer := d.create(t, begun.Options)
	added, err := keys.Enrol(ctx, db, passkeys.EnrolParams{SessionID: in.Tokens.Session.ID, Token: begun.Token, Answer: answer, Name: "phone"})
	require.NoError(t, err)
	require.Equal(t, "phone", *added.Passkey.Name)
	_, err = svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
	require.ErrorIs(t, err, auth.ErrSession, "the token of before is worth nothing")
	_, err = keys.Enrol(ctx, db, passkeys.EnrolParams{SessionID: in.Tokens.Session.ID, Token: begun.Token, Answer: answer})
	require.ErrorIs(t, err, auth.ErrChallenge, "a ceremony is used once")
	return svc, keys, d, added.Tokens
}

func TestPasskeys(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, keys, d, tokens := enrolled(t, db)
	s, err := svc.Sessions.Authenticate(ctx, db, tokens.Access)
	require.NoError(t, err)
	require.Equal(t, auth.LevelMFA, s.AuthLevel)
	u, err := svc.Users.User(ctx, db, s.UserID)
	require.NoError(t, err)
	require.True(t, u.MFAEnabled)

	sign := func(begun *passkeys.Ceremony, answer []byte) (*auth.SignedIn, error) {
		return keys.SignIn(ctx, db, passkeys.SignInParams{Token: begun.Token, Answer: answer})
	}
	start := func() *passkeys.Ceremony {
		begun, err := keys.StartSignIn(ctx, db, auth.Client{})
		require.NoError(t, err)
		return begun
	}
	begun := start()
	answer := d.get(t, begun.Options)
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for range 64 {
		wg.Go(func() {
			in, err := sign(begun, answer)
			if err == nil && (in.UserID != u.ID || in.Tokens.Session.AuthLevel != auth.LevelMFA) {
				err = auth.ErrPasskey
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
		}
	}
	require.Equal(t, 1, won, "an answer works once, in however many tries")

	begun = start()
	d.origin = "https://evil.example"
	_, err = sign(begun, d.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey, "another site")
	d.origin = origin
	d.flags = 0x01
	_, err = sign(begun, d.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey, "the user was not verified")
	d.flags = 0x05
	_, err = sign(start(), d.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey, "the challenge of another ceremony")
	stranger := newDevice(t)
	stranger.handle, stranger.id = d.handle, d.id
	_, err = sign(begun, stranger.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey, "another key")
	_, err = sign(begun, []byte("{}"))
	require.ErrorIs(t, err, auth.ErrPasskey)
	_, err = sign(begun, d.get(t, begun.Options))
	require.NoError(t, err)
	begun = start()
	d.count = 0
	_, err = sign(begun, d.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey, "the counter went back: a copy is about")

	var failed int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.login_attempts WHERE kind = 'passkey' AND user_id = ? AND failure_reason = 'wrong_secret'", u.ID).Scan(ctx, &failed))
	require.GreaterOrEqual(t, failed, 5, "what was not accepted is written down")

	// Within a session the passkey is a new proof, of its owner alone.
	up := func(s *auth.Session, begun *passkeys.Ceremony) (*auth.Tokens, error) {
		return keys.StepUp(ctx, db, passkeys.StepUpParams{Session: s, Token: begun.Token, Answer: d.get(t, begun.Options)})
	}
	d.count = 1000
	again, err := keys.StartStepUp(ctx, db, s)
	require.NoError(t, err)
	lifted, err := up(s, again)
	require.NoError(t, err)
	require.Equal(t, auth.LevelElevated, lifted.Session.AuthLevel)
	_, err = svc.Sessions.Authenticate(ctx, db, tokens.Access)
	require.ErrorIs(t, err, auth.ErrSession, "the tokens are new")
	_, err = up(s, again)
	require.ErrorIs(t, err, auth.ErrChallenge, "once")
	_, other, _, theirs := enrolled(t, db)
	foreign, err := other.StartStepUp(ctx, db, theirs.Session)
	require.NoError(t, err)
	_, err = up(theirs.Session, foreign)
	require.ErrorIs(t, err, auth.ErrPasskey, "somebody else's passkey")
	_, err = svc.Sessions.StepUpWithPasskey(ctx, db, auth.StepUpWithPasskeyParams{SessionID: theirs.Session.ID, PasskeyID: passkeyOf(t, svc, db, u.ID), Token: again.Token})
	require.ErrorIs(t, err, auth.ErrPasskey, "in somebody else's session")

	list, err := svc.Factors.Passkeys(ctx, db, u.ID)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.NotNil(t, list[0].LastUsedAt)
	gone, err := svc.Factors.RemovePasskey(ctx, db, auth.RemovePasskeyParams{SessionID: s.ID, PasskeyID: list[0].ID})
	require.NoError(t, err)
	require.Equal(t, &auth.Notice{To: u.Email, Action: auth.AuditFactorRemoved}, gone)
	_, err = svc.Factors.RemovePasskey(ctx, db, auth.RemovePasskeyParams{SessionID: s.ID, PasskeyID: list[0].ID})
	require.ErrorIs(t, err, auth.ErrPasskeyNotFound)
	d.count = 2000
	_, err = sign(begun, d.get(t, begun.Options))
	require.ErrorIs(t, err, auth.ErrPasskey)
	_, err = passkeys.New(passkeys.Config{})
	require.ErrorIs(t, err, passkeys.ErrConfig)
}

func passkeyOf(t *testing.T, svc *auth.Services, db bun.IDB, user id.Of[auth.User]) id.Of[auth.Passkey] {
	list, err := svc.Factors.Passkeys(t.Context(), db, user)
	require.NoError(t, err)
	require.Len(t, list, 1)
	return list[0].ID
}
