package waterfall_test

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// classicJSON is the common shape of a private real-estate deal.
const classicJSON = `{
	"name": "Maple Court",
	"day_count": "ACT/365F",
	"prefs": {"LP": {"rate": "0.08", "compounding": "none"}},
	"tiers": {
		"operating": [
			{"name": "pref", "type": "pref"},
			{"name": "split", "type": "split", "promote": "0.20"}],
		"capital": [
			{"name": "pref", "type": "pref"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "catch-up", "type": "catch_up", "gp_share": "0.5", "target": "0.20"},
			{"name": "12 %", "type": "hurdle", "irr": "0.12", "promote": "0.20"},
			{"name": "rest", "type": "split", "promote": "0.30"}]}}`

func classicPartners() []waterfall.Partner {
	return []waterfall.Partner{{ID: "ann", Class: "LP"}, {ID: "bob", Class: "LP"}, {ID: "sponsor", Class: "LP", Sponsor: true}, {ID: "gp", Class: "promote"}}
}

func on(s string) date.Date { return date.MustParse(s) }

func usd(s string) money.Amount { return money.MustParse(s) }

func contribution(day, who, amount string) waterfall.Event {
	return waterfall.Event{Date: on(day), Type: waterfall.EventContribution, Partner: who, Amount: usd(amount)}
}

func distribution(day string, kind waterfall.Kind, amount string) waterfall.Event {
	return waterfall.Event{Date: on(day), Type: waterfall.EventDistribution, Kind: kind, Amount: usd(amount)}
}

func classicEvents() []waterfall.Event {
	return []waterfall.Event{
		contribution("2021-01-01", "ann", "600000"),
		contribution("2021-01-01", "bob", "300000"),
		contribution("2021-01-01", "sponsor", "100000"),
		distribution("2021-07-01", waterfall.Operating, "25000"),
		distribution("2022-01-01", waterfall.Operating, "60000"),
		distribution("2024-01-01", waterfall.Sale, "1500000"),
	}
}

func parse(t testing.TB, s string) *waterfall.Terms {
	t.Helper()
	terms, err := waterfall.ParseTerms([]byte(s))
	require.NoError(t, err)
	return terms
}

func replay(t testing.TB, terms string, ps []waterfall.Partner, evs ...waterfall.Event) *waterfall.History {
	t.Helper()
	h, err := waterfall.Replay(parse(t, terms), ps, evs)
	require.NoError(t, err)
	return h
}

func paid(t testing.TB, r *waterfall.Result, who string) string {
	t.Helper()
	for i := range r.Len() {
		if r.ID(i) == who {
			return r.Total(i).String()
		}
	}
	t.Fatalf("no %s", who)
	return ""
}

// Source: plumuleadvisory.com, how-investment-fund-carried-interest-works,
// part 2: 100 of capital, 200 back after a year, 8 % preferred, 20 % carry
// without a catch-up.
func TestPublished_carryWithoutCatchUp(t *testing.T) {
	t.Parallel()
	h := replay(t, `{"prefs":{"LP":{"rate":"0.08"}},"tiers":{"capital":[{"name":"pref","type":"pref"},
		{"name":"capital","type":"return_of_capital"},{"name":"split","type":"split","promote":"0.20"}]}}`,
		[]waterfall.Partner{{ID: "LP", Class: "LP"}, {ID: "GP", Class: "promote"}},
		contribution("2021-01-01", "LP", "100"), distribution("2022-01-01", waterfall.Sale, "200"))
	require.Equal(t, "181.60", paid(t, h.Results[0], "LP"))
	require.Equal(t, "18.40", paid(t, h.Results[0], "GP"))
}

// Source: wallstreetoasis.com, waterfall-model-help: promote comes off the top,
// so that 90/10 equity with 20 % promote is 72/28.
func TestPublished_promoteOffTheTop(t *testing.T) {
	t.Parallel()
	h := replay(t, `{"tiers":{"capital":[{"name":"split","type":"split","promote":"0.20"}]}}`,
		[]waterfall.Partner{{ID: "LP", Class: "LP"}, {ID: "co", Class: "LP", Sponsor: true}, {ID: "GP", Class: "promote"}},
		contribution("2021-01-01", "LP", "90"), contribution("2021-01-01", "co", "10"), distribution("2022-01-01", waterfall.Sale, "100"))
	require.Equal(t, "72.00", paid(t, h.Results[0], "LP"))
	require.Equal(t, "8.00", paid(t, h.Results[0], "co"))
	require.Equal(t, "20.00", paid(t, h.Results[0], "GP"))
}

