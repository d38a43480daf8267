package store

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
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

// anyRow draws a row, with and without its optional values.
func anyRow(t *rapid.T) encoded {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`['"\\\n\t\r{}NUL, \x00]{0,6}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 6), func(b []byte) string { return string(b) }))
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
	return row
}

// The binary form of every value is the one that pgx makes of its text.
func TestEncoder_writesWhatTextSays(t *testing.T) {
	t.Parallel()
	dialect := pgdialect.New()
	dialect.Tables().Register((*encoded)(nil))
	gen, table, m := schema.NewQueryGen(dialect), dialect.Tables().Get(reflect.TypeFor[encoded]()), pgtype.NewMap()
	oids := map[string][]uint32{
		"id": {pgtype.UUIDOID}, "other": {pgtype.UUIDOID}, "amount": {pgtype.NumericOID}, "maybe": {pgtype.NumericOID}, "rate": {pgtype.NumericOID},
		"day": {pgtype.DateOID}, "day_or": {pgtype.DateOID}, "at": {pgtype.TimestamptzOID}, "at_or": {pgtype.TimestamptzOID},
		"kind": {pgtype.VarcharOID, pgtype.TextOID}, "text": {pgtype.TextOID}, "text_or": {pgtype.BPCharOID},
		"n": {pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID}, "big": {pgtype.Int8OID, pgtype.NumericOID}, "yes": {pgtype.BoolOID},
		"json": {pgtype.JSONBOID}, "bytes": {pgtype.ByteaOID},
	}
	short := 0
	for _, f := range table.Fields {
		require.NotEmpty(t, oids[f.Name], f.Name)
		c := newColumn(f)
		if e, _ := newEncoder(&c, m, oids[f.Name][0]); e.short != nil {
			short++
		}
	}
	require.Equal(t, 9, short)
	c := newColumn(table.Fields[0])
	_, ok := newEncoder(&c, m, 999_999)
	require.False(t, ok, "a type that pgx does not know")

	rapid.Check(t, func(t *rapid.T) {
		v := reflect.ValueOf([]encoded{anyRow(t)}).Index(0)
		for _, f := range table.Fields {
			for _, oid := range oids[f.Name] {
				c := newColumn(f)
				text, wantNull, _, textErr := c.append(gen, nil, v)
				e, ok := newEncoder(&c, m, oid)
				require.True(t, ok)
				got, null, err := e.append(gen, []byte("before "), v)
				if textErr != nil {
					require.Equal(t, textErr, err, f.Name)
					continue
				}
				require.Equal(t, wantNull, null, f.Name)
				if null {
					continue
				}
				known, _ := m.TypeForOID(oid)
				switch oid {
				case pgtype.VarcharOID, pgtype.TextOID, pgtype.BPCharOID, pgtype.JSONBOID:
					require.NoError(t, err)
					want := "before " + string(text)
					if oid == pgtype.JSONBOID {
						want = "before \x01" + string(text)
					}
					require.Equal(t, want, string(got), f.Name)
					continue
				}
				want, wantErr := known.Codec.DecodeDatabaseSQLValue(m, oid, pgtype.TextFormatCode, text)
				if wantErr == nil {
					_, wantErr = known.Codec.DecodeValue(m, oid, pgtype.TextFormatCode, text) // reads numbers of all sizes otherwise
				}
				if wantErr != nil {
					require.ErrorIs(t, err, e.refused, f.Name)
					continue
				}
				require.NoError(t, err, f.Name)
				is, err := known.Codec.DecodeDatabaseSQLValue(m, oid, pgtype.BinaryFormatCode, got[len("before "):])
				require.NoError(t, err, f.Name)
				if oid == pgtype.NumericOID {
					require.True(t, decimal.RequireFromString(is.(string)).Equal(decimal.RequireFromString(want.(string))), "%s and %s", is, want)
					continue
				}
				require.Equal(t, want, is, f.Name)
			}
		}
	})
}

// Numbers around the edges of the groups that the binary form has.
func TestNumeric(t *testing.T) {
	t.Parallel()
	m := pgtype.NewMap()
	known, _ := m.TypeForOID(pgtype.NumericOID)
	for _, text := range []string{"0", "-0", "0.00", "1", "-1", "9999", "10000", "10001", "99999999", "100000000", "0.1", "0.0001", "0.00001", "0.00010001",
		"1234.56", "-1234567890123.45", "10000.0001", "0.3333333333", "99999999999999999999999999999999.99999999999999999999999999999999", "000120.0050", ".5", "5."} {
		got, ok := numeric(nil, []byte(text))
		require.True(t, ok, text)
		is, err := known.Codec.DecodeDatabaseSQLValue(m, pgtype.NumericOID, pgtype.BinaryFormatCode, got)
		require.NoError(t, err)
		want, err := known.Codec.DecodeDatabaseSQLValue(m, pgtype.NumericOID, pgtype.TextFormatCode, []byte(text))
		require.NoError(t, err)
		require.True(t, decimal.RequireFromString(want.(string)).Equal(decimal.RequireFromString(is.(string))), "%s is %s", text, is)
	}
	for _, text := range []string{"", "-", ".", "NaN", "Infinity", "1e5", "1.2.3", "+1", " 1", "123456789012345678901234567890123"} {
		_, ok := numeric(nil, []byte(text))
		require.False(t, ok, text)
	}
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
	rapid.Check(t, func(t *rapid.T) {
		v := reflect.ValueOf([]encoded{anyRow(t)}).Index(0)
		for _, f := range table.Fields {
			c := newColumn(f)
			want, wantNull, wantErr := literal(gen, []byte("before "), f, v)
			got, null, plain, err := c.append(gen, []byte("before "), v)
			if isUnset(f, v) { // bun would store an id that is no row's
				require.ErrorIs(t, err, ErrNotStorable, f.Name)
				continue
			}
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
	types := map[string]columnType{}
	for name, oid := range map[string]uint32{"id": pgtype.UUIDOID, "other": pgtype.UUIDOID, "amount": pgtype.NumericOID, "maybe": pgtype.NumericOID,
		"rate": pgtype.NumericOID, "day": pgtype.DateOID, "day_or": pgtype.DateOID, "at": pgtype.TimestamptzOID, "at_or": pgtype.TimestamptzOID,
		"kind": pgtype.TextOID, "text": pgtype.TextOID, "text_or": pgtype.TextOID, "n": pgtype.Int4OID, "big": pgtype.Int8OID,
		"yes": pgtype.BoolOID, "json": pgtype.JSONBOID, "bytes": pgtype.ByteaOID} {
		types[name] = columnType{OID: oid}
	}
	p := make([]byte, 64<<10)
	b.ReportAllocs()
	for b.Loop() {
		r := copyReader{bulk: newBulk(bun.NewDB(nil, dialect), rows), types: types}
		require.True(b, r.binary(pgtype.NewMap()))
		for {
			if _, err := r.Read(p); err != nil {
				require.ErrorIs(b, err, io.EOF)
				break
			}
		}
	}
}
