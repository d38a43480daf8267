package waterfall_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall"
)

// members are partners written as "id:class".
func members(names ...string) (out []waterfall.Partner) {
	for _, name := range names {
		id, class, _ := strings.Cut(name, ":")
		out = append(out, waterfall.Partner{ID: id, Class: class})
	}
	return out
}

// played runs a history.
func played(terms string, ps []waterfall.Partner, evs ...waterfall.Event) *waterfall.History {
	t, err := waterfall.ParseTerms([]byte(terms))
	if err != nil {
		log.Fatal(err)
	}
	h, err := waterfall.Replay(t, ps, evs)
	if err != nil {
		log.Fatal(err)
	}
	return h
}

// got is what an account is paid by one distribution of a history, from 1.
func got(h *waterfall.History, n int, who string) string {
	r := h.Results[n-1]
	for i := range r.Len() {
		if r.ID(i) == who {
			return r.Paid(i).Format()
		}
	}
	return "nothing"
}

// unpaid is the preferred return that an account has not been paid on a day.
func unpaid(terms string, ps []waterfall.Partner, who, day string, evs ...waterfall.Event) string {
	t, err := waterfall.ParseTerms([]byte(terms))
	if err != nil {
		log.Fatal(err)
	}
	s, err := waterfall.Accrue(t, played(terms, ps, evs...).Final, on(day))
	if err != nil {
		log.Fatal(err)
	}
	a, err := s.Find(who)
	if err != nil {
		log.Fatal(err)
	}
	return a.UnpaidPref().Format()
}

const prefFirst = `"tiers": {"capital": [
	{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "rest", "type": "split", "promote": "0.20"}]}}`

// 1,000,000.00 at 8 % from the last day of February to the last of March, by each day
// count: 31 days of 365 or 360, or one month, or 32 days of 360.
func ExamplePref_dayCount() {
	for _, count := range []string{"ACT/365F", "ACT/360", "30/360US", "30E/360", "ACT/ACT-ISDA"} {
		terms := `{"day_count": "` + count + `", "prefs": {"LP": {"rate": "0.08"}}, ` + prefFirst
		fmt.Println(count, unpaid(terms, members("ann:LP", "gp:promote"), "ann", "2023-03-31", contribution("2023-02-28", "ann", "1000000")))
	}
	// Output:
	// ACT/365F 6,794.52
	// ACT/360 6,888.89
	// 30/360US 6,666.67
	// 30E/360 7,111.11
	// ACT/ACT-ISDA 6,794.52
}

// What is unpaid on 1 January and 1 April earns from then on, where it compounds
// quarterly; the first quarter of capital of 15 February is a short one.
func ExamplePref_compounding() {
	for _, c := range []string{"none", "quarterly", "daily"} {
		terms := `{"prefs": {"LP": {"rate": "0.08", "compounding": "` + c + `"}}, ` + prefFirst
		fmt.Println(c, unpaid(terms, members("ann:LP", "gp:promote"), "ann", "2025-02-15", contribution("2023-02-15", "ann", "100000")))
	}
	// Output:
	// none 16,021.92
	// quarterly 17,202.29
	// daily 17,374.75
}

// Two years on 100,000.00, with 50,000.00 more and 40,000.00 returned after the first.
func ExamplePref_base() {
	for _, base := range []string{"unreturned", "contributed", "initial"} {
		terms := `{"prefs": {"LP": {"rate": "0.08", "base": "` + base + `"}}, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"},
			{"name": "pref", "type": "pref"}, {"name": "rest", "type": "split"}]}}`
		fmt.Println(base, unpaid(terms, members("ann:LP"), "ann", "2023-01-01", contribution("2021-01-01", "ann", "100000"),
			contribution("2022-01-01", "ann", "50000"), distribution("2022-01-01", waterfall.Refinance, "40000")))
	}
	// Output:
	// unreturned 16,800.00
	// contributed 20,000.00
	// initial 16,000.00
}

// A return of class B's own on the capital of class A.
func ExamplePref_on() {
	h := played(`{"day_count": "30E/360", "prefs": {"sponsor": {"class": "B", "rate": "0.0343", "on": "A"}}, "tiers": {"capital": [
		{"name": "sponsor's return", "type": "pref", "pref": "sponsor"}, {"name": "rest", "type": "split", "to": ["A"]}]}}`,
		members("ann:A", "bob:B"), contribution("2021-01-01", "ann", "10000000"), distribution("2022-01-01", waterfall.Operating, "1000000"))
	fmt.Println("ann", got(h, 1, "ann"), "bob", got(h, 1, "bob"))
	// Output:
	// ann 657,000.00 bob 343,000.00
}

