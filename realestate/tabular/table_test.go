package tabular_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/tabular"
)

var today = date.MustParse("2026-05-01")

var columns = []tabular.Column{
	{Name: "unit", Also: []string{"unit no."}, Required: true},
	{Name: "rent", Required: true, Adds: true},
	{Name: "as_of"},
	{Name: "note"},
}

// What Excel, a property system and a text editor make of the same table reads
// the same.
func TestTable_tolerance(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"plain":              "unit,rent,as_of\n101,1234.50,2026-03-31\n102,-5,2026-04-01\n",
		"byte order mark":    "\ufeffunit,rent,as_of\n101,1234.50,2026-03-31\n102,-5,2026-04-01\n",
		"Windows line ends":  "unit,rent,as_of\r\n101,1234.50,2026-03-31\r\n102,-5,2026-04-01\r\n",
		"old Mac line ends":  "unit,rent,as_of\r101,1234.50,2026-03-31\r102,-5,2026-04-01",
		"no last line end":   "unit,rent,as_of\n101,1234.50,2026-03-31\n102,-5,2026-04-01",
		"as people write":    "Unit No., Rent ,As Of\n101,\"$1,234.50\",3/31/2026\n102,($5.00),4/1/2026\n",
		"another order":      "As-Of,Other,RENT,Unit\n3/31/2026,x,1234.5,101\n4/1/2026,y,(5),102\n",
		"titles above":       "Larkspur Court\nAs of,3/31/2026\n\nunit,rent,as_of\n101,1234.50,2026-03-31\n102,-5,2026-04-01\n",
		"blank lines":        "unit,rent,as_of\n\n101,1234.50,2026-03-31\n,,\n  ,,\n102,-5,2026-04-01\n\n\n",
		"trailing empties":   "unit,rent,as_of,,\n101,1234.50,2026-03-31,,,,\n102,-5,2026-04-01,,\n",
		"short lines":        "unit,rent,as_of,note\n101,1234.50,2026-03-31\n102,-5,2026-04-01\n",
		"totals below":       "unit,rent,as_of\n101,1234.50,2026-03-31\n102,-5,2026-04-01\nTotal: 2 units,\"1,229.50\"\n",
		"semicolons":         "unit;rent;as_of\n101;1,234.50;2026-03-31\n102;-5;2026-04-01\n",
		"tabs":               "unit\trent\tas_of\n101\t$1,234.50\t2026-03-31\n102\t-5\t2026-04-01\n",
		"quoted line breaks": "unit,rent,as_of,\"a\nnote\"\n101,1234.50,2026-03-31,\"two\nlines\"\n102,-5,2026-04-01,\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tabular.New("f.csv", []byte(data), today)
			table := f.Table(columns)
			require.Empty(t, f.Problems())
			require.Len(t, table.Rows, 2)
			a, b := table.Rows[0], table.Rows[1]
			require.Equal(t, []string{"101", "1234.50", "2026-03-31"}, []string{a.NeedText("unit"), a.NeedAmount("rent").String(), a.NeedDate("as_of").String()})
			require.Equal(t, []string{"102", "-5.00", "2026-04-01"}, []string{b.NeedText("unit"), b.NeedAmount("rent").String(), b.NeedDate("as_of").String()})
			require.Empty(t, f.Problems())
		})
	}
}

