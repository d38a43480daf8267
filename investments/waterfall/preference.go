package waterfall

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// PrefBase is what a preferred return is earned on.
type PrefBase string

// The bases of preferred returns. What has been capitalized is added to each.
const (
	BaseUnreturned  PrefBase = "unreturned"  // contributed and not returned
	BaseContributed PrefBase = "contributed" // contributed, whatever has been returned
	BaseInitial     PrefBase = "initial"     // contributed on the day the account first had capital
)

// Boundaries say when a preferred return compounds or lapses.
type Boundaries string

// The boundaries.
const (
	// BoundariesCalendar are the first days of calendar years, quarters and months.
	BoundariesCalendar Boundaries = "calendar"
	// BoundariesAnniversary count from the day the account first had capital, clamped
	// to the end of a month.
	BoundariesAnniversary Boundaries = "anniversary"
)

// Start is the day a preferred return begins: a date or, as a number in JSON, days
// after the first closing, which is the deal's first contribution.
type Start struct {
	Date date.Date
	Days int
}

// MarshalJSON writes a date as text and days as a number.
func (s Start) MarshalJSON() ([]byte, error) {
	if s.Date.IsZero() {
		return json.Marshal(s.Days)
	}
	return json.Marshal(s.Date)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Start) UnmarshalJSON(b []byte) error {
	*s = Start{}
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &s.Date); err != nil {
			return err
		}
		if s.Date.IsZero() {
			return ErrTermsMalformed.With("a day, or a number of days").On("from")
		}
		return nil
	}
	return json.Unmarshal(b, &s.Days)
}

// RateStep is a rate from a day on.
type RateStep struct {
	From date.Date       `json:"from"`
	Rate decimal.Decimal `json:"rate"`
}

// Index makes a rate float: the last fixing of a series, entered with [EventRate],
// plus a spread, within floor and cap. Before the first fixing Pref.Rate holds.
type Index struct {
	Name   string           `json:"name"`
	Spread decimal.Decimal  `json:"spread"`
	Floor  *decimal.Decimal `json:"floor,omitempty"`
	Cap    *decimal.Decimal `json:"cap,omitempty"`
}

// validatePref checks one preferred return.
func (t *Terms) validatePref(f *fault.Fields, name string) {
	p, field := t.Prefs[name], fmt.Sprintf("prefs[%q]", name)
	class := p.classOf(name)
	f.Check(ValidName(name) && ValidName(class) && (class != classPromote || p.On != ""), field, codeClassInvalid,
		"a class with capital has a name other than promote")
	r, ok := fixedRate(p.Rate)
	f.Check(ok && r >= 0 && r <= maxRate, field+".rate", check.OutOfRange, rateRule)
	f.Check(p.Compounding == "" || p.Compounding.Valid(), field+".compounding", check.NotAllowed,
		"compounding is none, annual, quarterly, monthly or daily")
	if p.varies(name) {
		t.validateVaried(f, field, class, &p)
	}
	if p.Compounding == CompoundDaily {
		dc := p.DayCount
		if dc == "" {
			dc = t.DayCount
		}
		f.Check(dc == "" || dc == date.Act365F || dc == date.Act360, field+".compounding", codeCompoundingDayCount,
			"daily compounding counts days by ACT/365F or ACT/360")
	}
}

const rateRule = "a rate is a fraction from 0 to 10 with at most 10 decimals"

// varies reports whether a preference is anything but a rate with compounding.
func (p *Pref) varies(name string) bool {
	return p.apart(name) || p.Base != "" || p.From != nil || len(p.Rates) > 0 || p.Index != nil || p.DefaultRate != nil ||
		p.Boundaries != "" || p.Lapse != "" || p.DayCount != ""
}

