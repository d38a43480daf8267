package date_test

import (
	"fmt"

	"github.com/freehold-go/freehold/realestate/date"
)

func ExampleDate_AddMonths() {
	d := date.MustParse("2024-01-31")
	fmt.Println(d.AddMonths(1), d.AddMonths(2), d.AddMonths(1).Sub(d))
	// Output: 2024-02-29 2024-03-31 29
}
