package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
)

// tokenBytes is the entropy of an opaque token: 256 bits.
const tokenBytes = 32

// newToken draws an opaque token, as its holder keeps it.
func newToken() Secret {
	b := make([]byte, tokenBytes)
	_, _ = rand.Read(b) // never fails: it ends the program before
	return NewSecret(base64.RawURLEncoding.EncodeToString(b))
}

// hashToken is how a token is stored. A token has 256 random bits, so that a plain
// hash is enough: nobody tries them all.
func hashToken(token Secret) Secret {
	sum := sha256.Sum256([]byte(token.Reveal()))
	return NewSecret(hex.EncodeToString(sum[:]))
}

// plausible reports whether a text could be a token of ours, before the database is
// asked.
func plausible(token Secret) bool {
	n := len(token.Reveal())
	return n >= 40 && n <= 80
}

// derive makes a token out of another and a salt: whoever holds only one of them
// cannot.
func deriveToken(from Secret, salt []byte, label string) Secret {
	h := hmac.New(sha256.New, []byte(from.Reveal()))
	h.Write(salt)
	h.Write([]byte(label))
	return NewSecret(base64.RawURLEncoding.EncodeToString(h.Sum(nil)))
}

// digits draws a code of n decimal digits.
func digits(n int) Secret {
	most := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, _ := rand.Int(rand.Reader, most) // fails only as rand.Read does
	text := v.String()
	for len(text) < n {
		text = "0" + text
	}
	return NewSecret(text)
}