// Everything wrong with a file is reported at once, each at its place.
func TestTable_problems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"cells": {
			"unit,rent,as_of\n101,12.345,2026-03-31\n,7,31.3.2026\n\nJosé,\"1,23\",x,y\n",
			[]string{
				"f.csv:5:15: the line has more cells than the header; an amount with a comma needs quotes",
				"f.csv:2:5: rent: an amount of dollars and cents such as $1,234.50 is wanted",
				"f.csv:3:1: unit: a value is missing",
				"f.csv:3:4: as_of: a date such as 2026-03-31 or 3/31/2026 is wanted",
				"f.csv:5:6: rent: an amount of dollars and cents such as $1,234.50 is wanted",
				"f.csv:5:13: as_of: a date such as 2026-03-31 or 3/31/2026 is wanted",
			},
		},
		"no header":      {"a,b\n1,2\n", []string{"f.csv:1:1: there is no header line; it names the columns: unit, rent"}},
		"empty":          {"", []string{"f.csv:1:1: there is no header line; it names the columns: unit, rent"}},
		"missing column": {"unit,as_of\n", []string{"f.csv:1:1: rent: the header lacks this column"}},
		"column twice":   {"unit,rent,Unit No.\n", []string{"f.csv:1:11: unit: the header has the column twice"}},
		"not UTF-8":      {"unit,rent\n1,2\n\xc9t\xe9,3\n", []string{"f.csv:3:1: a letter is not UTF-8; save the sheet as CSV (UTF-8)"}},
		"a workbook":     {"PK\x03\x04\x00\x00", []string{"f.csv:1:1: this is no text file; save the sheet as CSV (UTF-8)"}},
		"open quote":     {"unit,rent\n1,\"2\n3,4\n", []string{"f.csv:2:3: the quotes on this line do not pair up; the rest is not read"}},
		"stray quote":    {"unit,rent\nÉ 12\",2\n3,4\n", []string{"f.csv:2:5: the quotes on this line do not pair up; the rest is not read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tabular.New("f.csv", []byte(c.data), today)
			for _, r := range f.Table(columns).Rows {
				r.NeedText("unit")
				r.NeedAmount("rent")
				r.Date("as_of")
			}
			require.ElementsMatch(t, c.want, strings.Split(f.Problems().Error(), "\n"))
		})
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	fields := []tabular.Column{{Name: "name", Required: true}, {Name: "price"}, {Name: "day", Required: true}}

	f := tabular.New("f.csv", []byte("\ufeffField,Value\r\nNAME,\"Oak, Elm\"\r\n\r\nPrice,\"$7,000,000\"\r\nday,\r\n"), today)
	r := f.Record(fields)
	require.Equal(t, "Oak, Elm", r.NeedText("name"))
	require.Equal(t, "7000000.00", r.NeedAmount("price").String())
	r.NeedDate("day")
	require.EqualError(t, f.Problems(), "f.csv:5:5: day: a value is missing")

	f = tabular.New("f.csv", []byte("name,a\nprize,1\nname,b\nprice,$7,000\n"), today)
	r = f.Record(fields)
	require.Equal(t, "a", r.NeedText("name"))
	r.NeedDate("day")
	require.EqualError(t, f.Problems(), strings.Join([]string{
		"f.csv:2:1: there is no such field",
		"f.csv:3:1: name: the field is there twice",
		"f.csv:4:10: price: the line has more than a field and its value; a value with a comma needs quotes",
		"f.csv:1:1: day: the file lacks this field",
	}, "\n"))
}

// The report of a hopeless file stays readable.
func TestFile_bound(t *testing.T) {
	t.Parallel()
	f := tabular.New("f.csv", []byte("unit,rent\n"+strings.Repeat("1,x\n", 1000)), today)
	for _, r := range f.Table(columns).Rows {
		r.NeedAmount("rent")
	}
	list := f.Problems()
	require.Len(t, list, 41)
	require.Contains(t, list[40].Error(), "further problems of this file are left out")
	require.ErrorIs(t, list, fault.Invalid)
	var one *tabular.Problem
	require.True(t, errors.As(list, &one))
	require.Equal(t, &tabular.Problem{File: "f.csv", Line: 2, Column: 3, Field: "rent", Msg: one.Msg}, one)
}

func TestChoice(t *testing.T) {
	t.Parallel()
	words := map[string]string{"onnotice": "notice"}
	f := tabular.New("f.csv", []byte("unit,rent,note\n1,2,On Notice\n1,2,\n1,2,gone\n"), today)
	rows := f.Table(columns).Rows
	require.Equal(t, "notice", tabular.Choice(rows[0], "note", words, "notice"))
	require.Empty(t, tabular.Choice(rows[1], "note", words, "notice"))
	require.Empty(t, f.Problems())
	require.Empty(t, tabular.NeedChoice(rows[1], "note", words, "notice"))
	require.Empty(t, tabular.NeedChoice(rows[2], "note", words, "notice"))
	require.EqualError(t, f.Problems(), "f.csv:3:5: note: a value is missing\nf.csv:4:5: note: one of notice is wanted")
}
