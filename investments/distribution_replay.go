package investments

import (
	"slices"
	"sort"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of computing by terms.
var (
	// ErrNoTerms: the offering has no terms in force on the date.
	ErrNoTerms = fault.New(fault.Illegal, "offering_without_terms", "the offering has no terms in force on this date")
	// ErrMethodMixed: an offering with terms distributes by them, and one
	// without pro rata, or else the terms would not know what was paid.
	ErrMethodMixed = fault.New(fault.Illegal, "distribution_method_mixed", "an offering distributes by its terms, or pro rata where it has none").On("method")
	// ErrDistributionOrder: a distribution on a later date has been declared.
	ErrDistributionOrder = fault.New(fault.Illegal, "distribution_out_of_order", "a distribution on a later date has been declared").On("date")
	// ErrHistoryChanged: with what is on record today, past distributions would
	// have been split otherwise. [Distributions.Review] shows how, and
	// DeclareParams.TrueUp makes it good; or they are reversed and declared anew.
	ErrHistoryChanged = fault.New(fault.Conflict, "distribution_history_changed", "past distributions would be split otherwise today; make it good with a true-up, or reverse them and declare anew")
	// ErrUndistributed: the tiers leave cash that goes to nobody.
	ErrUndistributed = fault.New(fault.Invalid, "distribution_undistributed", "the terms leave a part of the amount to nobody").On("amount")
)

// until runs the history up to a distribution dated on day: first everything
// declared so far, each under the terms it was declared under, then what else
// happened by that day. Between them each day accrues under the terms in force
// on it. It returns the state and the results of the declared ones.
func (h *past) until(day date.Date) (*waterfall.State, []*waterfall.Result, error) {
	switch {
	case len(h.versions) == 0:
		return nil, nil, ErrNoTerms
	case len(h.parties) == 0:
		return nil, nil, ErrNoPositions
	}
	r := replay{past: h, moves: h.moves}
	var later []*waterfall.Terms
	for i, v := range h.versions {
		if !replaced(h.versions, i) {
			r.changes, later = append(r.changes, v.EffectiveDate), append(later, h.terms[v.ID])
		}
	}
	slices.SortFunc(r.changes, date.Date.Compare)
	var err error
	if r.terms, err = h.termsOn(r.changes[0]); err != nil {
		return nil, nil, err
	}
	r.changes = r.changes[1:] // the first terms hold for what came before them too
	if r.state, err = waterfall.Open(r.terms, h.partners(), later...); err != nil {
		return nil, nil, err
	}
	if err = r.fix(h.rates(date.Date{}, h.end(day))); err != nil {
		return nil, nil, err
	}
	results, turns := []*waterfall.Result{}, h.turns(h.declared)
	for i := range h.declared {
		d := &h.declared[i]
		if d.terms.IsZero() {
			return nil, nil, ErrMethodMixed
		}
		late, err := r.late(d, turns[i])
		if err != nil {
			return nil, nil, err
		}
		if err := r.change(turns[i].day); err != nil {
			return nil, nil, err
		}
		if _, err := r.apply(h.governing(d), r.due(turns[i].day)); err != nil {
			return nil, nil, err
		}
		e, err := h.event(d, turns[i])
		if err != nil {
			return nil, nil, err
		}
		done, err := r.apply(h.governing(d), []waterfall.Event{e})
		if err != nil {
			return nil, nil, err
		}
		results = append(results, done...)
		r.moves = append(late, r.moves...)
	}
	err = r.finish(day)
	return r.state, results, err
}

// replay is a history on its way.
type replay struct {
	*past
	state   *waterfall.State
	terms   *waterfall.Terms
	moves   []waterfall.Event // not yet applied, by date
	changes []date.Date       // not yet reached: when versions come into force
}

// due takes the moves dated on or before a day; they are in the order of dates.
func (r *replay) due(by date.Date) (due []waterfall.Event) {
	n := sort.Search(len(r.moves), func(i int) bool { return r.moves[i].Date.After(by) })
	due, r.moves = r.moves[:n], r.moves[n:]
	return due
}

// late takes the moves out that come after a distribution, because of its record date,
// though its turn is later: terms have replaced others since, to whose day the state has
// to be brought first. Those of that very day can come after it; for those before it
// there is no order that is right: [history.ErrBetween].
func (r *replay) late(d *payout, t turn) (late []waterfall.Event, err error) {
	if !t.first {
		return nil, nil
	}
	from := sort.Search(len(r.moves), func(i int) bool { return r.moves[i].Date.After(d.record) })
	to := sort.Search(len(r.moves), func(i int) bool { return r.moves[i].Date.After(t.day) })
	late = slices.Clone(r.moves[from:to])
	if len(late) > 0 && late[0].Date.Before(t.day) {
		return nil, history.ErrBetween.With("between %s and the terms of %s", d.record, t.day)
	}
	r.moves = slices.Concat(r.moves[:from], r.moves[to:])
	return late, nil
}

// fix tells the state of fixings and defaults.
func (r *replay) fix(rates []waterfall.Event) error {
	if len(rates) == 0 {
		return nil
	}
	_, err := r.apply(r.terms, rates)
	return err
}

// apply moves the state through events. Without any it still finds out whether
// the state fits the terms.
func (r *replay) apply(t *waterfall.Terms, events []waterfall.Event) (done []*waterfall.Result, err error) {
	r.state, done, err = waterfall.Apply(t, r.state, events)
	return done, err
}

// change brings the terms up to those in force on a day: what happened before a
// change, and what accrued to it, is under the old ones.
func (r *replay) change(by date.Date) error {
	for len(r.changes) > 0 && !r.changes[0].After(by) {
		on := r.changes[0]
		r.changes = r.changes[1:]
		_, err := r.apply(r.terms, r.due(on.AddDays(-1)))
		if err != nil {
			return err
		}
		if at := r.state.AsOf(); !at.IsZero() && at.Before(on) {
			if r.state, err = waterfall.Accrue(r.terms, r.state, on); err != nil {
				return err
			}
		}
		if r.terms, err = r.termsOn(on); err != nil {
			return err
		}
	}
	return nil
}

// finish comes to the state before a distribution dated on a day, the draft's if there
// is one.
func (r *replay) finish(day date.Date) error {
	if r.draft != nil {
		if _, err := r.late(r.draft, r.lastTurn(r.withDraft())); err != nil { // they come after it
			return err
		}
	}
	if err := r.change(day); err != nil {
		return err
	}
	_, err := r.apply(r.terms, r.due(day))
	return err
}

// sale reports whether d distributes the proceeds of a sale.
func (d *Distribution) sale() bool { return d.kind() == waterfall.Sale }

func (d *Distribution) kind() waterfall.Kind { return or(d.DistributionType).kind() }

// kind is that of the cash that a distribution of the type pays.
func (t DistributionType) kind() waterfall.Kind {
	switch t {
	case DistributionRefinance:
		return waterfall.Refinance
	case DistributionSaleProceeds:
		return waterfall.Sale
	}
	return waterfall.Operating
}
