package waterfall_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

func dilution(day, who, missing, factor, promote string) waterfall.Event {
	f := decimal.RequireFromString(factor)
	return waterfall.Event{Date: on(day), Type: waterfall.EventDilution, Partner: who, Amount: usd(missing), Factor: &f, Promote: promote}
}

// One member funds both shares of a call of 100.00. With a factor of 150 % the other has
// 50/200 less 0.5*50/200, 12.5 % where it had 50 %. Its promote falls alike, to a quarter.
func TestEvent_dilution(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "aster", Class: "LP"}, {ID: "bluebell", Class: "LP"}, {ID: "p1", Class: "promote"}, {ID: "p2", Class: "promote"}}
	const text = `{"promote_split":[{"recipient":"p1","share":"0.5"},{"recipient":"p2","share":"0.5"}],"tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`
	in := []waterfall.Event{contribution("2020-01-01", "aster", "50"), contribution("2020-01-01", "bluebell", "50"), contribution("2021-01-01", "aster", "100")}
	h := replay(t, text, ps, append(in, dilution("2021-01-01", "bluebell", "50", "1.5", "p2"), distribution("2022-01-01", waterfall.Sale, "1000"))...)
	require.Equal(t, "700.00", paid(t, h.Results[0], "aster"))
	require.Equal(t, "100.00", paid(t, h.Results[0], "bluebell"))
	require.Equal(t, "25.00", paid(t, h.Results[0], "p2")) // a quarter of its half
	require.Equal(t, "175.00", paid(t, h.Results[0], "p1"))

	// The published clause (lawinsider.com, effect on percentage interests and capital
	// accounts, Inland): with a factor of 1 the percentages are those of contributed
	// capital, 75/25, and the defaulter's part of the incentive is halved.
	h = replay(t, text, ps, append(in, dilution("2021-01-01", "bluebell", "50", "1", "p2"), distribution("2022-01-01", waterfall.Sale, "1000"))...)
	require.Equal(t, "200.00", paid(t, h.Results[0], "bluebell"))
	require.Equal(t, "50.00", paid(t, h.Results[0], "p2"))
	require.Equal(t, "150.00", paid(t, h.Results[0], "p1"))

	// Not below zero, and a factor of 1 takes nothing.
	h = replay(t, text, ps, append(in, dilution("2021-01-01", "bluebell", "500", "2", ""), distribution("2022-01-01", waterfall.Sale, "1000"))...)
	require.Equal(t, "0.00", paid(t, h.Results[0], "bluebell"))
	h = replay(t, text, ps, append(in, dilution("2021-01-01", "bluebell", "50", "1", ""), distribution("2022-01-01", waterfall.Sale, "1000"))...)
	require.Equal(t, "200.00", paid(t, h.Results[0], "bluebell"))

	_, err := waterfall.Replay(parse(t, text), ps, append(in, dilution("2021-01-01", "bluebell", "50", "0.5", "")))
	require.ErrorIs(t, err, waterfall.ErrEvent)
	_, err = waterfall.Replay(parse(t, text), ps, append(in, dilution("2021-01-01", "p1", "50", "1", "")))
	require.ErrorIs(t, err, waterfall.ErrNoCapitalAccount)

	// A recipient alone has nobody to lose promote to, and a loan has no percentage.
	alone := parse(t, `{"promote_recipient":"p2","tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`)
	_, err = waterfall.Replay(alone, ps, append(in, dilution("2021-01-01", "bluebell", "50", "1", "p2")))
	require.ErrorContains(t, err, "nobody shares promote")
	loan := append(ps[:len(ps):len(ps)], waterfall.Partner{ID: "lent", Class: "loans", Kind: waterfall.KindLoan})
	_, err = waterfall.Replay(parse(t, text), loan, append(in, contribution("2021-01-01", "lent", "10"), dilution("2021-01-01", "lent", "5", "2", "")))
	require.ErrorContains(t, err, "a loan has no percentage")
}

