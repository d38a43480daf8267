package waterfall

import (
	"fmt"
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/shopspring/decimal"
)

// variant is what a standard example has beyond the usual, so that the clause that a
// finding is about comes to bear.
type variant struct {
	words string    // as in "on a standard example" + words
	start date.Date // the day of the first contributions, 2020-01-01 if zero
	more  func(*sample)
}

// sample is the standard example of some terms: who is in it, and what happens.
type sample struct {
	start    date.Date
	partners []Partner
	paying   []string // accounts with capital
	events   []Event
}

// The usual example, and what else there may be in one.
var (
	sampleUsual      = variant{}
	sampleRich       = variant{words: " sold at three times capital", more: sold(30)}
	samplePoor       = variant{words: " sold at nine tenths of capital", more: sold(9)}
	sampleRefinanced = variant{words: " with a refinancing of half of the capital after two years", more: refinanced}
	sampleCalled     = variant{words: " with another million of each a year after the sale and a sale of it at 1.2 times a year later", more: callAgain}
	sampleJoined     = variant{words: " that other investors join with as much after a year", more: joinLater}
	sampleSponsor    = variant{words: " with a tenth of it from the sponsor", more: withSponsor}
)

// with is a variant that has what another has as well.
func (v variant) with(o variant) variant {
	words := o.words + v.words
	if o.words != "" && v.words != "" {
		words = o.words + "," + v.words
	}
	return variant{words: words, start: v.start, more: func(s *sample) {
		for _, more := range []func(*sample){v.more, o.more} {
			if more != nil {
				more(s)
			}
		}
	}}
}

// sold makes the sale one of so many tenths of capital.
func sold(tenths int64) func(*sample) {
	return func(s *sample) {
		k := slices.IndexFunc(s.events, func(e Event) bool { return e.Kind == Sale })
		s.events[k].Amount = cents(int64(len(s.paying)) * million / 10 * tenths)
	}
}

const million = 1_000_000_00

// callAgain adds a call after the sale, and a sale of what it bought.
func callAgain(s *sample) {
	for _, id := range s.paying {
		s.pay(s.start.AddMonths(48), id, million)
	}
	s.give(s.start.AddMonths(60), Sale, int64(len(s.paying))*million*12/10)
}

// joinLater adds as many accounts a year later.
func joinLater(s *sample) {
	before := s.paying
	for _, id := range before {
		k := slices.IndexFunc(s.partners, func(p Partner) bool { return p.ID == id })
		p := s.partners[k]
		p.ID += " later"
		s.partners, s.paying = append(s.partners, p), append(s.paying, p.ID)
		s.pay(s.start.AddMonths(12), p.ID, million)
	}
	s.give(s.start.AddMonths(36), Sale, int64(len(before))*million*16/10)
}

// refinanced adds a refinancing.
func refinanced(s *sample) {
	s.give(s.start.AddMonths(24), Refinance, int64(len(s.paying))*million/2)
}

// withSponsor adds an investment of the sponsor's beside the first account.
func withSponsor(s *sample) {
	k := slices.IndexFunc(s.partners, func(p Partner) bool { return p.ID == s.paying[0] })
	p := s.partners[k]
	p.ID, p.Sponsor = "sponsor (example)", true
	s.partners = append(s.partners, p)
	s.pay(s.start, p.ID, million/10)
}

// defaulted is a default of one preference after a year.
func defaulted(name string) variant {
	return variant{words: " with a default after a year", more: func(s *sample) {
		s.events = append(s.events, Event{Date: s.start.AddMonths(12), Type: EventDefault, Name: name})
	}}
}

func (s *sample) pay(day date.Date, who string, x int64) {
	s.events = append(s.events, Event{Date: day, Type: EventContribution, Partner: who, Amount: cents(x)})
}

func (s *sample) give(day date.Date, kind Kind, x int64) {
	s.events = append(s.events, Event{Date: day, Type: EventDistribution, Kind: kind, Amount: cents(x)})
}

// sample makes the standard example: every class pays in 1,000,000.00, has 6 % of it
// after a year and 1.6 times after three. Accounts that the terms name are those of the
// class where there is one class alone, and classes of their own otherwise.
func (t *Terms) sample(v variant) *sample {
	s := &sample{start: v.start}
	if s.start.IsZero() {
		s.start = date.Must(2020, 1, 1)
	}
	classes, names := t.classNames(), t.accountNames()
	s.receivers(t)
	in := func(id, class string) {
		s.partners, s.paying = append(s.partners, Partner{ID: id, Class: class}), append(s.paying, id)
		s.pay(s.start, id, million)
	}
	switch {
	case len(classes) == 0 && len(names) == 0:
		in("investors (example)", "investors")
	case len(classes) == 1 && len(names) > 0 && !t.shares(classes[0]):
		for _, name := range names {
			in(name, classes[0])
		}
	default:
		for _, class := range classes {
			in(class+" (example)", class)
		}
		for _, name := range names {
			in(name, name)
		}
	}
	n := int64(len(s.paying))
	s.give(s.start.AddMonths(12), Operating, n*million*6/100)
	s.give(s.start.AddMonths(36), Sale, n*million*16/10)
	if v.more != nil {
		v.more(s)
	}
	s.lookBack(t)
	if t.sharesUnits() {
		for k := range s.events {
			for _, id := range s.paying {
				if s.events[k].Type == EventDistribution {
					s.events[k].Units = append(s.events[k].Units, Units{id, decimal.NewFromInt(1)})
				}
			}
		}
	}
	return s
}

