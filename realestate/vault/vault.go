package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrKeys: the keys cannot be used.
	ErrKeys = fault.New(fault.Invalid, "vault_keys", "the keys cannot be used").On("keys")
	// ErrSealed: the text is not a value that a vault has sealed.
	ErrSealed = fault.New(fault.Invalid, "sealed_malformed", "the text is not a sealed value")
	// ErrUnknownKey: the vault does not hold the key of the value.
	ErrUnknownKey = fault.New(fault.Invalid, "sealed_key_unknown", "the key of the value is not held")
	// ErrForged: the value was changed, or belongs to another place or owner.
	ErrForged = fault.New(fault.Invalid, "sealed_forged", "the value was changed or belongs to another place")
	// ErrNoVault: there is no vault, so nothing can be sealed or opened.
	ErrNoVault = fault.New(fault.Illegal, "no_vault", "no keys for encryption are configured")
)

// KeySize is the number of bytes of a key.
const KeySize = 32

// IndexSize is the number of bytes of a blind index.
const IndexSize = sha256.Size

// leastDistinct is how many different bytes a key has at least. Of 2^256 random
// keys fewer than one in 10^30 has less; what a person types or a program leaves
// empty has.
const leastDistinct = 8

// maxKeyID bounds the name of a key in a value.
const maxKeyID = 32

// prefix tells the format of a value.
const prefix = "fv1."

// Key is a secret with a name. Secret is KeySize random bytes. The name is
// stored with each value: 1 to 32 letters, digits, "-" and "_".
type Key struct {
	ID     string `json:"id"`
	Secret []byte `json:"-"`
}

// String names the key without its secret.
func (k Key) String() string { return "key " + k.ID }

// Format writes the key's name for every verb, never its secret.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// Place is where a value is stored and whose it is: the schema-qualified table,
// the column, the id of the row and the id of the person or company that the row
// belongs to. A value that was moved to another row does not open, nor does one
// whose row was given to another owner.
type Place struct{ Table, Column, Row, Owner string }

// Vault seals and opens. It is immutable and safe for concurrent use.
type Vault struct{ keys []key }

type key struct {
	id    string
	aead  cipher.AEAD
	index []byte // the key of the blind index
}

// New makes a vault that seals with the first key and opens with all of them.
// From each secret one key for encryption and one for the index are derived, so
// that the two uses cannot weaken each other. It returns [ErrKeys].
func New(keys ...Key) (*Vault, error) {
	if len(keys) == 0 {
		return nil, ErrKeys.With("there is none")
	}
	v := &Vault{keys: make([]key, len(keys))}
	for i, k := range keys {
		if !validKeyID(k.ID) {
			return nil, ErrKeys.With("the name of key %d is not letters, digits, - and _", i)
		}
		if len(k.Secret) != KeySize {
			return nil, ErrKeys.With("%s has %d bytes, not %d", k, len(k.Secret), KeySize)
		}
		if v.find(k.ID) != nil {
			return nil, ErrKeys.With("%s is there twice", k)
		}
		if weak(k.Secret) {
			return nil, ErrKeys.With("%s is not random", k)
		}
		for _, other := range keys[:i] {
			if subtle.ConstantTimeCompare(other.Secret, k.Secret) == 1 {
				return nil, ErrKeys.With("%s and %s are the same secret", other, k)
			}
		}
		made, err := derive(k)
		if err != nil {
			return nil, ErrKeys.Because(err)
		}
		v.keys[i] = made
	}
	return v, nil
}

// weak reports whether a secret cannot have come out of a source of random bytes:
// zeros, a short text repeated, bytes that count up.
func weak(secret []byte) bool {
	var seen [256]bool
	distinct, steady := 0, true
	for i, b := range secret {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		steady = steady && (i < 2 || b-secret[i-1] == secret[1]-secret[0])
	}
	for period := 1; period <= len(secret)/2; period++ {
		if bytes.Equal(secret[period:], secret[:len(secret)-period]) {
			return true
		}
	}
	return distinct < leastDistinct || steady
}

