package waterfall

import (
	"cmp"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/date"
)

// Fixing is a value of an index, which holds from its day on.
type Fixing struct {
	Name string    `json:"name"`
	Date date.Date `json:"date"`
	Rate string    `json:"rate"`
}

// Default is the day from which a preference has its default rate or, where it
// ends, no longer has it.
type Default struct {
	Name string    `json:"name"`
	Date date.Date `json:"date"`
	Ends bool      `json:"ends,omitempty"`
}

// dated is a value that holds from a day on: the fixing of an index, or whether a
// preference is in default, which is 1 or 0.
type dated struct {
	name  string
	day   date.Date
	value int64
}

// datedValues are sorted by name and day, and of each day there is one.
type datedValues []dated

func (d datedValues) find(name string, day date.Date) (int, bool) {
	return slices.BinarySearchFunc(d, dated{name: name, day: day}, func(a, b dated) int {
		return cmp.Or(strings.Compare(a.name, b.name), a.day.Compare(b.day))
	})
}

// with returns a copy with a further value, which replaces that of its day.
func (d datedValues) with(x dated) datedValues {
	i, ok := d.find(x.name, x.day)
	if d = slices.Clone(d); ok {
		d[i] = x
		return d
	}
	return slices.Insert(d, i, x)
}

// on returns the value that holds on a day.
func (d datedValues) on(name string, day date.Date) (int64, bool) {
	i, ok := d.find(name, day)
	if !ok {
		if i--; i < 0 || d[i].name != name {
			return 0, false
		}
	}
	return d[i].value, true
}

// next returns the first day after a day on which a value begins to hold, or the end
// where that is earlier.
func (d datedValues) next(name string, day, end date.Date) date.Date {
	i, ok := d.find(name, day)
	if ok {
		i++
	}
	if i < len(d) && d[i].name == name {
		return earlier(end, d[i].day)
	}
	return end
}

// fix keeps a fixing of an index, or the beginning or end of a default. It holds from
// its own day on, also where that lies between a record date and its distribution,
// and has to be known before anything accrues over that day.
func (e *engine) fix(ev *Event) error {
	s := e.s
	switch {
	case !ValidName(ev.Name):
		return ErrEvent.With("a name is needed").On("name")
	case ev.Date.IsZero():
		return ErrEvent.With("a date is needed").On("date")
	case ev.Date.Before(s.asOf):
		return ErrOutOfOrder.With("%s after %s", ev.Date, s.asOf)
	}
	if ev.Type == EventDefault {
		on := int64(1)
		if ev.Ends {
			on = 0
		}
		s.defaults = s.defaults.with(dated{ev.Name, ev.Date, on})
		return nil
	}
	if ev.Rate == nil {
		return ErrEvent.With("a fixing has a rate").On("rate")
	}
	r, ok := fixedRate(*ev.Rate)
	if !ok || r < -maxRate || r > maxRate {
		return ErrEvent.With("a fixing is a fraction between -10 and 10 with at most 10 decimals").On("rate")
	}
	s.fixings = s.fixings.with(dated{ev.Name, ev.Date, r})
	return nil
}

// fixingRows are the fixings and defaults as they are stored.
func (s *State) fixingRows() (fixings []Fixing, defaults []Default) {
	for _, x := range s.fixings {
		fixings = append(fixings, Fixing{x.name, x.day, rateText(x.value)})
	}
	for _, x := range s.defaults {
		defaults = append(defaults, Default{x.name, x.day, x.value == 0})
	}
	return fixings, defaults
}

// restoreFixings reads what fixingRows writes, and reports whether it is possible.
func (s *State) restoreFixings(fixings []Fixing, defaults []Default) bool {
	for _, f := range fixings {
		d, err := decimalOf(f.Rate)
		r, ok := fixedRate(d)
		if err != nil || !ok || r < -maxRate || r > maxRate || !s.fixings.add(dated{f.Name, f.Date, r}) {
			return false
		}
	}
	for _, x := range defaults {
		on := int64(1)
		if x.Ends {
			on = 0
		}
		if !s.defaults.add(dated{x.Name, x.Date, on}) {
			return false
		}
	}
	return true
}

// add adds a value that comes after all others, and reports whether it does.
func (d *datedValues) add(x dated) bool {
	if i, ok := d.find(x.name, x.day); ok || i < len(*d) || !ValidName(x.name) || x.day.IsZero() {
		return false
	}
	*d = append(*d, x)
	return true
}
