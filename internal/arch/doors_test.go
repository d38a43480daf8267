package arch

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate"
)

// widest is how many methods an exported type may have: more is a room that holds
// two nouns.
const widest = 30

// services are the fields of a platform that hold one.
func services(t *testing.T) map[string]reflect.Type {
	t.Helper()
	p, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	v, out := reflect.ValueOf(p).Elem(), map[string]reflect.Type{}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Type.Kind() == reflect.Pointer {
			require.False(t, v.Field(i).IsNil(), f.Name)
			out[f.Name] = f.Type
		}
	}
	require.Greater(t, len(out), 15)
	return out
}

// A verb exists once: the platform repeats none of its services'.
func TestPlatform_repeatsNoVerb(t *testing.T) {
	t.Parallel()
	platform := reflect.TypeFor[*realestate.Platform]()
	for name, service := range services(t) {
		for i := range service.NumMethod() {
			verb := service.Method(i).Name
			if mine, ok := platform.MethodByName(verb); ok && verb != "Verify" { // the platform's goes over all of them
				require.NotEqual(t, paramsOf(service.Method(i).Type), paramsOf(mine.Type), "Platform.%s repeats %s.%s", verb, name, verb)
			}
		}
	}
}

// Two verbs that take the same parameters are one verb with two doors.
func TestVerbs_ownParams(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]string{}
	for name, service := range services(t) {
		for i := range service.NumMethod() {
			m := service.Method(i)
			p := paramsOf(m.Type)
			if p == nil {
				continue
			}
			if other, ok := seen[p]; ok && !previews(m.Name) && !previews(other[strings.IndexByte(other, '.')+1:]) { // shows what Declare would do
				require.Fail(t, "the same parameters", "%s.%s and %s take %s", name, m.Name, other, p)
			}
			seen[p] = name + "." + m.Name
		}
	}
}

// previews reports the verbs that show what another would do.
func previews(verb string) bool { return strings.HasPrefix(verb, "Preview") }

// paramsOf is the struct of parameters that a verb takes, or nil.
func paramsOf(method reflect.Type) reflect.Type {
	for i := range method.NumIn() {
		if in := method.In(i); i > 0 && in.Kind() == reflect.Struct && len(in.Name()) > len("Params") && in.Name()[len(in.Name())-len("Params"):] == "Params" {
			return in
		}
	}
	return nil
}

func TestServices_width(t *testing.T) {
	t.Parallel()
	for name, service := range services(t) {
		require.LessOrEqual(t, service.NumMethod(), widest, "%s has %d methods", name, service.NumMethod())
	}
}
