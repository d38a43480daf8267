package waterfall_test

import (
	"flag"
	"math/big"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/investments/waterfall"
)

// fuzzed is how many random deals are compared: 1,000, or what FREEHOLD_WATERFALL
// says. `make waterfall` runs 100,000. The race detector sees 100 of them: there is
// nothing concurrent in a single deal.
func fuzzed(t *testing.T) int {
	t.Helper()
	text := os.Getenv("FREEHOLD_WATERFALL")
	if text == "" {
		return raced.Few(100, 1000)
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// On random terms with random histories, with every element of the language, the
// engine equals the plain second implementation to the cent: each tier's payment to
// each account, what each is paid, and every closing balance.
func TestReplay_equalsSimpleImplementation(t *testing.T) {
	t.Parallel()
	for done := 0; done < fuzzed(t); done += checks() {
		rapid.Check(t, func(t *rapid.T) {
			d := anyDeal(t)
			h, err := waterfall.Replay(d.Terms, d.Partners, d.Events)
			require.NoError(t, err)
			o := newOracle(d.Terms, d.Partners)
			o.run(d.Events)
			requireFinal(t, o, h.Final)
			if len(h.Results) > 0 {
				requireLast(t, o, h.Results[len(h.Results)-1])
			}
		})
	}
}

// What the second implementation is compared on has every element of the language: a
// field that is new and never drawn fails here.
func TestAnyDeal_drawsEveryElement(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	var walk func(kind string, v reflect.Value)
	walk = func(kind string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(kind, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(kind, v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(kind, v.MapIndex(k))
			}
		case reflect.Struct:
			kind = v.Type().Name()
			for f, x := range v.Fields() {
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && !x.IsZero() {
					drawn[kind+"."+name] = true
					walk(kind, x)
				}
			}
		}
	}
	deals := rapid.Custom(anyDeal)
	for seed := range 600 {
		d := deals.Example(seed)
		walk("", reflect.ValueOf(d.Terms))
		walk("", reflect.ValueOf(d.Partners))
		walk("", reflect.ValueOf(d.Events))
	}
	elsewhere := []string{
		"Terms.name", "Terms.losses", // say nothing of a distribution
		"Terms.promote_recipient", // every deal of package investments has one
		"Event.adjustments",       // TestCompute_adjustmentsAndReleases
		"Event.first",             // TestApply_firstIsOfDistributions
		"Event.preferred",         // TestPreferred
	}
	for _, v := range []any{waterfall.Terms{}, waterfall.Pref{}, waterfall.Index{}, waterfall.Tier{}, waterfall.Share{}, waterfall.Partner{}, waterfall.Event{}} {
		for _, name := range fields(v) {
			what := reflect.TypeOf(v).Name() + "." + name
			require.NotEqual(t, slices.Contains(elsewhere, what), drawn[what], what)
		}
	}
}

// checks are the deals of one call of [rapid.Check].
func checks() int {
	n, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String())
	if err != nil || n < 1 {
		return 100
	}
	return n
}

// requireLast compares the last distribution, which the plain implementation keeps.
func requireLast(t require.TestingT, o *oracle, r *waterfall.Result) {
	text := func(m map[string]*big.Rat, id string) string { return o.now(m, id).FloatString(0) }
	for i := range r.Len() {
		id := r.ID(i)
		for k := range r.Tiers {
			require.Equal(t, text(o.payments[k], id), r.Amount(k, i).Decimal().Shift(2).String(), "%s to %s", r.Tiers[k].Name, id)
		}
		require.Equal(t, text(o.paid, id), r.Paid(i).Decimal().Shift(2).String(), "paid to %s", id)
		require.Equal(t, text(o.inKind, id), r.InKind(i).Decimal().Shift(2).String(), "in kind to %s", id)
	}
	require.Equal(t, o.left.FloatString(0), r.Undistributed.Decimal().Shift(2).String())
}

func requireFinal(t require.TestingT, o *oracle, s *waterfall.State) {
	for _, id := range o.ids {
		want := o.acc[id]
		got, err := s.Find(id)
		require.NoError(t, err)
		require.Equal(t, want.contributed.FloatString(0), got.Contributed.Decimal().Shift(2).String(), id)
		require.Equal(t, want.unreturned.FloatString(0), got.Unreturned.Decimal().Shift(2).String(), id)
		require.Equal(t, want.distributed.FloatString(0), got.Distributed.Decimal().Shift(2).String(), id)
		due := rounded(larger(sub(one, one), add(want.c, want.a)))
		require.Equal(t, due.FloatString(0), got.UnpaidPref().Decimal().Shift(2).String(), id)
	}
	require.Equal(t, o.promote.FloatString(0), s.PromotePaid().Decimal().Shift(2).String())
	held := map[string]string{}
	for _, r := range s.Reserves() {
		held[r.Reserve] = r.Amount.Decimal().Shift(2).String()
	}
	for name, x := range o.reserve {
		if x.Sign() != 0 {
			require.Equal(t, x.FloatString(0), held[name], "reserve %s", name)
			delete(held, name)
		}
	}
	require.Empty(t, held)
}
