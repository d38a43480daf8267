package modeltest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// column is what the catalog says of one.
type column struct {
	Tab, Col, Typ string
	NN            bool
	Checks        string // every check of the column alone, as the server prints it
}

var (
	literal = regexp.MustCompile(`'((?:[^']|'')*)'::`)
	numbers = regexp.MustCompile(`\d+`)
)

// catalog reads the columns of every table, by table and column.
func catalog(t *testing.T, db bun.IDB) map[string]column {
	t.Helper()
	_, err := db.ExecContext(t.Context(), "SET LOCAL search_path = pg_catalog")
	require.NoError(t, err)
	var rows []column
	require.NoError(t, db.NewRaw(`SELECT n.nspname || '.' || c.relname AS tab, a.attname AS col, format_type(a.atttypid, a.atttypmod) AS typ, a.attnotnull AS nn,
			COALESCE((SELECT string_agg(pg_get_constraintdef(k.oid), ' ') FROM pg_constraint k
				WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), '') AS checks
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		AND n.nspname NOT IN ('pg_catalog', 'information_schema')`).Scan(t.Context(), &rows))
	columns := map[string]column{}
	for _, c := range rows {
		columns[c.Tab+"."+c.Col] = c
	}
	return columns
}

// maker makes values that a column accepts, growing from column to column, so that
// a value in the wrong column is noticed and a range is not upside down.
type maker struct {
	t *testing.T
	n int64
}

// awkward is text that every layer between the field and the column could
// mistake for syntax.
const awkward = "it's \"quoted\"\\ \t\n?, {braces} $1 \\N é漢 %d "

// value returns a value of typ for the column.
func (m *maker) value(typ reflect.Type, c column) reflect.Value {
	m.n++
	switch typ {
	case reflect.TypeFor[time.Time]():
		return reflect.ValueOf(time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC).Add(time.Duration(m.n) * time.Microsecond))
	case reflect.TypeFor[date.Date]():
		return reflect.ValueOf(date.Must(2024, 2, 29).AddDays(int(m.n)))
	case reflect.TypeFor[money.Amount]():
		return reflect.ValueOf(money.MustParse(fmt.Sprintf("123456%d.%02d", 100+m.n, m.n%100)))
	case reflect.TypeFor[decimal.Decimal]():
		scale := 2
		if parts := numbers.FindAllString(c.Typ, -1); len(parts) == 2 {
			scale, _ = strconv.Atoi(parts[1])
		}
		return reflect.ValueOf(decimal.New(m.n%89+10, int32(-scale))) // at most 0.99, since rates are fractions
	case reflect.TypeFor[netip.Addr]():
		return reflect.ValueOf(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", m.n)))
	case reflect.TypeFor[auth.Secret]():
		return reflect.ValueOf(auth.NewSecret(m.text(c)))
	case reflect.TypeFor[media.SealedKey]():
		return reflect.ValueOf(media.SealedKey(m.text(c)))
	case reflect.TypeFor[events.LonLat]():
		return reflect.ValueOf(events.LonLat{Lon: -97.7431 + float64(m.n)/8, Lat: 30.2672})
	case reflect.TypeFor[properties.Point]():
		p, err := properties.NewPoint(-97.7431+float64(m.n)/8, 30.2672)
		require.NoError(m.t, err)
		return reflect.ValueOf(p)
	case reflect.TypeFor[json.RawMessage]():
		return reflect.ValueOf(json.RawMessage(fmt.Sprintf(`{"n": %d, "text": "it's \"\\"}`, m.n)))
	case reflect.TypeFor[[]byte]():
		b := make([]byte, 32) // every column of bytes holds a SHA-256
		copy(b, []byte{0, 255, '\\', '\'', byte(m.n)})
		return reflect.ValueOf(b)
	}
	if typ.Kind() == reflect.Array && typ.Len() == 16 {
		return reflect.ValueOf([16]byte(uuid.Must(uuid.NewV7()))).Convert(typ)
	}
	return m.ofKind(typ, c)
}

