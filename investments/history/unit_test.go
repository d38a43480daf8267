package history_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func TestKind(t *testing.T) {
	t.Parallel()
	for _, k := range history.Kinds() {
		require.True(t, k.Valid(), k)
	}
	require.False(t, history.Kind("dividend").Valid())
	require.True(t, history.Conversion.Transfers())
	require.False(t, history.Payment.Transfers())
}

// A reversal undoes every kind, from the day on which it counted.
func TestReversal_everyKind(t *testing.T) {
	t.Parallel()
	for _, k := range history.Kinds() {
		m := history.Movement{ID: id.New[history.Movement](), Position: a, Kind: k, Date: day("2021-03-01"), Amount: dollars("10"), Capital: dollars("7"),
			Carrying: dollars("8"), Unrealized: dollars("1"), Consideration: dollars("9"), Units: units("2.5"), Transfer: transfer(1), Commitment: commitment(1)}
		r := m.Reversal(day("2021-05-01"))
		require.Equal(t, m.ID, r.Reverses)
		require.Equal(t, "2021-05-01", r.Date.String())
		require.Equal(t, "2021-03-01", r.CountsOn.String())
		sum, err := history.Sum([]history.Movement{m, r}, nil)
		require.NoError(t, err)
		require.Equal(t, history.Effect{}, sum, k)
		net, err := history.Net([]history.Movement{m, r})
		require.NoError(t, err)
		require.Empty(t, net, k)
	}
}

func TestNet_matching(t *testing.T) {
	t.Parallel()
	second := received(b, "2021-01-20", "40000")
	second.Units = units("40")
	firstReceipt := received(b, "2021-01-10", "60000")
	firstReceipt.Units = units("60")
	back := refunded(b, "2021-02-01", "50000")
	back.Units = units("50")
	// Booked in any order, the refund undoes what was there on its day, the latest first.
	for _, ms := range [][]history.Movement{{firstReceipt, second, back}, {back, second, firstReceipt}} {
		held, err := history.Holdings(ms, day("2021-01-15"))
		require.NoError(t, err)
		require.Equal(t, "50000.00", held[0].Contributed.String())
		require.Equal(t, "50", held[0].Units.String())
	}
	_, err := history.Net([]history.Movement{firstReceipt, refunded(b, "2021-01-09", "1")})
	require.ErrorIs(t, err, history.ErrRefundUnmatched, "before it came")
	_, err = history.Holdings([]history.Movement{firstReceipt, refunded(b, "2021-01-10", "60000.01")}, day("2021-02-01"))
	require.ErrorIs(t, err, history.ErrRefundUnmatched)
	// A refund of one commitment leaves the receipts of another alone.
	other := received(b, "2021-01-31", "5000")
	other.Commitment = commitment(9)
	held, err := history.Holdings([]history.Movement{firstReceipt, other, refunded(b, "2021-02-01", "60000")}, day("2021-02-01"))
	require.NoError(t, err)
	require.Equal(t, "5000.00", held[0].Contributed.String())
	// A refund that was reversed undoes nothing.
	held, err = history.Holdings([]history.Movement{firstReceipt, back, back.Reversal(day("2021-03-01"))}, day("2021-01-15"))
	require.NoError(t, err)
	require.Equal(t, "60000.00", held[0].Contributed.String())
}

// Units are known after refunds and conversions too.
func TestHoldings_units(t *testing.T) {
	t.Parallel()
	in := received(a, "2021-01-10", "100")
	in.Units = units("10")
	left := history.Movement{Position: a, Kind: history.Conversion, Date: day("2021-02-01"), Transfer: transfer(1), Amount: dollars("-50"), Capital: dollars("-50"), Carrying: dollars("-50"), Units: units("-5")}
	came := history.Movement{Position: b, Kind: history.Conversion, Date: day("2021-02-01"), Transfer: transfer(1), Amount: dollars("50"), Capital: dollars("50"), Carrying: dollars("50"), Units: units("2.5")}
	ms := []history.Movement{in, left, came}
	before, err := history.Holdings(ms, day("2021-01-31"))
	require.NoError(t, err)
	require.Len(t, before, 1)
	require.Equal(t, "10", before[0].Units.String())
	after, err := history.Holdings(ms, day("2021-02-01"))
	require.NoError(t, err)
	require.Equal(t, "5", after[0].Units.String())
	require.Equal(t, "2.5", after[1].Units.String())
	account, err := history.RollForward(of(ms, a), date.Date{}, day("2021-12-31"))
	require.NoError(t, err)
	require.Equal(t, "50.00", account.TransfersOut.String())
	account, err = history.RollForward(of(ms, b), date.Date{}, day("2021-12-31"))
	require.NoError(t, err)
	require.Equal(t, "50.00", account.TransfersIn.String())
}

