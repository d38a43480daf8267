package waterfall

import "github.com/freehold-go/freehold/realestate/date"

// Compute runs one distribution through the tiers of the terms, on top of a
// state. It is pure: the state is not changed, and the result depends on
// nothing else. It returns [fault.Errors] for bad terms, [ErrStateTerms],
// [ErrOutOfOrder], [ErrEvent], [ErrNoCapital], [ErrNoRecipient],
// [ErrAdjustment], [ErrRelease], [ErrInKind], [ErrTooLarge] or [ErrTooLong].
func Compute(t *Terms, s *State, d Distribution) (*Result, error) {
	e, err := newEngine(t, s)
	if err != nil {
		return nil, err
	}
	r, err := e.distribute(&d)
	if err != nil {
		return nil, err
	}
	r.Closing = e.s
	return r, nil
}

// Apply moves a state through events of any type, which it first puts into the
// order of processing, and returns the closing state and the results of the
// distributions among them. An error of an event names its place among events
// as given.
func Apply(t *Terms, s *State, events []Event) (*State, []*Result, error) {
	e, err := newEngine(t, s)
	if err != nil {
		return nil, nil, err
	}
	rs, err := e.all(events)
	if err != nil {
		return nil, nil, err
	}
	return e.s, rs, nil
}

// Replay runs a whole history from nothing. Its last state is the one that
// applying the events one by one gives, byte for byte.
func Replay(t *Terms, partners []Partner, events []Event) (*History, error) {
	s, err := Open(t, partners)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(t, s)
	if err != nil {
		return nil, err
	}
	rs, err := e.all(events)
	if err != nil {
		return nil, err
	}
	if len(rs) > 0 && len(events) > 0 {
		if last := inOrder(events)[len(events)-1]; last.Type == EventDistribution {
			rs[len(rs)-1].Closing = e.s
		}
	}
	return &History{Results: rs, Final: e.s}, nil
}

// History is the outcome of a replay.
type History struct {
	// Results are those of the distributions, in the order of processing.
	Results []*Result `json:"results"`
	// Final is the state after the last event, as of its date.
	Final *State `json:"final"`
}

// all runs events in their order of processing.
func (e *engine) all(events []Event) ([]*Result, error) {
	var out []*Result
	evs := inOrder(events)
	for i := range evs {
		r, err := e.apply(&evs[i])
		if err != nil {
			return nil, onEvent(err, &evs[i])
		}
		if r != nil {
			out = append(out, r)
		}
	}
	return out, nil
}

// Accrue brings a state to a date on which nothing happens, for statements and
// for terms that change on it. It changes no balance at any later date, but for
// the rounding of compounded balances to 40 digits.
func Accrue(t *Terms, s *State, to date.Date) (*State, error) {
	e, err := newEngine(t, s)
	if err != nil {
		return nil, err
	}
	if err := e.advance(to, 0); err != nil {
		return nil, err
	}
	return e.s, nil
}
