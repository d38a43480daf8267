package waterfall_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

const recordJSON = `{"prefs":{"a":{"rate":"0.08"}},"tiers":{"capital":[{"name":"pref","type":"pref"},
	{"name":"capital","type":"return_of_capital"},{"name":"rest","type":"split","promote":"0.2"}]}}`

func recordPartners() []waterfall.Partner {
	return []waterfall.Partner{{ID: "A", Class: "a"}, {ID: "B", Class: "a"}, {ID: "C", Class: "a"}, {ID: "gp", Class: "promote"}}
}

func recorded(record, date, amount string) waterfall.Event {
	d := distribution(date, waterfall.Operating, amount)
	d.Record = on(record)
	return d
}

// The payee is who held at the end of the record date; a transfer after it
// applies after the distribution, whatever the order in which it is handed over.
func TestDistribution_recordDate(t *testing.T) {
	t.Parallel()
	move := waterfall.Event{Date: on("2021-04-10"), Type: waterfall.EventTransfer, From: "A", To: "C", Fraction: decimal.NewFromInt(1)}
	h := replay(t, recordJSON, recordPartners(), contribution("2021-01-10", "A", "100000"), move, recorded("2021-03-31", "2021-04-15", "1000"))
	require.Equal(t, "1000.00", paid(t, h.Results[0], "A"))
	require.Equal(t, "0.00", paid(t, h.Results[0], "C"))
	c, _ := h.Final.Find("C")
	require.Equal(t, "100000.00", c.Unreturned.String())
	require.Equal(t, "1082.19", c.UnpaidPref().String()) // 95 days' 2,082.19 less the 1,000.00 that A had
	require.Equal(t, on("2021-04-15"), h.Final.AsOf())

	// On the record date itself the transfer comes first.
	move.Date = on("2021-03-31")
	h = replay(t, recordJSON, recordPartners(), contribution("2021-01-10", "A", "100000"), move, recorded("2021-03-31", "2021-04-15", "1000"))
	require.Equal(t, "1000.00", paid(t, h.Results[0], "C"))
}

// Capital received after the record date neither earns nor shares in the
// distribution; afterwards it has earned from its own date.
func TestDistribution_capitalAfterTheRecordDate(t *testing.T) {
	t.Parallel()
	late := contribution("2021-04-05", "B", "100000")
	h := replay(t, recordJSON, recordPartners(), contribution("2021-01-10", "A", "100000"), late, recorded("2021-03-31", "2021-04-15", "5000"))
	require.Equal(t, "5000.00", paid(t, h.Results[0], "A"))
	b, _ := h.Final.Find("B")
	require.Equal(t, "219.18", b.UnpaidPref().String()) // ten days
	require.Equal(t, on("2021-04-05"), h.Final.Flows()[1].Date)

	// What lies before the record date of what is processed is out of order, and so
	// is a distribution that would jump back.
	terms := parse(t, recordJSON)
	_, _, err := waterfall.Apply(terms, h.Final, []waterfall.Event{contribution("2021-04-04", "B", "1")})
	require.ErrorIs(t, err, waterfall.ErrOutOfOrder)
	_, _, err = waterfall.Apply(terms, h.Final, []waterfall.Event{recorded("2021-04-01", "2021-05-01", "1")})
	require.ErrorIs(t, err, waterfall.ErrOutOfOrder)
	_, _, err = waterfall.Apply(terms, h.Final, []waterfall.Event{recorded("2021-06-01", "2021-05-01", "1")})
	require.ErrorIs(t, err, waterfall.ErrEvent)
}

// What happens on the day of a distribution may still lie after its record date, also
// once a rate was fixed on that day.
func TestDistribution_fixingOnItsDay(t *testing.T) {
	t.Parallel()
	late := contribution("2021-04-15", "B", "100000")
	begins := waterfall.Event{Date: on("2021-04-15"), Type: waterfall.EventDefault, Name: "a"}
	h := replay(t, recordJSON, recordPartners(), contribution("2021-01-10", "A", "100000"), recorded("2021-03-31", "2021-04-15", "5000"), begins, late)
	require.Equal(t, "5000.00", paid(t, h.Results[0], "A"))
	b, _ := h.Final.Find("B")
	require.Equal(t, "100000.00", b.Unreturned.String())
}

