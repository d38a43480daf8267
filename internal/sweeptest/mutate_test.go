package sweeptest

import (
	"fmt"
	"reflect"

	"github.com/freehold-go/freehold/realestate/page"
)

// mutation is the arguments of a verb with one value that is bad.
type mutation struct {
	what string // the field, and the value
	args []reflect.Value
}

// step leads from a value to a part of it.
type step func(reflect.Value) reflect.Value

// mutations are all that may be done to arguments. m makes what is missing in them.
func mutations(args []reflect.Value, m *maker, cursor page.Cursor) []mutation {
	w := &walk{args: args, m: m, cursor: cursor}
	for i := range args {
		w.visit(args[i], fmt.Sprint(i), []step{func(root reflect.Value) reflect.Value { return root.Index(i).Elem() }}, 0)
	}
	return w.out
}

// walk collects mutations.
type walk struct {
	args   []reflect.Value
	m      *maker
	cursor page.Cursor
	out    []mutation
}

// set adds the arguments in which the value at a path is another one.
func (w *walk) set(path []step, what string, value reflect.Value) {
	args := make([]reflect.Value, len(w.args))
	root := reflect.MakeSlice(reflect.TypeFor[[]any](), len(args), len(args))
	for i, a := range w.args {
		c := reflect.New(a.Type())
		c.Elem().Set(clone(a))
		root.Index(i).Set(c)
		args[i] = c.Elem()
	}
	at := root
	for i, s := range path {
		if at = s(at); i == 0 {
			at = at.Elem() // the argument itself
		}
	}
	at.Set(value)
	w.out = append(w.out, mutation{what, args})
}

func (w *walk) visit(v reflect.Value, name string, path []step, depth int) {
	t := v.Type()
	add := func(what string, value reflect.Value) { w.set(path, name+"="+what, value) }
	if isLeaf(t) {
		values := hostile(t)
		if t == reflect.TypeFor[page.Cursor]() {
			values = cursorsOf(w.cursor)
		}
		for _, h := range values {
			value := reflect.Zero(t)
			if h.value != nil {
				value = reflect.ValueOf(h.value).Convert(t)
			}
			add(h.name, value)
		}
		return
	}
	if depth > 6 {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		w.pointer(v, name, path, depth)
	case reflect.Slice:
		w.slice(v, name, path, depth)
	case reflect.Map:
		add("nil", reflect.Zero(t))
		if t.Key().Kind() == reflect.String {
			for _, h := range hostileTexts {
				value := reflect.MakeMap(t)
				value.SetMapIndex(reflect.ValueOf(h.value).Convert(t.Key()), w.m.value(t.Elem(), "", shape{}, 0))
				add("key "+h.name, value)
			}
			for _, h := range hostile(t.Elem()) {
				if h.value != nil {
					value := reflect.MakeMap(t)
					value.SetMapIndex(reflect.ValueOf("k").Convert(t.Key()), reflect.ValueOf(h.value).Convert(t.Elem()))
					add("value "+h.name, value)
				}
			}
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				w.visit(v.Field(i), name+"."+f.Name, append(path[:len(path):len(path)], func(s reflect.Value) reflect.Value { return s.Field(i) }), depth+1)
			}
		}
	}
}

// pointer changes what there is, and else gives what there is not.
func (w *walk) pointer(v reflect.Value, name string, path []step, depth int) {
	t := v.Type()
	w.set(path, name+"=nil", reflect.Zero(t))
	w.set(path, name+"=of zero", reflect.New(t.Elem()))
	if !v.IsNil() {
		w.visit(v.Elem(), name, append(path[:len(path):len(path)], func(p reflect.Value) reflect.Value { return p.Elem() }), depth+1)
		return
	}
	if isLeaf(t.Elem()) {
		for _, h := range hostile(t.Elem()) {
			if h.value != nil {
				p := reflect.New(t.Elem())
				p.Elem().Set(reflect.ValueOf(h.value).Convert(t.Elem()))
				w.set(path, name+"="+h.name, p)
			}
		}
	}
}

// many is a number of elements that a caller could send in one request.
const many = 3000

func (w *walk) slice(v reflect.Value, name string, path []step, depth int) {
	t := v.Type()
	w.set(path, name+"=nil", reflect.Zero(t))
	w.set(path, name+"=empty", reflect.MakeSlice(t, 0, 0))
	w.set(path, name+"=of zero", reflect.MakeSlice(t, 1, 1))
	element := w.m.value(t.Elem(), name, shape{full: true}, 0)
	if v.Len() > 0 {
		element = v.Index(0)
		w.visit(element, name+"[0]", append(path[:len(path):len(path)], func(s reflect.Value) reflect.Value { return s.Index(0) }), depth+1)
	}
	w.set(path, name+"=twice", reflect.Append(reflect.Zero(t), element, element))
	repeated := reflect.MakeSlice(t, 0, many)
	for range many {
		repeated = reflect.Append(repeated, element)
	}
	w.set(path, name+"=many", repeated)
	if v.Len() == 0 && isLeaf(t.Elem()) {
		for _, h := range hostile(t.Elem()) {
			if h.value != nil {
				w.set(path, name+"=of "+h.name, reflect.Append(reflect.Zero(t), reflect.ValueOf(h.value).Convert(t.Elem())))
			}
		}
	}
}

// clone copies a value as deep as mutations change it.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	if isLeaf(v.Type()) {
		return out
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			p := reflect.New(v.Type().Elem())
			p.Elem().Set(clone(v.Elem()))
			out.Set(p)
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(clone(v.Index(i)))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(clone(v.Field(i)))
			}
		}
	}
	return out
}
