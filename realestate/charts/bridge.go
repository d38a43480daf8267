package charts

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
)

// Step is a figure and its name; in a [Bridge], by how much it changes the sum.
type Step struct {
	Name  string
	Value decimal.Decimal
}

// Bridge shows how one figure became another, such as last year's NOI this year's: a bar
// of the first, the changes, and a bar of their exact sum.
type Bridge struct {
	Frame
	From  Step
	Steps []Step // 1 to 50 changes, in their order
	To    string // the name of the sum
}

// SVG draws the chart. It returns the field errors of what cannot be drawn.
func (c Bridge) SVG() (string, error) {
	var f check.Fields
	frame := c.Frame.checked(&f)
	s := c.validate(&f)
	if err := f.Err(); err != nil {
		return "", err
	}
	v := newCanvas(&frame)
	names := make([]string, 0, len(c.Steps)+2)
	names = append(names, c.From.Name)
	for _, step := range c.Steps {
		names = append(names, step.Name)
	}
	names = append(names, c.To)
	figures := c.figures()
	scale := niceAxis(s.lo, s.hi)
	form := formOf(v, &frame, scale, figures)
	p, err := newPlot(v, &frame, scale, form.unit, v.legend(nil, nil)+60, names)
	if err != nil {
		return "", err
	}
	from := decimal.Zero
	for i, d := range figures {
		to, color := from.Add(d.value), up
		switch {
		case !d.change:
			from, to, color = decimal.Zero, d.value, colors[0]
		case d.value.IsNegative():
			color = down
		}
		p.rung(i, names, from, to, color, d.say(&frame, exact), d.say(&frame, form))
		from = to
	}
	return v.finish(&frame, c.describe(&frame, from)), nil
}

// figures are the bars of a bridge: the first, the changes and the sum.
func (c *Bridge) figures() []figure {
	out, sum := []figure{{value: c.From.Value}}, c.From.Value
	for _, step := range c.Steps {
		out, sum = append(out, figure{step.Value, true}), sum.Add(step.Value)
	}
	return append(out, figure{value: sum})
}

// validate adds the field errors of a bridge, and tells from where to where it goes.
func (c *Bridge) validate(f *check.Fields) spread {
	var s spread
	s.add(decimal.Zero)
	f.Required("from.name", c.From.Name, maxText)
	f.Required("to", c.To, maxText)
	f.Some("steps", len(c.Steps))
	f.Check(len(c.Steps) <= maxSteps, "steps", check.TooMany, fmt.Sprintf("at most %d", maxSteps))
	sum, ok := c.From.Value, drawable(f, "from.value", c.From.Value)
	if ok {
		s.add(sum)
	}
	for i, step := range c.Steps {
		at := fmt.Sprintf("steps[%d].", i)
		f.Required(at+"name", step.Name, maxText)
		if ok = drawable(f, at+"value", step.Value) && ok; ok {
			sum = sum.Add(step.Value)
			if ok = drawable(f, at+"value", sum); ok {
				s.add(sum)
			}
		}
	}
	return s
}

// rung draws one bar of a bridge, its figure, and the line to the next.
func (p *plot) rung(i int, names []string, from, to decimal.Decimal, color, said, short string) {
	n := len(names)
	x := p.slot(i, n)
	room := p.slot(i+1, n) - x
	p.block(x+room/8, room*6/8, from, to, color, names[i]+": "+said)
	top := min(p.y(from), p.y(to))
	p.v.text(x+room/2, top-50, fit(short, room), `text-anchor="middle" font-size="10"`)
	if i < n-1 {
		y := p.y(to)
		p.v.line(x+room*7/8, y, x+room+room/8, y, `stroke="`+rim+`" stroke-dasharray="2 2"`)
	}
}

// describe lists the figures of a bridge.
func (c *Bridge) describe(frame *Frame, sum decimal.Decimal) string {
	parts := make([]string, len(c.Steps))
	for i, s := range c.Steps {
		parts[i] = s.Name + " " + figure{s.Value, true}.say(frame, exact)
	}
	return fmt.Sprintf("From %s %s to %s %s: %s.", c.From.Name, frame.number(c.From.Value), c.To, frame.number(sum), strings.Join(parts, ", "))
}
