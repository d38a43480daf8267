package main

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/charts"
	"github.com/freehold-go/freehold/realestate/date"
)

// let is which fraction of the units is let on a day.
type let struct {
	Day      date.Date
	Occupied decimal.Decimal
}

// bridgeSteps are the parts of net operating income whose differences make the bridge.
var bridgeSteps = []struct {
	name  string
	lines []financials.StatementLine
}{
	{"Rent", []financials.StatementLine{financials.LineGrossRentalIncome, financials.LineLossToLease}},
	{"Vacancy", []financials.StatementLine{financials.LineVacancyLoss, financials.LineConcessions}},
	{"Bad debt", []financials.StatementLine{financials.LineBadDebt}},
	{"Other", []financials.StatementLine{financials.LineParkingIncome, financials.LineLaundryIncome, financials.LinePetIncome, financials.LineApplicationFees, financials.LineLateFees, financials.LineOtherIncome}},
	{"Staff", []financials.StatementLine{financials.LinePayroll, financials.LinePropertyManagement}},
	{"Upkeep", []financials.StatementLine{financials.LineMaintenanceRepairs, financials.LineLandscaping, financials.LineOtherOperating}},
	{"Utilities", []financials.StatementLine{financials.LineUtilities}},
	{"Taxes", []financials.StatementLine{financials.LinePropertyTaxes}},
	{"Insurance", []financials.StatementLine{financials.LineInsurance}},
	{"Office", []financials.StatementLine{financials.LineAdvertising, financials.LineLegalProfessional, financials.LineOfficeAdministrative}},
}

// charts are the pictures of the report: how net operating income came from its budget, and
// how far the property is let.
func (r *results) charts() (list []file, err error) {
	add := func(name, svg string, drawn error) {
		if err = drawn; err == nil {
			list = append(list, file{name, []byte(svg)})
		}
	}
	if r.Variance != nil {
		bridge := charts.Bridge{Frame: charts.Frame{Title: fmt.Sprintf("Net operating income of %d: from the budget to what it was", r.Last.Year()), Prefix: "$", Width: 880}, From: charts.Step{Name: "Budget"}, To: "Actual"}
		for _, v := range r.Variance.Total.Totals {
			if v.Line == "noi" {
				bridge.From.Value = v.Budget.Decimal()
			}
		}
		for _, s := range bridgeSteps {
			step := charts.Step{Name: s.name}
			for _, v := range r.Variance.Total.Lines {
				switch line := financials.StatementLine(v.Line); {
				case !slices.Contains(s.lines, line):
				case line.More():
					step.Value = step.Value.Add(v.Difference.Decimal())
				default:
					step.Value = step.Value.Sub(v.Difference.Decimal())
				}
			}
			bridge.Steps = append(bridge.Steps, step)
		}
		svg, drawn := bridge.SVG()
		add(noiChart, svg, drawn)
	}
	if len(r.Let) > 0 && err == nil {
		line := charts.Lines{Frame: charts.Frame{Title: "Units let at month's end, by the leases that are signed", Suffix: " %"}}
		var of []decimal.Decimal
		for _, x := range r.Let {
			line.Categories, of = append(line.Categories, x.Day.String()[:7]), append(of, x.Occupied.Shift(2).Round(2))
		}
		line.Series = []charts.Series{{Name: "Let", Values: charts.Values(of...)}}
		svg, drawn := line.SVG()
		add(occupancyChart, svg, drawn)
	}
	return list, err
}

// The files of the pictures.
const (
	noiChart       = "noi.svg"
	occupancyChart = "occupancy.svg"
)