// Source: syndicationattorneys.com, cumulative against compounding: 100,000 at
// 8 % for two years is 116,000 or, compounded annually, 116,640.
func TestPublished_cumulativeAgainstCompounding(t *testing.T) {
	t.Parallel()
	for compounding, want := range map[string]string{"none": "16000.00", "annual": "16640.00"} {
		terms := parse(t, `{"prefs":{"LP":{"rate":"0.08","compounding":"`+compounding+`"}},"tiers":{"capital":[{"name":"pref","type":"pref"}]}}`)
		s, err := waterfall.Open(terms, []waterfall.Partner{{ID: "LP", Class: "LP"}})
		require.NoError(t, err)
		s, _, err = waterfall.Apply(terms, s, []waterfall.Event{contribution("2021-01-01", "LP", "100000")})
		require.NoError(t, err)
		s, err = waterfall.Accrue(terms, s, on("2023-01-01"))
		require.NoError(t, err)
		a, err := s.Find("LP")
		require.NoError(t, err)
		require.Equal(t, want, a.UnpaidPref().String())
	}
}

func TestTerms_hashIgnoresSpelling(t *testing.T) {
	t.Parallel()
	a := parse(t, `{"prefs":{"A":{"rate":"0.08"},"B":{"rate":0.1}},"tiers":{"capital":[{"name":"p","type":"pref","to":["A","B"]},{"name":"s","type":"split","promote":"0.2"}]}}`)
	b := parse(t, ` {"tiers": {"capital": [{"type":"pref","to":["B","A"],"order":"pari_passu","name":"p"}, {"promote": 20e-2, "type":"split","name":"s"}]},
		"day_count": "ACT/365F", "promote_base":"all", "name":"a title", "prefs":{"B":{"compounding":"none","rate":"0.1000"},"A":{"rate":".08"}}}`)
	ha, err := a.Hash()
	require.NoError(t, err)
	hb, err := b.Hash()
	require.NoError(t, err)
	require.Equal(t, ha, hb)
	require.Len(t, ha, 64)

	for _, other := range []string{
		`{"prefs":{"A":{"rate":"0.08"},"B":{"rate":0.1}},"tiers":{"capital":[{"name":"p","type":"pref","to":["B","A"],"order":"sequential"},{"name":"s","type":"split","promote":"0.2"}]}}`,
		`{"prefs":{"A":{"rate":"0.08"},"B":{"rate":0.1}},"tiers":{"capital":[{"name":"p","type":"pref","to":["A","B"]},{"name":"s","type":"split","promote":"0.21"}]}}`,
		`{"day_count":"ACT/360","prefs":{"A":{"rate":"0.08"},"B":{"rate":0.1}},"tiers":{"capital":[{"name":"p","type":"pref","to":["A","B"]},{"name":"s","type":"split","promote":"0.2"}]}}`,
	} {
		h, err := parse(t, other).Hash()
		require.NoError(t, err)
		require.NotEqual(t, ha, h)
	}
}

// Every fault of the terms is reported at once, with its tier and field.
func TestTerms_allFaultsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := waterfall.ParseTerms([]byte(`{"day_count":"30/365","prefs":{"A":{"rate":"0.12345678901","compounding":"weekly"},"promote":{"rate":"0"}},
		"promote_split":[{"recipient":"x","share":"0.5"},{"recipient":"x","share":"0.4"}],
		"tiers":{"capital":[
			{"name":"up","type":"catch_up","gp_share":"0.2","target":"0.3"},
			{"name":"up","type":"hurdle","promote":"1","test":"neither"},
			{"name":"fee","type":"fee","amount":"-1","rate":"2","irr":"0.1"},
			{"name":"what","type":"bonus"},
			{"name":"seq","type":"pref","order":"sequential"},
			{"name":"p","type":"pref","to":["a","a"],"target":"0.1"}]}}`))
	require.ErrorIs(t, err, fault.Invalid)
	got := map[string]string{}
	for _, e := range fault.FieldErrors(err) {
		got[e.Field] = e.Code
	}
	for field, code := range map[string]string{
		"day_count": "value_not_allowed", `prefs["A"].rate`: "out_of_range", `prefs["A"].compounding`: "value_not_allowed",
		`prefs["promote"]`: "class_invalid", "promote_split[1].recipient": "recipient_invalid", "promote_split": "split_not_one",
		"tiers.capital[0].gp_share": "catch_up_never_ends", "tiers.capital[1].name": "duplicate", "tiers.capital[1].irr": "required",
		"tiers.capital[1].test": "value_not_allowed", "tiers.capital[1].promote": "promote_all", "tiers.capital[2].irr": "field_not_of_type",
		"tiers.capital[2].payee": "required", "tiers.capital[2].rate": "out_of_range", "tiers.capital[3].type": "value_not_allowed",
		"tiers.capital[4].to": "required", "tiers.capital[5].to[1]": "class_invalid", "tiers.capital[5].target": "field_not_of_type",
	} {
		require.Equal(t, code, got[field], field)
	}
	require.ErrorContains(t, err, "tier up: ")
}