// A true-up takes the tiers of what it makes good: what a refinancing gave to A
// alone, because B's wire was not booked yet, is made good in the next one.
func TestAdjustment_tierOfWhatItMakesGood(t *testing.T) {
	t.Parallel()
	terms := parse(t, recordJSON)
	in := []waterfall.Event{contribution("2021-01-10", "A", "100000"), contribution("2021-01-10", "B", "100000")}
	refinance := func(date string) waterfall.Event { return distribution(date, waterfall.Refinance, "60000") }
	right := replay(t, recordJSON, recordPartners(), append(in, refinance("2021-03-01"), refinance("2021-06-01"))...)
	wrong := replay(t, recordJSON, recordPartners(), in[0], refinance("2021-03-01"))

	// The history as it was: A had everything. What is owed, tier by tier.
	owed := waterfall.MakeGood(right.Results[0], wrong.Results[0], "B's wire was booked late")
	require.Len(t, owed, 3)
	// A's second line: what the replayed history gives, and what the first line lacked.
	line := map[string]int64{}
	for k, tier := range right.Results[1].Tiers {
		i, _ := right.Final.Index("A")
		line[tier.Name] += right.Results[1].Amount(k, i).Cents()
	}
	for _, x := range owed {
		if x.Account == "A" {
			line[x.Tier] += x.Delta.Cents()
		}
	}
	require.Equal(t, map[string]int64{"pref": 1433_61, "capital": -1433_60, "rest": 0}, line)

	// An adjustment takes the balance of the tier that it names.
	past := right.Final
	r := compute(t, terms, past, waterfall.Distribution{Date: on("2021-07-01"), Kind: waterfall.Refinance, Cash: usd("60000"), Adjustments: []waterfall.Adjustment{
		{Account: "A", Delta: usd("-10"), Reason: "capital", Tier: "capital"}, {Account: "B", Delta: usd("10"), Reason: "capital", Tier: "capital"}}})
	a, _ := r.Closing.Find("A")
	b, _ := r.Closing.Find("B")
	require.InDelta(t, 20_00, a.Unreturned.Cents()-b.Unreturned.Cents(), 2)
	_, err := waterfall.Compute(terms, past, waterfall.Distribution{Date: on("2021-06-01"), Kind: waterfall.Refinance, Cash: usd("60000"),
		Adjustments: []waterfall.Adjustment{{Account: "A", Delta: usd("-1"), Reason: "x", Tier: "no such"}, {Account: "B", Delta: usd("1"), Reason: "x", Tier: "pref"}}})
	require.ErrorIs(t, err, waterfall.ErrAdjustment)
}

// The method preferred: the preferred return, at a sale or refinancing capital,
// and then pro rata by units where every position has them.
func TestPreferred(t *testing.T) {
	t.Parallel()
	base := parse(t, recordJSON)
	evs := []waterfall.Event{contribution("2021-01-01", "A", "100000"), contribution("2021-01-01", "B", "100000"),
		distribution("2022-01-01", waterfall.Operating, "17000"), distribution("2022-01-01", waterfall.Sale, "230000")}
	for i := range evs {
		evs[i].Units = []waterfall.Units{{Account: "A", Units: decimal.NewFromInt(100)}, {Account: "B", Units: decimal.RequireFromString("300.5")}}
	}
	h, err := waterfall.Replay(waterfall.Preferred(base, true), recordPartners(), evs)
	require.NoError(t, err)
	require.Equal(t, "8249.69", paid(t, h.Results[0], "A")) // 8,000.00 and 100/400.5 of 1,000.00
	require.Equal(t, "8750.31", paid(t, h.Results[0], "B"))
	require.Equal(t, "107490.64", paid(t, h.Results[1], "A")) // capital, and 100/400.5 of 30,000.00
	h, err = waterfall.Replay(waterfall.Preferred(base, false), recordPartners(), evs)
	require.NoError(t, err)
	require.Equal(t, "115000.00", paid(t, h.Results[1], "A"))

	evs[2].Units = evs[2].Units[:0]
	_, err = waterfall.Replay(waterfall.Preferred(base, true), recordPartners(), evs)
	require.ErrorIs(t, err, waterfall.ErrNoCapital)
}

