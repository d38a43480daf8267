package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// reverse undoes a distribution that was paid.
func (d *deal) reverse(name, day string) {
	d.t.Helper()
	d.do(Step{Verb: "reverse", Of: name, Day: D(day)})
}

// A distribution went to one who alone was on record; the right one sets off what was
// paid, moves no cash that need not move, and counts gross.
func TestDebt_setOff(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.pay(declared("wrong", "quarterly", "1000", "2021-03-31"), "2021-03-31")
	d.receive("B", "100000", "2021-01-10")
	right := declared("right", "quarterly", "1000", "2021-04-02")
	right.SetOff, right.Corrects = true, "wrong"
	require.Equal(t, Refuse, d.judge(right), "it stands")
	d.reverse("wrong", "2021-04-01")
	require.Equal(t, "1000.00", d.fact("2021-04-01", "debt/x/wrong/x/A/a"))
	d.do(right)
	second := declared("second", "quarterly", "2000", "2021-04-03")
	second.SetOff = true
	d.do(second)
	require.Equal(t, "500.00", d.fact("2021-04-02", "line/right/x/A/a/setoff"))
	require.Equal(t, "500.00", d.fact("2021-04-02", "line/second/x/A/a/setoff"), "the other has claimed the rest")
	d.do(Step{Verb: "approve", Of: "right"})
	require.Equal(t, "500.00", d.fact("2021-04-02", "debt/x/wrong/x/A/a"))
	require.Equal(t, "500.00", d.fact("2021-04-02", "book/x/1200"))
	require.Equal(t, "500.00", d.fact("2021-04-02", "capital/x/A/a/2021-01-01..2021-04-02/recovered"))
	d.do(Step{Verb: "pay", Of: "right", Day: D("2021-04-02")})
	require.Equal(t, "198500.00", d.fact("2021-04-02", "book/x/1000"), "1,000 went out, then 500")
	require.Equal(t, "99500.00", d.fact("2021-04-02", "capital/x/A/a/2021-01-01..2021-04-02/closing"))
	require.Equal(t, "500.00", d.fact("2021-04-02", "portfolio/A/2021-04-02/distributed"), "gross")
	require.Equal(t, Refuse, d.judge(Step{Verb: "recover", Payee: "x/A/a", Amount: C("500.01"), Day: D("2021-04-02")}))
	d.do(Step{Verb: "recover", Payee: "x/A/a", Amount: C("0.01"), Day: D("2021-04-02")})
	require.Equal(t, Refuse, d.judge(Step{Verb: "approve", Of: "second"}), "so much is owed no more")
	d.do(Step{Verb: "cancel", Of: "second"})
	d.reverse("right", "2021-04-05")
	require.Equal(t, "999.99", d.fact("2021-04-05", "debt/x/wrong/x/A/a"), "it is owed again")
	require.Equal(t, "1499.99", d.fact("2021-04-05", "book/x/1200"), "and B owes 500")
}

// Who got too much and has left is billed, and it is given up in part.
func TestDebt_billAndWriteOff(t *testing.T) {
	t.Parallel()
	d := newDeal(t, simple("0.08", "none"))
	d.fund("A", "100000", "2021-01-10")
	d.commit("B", "100000")
	d.pay(declared("r", "refinance", "60000", "2021-03-01"), "2021-03-01")
	d.transfer("A", "C", "1", "2021-04-01")
	d.receive("B", "100000", "2021-01-10")
	bill := declared("bill", "refinance", "0.02", "2021-06-01")
	bill.Bill = true
	require.Equal(t, Refuse, d.judge(bill), "of a true-up")
	bill.TrueUp = true
	d.pay(bill, "2021-06-02")
	require.Equal(t, "-30000.00", d.fact("2021-06-02", "line/bill/x/A/a/gross"))
	require.Equal(t, "30000.01", d.fact("2021-06-02", "line/bill/x/B/a/gross"))
	require.Equal(t, "0.01", d.fact("2021-06-02", "line/bill/x/C/a/gross"))
	require.Equal(t, "2021-06-01 billed", d.fact("2021-06-02", "debt/x/bill/x/A/a/since"))
	require.Equal(t, "30000.00", d.fact("2021-06-02", "portfolio/A/2021-06-02/distributed"))

	ask := Step{Verb: "writeoff", Name: "w", Payee: "x/A/a", Amount: C("20000"), Day: D("2021-05-31")}
	require.Equal(t, Refuse, d.judge(ask), "it was not owed then")
	ask.Day = D("2021-06-20")
	d.do(ask)
	require.Equal(t, "30000.00", d.fact("2021-06-20", "book/x/1200"), "nothing is given up yet")
	d.do(Step{Verb: "agree", Of: "w"})
	require.Equal(t, "10000.00", d.fact("2021-06-20", "book/x/1200"))
	require.Equal(t, "20000.00", d.fact("2021-06-20", "sheet/x/2021-06-20/5900"))
	require.Equal(t, Refuse, d.judge(Step{Verb: "reverse", Of: "bill", Day: D("2021-06-21")}))
}

// From its purchase to its sale the entity's balance sheet balances.
func TestCash(t *testing.T) {
	t.Parallel()
	d := newDeal(t, nil)
	d.fund("A", "100000", "2021-01-10")
	cash := func(name, kind, amount, cost, day string) Step {
		return Step{Verb: "cash", Name: name, Type: kind, Amount: C(amount), Cost: C(cost), Day: D(day)}
	}
	d.do(cash("loan", "loan_proceeds", "150000", "0", "2021-01-15"))
	d.do(cash("house", "purchase", "240000", "0", "2021-01-15"))
	d.do(cash("aside", "reserve_funding", "5000", "0", "2021-01-16"))
	d.do(cash("rent", "operating_income", "9000", "0", "2021-03-31"))
	for what, want := range map[string]string{"cash": "14000.00", "assets": "259000.00", "liabilities": "150000.00", "equity": "100000.00", "net_income": "9000.00"} {
		require.Equal(t, want, d.fact("2021-03-31", "sheet/x/2021-03-31/"+what), what)
	}
	q := Step{Verb: "declare", Name: "q", Type: "quarterly", Method: "pro_rata", Amount: C("1000"), Day: D("2021-03-30"), Sources: map[string]Cents{"rent": C("1000")}}
	require.Equal(t, Refuse, d.judge(q), "before it came in")
	q.Day = D("2021-04-05")
	d.do(q)
	require.Equal(t, Refuse, d.judge(Step{Verb: "uncash", Of: "rent", Day: D("2021-04-06")}), "it is cited")
	require.Equal(t, Refuse, d.judge(cash("free", "reserve_release", "1", "0", "2021-01-15")), "before it was set aside")
	d.do(cash("free", "reserve_release", "5000", "0", "2022-01-01"))
	require.Equal(t, Refuse, d.judge(Step{Verb: "uncash", Of: "aside", Day: D("2022-01-02")}))
	require.Equal(t, Refuse, d.judge(cash("sold", "sale_proceeds", "200000", "240000.01", "2022-01-01")))
	d.do(cash("sold", "sale_proceeds", "200000", "240000", "2022-01-01"))
	require.Equal(t, "40000.00", d.fact("2022-01-01", "sheet/x/2022-01-01/4900"), "a loss")
	require.Empty(t, d.fact("2022-01-01", "sheet/x/2022-01-01/1500"))
}
