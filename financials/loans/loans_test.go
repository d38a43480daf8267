package loans

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

func amt(s string) money.Amount    { return money.MustParse(s) }
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }
func day(s string) date.Date       { return date.MustParse(s) }

// fixed is a 30-year loan that tests change one field of.
func fixed() Terms {
	return Terms{Principal: amt("1000000.00"), AnnualRate: dec("0.06"), TermMonths: 360,
		AmortizationMonths: 360, StartDate: day("2024-01-31")}
}

// The level payments of real mortgages, as their 10-K notes and prospectuses
// publish them in whole dollars.
func TestLevelPayment_published(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, principal, rate string
		months                  int
		want                    string
	}{
		{"https://www.sec.gov/Archives/edgar/data/1178862/000117886213000003/R36.htm", "26600000", "0.0486", 360, "140527"},
		{"the same note, second loan", "4100000", "0.0517", 360, "22438"},
		{"the same note, third loan", "12675000", "0.0486", 360, "66962"},
		{"searchlawrence.com amortization schedule, 11200 at 8 % over 36 months", "11200", "0.08", 36, "351"},
	} {
		got, err := Terms{Principal: amt(c.principal), AnnualRate: dec(c.rate), AmortizationMonths: c.months}.LevelPayment()
		require.NoError(t, err)
		require.Equal(t, c.want, got.Decimal().Round(0).String(), c.source)
	}
}

// numpy-financial's test of pmt: 15,000 at 8 % over 60 months is
// 304.1459143262052370...; ours is that to the cent.
func TestLevelPayment_numpy(t *testing.T) {
	t.Parallel()
	got, err := Terms{Principal: amt("15000"), AnnualRate: dec("0.08"), AmortizationMonths: 60}.LevelPayment()
	require.NoError(t, err)
	require.Equal(t, "304.15", got.String())
}

// searchlawrence.com amortization_schedule, amount 11200, rate 8, months 36. It
// carries unrounded balances and so publishes a last payment of 350.86 and a
// total interest of 1,434.81; posting whole cents each month gives one less.
func TestSchedule_searchlawrence(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(Terms{Principal: amt("11200"), AnnualRate: dec("0.08"), TermMonths: 36,
		AmortizationMonths: 36, StartDate: day("2020-01-01")})
	require.NoError(t, err)
	require.Equal(t, amt("350.97"), s.LevelPayment)
	require.Equal(t, Row{1, day("2020-02-01"), 30, amt("350.97"), amt("74.67"), amt("276.30"), amt("10923.70")}, s.Rows[0])
	require.Equal(t, amt("350.85"), s.Rows[35].Payment)
	require.Equal(t, amt("1434.80"), s.TotalInterest)
	require.True(t, s.Balloon.IsZero())
}

func TestSchedule_dueDatesClampFromTheOriginalDay(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(fixed())
	require.NoError(t, err)
	for i, want := range []string{"2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"} {
		require.Equal(t, want, s.Rows[i].Due.String())
	}
}

func TestSchedule_interestOnlyThenLevelThenBalloon(t *testing.T) {
	t.Parallel()
	terms := fixed()
	terms.AccrualBasis, terms.TermMonths, terms.InterestOnlyMonths = Actual360, 36, 24
	terms.StartDate = day("2023-03-01")
	s, err := NewSchedule(terms)
	require.NoError(t, err)
	require.Len(t, s.Rows, 36)
	for _, r := range s.Rows[:24] {
		require.Equal(t, r.Interest, r.Payment)
		require.True(t, r.Principal.IsZero())
		require.Equal(t, amt("1000000"), r.Balance)
	}
	require.Equal(t, 31, s.Rows[0].Days) // March
	require.Equal(t, amt("5166.67"), s.Rows[0].Interest)
	require.Equal(t, 29, s.Rows[11].Days) // February 2024
	require.Equal(t, amt("4833.33"), s.Rows[11].Interest)
	require.Equal(t, s.LevelPayment, s.Rows[24].Payment)
	require.Equal(t, s.Rows[35].Balance, s.Balloon)
	require.Positive(t, s.Balloon.Sign())
	require.NoError(t, s.Check())
}

// Interest-only to the end needs no amortization; the whole loan is the balloon.
func TestSchedule_interestOnlyToTheEnd(t *testing.T) {
	t.Parallel()
	terms := fixed()
	terms.TermMonths, terms.AmortizationMonths, terms.InterestOnlyMonths = 12, 0, 12
	s, err := NewSchedule(terms)
	require.NoError(t, err)
	require.True(t, s.LevelPayment.IsZero())
	require.Equal(t, terms.Principal, s.Balloon)
	require.Equal(t, amt("60000"), s.TotalInterest)
}

