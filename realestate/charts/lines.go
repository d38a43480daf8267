package charts

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/internal/check"
)

// Lines shows values over time: for each series a line through its values, in the order
// of the categories. A gap interrupts it. The axis need not begin at zero.
type Lines struct {
	Frame
	Categories []string // 1 to 500
	Series     []Series // 1 to 12
}

// dots is up to how many categories each value has a dot of its own.
const dots = 60

// SVG draws the chart. It returns the field errors of what cannot be drawn.
func (c Lines) SVG() (string, error) {
	var f check.Fields
	frame, t := c.Frame.checked(&f), table{c.Categories, c.Series}
	t.validate(&f)
	if err := f.Err(); err != nil {
		return "", err
	}
	v := newCanvas(&frame)
	end := v.legend(t.names(), func(i int, x, y px) { v.line(x, y+60, x+140, y+60, stroke(i)) })
	a := t.span(false)
	p, err := newPlot(v, &frame, a, a.unit(), end, t.categories)
	if err != nil {
		return "", err
	}
	for s := range t.series {
		p.trace(&frame, &t, s)
	}
	return v.finish(&frame, t.describe(&frame)), nil
}

// stroke is how the line of a series looks.
func stroke(series int) string {
	out := `stroke="` + colors[series] + `" stroke-width="2"`
	if dashes[series] != "" {
		out += ` stroke-dasharray="` + dashes[series] + `"`
	}
	return out
}

// trace draws one series.
func (p *plot) trace(c *Frame, t *table, series int) {
	n, row := len(t.categories), t.series[series]
	var run []string
	flush := func() {
		if len(run) > 1 {
			p.v.mark(`polyline points="`+strings.Join(run, " ")+`" fill="none" stroke-linejoin="round" `+stroke(series), "")
		}
		run = run[:0]
	}
	x := func(i int) px { return p.slot(i, n) + (p.right-p.left)/px(2*n) }
	for i, d := range row.Values {
		if d == nil {
			flush()
			continue
		}
		run = append(run, fmt.Sprintf("%s,%s", at(x(i)), at(p.y(*d))))
	}
	flush()
	for i, d := range row.Values {
		lonely := d != nil && (i == 0 || row.Values[i-1] == nil) && (i == n-1 || row.Values[i+1] == nil)
		if d != nil && (n <= dots || lonely) {
			p.v.circle(x(i), p.y(*d), 30, `fill="`+colors[series]+`"`, t.categories[i]+", "+row.Name+": "+c.number(*d))
		}
	}
}
