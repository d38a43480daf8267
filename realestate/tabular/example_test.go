package tabular_test

import (
	"fmt"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// A rent roll as a property system exports it: a title, a text formula, Excel's
// accounting format, a total. What is not a unit is named.
func ExampleFile_Table() {
	data := "Birch Yard; rent roll\n" +
		"Unit;Rent;Move In;Agent\n" +
		"=\"0101\"; $ 1,250.00 ;6/1/65;Kit\n" +
		"0102;$980.00;45658;Kit\n" +
		"Total;$2,230.00;;\n"
	f := tabular.New("rent_roll.csv", []byte(data), date.Must(2026, 5, 1))
	table := f.Table([]tabular.Column{
		{Name: "unit", Required: true},
		{Name: "rent", Required: true, Adds: true},
		{Name: "move_in", Past: true},
	})
	for _, r := range table.Rows {
		fmt.Println(r.NeedText("unit"), r.NeedAmount("rent"), r.NeedDate("move_in"))
	}
	fmt.Println("problems:", len(f.Problems()))
	fmt.Println("not used:", f.Skipped())
	// Output:
	// 0101 1250.00 1965-06-01
	// 0102 980.00 2025-01-01
	// problems: 0
	// not used: 1 title (line 1), 1 total, which agrees (line 5), 1 column (Agent)
}

// Every problem has a place, and none repeats the cell.
func ExampleFile_Record() {
	f := tabular.New("loan.csv", []byte("amount,\"$1,000.5x\"\nrate,7.25\n"), date.Date{})
	r := f.Record([]tabular.Column{{Name: "amount", Required: true}, {Name: "rate"}, {Name: "lender", Required: true}})
	r.NeedAmount("amount")
	r.Rate("rate")
	fmt.Println(f.Problems())
	// Output:
	// loan.csv:1:1: lender: the file lacks this field
	// loan.csv:1:8: amount: an amount of dollars and cents such as $1,234.50 is wanted
	// loan.csv:2:6: rate: a rate such as 7.25% or 0.0725 is wanted
}

// Expenses are stated as negative numbers here, and so is their total. Where a
// figure is taken off, the result is positive.
func ExampleFile_Statement() {
	data := "Account,Jan 2026,Feb 2026,Total\n" +
		"Rent,1000,1000,2000\n" +
		"Payroll,(400),(420),(820)\n" +
		"Insurance,(100),20,(80)\n" +
		"Total Expenses,(500),(400),(900)\n"
	f := tabular.New("operating.csv", []byte(data), date.Date{})
	s := f.Statement(tabular.Form{
		Sections: []tabular.Section{
			{Name: "income", Lines: []tabular.Line{{Names: []string{"rent"}, Required: true}}},
			{Name: "expenses", Reduces: true, Lines: []tabular.Line{{Names: []string{"payroll"}}, {Names: []string{"insurance"}}}},
		},
		Totals: []tabular.FormTotal{{Names: []string{"total expenses"}, Of: []map[string]int{{"expenses": 1}}}},
	})
	fmt.Println(s.Months, s.Line("payroll"), s.Line("insurance"))
	// Output:
	// [2026-01-01 2026-02-01] [400.00 420.00] [100.00 -20.00]
}

// The cells of a workbook come from whichever library reads it.
func ExampleNewSheet() {
	f := tabular.NewSheet("rents.xlsx", [][]string{{"Unit", "Rent"}, {"0101", "1250"}, {"0102", "98o"}}, date.Date{})
	for _, r := range f.Table([]tabular.Column{{Name: "unit", Required: true}, {Name: "rent", Adds: true}}).Rows {
		r.Amount("rent")
	}
	fmt.Println(f.Problems())
	// Output:
	// rents.xlsx:3:2: rent: an amount of dollars and cents such as $1,234.50 is wanted
}