func TestParseTerms_strict(t *testing.T) {
	t.Parallel()
	tier := `{"tiers":{"capital":[{"name":"s","type":"split"}]}`
	for name, s := range map[string]string{
		"unknown field": tier + `,"tears":1}`, "twice": tier + `,"name":"a","name":"b"}`, "trailing": tier + `} {}`,
		"capitals": tier[:len(tier)-4] + `,"Promote":"0.9"}]}}`, "twice in other letters": tier[:len(tier)-4] + `,"promote":"0.1","Promote":"0.9"}]}}`,
		"no day":   `{"prefs":{"a":{"rate":"0.1","from":""}},` + tier[1:] + `}`,
		"not JSON": `{`, "wrong type": `{"tiers":[]}`, "empty": ``, "null rate": `{"prefs":{"a":{"rate":"x"}},` + tier[1:] + `}`,
	} {
		_, err := waterfall.ParseTerms([]byte(s))
		require.ErrorIs(t, err, waterfall.ErrTermsMalformed, name)
	}
	_, err := waterfall.ParseTerms([]byte(tier + `,"tears":1}`))
	require.ErrorContains(t, err, `there is no field "tears"`)
	_, err = waterfall.ParseTerms([]byte(`{"prefs":{"A":{"rate":"0.1"},"a":{"rate":"0.2"}},` + tier[1:] + `}`))
	require.NoError(t, err, "classes are named as the host likes")
	_, err = waterfall.ParseTerms([]byte(tier + `}`))
	require.NoError(t, err)
}

func TestReplay_refusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	terms := parse(t, classicJSON)
	transfer := func(from, to, f string) waterfall.Event {
		return waterfall.Event{Date: on("2021-02-01"), Type: waterfall.EventTransfer, From: from, To: to, Fraction: decimal.RequireFromString(f)}
	}
	for name, c := range map[string]struct {
		want error
		ev   waterfall.Event
	}{
		"unknown partner":  {waterfall.ErrUnknownPartner, contribution("2021-01-01", "eve", "1")},
		"promote capital":  {waterfall.ErrNoCapitalAccount, contribution("2021-01-01", "gp", "1")},
		"no amount":        {waterfall.ErrEvent, contribution("2021-01-01", "ann", "0")},
		"no date":          {waterfall.ErrEvent, waterfall.Event{Type: waterfall.EventContribution, Partner: "ann", Amount: usd("1")}},
		"no type":          {waterfall.ErrEvent, waterfall.Event{Date: on("2021-01-01")}},
		"no kind":          {waterfall.ErrEvent, distribution("2021-01-02", "dividend", "1")},
		"negative":         {waterfall.ErrEvent, distribution("2021-01-02", waterfall.Sale, "-1")},
		"too large":        {waterfall.ErrTooLarge, contribution("2021-01-01", "ann", "9999999999999.99")},
		"nothing reserved": {waterfall.ErrRelease, waterfall.Event{Date: on("2021-01-02"), Type: waterfall.EventDistribution, Kind: waterfall.Sale, Releases: []waterfall.ReserveAmount{{Amount: usd("1")}}}},
		"to itself":        {waterfall.ErrTransfer, transfer("ann", "ann", "0.5")},
		"too much":         {waterfall.ErrEvent, transfer("ann", "bob", "1.1")},
		"to the promote":   {waterfall.ErrNoCapitalAccount, transfer("ann", "gp", "0.5")},
		"from nobody":      {waterfall.ErrUnknownPartner, transfer("eve", "ann", "0.5")},
		"too long":         {waterfall.ErrTooLong, distribution("2400-01-01", waterfall.Sale, "1")},
	} {
		_, err := waterfall.Replay(terms, classicPartners(), []waterfall.Event{contribution("2021-01-01", "bob", "1000"), c.ev})
		require.ErrorIs(t, err, c.want, name)
	}
	_, err := waterfall.Replay(terms, classicPartners(), []waterfall.Event{distribution("2021-01-02", waterfall.Sale, "1")})
	require.ErrorIs(t, err, waterfall.ErrNoCapital)
	_, err = waterfall.Open(terms, []waterfall.Partner{{ID: "a", Class: "LP"}})
	require.ErrorIs(t, err, waterfall.ErrNoRecipient)
	_, err = waterfall.Open(terms, []waterfall.Partner{{ID: "a", Class: "LP"}, {ID: "a", Class: ""}})
	require.ErrorIs(t, err, fault.Invalid)
	require.Len(t, fault.FieldErrors(err), 2)
}

