// Package text says what a free text of a person may be: valid UTF-8, of a bounded
// length, and without characters that nobody sees.
package text

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Invisible reports whether a character shows nothing: controls, zero-width and
// directional ones, fillers and variation selectors. Two texts that differ by such
// a character only look the same.
func Invisible(r rune) bool {
	return unicode.Is(unicode.C, r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector,
		unicode.Zl, unicode.Zp)
}

// joiners are invisible and still part of how some scripts and emoji are written.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' || r == '\ufe0f' }

// Line checks a text of one line, such as a name, of at most most characters; nil
// is fine.
func Line[T ~string](f *fault.Fields, field string, s *T, most int) {
	check(f, field, s, most, func(r rune) bool { return Invisible(r) && !joiner(r) })
}

// Block is Line for a text of several lines.
func Block[T ~string](f *fault.Fields, field string, s *T, most int) {
	check(f, field, s, most, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' })
}

// Lines checks a list of at most entries lines.
func Lines(f *fault.Fields, field string, list []string, entries, most int) {
	if len(list) > entries {
		f.Add(field, fault.CodeTooMany, fmt.Sprintf("at most %d entries", entries))
		return
	}
	for i := range list {
		Line(f, fmt.Sprintf("%s[%d]", field, i), &list[i], most)
	}
}

func check[T ~string](f *fault.Fields, field string, s *T, most int, refused func(rune) bool) {
	if s == nil {
		return
	}
	if len(*s) > 4*most || utf8.RuneCountInString(string(*s)) > most {
		f.Add(field, fault.CodeTooLong, fmt.Sprintf("at most %d characters", most))
		return
	}
	if !utf8.ValidString(string(*s)) {
		f.Add(field, fault.CodeMalformed, "the text is not valid UTF-8")
		return
	}
	for _, r := range string(*s) {
		if refused(r) {
			f.Add(field, fault.CodeInvisible, "a control or invisible character is in it")
			return
		}
	}
}
