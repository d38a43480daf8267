package waterfall

import (
	"fmt"
	"html"
	"strings"

	"github.com/freehold-go/freehold/realestate/money"
)

// The chart's measures, in pixels, and its colors, which stay apart in the
// common forms of color blindness.
const (
	svgWidth  = 860
	svgLabel  = 210
	svgRow    = 38
	svgTop    = 84
	svgBarEnd = 700
)

var svgParts = []struct{ name, color string }{
	{"investors", "#0072b2"}, {"investors spared of promote", "#56b4e9"}, {"promote", "#e69f00"},
	{"fees", "#999999"}, {"reserve", "#cccccc"}, {"undistributed", "#eeeeee"},
}

// SVG draws the distribution: one bar a step, as long as its part of the cash
// and divided into who gets it. It is a whole document without outside
// references, and every piece names its amount for readers of titles.
func (t *Trace) SVG() string {
	var b strings.Builder
	rows := len(t.Steps) + 1
	height := svgTop + rows*svgRow + 20
	title := t.title()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="sans-serif" font-size="13">`+"\n",
		svgWidth, height, svgWidth, height, html.EscapeString(title))
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", svgWidth, height)
	fmt.Fprintf(&b, `<text x="16" y="28" font-size="16" font-weight="bold">%s</text>`+"\n", html.EscapeString(title))
	x := 16
	for _, p := range svgParts {
		fmt.Fprintf(&b, `<rect x="%d" y="44" width="12" height="12" fill="%s" stroke="#444444" stroke-width="0.5"/><text x="%d" y="55">%s</text>`+"\n",
			x, p.color, x+17, p.name)
		x += 40 + 7*len(p.name)
	}
	all := max(1, t.Cash.Cents()+t.Released.Cents())
	for i := range t.Steps {
		s := &t.Steps[i]
		svgBar(&b, svgTop+i*svgRow, s.label(), all, []money.Amount{s.Investors, s.Spared, s.Promote, s.Fee, s.Held, {}})
	}
	svgBar(&b, svgTop+len(t.Steps)*svgRow, "undistributed", all, []money.Amount{{}, {}, {}, {}, {}, t.Undistributed})
	b.WriteString("</svg>\n")
	return b.String()
}

// svgBar draws one row; parts stand for svgParts.
func svgBar(b *strings.Builder, y int, label string, all int64, parts []money.Amount) {
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", svgLabel-10, y+18, html.EscapeString(shorten(label, 28)))
	var sum int64
	for i, p := range parts {
		if p.IsZero() {
			continue
		}
		from, to := svgX(sum, all), svgX(sum+p.Cents(), all)
		sum += p.Cents()
		fmt.Fprintf(b, `<rect x="%s" y="%d" width="%s" height="24" fill="%s" stroke="#444444" stroke-width="0.5"><title>%s: %s %s</title></rect>`+"\n",
			tenths(from), y, tenths(to-from), svgParts[i].color, html.EscapeString(label), svgParts[i].name, p.Format())
	}
	fmt.Fprintf(b, `<text x="%s" y="%d">%s</text>`+"\n", tenths(svgX(sum, all)+60), y+18, cents(sum).Format())
}

// svgX is the position of an amount on the bars, in tenths of a pixel.
func svgX(x, all int64) int64 { return svgLabel*10 + mulDiv(x, (svgBarEnd-svgLabel)*10, all) }

func tenths(n int64) string { return fmt.Sprintf("%d.%d", n/10, n%10) }

// shorten cuts a label that is too long for its column.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
