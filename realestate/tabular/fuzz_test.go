package tabular

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var fuzzColumns = []Column{
	{Name: "unit", Also: []string{"unit no."}, Required: true}, {Name: "rent", Required: true, Adds: true},
	{Name: "as_of"}, {Name: "move_in", Past: true}, {Name: "note"},
}

var fuzzForm = Form{
	Sections: []Section{
		{Name: "rent", Lines: []Line{{Names: []string{"rent"}, Required: true}}},
		{Name: "losses", Reduces: true, Lines: []Line{{Names: []string{"loss or gain"}, EitherSign: true}, {Names: []string{"vacancy"}}}},
		{Name: "expenses", Reduces: true, Lines: []Line{{Names: []string{"payroll"}}, {Names: []string{"taxes"}}}},
	},
	Totals: []FormTotal{
		{Names: []string{"income"}, Of: []map[string]int{{"rent": 1, "losses": -1}}},
		{Names: []string{"expenses"}, Of: []map[string]int{{"expenses": 1}}},
	},
}

// Whatever the bytes, reading ends, every problem has a place within the file,
// and every filled line is a record, not used by name, or a problem.
func FuzzFile(f *testing.F) {
	f.Add("unit,rent,as_of\n101,\"$1,234.50\",3/31/2026\nTotal,1234.50,\n")
	f.Add("\ufeffunit;rent\r\n1;(5)\r\n\"a\nb\";x\r\n;;3\n")
	f.Add("unit\trent\n\"open\t1\n")
	f.Add("unit,rent,move in\n=\"0101\",\" $ (54.00)\",6/1/65\n,-54,\n")
	f.Add("unit,rent\n\xff,1\n")
	f.Add("PK\x03\x04\x00")
	f.Add("\xff\xfeu\x00")
	f.Add("sep=|\nunit|rent\n1|2\nunit|rent\n")
	f.Add("Elm, Court\n;2025-01;2025-02;Total\nRent;10;10;20\nVacancy;(1);(1);(2)\nLoss or gain;2;2;\nIncome;11;11;\nTotal x;1;1;\n")
	f.Add("GL,Account,Jan-25,Feb-25,Note\n1,Rent,10,10,x\n2,Payroll,-1,-2,\n,Taxes,3,4,\n,Expenses,2,2,\n")
	f.Fuzz(func(t *testing.T, data string) {
		table := New("f.csv", []byte(data), today)
		rows := table.Table(fuzzColumns).Rows
		lines := map[int]bool{}
		for _, r := range rows {
			r.NeedText("unit")
			r.NeedAmount("rent")
			r.Date("as_of")
			r.Date("move_in")
			r.Rate("note")
			r.Count("note")
			r.Bool("note")
			lines[r.cells[0].Line] = true
		}
		if len(table.Problems()) == 0 {
			for _, s := range table.Skipped() {
				lines[s.Line] = true
			}
			for _, row := range New("f.csv", []byte(data), today).grid(func(g [][]Cell) int { _, n := header(g, fuzzColumns, index(fuzzColumns)); return n }) {
				if at, _ := header([][]Cell{row}, fuzzColumns, index(fuzzColumns)); at < 0 {
					require.True(t, lines[row[0].Line] || lines[first(row).Line], "line %d is gone", row[0].Line)
				}
			}
		}
		inside(t, data, table)
		record := New("f.csv", []byte(data), today)
		record.Record(fuzzColumns)
		inside(t, data, record)
		statement := New("f.csv", []byte(data), today)
		if s := statement.Statement(fuzzForm); s != nil {
			require.Empty(t, statement.Problems())
			require.Len(t, s.Line("payroll"), len(s.Months))
		} else {
			require.NotEmpty(t, statement.Problems())
		}
		inside(t, data, statement)
	})
}

// inside checks that problems and what was not used have places in the file.
func inside(t *testing.T, data string, f *File) {
	t.Helper()
	lines := max(strings.Count(strings.ReplaceAll(data, "\r", "\n"), "\n"), strings.Count(data, "\n\x00")+strings.Count(data, "\x00\n")) + 1
	if strings.HasPrefix(data, "\xff\xfe") || strings.HasPrefix(data, "\xfe\xff") {
		lines = len(data)
	}
	for _, p := range f.Problems() {
		require.True(t, p.Line >= 1 && p.Line <= lines && p.Column >= 1, p)
		require.Equal(t, "f.csv", p.File)
	}
	for _, s := range f.Skipped() {
		require.True(t, s.Line >= 1 && s.Line <= lines && s.Column >= 1, s)
	}
	_ = f.Skipped().String()
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"$1,234.50", "(5)", "$ (5)", "$ -", "7.25%", "3/31/2026", "6/1/65", "45658", "Mar-26", "1e9", "-", "\u2212"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, ok := parseAmount(s); ok {
			again, ok := parseAmount(a.String())
			require.True(t, ok)
			require.Equal(t, a, again)
		}
		if d, ok, sure := parseDate(s, today, true); ok && sure {
			again, ok, sure := parseDate(d.String(), today, false)
			require.True(t, ok && sure)
			require.Equal(t, d, again)
		}
		if n, ok := parseNumber(s); ok {
			again, ok := parseNumber(n.String())
			require.True(t, ok)
			require.True(t, n.Equal(again))
		}
		parseRate(s)
		parseCount(s)
		parseMonth(s, today)
		value, ok := parseBool(s)
		require.False(t, value && !ok)
	})
}