// After 80,000.00 of preferred return a full catch-up to a fifth takes 20,000.00, one
// of half 53,333.33 between both.
func ExampleTier_catchUp() {
	for _, share := range []string{"1", "0.5"} {
		h := played(`{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"},
			{"name": "catch-up", "type": "catch_up", "gp_share": "`+share+`", "target": "0.20"}, {"name": "rest", "type": "split", "promote": "0.20"}]}}`,
			members("ann:LP", "gp:promote"), contribution("2021-01-01", "ann", "1000000"), distribution("2022-01-01", waterfall.Operating, "133333.33"))
		s := h.Results[0].Trace.Steps[1]
		fmt.Println("to investors", s.Investors.Format(), "to promote", s.Promote.Format())
	}
	// Output:
	// to investors 0.00 to promote 20,000.00
	// to investors 26,666.66 to promote 26,666.67
}

// 9 % simple, and 70/30 until the investors have had 14 % simple, before any capital.
func ExampleTier_return() {
	h := played(`{"prefs": {"LP": {"rate": "0.09"}}, "tiers": {"capital": [{"name": "9 %", "type": "pref"},
		{"name": "14 %", "type": "hurdle", "return": "0.14", "capital": false, "promote": "0.30"},
		{"name": "capital", "type": "return_of_capital"}, {"name": "half", "type": "split", "promote": "0.50"}]}}`,
		members("ann:LP", "gp:promote"), contribution("2021-01-01", "ann", "2000000"),
		distribution("2022-01-01", waterfall.Operating, "240000"), distribution("2022-01-01", waterfall.Operating, "1000000"))
	fmt.Println("ann", got(h, 1, "ann"), "promote", got(h, 1, "gp"))
	fmt.Println("made up", h.Results[1].Trace.Steps[1].Investors.Format())
	// Output:
	// ann 222,000.00 promote 18,000.00
	// made up 58,000.00
}

// 3 % of each sale, due once capital and 8 % are paid, and carried until then.
func ExampleTier_fee() {
	h := played(`{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"},
		{"name": "fee", "type": "fee", "payee": "advisor", "rate": "0.03", "base": "distribution", "unpaid": "carried"}, {"name": "rest", "type": "split"}]}}`,
		members("ann:LP", "advisor:manager"), contribution("2021-01-01", "ann", "20000000"),
		distribution("2022-01-01", waterfall.Sale, "10000000"), distribution("2023-01-01", waterfall.Sale, "24000000"))
	fmt.Println(got(h, 1, "advisor"), "then", got(h, 2, "advisor"))
	// Output:
	// 0.00 then 1,020,000.00
}

// Four ninths, two ninths, and a third for a class, by capital within it.
func ExamplePercentages() {
	h := played(`{"tiers": {"capital": [{"name": "rest", "type": "split", "percentages": {"aster": "4/9", "bluebell": "2/9", "B": "1/3"}}]}}`,
		members("aster:A", "bluebell:A", "clover:B", "daisy:B"), contribution("2021-01-01", "aster", "100"), contribution("2021-01-01", "bluebell", "100"),
		contribution("2021-01-01", "clover", "100"), contribution("2021-01-01", "daisy", "300"), distribution("2022-01-01", waterfall.Sale, "900000"))
	for _, who := range []string{"aster", "bluebell", "clover", "daisy"} {
		fmt.Println(who, got(h, 1, who))
	}
	// Output:
	// aster 400,000.00
	// bluebell 200,000.00
	// clover 75,000.00
	// daisy 225,000.00
}

// Everybody is paid by capital until the last has 12 %; ben, who came a year later, has
// more than his own 12 % by then.
func ExampleBy_each() {
	h := played(`{"tiers": {"capital": [{"name": "12 %", "type": "hurdle", "irr": "0.12", "by": "each"}, {"name": "rest", "type": "split", "promote": "0.30"}]}}`,
		members("anna:A", "ben:A", "gp:promote"), contribution("2020-01-01", "anna", "600000"), contribution("2021-01-01", "ben", "400000"),
		distribution("2023-01-01", waterfall.Sale, "1500000"))
	fmt.Println("anna", got(h, 1, "anna"), "ben", got(h, 1, "ben"), "promote", got(h, 1, "gp"))
	// Output:
	// anna 882,965.57 ben 588,643.71 promote 28,390.72
}

