package waterfall

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// maxTermsBytes bounds what ParseTerms reads; real terms are a few kilobytes.
const maxTermsBytes = 1 << 20

// ParseTerms reads terms from JSON and validates them. It is strict: unknown
// fields, also one in other letters, a field given twice and anything behind the
// value are [ErrTermsMalformed]; bad values are [fault.Errors], all of them at once.
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
		return nil, malformed(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrTermsMalformed.With("more than one value")
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return &t, nil
}

// malformed keeps the position of a JSON error and the field of a type error.
func malformed(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return ErrTermsMalformed.With("at byte %d", syntax.Offset).Because(err)
	case errors.As(err, &typ):
		return ErrTermsMalformed.With("wrong type of value").On(typ.Field).Because(err)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return unknownField(strings.Trim(name, `"`)).Because(err)
	}
	return ErrTermsMalformed.Because(err)
}

func unknownField(name string) *fault.Error {
	return ErrTermsMalformed.With("there is no field %.40q", name)
}

// ofNames are the fields whose keys are names of the host's, in letters as they like.
var ofNames = map[string]bool{"prefs": true, "percentages": true}

// checkKeys refuses an object that has a key twice, where encoding/json would keep the
// last one silently, and a field in capitals, which it would take for the one in small
// letters.
func checkKeys(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	type level struct {
		keys  map[string]bool // nil in arrays
		isKey bool
		names bool   // the keys are the host's
		last  string // the key before
	}
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
				if top.keys[key] {
					return ErrTermsMalformed.With("a field is given twice")
				}
				if !top.names && key != strings.ToLower(key) {
					return unknownField(key)
				}
				top.keys[key], top.isKey, top.last = true, false, key
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
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				stack[len(stack)-1].isKey = true
			}
		}
	}
}
