package charts_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/charts"
	"github.com/freehold-go/freehold/realestate/fault"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

type chart interface{ SVG() (string, error) }

func frame(title string) charts.Frame { return charts.Frame{Title: title, Prefix: "$"} }

// hostile is a text that would end an element, run a script or be no XML.
const hostile = `</text><script>alert("x")</script> & 'q' ` + "\x01\u202e"

func gaps(list ...string) []*decimal.Decimal {
	out := make([]*decimal.Decimal, len(list))
	for i, s := range list {
		if s != "" {
			v := d(s)
			out[i] = &v
		}
	}
	return out
}

// pictures are charts of all kinds, with what is awkward for each.
var pictures = map[string]chart{
	"bars": charts.Bars{Frame: frame("Expenses"), Categories: []string{"Repairs", "Taxes", "Refund"}, Series: []charts.Series{
		{Name: "Budget", Values: gaps("42000", "61500", "0")}, {Name: "Actual", Values: gaps("45310.25", "", "-8000")}}},
	"bars_hostile": charts.Bars{Frame: charts.Frame{Title: hostile, Description: hostile, Suffix: "<"}, Categories: []string{hostile},
		Series: []charts.Series{{Name: hostile, Values: gaps("1")}}},
	"bars_zero": charts.Bars{Frame: frame("Nothing"), Categories: []string{"a"}, Series: []charts.Series{{Name: "s", Values: gaps("0")}}},
	"lines": charts.Lines{Frame: charts.Frame{Title: "Occupancy", Suffix: "%", Width: 480, Height: 300}, Categories: []string{"Jan", "Feb", "Mar", "Apr", "May"}, Series: []charts.Series{
		{Name: "Physical", Values: gaps("95", "95.8", "", "97.5", "97.5")}, {Name: "Economic", Values: gaps("", "91.2", "", "92", "93.125")}}},
	"lines_unknown": charts.Lines{Frame: frame("Unknown"), Categories: []string{"a", "b"}, Series: []charts.Series{{Name: "s", Values: gaps("", "")}}},
	"stacked": charts.Stacked{Frame: frame("Distributions"), Categories: []string{"Q1", "Q2", "Q3"}, Series: []charts.Series{
		{Name: "Investors", Values: gaps("80000", "91000", "-2000")}, {Name: "Promote", Values: gaps("0", "4200.50", "")}, {Name: "Fees", Values: gaps("1500", "1500", "-500")}}},
	"bridge": charts.Bridge{Frame: frame("NOI bridge"), From: charts.Step{Name: "2025", Value: d("1204000")}, To: "2026", Steps: []charts.Step{
		{Name: "Rent", Value: d("88500")}, {Name: "Vacancy", Value: d("0")}, {Name: "Taxes", Value: d("-31250.75")}}},
	"bridge_narrow": charts.Bridge{Frame: charts.Frame{Title: "NOI of a narrow page", Prefix: "$", Width: 360}, From: charts.Step{Name: "Budget", Value: d("464560")}, To: "Actual", Steps: []charts.Step{
		{Name: "Rent", Value: d("10812.5")}, {Name: "Office", Value: d("-310")}, {Name: "Taxes", Value: d("0")}, {Name: "Upkeep", Value: d("-10305")}}},
	"bridge_below": charts.Bridge{Frame: charts.Frame{Title: "Into the red", Width: 200, Height: 200}, From: charts.Step{Name: "before", Value: d("-1000000")}, To: "after",
		Steps: []charts.Step{{Name: "a long name of a step", Value: d("1512345.67")}, {Name: "b", Value: d("-987654.32")}}},
	"points": charts.Points{Frame: charts.Frame{Title: "Properties", Suffix: " units"}, Points: []charts.Point{
		{Name: "Maple Court", Latitude: d("39.96"), Longitude: d("-83.00"), Value: gaps("120")[0]}, {Name: "Oak Row", Latitude: d("41.50"), Longitude: d("-81.69"), Value: gaps("30")[0]},
		{Name: "Lot", Latitude: d("40.1"), Longitude: d("-82.9")}}},
	"points_one":      charts.Points{Frame: frame("One"), Points: []charts.Point{{Name: "Maple Court", Latitude: d("39.96"), Longitude: d("-83.00")}}},
	"points_dateline": charts.Points{Frame: frame("Pacific"), Points: []charts.Point{{Name: "Suva", Latitude: d("-18.14"), Longitude: d("178.44")}, {Name: "Apia", Latitude: d("-13.83"), Longitude: d("-171.77")}}},
	"points_poles":    charts.Points{Frame: frame("Poles"), Points: []charts.Point{{Name: "N", Latitude: d("90"), Longitude: d("180")}, {Name: "S", Latitude: d("-90"), Longitude: d("-180")}}},
}

