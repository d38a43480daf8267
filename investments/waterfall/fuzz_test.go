package waterfall_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// typed fails the test when an error is not one of ours.
func typed(t *testing.T, err error) {
	t.Helper()
	var one *fault.Error
	var many fault.Errors
	require.True(t, errors.As(err, &one) || errors.As(err, &many), "%T: %v", err, err)
}

func FuzzParseTerms(f *testing.F) {
	f.Add([]byte(classicJSON))
	f.Add([]byte(`{"tiers":{"capital":[{"name":"a","type":"split","promote":1e-400000000}]}}`))
	f.Add([]byte(`{"prefs":{"x":{"rate":"1e999999999"}},"tiers":{"capital":[{"name":"h","type":"hurdle","irr":"0.1","multiple":2,"by":"investor"}]}}`))
	f.Add([]byte(`{"tiers":{"capital":[],"capital":[]}}`))
	f.Add([]byte(`{"tiers":{"capital":[{"name":"f","type":"fee","payee":"m","rate":"0.01","base":"contributed","to":["a"]}]}} x`))
	f.Fuzz(func(t *testing.T, b []byte) {
		terms, err := waterfall.ParseTerms(b)
		if err != nil {
			typed(t, err)
			return
		}
		first, err := terms.Hash()
		require.NoError(t, err)
		canonical, err := terms.Canonical()
		require.NoError(t, err)
		again, err := waterfall.ParseTerms(canonical)
		require.NoError(t, err, "%s", canonical)
		second, err := again.Hash()
		require.NoError(t, err)
		require.Equal(t, first, second)
		_, err = terms.Describe()
		require.NoError(t, err)
	})
}

// Any terms and any amounts, rates and dates: an error of ours or sums that
// add up, never a panic and never an endless loop.
func FuzzCompute(f *testing.F) {
	f.Add([]byte(classicJSON), int64(100_000_00), int64(3_000_00), int64(9_999_999), uint16(400), uint16(900), "0.3")
	f.Add([]byte(`{"prefs":{"LP":{"rate":"10","compounding":"daily"}},"tiers":{"capital":[{"name":"p","type":"pref"}]}}`),
		int64(99_999_999_999_999), int64(1), int64(1), uint16(65535), uint16(65535), "1")
	f.Add([]byte(`{"prefs":{"LP":{"rate":"0.0000000001","compounding":"monthly"}},"day_count":"ACT/ACT-ISDA","tiers":{"capital":[
		{"name":"h","type":"hurdle","irr":"9.99","by":"investor","promote":"0.9999999999"},{"name":"m","type":"hurdle","multiple":"1000","promote":"0.5"}]}}`),
		int64(1), int64(1), int64(5), uint16(60000), uint16(1), "0.0000000001")
	f.Fuzz(func(t *testing.T, b []byte, capital, more, cash int64, gap, later uint16, fraction string) {
		terms, err := waterfall.ParseTerms(b)
		if err != nil {
			return
		}
		frac, err := decimal.NewFromString(fraction)
		if err != nil {
			return
		}
		amounts := [3]money.Amount{}
		for i, c := range [3]int64{capital, more, cash} {
			if amounts[i], err = money.FromCents(c); err != nil {
				return
			}
		}
		partners := []waterfall.Partner{{ID: "a", Class: "LP"}, {ID: "b", Class: "LP"}, {ID: "c", Class: "LP", Sponsor: true},
			{ID: "gp", Class: "promote"}, {ID: "m", Class: "fee"}}
		start := date.Must(2000, 1, 1)
		middle := start.AddDays(int(gap))
		end := middle.AddDays(int(later))
		events := []waterfall.Event{
			{Date: start, Type: waterfall.EventContribution, Partner: "a", Amount: amounts[0]},
			{Date: middle, Type: waterfall.EventContribution, Partner: "c", Amount: amounts[1]},
			{Date: middle, Type: waterfall.EventTransfer, From: "a", To: "b", Fraction: frac},
			{Date: middle, Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: amounts[1]},
			{Date: end, Type: waterfall.EventDistribution, Kind: waterfall.Sale, Amount: amounts[2]},
		}
		h, err := waterfall.Replay(terms, partners, events)
		if err != nil {
			typed(t, err)
			return
		}
		for _, r := range h.Results {
			requireSums(t, r)
			_ = r.Trace.Table() + r.Trace.SVG() + r.Table()
			for i := range r.Len() {
				_, err := r.Explain(r.ID(i))
				require.NoError(t, err)
			}
		}
		stored, err := json.Marshal(h.Final)
		require.NoError(t, err)
		var back waterfall.State
		require.NoError(t, json.Unmarshal(stored, &back))
		again, err := json.Marshal(&back)
		require.NoError(t, err)
		require.Equal(t, string(stored), string(again))
	})
}

func FuzzState(f *testing.F) {
	terms, err := waterfall.ParseTerms([]byte(classicJSON))
	require.NoError(f, err)
	h, err := waterfall.Replay(terms, classicPartners(), classicEvents())
	require.NoError(f, err)
	stored, err := json.Marshal(h.Final)
	require.NoError(f, err)
	f.Add(stored)
	f.Add([]byte(`{"header":{"version":1},"accounts":[{"id":"a","class":"b","capitalized_pref":"1e9","accrued_pref":"1/0"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s waterfall.State
		if err := json.Unmarshal(b, &s); err != nil {
			return
		}
		first, err := json.Marshal(&s)
		require.NoError(t, err)
		var again waterfall.State
		require.NoError(t, json.Unmarshal(first, &again))
		second, err := json.Marshal(&again)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}

func FuzzExact(f *testing.F) {
	for _, s := range []string{"0", "-0.004", "12.5/365", "1e5", "1/133590", "0.00000000000000000000000000000000000000000000000000000001", "/", "9/7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var e, again waterfall.Exact
		if err := e.UnmarshalText([]byte(s)); err != nil {
			require.ErrorIs(t, err, waterfall.ErrStateMalformed)
			return
		}
		require.NoError(t, again.UnmarshalText([]byte(e.String())), e.String())
		require.Equal(t, e, again)
		require.Zero(t, e.Rat().Cmp(again.Rat()))
	})
}