// 260,000.00 where 10 % was 110,000.00, and a new 100,000.00 that has earned 10 %.
func ExampleSurplus() {
	for _, surplus := range []string{"counts", "lapses"} {
		h := played(`{"tiers": {"capital": [{"name": "10 %", "type": "hurdle", "irr": "0.10", "surplus": "`+surplus+`"}, {"name": "half", "type": "split", "promote": "0.50"}]}}`,
			members("ann:LP", "gp:promote"), contribution("2019-01-01", "ann", "100000"), distribution("2020-01-01", waterfall.Refinance, "410000"),
			contribution("2021-01-01", "ann", "100000"), distribution("2022-01-01", waterfall.Sale, "110000"))
		fmt.Println(surplus, got(h, 1, "ann"), got(h, 2, "ann"))
	}
	// Output:
	// counts 260,000.00 55,000.00
	// lapses 260,000.00 110,000.00
}

// A transfer of a quarter moves a quarter of capital and of what is unpaid; what was
// paid before stays with the seller.
func ExampleEvent_transfer() {
	h := played(`{"prefs": {"LP": {"rate": "0.08"}}, `+prefFirst, members("ann:LP", "bob:LP", "gp:promote"), contribution("2021-01-01", "ann", "1000000"),
		distribution("2022-01-01", waterfall.Operating, "60000"),
		waterfall.Event{Date: on("2022-01-01").AddDays(1), Type: waterfall.EventTransfer, From: "ann", To: "bob", Fraction: decimal.RequireFromString("0.25")},
		distribution("2023-01-01", waterfall.Operating, "100000"))
	for _, who := range []string{"ann", "bob"} {
		a, _ := h.Final.Find(who)
		fmt.Println(who, got(h, 1, who), got(h, 2, who), "capital", a.Unreturned.Format())
	}
	// Output:
	// ann 60,000.00 75,000.00 capital 750,000.00
	// bob 0.00 25,000.00 capital 250,000.00
}

// A level that counts capital before the tier that returns it: what is found, and what
// it costs on a standard example.
func ExampleTerms_Findings() {
	t, err := waterfall.ParseTerms([]byte(`{"prefs": {"LP": {"rate": "0.09"}}, "tiers": {"capital": [{"name": "9 %", "type": "pref"},
		{"name": "14 %", "type": "hurdle", "irr": "0.14", "promote": "0.30"},
		{"name": "capital", "type": "return_of_capital"}, {"name": "half", "type": "split", "promote": "0.50"}]}}`))
	if err != nil {
		log.Fatal(err)
	}
	f := t.Findings()[0]
	fmt.Println(f.Severity, f.Code, f.Field)
	fmt.Println(f.Cost)
	// Output:
	// warning promote_before_capital tiers.capital[1].irr
	// on a standard example promote is 416,926.03; mended it is 151,980.43
}

// Of 60,000.00 that went to ann alone half was bob's: what each lacks, tier by tier.
func ExampleMakeGood() {
	terms := `{"prefs": {"LP": {"rate": "0.04"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}]}}`
	in := []waterfall.Event{contribution("2021-01-01", "ann", "100000"), contribution("2021-01-01", "bob", "100000")}
	out := distribution("2021-04-11", waterfall.Refinance, "60000")
	should := played(terms, members("ann:LP", "bob:LP"), append(in, out)...)
	did := played(terms, members("ann:LP", "bob:LP"), in[0], out)
	for _, m := range waterfall.MakeGood(should.Results[0], did.Results[0], "bob was not known") {
		fmt.Println(m.Account, m.Tier, m.Delta.Format())
	}
	// Output:
	// ann capital -30,000.00
	// bob pref 1,095.89
	// bob capital 28,904.11
}

// 5,000.00 were held back when only xenia was known. Now all of the cash would go to the
// preferred return of two, but what is in the reserve stays there.
func ExampleDistribution_held() {
	terms := `{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "pref", "type": "pref"},
		{"name": "roof", "type": "holdback", "amount": "5000"}, {"name": "rest", "type": "split"}]}}`
	in := []waterfall.Event{contribution("2021-01-01", "xenia", "10000"), contribution("2021-01-01", "yuri", "100000")}
	out := distribution("2022-01-01", waterfall.Operating, "6000")
	did := played(terms, members("xenia:LP", "yuri:LP"), in[0], out)
	out.Held = did.Results[0].Trace.Held()
	should := played(terms, members("xenia:LP", "yuri:LP"), append(in, out)...)
	fmt.Print(should.Results[0].Table())
	for _, m := range waterfall.MakeGood(should.Results[0], did.Results[0], "yuri was not known") {
		fmt.Println(m.Account, m.Tier, m.Delta.Format())
	}
	// Output:
	// account      pref  roof  rest     total
	// -------  --------  ----  ----  --------
	// xenia       90.91  0.00  0.00     90.91
	// yuri       909.09  0.00  0.00    909.09
	// total    1,000.00  0.00  0.00  1,000.00
	// xenia pref -709.09
	// xenia rest -200.00
	// yuri pref 909.09
}

