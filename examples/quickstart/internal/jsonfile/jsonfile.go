// Package jsonfile holds a JSON file against the shape of a Go value and finds
// the place of each of its values, so that what is wrong is reported like the
// problems of a table.
package jsonfile

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/freehold-go/freehold/realestate/tabular"
)

// File is a JSON file whose values are known by their paths, such as
// "tiers.capital[2].promote" or `prefs["class_a"].rate`.
type File struct {
	data   []byte
	places map[string]int // where the value of a path starts
	file   *tabular.File
}

// Read holds a JSON file against the shape of a Go value, a struct with JSON
// tags: every field has to be one of the struct's, once, with a value of its
// kind. All that is wrong is recorded, value by value. Decoding it is left to
// the caller.
func Read(data []byte, shape any, file *tabular.File) *File {
	j := &File{data: bytes.TrimPrefix(data, []byte("\ufeff")), places: map[string]int{}, file: file}
	var whole json.RawMessage
	if err := json.Unmarshal(j.data, &whole); err != nil {
		at := len(j.data)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = max(int(syntax.Offset)-1, 0)
		}
		file.Reject(j.cell(at), "", "the file is not valid JSON from here on")
		return j
	}
	start := len(j.data) - len(bytes.TrimLeft(j.data, " \t\r\n"))
	j.value("", bytes.TrimSpace(j.data), start, reflect.TypeOf(shape))
	return j
}

// Reject records that the value at a path is wrong. Where the file lacks it,
// that is said at what it belongs to.
func (j *File) Reject(path, format string, args ...any) {
	field := indices.ReplaceAllString(path, "")
	field = field[strings.LastIndex(field, ".")+1:]
	at, found := j.places[path]
	for !found && path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		at, found = j.places[path]
	}
	j.file.Reject(j.cell(at), field, format, args...)
}

// indices are the parts of a path in brackets, which may quote the file.
var indices = regexp.MustCompile(`\[(\d+|"(\\.|[^"\\])*")\]`)

// cell is the place of a byte.
func (j *File) cell(at int) tabular.Cell {
	before := j.data[:min(at, len(j.data))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return tabular.Cell{Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(before[line:]) + 1}
}

// The types that read a value themselves: any, or a text such as a date.
var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	texts       = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// value checks a value, raw, that starts at a byte of the file.
func (j *File) value(path string, raw []byte, at int, t reflect.Type) {
	j.places[path] = at
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	number, text := reflect.PointerTo(t).Implements(unmarshaler), reflect.PointerTo(t).Implements(texts)
	leaf := number || text
	switch {
	case !leaf && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map):
		if raw[0] != '{' {
			j.Reject(path, "fields in braces { } are wanted")
			return
		}
		j.object(path, raw, at, t)
	case !leaf && t.Kind() == reflect.Slice:
		if raw[0] != '[' {
			j.Reject(path, "a list in brackets [ ] is wanted")
			return
		}
		j.list(path, raw, at, t)
	default:
		if err := json.Unmarshal(raw, reflect.New(t).Interface()); err == nil && raw[0] != 'n' {
			return
		}
		switch {
		case number:
			j.Reject(path, "a number such as 0.08 is wanted")
		case text:
			j.Reject(path, "a text in quotes such as the date \"2026-03-31\" is wanted")
		default:
			j.Reject(path, "a text in quotes is wanted")
		}
	}
}

// object checks the fields of a struct or the entries of a map.
func (j *File) object(path string, raw []byte, at int, t reflect.Type) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token()
	for dec.More() {
		before := int(dec.InputOffset())
		start := at + before + len(raw[before:]) - len(bytes.TrimLeft(raw[before:], ", \t\r\n"))
		key, body := "", json.RawMessage(nil)
		if name, err := dec.Token(); err != nil || dec.Decode(&body) != nil {
			return // not reached: the file is valid JSON
		} else if key, _ = name.(string); key == "" {
			j.file.Reject(j.cell(start), "", "the field has no name")
			continue
		}
		place := at + int(dec.InputOffset()) - len(body)
		inner, of := join(path, key), reflect.Type(nil)
		if t.Kind() == reflect.Map {
			inner, of = fmt.Sprintf("%s[%q]", path, key), t.Elem()
		} else {
			of = fieldType(t, key)
		}
		switch _, twice := j.places[inner]; {
		case of == nil:
			j.file.Reject(j.cell(start), "", "there is no such field")
		case twice:
			j.file.Reject(j.cell(start), "", "the field is there twice")
		default:
			j.value(inner, body, place, of)
		}
	}
}

func (j *File) list(path string, raw []byte, at int, t reflect.Type) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	_, _ = dec.Token()
	for i := 0; dec.More(); i++ {
		var body json.RawMessage
		if dec.Decode(&body) != nil {
			return // not reached: the file is valid JSON
		}
		j.value(fmt.Sprintf("%s[%d]", path, i), body, at+int(dec.InputOffset())-len(body), t.Elem())
	}
}

// fieldType is the type of the field of a struct that has a JSON name, or nil.
func fieldType(t reflect.Type, name string) reflect.Type {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name && tag != "" && tag != "-" {
			return t.Field(i).Type
		}
	}
	return nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
