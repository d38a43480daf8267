package withholding

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func day(s string) date.Date       { return date.MustParse(s) }
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }
func ptr[T any](v T) *T            { return &v }

func TestFederal(t *testing.T) {
	t.Parallel()
	for k, want := range map[Kind]string{Backup: "0.24", Section1446aNoncorporate: "0.37", Section1446aCorporate: "0.21",
		Section1446f: "0.1", Section1445: "0.15", FDAP: "0.3"} {
		got, err := Federal().On(k, day("2026-03-31"))
		require.NoError(t, err)
		require.Equal(t, want, got.String(), k)
	}
	require.Len(t, Federal().All(), len(Kinds()))
	_, err := NewRates(Federal().All()...)
	require.NoError(t, err)
	_, err = Federal().On(Backup, day("2017-12-31"))
	require.ErrorIs(t, err, ErrNoRate)
	_, err = Federal().On(Section1445, day("2016-02-17"))
	require.NoError(t, err)
	_, err = Federal().On("x", day("2020-01-01"))
	require.ErrorIs(t, err, ErrKind)
	_, err = Federal().On(Backup, date.Date{})
	require.ErrorIs(t, err, ErrDate)
}

// A rate holds from its date until the next one.
func TestRates_areDated(t *testing.T) {
	t.Parallel()
	rs, err := NewRates(
		Rate{Backup, day("2030-01-01"), dec("0.28")},
		Rate{FDAP, day("2029-06-01"), dec("0.25")},
		Rate{Backup, day("2018-01-01"), dec("0.24")})
	require.NoError(t, err)
	for d, want := range map[string]string{"2018-01-01": "0.24", "2029-12-31": "0.24", "2030-01-01": "0.28", "2050-01-01": "0.28"} {
		got, err := rs.On(Backup, day(d))
		require.NoError(t, err)
		require.Equal(t, want, got.String(), d)
	}
}

func TestNewRates_namesEveryRow(t *testing.T) {
	t.Parallel()
	_, err := NewRates(
		Rate{Backup, day("2018-01-01"), dec("24")},
		Rate{"x", date.Date{}, dec("-0.1")},
		Rate{Backup, day("2018-01-01"), dec("0.1234567891")},
		Rate{FDAP, day("2018-01-01"), decimal.New(1, 1<<30)},
		Rate{FDAP, day("2019-01-01"), decimal.New(1, -1<<30)})
	var got []string
	for _, e := range fault.FieldErrors(err) {
		got = append(got, e.Field+" "+e.Code)
	}
	require.Equal(t, []string{
		"rates[0].rate out_of_range",
		"rates[1].kind value_not_allowed", "rates[1].from required", "rates[1].rate out_of_range",
		"rates[2].rate out_of_range", "rates[2].from duplicate",
		"rates[3].rate out_of_range", "rates[4].rate out_of_range",
	}, got)
}

func TestWithhold(t *testing.T) {
	t.Parallel()
	on := day("2026-03-31")
	w, err := Federal().Withhold(Payment{Kind: Backup, Date: on, Gross: money.MustParse("1000.02")})
	require.NoError(t, err)
	require.Equal(t, Withheld{Backup, dec("0.24"), money.MustParse("1000.02"), money.MustParse("1000.02"),
		money.MustParse("240.00"), money.MustParse("760.02")}, w)

	// Tax on income that exceeds the cash paid: the payee owes the rest.
	w, err = Federal().Withhold(Payment{Kind: Section1446aNoncorporate, Date: on, Gross: money.MustParse("100.00"),
		Base: ptr(money.MustParse("1000.00"))})
	require.NoError(t, err)
	require.Equal(t, "370.00", w.Withheld.String())
	require.Equal(t, "-270.00", w.Net.String())

	w, err = Federal().Withhold(Payment{Kind: FDAP, Date: on, Gross: money.MustParse("0.10"), TreatyRate: ptr(dec("0.15"))})
	require.NoError(t, err)
	require.Equal(t, "0.02", w.Withheld.String()) // 0.015, away from zero

	for name, c := range map[string]struct {
		p    Payment
		want error
	}{
		"a treaty on backup":  {Payment{Kind: Backup, Date: on, TreatyRate: ptr(dec("0.1"))}, ErrRate},
		"a treaty that rises": {Payment{Kind: FDAP, Date: on, TreatyRate: ptr(dec("0.31"))}, ErrRate},
		"a negative treaty":   {Payment{Kind: FDAP, Date: on, TreatyRate: ptr(dec("-0.1"))}, ErrRate},
		"a negative base":     {Payment{Kind: Backup, Date: on, Gross: money.MustParse("-0.01")}, ErrBase},
		"no date":             {Payment{Kind: Backup}, ErrDate},
		"no kind":             {Payment{Date: on}, ErrKind},
		"too early":           {Payment{Kind: Backup, Date: day("1999-01-01")}, ErrNoRate},
		"out of range": {Payment{Kind: Backup, Date: on, Gross: money.MustParse("-9999999999999.99"),
			Base: ptr(money.MustParse("9999999999999.99"))}, money.ErrOutOfRange},
	} {
		_, err := Federal().Withhold(c.p)
		require.ErrorIs(t, err, c.want, name)
	}
}

// What is withheld and what is left are the payment, and the tax is within half
// a cent of the exact product.
func TestWithhold_properties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross, err := money.FromCents(rapid.Int64Range(0, money.MaxCents).Draw(t, "gross"))
		require.NoError(t, err)
		rate := decimal.New(rapid.Int64Range(0, 1_000_000_000).Draw(t, "rate"), -9)
		rs, err := NewRates(Rate{Backup, day("2020-01-01"), rate})
		require.NoError(t, err)
		w, err := rs.Withhold(Payment{Kind: Backup, Date: day("2020-01-01"), Gross: gross})
		require.NoError(t, err)
		sum, err := w.Net.Add(w.Withheld)
		require.NoError(t, err)
		require.Equal(t, gross, sum)
		exact := new(big.Rat).Mul(gross.Decimal().Rat(), rate.Rat())
		require.Equal(t, exact.FloatString(2), w.Withheld.String())
	})
}

func TestParseKind(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Kind{
		"backup": Backup, "Backup withholding": Backup, "1446a_noncorporate": Section1446aNoncorporate,
		"§ 1446(a) non-corporate": Section1446aNoncorporate, "1446a_corporate": Section1446aCorporate, "1446(a) corporate": Section1446aCorporate,
		"Section 1446(f)": Section1446f, "1446f": Section1446f, "sec. 1445": Section1445, "FIRPTA": Section1445,
		"fdap": FDAP, "1441": FDAP, "1441/1442": FDAP, "fdap_30": FDAP,
	} {
		got, err := ParseKind(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, k := range Kinds() {
		got, err := ParseKind(string(k))
		require.NoError(t, err)
		require.Equal(t, k, got)
	}
	for _, in := range []string{"", "1446", "1446a", "backup1445", "ФDAP1"} {
		_, err := ParseKind(in)
		require.ErrorIs(t, err, ErrKind, in)
	}
}

func FuzzParseKind(f *testing.F) {
	for _, s := range []string{"backup", "§ 1446(a) Non-corporate", "1441/1442", "\xff", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseKind(s)
		require.Equal(t, err == nil, k.Valid())
	})
}

func TestPayment_json(t *testing.T) {
	t.Parallel()
	in := Payment{Kind: FDAP, Date: day("2026-03-31"), Gross: money.MustParse("12.34"), TreatyRate: ptr(dec("0.15"))}
	b, err := json.Marshal(in)
	require.NoError(t, err)
	var back Payment
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, in, back)
}
