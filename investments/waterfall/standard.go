package waterfall

import (
	"fmt"
	"maps"
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// cost says what promote is on the standard example, and what it would be under
// mended terms; it is empty where the example says nothing.
func (f *finder) cost(mend func(*Terms)) string {
	mended := f.t.normal()
	mend(mended)
	now, ok := f.t.standard()
	then, also := mended.standard()
	if !ok || !also || now == then {
		return ""
	}
	return fmt.Sprintf("on a standard example promote is %s; mended it is %s", now.Format(), then.Format())
}

// standard runs the standard example and returns the promote of it: every class
// pays in 1,000,000.00, has 6 % of it after a year, and 1.6 times after three.
func (t *Terms) standard() (money.Amount, bool) {
	t = t.normal()
	classes, receivers := map[string]bool{}, map[string]string{}
	for name, p := range t.Prefs {
		if class := p.classOf(name); class != classPromote {
			classes[class] = true
		}
		if p.On != "" {
			classes[p.On] = true
		}
	}
	if t.PromoteRecipient != "" {
		receivers[t.PromoteRecipient] = classPromote
	}
	shares := func(split []Share) {
		for _, s := range split {
			receivers[s.Recipient] = classPromote
		}
	}
	shares(t.PromoteSplit)
	t.every(func(_ string, _ int, x *Tier) bool {
		for _, c := range slices.Concat(x.To, x.Of) {
			classes[c] = true
		}
		shares(x.PromoteSplit)
		if x.Payee != "" && receivers[x.Payee] == "" {
			receivers[x.Payee] = "payee"
		}
		return true
	})
	if len(classes) == 0 {
		classes["investors"] = true
	}
	if len(receivers) == 0 || !slices.Contains(slices.Collect(maps.Values(receivers)), classPromote) {
		receivers["promote"] = classPromote
	}
	var ps []Partner
	var evs []Event
	for _, id := range slices.Sorted(maps.Keys(receivers)) {
		ps = append(ps, Partner{ID: id, Class: receivers[id]})
	}
	million := cents(1_000_000_00)
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		ps = append(ps, Partner{ID: class + " (example)", Class: class})
		evs = append(evs, Event{Date: date.Must(2020, 1, 1), Type: EventContribution, Partner: class + " (example)", Amount: million})
	}
	n := int64(len(classes))
	evs = append(evs, Event{Date: date.Must(2021, 1, 1), Type: EventDistribution, Kind: Operating, Amount: cents(n * 60_000_00)},
		Event{Date: date.Must(2023, 1, 1), Type: EventDistribution, Kind: Sale, Amount: cents(n * 1_600_000_00)})
	h, err := Replay(t, ps, evs)
	if err != nil {
		return money.Zero, false
	}
	return h.Final.PromotePaid(), true
}
