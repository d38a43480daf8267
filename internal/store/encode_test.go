package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

type kind string

func (kind) Valid() bool { return true }

// encoded has a field for each short way, and some without one.
type encoded struct {
	bun.BaseModel `bun:"table:public.encoded"`

	ID     id.Of[encoded] `bun:"id,pk"`
	Other  *id.Of[encoded]
	Amount money.Amount
	Maybe  *money.Amount
	Rate   decimal.Decimal
	Day    date.Date
	DayOr  *date.Date
	At     time.Time
	AtOr   *time.Time
	Kind   kind
	Text   string
	TextOr *string
	N      int
	Big    int64
	Yes    bool
	JSON   map[string]any `bun:"type:jsonb,nullzero"`
	Bytes  []byte
}

// The short ways write what bun writes, whatever the value.
func TestColumn_writesWhatBunWrites(t *testing.T) {
	t.Parallel()
	dialect := pgdialect.New()
	dialect.Tables().Register((*encoded)(nil))
	gen, table := schema.NewQueryGen(dialect), dialect.Tables().Get(reflect.TypeFor[encoded]())
	short := 0
	for _, f := range table.Fields {
		if newColumn(f).short != nil {
			short++
		}
	}
	require.Equal(t, 15, short)
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`['"\\\n\t\r{}NUL, \x00]{0,6}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 6), func(b []byte) string { return string(b) }))
	rapid.Check(t, func(t *rapid.T) {
		cents, err := money.FromCents(rapid.Int64Range(-99999999999999, 99999999999999).Draw(t, "cents"))
		require.NoError(t, err)
		var day date.Date
		if n := rapid.IntRange(0, 3_000_000).Draw(t, "day"); n > 0 { // else no date
			day, err = date.FromDays(n)
			require.NoError(t, err)
		}
		at := time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "at"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).In(time.FixedZone("x", 3600))
		row := encoded{
			ID: id.Of[encoded](rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")), Amount: cents, Day: day, At: at,
			Rate: decimal.New(rapid.Int64().Draw(t, "coefficient"), rapid.Int32Range(-20, 20).Draw(t, "exponent")),
			Kind: kind(text.Draw(t, "kind")), Text: text.Draw(t, "text"), N: rapid.Int().Draw(t, "n"), Big: rapid.Int64().Draw(t, "big"), Yes: rapid.Bool().Draw(t, "yes"),
		}
		if rapid.Bool().Draw(t, "zero id") {
			row.ID = id.Of[encoded]{}
		}
		if rapid.Bool().Draw(t, "full") {
			row.Other, row.Maybe, row.DayOr, row.AtOr, row.TextOr, row.JSON, row.Bytes = &row.ID, &row.Amount, &row.Day, &row.At, &row.Text,
				map[string]any{"k": strings.ToValidUTF8(row.Text, "")}, []byte(row.Text)
		}
		v := reflect.ValueOf([]encoded{row}).Index(0)
		for _, f := range table.Fields {
			c := newColumn(f)
			want, wantNull, wantErr := literal(gen, []byte("before "), f, v)
			got, null, plain, err := c.append(gen, []byte("before "), v)
			require.Equal(t, wantErr, err, f.Name)
			require.Equal(t, wantNull, null, f.Name)
			if f.Name == "yes" {
				want = []byte(strings.ToLower(string(want)))
			}
			require.Equal(t, string(want), string(got), f.Name)
			require.False(t, plain && !null && strings.ContainsAny(string(got), "\\\"\n\r\t"), f.Name)
		}
	})
}

// Rows of one table in COPY's format.
func BenchmarkCopyReader(b *testing.B) {
	dialect := pgdialect.New()
	dialect.Tables().Register((*encoded)(nil))
	rows := make([]encoded, 1000)
	for i := range rows {
		rows[i] = encoded{ID: id.New[encoded](), Other: id.New[encoded]().Ptr(), Amount: money.MustParse("1234.56"), Rate: decimal.New(15, -1),
			Day: date.MustParse("2026-01-15"), At: time.Unix(1_700_000_000, 123456000), Kind: "open", Text: "a line of text"}
	}
	r := copyReader{bulk: newBulk(bun.NewDB(nil, dialect), rows)}
	p := make([]byte, 64<<10)
	b.ReportAllocs()
	for b.Loop() {
		r.next = 0
		for {
			if _, err := r.Read(p); err != nil {
				break
			}
		}
	}
}
