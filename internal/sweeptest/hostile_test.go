package sweeptest

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// bad is a hostile value, by a name for reports.
type bad struct {
	name  string
	value any
}

const megabyte = 1 << 20

// hostileTexts go to every text, and to every secret.
var hostileTexts = []bad{
	{"empty", ""}, {"blank", "  \t"}, {"NUL", "a\x00b"}, {"invalid UTF-8", "a\xffb"}, {"half a rune", "\xe2\x82"}, {"long", strings.Repeat("x", 300)},
	{"quotes", `'; DROP TABLE x; -- \' " $1 ? ?0 ?TableAlias`}, {"zero width", "\u200b\u2028\ufeff"}, {"controls", "\x01\x1b[2J\r\n"},
	{"uuid with a prefix", "urn:uuid:0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a"}, {"number", "1e309"}, {"wildcards", `%_\*:&|!()`}, {"surrogate", "\xed\xa0\x80"},
	{"megabyte", strings.Repeat("Lorem ipsum ", megabyte/12)},
}

var hostileJSON = []bad{
	{"nil", json.RawMessage(nil)}, {"empty", json.RawMessage{}}, {"null", json.RawMessage("null")}, {"broken", json.RawMessage(`{"a":`)},
	{"array", json.RawMessage("[]")}, {"NUL", json.RawMessage(`{"a": "\u0000"}`)}, {"half a surrogate", json.RawMessage(`{"a": "\ud800"}`)},
	{"deep", json.RawMessage(strings.Repeat("[", 9000) + strings.Repeat("]", 9000))}, {"too deep", json.RawMessage(strings.Repeat(`{"a":`, 20_000))},
	{"number", json.RawMessage(`{"a": 1e400000}`)}, {"invalid UTF-8", json.RawMessage("{\"a\": \"\xff\"}")}, {"megabyte", json.RawMessage(`"` + strings.Repeat("x", megabyte) + `"`)},
}

func deep(n int) any {
	v := any("x")
	for range n {
		v = map[string]any{"a": v}
	}
	return v
}

var hostileAny = []bad{
	{"nil", nil}, {"channel", make(chan int)}, {"NaN", math.NaN()}, {"deep", deep(9000)}, {"text with NUL", "a\x00"}, {"invalid UTF-8", "\xff"},
	{"long", strings.Repeat("x", megabyte)}, {"raw", json.RawMessage("{")}, {"number", json.Number("1e99999999")},
}

var hostileTimes = []bad{
	{"zero", time.Time{}}, {"year 0", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}, {"year -4713", time.Date(-4713, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"year -5000", time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)}, {"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"year 300000", time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC)}, {"year 1", time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)},
	{"the last", time.Unix(1<<62, 999)}, {"zone", time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("x", 86_399))},
	{"zone of a second", time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("x", -1))}, {"year 9999", time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("x", -3600))},
}

var hostileDecimals = []bad{
	{"zero", decimal.Decimal{}}, {"negative", decimal.NewFromInt(-1)}, {"small exponent", decimal.New(1, math.MinInt32)}, {"large exponent", decimal.New(1, math.MaxInt32)},
	{"exponent", decimal.New(1, 1_000_000)}, {"minus exponent", decimal.New(1, -1_000_000)}, {"zero with an exponent", decimal.New(0, math.MinInt32)},
	{"zero with a large one", decimal.New(0, math.MaxInt32)}, {"many digits", decimal.RequireFromString(strings.Repeat("9", 5000))},
	{"many decimals", decimal.New(1, -30)}, {"large", decimal.New(1, 19)}, {"two", decimal.NewFromInt(2)},
}

var hostileAddrs = []bad{
	{"zero", netip.Addr{}}, {"zone", netip.MustParseAddr("fe80::1%eth0")}, {"hostile zone", netip.MustParseAddr("fe80::1").WithZone(`'; --`)},
	{"mapped", netip.MustParseAddr("::ffff:192.0.2.1")}, {"mapped with a zone", netip.MustParseAddr("::ffff:192.0.2.1%x")}, {"unspecified", netip.IPv6Unspecified()},
}