func TestCarry_orderOfADay(t *testing.T) {
	t.Parallel()
	late := declared(a, "2021-03-20", "100", "100") // dated behind, for who held before
	late.Record = day("2021-03-05")
	ms := []history.Movement{received(a, "2021-01-10", "1000"), received(a, "2021-03-10", "500"), declared(a, "2021-03-10", "40", "40"), late}
	mv := move(1, a, c, "2021-03-10", "0.5")
	k, err := mv.Carry(ms, nil)
	require.NoError(t, err)
	require.Equal(t, "500.00", k.Contributed.String(), "a day's contributions come after")
	require.Equal(t, "450.00", k.Unreturned.String(), "the distribution of an earlier record date before")
	ms = moved(t, ms, mv)
	second := move(2, a, b, "2021-03-10", "1")
	k, err = second.Carry(ms, map[id.Of[history.Transfer]]bool{transfer(1): true})
	require.NoError(t, err)
	require.Equal(t, "500.00", k.Contributed.String(), "what is left after the first of the day")
	_, err = history.Restate(ms, []history.Move{second, move(3, a, b, "2021-03-09", "1")})
	require.ErrorIs(t, err, history.ErrMoveOrder)
}

// A transfer with a price keeps its flow when what it carries is corrected.
func TestRestate_priced(t *testing.T) {
	t.Parallel()
	mv := move(1, a, c, "2021-03-10", "1")
	ms := moved(t, []history.Movement{received(a, "2021-01-10", "1000")}, mv)
	ms = append(ms, declared(a, "2021-02-01", "400", "400")) // approved later
	for _, priced := range []bool{false, true} {
		mv.Priced = priced
		list, err := history.Restate(ms, []history.Move{mv})
		require.NoError(t, err)
		require.Len(t, list, 1)
		from, to := list[0].Movements()
		require.Equal(t, "-400.00", from.Capital.String())
		require.Equal(t, "-400.00", to.Carrying.String())
		require.Equal(t, priced, from.Consideration.IsZero())
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	payouts := func(days ...string) (out []history.Payout) {
		for i := 0; i < len(days); i += 2 {
			out = append(out, history.Payout{Record: day(days[i]), Date: day(days[i+1])})
		}
		return out
	}
	for _, x := range []struct {
		on, want string
		payouts  []history.Payout
	}{
		{"2021-04-10", "2021-04-10", nil},
		{"2021-04-10", "2021-04-16", payouts("2021-03-31", "2021-04-15")},
		{"2021-04-10", "2021-04-11", payouts("2021-03-31", "2021-04-10")},
		{"2021-03-31", "2021-03-31", payouts("2021-03-31", "2021-04-15")},
		{"2021-04-16", "2021-04-16", payouts("2021-03-31", "2021-04-15")},
		{"2021-04-10", "2021-04-10", payouts("2021-04-10", "2021-04-15", "2021-04-20", "2021-04-20")},
		{"2021-04-10", "2021-04-16", payouts("2021-03-01", "2021-03-31", "2021-03-31", "2021-04-15", "2021-05-15", "2021-05-15")},
		{"2021-04-10", "2021-04-16", payouts("2021-03-31", "2021-04-15", "2021-04-01", "2021-04-15")},
		{"2021-04-10", "", payouts("2021-03-31", "2021-04-12", "2021-04-01", "2021-04-15")},
		{"2021-04-10", "", payouts("2021-04-12", "2021-04-12", "2021-04-01", "2021-04-15")},
		{"2021-04-10", "", payouts("2021-04-15", "2021-04-15", "2021-04-01", "2021-04-15")},
		{"2021-04-10", "2021-04-16", payouts("2021-04-01", "2021-04-15", "2021-04-15", "2021-04-15")}, // between the two
	} {
		on, err := history.Place(day(x.on), x.payouts)
		if x.want == "" {
			require.ErrorIs(t, err, history.ErrBetween, x.payouts)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, x.want, on.String(), x.payouts)
	}
	on, err := history.Place(day("2021-04-10"), []history.Payout{{Date: day("2021-04-10")}})
	require.NoError(t, err)
	require.Equal(t, "2021-04-10", on.String(), "the record date is the distribution's by default")
}

func TestRollForward(t *testing.T) {
	t.Parallel()
	line := declared(a, "2021-12-20", "900", "400")
	line.Character = history.Dividend
	gain := declared(a, "2021-12-21", "5", "0")
	gain.Character = history.CapitalGain
	interest := declared(a, "2021-12-21", "6", "0")
	interest.Character = history.Interest
	ms := []history.Movement{
		received(a, "2021-01-10", "1000"), refunded(a, "2021-01-20", "100"), line, gain, interest, declared(a, "2021-12-22", "7", "0"),
		paid(a, "2022-01-05", "900", "400"), interest.Reversal(day("2022-01-06")),
		allocated(a, history.Income, "2021-12-31", "50"), allocated(a, history.Unrealized, "2021-12-31", "-20"), allocated(a, history.Fee, "2021-12-31", "3"),
		allocated(a, history.Realized, "2022-02-01", "11"), allocated(a, history.Adjustment, "2022-02-02", "2"),
		allocated(a, history.Recovery, "2022-02-03", "4"), allocated(a, history.WriteOff, "2022-02-04", "1"),
	}
	y1, err := history.RollForward(ms, day("2021-01-01"), day("2021-12-31"))
	require.NoError(t, err)
	require.Equal(t, history.Account{Contributions: dollars("1000"), Refunds: dollars("100"), Income: dollars("50"), UnrealizedChange: dollars("-20"), Fees: dollars("3"),
		Distributions: history.ByCharacter{ReturnOfCapital: dollars("400"), Dividend: dollars("500"), CapitalGain: dollars("5"), Interest: dollars("6"), Unclassified: dollars("7")},
		Closing:       dollars("9"), DeclaredNotPaid: dollars("918")}, y1)
	y2, err := history.RollForward(ms, day("2022-01-01"), day("2022-12-31"))
	require.NoError(t, err)
	require.Equal(t, history.Account{Opening: dollars("9"), OpeningNotPaid: dollars("918"), Paid: dollars("900"), Reversed: history.ByCharacter{Interest: dollars("6")},
		RealizedGains: dollars("11"), Adjustments: dollars("2"), Recovered: dollars("4"), WrittenOff: dollars("1"), Closing: dollars("28"), DeclaredNotPaid: dollars("12")}, y2)
	_, err = history.RollForward(ms, day("2022-01-01"), day("2021-12-31"))
	require.ErrorIs(t, err, history.ErrPeriod)
	_, err = history.RollForward(ms, day("2022-01-01"), date.Date{})
	require.ErrorIs(t, err, history.ErrPeriod)
}

func TestFigures(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2020-01-10", "1000"), refunded(a, "2020-02-10", "100"), allocated(a, history.Unrealized, "2020-12-31", "90"),
		declared(a, "2020-12-31", "60", "0"), paid(a, "2020-12-31", "60", "0"), declared(a, "2021-12-31", "250", "200"), paid(a, "2021-12-31", "250", "200")}
	f, err := history.FiguresOf(ms, day("2021-12-31"), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"900.00", "700.00", "90.00", "790.00", "310.00", "200.00", "50.00", "900.00", "310.00"}, []string{f.Contributed.String(), f.Unreturned.String(),
		f.Unrealized.String(), f.Value.String(), f.Distributed.String(), f.Returned.String(), f.LastYear.String(), f.PaidIn.String(), f.PaidOut.String()})
	early, err := history.FiguresOf(ms, day("2021-12-30"), nil)
	require.NoError(t, err)
	require.Equal(t, "990.00", early.Value.String(), "as of a day")
	require.Equal(t, "60.00", early.LastYear.String())
	empty, err := history.FiguresOf(nil, day("2021-12-31"), nil)
	require.NoError(t, err)
	multiple, err := empty.Multiple()
	require.NoError(t, err)
	require.Nil(t, multiple)
	require.Nil(t, empty.Rate(day("2021-12-31")))
	// What is lost but for a rounding has no rate that could be stored.
	lost, err := history.FiguresOf([]history.Movement{received(a, "2020-01-10", "1000000"), paid(a, "2020-01-11", "0.01", "0")}, day("2020-01-11"),
		func(id.Of[history.Position]) bool { return false })
	require.NoError(t, err)
	require.Nil(t, lost.Rate(day("2020-01-11")))
}

