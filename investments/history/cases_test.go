package history_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// terms are a preference of 8 % simple, return of capital, and a split with
// promote.
const terms = `{"promote_recipient": "gp", "prefs": {"a": {"rate": "0.08", "compounding": "none"}}, "day_count": "ACT/365F",
	"tiers": {"capital": [{"name": "pref", "type": "pref"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}]}}`

func name(p id.Of[history.Position]) string { return string('a' + p[15] - 1) }

// run computes the last of distributions of cash over a history; the results are
// by distribution.
func run(t *testing.T, ms []history.Movement, cash map[string]string) []*waterfall.Result {
	t.Helper()

	parsed, err := waterfall.ParseTerms([]byte(terms))
	require.NoError(t, err)
	events, err := history.Events(ms, nil, name)
	require.NoError(t, err)
	for on, amount := range cash {
		events = append(events, waterfall.Event{Date: day(on), Type: waterfall.EventDistribution, Kind: waterfall.Refinance, Amount: dollars(amount)})
	}
	state, err := waterfall.Open(parsed, []waterfall.Partner{{ID: "a", Class: "a"}, {ID: "b", Class: "a"}, {ID: "gp", Class: "promote"}})
	require.NoError(t, err)
	_, results, err := waterfall.Apply(parsed, state, events)
	require.NoError(t, err)
	return results
}

func got(r *waterfall.Result, who string) string {
	for key, amount := range r.Totals() {
		if key == who {
			return amount.String()
		}
	}
	return ""
}

// Money that comes after a refund earns from its own day, and the refund undoes
// what was there on its day.
func TestReceiptAfterRefund(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100000"), received(b, "2021-01-10", "60000"),
		refunded(b, "2021-02-01", "10000"), received(b, "2021-07-01", "40000")}
	results := run(t, ms, map[string]string{"2021-03-31": "1000", "2021-12-31": "10000"})
	require.Equal(t, "4204.65", got(results[1], "b"))
	held, err := history.Holdings(ms, day("2021-06-30"))
	require.NoError(t, err)
	require.Equal(t, "50000.00", held[1].Contributed.String())
}

func TestRefundOfAll(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100000"), received(b, "2021-01-10", "60000"),
		refunded(b, "2021-01-20", "60000"), received(b, "2021-07-01", "40000")}
	require.Equal(t, "4637.18", got(run(t, ms, map[string]string{"2021-12-31": "20000"})[0], "b"))
	held, err := history.Holdings(ms, day("2021-03-01"))
	require.NoError(t, err)
	require.Len(t, held, 1, "nobody but the other held anything")
	results := run(t, ms, map[string]string{"2021-03-31": "1000", "2021-12-31": "10000", "2022-12-31": "10000"})
	require.Equal(t, "2065.75", got(results[1], "b"))
	require.Equal(t, "2857.15", got(results[2], "b"))
}

// What was declared before the transfer stays with the giver, whenever it is paid.
func TestPaidAfterTransfer(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100000"), received(b, "2021-01-10", "100000"),
		declared(a, "2021-03-01", "50000", "48904.11"), declared(b, "2021-03-01", "50000", "48904.11")}
	ms = moved(t, ms, move(1, a, c, "2021-03-10", "1"))
	ms = append(ms, paid(a, "2021-03-20", "50000", "48904.11"), paid(b, "2021-03-20", "50000", "48904.11"))
	f, err := history.FiguresOf(of(ms, c), day("2021-04-01"), nil)
	require.NoError(t, err)
	require.Equal(t, "51095.89", f.Value.String())
	require.Equal(t, "51095.89", f.Unreturned.String())
	for _, p := range []id.Of[history.Position]{b, c} {
		sale := declared(p, "2021-06-01", "70425.24", "51095.89")
		sale.Sale, sale.SaleCapital = sale.Amount, sale.Capital
		cash := paid(p, "2021-06-01", "70425.24", "51095.89")
		cash.Sale, cash.SaleCapital = cash.Amount, cash.Capital
		ms = append(ms, sale, cash)
		g, err := history.GainOf(of(ms, p))
		require.NoError(t, err)
		require.Equal(t, "19329.35", g.Realized.String())
	}
}