func derive(k Key) (key, error) {
	encryption, err := hkdf.Key(sha256.New, k.Secret, nil, "freehold vault encryption", KeySize)
	if err != nil {
		return key{}, err
	}
	index, err := hkdf.Key(sha256.New, k.Secret, nil, "freehold vault index", KeySize)
	if err != nil {
		return key{}, err
	}
	block, err := aes.NewCipher(encryption)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCM(block)
	return key{k.ID, aead, index}, err
}

func validKeyID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= maxKeyID
}

func (v *Vault) find(name string) *key {
	for i := range v.keys {
		if v.keys[i].id == name {
			return &v.keys[i]
		}
	}
	return nil
}

// Seal encrypts text for its place. Sealing the same text twice gives two
// values. A nil vault returns [ErrNoVault].
func (v *Vault) Seal(at Place, text string) (string, error) {
	if v == nil {
		return "", ErrNoVault
	}
	k := &v.keys[0]
	box := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(text)+k.aead.Overhead())
	if _, err := rand.Read(box); err != nil {
		return "", err
	}
	box = k.aead.Seal(box, box, []byte(text), at.bytes())
	return prefix + k.id + "." + base64.RawURLEncoding.EncodeToString(box), nil
}

// Open decrypts a value that was sealed for the place. It returns [ErrSealed],
// [ErrUnknownKey], [ErrForged] or, of a nil vault, [ErrNoVault].
func (v *Vault) Open(at Place, value string) (string, error) {
	if v == nil {
		return "", ErrNoVault
	}
	name, box, err := parse(value)
	if err != nil {
		return "", err
	}
	k := v.find(name)
	if k == nil {
		return "", ErrUnknownKey.With("key %s", name)
	}
	if len(box) < k.aead.NonceSize()+k.aead.Overhead() {
		return "", ErrSealed
	}
	text, err := k.aead.Open(nil, box[:k.aead.NonceSize()], box[k.aead.NonceSize():], at.bytes())
	if err != nil {
		return "", ErrForged
	}
	return string(text), nil
}

// parse takes a value apart, without judging the key.
func parse(value string) (keyID string, box []byte, err error) {
	rest, ok := strings.CutPrefix(value, prefix)
	if !ok {
		return "", nil, ErrSealed
	}
	keyID, text, ok := strings.Cut(rest, ".")
	if !ok || !validKeyID(keyID) {
		return "", nil, ErrSealed
	}
	// Strict refuses a second spelling of the same bytes.
	if strings.ContainsAny(text, "\r\n") {
		return "", nil, ErrSealed
	}
	if box, err = base64.RawURLEncoding.Strict().DecodeString(text); err != nil {
		return "", nil, ErrSealed
	}
	return keyID, box, nil
}

// KeyID is the name of the key that sealed a value. It returns [ErrSealed].
func KeyID(value string) (string, error) {
	name, _, err := parse(value)
	return name, err
}

// Current is the name of the key that seals.
func (v *Vault) Current() string { return v.keys[0].id }

// Stale reports whether a value should be sealed anew: it is sealed by another
// key than the first. It returns [ErrSealed].
func (v *Vault) Stale(value string) (bool, error) {
	name, err := KeyID(value)
	return err == nil && name != v.keys[0].id, err
}

// Index is the blind index of text in a column, by the first key: the same for
// every row. Bring text to one spelling first.
func (v *Vault) Index(table, column, text string) []byte {
	return v.keys[0].blind(table, column, text)
}

// Indexes is the blind index of text by each key, the first key's first: what a
// lookup compares with while keys are being rotated.
func (v *Vault) Indexes(table, column, text string) [][]byte {
	out := make([][]byte, len(v.keys))
	for i := range v.keys {
		out[i] = v.keys[i].blind(table, column, text)
	}
	return out
}

func (k *key) blind(table, column, text string) []byte {
	h := hmac.New(sha256.New, k.index)
	h.Write(Place{Table: table, Column: column, Row: text}.bytes())
	return h.Sum(nil)
}

// bytes spells a place so that no two places are spelt alike.
func (p Place) bytes() []byte {
	var b []byte
	for _, s := range []string{p.Table, p.Column, p.Row, p.Owner} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// String shows a place for error messages and logs.
func (p Place) String() string { return p.Table + "." + p.Column + " of " + strconv.Quote(p.Row) }
