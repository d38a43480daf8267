package paper

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Size is the size of a paper.
type Size string

// The sizes.
const (
	Letter Size = "Letter"
	A4     Size = "A4"
)

// Valid reports whether s is one of the sizes.
func (s Size) Valid() bool { return s == Letter || s == A4 }

// Color is red, green and blue.
type Color [3]uint8

// Theme is how papers look. The zero value is ready for use.
type Theme struct {
	Size     Size    // the default is Letter
	Margin   float64 // on all sides, in millimeters, 10 to 60; the default is 22
	FontSize float64 // of text, in points, 6 to 24; the default is 10.5
	Accent   Color   // of headings and lines; the default is black
	// Regular, Bold and Italic are TrueType fonts, as their files are. All of them are
	// given, or none for the Go fonts.
	Regular, Bold, Italic []byte
	Header                string // on top of each page; "" is none
	Footer                string // at its foot, before the number of the page
	Logo                  []byte // a PNG or JPEG on top of the first page; nil is none
}

func (t Theme) withDefaults() Theme {
	if t.Size == "" {
		t.Size = Letter
	}
	if t.Margin == 0 {
		t.Margin = 22
	}
	if t.FontSize == 0 {
		t.FontSize = 10.5
	}
	if t.Regular == nil && t.Bold == nil && t.Italic == nil {
		t.Regular, t.Bold, t.Italic = goregular.TTF, gobold.TTF, goitalic.TTF
	}
	return t
}

func (t Theme) check(fonts *fonts) error {
	var f fault.Fields
	f.Check(t.Size.Valid(), "theme.size", fault.CodeInvalid, "Letter or A4")
	f.Check(t.Margin >= 10 && t.Margin <= 60, "theme.margin", fault.CodeOutOfRange, "10 to 60 millimeters")
	f.Check(t.FontSize >= 6 && t.FontSize <= 24, "theme.font_size", fault.CodeOutOfRange, "6 to 24 points")
	fonts.checkText(&f, "theme.header", t.Header, regular)
	fonts.checkText(&f, "theme.footer", t.Footer, regular)
	if t.Logo != nil {
		_, err := readPicture(t.Logo)
		f.Check(err == nil, "theme.logo", ErrImage.Code, ErrImage.Msg)
	}
	return f.Err()
}

// The styles of a font.
const (
	regular = iota
	bold
	italic
)

// family is what the fonts of a theme are called inside of a file.
const family = "theme"

type face struct {
	data []byte
	font *sfnt.Font
}

// fonts are those of a theme, which know their letters.
type fonts struct {
	faces  [3]face
	buffer sfnt.Buffer
	known  [3]map[rune]bool
}

func (t Theme) fonts() (*fonts, error) {
	out := &fonts{}
	for style, data := range [...][]byte{regular: t.Regular, bold: t.Bold, italic: t.Italic} {
		// The library below reads TrueType outlines only, and says so on the standard output.
		if !bytes.HasPrefix(data, []byte{0, 1, 0, 0}) && !bytes.HasPrefix(data, []byte("true")) {
			return nil, ErrFont
		}
		font, err := sfnt.Parse(data)
		if err != nil {
			return nil, ErrFont.Because(err)
		}
		out.faces[style], out.known[style] = face{data, font}, map[rune]bool{}
	}
	return out, nil
}

// checkText refuses what a font cannot print as it is meant: letters that it does not
// have, letters beyond the basic plane, scripts that need shaping, and control characters.
func (x *fonts) checkText(f *fault.Fields, field, text string, style int) {
	if !utf8.ValidString(text) {
		f.Check(false, field, fault.CodeMalformed, "UTF-8")
		return
	}
	for _, r := range text {
		if r == '\n' || r == '\r' || r == '\t' || x.has(r, style) {
			continue
		}
		f.Check(false, field, fault.CodeMalformed, fmt.Sprintf("the font has no letter %U, or it cannot be set", r))
		return
	}
}

// Escaper makes a function that writes each letter of a text which the fonts of the theme
// cannot set by its number, such as "[U+6F22]", and leaves the others: for names on papers
// that are made whatever somebody is called. It returns [ErrFont].
func (t Theme) Escaper() (func(text string) string, error) {
	fonts, err := t.withDefaults().fonts()
	if err != nil {
		return nil, err
	}
	return func(text string) string {
		var b strings.Builder
		for _, r := range text {
			switch {
			case r == '\n' || r == '\r' || r == '\t':
				b.WriteRune(r)
			case fonts.has(r, regular) && fonts.has(r, bold) && fonts.has(r, italic):
				b.WriteRune(r)
			default:
				fmt.Fprintf(&b, "[%U]", r)
			}
		}
		return b.String()
	}, nil
}

func (x *fonts) has(r rune, style int) bool {
	if known, ok := x.known[style][r]; ok {
		return known
	}
	ok := r <= 0xffff && !unicode.IsControl(r) && !unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Devanagari, unicode.Bengali, unicode.Tamil, unicode.Thai, unicode.Khmer)
	if ok {
		glyph, err := x.faces[style].font.GlyphIndex(&x.buffer, r)
		ok = err == nil && glyph != 0
	}
	x.known[style][r] = ok
	return ok
}
