package sweeptest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/page"
)

// long reports whether all values are taken.
func long() bool { return os.Getenv("FREEHOLD_SWEEP") == "long" }

// part is one of how many mutations the short form takes.
const part = 12

// chosen reports whether the short form takes a mutation. Over all fields, it takes
// each of the values.
func chosen(v *verb, m mutation) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(v.name + m.what))
	return long() || h.Sum32()%part == 0 || m.far() || m.old()
}

// far reports whether a mutation names a day or a moment of the year 9999.
func (m mutation) far() bool {
	return strings.HasSuffix(m.what, "=the last") || strings.HasSuffix(m.what, "=year 9999")
}

// old reports whether a mutation names a day of the year 1600.
func (m mutation) old() bool { return strings.HasSuffix(m.what, "=of old") }

// lasting are what may be of any later day, by the field or by the verb and the field, with
// the reason. Every other day that is written is judged by the clock and the horizon, or by
// the object's own days.
var lasting = map[string]string{
	"ExpiresAt":                          "until when something holds",
	"RetainUntil":                        "until when a paper is kept",
	"Until":                              "until when a paper is kept",
	"Properties.ProjectOccupancy 0.AsOf": "the verbs of leases and of rent rolls that call it have judged the day",
	"Properties.ProjectOccupancy 0.Units[0].LastRentIncrease": "likewise",
	"Properties.ProjectOccupancy 0.Units[0].LeaseStart":       "likewise",
	"Properties.ProjectOccupancy 0.Units[0].LeaseEnd":         "likewise",
	"Properties.ProjectOccupancy 0.Units[0].MoveInDate":       "likewise",
	"Properties.ProjectOccupancy 0.Units[0].MoveIn":           "likewise",
	"Properties.ProjectOccupancy 0.Units[0].NoticeDate":       "likewise",
	"Financials.AdoptBudget 0.Months[0].Month":                "a plan of any year",
	"Renovations.PlanProject 0.PlannedEnd":                    "a plan",
	"Leases.ChangeParties 0.Add[0].From":                      "within the life of the lease, which has no limit",
	"Leases.ChangeParties 0.Add[0].To":                        "likewise",
	"Leases.CorrectTerm 0.EndsOn":                             "likewise",
	"Leases.CorrectTerm 0.LeavesOn":                           "likewise",
	"Leases.ScheduleCharge 0.Charge.From":                     "likewise",
	"Leases.ScheduleCharge 0.Charge.To":                       "likewise",
}

// loaded are what may be of any earlier day, by the verb and the field, with the reason:
// what a platform loads of the time before it. No other day may be before what its verb is
// about.
var loaded = map[string]string{
	"Cash.PrepareWorksheet 0.AsOf":                            "there was nothing to distribute then, and it says so",
	"Documents.AddDocument 0.RetainUntil":                     "an old paper, that nothing keeps any longer",
	"Financials.AdoptBudget 0.Months[0].Month":                "a plan of any year",
	"Financials.CloseRentRoll 0.AsOf":                         "a roll of the time before the platform",
	"Financials.StoreRentRoll 0.AsOf":                         "likewise",
	"RentRolls.CloseMonth 0.Month":                            "likewise",
	"Financials.DeriveStatement 0.Month":                      "a month in which nothing was booked",
	"Leases.CorrectTerm 0.StartsOn":                           "an old lease",
	"Loans.RecordIndexValues 0.Values[0].Date":                "a series is as old as it is",
	"Market.RecordValuation 0.Date":                           "what it was worth before the platform knew it",
	"Market.RecordValuation 0.ComparableSales[0].Date":        "likewise",
	"Properties.AddComparable 0.LastUpdated":                  "likewise",
	"Offerings.SetTerms 0.EffectiveDate":                      "terms hold from the first money on, whatever day they name",
	"Payables.ReportMaintenance 0.Date":                       "an old request",
	"Properties.EndRenovations 0.Units[0].Date":               "the verbs of projects that call it have judged the day",
	"Properties.ProjectOccupancy 0.AsOf":                      "the verbs of leases and of rent rolls that call it have judged the day",
	"Properties.ProjectOccupancy 0.Units[0].LastRentIncrease": "likewise",
	"Properties.ProjectOccupancy 0.Units[0].LeaseStart":       "likewise",
	"Properties.ProjectOccupancy 0.Units[0].LeaseEnd":         "likewise",
	"Properties.ProjectOccupancy 0.Units[0].MoveIn":           "likewise",
	"Properties.ProjectOccupancy 0.Units[0].NoticeDate":       "likewise",
	"Renovations.PlanProject 0.PlannedStart":                  "an old project",
	"Reports.PrepareStatement 0.PeriodStart":                  "a statement since the beginning",
}

// lasts reports whether a field of a verb is one of them.
func lasts(verb, field string) bool {
	return lasting[verb+" "+field] != "" || lasting[field[strings.LastIndex(field, ".")+1:]] != ""
}

// All that is tried on every verb needs a database in which most of them succeed. Making
// it takes most of the time, so there is one for all of it, and the tests are its parts.
func TestSweep(t *testing.T) {
	t.Parallel()
	raced.Skip(t)
	w := newWorld(t)
	for _, part := range []struct {
		name string
		test func(*testing.T)
	}{
		{"reaches", w.reaches}, {"actors", w.actors}, {"refusals", w.refusals}, {"values", w.values}, {"again", w.again},
		{"escapes", w.refusedWithEscapes}, {"standby", w.reads}, {"modes", w.modes}, {"log", w.logsNothing},
	} {
		t.Run(part.name, part.test)
	}
}

