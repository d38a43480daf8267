package model

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// deal is an offering "x" of class a whose terms are 8 % simple, capital back,
// and a split with a fifth of promote to the holder "gp".
type deal struct {
	t *testing.T
	w *World
}

func simple(rate, compounding string) *Terms {
	return &Terms{Promote: "gp", Prefs: map[string]Pref{"a": {Rate: rate, Compounding: compounding}}, Tiers: map[string][]Tier{"capital": {
		{Name: "pref", Type: "pref"}, {Name: "capital", Type: "return_of_capital"}, {Name: "rest", Type: "split", Promote: "0.2"}}}}
}

func newDeal(t *testing.T, terms *Terms) *deal {
	d := &deal{t: t, w: New("")}
	d.do(Step{Verb: "offering", Name: "x", Classes: map[string]string{"a": ""}})
	if terms != nil {
		d.do(Step{Verb: "terms", Day: D("2017-01-01"), Terms: terms})
	}
	return d
}

func (d *deal) judge(s Step) Verdict {
	if s.Verb != "offering" {
		s.Offering = "x"
	}
	return d.w.Judge(&s)
}

func (d *deal) do(s Step) {
	d.t.Helper()
	require.NotContains(d.t, []Verdict{Skip, Refuse}, d.judge(s), s.String())
	if s.Verb != "offering" {
		s.Offering = "x"
	}
	d.w.Do(&s)
}

func (d *deal) commit(holder, amount string) {
	d.do(Step{Verb: "commit", Name: holder, Holder: holder, Class: "a", Amount: C(amount)})
}

func (d *deal) receive(holder, amount, day string) {
	d.do(Step{Verb: "receive", Of: holder, Amount: C(amount), Day: D(day)})
}

func (d *deal) fund(holder, amount, day string) {
	d.commit(holder, amount)
	d.receive(holder, amount, day)
}

func (d *deal) refund(holder, amount, day string) {
	d.do(Step{Verb: "refund", Of: holder, Amount: C(amount), Day: D(day)})
}

func declared(name, typ, amount, day string) Step {
	return Step{Verb: "declare", Name: name, Type: typ, Method: "waterfall", Amount: C(amount), Day: D(day)}
}

func (d *deal) pay(s Step, day string) {
	d.do(s)
	d.do(Step{Verb: "approve", Of: s.Name})
	if day != "" {
		d.do(Step{Verb: "pay", Of: s.Name, Day: D(day)})
	}
}

func (d *deal) transfer(from, to, fraction, day string) {
	d.do(Step{Verb: "transfer", Type: "transfer", Holder: from, Class: "a", To: to, Fraction: fraction, Day: D(day)})
}

func (d *deal) fact(day, path string) string { return d.w.Facts(D(day))[path] }

// What histories came to in practice where they had gone wrong before.
func TestCases_refunds(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.receive("B", "60000", "2021-01-10")
	d.refund("B", "10000", "2021-02-01")
	d.receive("B", "40000", "2021-07-01")
	d.pay(declared("q1", "quarterly", "1000", "2021-03-31"), "2021-03-31")
	require.Equal(t, "50000.00", d.fact("2021-06-30", "balance/x/B/a/2021-06-30/contributed"))
	d.pay(declared("q4", "quarterly", "10000", "2021-12-31"), "2021-12-31")
	require.Equal(t, "4204.65", d.fact("2021-12-31", "line/q4/x/B/a/gross"))

	d = newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.receive("B", "60000", "2021-01-10")
	d.refund("B", "60000", "2021-01-20")
	d.receive("B", "40000", "2021-07-01")
	d.pay(declared("q4", "quarterly", "20000", "2021-12-31"), "2021-12-31")
	require.Equal(t, "4637.18", d.fact("2021-12-31", "line/q4/x/B/a/gross"))

	d = newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.receive("B", "60000", "2021-01-10")
	d.refund("B", "60000", "2021-01-20")
	d.receive("B", "40000", "2021-07-01")
	d.pay(declared("q1", "quarterly", "1000", "2021-03-31"), "2021-03-31")
	d.pay(declared("y1", "quarterly", "10000", "2021-12-31"), "2021-12-31")
	d.pay(declared("y2", "quarterly", "10000", "2022-12-31"), "2022-12-31")
	require.Equal(t, "2065.75", d.fact("2022-12-31", "line/y1/x/B/a/gross"))
	require.Equal(t, "2857.15", d.fact("2022-12-31", "line/y2/x/B/a/gross"))

	d = newDeal(t, nil)
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.receive("B", "60000", "2021-01-10")
	d.refund("B", "60000", "2021-01-20")
	d.receive("B", "40000", "2021-07-01")
	q := declared("q4", "quarterly", "20000", "2021-12-31")
	q.Method, q.Record = "pro_rata", D("2021-03-01")
	d.pay(q, "2021-12-31")
	require.Equal(t, "20000.00", d.fact("2021-12-31", "line/q4/x/A/a/gross"))
	require.Empty(t, d.fact("2021-12-31", "line/q4/x/B/a/gross"))
}