// A loan stands in the state until it is repaid, and its payments in the trace.
func TestEvent_loan(t *testing.T) {
	t.Parallel()
	rate := decimal.RequireFromString("0.12")
	ps := []waterfall.Partner{{ID: "debtor", Class: "LP"}, {ID: "lender", Class: "LP"}, {ID: "gp", Class: "promote"}}
	lend := waterfall.Event{Date: on("2021-01-01"), Type: waterfall.EventLoan, From: "lender", To: "debtor", Amount: usd("1000"), Rate: &rate}
	evs := []waterfall.Event{contribution("2021-01-01", "debtor", "1000"), contribution("2021-01-01", "lender", "1000"), lend,
		distribution("2022-01-01", waterfall.Operating, "1000"), distribution("2023-01-01", waterfall.Operating, "2000")}
	h := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`, ps, evs...)
	r := h.Results[0]
	require.Equal(t, "500.00", paid(t, r, "debtor")) // what the tiers give it
	require.Equal(t, "0.00", r.Paid(0).String())
	require.Equal(t, "1000.00", r.Paid(2).String())
	require.Equal(t, []waterfall.LoanPayment{{Lender: "lender", Debtor: "debtor", Interest: usd("120"), Principal: usd("380")}}, r.Trace.Loans)
	require.Contains(t, r.Trace.Table(), "interest of 120.00 and principal of 380.00")
	last := h.Results[1]
	require.Equal(t, "305.60", last.Paid(0).String()) // less 620.00 and 74.40
	require.Empty(t, h.Final.Loans())

	for field, change := range map[string]func(*waterfall.Event){
		"rate": func(e *waterfall.Event) { e.Rate = nil },
		"to":   func(e *waterfall.Event) { e.To = e.From },
	} {
		wrong := lend
		change(&wrong)
		_, err := waterfall.Replay(parse(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`), ps, append(evs[:2:2], wrong))
		require.ErrorIs(t, err, waterfall.ErrEvent, field)
		require.Equal(t, field, fault.FieldErrors(err)[0].Field)
	}
}

