package main

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/auth/httpauth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// api is the handlers and what they need.
type api struct {
	platform *realestate.Platform
	db       *bun.DB
	auth     *httpauth.Authenticator
	log      *slog.Logger
	now      func() time.Time
	send     func(message) // what would go out by mail
}

// newAPI puts the API together. Cookies go over TLS only, unless they are insecure.
func newAPI(p *realestate.Platform, db *bun.DB, log *slog.Logger, now func() time.Time, send func(message), insecure bool) (*api, error) {
	a := &api{platform: p, db: db, log: log, now: now, send: send}
	var err error
	a.auth, err = httpauth.New(httpauth.Config{Sessions: p.Sessions, Access: p.Access, DB: db, Insecure: insecure, Refuse: a.fail})
	return a, err
}

// call is a request of somebody who is signed in, or of a machine's key.
type call struct {
	*http.Request
	w   http.ResponseWriter // for cookies only
	who httpauth.Who        // the zero value where nobody has to be signed in
	by  id.Of[auth.User]
}

// answer is what a handler has to say; an error becomes a problem document.
type answer struct {
	status int
	body   any // nil: nothing
}

// route is a handler and who may call it: whoever has a role that permits the action
// on the kind. A zero kind asks for somebody who is signed in; the handler judges.
type route struct {
	handler func(*call) (answer, error)
	action  auth.Action
	kind    auth.Kind
	fresh   bool // a proof of who they are, a short while ago; no keys of machines
	open    bool // nobody has to be signed in
}

// freshFor is how long a sign-in counts as fresh.
const freshFor = 10 * time.Minute

// handler is the whole API.
func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, r := range a.routes() {
		mux.Handle(pattern, a.timed(a.auth.Cookies(a.auth.Bearer(a.guarded(r)))))
	}
	mux.HandleFunc("GET /healthz", a.health)
	return a.logged(mux)
}

func (a *api) routes() map[string]route {
	return map[string]route{
		"POST /v1/session":         {handler: a.signIn, open: true},
		"POST /v1/session/factor":  {handler: a.secondFactor, open: true},
		"POST /v1/session/refresh": {handler: a.refresh, open: true},
		"POST /v1/session/step-up": {handler: a.stepUp},
		"GET /v1/session":          {handler: a.session},
		"DELETE /v1/session":       {handler: a.signOut, open: true},
		"POST /v1/password/links":  {handler: a.passwordLink, open: true},
		"PUT /v1/password":         {handler: a.setPassword, open: true},
		"POST /v1/authenticator":   {handler: a.startAuthenticator, fresh: true},
		"PUT /v1/authenticator":    {handler: a.confirmAuthenticator, fresh: true},
		"POST /v1/api-keys":        {handler: a.createAPIKey, fresh: true},

		"POST /v1/properties":                           {handler: a.registerProperty, action: auth.ActionCreate, kind: auth.KindProperty},
		"GET /v1/properties":                            {handler: a.listProperties, action: auth.ActionView, kind: auth.KindProperty},
		"GET /v1/properties/{property}":                 {handler: a.property, action: auth.ActionView, kind: auth.KindProperty},
		"POST /v1/offerings":                            {handler: a.createOffering, action: auth.ActionCreate, kind: auth.KindOffering},
		"GET /v1/offerings/{offering}":                  {handler: a.offering, action: auth.ActionView, kind: auth.KindOffering},
		"POST /v1/offerings/{offering}/open":            {handler: a.openOffering, action: auth.ActionEdit, kind: auth.KindOffering},
		"POST /v1/investors":                            {handler: a.registerInvestor, action: auth.ActionCreate, kind: auth.KindUser},
		"POST /v1/verifications/{verification}/approve": {handler: a.approveVerification, action: auth.ActionApprove, kind: auth.KindVerification},
		"GET /v1/investors/{investor}/portfolio":        {handler: a.portfolio, action: auth.ActionView, kind: auth.KindPosition},
		"POST /v1/offerings/{offering}/commitments":     {handler: a.commit}, // the investor or staff, which the handler judges
		"POST /v1/commitments/{commitment}/receipts":    {handler: a.fund, action: auth.ActionCreate, kind: auth.KindContribution},
		"POST /v1/offerings/{offering}/distributions":   {handler: a.declare, action: auth.ActionRequest, kind: auth.KindDistribution},
		"POST /v1/distributions/{distribution}/approve": {handler: a.approve, action: auth.ActionApprove, kind: auth.KindDistribution, fresh: true},
		"POST /v1/distributions/{distribution}/pay":     {handler: a.pay, action: auth.ActionPay, kind: auth.KindDistribution, fresh: true},
	}
}