// A fixing between a record date and its distribution holds from its own day: the
// accrual to the distribution has both rates. It has to be known by then.
func TestDistribution_fixingAfterItsRecordDate(t *testing.T) {
	t.Parallel()
	terms := `{"prefs":{"a":{"rate":"0.04","index":{"name":"SOFR"},"default_rate":"0.12"}},"tiers":{"capital":[{"name":"pref","type":"pref"},{"name":"capital","type":"return_of_capital"}]}}`
	rate := decimal.RequireFromString("0.10")
	fixing := waterfall.Event{Date: on("2021-07-01"), Type: waterfall.EventRate, Name: "SOFR", Rate: &rate}
	paying := recorded("2021-05-01", "2021-09-29", "100000")
	in := contribution("2021-01-01", "A", "365000")
	// 181 days at 4 % and 90 days at 10 % on 365,000.00: 7,240.00 and 9,000.00.
	h := replay(t, terms, recordPartners(), in, paying, fixing)
	require.Equal(t, "16240.00", h.Results[0].Tiers[0].Paid.String())
	// In default for the 30 days from 1 June, and again from 1 September for 28.
	begins := waterfall.Event{Date: on("2021-06-01"), Type: waterfall.EventDefault, Name: "a"}
	ends, anew := begins, begins
	ends.Date, ends.Ends, anew.Date = on("2021-07-01"), true, on("2021-09-01")
	h = replay(t, terms, recordPartners(), in, paying, fixing, begins, ends, anew)
	require.Equal(t, "19200.00", h.Results[0].Tiers[0].Paid.String()) // 151 days at 40.00, 58 at 120.00, 62 at 100.00

	// One by one, the fixing comes first; afterwards it would change what has accrued.
	before, _, err := waterfall.Apply(parse(t, terms), replay(t, terms, recordPartners(), in).Final, []waterfall.Event{fixing})
	require.NoError(t, err)
	after, results, err := waterfall.Apply(parse(t, terms), before, []waterfall.Event{paying})
	require.NoError(t, err)
	require.Equal(t, "16240.00", results[0].Tiers[0].Paid.String())
	require.Equal(t, []waterfall.Fixing{{Name: "SOFR", Date: on("2021-07-01"), Rate: "0.1"}}, after.Header().Fixings)
	fixing.Date = on("2021-09-28")
	_, _, err = waterfall.Apply(parse(t, terms), after, []waterfall.Event{fixing})
	require.ErrorIs(t, err, waterfall.ErrOutOfOrder)
}

// A loan on the day of a distribution lies after it where that has its place on an
// earlier record date: money may still come in on the day.
func TestDistribution_loanOnItsDay(t *testing.T) {
	t.Parallel()
	rate := decimal.RequireFromString("0.06")
	lent := waterfall.Event{Date: on("2021-09-29"), Type: waterfall.EventLoan, Name: "l", From: "A", To: "B", Amount: money.MustParse("1000"), Rate: &rate}
	repaid := waterfall.Event{Date: on("2021-09-29"), Type: waterfall.EventRepayment, Name: "l", Amount: money.MustParse("400")}
	state := replay(t, recordJSON, recordPartners(), contribution("2021-01-01", "A", "100000"), contribution("2021-01-01", "B", "100000"),
		recorded("2021-05-01", "2021-09-29", "1000")).Final
	state, _, err := waterfall.Apply(parse(t, recordJSON), state, []waterfall.Event{lent, repaid, contribution("2021-09-29", "B", "500")})
	require.NoError(t, err)
	require.Equal(t, "100500.00", state.Account(1).Contributed.String())
}
