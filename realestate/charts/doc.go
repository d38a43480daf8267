// Package charts draws the figures of properties and deals as SVG: bars, lines, stacks,
// bridges and points on a map. It is pure: no database, no clock, no font, and the same
// input gives the same bytes.
//
// # Verbs by task
//
//	compare              Bars.SVG     ExampleBars
//	over time            Lines.SVG    ExampleLines
//	parts of a whole     Stacked.SVG  ExampleStacked
//	from one to another  Bridge.SVG   ExampleBridge
//	where                Points.SVG   ExamplePoints
//
// # What a chart is
//
// A chart is one element svg without outside references, styles or scripts, to be
// written into a page or a file as it is. It has the role img, a title as its name, and
// a description; without one of the caller's it lists the figures. Every mark has a title
// with its exact value. Series are told apart by their order, their legend and their
// dashes too, not only by color, and the colors stay apart in the common forms of color
// blindness.
//
//	svg, err := charts.Bridge{
//		Frame: charts.Frame{Title: "NOI, 2025 to 2026", Prefix: "$"},
//		From:  charts.Step{Name: "2025", Value: before},
//		Steps: []charts.Step{{Name: "Rent", Value: rent}, {Name: "Taxes", Value: taxes}},
//		To:    "2026",
//	}.SVG()
//
// Values are decimals and stay exact; only places on the picture are rounded, to tenths
// of a pixel. Axes have round steps of 1, 2, 2.5 or 5 times a power of ten. The figures beside
// the bars of a bridge and its axis are all in one unit, with as many decimals each: in full
// where there is room. A nil value is a gap and no zero.
//
// Input that cannot be drawn is refused by [fault.Errors] that name its fields, such as
// "series[1].values[3]", all of them at once.
package charts
