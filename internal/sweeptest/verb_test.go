package sweeptest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
)

// verb is one method of a service.
type verb struct {
	name  string // the service and the method
	fn    reflect.Value
	best  []reflect.Value // arguments with which it succeeds, or came furthest
	err   error           // why it does not succeed with those
	pool  bool            // it wants the pool, and refuses a transaction
	lucky int             // the shape of arguments that succeeded last
	next  int             // the shape to try next
	more  bool            // more shapes are tried
}

// verbsOf are the methods of all services that take a database.
func verbsOf(p *realestate.Platform) []*verb {
	var out []*verb
	services := []reflect.Value{reflect.ValueOf(p)}
	names := []string{"Platform"}
	for i, v := 0, reflect.ValueOf(p).Elem(); i < v.NumField(); i++ {
		if v.Type().Field(i).IsExported() {
			services, names = append(services, v.Field(i)), append(names, v.Type().Field(i).Name)
		}
	}
	for i, s := range services {
		for j := range s.NumMethod() {
			t := s.Method(j).Type()
			if t.NumIn() >= 2 && t.In(0) == reflect.TypeFor[context.Context]() && t.In(1) == reflect.TypeFor[bun.IDB]() {
				out = append(out, &verb{name: names[i] + "." + s.Type().Method(j).Name, fn: s.Method(j)})
			}
		}
	}
	return out
}

// args makes what the verb takes behind the database.
func (v *verb) args(m *maker, s shape) []reflect.Value {
	_, name, _ := strings.Cut(v.name, "By") // OfferingBySlug takes a slug
	var out []reflect.Value
	for i := 2; i < v.fn.Type().NumIn(); i++ {
		out = append(out, m.value(v.fn.Type().In(i), name, s, 0))
	}
	return out
}

// patience is how long one call may take, on a machine that does other things too.
const patience = 20 * time.Second

// errPanic, errNothing and errNull: what no call may come to.
var (
	errPanic   = errors.New("panic")
	errNothing = errors.New("neither a result nor an error")
	errNull    = errors.New("a list that is null on the wire")
)

// call calls the verb. All of a sequence is read.
func (v *verb) call(ctx context.Context, db bun.IDB, args []reflect.Value) (result reflect.Value, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, r, debug.Stack())
		}
	}()
	out := v.fn.Call(append([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(&db).Elem()}, args...))
	for _, o := range out {
		if e, ok := o.Interface().(error); ok && e != nil {
			return reflect.Value{}, e
		}
	}
	if len(out) > 0 && out[0].Kind() == reflect.Func {
		n := 0
		for item, second := range out[0].Seq2() {
			if e, ok := second.Interface().(error); ok && e != nil {
				return reflect.Value{}, e
			}
			result = item
			if n++; n == 10 {
				break
			}
		}
		return result, nil
	}
	if len(out) > 0 && out[0].Kind() == reflect.Pointer && out[0].IsNil() {
		return reflect.Value{}, errNothing
	}
	if len(out) > 1 && out[0].Kind() == reflect.Slice && out[0].IsNil() {
		return reflect.Value{}, errNull
	}
	if len(out) > 1 {
		return out[0], nil
	}
	return reflect.Value{}, nil
}

// harvest keeps the ids of the rows in a result, the newest first.
func (m *maker) harvest(v reflect.Value, depth int) {
	if !v.IsValid() || depth > 6 {
		return
	}
	if v.Type() == secretType {
		if s := v.Interface().(auth.Secret); !s.IsZero() && len(m.secrets) < 200 {
			m.secrets = slices.Insert(m.secrets, 0, s)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			m.harvest(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if !isLeaf(v.Type()) {
			for i := range min(v.Len(), 5) {
				m.harvest(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			m.harvest(v.MapIndex(k), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if f.Type.Kind() == reflect.String && v.Field(i).Len() > 0 && len(m.texts[f.Name]) < most {
				m.texts[f.Name] = append(m.texts[f.Name], v.Field(i).String())
			}
			m.harvest(v.Field(i), depth+1)
		}
	case reflect.Array:
		if isID(v.Type()) && !v.IsZero() {
			m.keep(v)
		}
	}
}

// most is how many ids of a kind are kept.
const most = 12

func (m *maker) keep(v reflect.Value) {
	known := m.ids[v.Type()]
	for _, k := range known {
		if k.Interface() == v.Interface() {
			return
		}
	}
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	known = slices.Insert(known, 0, copied)
	m.ids[v.Type()] = known[:min(len(known), most)]
}
