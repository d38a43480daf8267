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
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// api is the handlers and what they need.
type api struct {
	platform *realestate.Platform
	db       *bun.DB
	log      *slog.Logger
	now      func() time.Time
}

// call is a request of a user whom the gateway has authenticated.
type call struct {
	*http.Request
	by id.Of[auth.User]
}

// answer is what a handler has to say; an error becomes a problem document.
type answer struct {
	status int
	body   any
}

// handler is the whole API.
func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(*call) (answer, error){
		"POST /v1/properties":                           a.registerProperty,
		"GET /v1/properties":                            a.listProperties,
		"GET /v1/properties/{property}":                 a.property,
		"POST /v1/offerings":                            a.createOffering,
		"GET /v1/offerings/{offering}":                  a.offering,
		"POST /v1/offerings/{offering}/open":            a.openOffering,
		"POST /v1/investors":                            a.registerInvestor,
		"GET /v1/investors/{investor}/portfolio":        a.portfolio,
		"POST /v1/offerings/{offering}/commitments":     a.commit,
		"POST /v1/commitments/{commitment}/receipts":    a.fund,
		"POST /v1/offerings/{offering}/distributions":   a.declare,
		"POST /v1/distributions/{distribution}/approve": a.approve,
		"POST /v1/distributions/{distribution}/pay":     a.pay,
	} {
		mux.HandleFunc(pattern, a.handle(h))
	}
	mux.HandleFunc("GET /healthz", a.health)
	return a.logged(mux)
}

// handle turns what a handler returns into a response, within workTime.
func (a *api) handle(h func(*call) (answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), workTime)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		by, err := id.Parse[auth.User](r.Header.Get("Acting-User"))
		if err != nil {
			a.fail(w, r, errNoActor)
			return
		}
		out, err := h(&call{r, by})
		if err != nil {
			a.fail(w, r, err)
			return
		}
		writeJSON(w, out.status, "application/json", out.body)
	}
}

// errNoActor: the gateway has not said who the user is.
var errNoActor = &httpError{http.StatusUnauthorized, "acting_user_required", "the header Acting-User names the user"}

// do runs a unit of work in one transaction in the name of the acting user, as
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

// maxKey leaves room for the user before it in the 255 characters of a key.
const maxKey = 200

// errKey: a request that moves money has no usable key.
var errKey = &httpError{http.StatusBadRequest, "idempotency_key_required", "the header Idempotency-Key has 1 to 200 characters"}

// idempotencyKey is the client's key, made the acting user's own: another user
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
