package history_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func ExampleHoldings() {
	position := id.Of[history.Position]{15: 1}
	held, err := history.Holdings([]history.Movement{
		{Position: position, Kind: history.Contribution, Date: date.Must(2026, 1, 10), Amount: money.MustParse("60000")},
		{Position: position, Kind: history.Refund, Date: date.Must(2026, 2, 1), Amount: money.MustParse("10000")},
		{Position: position, Kind: history.Contribution, Date: date.Must(2026, 7, 1), Amount: money.MustParse("40000")},
	}, date.Must(2026, 1, 15))
	if err != nil {
		panic(err)
	}
	fmt.Println(held[0].Contributed, "- what was refunded later was never there")
	// Output: 50000.00 - what was refunded later was never there
}

func ExampleMove_Carry() {
	giver, receiver := id.Of[history.Position]{15: 1}, id.Of[history.Position]{15: 2}
	ms := []history.Movement{
		{Position: giver, Kind: history.Contribution, Date: date.Must(2026, 1, 10), Amount: money.MustParse("100000")},
		{Position: giver, Kind: history.Distribution, Date: date.Must(2026, 3, 1), Amount: money.MustParse("61000"), Capital: money.MustParse("60000")},
		{Position: giver, Kind: history.Income, Date: date.Must(2026, 3, 31), Amount: money.MustParse("5000")},
	}
	half := history.Move{ID: id.Of[history.Transfer]{15: 1}, From: giver, To: receiver, Day: date.Must(2026, 6, 10), Fraction: decimal.RequireFromString("0.5")}
	carried, err := half.Carry(ms, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println("contributed", carried.Contributed, "unreturned", carried.Unreturned, "capital account", carried.Account)
	// Output: contributed 50000.00 unreturned 20000.00 capital account 22000.00
}

func ExampleRollForward() {
	ms := []history.Movement{
		{Kind: history.Contribution, Date: date.Must(2025, 6, 1), Amount: money.MustParse("100000")},
		{Kind: history.Income, Date: date.Must(2026, 6, 30), Amount: money.MustParse("5000")},
		{Kind: history.Distribution, Date: date.Must(2026, 12, 31), Amount: money.MustParse("2000")},
		{Kind: history.Payment, Date: date.Must(2027, 1, 5), Amount: money.MustParse("2000")},
	}
	a, err := history.RollForward(ms, date.Must(2026, 1, 1), date.Must(2026, 12, 31))
	if err != nil {
		panic(err)
	}
	fmt.Println("opening", a.Opening, "closing", a.Closing, "declared and not paid", a.DeclaredNotPaid)
	// Output: opening 100000.00 closing 103000.00 declared and not paid 2000.00
}

func ExampleFiguresOf() {
	ms := []history.Movement{
		{Kind: history.Contribution, Date: date.Must(2024, 1, 1), Amount: money.MustParse("100000")},
		{Kind: history.Payment, Date: date.Must(2025, 1, 1), Amount: money.MustParse("8000")},
		{Kind: history.Distribution, Date: date.Must(2025, 12, 31), Amount: money.MustParse("108000"), Capital: money.MustParse("100000")},
		{Kind: history.Payment, Date: date.Must(2025, 12, 31), Amount: money.MustParse("108000"), Capital: money.MustParse("100000")},
	}
	on := date.Must(2025, 12, 31)
	f, err := history.FiguresOf(ms, on, nil)
	if err != nil {
		panic(err)
	}
	multiple, err := f.Multiple()
	if err != nil {
		panic(err)
	}
	rate := f.Rate(on)
	fmt.Println("value", f.Value, "multiple", multiple, "irr", rate.IRR.StringFixed(4), rate.Unique)
	// Output: value 0.00 multiple 1.16 irr 0.0800 true
}

func ExampleGainOf() {
	g, err := history.GainOf([]history.Movement{
		{Kind: history.Contribution, Amount: money.MustParse("100000")},
		{Kind: history.Distribution, Amount: money.MustParse("30000"), Capital: money.MustParse("25000")},
		{Kind: history.Payment, Amount: money.MustParse("30000"), Capital: money.MustParse("25000")},
		{Kind: history.Distribution, Amount: money.MustParse("90000"), Capital: money.MustParse("75000"), Sale: money.MustParse("90000"), SaleCapital: money.MustParse("75000")},
		{Kind: history.Payment, Amount: money.MustParse("90000"), Capital: money.MustParse("75000"), Sale: money.MustParse("90000"), SaleCapital: money.MustParse("75000")},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("distributed", g.Distributed, "= capital 100000.00 + income", g.Income, "+ gain", g.Realized)
	// Output: distributed 120000.00 = capital 100000.00 + income 5000.00 + gain 15000.00
}

func ExampleSettle() {
	owed := history.Trim([]history.Owed{
		{Payee: "early", Parts: []history.Part{{Kind: "return_of_capital", Amount: money.MustParse("-30000")}}},
		{Payee: "late", Parts: []history.Part{{Kind: "pref", Amount: money.MustParse("1095.89")}, {Kind: "return_of_capital", Amount: money.MustParse("28904.11")}}},
	})
	deltas, rest, err := history.Settle(owed, func(string) money.Amount { return money.MustParse("20000") })
	if err != nil {
		panic(err)
	}
	for _, d := range deltas {
		for _, p := range d.Parts {
			fmt.Println(d.Payee, p.Kind, p.Amount)
		}
	}
	fmt.Println(len(rest), "are owed still")
	// Output:
	// early return_of_capital -20000.00
	// late pref 1095.89
	// late return_of_capital 18904.11
	// 2 are owed still
}