func twoWithRefinance(t *testing.T) *deal {
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.fund("B", "100000", "2021-01-10")
	return d
}

func TestCases_transfersAndReturns(t *testing.T) {
	t.Parallel()
	d := twoWithRefinance(t)
	d.pay(declared("r", "refinance", "100000", "2021-03-01"), "")
	d.transfer("A", "C", "1", "2021-03-10")
	d.do(Step{Verb: "pay", Of: "r", Day: D("2021-03-20")})
	require.Equal(t, "51095.89", d.fact("2021-04-01", "balance/x/C/a/2021-04-01/unreturned"))
	require.Equal(t, "51095.89", d.fact("2021-04-01", "portfolio/C/2021-04-01/value"))
	d.pay(declared("s", "sale_proceeds", "150000", "2021-06-01"), "2021-06-01")
	d.do(Step{Verb: "close"})
	d.do(Step{Verb: "exit", Day: D("2021-06-02")})
	require.Equal(t, "19329.35", d.fact("2021-06-02", "gain/x/B/a"))
	require.Equal(t, "19329.35", d.fact("2021-06-02", "gain/x/C/a"))

	d = twoWithRefinance(t)
	d.pay(declared("r", "refinance", "100000", "2021-03-01"), "2021-03-01")
	d.transfer("A", "C", "1", "2021-03-10")
	d.do(Step{Verb: "reverse", Of: "r", Day: D("2021-03-20")})
	require.Equal(t, "100000.00", d.fact("2021-03-20", "balance/x/C/a/2021-03-20/unreturned"))
	require.Equal(t, "100000.00", d.fact("2021-03-20", "portfolio/C/2021-03-20/value"))
}

func TestCases_trueUpOfCapital(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.pay(declared("r1", "refinance", "60000", "2021-03-01"), "2021-03-01")
	d.receive("B", "100000", "2021-01-10")
	r2 := declared("r2", "refinance", "60000", "2021-06-01")
	require.Equal(t, Refuse, d.judge(r2), "the past has changed")
	r2.TrueUp = true
	d.pay(r2, "2021-06-01")
	require.Equal(t, "1433.61", d.fact("2021-06-01", "line/r2/x/A/a/tier/pref"))
	require.Equal(t, "-1433.60", d.fact("2021-06-01", "line/r2/x/A/a/tier/return_of_capital"))
	d.pay(declared("s", "sale_proceeds", "200000", "2022-01-01"), "2022-01-01")
	d.do(Step{Verb: "close"})
	d.do(Step{Verb: "exit", Day: D("2022-01-02")})
	gains := []string{d.fact("2022-01-02", "gain/x/A/a"), d.fact("2022-01-02", "gain/x/B/a")}
	require.ElementsMatch(t, []string{"46375.36", "46375.37"}, gains)
}