// timed bounds the time and the body of a request.
func (a *api) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), workTime)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// guarded lets a request pass to whom it is for, and turns what the handler returns
// into a response.
func (a *api) guarded(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _ := httpauth.From(r.Context())
		c := &call{r, w, who, who.UserID}
		out, err := answer{}, a.permitted(c, rt)
		if err == nil {
			out, err = rt.handler(c)
		}
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeJSON(w, out.status, "application/json", out.body)
	})
}

// permitted judges who may call a route.
func (a *api) permitted(c *call, rt route) error {
	switch {
	case rt.open:
		return nil
	case c.by.IsZero():
		return httpauth.ErrSignInRequired
	case rt.fresh && c.who.Session == nil:
		return httpauth.ErrSignInRequired
	case rt.fresh && !a.platform.Sessions.Proved(c.who.Session, auth.LevelPassword, freshFor):
		return auth.ErrFreshProof
	case rt.kind == "":
		return nil
	}
	of, err := id.Parse[auth.User](c.PathValue("investor"))
	if err != nil {
		of = id.Of[auth.User]{} // of nobody's
	}
	return a.may(c, rt.action, auth.Object{Kind: rt.kind, Owner: of})
}

// may asks the roles of whoever calls, and the scopes of their key: "offering:view".
func (a *api) may(c *call, action auth.Action, object auth.Object) error {
	if c.who.APIKey != nil && !c.who.APIKey.Allows(string(object.Kind)+":"+string(action)) {
		return httpauth.ErrScope
	}
	return a.platform.Access.Can(c.Context(), a.db, c.by, action, object)
}

// do runs a unit of work in one transaction in the name of who calls, as
// often as it takes. Money verbs inside get the client's idempotency key, which
// is the same in each run.
func (a *api) do(c *call, fn func(ctx context.Context, tx bun.IDB) error) error {
	ctx := c.Context()
	return realestate.Do(ctx, a.db, func(tx bun.IDB) error {
		if err := realestate.SetActor(ctx, tx, c.by.String()); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
}

// perform runs a verb as a unit of work and answers with its result.
func perform[T, B any](a *api, c *call, status int, show func(*T) B, verb func(context.Context, bun.IDB) (*T, error)) (answer, error) {
	var out *T
	err := a.do(c, func(ctx context.Context, tx bun.IDB) (err error) {
		out, err = verb(ctx, tx)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status, show(out)}, nil
}

// keyed reads a request that moves money: its key, the id in its path and its body.
func keyed[T, B any](c *call, name string, missing *fault.Error) (key string, v id.Of[T], body B, err error) {
	if key, err = c.idempotencyKey(); err != nil {
		return key, v, body, err
	}
	if v, err = pathID[T](c.Request, name, missing); err != nil {
		return key, v, body, err
	}
	err = decode(c.Request, &body)
	return key, v, body, err
}

// maxKey leaves room for the user before it in the 255 characters of a key.
const maxKey = 200

// errKey: a request that moves money has no usable key.
var errKey = &httpError{http.StatusBadRequest, "idempotency_key_required", "the header Idempotency-Key has 1 to 200 characters"}

// idempotencyKey is the client's key, made the user's own: another user
// who sends the same one neither collides with it nor sees its result.
func (c *call) idempotencyKey() (string, error) {
	key := strings.TrimSpace(c.Header.Get("Idempotency-Key"))
	if key == "" || len(key) > maxKey {
		return "", errKey
	}
	return c.by.String() + " " + key, nil
}

// pathID reads an id out of the path. What is no id names nothing.
func pathID[T any](r *http.Request, name string, missing *fault.Error) (id.Of[T], error) {
	v, err := id.Parse[T](r.PathValue(name))
	if err != nil {
		return v, missing
	}
	return v, nil
}

// health tells a load balancer whether requests can be answered here.
func (a *api) health(w http.ResponseWriter, r *http.Request) {
	if err := a.db.PingContext(r.Context()); err != nil {
		a.fail(w, r, &httpError{http.StatusServiceUnavailable, "database_unavailable", "the database does not answer"})
		return
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
}
