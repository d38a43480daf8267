package charts

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// Bars compares values: for each category a bar of each series, side by side, from zero.
type Bars struct {
	Frame
	Categories []string // 1 to 500
	Series     []Series // 1 to 12
}

// SVG draws the chart. It returns the field errors of what cannot be drawn.
func (c Bars) SVG() (string, error) {
	var f check.Fields
	frame, t := c.Frame.checked(&f), table{c.Categories, c.Series}
	t.validate(&f)
	if err := f.Err(); err != nil {
		return "", err
	}
	v := newCanvas(&frame)
	a := t.span(true)
	p, err := newPlot(v, &frame, a, a.unit(), v.legend(t.names(), v.boxes), t.categories)
	if err != nil {
		return "", err
	}
	n, k := len(t.categories), len(t.series)
	for i, name := range t.categories {
		from := p.slot(i, n)
		room := p.slot(i+1, n) - from
		wide := room * 8 / 10
		for s, row := range t.series {
			if row.Values[i] == nil {
				continue
			}
			x := from + room/10 + wide*px(s)/px(k)
			w := from + room/10 + wide*px(s+1)/px(k) - x
			p.block(x, w, decimal.Zero, *row.Values[i], colors[s], name+", "+row.Name+": "+frame.number(*row.Values[i]))
		}
	}
	return v.finish(&frame, t.describe(&frame)), nil
}
