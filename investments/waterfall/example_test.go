package waterfall_test

import (
	"fmt"
	"log"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// mapleCourt has 900,000 from two investors and 100,000 from the sponsor.
func mapleCourt() ([]waterfall.Partner, []waterfall.Event) {
	day := date.Must(2021, 1, 1)
	return []waterfall.Partner{{ID: "ann", Class: "LP"}, {ID: "bob", Class: "LP"}, {ID: "sponsor", Class: "LP", Sponsor: true}, {ID: "gp", Class: "promote"}},
		[]waterfall.Event{
			{Date: day, Type: waterfall.EventContribution, Partner: "ann", Amount: money.MustParse("600000")},
			{Date: day, Type: waterfall.EventContribution, Partner: "bob", Amount: money.MustParse("300000")},
			{Date: day, Type: waterfall.EventContribution, Partner: "sponsor", Amount: money.MustParse("100000")},
		}
}

// sale runs a deal whose property is sold after a year, and prints who got what.
func sale(terms string, partners []waterfall.Partner, events []waterfall.Event, cash string, adjust ...waterfall.Adjustment) *waterfall.Result {
	t, err := waterfall.ParseTerms([]byte(terms))
	if err != nil {
		log.Fatal(err)
	}
	s, err := waterfall.Open(t, partners)
	if err != nil {
		log.Fatal(err)
	}
	if s, _, err = waterfall.Apply(t, s, events); err != nil {
		log.Fatal(err)
	}
	r, err := waterfall.Compute(t, s, waterfall.Distribution{Date: date.Must(2022, 1, 1), Kind: waterfall.Sale,
		Cash: money.MustParse(cash), Adjustments: adjust})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(r.Table())
	return r
}

const classic = `{
	"prefs": {"LP": {"rate": "0.08"}},
	"tiers": {"capital": [
		{"name": "pref", "type": "pref"},
		{"name": "capital", "type": "return_of_capital"},
		{"name": "12 %", "type": "hurdle", "irr": "0.12", "promote": "0.20"},
		{"name": "rest", "type": "split", "promote": "0.30"}]}}`

func Example() {
	partners, events := mapleCourt()
	r := sale(classic, partners, events, "1200000")
	fmt.Println()
	x, _ := r.Explain("bob")
	fmt.Print(x)
	// Output:
	// account       pref       capital       12 %       rest         total
	// -------  ---------  ------------  ---------  ---------  ------------
	// ann      48,000.00    600,000.00  24,000.00  29,400.00    701,400.00
	// bob      24,000.00    300,000.00  12,000.00  14,700.00    350,700.00
	// gp            0.00          0.00  10,000.00  21,000.00     31,000.00
	// sponsor   8,000.00    100,000.00   4,000.00   4,900.00    116,900.00
	// total    80,000.00  1,000,000.00  50,000.00  70,000.00  1,200,000.00
	//
	// bob gets 350,700.00:
	//   pref: 24,000.00. Pay unpaid preferred return, by what each account is due. Investors' part is 80,000.00; the account's unpaid preferred return is 24,000.00 of 80,000.00, so its exact share is 24,000.00.
	//   capital: 300,000.00. Return capital, by what each account has not got back. Investors' part is 1,000,000.00; the account's unreturned capital is 300,000.00 of 1,000,000.00, so its exact share is 300,000.00.
	//   12 %: 12,000.00. Pay 80 % to investors and 20 % to promote until investors together have 12 % a year. Investors' part is 40,000.00; the account's contributed capital is 300,000.00 of 1,000,000.00, so its exact share is 12,000.00.
	//   rest: 14,700.00. Share all remaining cash: 30 % to promote, 70 % to investors by contributed capital. Investors' part is 49,000.00; the account's contributed capital is 300,000.00 of 1,000,000.00, so its exact share is 14,700.00.
}

func ExampleTerms_Describe() {
	t, err := waterfall.ParseTerms([]byte(classic))
	if err != nil {
		log.Fatal(err)
	}
	text, _ := t.Describe()
	fmt.Print(text)
	// Output:
	// 1. Class LP earns a cumulative preferred return of 8 % a year on unreturned capital, not compounded, with actual days over a year of 365 (ACT/365F).
	// 2. Preferred return is earned from the day on which capital comes in, that day included, to the day on which it goes back, that day not.
	// 3. Promote goes to the partner of class promote.
	// 4. Every investor bears promote, the sponsor's own investment included, but for accounts for which it is waived: a step with promote pays them beside the others, in proportion to what it shares by, and takes no promote from them.
	// 5. A step that runs until investors have had a rate, a return or a multiple looks at what they have paid in and at all that any step of this and of every earlier distribution has paid them, preferred return and capital included. Promote, fees, money held back and everything paid on members' loans do not count. What they have had beyond it counts against what they pay in later. It looks at those whom it pays and who bear promote; who bears none is not tested.
	// 6. The rate of a hurdle is the effective annual rate of contributions and distributions on their days, by actual days over 365: 12 % is 11.3866 % a year compounded monthly or 11.4949 % compounded quarterly.
	// 7. Every distribution is made in this order, each step with the cash that the steps before it left:
	//    (a) pref: unpaid preferred return to all investors, in proportion to what each is due.
	//    (b) capital: unreturned capital to all investors, in proportion to it.
	//    (c) 12 %: 80 % to all investors by contributed capital and 20 % to promote, until they together have had 12 % a year on their contributions.
	//    (d) rest: 70 % to all investors by contributed capital and 30 % to promote, without limit.
	// 8. A distribution declared by the method preferred leaves these steps aside. It pays unpaid preferred return, then, of refinancing or sale proceeds, unreturned capital, and shares the rest by units where every position has units and by contributed capital otherwise. It pays no promote and no fee, and holds nothing back.
}

func ExampleTrace_Table() {
	partners, events := mapleCourt()
	fmt.Print("\n", sale(classic, partners, events, "1200000").Trace.Table())
	// Output:
	// account       pref       capital       12 %       rest         total
	// -------  ---------  ------------  ---------  ---------  ------------
	// ann      48,000.00    600,000.00  24,000.00  29,400.00    701,400.00
	// bob      24,000.00    300,000.00  12,000.00  14,700.00    350,700.00
	// gp            0.00          0.00  10,000.00  21,000.00     31,000.00
	// sponsor   8,000.00    100,000.00   4,000.00   4,900.00    116,900.00
	// total    80,000.00  1,000,000.00  50,000.00  70,000.00  1,200,000.00
	//
	// Sale distribution of 1,200,000.00 on 2022-01-01
	//
	// tier      cash before          need     investors    promote  fees and reserve    cash after
	// -------  ------------  ------------  ------------  ---------  ----------------  ------------
	// pref     1,200,000.00     80,000.00     80,000.00       0.00              0.00  1,120,000.00
	// capital  1,120,000.00  1,000,000.00  1,000,000.00       0.00              0.00    120,000.00
	// 12 %       120,000.00     50,000.00     40,000.00  10,000.00              0.00     70,000.00
	// rest        70,000.00           all     49,000.00  21,000.00              0.00          0.00
	// undistributed: 0.00
	//
	// pref: Pay unpaid preferred return, by what each account is due.
	//     unpaid preferred return: 80,000.00
	// capital: Return capital, by what each account has not got back.
	//     unreturned capital: 1,000,000.00
	// 12 %: Pay 80 % to investors and 20 % to promote until investors together have 12 % a year.
	//     contributions: 1,000,000.00
	//     distributions to investors: 1,080,000.00
	//     needed for the rate of 12 %: 40,000.00
	//     investors' need: 40,000.00
	// rest: Share all remaining cash: 30 % to promote, 70 % to investors by contributed capital.
	//     promote: 30 %
}

// Two general partners share promote half and half, but four to one once
// investors have had 12 % a year.
func ExampleShare() {
	partners, events := mapleCourt()
	partners = append(partners, waterfall.Partner{ID: "co-gp", Class: "promote"})
	sale(`{
		"promote_split": [{"recipient": "gp", "share": "0.5"}, {"recipient": "co-gp", "share": "0.5"}],
		"tiers": {"capital": [
			{"name": "12 %", "type": "hurdle", "irr": "0.12", "promote": "0.20"},
			{"name": "rest", "type": "split", "promote": "0.30", "promote_split": [
				{"recipient": "gp", "share": "0.8"}, {"recipient": "co-gp", "share": "0.2"}]}]}}`, partners, events, "1500000")
	// Output:
	// account          12 %        rest         total
	// -------  ------------  ----------  ------------
	// ann        672,000.00   42,000.00    714,000.00
	// bob        336,000.00   21,000.00    357,000.00
	// co-gp      140,000.00    6,000.00    146,000.00
	// gp         140,000.00   24,000.00    164,000.00
	// sponsor    112,000.00    7,000.00    119,000.00
	// total    1,400,000.00  100,000.00  1,500,000.00
}

// The sponsor's tenth bears no promote: it gets a tenth of all cash.
func ExamplePromoteBase() {
	partners, events := mapleCourt()
	sale(`{
		"promote_base": "outside",
		"tiers": {"capital": [
			{"name": "capital", "type": "return_of_capital"},
			{"name": "12 %", "type": "hurdle", "irr": "0.12", "promote": "0.20"},
			{"name": "rest", "type": "split", "promote": "0.30"}]}}`, partners, events, "1200000")
	// Output:
	// account       capital        12 %       rest         total
	// -------  ------------  ----------  ---------  ------------
	// ann        600,000.00   72,000.00  21,000.00    693,000.00
	// bob        300,000.00   36,000.00  10,500.00    346,500.00
	// gp               0.00   27,000.00  13,500.00     40,500.00
	// sponsor    100,000.00   15,000.00   5,000.00    120,000.00
	// total    1,000,000.00  150,000.00  50,000.00  1,200,000.00
}

// Bob paid in half a year later than the others. Tested on the class, the
// hurdle's money is shared by capital; tested by investor, Bob gets what he
// himself needs for 12 % a year.
func ExampleBy() {
	partners, events := mapleCourt()
	events[1].Date = date.Must(2021, 7, 2)
	for _, by := range []string{"class", "investor"} {
		sale(`{"tiers": {"capital": [
			{"name": "capital", "type": "return_of_capital"},
			{"name": "12 %", "type": "hurdle", "irr": "0.12", "by": "`+by+`"}]}}`, partners, events, "1102000")
		fmt.Println()
	}
	// Output:
	// account       capital        12 %         total
	// -------  ------------  ----------  ------------
	// ann        600,000.00   60,923.67    660,923.67
	// bob        300,000.00   30,461.84    330,461.84
	// sponsor    100,000.00   10,153.94    110,153.94
	// total    1,000,000.00  101,539.45  1,101,539.45
	//
	// account       capital        12 %         total
	// -------  ------------  ----------  ------------
	// ann        600,000.00   72,000.00    672,000.00
	// bob        300,000.00   17,539.45    317,539.45
	// sponsor    100,000.00   12,000.00    112,000.00
	// total    1,000,000.00  101,539.45  1,101,539.45
}

// Ann has a side letter: 9 % instead of 8 %, and no promote.
func ExamplePartner() {
	partners, events := mapleCourt()
	nine := decimal.RequireFromString("0.09")
	partners[0].PrefRate, partners[0].PromoteWaived = &nine, true
	sale(classic, partners, events, "1120000")
	// Output:
	// account       pref       capital       12 %  rest         total
	// -------  ---------  ------------  ---------  ----  ------------
	// ann      54,000.00    600,000.00  20,400.00  0.00    674,400.00
	// bob      24,000.00    300,000.00   8,160.00  0.00    332,160.00
	// gp            0.00          0.00   2,720.00  0.00      2,720.00
	// sponsor   8,000.00    100,000.00   2,720.00  0.00    110,720.00
	// total    86,000.00  1,000,000.00  34,000.00  0.00  1,120,000.00
}

// One per cent of each distribution goes to the manager, and cash is held back
// until the reserve is 50,000. A later distribution releases it.
func ExampleDistribution_release() {
	partners, events := mapleCourt()
	partners = append(partners, waterfall.Partner{ID: "manager", Class: "fee"})
	t, err := waterfall.ParseTerms([]byte(`{"tiers": {"capital": [
		{"name": "fee", "type": "fee", "payee": "manager", "rate": "0.01", "base": "distribution"},
		{"name": "reserve", "type": "holdback", "amount": "50000"},
		{"name": "rest", "type": "split"}]}}`))
	if err != nil {
		log.Fatal(err)
	}
	h, err := waterfall.Replay(t, partners, append(events,
		waterfall.Event{Date: date.Must(2022, 1, 1), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: money.MustParse("100000")},
		waterfall.Event{Date: date.Must(2022, 4, 1), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: money.MustParse("20000"),
			Releases: []waterfall.ReserveAmount{{Amount: money.MustParse("30000")}}}))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range h.Results {
		fmt.Printf("held %s\n%s", r.Tiers[1].Held, r.Table())
	}
	fmt.Println("reserve", h.Final.Reserves()[0].Amount)
	// Output:
	// held 50000.00
	// account       fee  reserve       rest      total
	// -------  --------  -------  ---------  ---------
	// ann          0.00     0.00  29,400.00  29,400.00
	// bob          0.00     0.00  14,700.00  14,700.00
	// manager  1,000.00     0.00       0.00   1,000.00
	// sponsor      0.00     0.00   4,900.00   4,900.00
	// total    1,000.00     0.00  49,000.00  50,000.00
	// held 0.00
	// account     fee  reserve       rest      total
	// -------  ------  -------  ---------  ---------
	// ann        0.00     0.00  29,700.00  29,700.00
	// bob        0.00     0.00  14,850.00  14,850.00
	// manager  500.00     0.00       0.00     500.00
	// sponsor    0.00     0.00   4,950.00   4,950.00
	// total    500.00     0.00  49,500.00  50,000.00
	// reserve 20000.00
}

// The preferred class comes first in each tier; the common class gets what it
// leaves.
func ExampleOrder() {
	partners := []waterfall.Partner{{ID: "ann", Class: "preferred"}, {ID: "bob", Class: "common"}, {ID: "gp", Class: "promote"}}
	day := date.Must(2021, 1, 1)
	events := []waterfall.Event{
		{Date: day, Type: waterfall.EventContribution, Partner: "ann", Amount: money.MustParse("500000")},
		{Date: day, Type: waterfall.EventContribution, Partner: "bob", Amount: money.MustParse("500000")}}
	for _, order := range []string{"pari_passu", "sequential"} {
		sale(`{"prefs": {"preferred": {"rate": "0.06"}, "common": {"rate": "0.10"}}, "tiers": {"capital": [
			{"name": "pref", "type": "pref", "to": ["preferred", "common"], "order": "`+order+`"},
			{"name": "capital", "type": "return_of_capital", "to": ["preferred", "common"], "order": "`+order+`"}]}}`, partners, events, "740000")
		fmt.Println()
	}
	// Output:
	// account       pref     capital       total
	// -------  ---------  ----------  ----------
	// ann      30,000.00  330,000.00  360,000.00
	// bob      50,000.00  330,000.00  380,000.00
	// total    80,000.00  660,000.00  740,000.00
	//
	// account       pref     capital       total
	// -------  ---------  ----------  ----------
	// ann      30,000.00  500,000.00  530,000.00
	// bob      50,000.00  160,000.00  210,000.00
	// total    80,000.00  660,000.00  740,000.00
}

// Bob's wire of last quarter went to Ann; this distribution puts it right.
func ExampleAdjustment() {
	partners, events := mapleCourt()
	r := sale(classic, partners, events, "40000",
		waterfall.Adjustment{Account: "ann", Delta: money.MustParse("-1500"), Reason: "Bob's wire of 2021-10-01 was credited to Ann", Against: waterfall.AgainstPref},
		waterfall.Adjustment{Account: "bob", Delta: money.MustParse("1500"), Reason: "Bob's wire of 2021-10-01 was credited to Ann", Against: waterfall.AgainstPref})
	bob, _ := r.Closing.Find("bob")
	fmt.Println("bob is still owed", bob.UnpaidPref())
	// Output:
	// account       pref  capital  12 %  rest  adjustment      total
	// -------  ---------  -------  ----  ----  ----------  ---------
	// ann      24,000.00     0.00  0.00  0.00   -1,500.00  22,500.00
	// bob      12,000.00     0.00  0.00  0.00    1,500.00  13,500.00
	// sponsor   4,000.00     0.00  0.00  0.00        0.00   4,000.00
	// total    40,000.00     0.00  0.00  0.00        0.00  40,000.00
	// bob is still owed 10500.00
}

func ExamplePrefSchedule() {
	partners, events := mapleCourt()
	t, err := waterfall.ParseTerms([]byte(`{"prefs": {"LP": {"rate": "0.08", "compounding": "quarterly"}},
		"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}]}}`))
	if err != nil {
		log.Fatal(err)
	}
	events = append(events,
		waterfall.Event{Date: date.Must(2021, 7, 1), Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: money.MustParse("25000")},
		waterfall.Event{Date: date.Must(2021, 11, 15), Type: waterfall.EventDistribution, Kind: waterfall.Refinance, Amount: money.MustParse("60000")})
	s, err := waterfall.PrefSchedule(t, partners, events, "ann", date.Must(2021, 12, 31))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(s.Table())
	// Output:
	// Preferred return of ann at 8 % a year, ACT/365F
	//
	// from                to  days    year            base        accrued     compounded  contributed  returned       paid     capital         unpaid
	// ----------  ----------  ----  ------  --------------  -------------  -------------  -----------  --------  ---------  ----------  -------------
	// 2021-01-01  2021-01-01     0   0/365        0.000000       0.000000       0.000000   600,000.00         -          -  600,000.00       0.000000
	// 2021-01-01  2021-04-01    90  90/365  600,000.000000  11,835.616438  11,835.616438            -         -          -  600,000.00  11,835.616438
	// 2021-04-01  2021-07-01    91  91/365  611,835.616438  12,203.187090  12,203.187090            -         -  15,000.00  600,000.00   9,038.803528
	// 2021-07-01  2021-10-01    92  92/365  609,038.803528  12,280.892038  12,280.892038            -         -          -  600,000.00  21,319.695566
	// 2021-10-01  2021-11-15    45  45/365  621,319.695566   6,128.084669       0.000000            -  8,552.22  27,447.78  591,447.78       0.000235
	// 2021-11-15  2021-12-31    46  46/365  591,447.780000   5,963.089946       0.000000            -         -          -  591,447.78   5,963.090181
}

func ExampleProjection() {
	partners, events := mapleCourt()
	t, err := waterfall.ParseTerms([]byte(classic))
	if err != nil {
		log.Fatal(err)
	}
	h, err := waterfall.Replay(t, partners, events)
	if err != nil {
		log.Fatal(err)
	}
	p := waterfall.Projection{Terms: t, State: h.Final, SellingCost: decimal.RequireFromString("0.02")}
	for year := 2022; year <= 2025; year++ {
		p.Events = append(p.Events, waterfall.Event{Date: date.Must(year, 1, 1), Type: waterfall.EventDistribution,
			Kind: waterfall.Operating, Amount: money.MustParse("65000")})
	}
	for _, year := range []int{2024, 2026} {
		p.Exits = append(p.Exits, waterfall.Exit{Date: date.Must(year, 1, 1), NOI: money.MustParse("130000"), Debt: money.MustParse("900000")})
	}
	for _, c := range []string{"0.05", "0.055", "0.06"} {
		p.Caps = append(p.Caps, decimal.RequireFromString(c))
	}
	g, err := p.Run()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(g.Table())
	// Output:
	// exit cap       2024-01-01       2026-01-01
	// --------  ---------------  ---------------
	// 5 %       19.84 % / 1.68x  13.58 % / 1.79x
	// 5.5 %     15.72 % / 1.52x  11.23 % / 1.62x
	// 6 %       12.05 % / 1.38x   8.87 % / 1.47x
}

// The first deal earns promote before the second one loses capital.
func ExampleClawback() {
	partners, events := mapleCourt()
	t, err := waterfall.ParseTerms([]byte(classic))
	if err != nil {
		log.Fatal(err)
	}
	at := func(year int, cash string) waterfall.Event {
		return waterfall.Event{Date: date.Must(year, 1, 1), Type: waterfall.EventDistribution, Kind: waterfall.Sale, Amount: money.MustParse(cash)}
	}
	deals := [][]waterfall.Event{append(events[:3:3], at(2022, "1500000")), append(events[:3:3], at(2023, "700000"))}
	c, err := waterfall.Clawback(t, partners, deals, decimal.RequireFromString("0.40"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("deal by deal", c.ByDeal, "pooled", c.European)
	fmt.Println("gross", c.Gross, "after tax", c.Clawback)
	// Output:
	// deal by deal [121000.00 0.00] pooled 0.00
	// gross 121000.00 after tax 72600.00
}