// values calls every verb with bad values.
func (w *world) values(t *testing.T) {
	s := &sweep{t: t, db: w.db, found: map[string][]string{}}
	for _, v := range w.verbs {
		s.verb(v, w.m)
	}
	t.Logf("%d verbs, of which %d succeeded; %d calls", len(w.verbs), w.good, s.calls)
	s.report()
}

// world is a database that has something of everything, and all verbs.
type world struct {
	db    *bun.DB
	m     *maker
	verbs []*verb
	good  int           // those that succeed with what was found for them
	log   func() string // of the server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p := platform(t)
	w := &world{verbs: verbsOf(p), m: newMaker(t)}
	w.db, w.log = pgtest.Logged(t)
	seed(t, w.db, p, w.m, w.verbs)
	for _, v := range w.verbs {
		if v.err == nil {
			w.good++
		} else {
			t.Logf("no parameters that succeed: %s: %s", v.name, shorten(v.err))
		}
	}
	return w
}

// report fails for what was found.
func (s *sweep) report() {
	s.t.Helper()
	for _, k := range slices.Sorted(maps.Keys(s.found)) {
		s.t.Errorf("%s\n\t%d times, such as %s", k, len(s.found[k]), strings.Join(s.found[k][:min(5, len(s.found[k]))], "\n\t"))
	}
}

// sweep is one run.
type sweep struct {
	t     *testing.T
	db    *bun.DB
	calls int
	found map[string][]string // what must not be, and where
}

// verb calls one verb with its mutations.
func (s *sweep) verb(v *verb, m *maker) {
	var cursor page.Cursor
	if out, err := v.call(s.t.Context(), s.db, withLimit(v.best)); err == nil && out.IsValid() && out.Kind() == reflect.Struct && out.FieldByName("Next").IsValid() {
		cursor, _ = out.FieldByName("Next").Interface().(page.Cursor)
	}
	for _, mut := range mutations(v.best, m, cursor) {
		if !chosen(v, mut) {
			continue
		}
		s.lent(v, mut)
	}
}

// withLimit asks for pages of one row, so that there is a second one.
func withLimit(args []reflect.Value) []reflect.Value {
	out := slices.Clone(args)
	for i, a := range out {
		if a.Type() == reflect.TypeFor[page.Request]() {
			out[i] = reflect.ValueOf(page.Request{Limit: 1})
		}
	}
	return out
}

// lent calls in a transaction of the caller's, which goes on.
func (s *sweep) lent(v *verb, mut mutation) {
	ctx := s.t.Context()
	s.calls++
	sqlTx, err := s.db.DB.BeginTx(ctx, nil)
	require.NoError(s.t, err)
	defer func() { _ = sqlTx.Rollback() }()
	before, rows := 0, func() (n int) { // written; the server may count those of earlier transactions too
		require.NoError(s.t, sqlTx.QueryRowContext(ctx, "SELECT sum(n_tup_ins + n_tup_upd) FROM pg_stat_xact_user_tables").Scan(&n))
		return n
	}
	if strings.HasSuffix(mut.what, "megabyte") || mut.far() || mut.old() {
		before = rows()
	}
	_, err = v.call(ctx, realestate.LendTx(sqlTx), mut.args)
	s.judge(v, mut, err)
	var wrote bool
	if qerr := sqlTx.QueryRowContext(ctx, "SELECT pg_current_xact_id_if_assigned() IS NOT NULL").Scan(&wrote); qerr != nil {
		s.add("the transaction is unusable: "+qerr.Error(), v, mut, err)
	}
	// What a client tells of itself is cut to its column rather than refused (auth.Client).
	if err == nil && wrote && strings.HasSuffix(mut.what, "megabyte") && !strings.Contains(mut.what, ".Client.") {
		if rows() > before {
			s.add("a megabyte was taken", v, mut, err)
		}
	}
	if field, _, _ := strings.Cut(mut.what, "="); err == nil && wrote && mut.far() && !lasts(v.name, field) && rows() > before {
		s.add("a day of the year 9999 was taken for "+v.name+" "+field, v, mut, err)
	} else if err == nil && wrote && mut.old() && loaded[v.name+" "+field] == "" && rows() > before {
		s.add("a day of the year 1600 was taken for "+v.name+" "+field, v, mut, err)
	}
	// What failed there fails on a pool too, and leaves nothing for the next call.
	if err != nil || !wrote {
		s.calls++
		_, err = v.call(ctx, s.db, mut.args)
		s.judge(v, mut, err)
	}
}

func (s *sweep) add(what string, v *verb, mut mutation, err error) {
	s.found[what] = append(s.found[what], fmt.Sprintf("%s %s: %v", v.name, mut.what, shorten(err)))
}

func shorten(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()[:min(len(err.Error()), 1500)]
}

// longest is how many bytes the text of an error has at most, whatever the input.
const longest = 32 << 10

// judge holds an outcome against what is documented.
func (s *sweep) judge(v *verb, mut mutation, err error) {
	switch kind := fault.KindOf(err); {
	case err == nil:
	case errors.Is(err, errPanic):
		s.add("panic", v, mut, err)
	case errors.Is(err, errNothing), errors.Is(err, errNull):
		s.add(err.Error(), v, mut, err)
	case errors.Is(err, context.DeadlineExceeded):
		s.add("too slow", v, mut, err)
	case kind == "":
		s.add("no fault: "+clip(err.Error()), v, mut, err)
	case kind == fault.Unavailable, kind == fault.Unknown:
		s.add("a bad value that says to try again", v, mut, errors.Join(err, errors.Unwrap(err)))
	case len(err.Error()) > longest:
		s.add("a long text", v, mut, err)
	case fault.CodeOf(err) == "transaction_aborted":
		s.add("aborted", v, mut, err)
	}
}
