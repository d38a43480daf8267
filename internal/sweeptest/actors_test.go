package sweeptest

import (
	"errors"
	"maps"
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
var actorFields = []string{"ActorID", "ReviewerID", "SuspendedBy", "ReinstatedBy", "GrantedBy", "RevokedBy", "CreatedBy"}

// partyFields are what they call those whose money, right or paper it is.
var partyFields = []string{"UploaderID", "OwnerID", "SignerID", "InvestorID", "JointInvestorID", "ToInvestorID"}

// nameless are the services whose verbs tell of what they did and name nobody who did
// it, with the reason: none of them moves or releases money, or approves.
var nameless = map[string]string{
	"Users":       "people's own sign-up and data",
	"Factors":     "people's own second factors",
	"Profiles":    "people's own profiles and evidence; who decides about it is named",
	"Properties":  "facts of houses",
	"Renovations": "plans and progress of building works",
	"Media":       "pictures, films and tours",
	"Market":      "figures of the market",
	"Events":      "dates and invitations",
	"Financials":  "statements, loans and rent rolls as they were agreed with others",
	"Ledger":      "its journals name their actor as a text",
}

// byNobody are the verbs that may name nobody who acts, with the reason.
var byNobody = map[string]string{
	"Proofs.KeepMark":       "the job that proves books, of what it has proved",
	"Access.LinkIdentity":   "people's own, shown by their session",
	"Access.UnlinkIdentity": "people's own, shown by their session",
	"Users.SetPassword":     "somebody's first password is the host's to set",
	"Leases.AddTenant":      "a name on record; whoever signs a lease with it is named",
	"Leases.UpdateTenant":   "a name on record",
	"Users.Register":        "people sign up themselves",
}

// byText are the verbs of the ledger that name who is responsible as a text: a user's id or
// the name of a job, which a book of a host's own has, too.
var byText = []string{"Ledger.Post", "Ledger.PostBatch", "Ledger.Reverse", "Ledger.Draft", "Ledger.PostPending"}

// judged are the verbs, or a field of theirs, whose actor something else has judged, with what.
var judged = map[string]string{
	"Users.RecordErasure":                 "Platform.Erase",
	"Distributions.Preview":               "nobody: it is a read",
	"Reports.PreviewStatement":            "nobody: it is a read",
	"Offerings.PreviewTerms":              "nobody: it is a read",
	"Reports.PrepareStatement InvestorID": "who is gone gets the statements that the law asks for",
	"Media.AddPhoto UploaderID":           "the upload, where there is one: it is of an active user's",
	"Media.AddVideo UploaderID":           "the upload, where there is one: it is of an active user's",
	"Media.AddTour UploaderID":            "the upload, where there is one: it is of an active user's",
}

// leastActing is how many verbs with an actor are tried.
const leastActing = 40

// actors sees that whoever is unnamed, unknown, suspended or deleted uses no verb of any
// service that names who acts, and that a verb which tells of what it did, or moves money,
// names somebody, or is of a service with a reason. It leaves no rows but those of the bad users.
func (w *world) actors(t *testing.T) {
	bad := map[string]id.Of[auth.User]{"nobody": {}, "unknown": id.New[auth.User](), "suspended": gone(t, w.db, "suspended"), "deleted": gone(t, w.db, "deleted")}
	money := w.moneyTables(t)
	tried, used := 0, map[string]bool{}
	var untried []string
	for _, v := range w.verbs {
		all := actorsOf(v.best)
		if len(all) == 0 {
			v.namesNobody(t, w, money, used)
			continue
		}
		if v.err != nil || v.pool {
			untried = append(untried, v.name)
			continue
		}
		tried++
		for _, a := range all {
			for what, by := range bad {
				args := slices.Clone(v.best)
				args[a.at] = a.changed(args[a.at], by)
				err := v.try(t.Context(), w.db, args)
				named := v.name + " " + a.field
				switch {
				case judged[v.name] != "" || judged[named] != "":
				case what != "nobody":
					if !a.refused(err) {
						t.Errorf("%s: somebody %s uses %s: %v", a.field, what, v.name, err)
					}
				case byNobody[v.name] != "":
					used[v.name] = true
				case !a.optional:
					if fault.KindOf(err) != fault.Invalid && (!slices.Contains(partyFields, a.field) || !a.refused(err)) {
						t.Errorf("%s: nobody uses %s: %v", a.field, v.name, err)
					}
				}
			}
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(nameless)), byText) {
		if !used[name] {
			t.Errorf("%s is excused, and needs none", name)
		}
	}
	require.Greater(t, tried, leastActing, "not tried: %v", untried)
	t.Logf("%d verbs tried, not tried: %v", tried, untried)
}

// refused reports whether somebody was refused as one who may not act, or has no part in it.
func (a acting) refused(err error) bool {
	if slices.Contains(partyFields, a.field) {
		return errors.Is(err, fault.Forbidden) || errors.Is(err, fault.NotFound) || errors.Is(err, fault.Invalid) || errors.Is(err, fault.Illegal)
	}
	return errors.Is(err, auth.ErrActorInactive)
}

// moneyTables are those in which it stands what was paid, owed, released or agreed to: each
// row of theirs is of a journal or of a decision.
func (w *world) moneyTables(t *testing.T) (out []string) {
	t.Helper()
	require.NoError(t, w.db.NewRaw(`SELECT DISTINCT table_schema || '.' || table_name FROM information_schema.columns
		WHERE column_name IN ('journal_id', 'declaration_journal_id') AND table_schema IN ('financials', 'investments') AND table_name NOT LIKE '%history'
			AND table_name <> 'unsealed_journals'`).Scan(t.Context(), &out))
	out = append(out, "financials.journals", "freehold.approvals", "freehold.approval_requests", "financials.bills", "investments.payment_instructions", "investments.subscriptions",
		"investments.property_investments", "investments.capital_calls", "investments.investor_distributions", "financials.lease_write_offs")
	require.Greater(t, len(out), 20)
	return out
}

// namesNobody holds a verb without an actor, that tells of what it did, against the
// services that have a reason. None moves money. It notes which excuses are used.
func (v *verb) namesNobody(t *testing.T, w *world, money []string, used map[string]bool) {
	t.Helper()
	if v.err != nil || v.pool {
		return
	}
	service, _, _ := strings.Cut(v.name, ".")
	for _, table := range w.writes(t, v) {
		switch {
		case slices.Contains(money, table) && slices.Contains(byText, v.name):
			used[v.name] = true
		case slices.Contains(money, table):
			t.Errorf("%s names nobody who moves the money of %s", v.name, table)
		case table != "freehold.outbox":
		case byNobody[v.name] != "":
			used[v.name] = true
		case nameless[service] != "":
			used[service] = true
		default:
			t.Errorf("%s names nobody who does it", v.name)
		}
	}
}

// acting is a field of the arguments that names who acts.
type acting struct {
	at       int // of the parameters
	field    string
	optional bool // a pointer
}

// actorsOf finds who acts in arguments.
func actorsOf(args []reflect.Value) (out []acting) {
	for i, a := range args {
		if a.Kind() != reflect.Struct || strings.HasSuffix(a.Type().Name(), "Filter") {
			continue
		}
		for _, name := range slices.Concat(actorFields, partyFields) {
			f, ok := a.Type().FieldByName(name)
			switch {
			case ok && f.Type == reflect.TypeFor[id.Of[auth.User]]():
				out = append(out, acting{i, name, false})
			case ok && f.Type == reflect.TypeFor[*id.Of[auth.User]]():
				out = append(out, acting{i, name, true})
			}
		}
	}
	return out
}

// changed is the parameters of another command, by somebody else.
func (a acting) changed(params reflect.Value, by id.Of[auth.User]) reflect.Value {
	out := reflect.New(params.Type()).Elem()
	out.Set(params)
	if f := out.FieldByName(a.field); a.optional {
		f.Set(reflect.ValueOf(&by))
	} else {
		f.Set(reflect.ValueOf(by))
	}
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
