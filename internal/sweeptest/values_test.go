package sweeptest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// maker makes values that a verb may like, by the type and the name of a field.
type maker struct {
	ids     map[reflect.Type][]reflect.Value // of rows that are there, the newest first
	texts   map[string][]string              // that rows have, by the name of their field
	staff   []reflect.Value                  // users who are party to nothing
	made    map[reflect.Type]reflect.Value   // what is more than its fields
	consts  map[string][]string              // values of closed lists, by the type's package and name
	secrets []auth.Secret                    // codes, tokens and keys that verbs have returned, the newest first
	mark    string                           // in every free text
	n       int                              // makes names unique
}

// newMaker makes nothing yet. Its mark and its phone are like no other's.
func newMaker(t testing.TB) *maker {
	t.Helper()
	return &maker{ids: map[reflect.Type][]reflect.Value{}, texts: map[string][]string{}, made: map[reflect.Type]reflect.Value{}, consts: constants(t),
		mark: fmt.Sprintf("mk%09d", rand.N(1_000_000_000))}
}

// phone is a number with the digits of the mark.
func (m *maker) phone() string { return "+1" + m.mark[2:] }

// shape decides how a value is made: which of the rows and constants there are,
// and whether what is optional is given.
type shape struct {
	rnd  *rand.Rand // nil is the first of everything
	full bool
}

// pick is a number below n.
func (s shape) pick(n int) int {
	if s.rnd == nil || n < 2 {
		return 0
	}
	return s.rnd.IntN(n)
}

// given reports whether an optional value is there.
func (s shape) given() bool { return s.full || s.pick(2) == 1 }

var (
	decimalType = reflect.TypeFor[decimal.Decimal]()
	amountType  = reflect.TypeFor[money.Amount]()
	dateType    = reflect.TypeFor[date.Date]()
	timeType    = reflect.TypeFor[time.Time]()
	secretType  = reflect.TypeFor[auth.Secret]()
	addrType    = reflect.TypeFor[netip.Addr]()
	rawType     = reflect.TypeFor[json.RawMessage]()
	userType    = reflect.TypeFor[id.Of[auth.User]]()
)

func isID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && strings.HasPrefix(t.Name(), "Of[")
}

// isLeaf reports whether values of a type are changed as a whole.
func isLeaf(t reflect.Type) bool {
	switch t {
	case decimalType, amountType, dateType, timeType, secretType, addrType, rawType:
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Pointer, reflect.Map:
		return false
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8
	}
	return true
}

// unique is a word that no other call returns.
func (m *maker) unique() string {
	m.n++
	return fmt.Sprintf("sweep-%s-%d-%d", m.mark, m.n, rand.Uint32())
}

// value makes a value for a field of that name.
func (m *maker) value(t reflect.Type, name string, s shape, depth int) reflect.Value {
	v := reflect.New(t).Elem()
	if made, ok := m.made[t]; ok {
		v.Set(clone(made))
		return v
	}
	if isLeaf(t) {
		m.leaf(v, name, s)
		return v
	}
	switch t.Kind() {
	case reflect.Pointer:
		if (depth == 0 || s.given()) && depth < 6 {
			p := reflect.New(t.Elem())
			p.Elem().Set(m.value(t.Elem(), name, s, depth+1))
			v.Set(p)
		}
	case reflect.Slice:
		if depth < 6 {
			v.Set(reflect.Append(reflect.MakeSlice(t, 0, 1), m.value(t.Elem(), strings.TrimSuffix(name, "s"), s, depth+1)))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		if s.given() && depth < 6 {
			v.SetMapIndex(m.value(t.Key(), name, s, depth+1), m.value(t.Elem(), name, s, depth+1))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				v.Field(i).Set(m.value(f.Type, f.Name, s, depth+1))
			}
		}
	}
	return v
}