// What is reversed after the transfer comes to who holds now.
func TestReversedAfterTransfer(t *testing.T) {
	t.Parallel()
	refi := declared(a, "2021-03-01", "50000", "48904.11")
	cash := paid(a, "2021-03-01", "50000", "48904.11")
	mv := move(1, a, c, "2021-03-10", "1")
	ms := moved(t, []history.Movement{received(a, "2021-01-10", "100000"), refi, cash}, mv)
	ms = append(ms, refi.Reversal(day("2021-03-20")), cash.Reversal(day("2021-03-20")))
	corrections, err := history.Restate(ms, []history.Move{mv})
	require.NoError(t, err)
	require.Len(t, corrections, 1)
	from, to := corrections[0].Movements()
	from.Date, to.Date = day("2021-03-20"), day("2021-03-20")
	ms = append(ms, from, to)
	f, err := history.FiguresOf(of(ms, c), day("2021-03-20"), nil)
	require.NoError(t, err)
	require.Equal(t, "100000.00", f.Unreturned.String())
	require.Equal(t, "100000.00", f.Value.String())
	for p, want := range map[id.Of[history.Position]]string{a: "0.00", c: "100000.00"} {
		account, err := history.RollForward(of(ms, p), date.Date{}, day("2021-03-20"))
		require.NoError(t, err)
		require.Equal(t, want, account.Closing.String())
	}
	again, err := history.Restate(ms, []history.Move{mv})
	require.NoError(t, err)
	require.Empty(t, again)
}

// A true-up has the tiers of what it makes good.
func TestTrueUpOfCapital(t *testing.T) {
	t.Parallel()
	list := history.Trim([]history.Owed{
		{Payee: "a", Parts: []history.Part{{Kind: "pref", Amount: money.Zero}, {Kind: "return_of_capital", Amount: dollars("-30000")}}},
		{Payee: "b", Parts: []history.Part{{Kind: "return_of_capital", Amount: dollars("28904.11")}, {Kind: "pref", Amount: dollars("1095.89")}}}})
	share := map[string]money.Amount{"a": dollars("30000.01"), "b": dollars("29999.99")}
	deltas, rest, err := history.Settle(list, func(payee string) money.Amount { return share[payee] })
	require.NoError(t, err)
	require.Empty(t, rest)
	require.Equal(t, list, deltas)
	// With the second refinancing both have had the same capital back.
	ms := []history.Movement{received(a, "2021-01-10", "100000"), declared(a, "2021-03-01", "60000", "58904.11"), declared(a, "2021-06-01", "0.01", "-1433.60"),
		received(b, "2021-01-10", "100000"), declared(b, "2021-06-01", "59999.99", "57470.50")}
	of := func(p id.Of[history.Position]) string {
		e, err := history.Sum(ms, func(m *history.Movement) bool { return m.Position == p })
		require.NoError(t, err)
		return e.Unreturned.String()
	}
	require.Equal(t, "42529.49", of(a))
	require.Equal(t, "42529.50", of(b))
}

// A label moves nothing.
func TestCharacterIsALabel(t *testing.T) {
	t.Parallel()
	line, cash := declared(a, "2021-03-31", "1500", "0"), paid(a, "2021-03-31", "1500", "0")
	line.Character, cash.Character = history.ReturnOfCapital, history.ReturnOfCapital
	ms := []history.Movement{received(a, "2021-01-10", "100000"), line, cash}
	f, err := history.FiguresOf(ms, day("2021-04-01"), nil)
	require.NoError(t, err)
	require.Equal(t, "100000.00", f.Value.String())
	require.Equal(t, "100000.00", f.Unreturned.String())
	account, err := history.RollForward(ms, date.Date{}, day("2021-12-31"))
	require.NoError(t, err)
	require.Equal(t, "1500.00", account.Distributions.ReturnOfCapital.String(), "but is reported")
}

