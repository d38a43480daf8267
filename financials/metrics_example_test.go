package financials_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// A quarter's statement: cap rate and cash-on-cash are stated for a year.
func ExampleMetrics() {
	m, err := financials.Metrics(financials.MetricsInput{
		Statement: financials.OperatingStatement{
			PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-03-31"),
			Income: financials.IncomeLines{
				GrossRentalIncome: money.MustParse("260000.00"),
				VacancyLoss:       money.MustParse("13000.00"),
				ParkingIncome:     money.MustParse("3000.00"),
			},
			Expenses: financials.ExpenseLines{
				PropertyTaxes:     money.MustParse("30000.00"),
				Payroll:           money.MustParse("45000.00"),
				Utilities:         money.MustParse("25000.00"),
				MortgageInterest:  money.MustParse("70000.00"),
				MortgagePrincipal: money.MustParse("20000.00"),
			},
		},
		Value:          money.MustParse("10000000.00"),
		EquityInvested: money.MustParse("4000000.00"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("NOI", m.NOI)
	fmt.Println("cap rate", m.CapRate)
	fmt.Println("DSCR", m.DSCR.Round(4))
	fmt.Println("cash-on-cash", m.CashOnCash)
	fmt.Println("debt yield defined:", m.DebtYield != nil)
	// Output:
	// NOI 150000.00
	// cap rate 0.06
	// DSCR 1.6667
	// cash-on-cash 0.06
	// debt yield defined: false
}

func ExampleRentRollMetrics() {
	leaseEnd := date.MustParse("2027-03-31")
	m, err := financials.RentRollMetrics(date.MustParse("2026-03-31"), []financials.RollUnit{
		{Occupied: financials.RentInPlace("occupied"), MarketRent: money.MustParse("2000.00"), MonthlyRent: money.MustParse("1900.00"), LeaseEnd: &leaseEnd},
		{Occupied: financials.RentInPlace("vacant"), MarketRent: money.MustParse("2100.00")},
	})
	fmt.Println(m.PhysicalOccupancy, m.LossToLease, m.WALTYears, err)
	// Output: 0.5 100.00 1 <nil>
}

func ExampleDCF() {
	noi := []money.Amount{ // five years held, and the year after the sale
		money.MustParse("1200000.00"), money.MustParse("1236000.00"), money.MustParse("1273080.00"),
		money.MustParse("1311272.00"), money.MustParse("1350610.00"), money.MustParse("1391128.00"),
	}
	v, err := financials.DCF(financials.DCFInput{
		NOI:             noi,
		DiscountRate:    decimal.RequireFromString("0.085"),
		TerminalCapRate: decimal.RequireFromString("0.0625"),
		SellingCostRate: decimal.RequireFromString("0.02"),
	})
	fmt.Println(v.SalePrice.Format(), v.ReversionNet.Format(), v.Value.Format(), err)
	// Output: 22,258,048.00 21,812,887.04 19,503,580.01 <nil>
}

func ExampleDirectCap() {
	v, err := financials.DirectCap(money.MustParse("600000.00"), decimal.RequireFromString("0.055"))
	fmt.Println(v.Format(), err)
	// Output: 10,909,090.91 <nil>
}
