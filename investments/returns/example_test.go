package returns_test

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

func ExampleXIRR() {
	deal := []returns.Cash{
		{Date: date.MustParse("2021-03-15"), Amount: money.MustParse("-100000.00")},
		{Date: date.MustParse("2022-03-15"), Amount: money.MustParse("7000.00")},
		{Date: date.MustParse("2023-03-15"), Amount: money.MustParse("7500.00")},
		{Date: date.MustParse("2024-03-15"), Amount: money.MustParse("128000.00")},
	}
	res, err := returns.XIRR(deal)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Decimal().Round(6), res.Unique)
	for _, p := range res.Vector() {
		fmt.Printf("%s %10.2f %7.4f\n", p.Date, p.Amount.InexactFloat64(), p.Years)
	}
	// Output:
	// 0.132993 true
	// 2021-03-15 -100000.00  0.0000
	// 2022-03-15    7000.00  1.0000
	// 2023-03-15    7500.00  2.0000
	// 2024-03-15  128000.00  3.0027
}

// Flows that change their sign twice may have two rates, or none.
func ExampleXIRR_severalRoots() {
	at := func(day, amount string) returns.Flow {
		return returns.Flow{Date: date.MustParse(day), Amount: decimal.RequireFromString(amount)}
	}
	res, _ := returns.XIRR([]returns.Flow{at("2021-01-01", "-100"), at("2022-01-01", "230"), at("2023-01-01", "-132")})
	for _, root := range res.Roots {
		fmt.Println(root.Decimal().Round(6))
	}
	fmt.Println(res.Unique, res.Decimal().Round(6), res.Near(0.3).Decimal().Round(6))

	_, err := returns.XIRR([]returns.Flow{at("2021-01-01", "100"), at("2022-01-01", "-10"), at("2023-01-01", "100")})
	fmt.Println(errors.Is(err, returns.ErrNoRoot), err)
	// Output:
	// 0.1
	// 0.2
	// false 0.1 0.2
	// true at no rate above -100 % is the present value zero (no_root)
}

func ExampleXNPV() {
	pv, err := returns.XNPV(decimal.RequireFromString("0.08"), []returns.Flow{
		{Date: date.MustParse("2025-06-30"), Amount: decimal.RequireFromString("600")},
		{Date: date.MustParse("2024-06-30"), Amount: decimal.RequireFromString("-500")}, // the earliest date
	})
	fmt.Println(pv.Round(10), err)
	// Output: 55.5555555556 <nil>
}

func ExampleNPV() {
	values := []decimal.Decimal{decimal.NewFromInt(-1000), decimal.NewFromInt(600), decimal.NewFromInt(600)}
	rate := decimal.RequireFromString("0.25")
	now, _ := returns.NPV(rate, values)
	excel, _ := returns.NPVExcel(rate, values)
	fmt.Println(now, excel)
	// Output: -136 -108.8
}

func ExampleMIRR() {
	values := []decimal.Decimal{decimal.NewFromInt(-100), decimal.NewFromInt(20), decimal.NewFromInt(122)}
	rate, err := returns.MIRR(values, decimal.RequireFromString("0.06"), decimal.RequireFromString("0.1"))
	fmt.Println(rate, err)
	// Output: 0.2 <nil>
}

func ExampleModifiedDietz() {
	r, err := returns.ModifiedDietz(returns.DietzParams{
		Start: date.MustParse("2025-01-01"), End: date.MustParse("2025-01-31"),
		BeginValue: decimal.NewFromInt(1000), EndValue: decimal.NewFromInt(1160),
		Flows: []returns.Flow{{Date: date.MustParse("2025-01-16"), Amount: decimal.NewFromInt(100)}},
	})
	fmt.Println(r.Return.Round(6), r.AverageCapital, r.Flows[0].Weight, err)
	// Output: 0.057143 1050 0.5 <nil>
}

func ExampleTimeWeighted() {
	r, err := returns.TimeWeighted([]decimal.Decimal{decimal.RequireFromString("0.05"), decimal.RequireFromString("-0.02")})
	fmt.Println(r, err)
	// Output: 0.029 <nil>
}

func ExampleNCREIFQuarter() {
	r, err := returns.NCREIFQuarter(returns.QuarterParams{
		BeginValue: decimal.NewFromInt(10_000_000), EndValue: decimal.NewFromInt(10_150_000),
		NOI: decimal.NewFromInt(150_000), CapitalImprovements: decimal.NewFromInt(100_000),
	})
	fmt.Println(r.Income.Round(6), r.Capital.Round(6), r.Total.Round(6), err)
	// Output: 0.015 0.005 0.02 <nil>
}

func ExampleMultiplesOf() {
	m, err := returns.MultiplesOf([]returns.Cash{
		{Date: date.MustParse("2021-01-01"), Amount: money.MustParse("-80000.00")},
		{Date: date.MustParse("2023-01-01"), Amount: money.MustParse("24000.00")},
	}, decimal.NewFromInt(76_000))
	fmt.Println(m.DPI, m.RVPI, m.TVPI, err)
	// Output: 0.3 0.95 1.25 <nil>
}
