package model

import "math/big"

// rate is a preference's rate on a day: from the day that a default begins its default
// rate, until the day that it ends.
func (a *account) rate(b Broken, t *Terms, day Day) *big.Rat {
	rate, _ := t.pref(a.class)
	in := false
	for _, e := range a.defaults {
		if e.class == a.class && (e.day < day || e.day == day && b != "default: from its own day") {
			in = !e.ends
		}
	}
	if p := t.Prefs[a.class]; in && p.DefaultRate != "" {
		return R(p.DefaultRate)
	}
	return rate
}

func judgeDefault(_ *World, o *offering, s *Step) Verdict {
	known := false
	for _, v := range o.versions {
		known = known || v.terms.Prefs[s.Class].DefaultRate != ""
	}
	if o.event(s.Name) != nil {
		return Skip
	}
	for _, e := range o.events {
		if e.kind == "default" && e.class == s.Class && e.day == s.Day && e.withdrawn == 0 {
			return Refuse // one a day
		}
	}
	return pick(known, pick(o.exit != nil, Either, Accept), Refuse)
}

func doDefault(w *World, o *offering, s *Step) {
	o.events = append(o.events, &partnerEvent{name: s.Name, kind: "default", day: s.Day, class: s.Class, ends: s.Type == "ends", seq: w.next()})
}

// defaults are those that stand, by day.
func (o *offering) defaults() (out []*partnerEvent) {
	for _, e := range o.events {
		if e.kind != "default" || e.withdrawn != 0 {
			continue
		}
		at := len(out)
		for at > 0 && out[at-1].day > e.day {
			at--
		}
		out = append(out[:at], append([]*partnerEvent{e}, out[at:]...)...)
	}
	return out
}
