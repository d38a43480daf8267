package arch

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate"
)

var (
	marshals = reflect.TypeFor[json.Marshaler]()
	texts    = reflect.TypeFor[encoding.TextMarshaler]()
)

// leastResults is how many structs the services return at least.
const leastResults = 100

// What the services return marshals in snake case all the way down: every exported field
// of a struct of ours says its name, none goes out as it is called in Go.
func TestWire_results(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	var bad []string
	var look func(x reflect.Type)
	look = func(x reflect.Type) {
		if seen[x] {
			return
		}
		seen[x] = true
		if x.Implements(marshals) || reflect.PointerTo(x).Implements(marshals) || x.Implements(texts) || reflect.PointerTo(x).Implements(texts) {
			return
		}
		switch x.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			look(x.Elem())
		case reflect.Func: // an iterator: what it yields
			for i := range x.NumIn() {
				if yield := x.In(i); yield.Kind() == reflect.Func {
					for j := range yield.NumIn() {
						look(yield.In(j))
					}
				}
			}
		case reflect.Struct:
			if !strings.Contains(x.PkgPath(), "freehold-go/freehold") {
				return
			}
			for i := range x.NumField() {
				f := x.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				switch {
				case !f.IsExported() && !f.Anonymous || name == "-":
					continue
				case name == "" && !f.Anonymous, name != "" && !snake.MatchString(name), columnWords.MatchString(name):
					bad = append(bad, fmt.Sprintf("%s.%s", x, f.Name))
				}
				look(f.Type)
			}
		}
	}
	all := services(t)
	all["Platform"] = reflect.TypeFor[*realestate.Platform]()
	for _, s := range all {
		for i := range s.NumMethod() {
			m := s.Method(i).Type
			for j := range m.NumOut() {
				if out := m.Out(j); out.String() != "error" {
					look(out)
				}
			}
		}
	}
	structs := 0
	for x := range seen {
		if x.Kind() == reflect.Struct {
			structs++
		}
	}
	require.Greater(t, structs, leastResults)
	slices.Sort(bad)
	require.Empty(t, bad)
}