// ofKind is value for the types that are told by their kind.
func (m *maker) ofKind(typ reflect.Type, c column) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(m.n) // grows from column to column, as ranges ask
		if strings.Contains(c.Checks, ">= 1000") {
			v.SetInt(1900 + m.n)
		}
	case reflect.Float64:
		v.SetFloat(float64(m.n) + 0.5)
	case reflect.String:
		v.SetString(m.text(c))
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(m.value(typ.Elem(), c))
	case reflect.Slice:
		for range 2 {
			v = reflect.Append(v, m.value(typ.Elem(), c))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(typ))
		for range 2 {
			v.SetMapIndex(m.value(typ.Key(), column{Typ: "text"}), m.value(typ.Elem(), column{Typ: "text"}))
		}
	case reflect.Struct: // of a jsonb column
		for i := range typ.NumField() {
			v.Field(i).Set(m.value(typ.Field(i).Type, column{Typ: "text"}))
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{m.text(column{Typ: "text"}), 2.5, true, nil, map[string]any{"k": "v"}}))
	default:
		require.Fail(m.t, "no value", "%s for %s.%s", typ, c.Tab, c.Col)
	}
	return v
}

// text returns text that fits the column: one of its list, of its pattern, or
// awkward as far as there is room.
func (m *maker) text(c column) string {
	switch {
	case strings.Contains(c.Checks, "ARRAY["):
		list := literal.FindAllStringSubmatch(c.Checks, -1)
		return list[int(m.n)%len(list)][1]
	case strings.Contains(c.Checks, "[0-9a-f]{64}"):
		return fmt.Sprintf("%064x", m.n)
	case strings.Contains(c.Checks, "[A-Z]{3}"):
		return "USD"
	case strings.Contains(c.Checks, "[A-Z]{2}"):
		return "US"
	case strings.Contains(c.Checks, "[0-9A-Z]{1,4}"):
		return fmt.Sprintf("%04d", m.n)
	case strings.Contains(c.Checks, "]+@["):
		return fmt.Sprintf("ada+%d@example.com", m.n)
	case strings.Contains(c.Checks, "fv1"): // sealed by a vault
		return fmt.Sprintf("fv1.k.%040x", m.n)
	case strings.Contains(c.Checks, "[a-z_]*"):
		return "word"
	}
	text := []rune(fmt.Sprintf("%d %s", m.n, awkward))
	if parts := numbers.FindAllString(c.Typ, -1); len(parts) == 1 {
		most, _ := strconv.Atoi(parts[0])
		text = text[:min(len(text), most)]
	}
	return string(text)
}

// row makes a row of a model. Without full, what may be absent is, and the other
// flags are off and amounts zero.
func (m *maker) row(tab *schema.Table, columns map[string]column, full bool) reflect.Value {
	m.n = 0
	row := reflect.New(tab.Type)
	name := strings.ReplaceAll(string(tab.SQLName), `"`, "")
	for _, f := range tab.Fields {
		c, ok := columns[name+"."+f.Name]
		require.True(m.t, ok, "%s has no column %s", name, f.Name)
		v := row.Elem().FieldByIndex(f.Index)
		typ := v.Type()
		switch _, isAmount := v.Interface().(money.Amount); {
		case !full && !c.NN:
		case !full && (typ.Kind() == reflect.Bool || isAmount && !strings.Contains(c.Checks, "> ")):
		default:
			v.Set(m.value(typ, c))
		}
	}
	adjust(m.t, row.Interface(), full)
	for _, f := range tab.Fields {
		switch name + "." + f.Name {
		case "documents.signatures.declined_at", // nobody both signs and declines
			"media.files.video_id", "media.files.tour_id", // a file of a photo
			"financials.loan_entries.purpose",                                                                                                  // a reversal has none
			"financials.worksheets.distributable",                                                                                              // nothing of what is trapped
			"documents.uploads.taken_at",                                                                                                       // a document has it
			"documents.uploads.removed_at",                                                                                                     // a complete one is not removed
			"documents.signature_requests.signer_name", "documents.signature_requests.signer_email", "documents.signature_requests.token_hash", // a user has none
			"investments.capital_movements.subscription_id", "investments.capital_movements.line_id", "investments.capital_movements.partner_event_id", // a movement is of one source
			"investments.capital_movements.sale", "investments.capital_movements.sale_capital", // of distributions
			"investments.partner_events.name", "investments.partner_events.factor", "investments.partner_events.promote_account_id", "investments.partner_events.ends",
			"investments.partner_events.loan_id", "investments.partner_events.interest_paid", // a loan has none
			"investments.reserve_movements.journal_id", "investments.reserve_movements.book_id": // what is held back has none of its own
			continue
		}
		if full {
			require.False(m.t, row.Elem().FieldByIndex(f.Index).IsZero(), "%s.%s is not set", name, f.Name)
		}
	}
	return row
}
