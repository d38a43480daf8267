package auth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/auth"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ada@example.com":                   "ada@example.com",
		"  Ada@EXAMPLE.com\n":               "ada@example.com",
		"ＡＤＡ@ｅｘａｍｐｌｅ.ｃｏｍ":                   "ada@example.com", // full width
		"ada@bücher.example":                "ada@xn--bcher-kva.example",
		"ada@BÜCHER.example":                "ada@xn--bcher-kva.example",
		"ada@bu\u0308cher.example":          "ada@xn--bcher-kva.example", // u and a combining mark
		"ada@XN--BCHER-KVA.example":         "ada@xn--bcher-kva.example",
		"jos\u00e9@example.com":             "jos\u00e9@example.com",
		"jose\u0301@example.com":            "jos\u00e9@example.com",
		"ada@example。com":                   "ada@example.com", // an ideographic full stop
		"o'brien+tag@sub.example.co.uk":     "o'brien+tag@sub.example.co.uk",
		strings.Repeat("a", 64) + "@b.com":  strings.Repeat("a", 64) + "@b.com",
		"":                                  "",
		"ada":                               "",
		"@example.com":                      "",
		"ada@":                              "",
		"a@b@c.com":                         "",
		"Ada <ada@example.com>":             "",
		"ada@example.com,bob@example.com":   "",
		"a da@example.com":                  "",
		`"a da"@example.com`:                "",
		"ada\u200b@example.com":             "",
		"a\u200dda@example.com":             "",
		"ada@exam\u00adple.com":             "",
		"\u202eada@example.com":             "",
		"ada@example.com\u2060":             "",
		"\ufeffada@example.com":             "",
		"a\u3164da@example.com":             "",
		"ada\x00@example.com":               "",
		"ada@example.com\r\nBcc: b@c.com":   "",
		"ada@exa\xffmple.com":               "",
		"ada@-example.com":                  "",
		"ada@exam_ple!.com":                 "",
		"ada@example.com.":                  "",
		strings.Repeat("a", 65) + "@b.com":  "",
		strings.Repeat("x", 250) + "@b.com": "",
		strings.Repeat("x", 1<<20):          "",
	} {
		got, err := auth.NormalizeEmail(in)
		if want == "" {
			require.ErrorIs(t, err, auth.ErrEmail, "%q gave %q", in, got)
			continue
		}
		require.NoError(t, err, "%q", in)
		require.Equal(t, want, got)
	}
}

// What normalizing returns it returns again, and it holds no upper case of ASCII,
// white space or invisible character.
func FuzzNormalizeEmail(f *testing.F) {
	for _, s := range []string{"Ada@Example.com", "ada@bücher.example", "ı@example.com", "ẞ@example.com", "ﬀ@x.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := auth.NormalizeEmail(s)
		if err != nil {
			return
		}
		twice, err := auth.NormalizeEmail(once)
		require.NoError(t, err)
		require.Equal(t, once, twice)
		require.False(t, strings.ContainsAny(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ \t\r\n\x00\u200b"))
	})
}