func TestSchedule_calendarMonth(t *testing.T) {
	t.Parallel()
	terms := fixed()
	terms.AccrualBasis, terms.StartDate = Actual360, day("2024-01-11")
	between, err := NewSchedule(terms)
	require.NoError(t, err)
	terms.AccrualPeriod = CalendarMonth
	month, err := NewSchedule(terms)
	require.NoError(t, err)
	require.Equal(t, 31, between.Rows[0].Days) // 11 January to 11 February
	require.Equal(t, 31, month.Rows[0].Days)   // January
	require.Equal(t, 29, between.Rows[1].Days) // 11 February to 11 March
	require.Equal(t, 29, month.Rows[1].Days)   // February
	require.Equal(t, 31, between.Rows[2].Days)
	require.Equal(t, 31, month.Rows[2].Days)

	terms.StartDate = day("2024-01-31") // due 29 February, 31 March
	month, err = NewSchedule(terms)
	require.NoError(t, err)
	require.Equal(t, 31, month.Rows[0].Days)
	require.Equal(t, 29, month.Rows[1].Days)
}

// A payment basis of actual/360 fixes a higher payment: its monthly rate
// carries 365 days.
func TestSchedule_paymentBasis(t *testing.T) {
	t.Parallel()
	terms := fixed()
	plain, err := terms.LevelPayment()
	require.NoError(t, err)
	require.Equal(t, amt("5995.51"), plain)
	terms.PaymentBasis = Actual360
	higher, err := terms.LevelPayment()
	require.NoError(t, err)
	same := fixed()
	same.AnnualRate = dec("0.060833333333333") // 0.06·365/360
	want, err := same.LevelPayment()
	require.NoError(t, err)
	require.Equal(t, want, higher)
	terms.PaymentBasis = Actual365F
	got, err := terms.LevelPayment()
	require.NoError(t, err)
	require.Equal(t, plain, got)
	terms.Payment = ptr(amt("6000"))
	got, err = terms.LevelPayment()
	require.NoError(t, err)
	require.Equal(t, amt("6000"), got)
}

func ptr[T any](v T) *T { return &v }

// A rounded-up payment clears a small loan before its last month.
func TestSchedule_paidOffEarly(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(Terms{Principal: amt("0.05"), TermMonths: 10, AmortizationMonths: 10, StartDate: day("2024-01-01")})
	require.NoError(t, err)
	require.Len(t, s.Rows, 5)
	require.True(t, s.Balloon.IsZero())
}

// A payment of zero on a tiny loan leaves everything to the last payment.
func TestSchedule_lastPaymentClears(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(Terms{Principal: amt("0.01"), TermMonths: 12, AmortizationMonths: 12, StartDate: day("2024-01-01")})
	require.NoError(t, err)
	require.True(t, s.LevelPayment.IsZero())
	require.Equal(t, amt("0.01"), s.Rows[11].Payment)
}

// 31 days at 30/360's payment do not cover the interest of a long loan at a
// high rate: the balance grows, and the last payment still clears it.
func TestSchedule_negativeAmortization(t *testing.T) {
	t.Parallel()
	terms := fixed()
	terms.AnnualRate, terms.AccrualBasis = dec("0.14"), Actual360
	terms.TermMonths, terms.AmortizationMonths = 480, 480
	s, err := NewSchedule(terms)
	require.NoError(t, err)
	require.Negative(t, s.Rows[1].Principal.Sign()) // 31 days
	require.True(t, s.Rows[1].Balance.Cmp(s.Rows[0].Balance) > 0)
	require.True(t, s.Balloon.IsZero())
	require.NoError(t, s.Check())
}

func TestAnnualInterest(t *testing.T) {
	t.Parallel()
	for b, want := range map[Basis]string{"": "300000.00", Thirty360: "300000.00", Actual360: "304166.67", Actual365F: "300000.00"} {
		got, err := AnnualInterest(amt("5000000"), dec("0.06"), b)
		require.NoError(t, err)
		require.Equal(t, want, got.String(), b)
	}
	_, err := AnnualInterest(amt("-1"), dec("0.06"), Actual360)
	require.ErrorIs(t, err, ErrPrincipal)
	_, err = AnnualInterest(amt("1"), dec("-0.06"), Actual360)
	require.ErrorIs(t, err, ErrRate)
	_, err = AnnualInterest(amt("1"), dec("0.06"), "30/365")
	require.ErrorIs(t, err, ErrBasis)
}

