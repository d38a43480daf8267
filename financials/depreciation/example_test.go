package depreciation_test

import (
	"fmt"
	"time"

	"github.com/freehold-go/freehold/financials/depreciation"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// An apartment building bought in May and sold in its third year.
func ExampleNewSchedule() {
	s, err := depreciation.NewSchedule(depreciation.Terms{
		Basis:           money.MustParse("8200000.00"),
		PlacedInService: date.Must(2023, time.May, 18),
		Life:            depreciation.Residential,
		Method:          depreciation.Table,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("years:", len(s.Years))
	sold, err := s.Disposed(date.Must(2025, time.August, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, y := range sold.Years {
		fmt.Printf("%d  %9s  %9s  %10s\n", y.Year, y.Depreciation, y.Accumulated, y.Remaining)
	}
	// Output:
	// years: 28
	// 2023  186386.00  186386.00  8013614.00
	// 2024  298152.00  484538.00  7715462.00
	// 2025  186345.00  670883.00  7529117.00
}
