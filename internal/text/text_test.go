package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
)

func codes(check func(*fault.Fields)) (out []string) {
	var f fault.Fields
	check(&f)
	for _, e := range fault.FieldErrors(f.Err()) {
		out = append(out, e.Field+" "+e.Code)
	}
	return out
}

func TestLine(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                        "",
		"Ada Lovelace":            "",
		"Zoë Łukasz 李小龍":          "",
		"👩‍💻":                     "", // held together by a joiner
		"a\x00b":                  "text_invisible_character",
		"a\nb":                    "text_invisible_character",
		"a\u200bb":                "text_invisible_character",
		"a\u202eb":                "text_invisible_character",
		"a\u2028b":                "text_invisible_character",
		"a\u3164b":                "text_invisible_character",
		"a\u00adb":                "text_invisible_character",
		"a\xffb":                  "text_malformed",
		strings.Repeat("é", 20):   "",
		strings.Repeat("é", 21):   "text_too_long",
		strings.Repeat("x", 1e6):  "text_too_long",
		strings.Repeat("\xff", 9): "text_malformed",
	} {
		got := codes(func(f *fault.Fields) { text.Line(f, "name", &s, 20) })
		if want == "" {
			require.Empty(t, got, "%q", s)
		} else {
			require.Equal(t, []string{"name " + want}, got, "%q", s)
		}
	}
	require.Empty(t, codes(func(f *fault.Fields) { text.Line[string](f, "name", nil, 1) }))
}

func TestBlock(t *testing.T) {
	t.Parallel()
	s, bad := "two\r\nlines\tand \u200f more", "a\x1bb"
	require.Empty(t, codes(func(f *fault.Fields) { text.Block(f, "bio", &s, 100) }))
	require.Len(t, codes(func(f *fault.Fields) { text.Block(f, "bio", &bad, 100) }), 1)
}

func TestLines(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"tags[1] text_too_long"}, codes(func(f *fault.Fields) { text.Lines(f, "tags", []string{"a", "toolong"}, 3, 3) }))
	require.Equal(t, []string{"tags too_many_entries"}, codes(func(f *fault.Fields) { text.Lines(f, "tags", make([]string, 4), 3, 3) }))
}