func (m *maker) leaf(v reflect.Value, name string, s shape) {
	t := v.Type()
	switch t {
	case decimalType:
		v.Set(reflect.ValueOf(decimal.RequireFromString("0.5")))
		return
	case amountType:
		v.Set(reflect.ValueOf(money.MustParse([...]string{"30000", "10", "0"}[s.pick(3)])))
		return
	case dateType:
		v.Set(reflect.ValueOf(m.day(name)))
		return
	case timeType:
		v.Set(reflect.ValueOf(m.moment(name)))
		return
	case secretType:
		if len(m.secrets) > 0 && s.pick(2) == 1 {
			v.Set(reflect.ValueOf(m.secrets[s.pick(min(len(m.secrets), 24))]))
			return
		}
		v.Set(reflect.ValueOf(auth.NewSecret(m.text(name, s))))
		return
	case addrType:
		v.Set(reflect.ValueOf(netip.MustParseAddr("192.0.2.7")))
		return
	case rawType:
		v.SetBytes([]byte(`{"a": "` + m.mark + `"}`))
		return
	}
	if isID(t) {
		m.id(v, name, s)
		return
	}
	switch t.Kind() {
	case reflect.String:
		if known := m.consts[t.PkgPath()+"."+t.Name()]; len(known) > 0 {
			v.SetString(known[s.pick(len(known))])
		} else if name != "After" {
			v.SetString(m.text(name, s))
		}
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(number(t, name, s))
	case reflect.Float64:
		v.SetFloat(12.5)
	case reflect.Array:
		v.Index(0).SetUint(1)
	case reflect.Slice:
		v.SetBytes([]byte("bytes"))
	case reflect.Interface:
		switch {
		case t.NumMethod() == 0:
			v.Set(reflect.ValueOf("anything"))
		case reflect.TypeOf(io.Discard).Implements(t):
			v.Set(reflect.ValueOf(io.Discard))
		}
	}
}

// id chooses a row, and for the field ID, which may be that of a new one, also none.
func (m *maker) id(v reflect.Value, name string, s shape) {
	known := m.ids[v.Type()]
	switch {
	case v.Type() == userType && (strings.HasPrefix(name, "Actor") || strings.HasPrefix(name, "Review") || strings.Contains(name, "By")):
		v.Set(m.staff[s.pick(len(m.staff))])
	case name == "ID" && s.pick(2) == 1, len(known) == 0:
	default:
		v.Set(known[s.pick(len(known))])
	}
}

func (m *maker) day(name string) date.Date {
	switch {
	case strings.Contains(name, "End"), strings.Contains(name, "To"), strings.Contains(name, "Maturity"), strings.Contains(name, "Until"):
		return date.MustParse("2026-09-30")
	case strings.Contains(name, "Due"):
		return date.MustParse("2026-11-01")
	case strings.Contains(name, "Birth"):
		return date.MustParse("1971-02-03")
	}
	return date.MustParse("2026-09-01")
}

func (m *maker) moment(name string) time.Time {
	soon := time.Now().UTC().Truncate(time.Second).AddDate(0, 1, 0)
	switch {
	case strings.Contains(name, "End"):
		return soon.Add(time.Hour)
	case strings.Contains(name, "Start"), strings.Contains(name, "Expire"), strings.Contains(name, "Until"):
		return soon
	}
	return soon.AddDate(0, -1, 0)
}

func number(t reflect.Type, name string, s shape) int64 {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return int64(time.Hour)
	case strings.Contains(name, "Version"):
		return int64(s.pick(4))
	case strings.Contains(name, "Year"):
		return 2025
	case name == "Limit":
		return 2
	}
	return 3
}

// texts are what fields are called, or end in, and a text that fits.
var texts = []struct{ name, text string }{
	{"Email", ""}, {"Slug", ""}, {"IdempotencyKey", ""}, {"Code", "C1"}, {"Phone", "+1"}, {"ZipCode", "43004"}, {"State", "OH"},
	{"URL", "https://files.example.test/a"}, {"Currency", "USD"}, {"Country", "US"}, {"Timezone", "America/New_York"}, {"TimeZone", "America/New_York"},
	{"TaxID", "12-3456789"}, {"Password", "correct horse battery staple"}, {"New", "another battery horse staple"}, {"Issuer", "https://op.example.test"},
	{"MIMEType", "application/pdf"}, {"Last4", "1234"}, {"ShareClass", "common"},
}

func (m *maker) text(name string, s shape) string {
	if known := m.texts[name]; len(known) > 0 && name != "IdempotencyKey" && s.pick(2) == 1 {
		return known[s.pick(len(known))]
	}
	for _, t := range texts {
		if strings.HasSuffix(name, t.name) {
			switch {
			case t.name == "Email":
				return m.unique() + "@example.test"
			case t.text == "":
				return m.unique()
			case t.name == "Phone":
				return m.phone()
			}
			return t.text
		}
	}
	return "Elm" + m.mark
}
