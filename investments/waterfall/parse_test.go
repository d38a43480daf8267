package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

// What cannot be read is told with its place and with what belongs there.
func TestParseTerms_place(t *testing.T) {
	t.Parallel()
	hurdle := func(rest string) string {
		return `{"prefs":{"LP":{"rate":"0.08"}},"tiers":{"capital":[{"name":"s","type":"split"},{"name":"h","type":"hurdle",` + rest + `}]}}`
	}
	of := func(rest string) string {
		return `{"prefs":{"LP":{"rate":"0.08",` + rest + `}},"tiers":{"capital":[{"name":"s","type":"split"}]}}`
	}
	for _, row := range []struct{ text, field, msg string }{
		{hurdle(`"irr":"10%"`), "tiers.capital[1].irr", `a number is expected; 8 % is "0.08"`},
		{hurdle(`"irr":"0.1","look_back":"yes"`), "tiers.capital[1].look_back", "true or false is expected"},
		{hurdle(`"irr":"0.1","to":"LP"`), "tiers.capital[1].to", "a list is expected"},
		{hurdle(`"irr":"0.1","amount":"1,000"`), "tiers.capital[1].amount", "an amount is digits with at most two decimals"},
		{hurdle(`"irr":"0.1","percentages":{"a":0.5}`), `tiers.capital[1].percentages["a"]`, "text is expected, in quotation marks"},
		{hurdle(`"irr":"0.1","promotes":"0.2"`), "tiers.capital[1].promotes", `there is no field "promotes"`},
		{hurdle(`"irr":"0.1","Promote":"0.2"`), "tiers.capital[1].Promote", `there is no field "Promote"`},
		{hurdle(`"irr":"0.1","irr":"0.2"`), "tiers.capital[1].irr", `the field "irr" is given twice`},
		{hurdle(`"irr":"0.1","promote_split":[{"recipient":"a","share":"all"}]`), "tiers.capital[1].promote_split[0].share", "a number is expected"},
		{of(`"from":"2024-13-01"`), `prefs["LP"].from`, "there is no such date"},
		{of(`"from":1.5`), `prefs["LP"].from`, "or a whole number of days"},
		{of(`"rates":[{"from":"2024-01-01","rate":"0.1"},{"from":"soon","rate":"0.1"}]`), `prefs["LP"].rates[1].from`, "a date is written as 2006-01-02"},
		{of(`"rates":[null,{"rate":"0.1","RATE":"1"}]`), `prefs["LP"].rates[1].RATE`, "there is no field"},
		{`{"prefs":[],"tiers":{}}`, "prefs", "an object is expected"},
		{`{"prefs":{"LP":"8%"},"tiers":{}}`, `prefs["LP"]`, "an object is expected"},
		{hurdle(`"irr":"0.1","line\nbreak":1`), "tiers.capital[1]", `there is no field "line\nbreak"`},
		{hurdle(`"irr":"0.1","Line\nbreak":1`), "tiers.capital[1]", `there is no field "Line\nbreak"`},
		{`{"tiers":{"capital":[{"name":"s","type":"split"}]},"losses":{"share":1},"name":null}`, "losses.share", "there is no field"},
	} {
		_, err := waterfall.ParseTerms([]byte(row.text))
		require.ErrorIs(t, err, waterfall.ErrTermsMalformed, row.text)
		at := fault.FieldErrors(err)
		require.Len(t, at, 1, row.text)
		require.Equal(t, row.field, at[0].Field)
		require.Contains(t, at[0].Msg, row.msg)
	}
	_, err := waterfall.ParseTerms([]byte(`{"day_count":1,"tiers":{"capital":[{"name":"s","type":"split","promote":"x"},{"name":2,"type":"split"}]}}`))
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"day_count", "tiers.capital[0].promote", "tiers.capital[1].name"}, fields, "all of them at once")
}
