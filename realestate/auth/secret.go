package auth

import (
	"crypto/subtle"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/freehold-go/freehold/realestate/fault"
)

// redacted stands wherever a Secret would be printed.
const redacted = "[redacted]"

// ErrSecret: a column that is no text was read as a secret.
var ErrSecret = fault.New(fault.Invalid, "secret_malformed", "a secret is text")

// Secret is text that must not be seen: a password's hash, a token's hash, or
// the ciphertext of a field that is encrypted at rest. It is stored as it is,
// but fmt, log/slog and encoding/json only ever write "[redacted]", also for a
// struct that holds one. The zero value is the empty text; compare with
// [Secret.Equal], since == compares identities.
type Secret struct {
	// fmt prints the fields of a struct without asking their methods when they
	// are unexported, and after a wrong verb. Of a pointer it prints an address.
	text *string
}

// NewSecret makes a Secret of text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text itself. Call it where the text is compared, hashed or
// decrypted, and nowhere else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Equal compares the texts in time that does not depend on them.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// IsZero reports whether the text is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Ptr returns a pointer to a copy, for nullable columns.
func (s Secret) Ptr() *Secret { return &s }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue is "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON writes "[redacted]".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// UnmarshalJSON reads the text itself.
func (s *Secret) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return ErrSecret // the cause would quote the text
	}
	*s = NewSecret(text)
	return nil
}

// Value writes the text itself.
func (s Secret) Value() (driver.Value, error) { return s.Reveal(), nil }

// Scan reads a text column. NULL is [ErrSecret]; scan into *Secret where a
// column may be null.
func (s *Secret) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*s = NewSecret(v)
	case []byte:
		*s = NewSecret(string(v))
	default:
		return ErrSecret.With("cannot scan %s", fmt.Sprintf("%T", src))
	}
	return nil
}
