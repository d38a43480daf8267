package waterfall_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

// unpaidOf replays a history with one preference of class LP and returns what is
// unpaid on a day.
func unpaidOf(t *testing.T, pref, day string, events ...waterfall.Event) string {
	t.Helper()
	terms := parse(t, `{"prefs":{"LP":`+pref+`},"tiers":{"capital":[{"name":"c","type":"return_of_capital"},{"name":"p","type":"pref"}]}}`)
	h, err := waterfall.Replay(terms, classicPartners(), events)
	require.NoError(t, err)
	s, err := waterfall.Accrue(terms, h.Final, on(day))
	require.NoError(t, err)
	a, err := s.Find("ann")
	require.NoError(t, err)
	text, err := terms.Describe()
	require.NoError(t, err)
	require.NotEmpty(t, text)
	return a.UnpaidPref().String()
}

// Each element of a preferred return on 100,000.00 of 1 January 2021.
func TestPref_elements(t *testing.T) {
	t.Parallel()
	in := contribution("2021-01-01", "ann", "100000")
	more := contribution("2022-01-01", "ann", "50000")
	back := distribution("2022-01-01", waterfall.Sale, "40000")
	rate := decimal.RequireFromString("0.05")
	for name, c := range map[string]struct {
		pref, day, want string
		events          []waterfall.Event
	}{
		// 8,000.00, then a year on 100,000.00 + 50,000.00 - 40,000.00.
		"unreturned":  {`{"rate":"0.08"}`, "2023-01-01", "16800.00", []waterfall.Event{in, more, back}},
		"contributed": {`{"rate":"0.08","base":"contributed"}`, "2023-01-01", "20000.00", []waterfall.Event{in, more, back}},
		"initial":     {`{"rate":"0.08","base":"initial"}`, "2023-01-01", "16000.00", []waterfall.Event{in, more, back}},
		"from a date": {`{"rate":"0.08","from":"2022-01-01"}`, "2023-01-01", "8000.00", []waterfall.Event{in}},
		"from days":   {`{"rate":"0.08","from":365}`, "2023-01-01", "8000.00", []waterfall.Event{in}},
		"rates":       {`{"rate":"0.08","rates":[{"from":"2022-01-01","rate":"0.1"}]}`, "2023-01-01", "18000.00", []waterfall.Event{in}},
		"a default": {`{"rate":"0.08","default_rate":"0.18"}`, "2024-01-01", "34000.00", []waterfall.Event{in,
			{Date: on("2022-01-01"), Type: waterfall.EventDefault, Name: "LP"}, {Date: on("2023-01-01"), Type: waterfall.EventDefault, Name: "LP", Ends: true}}},
		"an index": {`{"rate":"0.08","index":{"name":"SOFR","spread":"0.03","floor":"0.04","cap":"0.075"}}`, "2023-01-01", "15500.00", []waterfall.Event{in,
			{Date: on("2022-01-01"), Type: waterfall.EventRate, Name: "SOFR", Rate: &rate}}}, // 8 % before the fixing, then the cap
		"anniversary": {`{"rate":"0.1","compounding":"annual","boundaries":"anniversary"}`, "2023-07-01", "21000.00", []waterfall.Event{contribution("2021-07-01", "ann", "100000")}},
		"calendar":    {`{"rate":"0.1","compounding":"annual"}`, "2023-07-01", "21274.98", []waterfall.Event{contribution("2021-07-01", "ann", "100000")}},
		"lapse":       {`{"rate":"0.12","lapse":"annual"}`, "2022-07-01", "5950.68", []waterfall.Event{in}},
		"lapse at":    {`{"rate":"0.12","lapse":"annual"}`, "2022-01-01", "12000.00", []waterfall.Event{in}}, // still payable on the day
		"own count":   {`{"rate":"0.09","day_count":"ACT/360"}`, "2022-01-01", "9125.00", []waterfall.Event{in}},
	} {
		require.Equal(t, c.want, unpaidOf(t, c.pref, c.day, c.events...), name)
	}
}

