package auth

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrEmail: the text is no e-mail address.
var ErrEmail = fault.New(fault.Invalid, "email_malformed", "an address such as ada@example.com of at most 254 bytes, without invisible characters").On("email")

// The lengths of RFC 5321, in bytes.
const (
	maxEmail     = 254
	maxEmailName = 64
)

// NormalizeEmail brings an address to the one spelling in which it is stored and
// compared: without white space around it, by Unicode's NFKC (a full-width letter
// is the letter), in lower case, the domain in the ASCII form of IDNA. An address
// with control, zero-width or other invisible characters is refused, as is one
// with a display name, with quotes or with spaces. Whether mail arrives there is
// for a verification to find out. It returns [ErrEmail].
func NormalizeEmail(s string) (string, error) {
	if len(s) > 4*maxEmail || !utf8.ValidString(s) {
		return "", ErrEmail
	}
	s = strings.TrimFunc(s, unicode.IsSpace)
	if strings.ContainsFunc(s, refusedInEmail) {
		return "", ErrEmail
	}
	s = norm.NFKC.String(strings.ToLower(norm.NFKC.String(s)))
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > maxEmailName {
		return "", ErrEmail
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || domain == "" || strings.HasSuffix(domain, ".") {
		return "", ErrEmail
	}
	s = s[:at+1] + domain
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxEmail || strings.ContainsFunc(s, refusedInEmail) {
		return "", ErrEmail
	}
	return s, nil
}

func refusedInEmail(r rune) bool { return text.Invisible(r) || unicode.IsSpace(r) }

// validPhone reports whether s is a phone number as people write one.
func validPhone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" -().", r):
		default:
			return false
		}
	}
	return digits >= 3 && digits <= 15 && len(s) <= 20
}