// The pictures are those that people have looked at. "-update" writes them anew.
func TestSVG_golden(t *testing.T) {
	t.Parallel()
	for name, c := range pictures {
		svg, err := c.SVG()
		require.NoError(t, err, name)
		again, err := c.SVG()
		require.NoError(t, err)
		require.Equal(t, svg, again, "the same input gives the same bytes")
		file := filepath.Join("testdata", name+".svg")
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(svg), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), svg, name)
		read(t, svg)
	}
}

// element is one of a picture.
type element struct {
	name string
	attr map[string]string
	text string
}

// read parses a picture strictly, and sees that it is accessible, does nothing, and that
// its marks are inside of it.
func read(t require.TestingT, svg string) []element {
	dec := xml.NewDecoder(strings.NewReader(svg))
	var all []element
	var open []int
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, svg)
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{name: tok.Name.Local, attr: map[string]string{}}
			for _, a := range tok.Attr {
				e.attr[a.Name.Local] = a.Value
				require.False(t, strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" || a.Name.Local == "href", a.Name.Local)
			}
			open, all = append(open, len(all)), append(all, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(tok)
			}
		}
	}
	require.Empty(t, open)
	require.Equal(t, "svg", all[0].name)
	require.Equal(t, "img", all[0].attr["role"])
	require.Equal(t, []string{"title", "desc"}, []string{all[1].name, all[2].name})
	require.Equal(t, all[0].attr["aria-label"], all[1].text)
	require.Equal(t, all[0].attr["aria-describedby"], all[2].attr["id"])
	require.NotEmpty(t, all[1].text)
	require.NotEmpty(t, all[2].text)
	w, h := all[0].attr["width"], all[0].attr["height"]
	for _, e := range all {
		require.Contains(t, []string{"svg", "title", "desc", "rect", "line", "polyline", "circle", "text"}, e.name)
		for _, a := range []string{"x", "x1", "x2", "cx"} {
			require.True(t, inside(e.attr[a], w), "%s of %v in %s", a, e, w)
		}
		for _, a := range []string{"y", "y1", "y2", "cy"} {
			require.True(t, inside(e.attr[a], h), "%s of %v in %s", a, e, h)
		}
	}
	return all
}

func inside(place, side string) bool {
	if place == "" {
		return true
	}
	return !d(place).IsNegative() && d(place).LessThanOrEqual(d(side))
}

// The figures of a bridge and its axis are in one unit, whatever room each would have, and
// in the finest in which all of them have room.
func TestBridge_oneScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "cents"), -2)
		})
		b := charts.Bridge{Frame: charts.Frame{Title: "t", Prefix: "$", Width: rapid.IntRange(200, 900).Draw(t, "width")}, From: charts.Step{Name: "a", Value: amount.Draw(t, "from")}, To: "b"}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			b.Steps = append(b.Steps, charts.Step{Name: "s", Value: amount.Draw(t, "step")})
		}
		svg, err := b.SVG()
		require.NoError(t, err)
		letters := map[string]bool{}
		for _, e := range read(t, svg) {
			said := strings.TrimSpace(e.text)
			if e.name != "text" || !strings.Contains(said, "$") || strings.HasSuffix(said, "…") || strings.Trim(said, "+-$0.") == "" {
				continue
			}
			letters[strings.TrimLeft(said, "+-$,.0123456789")] = true
		}
		require.LessOrEqual(t, len(letters), 1, svg)
	})
	svg, err := pictures["bridge_narrow"].SVG()
	require.NoError(t, err)
	for _, want := range []string{">$464.6K<", ">+$10.8K<", ">-$0.3K<", ">+$0<", ">-$10.3K<", ">$500K<"} {
		require.Contains(t, svg, want)
	}
}

