package waterfall

import (
	"maps"
	"slices"
)

// Fixing is the last value of an index.
type Fixing struct {
	Name string `json:"name"`
	Rate string `json:"rate"`
}

// fix books an event of a rate: a fixing of an index, or the beginning or end of a
// default. It holds from its day on, whatever else happens on that day.
func (e *engine) fix(ev *Event) error {
	s := e.s
	if !validName(ev.Name) {
		return ErrEvent.With("a name is needed").On("name")
	}
	phase := uint8(0)
	if ev.Date == s.asOf && s.rank.IsZero() {
		phase = s.phase
	}
	if err := e.advance(ev.Date, phase); err != nil {
		return err
	}
	if ev.Type == EventDefault {
		s.defaults = maps.Clone(s.defaults)
		if s.defaults == nil {
			s.defaults = map[string]bool{}
		}
		if delete(s.defaults, ev.Name); !ev.Ends {
			s.defaults[ev.Name] = true
		}
		return nil
	}
	if ev.Rate == nil {
		return ErrEvent.With("a fixing has a rate").On("rate")
	}
	r, ok := fixedRate(*ev.Rate)
	if !ok || r < -maxRate || r > maxRate {
		return ErrEvent.With("a fixing is a fraction between -10 and 10 with at most 10 decimals").On("rate")
	}
	s.fixings = maps.Clone(s.fixings)
	if s.fixings == nil {
		s.fixings = map[string]int64{}
	}
	s.fixings[ev.Name] = r
	return nil
}

// fixingRows are the fixings and defaults as they are stored.
func (s *State) fixingRows() (fixings []Fixing, defaults []string) {
	for _, name := range slices.Sorted(maps.Keys(s.fixings)) {
		fixings = append(fixings, Fixing{name, rateText(s.fixings[name])})
	}
	return fixings, slices.Sorted(maps.Keys(s.defaults))
}

// restoreFixings reads what fixingRows writes, and reports whether it is possible.
func (s *State) restoreFixings(fixings []Fixing, defaults []string) bool {
	for _, f := range fixings {
		d, err := decimalOf(f.Rate)
		r, ok := fixedRate(d)
		if _, twice := s.fixings[f.Name]; err != nil || !ok || twice || !validName(f.Name) || r < -maxRate || r > maxRate {
			return false
		}
		if s.fixings == nil {
			s.fixings = map[string]int64{}
		}
		s.fixings[f.Name] = r
	}
	for _, name := range defaults {
		if !validName(name) || s.defaults[name] {
			return false
		}
		if s.defaults == nil {
			s.defaults = map[string]bool{}
		}
		s.defaults[name] = true
	}
	return true
}
