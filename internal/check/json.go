package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of JSON that a caller gives.
const (
	MaxJSON  = 1 << 20 // bytes
	MaxDepth = 100     // objects and arrays inside one another
)

// maxExponent bounds numbers in JSON: PostgreSQL keeps them as exact decimals.
const maxExponent = 1000

var errJSON = errors.New("not JSON that can be kept")

// JSON checks a document that is kept as it is; nil is none.
func (c *Fields) JSON(field string, raw []byte) {
	switch {
	case raw == nil:
	case len(raw) > MaxJSON:
		c.Add(field, TooLong, fmt.Sprintf("at most %d bytes of JSON", MaxJSON))
	case keepable(raw) != nil:
		c.Add(field, BadJSON, fmt.Sprintf("one JSON value without NUL, at most %d levels deep", MaxDepth))
	}
}

// Object checks an object that is kept as JSON; nil is none.
func (c *Fields) Object(field string, object map[string]any) {
	if object == nil {
		return
	}
	raw, err := json.Marshal(object)
	if err != nil {
		c.Add(field, BadJSON, "a value that has no form in JSON")
		return
	}
	c.JSON(field, raw)
}

// keepable reads a document through.
func keepable(raw []byte) error {
	if !utf8.Valid(raw) {
		return errJSON
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	depth, values := 0, 0
	for {
		token, err := d.Token()
		switch {
		case err == io.EOF && depth == 0 && values == 1:
			return nil
		case err != nil:
			return errJSON
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if strings.ContainsRune(t, 0) {
				return errJSON
			}
		case json.Number:
			if !small(t) {
				return errJSON
			}
		}
		if depth == 0 {
			values++
		}
		if depth > MaxDepth || values > 1 {
			return errJSON
		}
	}
}

// small reports whether a number is one that PostgreSQL keeps in little space.
func small(n json.Number) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(n.String()), "e")
	if len(mantissa) > maxExponent {
		return false
	}
	exponent = strings.TrimLeft(exponent, "+-0")
	return len(exponent) < 4
}
