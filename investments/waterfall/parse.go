package waterfall

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// maxTermsBytes bounds what ParseTerms reads; real terms are a few kilobytes.
const maxTermsBytes = 1 << 20

// ParseTerms reads terms from JSON and validates them. It is strict: unknown
// fields, also one in other letters, a field given twice, what is no value of its field
// and anything behind the value are [ErrTermsMalformed], with the field where they are;
// bad values are [fault.Errors], all of them at once.
func ParseTerms(b []byte) (*Terms, error) {
	if len(b) > maxTermsBytes {
		return nil, ErrTermsMalformed.With("more than %d bytes", maxTermsBytes)
	}
	if err := checkKeys(b); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var t Terms
	if err := dec.Decode(&t); err != nil {
		var f fault.Fields
		misread(&f, reflect.TypeFor[Terms](), b, "")
		return nil, cmp.Or(f.Err(), malformed(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrTermsMalformed.With("more than one value")
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return &t, nil
}

// malformed keeps the position of a JSON error.
func malformed(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return ErrTermsMalformed.With("at byte %d", syntax.Offset).Because(err)
	}
	return ErrTermsMalformed.Because(err)
}

func unknownField(name string) *fault.Error {
	return ErrTermsMalformed.With("there is no field %.40q", name)
}

// ofNames are the fields whose keys are names of the host's, in letters as they like.
var ofNames = map[string]bool{"prefs": true, "percentages": true}

// level is an object or a list that checkKeys is in.
type level struct {
	keys  map[string]bool // nil in lists
	isKey bool
	names bool   // the keys are the host's
	last  string // the key before
	at    int    // the place in a list
}

// pathTo is where the innermost level of several is.
func pathTo(stack []level) string {
	path := ""
	for i := range len(stack) - 1 {
		switch l := &stack[i]; {
		case l.keys == nil:
			path += fmt.Sprintf("[%d]", l.at)
		case l.names:
			path += fmt.Sprintf("[%q]", l.last)
		default:
			path = below(path, l.last)
		}
	}
	return path
}

// checkKeys refuses an object that has a key twice, where encoding/json would keep the
// last one silently, and a field in capitals, which it would take for the one in small
// letters.
func checkKeys(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var stack []level
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return malformed(err)
		}
		if len(stack) > 0 {
			top := &stack[len(stack)-1]
			if key, ok := tok.(string); ok && top.keys != nil && top.isKey {
				if err := top.key(key); err != nil {
					return err.On(below(pathTo(stack), key))
				}
				continue
			}
			top.isKey = true
		}
		switch tok {
		case json.Delim('{'):
			l := level{keys: map[string]bool{}, isKey: true}
			if n := len(stack); n > 0 {
				l.names = !stack[n-1].names && ofNames[stack[n-1].last]
			}
			stack = append(stack, l)
		case json.Delim('['):
			stack = append(stack, level{})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		}
		if n := len(stack); n > 0 && tok != json.Delim('{') {
			stack[n-1].isKey = true
			stack[n-1].at++
		}
	}
}

// key takes the next key of an object.
func (l *level) key(key string) *fault.Error {
	if l.keys[key] {
		return ErrTermsMalformed.With("the field %.40q is given twice", key)
	}
	if !l.names && key != strings.ToLower(key) {
		return unknownField(key)
	}
	l.keys[key], l.isKey, l.last = true, false, key
	return nil
}
