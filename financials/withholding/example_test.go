package withholding_test

import (
	"fmt"

	"github.com/freehold-go/freehold/financials/withholding"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// A foreign partner is paid 10,000 while 42,500 of taxable income is allocated
// to it: the tax is on the income, and exceeds the payment.
func ExampleRates_Withhold() {
	income := money.MustParse("42500.00")
	w, err := withholding.Federal().Withhold(withholding.Payment{
		Kind:  withholding.Section1446aNoncorporate,
		Date:  date.MustParse("2026-03-31"),
		Gross: money.MustParse("10000.00"),
		Base:  &income,
	})
	fmt.Println(w.Rate, w.Withheld, w.Net, err)
	// Output: 0.37 15725.00 -5725.00 <nil>
}
