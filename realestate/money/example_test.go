package money_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

func ExampleAmount() {
	rent := money.MustParse("1234.50")
	year, err := rent.Mul(12)
	fmt.Println(year.Format(), err)
	_, err = money.Parse("0.005")
	fmt.Println(err)
	half, err := money.MustParse("0.01").MulRate(decimal.RequireFromString("0.5"))
	fmt.Println(half, err)
	// Output:
	// 14,814.00 <nil>
	// an amount has at most two decimals (too_many_decimals)
	// 0.01 <nil>
}