var hostileDates = []bad{
	{"zero", date.Date{}}, {"the first", date.MustParse("0001-01-01")}, {"the last", date.MustParse("9999-12-31")}, {"of old", date.MustParse("1600-02-29")},
}

var hostileAmounts = []bad{
	{"zero", money.Amount{}}, {"a cent less", money.MustParse("-0.01")}, {"the most", money.MustParse("9999999999999.99")}, {"the least", money.MustParse("-9999999999999.99")},
	{"a cent", money.MustParse("0.01")},
}

var hostileInts = []int64{0, -1, math.MinInt64, math.MaxInt64, math.MinInt32, math.MaxInt32, math.MaxInt32 + 1, 1001}

var hostileFloats = []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 5e-324, 180.0000001}

// hostileParts go into cursors, instead of one part of one that the list gave.
var hostileParts = []string{
	"", "x", "urn:uuid:0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a", "{0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a}", "0192f0c12b3c7d4e8f5a6b7c8d9e0f1a",
	"0000-01-01T00:00:00Z", "2026-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "infinity", "-infinity", "NaN", "1e100000", "1E-200000", "a\x00", "\xff",
	"0001-01-01", "99999999999999999999999", "-1", strings.Repeat("9", 200_000),
}

// hostile are the values that a leaf is changed to.
func hostile(t reflect.Type) []bad {
	switch t {
	case decimalType:
		return hostileDecimals
	case amountType:
		return hostileAmounts
	case dateType:
		return hostileDates
	case timeType:
		return hostileTimes
	case addrType:
		return hostileAddrs
	case rawType:
		return hostileJSON
	case secretType:
		out := []bad{{"zero", auth.Secret{}}}
		for _, h := range hostileTexts {
			out = append(out, bad{h.name, auth.NewSecret(h.value.(string))})
		}
		return out
	case reflect.TypeFor[page.Cursor]():
		return nil // cursorsOf
	}
	switch t.Kind() {
	case reflect.String:
		return hostileTexts
	case reflect.Int, reflect.Int64, reflect.Int32:
		var out []bad
		for _, n := range hostileInts {
			if v := reflect.New(t).Elem(); !v.OverflowInt(n) {
				v.SetInt(n)
				out = append(out, bad{v.String(), v.Interface()})
			}
		}
		return out
	case reflect.Float64:
		var out []bad
		for _, n := range hostileFloats {
			out = append(out, bad{"float", n})
		}
		return out
	case reflect.Bool:
		return []bad{{"true", true}, {"false", false}}
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return hostileAny
		}
		return []bad{{"nil", nil}}
	case reflect.Array:
		other := reflect.New(t).Elem()
		for i := range t.Len() {
			other.Index(i).SetUint(uint64(200 + i))
		}
		return []bad{{"zero", reflect.Zero(t).Interface()}, {"of no row", other.Interface()}}
	case reflect.Slice: // of bytes
		return []bad{{"nil", reflect.Zero(t).Interface()}, {"binary", []byte{0, 255, 1}}, {"megabyte", make([]byte, megabyte)}}
	}
	return nil
}

// cursorsOf are bad cursors of a list, of which good is one that it gave.
func cursorsOf(good page.Cursor) []bad {
	out := []bad{{"cursor", page.Cursor("x")}, {"no base64", page.Cursor("!\x00\xff")}, {"long cursor", page.Cursor(strings.Repeat("A", megabyte))}}
	for n := 1; n <= 4; n++ {
		parts, err := good.Decode(n)
		if good == "" || err != nil {
			parts = []string{"2026-01-01T00:00:00Z", "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a", "a", "1"}[:n]
			if good != "" {
				continue
			}
		}
		for i := range parts {
			for _, h := range hostileParts {
				changed := append([]string(nil), parts...)
				changed[i] = h
				out = append(out, bad{"cursor of " + clip(strings.Join(changed, " ")), page.Encode(changed...)})
			}
		}
	}
	return out
}

func clip(s string) string { return s[:min(len(s), 60)] }
