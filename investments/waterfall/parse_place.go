package waterfall

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// misread finds the values that terms cannot be read from, and adds each with its
// place: what encoding/json says of a value names no place in a list, and of one that
// reads itself, such as a rate or a day, it names none at all.
func misread(f *fault.Fields, typ reflect.Type, raw json.RawMessage, path string) {
	null := bytes.Equal(bytes.TrimSpace(raw), []byte("null")) // as if it were not there
	if typ.Kind() == reflect.Pointer {
		if !null {
			misread(f, typ.Elem(), raw, path)
		}
		return
	}
	if readsItself(typ) {
		if err := json.Unmarshal(raw, reflect.New(typ).Interface()); err != nil {
			f.AddErr(path, wrongValue(typ, err))
		}
		return
	}
	if null {
		return
	}
	if typ.Kind() == reflect.Slice {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			f.AddErr(path, ErrTermsMalformed.With("a list is expected"))
		}
		for i := range list {
			misread(f, typ.Elem(), list[i], fmt.Sprintf("%s[%d]", path, i))
		}
		return
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		f.AddErr(path, ErrTermsMalformed.With("an object is expected"))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if typ.Kind() == reflect.Map {
			misread(f, typ.Elem(), object[key], fmt.Sprintf("%s[%q]", path, key))
			continue
		}
		if field, known := fieldNamed(typ, key); known {
			misread(f, field.Type, object[key], below(path, key))
		} else {
			f.AddErr(below(path, key), unknownField(key))
		}
	}
}

// readsItself reports whether there is no value below one of the type that could be wrong.
func readsItself(typ reflect.Type) bool {
	p := reflect.PointerTo(typ)
	return !slices.Contains([]reflect.Kind{reflect.Struct, reflect.Slice, reflect.Map}, typ.Kind()) ||
		p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// fieldNamed is the field of a struct that JSON calls so.
func fieldNamed(typ reflect.Type, name string) (reflect.StructField, bool) {
	return typ.FieldByNameFunc(func(n string) bool {
		field, _ := typ.FieldByName(n)
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		return tag == name
	})
}

// below is the path of a field. What could not be the name of one is left out, since it
// is the input's.
func below(path, name string) string {
	switch {
	case !ValidName(name) || len(name) > 40:
		return path
	case path == "":
		return name
	}
	return path + "." + name
}

// wrongValue says what a value should have been.
func wrongValue(typ reflect.Type, err error) error {
	var own *fault.Error
	switch {
	case errors.As(err, &own):
		return ErrTermsMalformed.With("%s", own.Msg).Because(err)
	case typ == reflect.TypeFor[decimal.Decimal]():
		return ErrTermsMalformed.With(`a number is expected; 8 %% is "0.08"`).Because(err)
	case typ == reflect.TypeFor[Start]():
		return ErrTermsMalformed.With("%s, or a whole number of days", date.ErrMalformed.Msg).Because(err)
	case typ.Kind() == reflect.Bool:
		return ErrTermsMalformed.With("true or false is expected").Because(err)
	case typ.Kind() == reflect.String:
		return ErrTermsMalformed.With("text is expected, in quotation marks").Because(err)
	}
	return ErrTermsMalformed.With("wrong type of value").Because(err)
}
