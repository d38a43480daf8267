package loans

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func TestValidate_namesEveryField(t *testing.T) {
	t.Parallel()
	err := Terms{AnnualRate: dec("-0.1"), TermMonths: 0, AmortizationMonths: -1, InterestOnlyMonths: -1,
		AccrualBasis: "x", PaymentBasis: "y", AccrualPeriod: "z", Payment: ptr(amt("-1"))}.Validate()
	require.ErrorIs(t, err, fault.Invalid)
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field+" "+e.Code)
	}
	require.ElementsMatch(t, []string{
		"principal out_of_range", "annual_rate out_of_range", "amortization_months out_of_range",
		"payment_basis value_not_allowed", "payment out_of_range", "term_months out_of_range",
		"interest_only_months out_of_range", "accrual_basis value_not_allowed", "accrual_period value_not_allowed",
		"start_date loan_start_invalid",
	}, fields)
}

func TestNewSchedule_limits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Terms)
		want   error
	}{
		"term too long":        {func(l *Terms) { l.TermMonths = MaxMonths + 1 }, ErrMonths},
		"amortization is huge": {func(l *Terms) { l.AmortizationMonths = 1 << 60 }, ErrMonths},
		"nothing amortizes":    {func(l *Terms) { l.AmortizationMonths = 0 }, ErrMonths},
		"a percentage":         {func(l *Terms) { l.AnnualRate = dec("12") }, ErrRate},
		"16 decimals":          {func(l *Terms) { l.AnnualRate = dec("0.0600000000000001") }, ErrRate},
		"a hostile exponent":   {func(l *Terms) { l.AnnualRate = decimal.New(1, 1<<30) }, ErrRate},
		"a tiny rate":          {func(l *Terms) { l.AnnualRate = decimal.New(1, -1<<30) }, ErrRate},
		"the last due date":    {func(l *Terms) { l.StartDate = day("9990-01-01") }, ErrStart},
		"a balance that grows": {func(l *Terms) {
			l.AnnualRate, l.Payment, l.Principal = dec("10"), ptr(amt("0")), amt("9999999999999.99")
		}, money.ErrOutOfRange},
	} {
		l := fixed()
		c.change(&l)
		_, err := NewSchedule(l)
		require.ErrorIs(t, err, c.want, name)
	}
	l := fixed()
	l.AnnualRate = dec("0.060000000000000000000") // zeros carry no value
	_, err := NewSchedule(l)
	require.NoError(t, err)
}