// A class with a current and an accrued preference, each paid by its name.
func TestPref_severalInOneClass(t *testing.T) {
	t.Parallel()
	h := replay(t, `{"prefs":{"LP":{"rate":"0.06"},"accrued":{"class":"LP","rate":"0.03","compounding":"annual"}},"tiers":{
		"operating":[{"name":"current","type":"pref"},{"name":"rest","type":"split","promote":"0.5"}],
		"capital":[{"name":"current","type":"pref"},{"name":"accrued","type":"pref","pref":"accrued"},{"name":"capital","type":"return_of_capital"},{"name":"rest","type":"split","promote":"0.5"}]}}`,
		classicPartners(), contribution("2021-01-01", "ann", "100000"), distribution("2022-01-01", waterfall.Operating, "7000"),
		distribution("2023-01-01", waterfall.Sale, "132090"))
	require.Equal(t, "6500.00", paid(t, h.Results[0], "ann"))
	// 6,000.00, then 3,000.00 and 3,090.00, then capital, then half of 20,000.00.
	require.Equal(t, "122090.00", paid(t, h.Results[1], "ann"))
	require.Equal(t, "10000.00", paid(t, h.Results[1], "gp"))
}

// A class without capital earns a return on another's.
func TestPref_onAnotherClass(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "a1", Class: "A"}, {ID: "a2", Class: "A"}, {ID: "b1", Class: "B"}, {ID: "b2", Class: "B"}, {ID: "gp", Class: "promote"}}
	h := replay(t, `{"prefs":{"A":{"rate":"0.08"},"B":{"rate":"0.02","on":"A"}},"tiers":{"capital":[{"name":"A","type":"pref","to":["A"]},
		{"name":"B","type":"pref","pref":"B"},{"name":"capital","type":"return_of_capital"},{"name":"rest","type":"split","promote":"1"}]}}`,
		ps, contribution("2021-01-01", "a1", "60000"), contribution("2021-01-01", "a2", "40000"), distribution("2022-01-01", waterfall.Operating, "9000"),
		distribution("2023-01-01", waterfall.Sale, "111000"))
	require.Equal(t, "500.00", paid(t, h.Results[0], "b1")) // half of what 8,000.00 to A leave
	require.Equal(t, "1500.00", paid(t, h.Results[1], "b2"))
	require.Equal(t, "0.00", paid(t, h.Results[1], "gp"))
}

func TestPref_refused(t *testing.T) {
	t.Parallel()
	for field, pref := range map[string]string{
		"base":          `{"rate":"0.1","base":"units"}`,
		"boundaries":    `{"rate":"0.1","boundaries":"weekly"}`,
		"lapse":         `{"rate":"0.1","lapse":"daily"}`,
		"on":            `{"rate":"0.1","on":"LP"}`,
		"from":          `{"rate":"0.1","from":-1}`,
		"rates":         `{"rate":"0.1","rates":[{"from":"2021-01-01","rate":"1"}],"index":{"name":"x"}}`,
		"rates[1].from": `{"rate":"0.1","rates":[{"from":"2021-01-02","rate":"1"},{"from":"2021-01-01","rate":"1"}]}`,
		"index.cap":     `{"rate":"0.1","index":{"name":"x","floor":"0.2","cap":"0.1"}}`,
		"index.floor":   `{"rate":"0.1","index":{"name":"x","floor":"20"}}`,
		"day_count":     `{"rate":"0.1","day_count":"30/365"}`,
		"compounding":   `{"rate":"0.1","day_count":"30E/360","compounding":"daily"}`,
	} {
		_, err := waterfall.ParseTerms([]byte(`{"prefs":{"LP":` + pref + `},"tiers":{"capital":[{"name":"h","type":"split"}]}}`))
		require.ErrorIs(t, err, fault.Invalid, field)
		require.Equal(t, `prefs["LP"].`+field, fault.FieldErrors(err)[0].Field)
	}
	_, err := waterfall.ParseTerms([]byte(`{"tiers":{"capital":[{"name":"h","type":"pref","pref":"none"}]}}`))
	require.Equal(t, "tiers.capital[0].pref", fault.FieldErrors(err)[0].Field)
}