// Over its life a position got the capital that came back, the income and the
// gain; so do all together, those that left before by transfer included.
func TestGainOf(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(a, "2021-01-10", "100"), declared(a, "2021-02-01", "70", "60"), paid(a, "2021-02-01", "70", "60")}
	ms = moved(t, ms, move(1, a, b, "2021-03-01", "1"))
	sale, cash := declared(b, "2022-01-01", "50", "40"), paid(b, "2022-01-01", "50", "40")
	sale.Sale, sale.SaleCapital, cash.Sale, cash.SaleCapital = sale.Amount, sale.Capital, cash.Amount, cash.Capital
	ms = append(ms, sale, cash)
	distributed, gains := money.Zero, money.Zero
	for p, want := range map[id.Of[history.Position]]history.Gain{
		a: {Distributed: dollars("70"), Returned: dollars("60"), Income: dollars("10")},
		b: {Sale: dollars("50"), Unreturned: dollars("40"), Realized: dollars("10"), Distributed: dollars("50")},
	} {
		g, err := history.GainOf(of(ms, p))
		require.NoError(t, err)
		require.Equal(t, want, g)
		r, err := g.Returns()
		require.NoError(t, err)
		distributed, err = distributed.Add(g.Distributed)
		require.NoError(t, err)
		gains, err = gains.Add(r)
		require.NoError(t, err)
	}
	require.Equal(t, "120.00", distributed.String())
	require.Equal(t, "20.00", gains.String(), "beyond the 100.00 that were put in")
}

