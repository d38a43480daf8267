package httpauth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/auth/httpauth"
	"github.com/freehold-go/freehold/realestate/id"
)

type plain struct{}

func (plain) Hash(_ context.Context, p auth.Secret) (auth.Secret, error) {
	return auth.NewSecret("plain:" + p.Reveal()), nil
}

func (plain) Verify(_ context.Context, p, h auth.Secret) (bool, bool, error) {
	return h.Reveal() == "plain:"+p.Reveal(), false, nil
}

const password = "correct horse battery staple"

// site is an authenticator with a signed-in user.
func site(t *testing.T) (*httpauth.Authenticator, *auth.Services, *auth.Tokens, *auth.CreatedAPIKey) {
	t.Helper()
	ctx, db, svc := t.Context(), pgtest.Clone(t), auth.New(auth.Config{Hasher: plain{}})
	u, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
	require.NoError(t, err)
	_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.NoError(t, err)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	key, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "feed", Scopes: []string{"read"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	require.NoError(t, err)
	a, err := httpauth.New(httpauth.Config{Sessions: svc.Sessions, Access: svc.Access, DB: db})
	require.NoError(t, err)
	return a, svc, in.Tokens, key
}

// who answers with the id of whom the request is of.
var who = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if of, ok := httpauth.From(r.Context()); ok {
		_, _ = w.Write([]byte(of.UserID.String()))
	}
})

func do(h http.Handler, method string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://app.example/x", nil)
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func header(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }

func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct{ Code string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	return body.Code
}

func TestCookies(t *testing.T) {
	t.Parallel()
	a, _, tokens, _ := site(t)
	set := httptest.NewRecorder()
	a.SetCookie(set, tokens)
	c := set.Result().Cookies()[0]
	require.Equal(t, "__Host-session", c.Name)
	require.True(t, c.Secure && c.HttpOnly && c.Path == "/" && c.Domain == "" && c.SameSite == http.SameSiteLaxMode)
	cookie := func(r *http.Request) { r.AddCookie(c) }
	h := a.Cookies(who)
	got := do(h, "GET", cookie)
	require.Equal(t, tokens.Session.UserID.String(), got.Body.String())
	require.Equal(t, "no-store", got.Header().Get("Cache-Control"))
	require.Empty(t, do(h, "GET").Body.String(), "nobody")
	old := do(h, "GET", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: "x"}) })
	require.Empty(t, old.Body.String())
	require.Equal(t, -1, old.Result().Cookies()[0].MaxAge, "a cookie of no session is taken away")
	require.Empty(t, do(h, "GET", header("Authorization", "Bearer "+tokens.Access.Reveal())).Body.String(), "bearer tokens are for Bearer")

	var csrf string
	do(a.Cookies(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		of, _ := httpauth.From(r.Context())
		csrf = httpauth.CSRFToken(of.Token)
	})), "GET", cookie)
	for name, c := range map[string]struct {
		with func(*http.Request)
		want int
	}{
		"this site":            {header("Sec-Fetch-Site", "same-origin"), 200},
		"this origin":          {header("Origin", "https://app.example"), 200},
		"its token":            {header("X-CSRF-Token", csrf), 200},
		"another site":         {header("Sec-Fetch-Site", "cross-site"), 403},
		"another origin":       {header("Origin", "https://evil.example"), 403},
		"a sibling":            {header("Sec-Fetch-Site", "same-site"), 403},
		"no origin":            {header("Origin", "null"), 403},
		"a wrong token":        {header("X-CSRF-Token", "x"), 403},
		"nothing said":         {func(*http.Request) {}, 403},
		"its token, elsewhere": {func(r *http.Request) { header("Origin", "https://evil.example")(r); header("X-CSRF-Token", "x")(r) }, 403},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			require.Equal(t, c.want, do(h, method, cookie, c.with).Code, "%s %s", method, name)
		}
	}
	require.Equal(t, "cross_site_request", code(t, do(h, "POST", cookie)))
	// Signing in has no cookie yet, and is not for other sites' forms.
	require.Equal(t, 403, do(h, "POST", header("Sec-Fetch-Site", "cross-site")).Code)
	require.Equal(t, 403, do(h, "POST", header("Origin", "https://evil.example")).Code)
	require.Equal(t, 200, do(h, "POST", header("Sec-Fetch-Site", "same-origin")).Code)
	require.Equal(t, 200, do(h, "POST").Code, "a program")
	require.Equal(t, 200, do(h, "GET", header("Sec-Fetch-Site", "cross-site")).Code, "a link")
}

func TestBearer(t *testing.T) {
	t.Parallel()
	a, _, tokens, key := site(t)
	h := a.Bearer(who)
	bearer := func(s auth.Secret) func(*http.Request) { return header("Authorization", "Bearer "+s.Reveal()) }
	require.Equal(t, tokens.Session.UserID.String(), do(h, "POST", bearer(tokens.Access)).Body.String())
	require.Equal(t, tokens.Session.UserID.String(), do(h, "POST", bearer(key.Key)).Body.String())
	require.Equal(t, 200, do(h, "GET").Code)
	for _, bad := range []string{"Bearer x", "Bearer ", "Basic dTpw", "Bearer fhk_x", "fhk_x"} {
		got := do(h, "GET", header("Authorization", bad))
		require.Equal(t, 401, got.Code, bad)
		require.Equal(t, "Bearer", got.Header().Get("WWW-Authenticate"))
	}
	scoped := func(scope string) http.Handler { return a.Bearer(a.RequireScope(scope)(who)) }
	require.Equal(t, 200, do(scoped("read"), "GET", bearer(key.Key)).Code)
	require.Equal(t, 403, do(scoped("write"), "GET", bearer(key.Key)).Code)
	require.Equal(t, 401, do(scoped("read"), "GET").Code)
	sessions := a.Bearer(a.Require(auth.LevelPassword, 0)(who))
	require.Equal(t, 401, do(sessions, "GET", bearer(key.Key)).Code, "an API key is no session")
	require.Equal(t, 200, do(sessions, "GET", bearer(tokens.Access)).Code)
	require.Equal(t, "fresh_proof_required", code(t, do(a.Bearer(a.Require(auth.LevelMFA, 0)(who)), "GET", bearer(tokens.Access))))
}

func TestStatus(t *testing.T) {
	t.Parallel()
	require.Equal(t, 429, httpauth.Status(auth.ErrTooManyAttempts))
	require.Equal(t, 401, httpauth.Status(auth.ErrSignIn))
	require.Equal(t, 403, httpauth.Status(auth.ErrNotPermitted))
	require.Equal(t, 404, httpauth.Status(auth.ErrUserNotFound))
	require.Equal(t, 422, httpauth.Status(auth.ErrEmail))
	require.Equal(t, 409, httpauth.Status(auth.ErrEmailTaken))
	require.Equal(t, 500, httpauth.Status(context.Canceled))
	_, err := httpauth.New(httpauth.Config{})
	require.ErrorIs(t, err, httpauth.ErrConfig)
}
