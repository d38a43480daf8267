package conformance

import (
	"encoding/json"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

// terms reads the keys of a case that are the deal's terms with the package's
// own strict reader: one that it does not know is an error.
func terms(in reader, others ...string) (*waterfall.Terms, error) {
	b, err := json.Marshal(withoutNulls(without(in.of, others...)))
	if err != nil {
		return nil, err
	}
	return waterfall.ParseTerms(b)
}

// withoutNulls drops what is null, which says the same as leaving it out.
func withoutNulls(v any) any {
	switch x := v.(type) {
	case object:
		out := make(object, len(x))
		for k, v := range x {
			if v != nil {
				out[k] = withoutNulls(v)
			}
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = withoutNulls(v)
		}
		return out
	}
	return v
}

func partners(in reader) []waterfall.Partner {
	var out []waterfall.Partner
	for _, p := range in.objects("partners") {
		p.only("id", "class", "name")
		out = append(out, waterfall.Partner{ID: p.text("id"), Class: p.text("class")})
	}
	return out
}

func events(in reader) []waterfall.Event {
	var out []waterfall.Event
	for _, e := range in.objects("events") {
		e.only("date", "type", "partner", "amount", "kind", "from", "to", "fraction", "note")
		out = append(out, waterfall.Event{Date: e.date("date"), Type: waterfall.EventType(e.text("type")), Partner: e.text("partner"),
			Amount: e.money("amount"), From: e.text("from"), To: e.text("to"), Fraction: e.decimal("fraction"),
			Kind: waterfall.Kind(e.text("kind"))})
	}
	return out
}

func runWaterfall(v *vector) (_ object, err error) {
	in := read(v, &err)
	ps, es := partners(in), events(in)
	if err != nil {
		return nil, err
	}
	t, err := terms(in, "partners", "events")
	if err != nil {
		return nil, err
	}
	h, err := waterfall.Replay(t, ps, es)
	if err != nil {
		return nil, err
	}
	distributions := []any{}
	for _, r := range h.Results {
		d, err := distribution(r)
		if err != nil {
			return nil, err
		}
		distributions = append(distributions, d)
	}
	final := object{}
	for i := range h.Final.Len() {
		a := h.Final.Account(i)
		final[h.Final.ID(i)] = object{"contributed": a.Contributed, "unreturned_capital": a.Unreturned,
			"unpaid_pref": a.UnpaidPref(), "distributed": a.Distributed}
	}
	return object{"distributions": distributions, "final": final, "promote_total": h.Final.PromotePaid()}, nil
}

// distribution lists who got what, tier by tier, and proves that nothing of
// the cash is missing.
func distribution(r *waterfall.Result) (object, error) {
	tiers, all := []any{}, []money.Amount{r.Undistributed}
	for i := range r.Tiers {
		paid := amounts{}
		for id, a := range r.Amounts(i) {
			paid[id] = a
		}
		tiers = append(tiers, object{"tier": r.Tiers[i].Name, "amounts": paid})
	}
	totals := amounts{}
	for id, a := range r.Totals() {
		totals[id] = a
		all = append(all, a)
	}
	sum, err := money.Sum(all...)
	if err != nil {
		return nil, err
	}
	return object{"date": r.Distribution.Date.String(), "kind": string(r.Distribution.Kind), "amount": sum,
		"tiers": tiers, "totals": totals, "undistributed": r.Undistributed}, nil
}

func clawback(v *vector) (_ object, err error) {
	in := read(v, &err)
	ps := partners(in)
	var deals [][]waterfall.Event
	for _, d := range in.objects("deals") {
		deals = append(deals, events(d))
	}
	tax := in.decimal("clawback_tax_rate")
	if err != nil {
		return nil, err
	}
	t, err := terms(in, "partners", "deals", "events", "clawback_tax_rate")
	if err != nil {
		return nil, err
	}
	r, err := waterfall.Clawback(t, ps, deals, tax)
	if err != nil {
		return nil, err
	}
	byDeal := []any{}
	for _, a := range r.ByDeal {
		byDeal = append(byDeal, a)
	}
	return object{"promote_by_deal": byDeal, "promote_american": r.American, "promote_european": r.European,
		"clawback_gross": r.Gross, "clawback": r.Clawback}, nil
}