func TestCases_recordDateAndStaleness(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.transfer("A", "C", "1", "2021-04-10")
	q := declared("q", "quarterly", "1000", "2021-04-15")
	q.Record = D("2021-03-31")
	d.pay(q, "2021-04-15")
	require.Equal(t, "1000.00", d.fact("2021-04-15", "line/q/x/A/a/gross"))

	d = newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.do(declared("q", "quarterly", "2000", "2021-03-31"))
	d.receive("B", "100000", "2021-01-10")
	require.Equal(t, Refuse, d.judge(Step{Verb: "approve", Of: "q"}))
}

func TestCases_termsThatChange(t *testing.T) {
	t.Parallel()
	for compounding, want := range map[string]string{"daily": "108942.11", "monthly": "108606.81"} {
		d := newDeal(t, simple("0.10", "none"))
		d.fund("A", "100000", "2017-01-01")
		d.do(Step{Verb: "terms", Day: D("2021-01-01"), Terms: simple("0.10", compounding)})
		require.Equal(t, want, d.fact("2025-01-01", "balance/x/A/a/2025-01-01/unpaid"))
	}
}

func TestCases_paymentCameBack(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.pay(declared("r", "refinance", "60000", "2022-01-10"), "2022-01-10")
	d.pay(declared("q", "quarterly", "2000", "2022-06-30"), "2022-06-30")
	d.do(Step{Verb: "fail", Of: "q", Payee: "x/A/a", Day: D("2022-07-04")})
	p := d.w.performance("A", D("2022-12-31"))
	p.flows[len(p.flows)-1].amount = C("48000") // what is left, by the case's own valuation
	require.Less(t, math.Abs(*p.irr()-0.0554618), 1e-7)
}

func TestCases_labelsAndStatements(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	q := declared("q", "quarterly", "3000", "2021-12-31")
	q.Label = "return_of_capital"
	d.pay(q, "2021-12-31")
	require.Equal(t, "100000.00", d.fact("2021-12-31", "portfolio/A/2021-12-31/value"))

	d = twoWithRefinance(t)
	d.do(Step{Verb: "allocate", Name: "i", Type: "net_income", Amount: C("10000"), Day: D("2021-12-31")})
	d.do(Step{Verb: "allocate", Name: "f", Type: "fees", Amount: C("1000"), Day: D("2021-12-31")})
	require.Equal(t, "104500.00", d.fact("2021-12-31", "capital/x/A/a/2021-01-01..2021-12-31/closing"))
	require.Equal(t, "104500.00", d.fact("2021-12-31", "statement/B/2021-01-01..2021-12-31/closing"))
}

func TestCases_carryingAmountsMove(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.pay(declared("r", "refinance", "60000", "2021-01-10"), "2021-01-10")
	d.transfer("A", "C", "1", "2021-06-10")
	require.Empty(t, d.fact("2021-12-31", "capital/x/A/a/2021-01-01..2021-12-31/closing"))
	require.Equal(t, "40000.00", d.fact("2021-12-31", "capital/x/C/a/2021-01-01..2021-12-31/in"))
	require.ElementsMatch(t, []dated{{D("2021-01-10"), -C("100000")}, {D("2021-01-10"), C("60000")}, {D("2021-06-10"), C("40000")}},
		d.w.performance("A", D("2021-12-31")).flows)

	d = newDeal(t, simple("0.08", "none"))
	d.fund("A", "99000", "2021-01-10")
	d.transfer("A", "C", "0.5", "2021-01-11")
	p := d.w.performance("A", D("2021-12-31"))
	p.out, p.value = p.out+C("95902.51"), 0 // what the remaining half was paid
	require.Equal(t, "1.469", p.multiple().FloatString(3))
}

func TestCases_forgottenClass(t *testing.T) {
	t.Parallel()
	d := newDeal(t, nil)
	require.Equal(t, Refuse, d.judge(Step{Verb: "commit", Name: "n", Holder: "N", Amount: C("1000")}))
}
