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
func Wrap(w io.Writer, text string) error {
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > wrapWidth:
			b.WriteString("\n  ")
			width = 2
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
