package charts

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// plot is the part of a picture between its axes.
type plot struct {
	v                        *canvas
	axis                     axis
	left, top, right, bottom px
}

// leastPlot is the height of the smallest plot.
const leastPlot px = 400

// newPlot draws an upright axis in a unit, its grid and the names of the categories, below a
// legend that ends at top. It reports a height that leaves no room for it.
func newPlot(v *canvas, c *Frame, a axis, u unit, top px, categories []string) (*plot, error) {
	labels := a.labels(c, u)
	p := &plot{v: v, axis: a, left: leftOf(v, labels), top: top + 100, right: v.w - margin, bottom: v.h - 360}
	if p.bottom-p.top < leastPlot {
		var f check.Fields
		f.Add("height", check.OutOfRange, "the legend leaves no room for the chart")
		return nil, f.Err()
	}
	for i, d := range a.ticks() {
		y := p.y(d)
		color := grid
		if d.IsZero() {
			color = rim
		}
		v.line(p.left, y, p.right, y, `stroke="`+color+`"`)
		v.text(p.left-60, y+40, fit(labels[i], p.left-60), `text-anchor="end"`)
	}
	p.names(categories)
	return p, nil
}

// leftOf is where a plot begins beside the labels of its axis.
func leftOf(v *canvas, labels []string) px {
	var widest px
	for _, s := range labels {
		widest = max(widest, width(s))
	}
	return margin + min(widest, v.w/3) + 60
}

// y is where a value stands.
func (p *plot) y(d decimal.Decimal) px {
	return p.bottom - p.axis.place(d, p.bottom-p.top)
}

// slot is where the category i of n begins.
func (p *plot) slot(i, n int) px { return p.left + (p.right-p.left)*px(i)/px(n) }

// names writes those of the categories; where they are too many, each second, third, ...
func (p *plot) names(categories []string) {
	n := len(categories)
	var widest px
	for _, s := range categories {
		widest = max(widest, width(s))
	}
	band := (p.right - p.left) / px(n)
	every := 1
	for px(every)*band < min(widest, 480)+60 && every < n {
		every++
	}
	for i := 0; i < n; i += every {
		p.v.text(p.slot(i, n)+band/2, p.bottom+180, fit(categories[i], px(every)*band), `text-anchor="middle"`)
	}
}

// block draws a rectangle from one value to another.
func (p *plot) block(x, w px, from, to decimal.Decimal, color, said string) {
	a, b := p.y(from), p.y(to)
	p.v.rect(x, min(a, b), max(w, 1), max(a, b)-min(a, b), area(color), said)
}