// Berkshire Income Realty 10-K FY2012, note table: 31 days of interest on
// 99.2 million at 6.10 %, published as 521,076.
func TestInterest(t *testing.T) {
	t.Parallel()
	got, err := Interest(amt("99200000"), dec("0.0610"), Actual360, day("2012-01-01"), day("2012-02-01"))
	require.NoError(t, err)
	require.Equal(t, amt("521075.56"), got)
	got, err = Interest(amt("1000000"), dec("0.06"), Actual365F, day("2024-02-01"), day("2024-03-01"))
	require.NoError(t, err)
	require.Equal(t, amt("4767.12"), got)
	got, err = Interest(amt("1000000"), dec("0.06"), Thirty360, day("2024-01-31"), day("2024-02-29"))
	require.NoError(t, err)
	require.Equal(t, amt("4833.33"), got) // 30 January counts, 29 February: 29 days
	for _, c := range []struct {
		balance, rate, from, to string
		basis                   Basis
		want                    error
	}{
		{"1", "0.06", "2024-02-01", "2024-01-01", Actual360, ErrStart},
		{"1", "0.06", "2024-01-01", "2025-02-01", Actual360, ErrStart},
		{"1", "11", "2024-01-01", "2024-02-01", Actual360, ErrRate},
		{"-1", "0.06", "2024-01-01", "2024-02-01", Actual360, ErrPrincipal},
		{"1", "0.06", "2024-01-01", "2024-02-01", "x", ErrBasis},
	} {
		_, err := Interest(amt(c.balance), dec(c.rate), c.basis, day(c.from), day(c.to))
		require.ErrorIs(t, err, c.want)
	}
}

func TestSchedule_betweenAndBalanceOn(t *testing.T) {
	t.Parallel()
	terms := fixed()
	terms.StartDate = day("2023-12-01")
	s, err := NewSchedule(terms)
	require.NoError(t, err)

	year, err := s.Between(day("2024-01-01"), day("2024-12-31"))
	require.NoError(t, err)
	require.Equal(t, 12, year.Payments)
	require.Equal(t, amt("71946.12"), year.Paid)
	all, err := s.Between(day("0001-01-01"), day("9999-12-31"))
	require.NoError(t, err)
	require.Equal(t, terms.Principal, all.Principal)
	require.Equal(t, s.TotalInterest, all.Interest)
	none, err := s.Between(day("2024-01-02"), day("2024-01-31"))
	require.NoError(t, err)
	require.Equal(t, Totals{}, none)
	none, err = s.Between(day("2025-01-01"), day("2024-01-01"))
	require.NoError(t, err)
	require.Equal(t, Totals{}, none)

	b, err := s.BalanceOn(day("2023-12-31"))
	require.NoError(t, err)
	require.Equal(t, terms.Principal, b)
	b, err = s.BalanceOn(day("2024-01-01"))
	require.NoError(t, err)
	require.Equal(t, s.Rows[0].Balance, b)
	b, err = s.BalanceOn(day("2100-01-01"))
	require.NoError(t, err)
	require.True(t, b.IsZero())
	_, err = s.BalanceOn(day("2023-11-30"))
	require.ErrorIs(t, err, ErrStart)
}

func TestSchedule_checkFindsTampering(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(fixed())
	require.NoError(t, err)
	require.NoError(t, s.Check())
	cent := amt("0.01")
	for i, breakIt := range []func(*Schedule){
		func(s *Schedule) { s.Rows[3].Balance = cent },
		func(s *Schedule) { s.Rows[3].Payment = cent },
		func(s *Schedule) { s.Rows[3].Number = 9 },
		func(s *Schedule) { s.Balloon = cent },
		func(s *Schedule) { s.TotalInterest = cent },
		func(s *Schedule) { s.Terms.Principal = cent },
	} {
		c := s
		c.Rows = append([]Row(nil), s.Rows...)
		breakIt(&c)
		require.ErrorIs(t, c.Check(), ErrInconsistent, i)
	}
}

func TestSchedule_json(t *testing.T) {
	t.Parallel()
	s, err := NewSchedule(fixed())
	require.NoError(t, err)
	b, err := json.Marshal(s)
	require.NoError(t, err)
	var back Schedule
	require.NoError(t, json.Unmarshal(b, &back))
	require.NoError(t, back.Check())
	require.Equal(t, s.Rows, back.Rows)
}
