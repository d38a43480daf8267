package charts

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// Stacked shows parts of a whole: for each category the series on top of each other,
// those above zero upward and those below it downward.
type Stacked struct {
	Frame
	Categories []string // 1 to 500
	Series     []Series // 1 to 12
}

// SVG draws the chart. It returns the field errors of what cannot be drawn; a stack of
// values that can be drawn and whose sum cannot is one of its category.
func (c Stacked) SVG() (string, error) {
	var f check.Fields
	frame, t := c.Frame.checked(&f), table{c.Categories, c.Series}
	t.validate(&f)
	if err := f.Err(); err != nil {
		return "", err
	}
	var s spread
	s.add(decimal.Zero)
	for i := range t.categories {
		above, below := t.heights(i)
		s.add(above)
		s.add(below)
		at := fmt.Sprintf("categories[%d]", i)
		_ = drawable(&f, at, above) && drawable(&f, at, below)
	}
	if err := f.Err(); err != nil {
		return "", err
	}
	v := newCanvas(&frame)
	a := niceAxis(s.lo, s.hi)
	p, err := newPlot(v, &frame, a, a.unit(), v.legend(t.names(), v.boxes), t.categories)
	if err != nil {
		return "", err
	}
	for i := range t.categories {
		p.stack(&frame, &t, i)
	}
	return v.finish(&frame, t.describe(&frame)), nil
}

// heights are the sums of what is above zero and below it.
func (t *table) heights(category int) (above, below decimal.Decimal) {
	for _, s := range t.series {
		switch d := s.Values[category]; {
		case d == nil:
		case d.IsNegative():
			below = below.Add(*d)
		default:
			above = above.Add(*d)
		}
	}
	return above, below
}

// stack draws one category.
func (p *plot) stack(c *Frame, t *table, i int) {
	from := p.slot(i, len(t.categories))
	room := p.slot(i+1, len(t.categories)) - from
	var above, below decimal.Decimal
	for s, row := range t.series {
		d := row.Values[i]
		if d == nil || d.IsZero() {
			continue
		}
		base := &above
		if d.IsNegative() {
			base = &below
		}
		to := base.Add(*d)
		p.block(from+room/8, room*6/8, *base, to, colors[s], t.categories[i]+", "+row.Name+": "+c.number(*d))
		*base = to
	}
}
