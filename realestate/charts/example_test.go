package charts_test

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/charts"
)

func d(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// told prints what a chart says to those who don't see it.
func told(svg string, err error) {
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range strings.Split(svg, "\n")[1:3] {
		_, text, _ := strings.Cut(line, ">")
		text, _, _ = strings.Cut(text, "<")
		fmt.Println(text)
	}
}

// Budget and actual, side by side.
func ExampleBars() {
	told(charts.Bars{
		Frame:      charts.Frame{Title: "Operating expenses", Prefix: "$"},
		Categories: []string{"Repairs", "Taxes"},
		Series: []charts.Series{
			{Name: "Budget", Values: charts.Values(d("42000"), d("61500"))},
			{Name: "Actual", Values: charts.Values(d("45310.25"), d("61500"))},
		},
	}.SVG())
	// Output:
	// Operating expenses
	// Budget: Repairs $42,000, Taxes $61,500. Actual: Repairs $45,310.25, Taxes $61,500.
}

// Occupancy by the month; of March nothing is known.
func ExampleLines() {
	values := charts.Values(d("95"), d("95.8"), d("0"), d("97.5"))
	values[2] = nil
	told(charts.Lines{
		Frame:      charts.Frame{Title: "Occupancy", Suffix: "%"},
		Categories: []string{"Jan", "Feb", "Mar", "Apr"},
		Series:     []charts.Series{{Name: "Physical", Values: values}},
	}.SVG())
	// Output:
	// Occupancy
	// Physical: Jan 95%, Feb 95.8%, Apr 97.5%.
}

// Who got how much of each distribution.
func ExampleStacked() {
	told(charts.Stacked{
		Frame:      charts.Frame{Title: "Distributions", Prefix: "$"},
		Categories: []string{"Q1", "Q2"},
		Series: []charts.Series{
			{Name: "Investors", Values: charts.Values(d("80000"), d("91000"))},
			{Name: "Promote", Values: charts.Values(d("0"), d("4200.50"))},
		},
	}.SVG())
	// Output:
	// Distributions
	// Investors: Q1 $80,000, Q2 $91,000. Promote: Q1 $0, Q2 $4,200.5.
}

// How the net operating income of one year became that of the next.
func ExampleBridge() {
	told(charts.Bridge{
		Frame: charts.Frame{Title: "NOI bridge", Prefix: "$"},
		From:  charts.Step{Name: "2025", Value: d("1204000")},
		Steps: []charts.Step{{Name: "Rent", Value: d("88500")}, {Name: "Taxes", Value: d("-31250.75")}},
		To:    "2026",
	}.SVG())
	// Output:
	// NOI bridge
	// From 2025 $1,204,000 to 2026 $1,261,249.25: Rent +$88,500, Taxes -$31,250.75.
}

// Where properties stand, and how many units each has.
func ExamplePoints() {
	units := d("120")
	told(charts.Points{
		Frame: charts.Frame{Title: "Properties"},
		Points: []charts.Point{
			{Name: "Maple Court", Latitude: d("39.96"), Longitude: d("-83.00"), Value: &units},
			{Name: "Oak Row", Latitude: d("41.50"), Longitude: d("-81.69")},
		},
	}.SVG())
	// Output:
	// Properties
	// Maple Court: 120 at 39.96, -83; Oak Row at 41.5, -81.69.
}