// validateVaried checks what a preference can have besides a rate and compounding.
func (t *Terms) validateVaried(f *fault.Fields, field, class string, p *Pref) {
	rate := func(at string, d decimal.Decimal, lo int64) {
		r, ok := fixedRate(d)
		f.Check(ok && r >= lo && r <= maxRate, field+at, check.OutOfRange, rateRule)
	}
	f.Check(p.DayCount == "" || p.DayCount.Valid(), field+".day_count", check.NotAllowed, date.ErrDayCount.Msg)
	f.Check(p.Base == "" || p.Base == BaseUnreturned || p.Base == BaseContributed || p.Base == BaseInitial, field+".base", check.NotAllowed,
		"the base is unreturned, contributed or initial")
	f.Check(p.Boundaries == "" || p.Boundaries == BoundariesCalendar || p.Boundaries == BoundariesAnniversary, field+".boundaries", check.NotAllowed,
		"boundaries are calendar or anniversary")
	f.Check(p.Lapse == "" || p.Lapse.months() > 0, field+".lapse", check.NotAllowed, "a preference lapses monthly, quarterly or annual")
	f.Check(p.Lapse == "" || p.Compounding == "" || p.Compounding == CompoundNone, field+".lapse", codeLapseCompounds, "a preference that lapses does not compound")
	f.Check(p.On == "" || ValidName(p.On) && p.On != classPromote && p.On != class, field+".on", codeClassInvalid, "a preference is on the capital of another class")
	f.Check(p.From == nil || p.From.Days >= 0 && p.From.Days <= maxDays, field+".from", check.OutOfRange, "a preference begins on a date, or days after the first closing")
	last := date.Date{}
	for i, s := range p.Rates {
		at := fmt.Sprintf(".rates[%d]", i)
		f.Check(s.From.After(last), field+at+".from", check.Disordered, "rates are in the order of their dates")
		last = s.From
		rate(at+".rate", s.Rate, 0)
	}
	f.Check(len(p.Rates) <= maxTiers, field+".rates", check.TooMany, "at most 100 rates")
	f.Check(p.Index == nil || len(p.Rates) == 0, field+".rates", codeRatesAndIndex, "a rate is stepped or floats")
	if p.DefaultRate != nil {
		rate(".default_rate", *p.DefaultRate, 0)
	}
	if x := p.Index; x != nil {
		f.Check(ValidName(x.Name), field+".index.name", check.BadName, NameRule)
		rate(".index.spread", x.Spread, -maxRate)
		if x.Floor != nil {
			rate(".index.floor", *x.Floor, 0)
		}
		if x.Cap != nil {
			rate(".index.cap", *x.Cap, 0)
		}
		f.Check(x.Floor == nil || x.Cap == nil || !x.Cap.LessThan(*x.Floor), field+".index.cap", check.Inverted, "the cap is not below the floor")
	}
}

// classOf is the class that earns a preference.
func (p *Pref) classOf(name string) string {
	if p.Class != "" {
		return p.Class
	}
	return name
}

// apart reports whether a preference is kept apart from the one that a class has
// under its own name.
func (p *Pref) apart(name string) bool { return p.On != "" || p.classOf(name) != name }

// own returns the preference that a class has under its own name.
func (t *Terms) own(class string) Pref {
	if p, ok := t.Prefs[class]; ok && !p.apart(class) {
		return p
	}
	return Pref{}
}

// apartNames are the names of the preferences that are kept apart, sorted.
func (t *Terms) apartNames() (out []string) {
	for _, name := range slices.Sorted(maps.Keys(t.Prefs)) {
		if p := t.Prefs[name]; p.apart(name) {
			out = append(out, name)
		}
	}
	return out
}

// normalPref writes defaults as the first version did, and leaves out the defaults of
// what it did not know, so that hashes last.
func normalPref(name string, p Pref, deal date.DayCount) Pref {
	p.Rate = *normalRate(&p.Rate)
	if p.Compounding == "" {
		p.Compounding = CompoundNone
	}
	if p.Class == name {
		p.Class = ""
	}
	if p.Base == BaseUnreturned {
		p.Base = ""
	}
	if p.Boundaries == BoundariesCalendar {
		p.Boundaries = ""
	}
	if p.DayCount == deal {
		p.DayCount = ""
	}
	p.Rates = slices.Clone(p.Rates)
	for i := range p.Rates {
		p.Rates[i].Rate = *normalRate(&p.Rates[i].Rate)
	}
	p.DefaultRate = normalRate(p.DefaultRate)
	if p.Index != nil {
		x := *p.Index
		x.Spread, x.Floor, x.Cap = *normalRate(&x.Spread), normalRate(x.Floor), normalRate(x.Cap)
		p.Index = &x
	}
	if p.From != nil {
		from := *p.From
		p.From = &from
	}
	return p
}
