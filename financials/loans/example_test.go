package loans_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// A ten-year loan with two years of interest only, the payment fixed on
// 30/360, the interest accrued on actual/360.
func ExampleNewSchedule() {
	s, err := loans.NewSchedule(loans.Terms{
		Principal:          money.MustParse("5000000.00"),
		AnnualRate:         decimal.RequireFromString("0.0575"),
		TermMonths:         120,
		AmortizationMonths: 360,
		InterestOnlyMonths: 24,
		AccrualBasis:       loans.Actual360,
		StartDate:          date.MustParse("2024-01-01"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range []int{0, 1, 24, 119} {
		r := s.Rows[i]
		fmt.Printf("%3d  %s  %9s = %9s + %9s  %11s\n", r.Number, r.Due, r.Payment, r.Interest, r.Principal, r.Balance)
	}
	year, _ := s.Between(date.MustParse("2027-01-01"), date.MustParse("2027-12-31"))
	fmt.Println("debt service of 2027:", year.Paid)
	fmt.Println("balloon:", s.Balloon)
	// Output:
	//   1  2024-02-01   24756.94 =  24756.94 +      0.00   5000000.00
	//   2  2024-03-01   23159.72 =  23159.72 +      0.00   5000000.00
	//  25  2026-02-01   29178.64 =  24756.94 +   4421.70   4995578.30
	// 120  2034-01-01   29178.64 =  21849.36 +   7329.28   4405445.27
	// debt service of 2027: 350143.68
	// balloon: 4405445.27
}

// The debt service that a lender quotes for an interest-only loan has 365 days
// over 360.
func ExampleAnnualInterest() {
	ds, err := loans.AnnualInterest(money.MustParse("99200000"), decimal.RequireFromString("0.061"), loans.Actual360)
	fmt.Println(ds, err)
	// Output: 6135244.44 <nil>
}