// What cannot be drawn is refused by its field, and all of it at once.
func TestSVG_refuses(t *testing.T) {
	t.Parallel()
	one := []charts.Series{{Name: "s", Values: gaps("1")}}
	for name, c := range map[string]struct {
		chart
		fields string
	}{
		"empty":            {charts.Bars{}, "title categories series"},
		"size":             {charts.Lines{Frame: charts.Frame{Title: "t", Width: 199, Height: 4001}, Categories: []string{"a"}, Series: one}, "width height"},
		"missing values":   {charts.Stacked{Frame: frame("t"), Categories: []string{"a", "b"}, Series: one}, "series[0].values"},
		"no name":          {charts.Bars{Frame: frame("t"), Categories: []string{"a"}, Series: []charts.Series{{Values: gaps("1")}}}, "series[0].name"},
		"huge":             {charts.Bars{Frame: frame("t"), Categories: []string{"a"}, Series: []charts.Series{{Name: "s", Values: gaps("1e15")}}}, "series[0].values[0]"},
		"astronomic":       {charts.Bars{Frame: frame("t"), Categories: []string{"a"}, Series: []charts.Series{{Name: "s", Values: charts.Values(decimal.New(1, 1_000_000_000))}}}, "series[0].values[0]"},
		"tiny":             {charts.Bars{Frame: frame("t"), Categories: []string{"a"}, Series: []charts.Series{{Name: "s", Values: gaps("1e-13")}}}, "series[0].values[0]"},
		"stack too high":   {charts.Stacked{Frame: frame("t"), Categories: []string{"a"}, Series: []charts.Series{{Name: "s", Values: gaps("9e14")}, {Name: "u", Values: gaps("9e14")}}}, "categories[0]"},
		"not text":         {charts.Bars{Frame: charts.Frame{Title: "\xff"}, Categories: []string{"a"}, Series: one}, "title"},
		"no room":          {charts.Bars{Frame: charts.Frame{Title: "t", Width: 200, Height: 200}, Categories: []string{"a"}, Series: many(12)}, "height"},
		"too many series":  {charts.Bars{Frame: frame("t"), Categories: []string{"a"}, Series: many(13)}, "series"},
		"bridge":           {charts.Bridge{Frame: frame("t"), From: charts.Step{Value: d("1")}}, "from.name to steps"},
		"bridge too high":  {charts.Bridge{Frame: frame("t"), From: charts.Step{Name: "a", Value: d("9e14")}, To: "b", Steps: []charts.Step{{Name: "x", Value: d("9e14")}}}, "steps[0].value"},
		"no points":        {charts.Points{Frame: frame("t")}, "points"},
		"beyond the poles": {charts.Points{Frame: frame("t"), Points: []charts.Point{{Name: "x", Latitude: d("90.1"), Longitude: d("-181"), Value: gaps("-1")[0]}}}, "points[0].latitude points[0].longitude points[0].value"},
	} {
		svg, err := c.SVG()
		require.Empty(t, svg, name)
		require.ErrorIs(t, err, fault.Invalid, name)
		var fields []string
		for _, e := range fault.FieldErrors(err) {
			fields = append(fields, e.Field)
		}
		require.Equal(t, c.fields, strings.Join(fields, " "), name)
	}
}

func many(n int) []charts.Series {
	out := make([]charts.Series, n)
	for i := range out {
		out[i] = charts.Series{Name: "a series with quite a long name", Values: gaps("1")}
	}
	return out
}

// Whatever is drawn is well-formed and inside of the picture, and bars are as long as
// their values say.
func TestBars_random(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "k")
		number := rapid.Custom(func(t *rapid.T) *decimal.Decimal {
			if rapid.IntRange(0, 9).Draw(t, "gap") == 0 {
				return nil
			}
			v := decimal.New(rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "v"), int32(rapid.IntRange(-9, 5).Draw(t, "e")))
			return &v
		})
		categories := rapid.SliceOfN(rapid.StringN(0, 20, 60), n, n).Draw(t, "categories")
		for i := range categories {
			categories[i] = strings.ReplaceAll(strings.ToValidUTF8(categories[i], ""), "\x00", "")
		}
		series := make([]charts.Series, k)
		values := 0
		for i := range series {
			series[i] = charts.Series{Name: fmt.Sprint("s", i), Values: rapid.SliceOfN(number, n, n).Draw(t, "values")}
			for _, v := range series[i].Values {
				if v != nil {
					values++
				}
			}
		}
		f := charts.Frame{Title: "t", Width: rapid.IntRange(200, 900).Draw(t, "w"), Height: rapid.IntRange(200, 900).Draw(t, "h")}
		svg, err := charts.Bars{Frame: f, Categories: categories, Series: series}.SVG()
		require.NoError(t, err)
		bars := 0
		for i, e := range read(t, svg) {
			if e.name == "title" && i > 1 {
				bars++
			}
		}
		require.Equal(t, values, bars, "a bar with its figure for each value")
		for _, c := range []chart{charts.Lines{Frame: f, Categories: categories, Series: series}, charts.Stacked{Frame: f, Categories: categories, Series: series}} {
			svg, err := c.SVG()
			require.NoError(t, err)
			read(t, svg)
		}
	})
}
