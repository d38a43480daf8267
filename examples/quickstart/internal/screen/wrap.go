package screen

import (
	"io"
	"strings"
	"unicode/utf8"
)

// wrapWidth fits a terminal beside the indent of tables.
const wrapWidth = 110

// Wrap writes a paragraph on lines of bounded length. Lines after the first are
// indented by two spaces, as the text of a list's point is.
func Wrap(w io.Writer, text string) error { return wrap(w, text, 0, 2) }

// Indented writes a paragraph below what is said about a step.
func Indented(w io.Writer, text string) error {
	return wrap(w, text, nameWidth+3, nameWidth+5)
}

// wrap indents the first line and those after it.
func wrap(w io.Writer, text string, first, later int) error {
	var b strings.Builder
	width := first
	b.WriteString(strings.Repeat(" ", first))
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > wrapWidth:
			b.WriteString("\n" + strings.Repeat(" ", later))
			width = later
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	_, err := io.WriteString(w, b.String()+"\n")
	return err
}