// lookBack makes the latest sale the last one, where a tier looks back.
func (s *sample) lookBack(t *Terms) {
	looks, last := false, 0
	t.every(func(_ string, _ int, x *Tier) bool {
		looks = looks || x.LookBack
		return !looks
	})
	for k := range s.events {
		if s.events[k].Kind == Sale && (s.events[last].Kind != Sale || !s.events[k].Date.Before(s.events[last].Date)) {
			last = k
		}
	}
	s.events[last].Last = looks
}

// receivers adds those who are paid promote or fees by name.
func (s *sample) receivers(t *Terms) {
	known := map[string]bool{}
	add := func(id, class string) {
		if id != "" && !known[id] {
			known[id] = true
			s.partners = append(s.partners, Partner{ID: id, Class: class})
		}
	}
	split := func(to []Share) {
		for _, x := range to {
			add(x.Recipient, classPromote)
		}
	}
	add(t.PromoteRecipient, classPromote)
	split(t.PromoteSplit)
	t.every(func(_ string, _ int, x *Tier) bool {
		split(x.PromoteSplit)
		return true
	})
	if len(known) == 0 {
		add("promote", classPromote)
	}
	t.every(func(_ string, _ int, x *Tier) bool {
		add(x.Payee, "payee")
		return true
	})
}

// maxRuns bounds the tiers of the examples that are run for one list of findings. Terms
// that are meant take some hundreds; where dozens of tiers are unusual, the later costs
// are left out.
const maxRuns = 4000

// outcome is what a standard example comes to.
type outcome struct {
	promote, left int64
	ids           []string
	totals        []int64
}

// run runs an example by some terms.
func (s *sample) run(t *Terms) (outcome, bool) {
	h, err := Replay(t, s.partners, s.events)
	if err != nil {
		return outcome{}, false
	}
	out := outcome{promote: h.Final.PromotePaid().Cents()}
	for _, r := range h.Results {
		out.left += r.Undistributed.Cents()
	}
	for i := range h.Final.Len() {
		a := h.Final.Account(i)
		out.ids, out.totals = append(out.ids, a.ID), append(out.totals, a.Distributed.Cents())
	}
	return out, true
}

// cost says what a clause changes on a standard example, or else on the first of its
// variants on which it changes anything.
func (f *finder) cost(v variant, mend func(*Terms)) string { return f.costBy(v, false, mend) }

// costLeft is cost for a clause that leaves cash undistributed.
func (f *finder) costLeft(mend func(*Terms)) string { return f.costBy(sampleUsual, true, mend) }

func (f *finder) costBy(v variant, left bool, mend func(*Terms)) string {
	for _, o := range []variant{sampleUsual, sampleRich, samplePoor, sampleRefinanced, sampleCalled, sampleJoined, sampleSponsor} {
		if o.words != "" && o.words == v.words {
			continue
		}
		if text := f.costOn(v.with(o), left, mend); text != "" {
			return text
		}
	}
	return ""
}

// costOn says what a clause changes on an example: promote or, where that stays or the
// clause is about it, what is left undistributed, or what the account gets that it
// changes most.
func (f *finder) costOn(v variant, left bool, mend func(*Terms)) string {
	if f.runs >= maxRuns {
		return ""
	}
	f.runs += len(f.t.Tiers.Capital) + len(f.t.Tiers.Operating)
	mended := f.t.normal()
	mend(mended)
	s := f.t.sample(v)
	now, known := f.now[v.words]
	if !known {
		if o, ok := s.run(f.t); ok {
			now = &o
		}
		f.now[v.words] = now
	}
	if now == nil {
		return ""
	}
	then, ok := s.run(mended)
	if !ok {
		return ""
	}
	text := func(who, verb string, a, b int64) string {
		return fmt.Sprintf("on a standard example%s %s %s %s; mended it is %s", v.words, who, verb, cents(a).Format(), cents(b).Format())
	}
	if now.promote != then.promote && (!left || now.left == then.left) {
		return text("promote", "is", now.promote, then.promote)
	}
	if now.left != then.left {
		return text("what stays undistributed", "is", now.left, then.left)
	}
	most, by := -1, int64(0)
	for i := range now.totals {
		if d := max(now.totals[i]-then.totals[i], then.totals[i]-now.totals[i]); d > by {
			most, by = i, d
		}
	}
	if most < 0 {
		return ""
	}
	return text("what "+now.ids[most]+" gets", "is", now.totals[most], then.totals[most])
}
