package httpauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of this package.
var (
	// ErrSignInRequired: the request is of nobody.
	ErrSignInRequired = fault.New(fault.Forbidden, "sign_in_required", "sign in")
	// ErrForged: the request changes something and does not say that it comes from
	// this site.
	ErrForged = fault.New(fault.Forbidden, "cross_site_request", "this request comes from another site")
	// ErrScope: the API key lacks the scope.
	ErrScope = fault.New(fault.Forbidden, "scope_missing", "the API key does not allow this")
	// ErrConfig: the authenticator lacks its sessions or its database.
	ErrConfig = fault.New(fault.Invalid, "httpauth_config", "sessions and a database are needed")
)

// Config configures an [Authenticator].
type Config struct {
	Sessions *auth.Sessions
	Access   *auth.Access // for API keys; nil accepts none
	DB       bun.IDB      // the pool
	// Cookie is the name of the cookie; "" is "__Host-session".
	Cookie string
	// Insecure serves cookies without TLS, for a machine of one's own; the default
	// name is "session" then.
	Insecure bool
	// Client says where a request comes from; nil takes the address of the
	// connection, which behind a proxy is the proxy's.
	Client func(*http.Request) auth.Client
	// Refuse answers a request that is refused; nil writes the status and the code.
	Refuse func(http.ResponseWriter, *http.Request, error)
}

// Authenticator is the middleware. It is immutable and safe for concurrent use.
type Authenticator struct{ cfg Config }

// New makes an Authenticator. It returns [ErrConfig].
func New(cfg Config) (*Authenticator, error) {
	if cfg.Sessions == nil || cfg.DB == nil {
		return nil, ErrConfig
	}
	if cfg.Cookie == "" {
		cfg.Cookie = "__Host-session"
		if cfg.Insecure {
			cfg.Cookie = "session"
		}
	}
	if cfg.Client == nil {
		cfg.Client = Direct
	}
	if cfg.Refuse == nil {
		cfg.Refuse = refuse
	}
	return &Authenticator{cfg}, nil
}

// Direct is where a connection comes from, for hosts without a proxy.
func Direct(r *http.Request) auth.Client {
	c := auth.Client{UserAgent: r.UserAgent(), DeviceType: auth.DeviceWeb}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		c.IPAddress = at.Addr()
	}
	return c
}

// Client says where a request comes from, by the configuration.
func (a *Authenticator) Client(r *http.Request) auth.Client { return a.cfg.Client(r) }

type contextKey struct{}

// Who is whom a request is of: a session's user or an API key's.
type Who struct {
	UserID  id.Of[auth.User]
	Session *auth.Session // nil for an API key
	APIKey  *auth.APIKey  // nil for a session
	Token   auth.Secret   // what the request came with, for signing out and for [CSRFToken]
}

// From returns whom the request of a context is of; ok is false for nobody.
func From(ctx context.Context) (who Who, ok bool) {
	who, ok = ctx.Value(contextKey{}).(Who)
	return who, ok
}

func (a *Authenticator) serve(w http.ResponseWriter, r *http.Request, who Who, next http.Handler) {
	w.Header().Set("Cache-Control", "no-store")
	next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, who)))
}

// SetCookie gives a client the access token of a session. Sessions for cookies have no
// refresh token.
func (a *Authenticator) SetCookie(w http.ResponseWriter, tokens *auth.Tokens) {
	http.SetCookie(w, a.cookie(tokens.Access.Reveal(), 0))
}

// ClearCookie takes the cookie away, at sign-out.
func (a *Authenticator) ClearCookie(w http.ResponseWriter) { http.SetCookie(w, a.cookie("", -1)) }

func (a *Authenticator) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: a.cfg.Cookie, Value: value, Path: "/", MaxAge: maxAge, Secure: !a.cfg.Insecure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// token is what a request has in its cookie.
func (a *Authenticator) token(r *http.Request) auth.Secret {
	c, err := r.Cookie(a.cfg.Cookie)
	if err != nil {
		return auth.Secret{}
	}
	return auth.NewSecret(c.Value)
}

