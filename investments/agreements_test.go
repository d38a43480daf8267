package investments_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// agreement is a distribution clause of a real agreement, with a history and the
// right values: package waterfall's testdata, where each names its source.
type agreement struct {
	ID       string              `json:"id"`
	Source   string              `json:"source"`
	Terms    json.RawMessage     `json:"terms"`
	Partners []waterfall.Partner `json:"partners"`
	Events   []waterfall.Event   `json:"events"`
	Expected []map[string]string `json:"expected"`
}

// agreed is an agreement on its way through the services.
type agreed struct {
	*deal
	a        *agreement
	accounts map[string]id.Of[investments.Account] // of those without capital, and of sponsors
}

// Every clause comes out to the cent through the services: terms are set, money is
// received and lent, and each distribution is declared, approved and paid.
func TestAgreements(t *testing.T) {
	t.Parallel()
	all := agreementsOf(t, "waterfall", "testdata", "agreements", "*.json")
	require.Len(t, all, 19)
	for _, a := range all {
		require.NotEmpty(t, a.Source, a.ID)
		t.Run(a.ID, func(t *testing.T) {
			t.Parallel()
			a.run(t)
		})
	}
}

// agreementsOf reads the agreements of a directory.
func agreementsOf(t *testing.T, path ...string) (out []*agreement) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(path...))
	require.NoError(t, err)
	for _, f := range files {
		a := &agreement{ID: strings.TrimSuffix(filepath.Base(f), ".json")}
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, a), f)
		out = append(out, a)
	}
	return out
}

// Elements that no clause above has come out of the services as they come out of the
// engine, which its second implementation holds: through what is stored between
// distributions, with money that comes in later, explained line by line and verified.
func TestTerms_elements(t *testing.T) {
	t.Parallel()
	all := agreementsOf(t, "testdata", "elements", "*.json")
	require.Len(t, all, 4)
	for _, a := range all {
		t.Run(a.ID, func(t *testing.T) {
			t.Parallel()
			terms, err := waterfall.ParseTerms(a.Terms)
			require.NoError(t, err)
			h, err := waterfall.Replay(terms, a.Partners, a.Events)
			require.NoError(t, err)
			for _, r := range h.Results {
				paid := map[string]string{}
				for i := range r.Len() {
					paid[r.ID(i)] = r.Paid(i).String()
				}
				a.Expected = append(a.Expected, paid)
			}
			a.run(t)
		})
	}
}

func (a *agreement) run(t *testing.T) {
	var classes []string
	for _, p := range a.Partners {
		if p.Class != "promote" && !slices.Contains(classes, p.Class) {
			classes = append(classes, p.Class)
		}
	}
	slices.SortStableFunc(a.Events, func(x, y waterfall.Event) int {
		turn := map[waterfall.EventType]int{waterfall.EventContribution: 1, waterfall.EventLoan: 2, waterfall.EventDistribution: 3}
		return cmp.Or(x.Date.Compare(y.Date), turn[x.Type]-turn[y.Type])
	})
	d := &agreed{deal: open(t, "", classes...), a: a, accounts: map[string]id.Of[investments.Account]{}}
	for _, p := range a.Partners {
		d.joins(p)
	}
	d.sets()
	var paid []*investments.Distribution
	for i := range a.Events {
		switch e := &a.Events[i]; e.Type {
		case waterfall.EventContribution:
			d.wires(e.Partner, e.Amount.String(), e.Date.String())
		case waterfall.EventLoan:
			d.lends(e.From, e.To, e.Amount.String(), e.Rate.String(), e.Date.String(), e.Compounding)
		case waterfall.EventDistribution:
			paid = append(paid, d.gives(e))
		default:
			require.Fail(t, "an event that the services do not know", e.Type)
		}
	}
	require.Len(t, paid, len(a.Expected))
	for k, want := range a.Expected {
		got := d.got(paid[k])
		for who, amount := range want {
			is := cmp.Or(got[who], money.Zero)
			require.Equal(t, amount, is.String(), "%s of distribution %d", who, k+1)
		}
	}
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	d.sound()
}

