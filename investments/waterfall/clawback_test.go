package waterfall_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// fundOf draws two deals of the same terms and people. Their loans have names of their
// own, and their distributions no record dates, which a pool may move.
func fundOf(t *rapid.T) (*deal, [][]waterfall.Event) {
	d := anyDeal(t)
	if rapid.Bool().Draw(t, "run by partner") {
		d.byPartner()
	}
	var out [][]waterfall.Event
	for k := range 2 {
		d.Events = nil
		d.events(t)
		end := date.Date{}
		for i := range d.Events {
			ev := &d.Events[i]
			ev.Record = date.Date{}
			if ev.Type == waterfall.EventLoan || ev.Type == waterfall.EventRepayment {
				ev.Name = fmt.Sprint("deal ", k, " ", ev.Name)
			}
			if ev.Type == waterfall.EventDistribution && rapid.IntRange(0, 3).Draw(t, "by the method preferred") == 0 {
				ev.Preferred = true
				if rapid.Bool().Draw(t, "by capital") {
					ev.Units = nil
				}
			}
			if ev.Date.Before(end) && ev.Type != waterfall.EventRate && ev.Type != waterfall.EventDefault {
				ev.Date = end // what came between a record date and its distribution
			}
			end = ev.Date
		}
		out = append(out, d.Events)
	}
	return d, out
}

// pooled are the events of all deals in one ledger: by date, of one date in the order of
// the deals. All of them have one last sale.
func pooled(deals [][]waterfall.Event) []waterfall.Event {
	all := slices.Concat(deals...)
	slices.SortStableFunc(all, func(a, b waterfall.Event) int { return a.Date.Compare(b.Date) })
	last := false
	for i := len(all) - 1; i >= 0; i-- {
		all[i].Last, last = all[i].Last && !last, last || all[i].Last
	}
	return all
}

// Promote paid deal by deal, and in one ledger, and what of it comes back, are those of
// the plain second implementation: of the fund, and account by account where the terms
// run by partner.
func TestClawback_equalsSimple(t *testing.T) {
	t.Parallel()
	for done := 0; done < fuzzed(t)/20; done += checks() { // each is two deals and their pool, twice
		rapid.Check(t, func(t *rapid.T) {
			d, deals := fundOf(t)
			tax := fraction(t, "tax", 0, 50)
			c, err := waterfall.Clawback(d.Terms, d.Partners, deals, *tax)
			require.NoError(t, err)
			american, by := new(big.Rat), map[string]*big.Rat{}
			for k, events := range deals {
				o := newOracle(d.Terms, d.Partners)
				o.run(events)
				require.Equal(t, o.promote.FloatString(0), c.ByDeal[k].Decimal().Shift(2).String())
				american.Add(american, o.promote)
				for _, id := range o.ids {
					by[id] = add(o.now(by, id), o.acc[id].promote)
				}
			}
			all := newOracle(d.Terms, d.Partners)
			all.run(pooled(deals))
			requireFinal(t, all, c.Pooled.Final)
			back := func(paid, due *big.Rat) *big.Rat {
				return lesser(larger(new(big.Rat), sub(paid, due)), sub(paid, rounded(mul(paid, ratOf(tax)))))
			}
			if d.Terms.Run != waterfall.RunPartner {
				require.Equal(t, back(american, all.promote).FloatString(0), c.Clawback.Decimal().Shift(2).String())
				require.Empty(t, c.ByPartner)
				return
			}
			sum, got := new(big.Rat), map[string]string{}
			for _, p := range c.ByPartner {
				got[p.Account] = p.Clawback.Decimal().Shift(2).String()
			}
			for _, id := range all.ids {
				x := back(by[id], all.acc[id].promote)
				sum.Add(sum, x)
				if by[id].Sign() != 0 || all.acc[id].promote.Sign() != 0 {
					require.Equal(t, x.FloatString(0), got[id], id)
					delete(got, id)
				}
			}
			require.Empty(t, got)
			require.Equal(t, sum.FloatString(0), c.Clawback.Decimal().Shift(2).String())
		})
	}
}

// The published fund (buyoutsinsider.com/whats-a-clawback), run partner by partner for
// two partners alike: each gets half of the 16,000,000.00 back.
func TestClawback_byPartner(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"run":"partner","tiers":{"capital":[{"name":"capital","type":"return_of_capital"},{"name":"carry","type":"split","promote":"0.2"}]}}`)
	ps := []waterfall.Partner{{ID: "ann", Class: "LP"}, {ID: "bob", Class: "LP"}, {ID: "gp", Class: "promote"}}
	var deals [][]waterfall.Event
	for i := range 10 {
		deal := []waterfall.Event{contribution("2000-01-01", "ann", "5000000"), contribution("2000-01-01", "bob", "5000000")}
		if i < 2 {
			deal = append(deal, distribution("2002-01-01", waterfall.Sale, "50000000"))
		}
		deals = append(deals, deal)
	}
	for tax, want := range map[string]string{"0": "8000000.00", "0.4": "4800000.00"} {
		c, err := waterfall.Clawback(terms, ps, deals, decimal.RequireFromString(tax))
		require.NoError(t, err)
		require.Len(t, c.ByPartner, 2)
		for i, who := range []string{"ann", "bob"} {
			p := c.ByPartner[i]
			require.Equal(t, []string{who, "8000000.00", "0.00", "8000000.00", want}, []string{p.Account, p.American.String(), p.European.String(), p.Gross.String(), p.Clawback.String()})
		}
	}

	// Nobody's surplus is set off against another: ann is in both deals, bob in the good
	// one alone, which owes him nothing back.
	good := []waterfall.Event{contribution("2000-01-01", "ann", "1000"), contribution("2000-01-01", "bob", "1000"), distribution("2001-01-01", waterfall.Sale, "4000")}
	bad := []waterfall.Event{contribution("2000-01-01", "ann", "1000"), contribution("2000-01-01", "bob", "1"), distribution("2002-01-01", waterfall.Sale, "1")}
	c, err := waterfall.Clawback(terms, ps, [][]waterfall.Event{good, bad}, decimal.Zero)
	require.NoError(t, err)
	require.Equal(t, "400.00", c.American.String())
	sum := c.ByPartner[0].Clawback.Cents() + c.ByPartner[1].Clawback.Cents()
	require.Equal(t, sum, c.Clawback.Cents())
	require.Positive(t, c.ByPartner[0].Clawback.Cents())
}

// A distribution by the method preferred paid no promote, and pays none in a replay.
func TestClawback_methodPreferred(t *testing.T) {
	t.Parallel()
	terms := parse(t, `{"tiers":{"capital":[{"name":"carry","type":"split","promote":"0.2"}]}}`)
	ps := []waterfall.Partner{{ID: "lp", Class: "LP"}, {ID: "gp", Class: "promote"}}
	plain := distribution("2021-06-01", waterfall.Sale, "1500")
	plain.Preferred = true
	c, err := waterfall.Clawback(terms, ps, [][]waterfall.Event{{contribution("2020-01-01", "lp", "1000"), plain, distribution("2022-01-01", waterfall.Sale, "100")}}, decimal.Zero)
	require.NoError(t, err)
	require.Equal(t, "20.00", c.American.String())
	require.Equal(t, "20.00", c.European.String())
}