// Cookies authenticates requests by their cookie. One without a cookie goes on as
// nobody's; one whose session is over loses the cookie and goes on likewise. A request
// that changes something and does not come from this site is refused, with a cookie or
// without: nobody is signed in as somebody else by another site's form either.
func (a *Authenticator) Cookies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := a.token(r)
		if token.IsZero() {
			// A form of another site cannot set Authorization.
			if r.Header.Get("Authorization") == "" && http.NewCrossOriginProtection().Check(r) != nil {
				a.cfg.Refuse(w, r, ErrForged)
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		if !a.ours(r, token) {
			a.cfg.Refuse(w, r, ErrForged)
			return
		}
		s, err := a.cfg.Sessions.Authenticate(r.Context(), a.cfg.DB, token)
		switch {
		case errors.Is(err, auth.ErrSession):
			a.ClearCookie(w)
			next.ServeHTTP(w, r)
		case err != nil:
			a.cfg.Refuse(w, r, err)
		default:
			a.serve(w, r, Who{UserID: s.UserID, Session: s, Token: token}, next)
		}
	})
}

// ours reports whether a request changes nothing or comes from this site.
func (a *Authenticator) ours(r *http.Request, token auth.Secret) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	if shown := r.Header.Get("X-CSRF-Token"); shown != "" {
		return hmac.Equal([]byte(shown), []byte(CSRFToken(token)))
	}
	if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
		return false
	}
	return http.NewCrossOriginProtection().Check(r) == nil
}

// CSRFToken is what a page of this site shows in the header X-CSRF-Token, for clients
// that do not say where a request comes from. It follows from the session's access
// token.
func CSRFToken(access auth.Secret) string {
	h := hmac.New(sha256.New, []byte(access.Reveal()))
	h.Write([]byte("freehold csrf"))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Bearer authenticates requests by the header Authorization: an access token of a
// session, or an API key. One without the header goes on as nobody's; one whose token
// is not accepted is refused. Cookies count for nothing here.
func (a *Authenticator) Bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get("Authorization")
		if header == "" {
			next.ServeHTTP(w, r)
			return
		}
		scheme, text, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || text == "" {
			a.cfg.Refuse(w, r, ErrSignInRequired)
			return
		}
		token := auth.NewSecret(text)
		who := Who{Token: token}
		var err error
		if strings.HasPrefix(text, auth.APIKeyPrefix) {
			if a.cfg.Access == nil {
				err = auth.ErrAPIKey
			} else if who.APIKey, err = a.cfg.Access.AuthenticateAPIKey(r.Context(), a.cfg.DB, token); err == nil {
				who.UserID = who.APIKey.UserID
			}
		} else if who.Session, err = a.cfg.Sessions.Authenticate(r.Context(), a.cfg.DB, token); err == nil {
			who.UserID = who.Session.UserID
		}
		if err != nil {
			a.cfg.Refuse(w, r, err)
			return
		}
		a.serve(w, r, who, next)
	})
}

// Require lets only requests of a session pass whose user has proved themselves at
// least at the level, and within the time where it is not zero. API keys do not pass.
func (a *Authenticator) Require(level auth.Level, within time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who, ok := From(r.Context())
			switch {
			case !ok || who.Session == nil:
				a.cfg.Refuse(w, r, ErrSignInRequired)
			case !a.cfg.Sessions.Proved(who.Session, level, within):
				a.cfg.Refuse(w, r, auth.ErrFreshProof)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// RequireScope lets requests of API keys with the scope pass, and those of sessions.
func (a *Authenticator) RequireScope(scope string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who, ok := From(r.Context())
			switch {
			case !ok:
				a.cfg.Refuse(w, r, ErrSignInRequired)
			case who.APIKey != nil && !who.APIKey.Allows(scope):
				a.cfg.Refuse(w, r, ErrScope)
			default:
				next.ServeHTTP(w, r)
			}
		})
	}
}

// Status is the status of an answer to an error of package auth: 401 where signing in
// would help, 429 over a limit, else by the error's kind.
func Status(err error) int {
	switch {
	case errors.Is(err, auth.ErrSession), errors.Is(err, auth.ErrAPIKey), errors.Is(err, ErrSignInRequired), errors.Is(err, auth.ErrSignIn),
		errors.Is(err, auth.ErrFactor), errors.Is(err, auth.ErrChallenge), errors.Is(err, auth.ErrRefreshReplayed):
		return http.StatusUnauthorized
	case errors.Is(err, auth.ErrTooManyAttempts):
		return http.StatusTooManyRequests
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Conflict, fault.Illegal:
		return http.StatusConflict
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// refuse writes the status and the code of an error, and nothing of its text.
func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	code := fault.CodeOf(err)
	if code == "" {
		code = "internal"
	}
	status := Status(err)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code}) // the client may be gone
}
