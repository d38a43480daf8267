package waterfall_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// prefTerms pay preferred return and then capital.
func prefTerms(t require.TestingT, rate string, c waterfall.Compounding) *waterfall.Terms {
	terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"prefs":{"LP":{"rate":%q,"compounding":%q}},
		"tiers":{"capital":[{"name":"p","type":"pref"},{"name":"c","type":"return_of_capital"}]}}`, rate, c))
	require.NoError(t, err)
	return terms
}

// change brings a state to the day from which new terms hold.
func change(t require.TestingT, s *waterfall.State, from, to *waterfall.Terms, on date.Date) *waterfall.State {
	s, err := waterfall.Accrue(from, s, on)
	require.NoError(t, err)
	s, _, err = waterfall.Apply(to, s, nil)
	require.NoError(t, err)
	return s
}

// Terms that go from simple to compounding fold what was unpaid into the base on
// their day; back, it stays owed and stops earning.
func TestApply_termsThatChangeTheCompounding(t *testing.T) {
	t.Parallel()
	simple := prefTerms(t, "0.10", waterfall.CompoundNone)
	s, err := waterfall.Open(simple, classicPartners())
	require.NoError(t, err)
	s, _, err = waterfall.Apply(simple, s, []waterfall.Event{contribution("2017-01-01", "ann", "100000")})
	require.NoError(t, err)
	for compounding, want := range map[waterfall.Compounding]string{
		waterfall.CompoundDaily: "108942.11", waterfall.CompoundMonthly: "108606.81",
	} {
		terms := prefTerms(t, "0.10", compounding)
		now := change(t, s, simple, terms, on("2021-01-01"))
		later, err := waterfall.Accrue(terms, now, on("2025-01-01"))
		require.NoError(t, err)
		ann, _ := later.Find("ann")
		require.Equal(t, want, ann.UnpaidPref().String(), compounding)

		// Back: what is capitalized stays owed and earns nothing.
		back, err := waterfall.Accrue(simple, change(t, later, terms, simple, on("2025-01-01")), on("2026-01-01"))
		require.NoError(t, err)
		again, _ := back.Find("ann")
		require.Equal(t, ann.UnpaidPref().Cents()+10_000_00, again.UnpaidPref().Cents(), compounding)
		require.Equal(t, ann.Capitalized, again.Capitalized)
	}
}

// A change of terms is the same in a stored state, and as the plain
// implementation has it.
func TestApply_changesEqualSimpleImplementation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kinds := []waterfall.Compounding{waterfall.CompoundNone, waterfall.CompoundAnnual, waterfall.CompoundQuarterly,
			waterfall.CompoundMonthly, waterfall.CompoundDaily}
		first := prefTerms(t, "0.08", pick(t, "first", kinds...))
		s, err := waterfall.Open(first, classicPartners())
		require.NoError(t, err)
		o := newOracle(first, classicPartners())
		at := on("2019-03-17")
		terms := first
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			evs := []waterfall.Event{
				{Date: at, Type: waterfall.EventContribution, Partner: pick(t, "who", "ann", "bob"), Amount: cash(t, "capital", 1_000_000_00)},
				{Date: at, Type: waterfall.EventDistribution, Kind: waterfall.Operating, Amount: cash(t, "cash", 90_000_00)}}
			s, _, err = waterfall.Apply(terms, s, evs)
			require.NoError(t, err)
			o.run(evs)
			at = at.AddDays(rapid.IntRange(1, 700).Draw(t, "gap"))
			next := prefTerms(t, pick(t, "rate", "0.05", "0.1"), pick(t, "next", kinds...))
			s = change(t, s, terms, next, at)
			o.enter(next, at)
			terms = next
			b, err := json.Marshal(s)
			require.NoError(t, err)
			s = new(waterfall.State)
			require.NoError(t, json.Unmarshal(b, s))
		}
		requireFinal(t, o, s)
	})
}

// What was paid beyond the exact due, a fraction of a cent, is made up by later
// accrual, with daily compounding as without.
func TestApply_overpaidFractionCarriesForward(t *testing.T) {
	t.Parallel()
	for _, c := range []waterfall.Compounding{waterfall.CompoundNone, waterfall.CompoundDaily} {
		terms := prefTerms(t, "0.08", c)
		h, err := waterfall.Replay(terms, classicPartners(), []waterfall.Event{contribution("2021-01-10", "ann", "100007"),
			distribution("2021-01-14", waterfall.Operating, "87.71")})
		require.NoError(t, err)
		ann, _ := h.Final.Find("ann")
		require.Negative(t, ann.Accrued.Rat().Sign(), c)
		require.True(t, ann.Capitalized.IsZero(), c)
		require.Equal(t, "0.00", ann.UnpaidPref().String())

		whole, err := waterfall.Replay(terms, classicPartners(), []waterfall.Event{contribution("2021-01-14", "ann", ann.Unreturned.String())})
		require.NoError(t, err)
		later, err := waterfall.Accrue(terms, h.Final, on("2021-03-01"))
		require.NoError(t, err)
		fresh, err := waterfall.Accrue(terms, whole.Final, on("2021-03-01"))
		require.NoError(t, err)
		a, _ := later.Find("ann")
		b, _ := fresh.Find("ann")
		unpaid := func(x waterfall.Account) *big.Rat { return add(x.Capitalized.Rat(), x.Accrued.Rat()) }
		require.Zero(t, sub(unpaid(a), unpaid(b)).Cmp(ann.Accrued.Rat()), c)
	}
}