// A call of 500,000.00 that the other partner lends at 6 %, compounded monthly: what the
// tiers give the debtor goes to the lender until the loan is repaid.
func ExampleEvent_loan() {
	rate := decimal.RequireFromString("0.06")
	h := played(`{"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}]}}`, members("lender:LP", "debtor:LP"),
		contribution("2018-01-01", "lender", "9000000"), contribution("2018-01-01", "debtor", "1000000"),
		contribution("2019-04-10", "lender", "4500000"), contribution("2019-04-10", "debtor", "500000"),
		waterfall.Event{Date: on("2019-04-10"), Type: waterfall.EventLoan, From: "lender", To: "debtor", Amount: usd("500000"), Rate: &rate,
			Compounding: waterfall.CompoundMonthly},
		distribution("2020-01-15", waterfall.Operating, "800000"), distribution("2021-03-20", waterfall.Refinance, "6000000"))
	for n, r := range h.Results {
		fmt.Println("the tiers give the debtor", r.Total(0).Format(), "and it is paid", got(h, n+1, "debtor"))
	}
	// Output:
	// the tiers give the debtor 80,000.00 and it is paid 0.00
	// the tiers give the debtor 600,000.00 and it is paid 124,103.77
}

// Of 50.00 of 100.00 each, one funds the other's half of a call of 100.00: 50.00 of 200.00
// are a quarter, and with a factor of 1.5 an eighth.
func ExampleEvent_dilution() {
	for _, factor := range []string{"1", "1.5"} {
		f := decimal.RequireFromString(factor)
		h := played(`{"tiers": {"capital": [{"name": "rest", "type": "split"}]}}`, members("ann:LP", "bob:LP"),
			contribution("2020-01-01", "ann", "50"), contribution("2020-01-01", "bob", "50"), contribution("2021-01-01", "ann", "100"),
			waterfall.Event{Date: on("2021-01-01"), Type: waterfall.EventDilution, Partner: "bob", Amount: usd("50"), Factor: &f},
			distribution("2022-01-01", waterfall.Sale, "1000"))
		fmt.Println("by a factor of", factor, "bob gets", got(h, 1, "bob"), "of 1,000.00")
	}
	// Output:
	// by a factor of 1 bob gets 250.00 of 1,000.00
	// by a factor of 1.5 bob gets 125.00 of 1,000.00
}

// Every account's part runs on its own balances: ann's capital is older, so that capital
// and return use up her part, and bob's alone pays promote.
func ExampleRun() {
	tiers := `"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "pref", "type": "pref"},
		{"name": "catch-up", "type": "catch_up", "gp_share": "0.80", "target": "0.20"}, {"name": "rest", "type": "split", "promote": "0.20"}]}}`
	for _, run := range []string{"pooled", "partner"} {
		h := played(`{"run": "`+run+`", `+tiers, members("ann:LP", "bob:LP", "gp:promote"), contribution("2018-01-01", "ann", "500000"),
			contribution("2020-01-01", "bob", "400000"), distribution("2021-01-01", waterfall.Sale, "1100000"))
		fmt.Println(run, "ann", got(h, 1, "ann"), "bob", got(h, 1, "bob"), "promote", got(h, 1, "gp"))
	}
	// Output:
	// pooled ann 625,421.01 bob 436,336.80 promote 38,242.19
	// partner ann 611,111.11 bob 471,111.11 promote 17,777.78
}

// 100,000.00 of 2020 and 100,000.00 of 2021, both at 18 %: the latest comes back first,
// with its return.
func ExampleLots() {
	h := played(`{"day_count": "ACT/360", "prefs": {"priority": {"rate": "0.18"}}, "tiers": {"capital": [
		{"name": "priority", "type": "return_of_capital", "lots": "latest_first", "with_pref": true}, {"name": "rest", "type": "split"}]}}`,
		members("alder:priority", "birch:priority"), contribution("2020-06-01", "alder", "100000"), contribution("2021-06-01", "birch", "100000"),
		distribution("2021-12-01", waterfall.Operating, "150000"))
	fmt.Println("birch", got(h, 1, "birch"), "alder", got(h, 1, "alder"))
	// Output:
	// birch 109,150.00 alder 40,850.00
}