// What a true-up makes good has its character: of two alike, one who gets the income
// of a year late, within the sale's line, has no larger gain; and what makes a sale good
// is gain, whatever distribution pays it.
func TestGainOf_trueUp(t *testing.T) {
	t.Parallel()
	gain := func(lines ...[4]string) string {
		ms := []history.Movement{received(a, "2021-01-10", "100")}
		for _, l := range lines {
			for _, m := range []history.Movement{declared(a, "2022-01-01", l[0], l[1]), paid(a, "2022-01-01", l[0], l[1])} {
				m.Sale, m.SaleCapital = dollars(l[2]), dollars(l[3])
				ms = append(ms, m)
			}
		}
		g, err := history.GainOf(ms)
		require.NoError(t, err)
		r, err := g.Returns()
		require.NoError(t, err)
		require.Equal(t, "60.00", r.String())
		return g.Realized.String()
	}
	require.Equal(t, "50.00", gain([4]string{"10", "0", "0", "0"}, [4]string{"150", "100", "150", "100"}), "in time")
	require.Equal(t, "50.00", gain([4]string{"20", "0", "0", "0"}, [4]string{"140", "100", "150", "100"}), "it got too much and gave it back")
	require.Equal(t, "50.00", gain([4]string{"160", "100", "150", "100"}), "it got it late")
	require.Equal(t, "50.00", gain([4]string{"130", "80", "130", "80"}, [4]string{"30", "20", "20", "20"}), "it got the sale late")
}

