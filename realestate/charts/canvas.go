package charts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// px is a length or a place on the picture in tenths of a pixel.
type px = int64

// The measures of a chart.
const (
	margin    px = 160
	titleLine px = 280
	legendRow px = 200
	textSize  px = 110
	letter    px = 64 // about the width of one
)

// colors stay apart in the common forms of color blindness.
var colors = []string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7f7f7f", "#5e4fa2", "#8c564b", "#bcbd22", "#1b4965", "#a63603"}

// dashes tell lines apart without color.
var dashes = []string{"", "6 3", "2 3", "8 3 2 3", "12 4", "4 2", "1 2", "10 2 2 2", "14 3", "3 5", "6 2 1 2", "9 5"}

const (
	ink  = "#222222"
	grid = "#dddddd"
	rim  = "#444444"
	up   = "#009e73"
	down = "#d55e00"
)

// canvas writes the elements of a chart.
type canvas struct {
	b    strings.Builder
	w, h px
}

// newCanvas is a picture with its title.
func newCanvas(c *Frame) *canvas {
	v := &canvas{w: px(c.Width) * 10, h: px(c.Height) * 10}
	v.rect(0, 0, v.w, v.h, `fill="#ffffff"`, "")
	v.text(margin, titleLine, fit(c.Title, (v.w-2*margin)*3/4), `font-size="15" font-weight="bold"`)
	return v
}

// finish is the whole document.
func (v *canvas) finish(c *Frame, description string) string {
	if c.Description != "" {
		description = c.Description
	}
	body := v.b.String()
	sum := sha256.Sum256([]byte(c.Title + "\x00" + description + "\x00" + body))
	name := "chart-" + hex.EncodeToString(sum[:6]) // of its own on a page with several
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img"`+
		` aria-label="%[5]s" aria-describedby="%[3]s-desc" font-family="sans-serif" font-size="11" fill="%[4]s">`+"\n"+
		`<title>%[5]s</title>`+"\n"+`<desc id="%[3]s-desc">%[6]s</desc>`+"\n%[7]s</svg>\n",
		c.Width, c.Height, name, ink, escape(c.Title), escape(description), body)
}

// escape is a text as XML has it; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}

// at is a place as SVG has it.
func at(n px) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	if n%10 == 0 {
		return sign + strconv.FormatInt(n/10, 10)
	}
	return fmt.Sprintf("%s%d.%d", sign, n/10, n%10)
}

// fit shortens a text to a width.
func fit(s string, room px) string {
	if width(s) <= room {
		return s
	}
	used, end := letter, 0 // the dots
	for i, r := range s {
		if used += wide(r); used > room {
			break
		}
		end = i + len(string(r))
	}
	return s[:end] + "…"
}

// wide is about how wide a letter is.
func wide(r rune) px {
	if r >= 0x1100 {
		return 2 * letter
	}
	return letter
}

// width is about how wide a text is.
func width(s string) (n px) {
	for _, r := range s {
		n += wide(r)
	}
	return n
}

func (v *canvas) text(x, y px, s, attributes string) {
	if s == "" {
		return
	}
	fmt.Fprintf(&v.b, `<text x="%s" y="%s"`, at(x), at(y))
	if attributes != "" {
		v.b.WriteString(" " + attributes)
	}
	fmt.Fprintf(&v.b, ">%s</text>\n", escape(s))
}

// rect draws a rectangle whose title is said, if any.
func (v *canvas) rect(x, y, w, h px, attributes, said string) {
	v.mark(fmt.Sprintf(`rect x="%s" y="%s" width="%s" height="%s" %s`, at(x), at(y), at(w), at(h), attributes), said)
}

func (v *canvas) circle(x, y, r px, attributes, said string) {
	v.mark(fmt.Sprintf(`circle cx="%s" cy="%s" r="%s" %s`, at(x), at(y), at(r), attributes), said)
}

func (v *canvas) line(x1, y1, x2, y2 px, attributes string) {
	v.mark(fmt.Sprintf(`line x1="%s" y1="%s" x2="%s" y2="%s" %s`, at(x1), at(y1), at(x2), at(y2), attributes), "")
}

func (v *canvas) mark(element, said string) {
	if said == "" {
		fmt.Fprintf(&v.b, "<%s/>\n", element)
		return
	}
	name, _, _ := strings.Cut(element, " ")
	fmt.Fprintf(&v.b, "<%s><title>%s</title></%s>\n", element, escape(said), name)
}

// legend names the series, in as many rows as it takes, and tells where it ends.
func (v *canvas) legend(names []string, swatch func(i int, x, y px)) px {
	y := titleLine + 60
	if len(names) < 2 {
		return y
	}
	x := margin
	for i, name := range names {
		name = fit(name, 1800)
		if need := 180 + width(name); x > margin && x+need > v.w-margin {
			x, y = margin, y+legendRow
		}
		swatch(i, x, y+40)
		v.text(x+180, y+130, name, "")
		x += 180 + width(name) + 160
	}
	return y + legendRow + 20
}

// boxes are the swatches of areas.
func (v *canvas) boxes(i int, x, y px) { v.rect(x, y, 120, 100, area(colors[i]), "") }

func area(color string) string {
	return `fill="` + color + `" stroke="` + rim + `" stroke-width="0.5"`
}