// Advances that the tiers cannot give back at once are credited as far as they do.
func TestDistribution_advances(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "gp", Class: "promote"}}
	evs := []waterfall.Event{contribution("2021-01-01", "lp", "1000"), distribution("2021-06-01", waterfall.Operating, "100"),
		distribution("2022-01-01", waterfall.Sale, "1020"), distribution("2022-02-01", waterfall.Sale, "500")}
	evs[1].Advances = []waterfall.Advance{{Account: "gp", Amount: usd("100")}}
	h := replay(t, `{"tiers":{"capital":[{"name":"c","type":"return_of_capital"},{"name":"s","type":"split","promote":"0.2"}]}}`, ps, evs...)
	gp, lp := 0, 1
	require.Equal(t, "100.00", h.Results[0].Paid(gp).String())
	// 20.00 and a credit of 5.00: a fifth of 25.00 is 5.00.
	require.Equal(t, "0.00", h.Results[1].Paid(gp).String())
	require.Equal(t, "1020.00", h.Results[1].Paid(lp).String())
	require.Equal(t, "5.00", h.Results[1].Trace.Credit.String())
	// 500.00 and 95.00: a fifth of 595.00 is 119.00, of which 95.00 had been paid.
	require.Equal(t, "24.00", h.Results[2].Paid(gp).String())
	require.Equal(t, "476.00", h.Results[2].Paid(lp).String())
	require.Equal(t, "0.00", h.Final.Advanced(gp).String())
	require.Equal(t, "1620.00", h.Final.Distributed().String())

	evs[1].Advances[0].Amount = usd("100.01")
	_, err := waterfall.Replay(parse(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`), ps, evs)
	require.ErrorIs(t, err, waterfall.ErrEvent)
}

// What is in kind is a part of the cash at its stated value; everyone gets the same
// part of it.
func TestDistribution_inKind(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "gp", Class: "promote"}}
	d := distribution("2022-01-01", waterfall.Sale, "1000")
	d.InKind = usd("600")
	h := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`, ps, contribution("2021-01-01", "lp", "1000"), d)
	require.Equal(t, "120.00", h.Results[0].InKind(0).String())
	require.Equal(t, "480.00", h.Results[0].InKind(1).String())
	d.InKind = usd("1000.01")
	_, err := waterfall.Replay(parse(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`), ps, []waterfall.Event{contribution("2021-01-01", "lp", "1000"), d})
	require.ErrorIs(t, err, waterfall.ErrInKind)

	// What a reserve keeps is paid to nobody.
	held := `{"tiers":{"capital":[{"name":"h","type":"holdback","rate":"0.1"},{"name":"s","type":"split"}]}}`
	d.InKind = usd("900")
	h = replay(t, held, ps, contribution("2021-01-01", "lp", "1000"), d)
	require.Equal(t, "900.00", h.Results[0].InKind(1).String())
	d.InKind = usd("900.01")
	_, err = waterfall.Replay(parse(t, held), ps, []waterfall.Event{contribution("2021-01-01", "lp", "1000"), d})
	require.ErrorIs(t, err, waterfall.ErrInKind)
	require.ErrorContains(t, err, "in_kind")
}

// A recipient has what has vested by the day; the rest goes to the others.
func TestShare_vesting(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "founder", Class: "promote"}, {ID: "partner", Class: "promote"}}
	const text = `{"promote_split":[{"recipient":"founder","share":"0.75"},{"recipient":"partner","share":"0.25","vesting":[{"from":"2022-01-01","part":"0.4"},{"from":"2024-01-01","part":"1"}]}],
		"tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`
	h := replay(t, text, ps, contribution("2020-01-01", "lp", "1000"), distribution("2021-01-01", waterfall.Sale, "1000"),
		distribution("2023-01-01", waterfall.Sale, "1000"), distribution("2024-01-01", waterfall.Sale, "1000"))
	for k, want := range []string{"0.00", "20.00", "50.00"} {
		require.Equal(t, want, paid(t, h.Results[k], "partner"))
	}
	require.Equal(t, "180.00", paid(t, h.Results[1], "founder"))
	described, err := parse(t, text).Describe()
	require.NoError(t, err)
	require.Contains(t, described, "25 % to partner (of which it has nothing at first, 40 % from 2022-01-01 and 100 % from 2024-01-01)")
	_, err = waterfall.ParseTerms([]byte(`{"promote_split":[{"recipient":"a","share":"1","vesting":[{"from":"2022-01-01","part":"1.4"}]}],"tiers":{"capital":[{"name":"s","type":"split"}]}}`))
	require.ErrorIs(t, err, fault.Invalid)

	// What has not vested needs somebody to go to.
	for _, split := range []string{
		`[{"recipient":"a","share":"1","vesting":[{"from":"2022-01-01","part":"0.4"}]}]`,
		`[{"recipient":"a","share":"0.5","vesting":[{"from":"2022-01-01","part":"0.4"}]},{"recipient":"b","share":"0.5","vesting":[{"from":"2023-01-01","part":"1"}]}]`,
	} {
		_, err = waterfall.ParseTerms([]byte(`{"promote_split":` + split + `,"tiers":{"capital":[{"name":"s","type":"split"}]}}`))
		requireCode(t, err, "promote_split", "vests_to_nobody")
		_, err = waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"s","type":"split","promote":"0.2","promote_split":` + split + `}]}}`))
		requireCode(t, err, "tiers.capital[0].promote_split", "vests_to_nobody")
	}
}

// What is between what the tiers give and what is paid is explained.
func TestExplain_advancesAndLoans(t *testing.T) {
	t.Parallel()
	rate := decimal.RequireFromString("0.12")
	lend := waterfall.Event{Date: on("2021-01-01"), Type: waterfall.EventLoan, Name: "L1", From: "lender", To: "debtor", Amount: usd("1000"), Rate: &rate}
	partners := []waterfall.Partner{{ID: "lender", Class: "a"}, {ID: "debtor", Class: "a"}}
	advance := distribution("2021-06-30", waterfall.Operating, "300")
	advance.Advances = []waterfall.Advance{{Account: "debtor", Amount: usd("100")}}
	h := replay(t, `{"tiers":{"capital":[{"name":"split","type":"split"}]}}`, partners,
		contribution("2021-01-01", "lender", "1000"), contribution("2021-01-01", "debtor", "1000"), lend, advance, distribution("2022-01-01", waterfall.Operating, "1000"))
	x, err := h.Results[1].Explain("debtor")
	require.NoError(t, err)
	require.Equal(t, "550.00", x.Total.String()) // half of the cash and the credit of 100
	require.Equal(t, "debtor gets 550.00:\n  split: 550.00. Share all remaining cash: 0 % to promote, 100 % to investors by contributed capital. Investors' part is 1,100.00; the account's contributed capital is 1,000.00 of 2,000.00, so its exact share is 550.00.\n"+
		"  advances paid before: -100.00. So much of what the tiers give it the account has had already.\n"+
		"  loan of lender: -450.00. It goes to the lender: interest 52.26, principal 397.74.\nSo it is paid 0.00.\n", x.String())
	y, err := h.Results[1].Explain("lender")
	require.NoError(t, err)
	require.Equal(t, "1000.00", y.Paid.String())
	require.Equal(t, "L1", h.Results[1].Trace.Loans[0].Name)
	require.Equal(t, "L1", h.Final.Loans()[0].Name)
}

// What a debtor pays besides the distributions goes on the loan in the same order; a
// loan that has ended takes nothing.
func TestRepayment(t *testing.T) {
	t.Parallel()
	rate := decimal.RequireFromString("0.10")
	lend := waterfall.Event{Date: on("2021-01-01"), Type: waterfall.EventLoan, Name: "L1", From: "lender", To: "debtor", Amount: usd("1000"), Rate: &rate}
	pay := func(day, amount string) waterfall.Event {
		return waterfall.Event{Date: on(day), Type: waterfall.EventRepayment, Name: "L1", Amount: usd(amount)}
	}
	partners := []waterfall.Partner{{ID: "lender", Class: "a"}, {ID: "debtor", Class: "a"}}
	terms := parse(t, `{"tiers":{"capital":[{"name":"split","type":"split"}]}}`)
	s, err := waterfall.Open(terms, partners)
	require.NoError(t, err)
	s, _, err = waterfall.Apply(terms, s, []waterfall.Event{contribution("2021-01-01", "lender", "1000"), contribution("2021-01-01", "debtor", "1000"), lend})
	require.NoError(t, err)
	owed, err := s.LoansOn(on("2022-01-01"))
	require.NoError(t, err)
	interest, principal := owed[0].Pay(usd("600"))
	require.Equal(t, []string{"100.00", "500.00"}, []string{interest.String(), principal.String()})
	next, _, err := waterfall.Apply(terms, s, []waterfall.Event{pay("2022-01-01", "600")})
	require.NoError(t, err)
	require.Equal(t, "500.00", next.Loans()[0].Principal.String())
	next, rs, err := waterfall.Apply(terms, next, []waterfall.Event{pay("2023-01-01", "550"), distribution("2023-01-01", waterfall.Operating, "100"), pay("2023-01-02", "1")})
	require.NoError(t, err)
	require.Empty(t, next.Loans())
	require.Equal(t, "50.00", rs[0].Paid(0).String())
	for name, bad := range map[string]waterfall.Event{"name": {Date: on("2022-01-01"), Type: waterfall.EventRepayment, Amount: usd("1")}, "amount": pay("2022-01-01", "0")} {
		_, _, err = waterfall.Apply(terms, s, []waterfall.Event{bad})
		require.ErrorIs(t, err, waterfall.ErrEvent, name)
	}
}