// Of 90.00 that two got too much a third is due 30.00, which is taken from them in
// proportion. The other 60.00 nobody is due: they stay owed, also where all of it is billed.
func TestSettle_nobodyIsDue(t *testing.T) {
	t.Parallel()
	pref := func(payee, amount string) history.Owed {
		return history.Owed{Payee: payee, Parts: []history.Part{{Kind: "pref", Amount: dollars(amount)}}}
	}
	for name, share := range map[string]func(string) money.Amount{"billed": nil, "out of shares": func(string) money.Amount { return dollars("1000") }} {
		deltas, rest, err := history.Settle([]history.Owed{pref("a", "-60"), pref("b", "-30"), pref("c", "30")}, share)
		require.NoError(t, err)
		require.Equal(t, []history.Owed{pref("a", "-20"), pref("b", "-10"), pref("c", "30")}, deltas, name)
		require.Equal(t, []history.Owed{pref("a", "-40"), pref("b", "-20")}, rest, name)
		deltas, rest, err = history.Settle([]history.Owed{pref("a", "-60")}, share)
		require.NoError(t, err)
		require.Empty(t, deltas, name)
		require.Equal(t, []history.Owed{pref("a", "-60")}, rest, name)
	}
}

func TestSettle_parts(t *testing.T) {
	t.Parallel()
	list := history.Trim([]history.Owed{
		{Payee: "b", Parts: []history.Part{{Kind: "split", Amount: dollars("30")}}},
		{Payee: "a", Parts: []history.Part{{Kind: "return_of_capital", Amount: dollars("-40")}, {Kind: "pref", Amount: dollars("10")}}},
		{Payee: "c", Parts: []history.Part{{Kind: "split", Amount: money.Zero}}},
		{Payee: "d", Parts: []history.Part{{Kind: "pref", Amount: dollars("5")}, {Kind: "return_of_capital", Amount: dollars("-5")}}},
	})
	require.Len(t, list, 3)
	deltas, rest, err := history.Settle(list, func(payee string) money.Amount {
		if payee == "a" {
			return dollars("12")
		}
		return money.Zero
	})
	require.NoError(t, err)
	require.Equal(t, []history.Owed{
		{Payee: "a", Parts: []history.Part{{Kind: "pref", Amount: dollars("10")}, {Kind: "return_of_capital", Amount: dollars("-22")}}},
		{Payee: "b", Parts: []history.Part{{Kind: "split", Amount: dollars("12")}}},
		{Payee: "d", Parts: []history.Part{{Kind: "pref", Amount: dollars("5")}, {Kind: "return_of_capital", Amount: dollars("-5")}}},
	}, deltas)
	require.Equal(t, []history.Owed{
		{Payee: "a", Parts: []history.Part{{Kind: "return_of_capital", Amount: dollars("-18")}}},
		{Payee: "b", Parts: []history.Part{{Kind: "split", Amount: dollars("18")}}},
	}, rest)
	require.Nil(t, history.Trim([]history.Owed{{Payee: "x"}}))
}

func TestEvents(t *testing.T) {
	t.Parallel()
	ms := []history.Movement{received(b, "2021-02-01", "5"), received(a, "2021-01-10", "10"), received(a, "2021-01-10", "20"), received(c, "2021-01-11", "7"),
		refunded(a, "2021-01-12", "5"), allocated(a, history.Income, "2021-01-10", "1"), paid(a, "2021-01-10", "1", "0")}
	events, err := history.Events(ms, []history.Move{move(1, a, b, "2021-02-01", "0.25")}, func(p id.Of[history.Position]) string {
		if p == c {
			return "" // no party of the deal
		}
		return name(p)
	})
	require.NoError(t, err)
	require.Len(t, events, 3)
	require.Equal(t, "25.00", events[0].Amount.String(), "one day's receipts together, less what went back")
	require.Equal(t, waterfall.EventTransfer, events[1].Type, "a day's transfers first")
	require.Equal(t, "b", events[1].To)
	require.Equal(t, "b", events[2].Partner)
	_, err = history.Events([]history.Movement{refunded(a, "2021-01-12", "5")}, nil, name)
	require.ErrorIs(t, err, history.ErrRefundUnmatched)
}