// A payment that came back leaves a second root near a total loss.
func TestPaymentCameBack(t *testing.T) {
	t.Parallel()
	back := paid(a, "2022-06-30", "2000", "0")
	ms := []history.Movement{received(a, "2021-01-10", "100000"), paid(a, "2022-01-10", "60000", "0"), back, back.Reversal(day("2022-07-04")), paid(a, "2022-12-31", "48000", "0")}
	none := func(id.Of[history.Position]) bool { return false }
	f, err := history.FiguresOf(ms, day("2022-12-31"), none)
	require.NoError(t, err)
	require.Len(t, f.Flows, 5)
	r := f.Rate(day("2022-12-31"))
	require.NotNil(t, r)
	require.Equal(t, "0.0554618", r.IRR.StringFixed(7))

	late := paid(a, "2023-01-10", "2000", "0")
	f, err = history.FiguresOf(append(ms, late, late.Reversal(day("2023-01-20"))), day("2023-02-01"), none)
	require.NoError(t, err)
	r = f.Rate(day("2023-02-01"))
	require.NotNil(t, r, "the root nearest the guess is the rate")
	require.Equal(t, "0.06", r.IRR.StringFixed(2))
	require.False(t, r.Unique, "which is said beside it")

	// Also where the second root, -1 and e to the -132, is the nearer one.
	f = history.Figures{}
	for on, amount := range map[string]string{"2020-05-05": "-6250.04", "2020-08-03": "7500.04", "2020-09-29": "416.67", "2020-12-28": "3750.07", "2021-01-28": "-0.05"} {
		f.Flows = append(f.Flows, returns.Cash{Date: day(on), Amount: money.MustParse(amount)})
	}
	r = f.Rate(day("2021-01-28"))
	require.NotNil(t, r)
	require.Equal(t, "4.8423", r.IRR.StringFixed(4))
	require.False(t, r.Unique)
}

// Income and fees are in the account.
func TestStatementWithIncome(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100000"), allocated(a, history.Income, "2021-12-31", "5000"), allocated(a, history.Fee, "2021-12-31", "500")}
	account, err := history.RollForward(ms, day("2021-01-01"), day("2021-12-31"))
	require.NoError(t, err)
	require.Equal(t, "104500.00", account.Closing.String())
}

// A transfer takes the capital account along as it stands.
func TestTransferAfterReturn(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100000"), declared(a, "2021-01-10", "60000", "60000"), paid(a, "2021-01-10", "60000", "60000")}
	ms = moved(t, ms, move(1, a, b, "2021-06-10", "1"))
	for p, want := range map[id.Of[history.Position]]string{a: "0.00", b: "40000.00"} {
		account, err := history.RollForward(of(ms, p), date.Date{}, day("2021-06-10"))
		require.NoError(t, err)
		require.Equal(t, want, account.Closing.String())
	}
	f, err := history.FiguresOf(of(ms, a), day("2021-12-31"), nil)
	require.NoError(t, err)
	require.Equal(t, "100000.00", f.PaidIn.String())
	require.Equal(t, "100000.00", f.PaidOut.String())
	require.Len(t, f.Flows, 2)
	require.Equal(t, "-40000.00", f.Flows[0].Amount.String(), "both of one day")
	require.Equal(t, "40000.00", f.Flows[1].Amount.String())
	require.Equal(t, "0.00", f.Value.String())
}

func TestMultipleAfterPartialTransfer(t *testing.T) {
	t.Parallel()
	ms := moved(t, []history.Movement{received(a, "2021-01-10", "99000")}, move(1, a, b, "2021-02-10", "0.5"))
	ms = append(ms, paid(a, "2022-01-10", "95902.51", "0"))
	f, err := history.FiguresOf(of(ms, a), day("2022-12-31"), func(id.Of[history.Position]) bool { return false })
	require.NoError(t, err)
	multiple, err := f.Multiple()
	require.NoError(t, err)
	require.Equal(t, "1.469", multiple.StringFixed(3))
	both, err := history.FiguresOf(ms, day("2021-12-31"), nil)
	require.NoError(t, err)
	require.Equal(t, "99000.00", both.PaidIn.String(), "between one's own positions nothing flows")
}
