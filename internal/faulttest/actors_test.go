package faulttest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// acting is the key of a context that names another actor than the parameters do,
// and learns which one those have.
type acting struct{}

type actors struct {
	instead *id.Of[auth.User] // nil: theirs
	theirs  *id.Of[auth.User] // nil: the verb has none
}

// actedBy gives parameters the actor that the context names.
func actedBy(ctx context.Context, p any) any {
	who, ok := ctx.Value(acting{}).(*actors)
	if !ok || reflect.TypeOf(p).Kind() != reflect.Struct {
		return p
	}
	changed := reflect.New(reflect.TypeOf(p)).Elem()
	changed.Set(reflect.ValueOf(p))
	f := changed.FieldByName("ActorID")
	if !f.IsValid() {
		return p
	}
	v, _ := f.Interface().(id.Of[auth.User])
	who.theirs = &v
	if who.instead != nil {
		f.Set(reflect.ValueOf(*who.instead))
	}
	return changed.Interface()
}

// Nobody who is unknown, suspended or deleted uses a verb, and what a verb writes
// into the books and the outbox has its actor.
func TestVerbs_actors(t *testing.T) {
	t.Parallel()
	raced.Skip(t)
	inWorlds(t, func(*testing.T, *bun.DB) func(*world, recipes.Recipe) { return (*world).tryActors })
}

// tryActors tries a recipe's verb with its own actor and with those who may not act.
func (w *world) tryActors(v recipes.Recipe) {
	t := w.T
	t.Helper()
	call := w.ready(v)
	told := w.told(w.DB)
	theirs, err := w.as(call, nil, func(tx bun.IDB, by *id.Of[auth.User]) {
		written := w.told(tx)
		for row, actor := range written {
			if _, before := told[row]; !before && by != nil {
				require.Equal(t, by.String(), actor, row)
			}
		}
		require.True(t, by == nil || len(written) > len(told) || slices.Contains(reads, v.Name), "it tells of what it did")
	})
	require.ErrorIs(t, err, errUndone)
	if theirs == nil || slices.Contains(reads, v.Name) {
		return
	}
	w.standing(v.Verb(), call)
	nobody, unknown, suspended, deleted := id.Of[auth.User]{}, id.New[auth.User](), w.gone("suspended"), w.gone("deleted")
	for by, want := range map[*id.Of[auth.User]]*fault.Error{&nobody: investments.ErrActorRequired, &unknown: investments.ErrActorInactive,
		&suspended: investments.ErrActorInactive, &deleted: investments.ErrActorInactive} {
		_, err := w.as(call, by, func(bun.IDB, *id.Of[auth.User]) {})
		require.ErrorIs(t, err, want)
		require.True(t, slices.ContainsFunc(fault.FieldErrors(err), func(e *fault.Error) bool { return e.Field == "actor_id" }), "%v names the field", err)
	}
}

// noParty are the verbs that nobody uses whose money or right it is, and ownersOnly
// those that nobody else uses.
var (
	noParty = []string{"Accounts.ApproveInstruction", "Accounts.RejectInstruction", "Commitments.Admit", "Commitments.ScaleBack", "Commitments.ReceiveCall",
		"Commitments.ReceiveContribution", "Commitments.ReceiveContributions", "Commitments.RefundContribution", "Positions.ApproveTransfer",
		"Positions.CompleteTransfer", "Distributions.Approve", "Distributions.Reject", "Distributions.Pay", "Distributions.Process",
		"Distributions.ConfirmPayments", "Distributions.FailPayment", "Distributions.ReissuePayment",
		"Distributions.Reverse", "Distributions.RecordRecovery"}
	ownersOnly = []string{"Accounts.RequestInstruction", "Commitments.Commit", "Positions.RequestTransfer", "Positions.RequestConversion"}
)

// standing holds a verb against the rule of who is a party.
func (w *world) standing(name string, call command) {
	w.T.Helper()
	switch {
	case slices.Contains(ownersOnly, name):
		_, err := w.as(call, &w.Boss, func(bun.IDB, *id.Of[auth.User]) {})
		require.ErrorIs(w.T, err, investments.ErrActorStranger)
	case slices.Contains(noParty, name):
		refused := 0
		for i := range w.Who {
			if _, err := w.as(call, &w.Who[i], func(bun.IDB, *id.Of[auth.User]) {}); errors.Is(err, investments.ErrActorParty) {
				refused++
			}
		}
		require.Positive(w.T, refused, "the investors are parties to it")
	}
}

// Every verb of the services that money goes through has a row in the table, so that
// it is tried above.
func TestVerbs_allWithActors(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, v := range recipes.Money {
		tried[v.Verb()] = true
	}
	var missing []string
	for i, p := 0, reflect.TypeFor[realestate.Platform](); i < p.NumField(); i++ {
		service := p.Field(i)
		if !service.IsExported() || !strings.HasSuffix(service.Type.Elem().PkgPath(), "/investments") {
			continue
		}
		for j := range service.Type.NumMethod() {
			m := service.Type.Method(j)
			for k := range m.Type.NumIn() {
				if in := m.Type.In(k); in.Kind() == reflect.Struct {
					if _, acts := in.FieldByName("ActorID"); acts && !tried[service.Name+"."+m.Name] && !strings.HasPrefix(m.Name, "Preview") {
						missing = append(missing, service.Name+"."+m.Name)
					}
				}
			}
		}
	}
	require.Empty(t, missing)
}

var errUndone = errors.New("undone")

// as runs a command in a transaction that is undone, by another actor where one is
// given, and returns who acts by its parameters.
func (w *world) as(call command, by *id.Of[auth.User], then func(tx bun.IDB, theirs *id.Of[auth.User])) (theirs *id.Of[auth.User], err error) {
	who := &actors{instead: by}
	err = store.InTx(w.T.Context(), w.DB, func(tx bun.IDB) error {
		if err := call(context.WithValue(w.T.Context(), acting{}, who), tx); err != nil {
			return err
		}
		then(tx, who.theirs)
		return errUndone
	})
	return who.theirs, err
}

// told is the actors of the events and the journals, by row.
func (w *world) told(db bun.IDB) map[string]string {
	w.T.Helper()
	var rows []struct{ Row, Actor string }
	require.NoError(w.T, db.NewRaw(`SELECT type || ' ' || id AS row, COALESCE(actor, '') AS actor FROM freehold.outbox
		UNION ALL SELECT 'journal ' || id, COALESCE(actor, '') FROM financials.journals`).Scan(w.T.Context(), &rows))
	out := map[string]string{}
	for _, r := range rows {
		out[r.Row] = r.Actor
	}
	return out
}

// gone is somebody who may not act any more.
func (w *world) gone(status string) id.Of[auth.User] {
	w.T.Helper()
	u := w.Person()
	_, err := w.DB.NewRaw("UPDATE auth.users SET status = ?0, deleted_at = CASE ?0 WHEN 'deleted' THEN now() END WHERE id = ?1", status, u).Exec(w.T.Context())
	require.NoError(w.T, err)
	return u
}