// joins opens the accounts of a partner, and commits what they will put in.
func (d *agreed) joins(p waterfall.Partner) {
	d.Helper()
	if p.Class == "promote" || p.Sponsor {
		a, err := d.svc.Accounts.Open(d.Context(), d.db, investments.OpenAccountParams{InvestorID: d.person(p.ID), Type: investments.AccountLLC, Name: p.ID, IsSponsor: true, ActorID: staff})
		require.NoError(d, err)
		d.accounts[p.ID] = a.ID
	}
	total := money.Zero
	first := date.MustParse("2026-01-01")
	for _, e := range d.a.Events {
		if e.Date.Before(first) {
			first = e.Date
		}
		if e.Type == waterfall.EventContribution && e.Partner == p.ID {
			var err error
			total, err = total.Add(e.Amount)
			require.NoError(d, err)
		}
	}
	if p.Class == "promote" {
		require.True(d, total.IsZero())
		return
	}
	c := investments.CommitParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, InvestorID: d.person(p.ID), ShareClass: p.Class, Amount: total, Date: first, ActorID: d.person(p.ID)}
	if v, ok := d.accounts[p.ID]; ok {
		c.AccountID = &v
	}
	var err error
	d.subs[p.ID], err = d.svc.Commitments.Commit(d.Context(), d.db, c)
	require.NoError(d, err)
}

// sets puts the terms in force, with the ids of accounts where the clause has names.
func (d *agreed) sets() {
	d.Helper()
	terms, err := waterfall.ParseTerms(d.a.Terms)
	require.NoError(d, err)
	for _, p := range d.a.Partners {
		if p.Class == "promote" && terms.PromoteRecipient == "" {
			terms.PromoteRecipient = d.accounts[p.ID].String()
		}
	}
	split := func(shares []waterfall.Share) {
		for i := range shares {
			shares[i].Recipient = d.accounts[shares[i].Recipient].String()
		}
	}
	if split(terms.PromoteSplit); len(terms.PromoteSplit) > 0 {
		terms.PromoteRecipient = ""
	}
	for _, list := range [][]waterfall.Tier{terms.Tiers.Capital, terms.Tiers.Operating} {
		for i := range list {
			split(list[i].PromoteSplit)
			if list[i].Payee != "" {
				list[i].Payee = d.accounts[list[i].Payee].String()
			}
		}
	}
	_, err = d.svc.Offerings.SetTerms(d.Context(), d.db, investments.SetTermsParams{OfferingID: d.o.ID, EffectiveDate: d.a.Events[0].Date, Terms: terms, ActorID: staff})
	require.NoError(d, err)
}

// gives declares, approves and pays a distribution.
func (d *agreed) gives(e *waterfall.Event) *investments.Distribution {
	d.Helper()
	p := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Date: e.Date, Amount: e.Amount, ActorID: d.staff[0],
		Type: map[waterfall.Kind]investments.DistributionType{waterfall.Operating: investments.DistributionQuarterly,
			waterfall.Refinance: investments.DistributionRefinance, waterfall.Sale: investments.DistributionSaleProceeds}[e.Kind]}
	for _, x := range e.Advances {
		p.Advances = append(p.Advances, waterfall.Advance{Account: d.accounts[x.Account].String(), Amount: x.Amount})
	}
	var v *investments.Distribution
	err := store.InTx(d.Context(), d.db, func(tx bun.IDB) (err error) {
		v, err = d.svc.Distributions.Declare(d.Context(), tx, p)
		return err
	})
	require.NoError(d, err)
	require.NoError(d, d.approves(v))
	require.NoError(d, d.pays(v, e.Date.String()))
	return v
}

// got is what a distribution pays each partner, all their lines together; each line is
// explained to the cent.
func (d *agreed) got(v *investments.Distribution) map[string]money.Amount {
	d.Helper()
	out := map[string]money.Amount{}
	list, err := d.svc.Distributions.DistributionLines(d.Context(), d.db, v.ID, page.Request{})
	require.NoError(d, err)
	for _, l := range list.Items {
		why, err := d.svc.Distributions.ExplainLine(d.Context(), d.db, l.ID)
		require.NoError(d, err)
		if l.Role == investments.RoleInvestor {
			require.Equal(d, l.NetDistribution, why.Paid)
		}
		for name, who := range d.who {
			if who == l.InvestorID {
				out[name], err = out[name].Add(l.NetDistribution)
				require.NoError(d, err)
			}
		}
	}
	return out
}
