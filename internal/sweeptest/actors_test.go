package sweeptest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// actorFields are what parameters call the person who acts.
var actorFields = []string{"ActorID", "ReviewerID", "SuspendedBy", "ReinstatedBy", "GrantedBy", "RevokedBy"}

// filters name an actor to look for, and nobody acts.
var filters = []string{"AuditFilter"}

// nameless are the services whose verbs tell of what they did and name nobody who did
// it, with the reason: none of them moves or releases money, or approves.
var nameless = map[string]string{
	"Users":         "people's own sign-up and data",
	"Sessions":      "people's own sign-in",
	"Factors":       "people's own second factors",
	"Profiles":      "people's own profiles and evidence; who decides about it is named",
	"Notifications": "messages",
	"Properties":    "facts of houses",
	"Renovations":   "plans and progress of building works",
	"Media":         "pictures, films and tours",
	"Market":        "figures of the market",
	"Events":        "dates and invitations",
	"Documents":     "files and their versions",
	"Signatures":    "signers answer for themselves; who asks them is named",
	"Analytics":     "what visitors did",
	"Financials":    "statements, loans and rent rolls as they were agreed with others",
	"Ledger":        "its journals name their actor as a text",
}

// byNobody are the verbs that may name nobody who acts, with the reason.
var byNobody = map[string]string{
	"Users.SetPassword":        "somebody's first password is the host's to set",
	"Leases.AddTenant":         "a name on record; whoever signs a lease with it is named",
	"Leases.UpdateTenant":      "a name on record",
	"Leases.RefreshUnits":      "the day's work of the clock: it writes what the leases say",
	"Reports.PreviewStatement": "a look at what would be",
	"Offerings.PreviewTerms":   "a look at what would be",
	"Users.Register":           "people sign up themselves",
}

// judged are the verbs whose actor another verb has judged, with which.
var judged = map[string]string{"Users.RecordErasure": "Platform.Erase", "Reports.PreviewStatement": "nobody: it is a read", "Offerings.PreviewTerms": "nobody: it is a read"}

// leastActing is how many verbs with an actor are tried.
const leastActing = 40

// actors sees that whoever is unnamed, unknown, suspended or deleted uses no verb of any
// service that names who acts, and that a verb which tells of what it did names somebody,
// or is of a service with a reason. It leaves no rows but those of the bad users.
func (w *world) actors(t *testing.T) {
	bad := map[string]id.Of[auth.User]{"nobody": {}, "unknown": id.New[auth.User](), "suspended": gone(t, w.db, "suspended"), "deleted": gone(t, w.db, "deleted")}
	tried := 0
	var untried []string
	for _, v := range w.verbs {
		i, field := actorOf(v.best)
		if i < 0 {
			v.namesNobody(t, w.db)
			continue
		}
		if v.err != nil || v.pool {
			untried = append(untried, v.name)
			continue
		}
		tried++
		for what, by := range bad {
			args := slices.Clone(v.best)
			args[i] = changed(args[i], field, by)
			err := v.try(t.Context(), w.db, args)
			switch {
			case judged[v.name] != "":
			case what != "nobody":
				require.ErrorIs(t, err, auth.ErrActorInactive, "%s by somebody %s", v.name, what)
			case byNobody[v.name] == "":
				require.ErrorIs(t, err, fault.Invalid, "%s by nobody", v.name)
			}
		}
	}
	require.Greater(t, tried, leastActing, "not tried: %v", untried)
	t.Logf("%d verbs tried, not tried: %v", tried, untried)
}

// namesNobody holds a verb without an actor, that tells of what it did, against the
// services that have a reason.
func (v *verb) namesNobody(t *testing.T, db *bun.DB) {
	t.Helper()
	service, _, _ := strings.Cut(v.name, ".")
	if _, ok := nameless[service]; ok || byNobody[v.name] != "" || v.err != nil || v.pool {
		return
	}
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	count := func() (n int) {
		require.NoError(t, tx.NewRaw("SELECT (SELECT count(*) FROM freehold.outbox) + (SELECT count(*) FROM financials.journals)").Scan(t.Context(), &n))
		return n
	}
	before := count()
	if _, err := v.call(t.Context(), tx, v.best); err == nil {
		require.Equal(t, before, count(), "%s names nobody who does it", v.name)
	}
}

// actorOf finds who acts in arguments: the index of the parameters, or below zero,
// and the field.
func actorOf(args []reflect.Value) (int, string) {
	for i, a := range args {
		if a.Kind() != reflect.Struct || slices.Contains(filters, a.Type().Name()) {
			continue
		}
		for _, name := range actorFields {
			if f := a.FieldByName(name); f.IsValid() && f.Type() == reflect.TypeFor[id.Of[auth.User]]() {
				return i, name
			}
		}
	}
	return -1, ""
}

// changed is the parameters of another command, by somebody else.
func changed(params reflect.Value, field string, by id.Of[auth.User]) reflect.Value {
	out := reflect.New(params.Type()).Elem()
	out.Set(params)
	out.FieldByName(field).Set(reflect.ValueOf(by))
	if key := out.FieldByName("IdempotencyKey"); key.IsValid() {
		key.SetString(id.New[string]().String())
	}
	return out
}

func gone(t *testing.T, db *bun.DB, status string) id.Of[auth.User] {
	t.Helper()
	u := realestatetest.User(t, db)
	_, err := db.NewRaw("UPDATE auth.users SET status = ?0, deleted_at = CASE ?0 WHEN 'deleted' THEN now() END WHERE id = ?1", status, u.ID).Exec(t.Context())
	require.NoError(t, err)
	return u.ID
}
