package tabular_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/tabular"
)

// encoded writes a text in UTF-16 with its mark.
func encoded(text string, little bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		low, high := byte(u), byte(u>>8)
		if little {
			b.Write([]byte{low, high})
		} else {
			b.Write([]byte{high, low})
		}
	}
	return b.String()
}

// The table decides what stands between cells, not a title, an amount or a text.
func TestTable_dialects(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a title with commas":      "Elm, Ash and Oak Court, Columbus, OH\nunit;rent;note\n101;1,234.50;a, b, c\n102;5;x\n",
		"a title with semicolons":  "Elm; Ash; Oak\nunit,rent,note\n101,\"1,234.50\",a; b; c\n102,5,x\n",
		"tabs and amounts":         "unit\trent\tnote\n101\t1,234.50\ta, b, c\n102\t5\tx\n",
		"bars":                     "unit|rent|note\n101|1,234.50|a\n102|5|x\n",
		"the line that Excel asks": "sep=;\nunit;rent\n101;1,234.50\n102;5\n",
		"little-endian UTF-16":     encoded("unit\trent\n101\t1234.50\n102\t5\n", true),
		"big-endian UTF-16":        encoded("unit,rent\r\n101,1234.50\r\n102,5\r\n", false),
		"spaces before quotes":     "unit, rent\n\"101\", \"1,234.50\"\n\"102\" ,\"5\"\n",
		"text formulas":            "unit,rent\n=\"101\",\"=\"\"1,234.50\"\"\"\n=\"102\",5\n",
		"a header on every page":   "unit,rent\n101,1234.50\n\nunit,rent\n102,5\nTotal,1239.50\n",
		"a total without a label":  "unit,rent\n101,1234.50\n102,5\n,1239.50\n",
		"a total in the middle":    "unit,rent\n101,1234.50\nBuilding A total,1234.50\n102,5\nBuilding B total,5\nGrand total,1239.50\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tabular.New("f.csv", []byte(data), today)
			rows := f.Table(columns).Rows
			require.Empty(t, f.Problems())
			require.Len(t, rows, 2)
			require.Equal(t, "101 1234.50", rows[0].NeedText("unit")+" "+rows[0].NeedAmount("rent").String())
			require.Equal(t, "102 5.00", rows[1].NeedText("unit")+" "+rows[1].NeedAmount("rent").String())
			require.Empty(t, f.Problems())
		})
	}
}

// A total of nothing agrees with nothing above it.
func TestTable_zeroTotal(t *testing.T) {
	t.Parallel()
	f := tabular.New("f.csv", []byte("unit,rent\n1,0\n2,\nTotal,0\n"), today)
	require.Len(t, f.Table(columns).Rows, 2)
	require.Empty(t, f.Problems())
	require.Equal(t, "1 total, which agrees (line 4)", f.Skipped().String())
}

// What is not used is named, each part once.
func TestFile_Skipped(t *testing.T) {
	t.Parallel()
	f := tabular.New("f.csv", []byte("Rents\nunit,rent,agent,\n1,2,kit,x\nunit,rent,agent,\n3,4,kit,\nTotal,6,,\n"), today)
	require.Len(t, f.Table(columns).Rows, 2)
	require.Empty(t, f.Problems())
	require.Equal(t, tabular.Skips{
		{What: tabular.Title, Line: 1, Column: 1},
		{What: tabular.UnusedColumn, Line: 2, Column: 11, Name: "agent"},
		{What: tabular.UnusedColumn, Line: 2, Column: 17},
		{What: tabular.HeaderAgain, Line: 4, Column: 1},
		{What: tabular.Total, Line: 6, Column: 1},
	}, f.Skipped())
	require.Equal(t, "1 title (line 1), 1 repeated header (line 4), 1 total, which agrees (line 6), 2 columns (agent, one without a name at 2:17)", f.Skipped().String())
}

// A row that says it is a total and is none is refused, and one that only lacks
// its unit is no total.
func TestTable_noTotals(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"unit,rent\n1,2\n3,4\nTotal,7\n":             "f.csv:4:7: rent: the row is labeled a total, but its figure is not the total of the rows above, 6",
		"unit,rent\n1,2\n3,4\nSubtotal occupied,2\n": "f.csv:4:19: rent: the row is labeled a total, but its figure is not the total of the rows above, 6",
		"unit,rent\n1,2\n3,4\nTotal,\n":              "f.csv:4:1: the row is labeled a total, but has no figure to tell by",
		"unit,rent\n1,0\n2,0\n,0\n":                  "f.csv:4:1: unit: a value is missing",
		"unit,rent\n1,2\n,2\n":                       "f.csv:3:1: unit: a value is missing",
	} {
		f := tabular.New("f.csv", []byte(data), today)
		for _, r := range f.Table(columns).Rows {
			r.NeedText("unit")
		}
		require.EqualError(t, f.Problems(), want, data)
	}
}