// A state refuses events that lie before what it has seen, in the order of one
// day too.
func TestApply_refusesThePast(t *testing.T) {
	t.Parallel()
	terms := parse(t, classicJSON)
	h := replay(t, classicJSON, classicPartners(), classicEvents()...)
	for _, ev := range []waterfall.Event{
		contribution("2023-12-31", "ann", "1"),
		contribution("2024-01-01", "ann", "1"), // contributions come before the distribution of that day
	} {
		_, _, err := waterfall.Apply(terms, h.Final, []waterfall.Event{ev})
		require.ErrorIs(t, err, waterfall.ErrOutOfOrder)
		require.ErrorIs(t, err, fault.Conflict)
	}
	_, _, err := waterfall.Apply(terms, h.Final, []waterfall.Event{distribution("2024-01-01", waterfall.Sale, "1")})
	require.NoError(t, err)
}

func TestRestore_refusesWhatDoesNotAddUp(t *testing.T) {
	t.Parallel()
	s := replay(t, classicJSON, classicPartners(), classicEvents()...).Final
	take := func() (waterfall.Header, []waterfall.Account) {
		var as []waterfall.Account
		for i := range s.Len() {
			as = append(as, s.Account(i))
		}
		return s.Header(), as
	}
	h, as := take()
	back, err := waterfall.Restore(h, as)
	require.NoError(t, err)
	want, _ := json.Marshal(s)
	got, _ := json.Marshal(back)
	require.JSONEq(t, string(want), string(got))

	for name, spoil := range map[string]func(*waterfall.Header, []waterfall.Account){
		"version":     func(h *waterfall.Header, _ []waterfall.Account) { h.Version = 1 },
		"contributed": func(_ *waterfall.Header, as []waterfall.Account) { as[0].Contributed = usd("600000.01") },
		"unreturned":  func(_ *waterfall.Header, as []waterfall.Account) { as[0].Unreturned = usd("600000.01") },
		"distributed": func(_ *waterfall.Header, as []waterfall.Account) { as[0].Distributed = usd("1") },
		"a row less":  func(h *waterfall.Header, as []waterfall.Account) { as[0] = waterfall.Account{Partner: as[0].Partner} },
		"flow":        func(h *waterfall.Header, _ []waterfall.Account) { h.Classes[0].Charged[0].In = usd("1") },
		"hurdles":     func(h *waterfall.Header, _ []waterfall.Account) { h.HurdleRates = []string{"0.1"} },
	} {
		h, as := take()
		spoil(&h, as)
		_, err := waterfall.Restore(h, as)
		require.ErrorIs(t, err, waterfall.ErrStateMalformed, name)
	}
}

// Terms may change on a date; what was earned before stays.
func TestCompute_amendedTerms(t *testing.T) {
	t.Parallel()
	before := parse(t, `{"prefs":{"LP":{"rate":"0.08"}},"tiers":{"capital":[{"name":"pref","type":"pref"}]}}`)
	after := parse(t, `{"prefs":{"LP":{"rate":"0.10","compounding":"annual"}},"tiers":{"capital":[{"name":"pref","type":"pref"}]}}`)
	s, err := waterfall.Open(before, []waterfall.Partner{{ID: "LP", Class: "LP"}})
	require.NoError(t, err)
	s, _, err = waterfall.Apply(before, s, []waterfall.Event{contribution("2021-01-01", "LP", "100000")})
	require.NoError(t, err)
	s, err = waterfall.Accrue(before, s, on("2022-01-01"))
	require.NoError(t, err)
	s, err = waterfall.Accrue(after, s, on("2024-01-01"))
	require.NoError(t, err)
	a, _ := s.Find("LP")
	require.Equal(t, "30680.00", a.UnpaidPref().String()) // 8,000 is capitalized: 10 % of 108,000, then of 118,800

	_, err = waterfall.Accrue(parse(t, `{"day_count":"ACT/360","tiers":{"capital":[{"name":"s","type":"split"}]}}`), s, on("2025-01-01"))
	require.ErrorIs(t, err, waterfall.ErrStateTerms)
	_, err = waterfall.Accrue(parse(t, `{"tiers":{"capital":[{"name":"h","type":"hurdle","irr":"0.1","by":"investor"}]}}`), s, on("2025-01-01"))
	require.ErrorIs(t, err, waterfall.ErrStateTerms)
}
