package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// object is a decoded JSON object; its numbers are json.Number.
type object = map[string]any

// vector is one case of a file.
type vector struct {
	File, ID, Topic string
	Inputs          object
	Expected        object
	Tolerance       tolerance
}

// readFolder decodes every *.json of a folder.
func readFolder(dir string) ([]vector, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var out []vector
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		vs, err := decode(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for i := range vs {
			vs[i].File = filepath.Base(file)
		}
		out = append(out, vs...)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no case", dir)
	}
	return out, nil
}

// decode reads one file. A byte order mark is skipped.
func decode(b []byte) ([]vector, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	dec.UseNumber()
	var raw []struct {
		ID        any    `json:"id"`
		Topic     string `json:"topic"`
		Inputs    object `json:"inputs"`
		Expected  object `json:"expected"`
		Tolerance any    `json:"tolerance"`
	}
	if err := dec.Decode(&raw); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the array of cases")
	}
	out := make([]vector, len(raw))
	for i, r := range raw {
		out[i] = vector{ID: fmt.Sprint(r.ID), Topic: r.Topic, Inputs: r.Inputs, Expected: r.Expected}
		if len(r.Expected) == 0 {
			return nil, fmt.Errorf("case %s expects nothing", out[i].ID)
		}
		var err error
		if out[i].Tolerance, err = readTolerance(r.Tolerance, r.Inputs); err != nil {
			return nil, fmt.Errorf("case %s: %w", out[i].ID, err)
		}
	}
	return out, nil
}

// tolerance is how far a number may be off.
type tolerance struct{ abs, rel, floor decimal.Decimal }

// allows reports |got-want| <= max(abs, rel·max(1,|want|), floor), where floor
// is the share of the largest flow.
func (t tolerance) allows(want, got decimal.Decimal) bool {
	limit := decimal.Max(t.abs, t.floor, t.rel.Mul(decimal.Max(decimal.NewFromInt(1), want.Abs())))
	return got.Sub(want).Abs().LessThanOrEqual(limit)
}

func readTolerance(v any, inputs object) (tolerance, error) {
	var t tolerance
	switch x := v.(type) {
	case nil:
		return t, nil
	case json.Number, string:
		d, ok := number(x)
		if !ok {
			return t, fmt.Errorf("tolerance %v is no number", x)
		}
		return tolerance{abs: d}, nil
	case object:
		for key, v := range x {
			d, ok := number(v)
			if !ok && v != nil || d.Sign() < 0 {
				return t, fmt.Errorf("tolerance %s is %v", key, v)
			}
			switch key {
			case "abs":
				t.abs = d
			case "rel":
				t.rel = d
			case "rel_to_largest_flow":
				t.floor = d.Mul(largestFlow(inputs))
			default:
				return t, fmt.Errorf("tolerance %s is not known", key)
			}
		}
		return t, nil
	}
	return t, fmt.Errorf("tolerance is %v", v)
}

// largestFlow is the largest amount, without its sign, among flows or values.
func largestFlow(inputs object) decimal.Decimal {
	var largest decimal.Decimal
	for _, key := range []string{"flows", "values"} {
		list, _ := inputs[key].([]any)
		for _, v := range list {
			if o, ok := v.(object); ok {
				v = o["amount"]
			}
			if d, ok := number(v); ok {
				largest = decimal.Max(largest, d.Abs())
			}
		}
	}
	return largest
}

// number reads a decimal string or a JSON number.
func number(v any) (decimal.Decimal, bool) {
	var s string
	switch x := v.(type) {
	case json.Number:
		s = x.String()
	case string:
		s = strings.TrimSpace(x)
	default:
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() < -10_000 || d.Exponent() > 10_000 {
		return decimal.Decimal{}, false
	}
	return d, true
}

// reader takes inputs out of an object. The first that is of the wrong shape is
// kept in err; what is absent is zero.
type reader struct {
	of   object
	path string
	err  *error
}

func read(v *vector, err *error) reader { return reader{of: v.Inputs, path: "inputs", err: err} }

func (r reader) fail(key string, v any) { r.refuse(key, v, errors.New("it cannot be read")) }

// refuse keeps the error that a public package gives for a value, so that a
// case may expect it.
func (r reader) refuse(key string, v any, err error) {
	if *r.err == nil {
		*r.err = fmt.Errorf("%s.%s is %v: %w", r.path, key, v, err)
	}
}

// has reports that a value is there; null and empty text are not.
func (r reader) has(key string) bool { return r.of[key] != nil && r.of[key] != "" }

func (r reader) decimal(key string) (d decimal.Decimal) {
	if r.has(key) {
		var ok bool
		if d, ok = number(r.of[key]); !ok {
			r.fail(key, r.of[key])
		}
	}
	return d
}

// optional is decimal, nil when absent.
func (r reader) optional(key string) *decimal.Decimal {
	if !r.has(key) {
		return nil
	}
	d := r.decimal(key)
	return &d
}

func (r reader) money(key string) money.Amount {
	a, err := money.FromDecimal(r.decimal(key))
	if err != nil {
		r.refuse(key, r.of[key], err)
	}
	return a
}

func (r reader) int(key string) int {
	d := r.decimal(key)
	if !d.IsInteger() || d.Abs().GreaterThan(decimal.New(1, 15)) {
		r.fail(key, r.of[key])
		return 0
	}
	return int(d.IntPart())
}

// text returns a string; a number is taken as it is written.
func (r reader) text(key string) string {
	switch v := r.of[key].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		r.fail(key, v)
		return ""
	}
}

// date returns a date, "no date" when absent.
func (r reader) date(key string) date.Date {
	s := r.text(key)
	if s == "" {
		return date.Date{}
	}
	d, err := date.Parse(s)
	if err != nil {
		r.refuse(key, s, err)
	}
	return d
}

// object returns an object, an empty one when absent.
func (r reader) object(key string) reader {
	out := reader{path: r.path + "." + key, err: r.err}
	if v := r.of[key]; v != nil {
		var ok bool
		if out.of, ok = v.(object); !ok {
			r.fail(key, v)
		}
	}
	return out
}

func (r reader) array(key string) []any {
	v := r.of[key]
	list, ok := v.([]any)
	if v != nil && !ok {
		r.fail(key, v)
	}
	return list
}

// objects returns a list of objects.
func (r reader) objects(key string) []reader {
	var out []reader
	for i, v := range r.array(key) {
		o, ok := v.(object)
		if !ok {
			r.fail(key, v)
		}
		out = append(out, reader{of: o, path: fmt.Sprintf("%s.%s[%d]", r.path, key, i), err: r.err})
	}
	return out
}

// decimals returns a list of numbers.
func (r reader) decimals(key string) []decimal.Decimal {
	var out []decimal.Decimal
	for _, v := range r.array(key) {
		d, ok := number(v)
		if !ok {
			r.fail(key, v)
		}
		out = append(out, d)
	}
	return out
}

// amounts returns a list of amounts of money.
func (r reader) amounts(key string) []money.Amount {
	var out []money.Amount
	for _, d := range r.decimals(key) {
		a, err := money.FromDecimal(d)
		if err != nil {
			r.refuse(key, d, err)
		}
		out = append(out, a)
	}
	return out
}

// only fails on a key that is not among known: an input that is not
// understood must not be ignored silently.
func (r reader) only(known ...string) {
	for key, v := range r.of {
		found := v == nil
		for _, k := range known {
			found = found || k == key
		}
		if !found {
			r.fail(key, "here: it is not known")
		}
	}
}
