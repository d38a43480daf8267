package investments_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// What is unusual in terms is stored with them and read again, in the words that
// describe them too; what new terms have to say is asked for.
func TestSetTerms_findings(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	gp, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: investor(t, tx), Type: investments.AccountLLC, Name: "Sponsor LLC", ActorID: staff})
	require.NoError(t, err)
	p := investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), ActorID: investor(t, tx)}
	with := func(tiers string) investments.SetTermsParams {
		t.Helper()
		q := p
		q.Terms, err = waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "tiers": {"capital": [%s]}}`, gp.ID, tiers))
		require.NoError(t, err)
		return q
	}
	unsaid := with(fmt.Sprintf(`{"name": "fee", "type": "fee", "payee": %q, "amount": "10.00"}, {"name": "split", "type": "split"}`, gp.ID))
	_, err = svc.Offerings.SetTerms(ctx, tx, unsaid)
	var faults fault.Errors
	require.ErrorAs(t, err, &faults)
	require.Equal(t, "fee_unpaid_unsaid", faults[0].Code)

	// A promote in front of the return of capital pays promote out of capital.
	odd := with(`{"name": "8", "type": "hurdle", "irr": "0.08", "promote": "0.2"}, {"name": "capital", "type": "return_of_capital"}, {"name": "rest", "type": "split", "promote": "0.2"}`)
	shown, err := svc.Offerings.PreviewTerms(ctx, tx, odd)
	require.NoError(t, err)
	require.NotEmpty(t, shown.Findings)
	none, err := svc.Offerings.TermsVersions(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, none, "a preview writes nothing")
	set, err := svc.Offerings.SetTerms(ctx, tx, odd)
	require.NoError(t, err)
	read, err := svc.Offerings.TermsVersions(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, shown.Findings, set.Findings)
	require.Equal(t, shown.Findings, read[0].Findings)
	require.Equal(t, waterfall.SeverityWarning, read[0].Findings[0].Severity)
	words, err := read[0].Describe()
	require.NoError(t, err)
	require.Contains(t, words, read[0].Findings[0].Reason)
	again, err := svc.Offerings.PreviewTerms(ctx, tx, odd)
	require.NoError(t, err)
	require.Equal(t, set.ID, again.ID, "they are in force already")
}

// Every class and position that terms name is the offering's.
func TestSetTerms_names(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, other := raise(t, tx, "1000000"), raise(t, tx, "1000000")
	held := funded(t, tx, o, investor(t, tx), "60000").PositionID.String()
	who := investor(t, tx)
	foreign := funded(t, tx, other, investor(t, tx), "60000").PositionID.String()
	for text, field := range map[string]string{
		`{"tiers": {"capital": [{"name": "split", "type": "split", "to": ["common"]}]}}`:                                                                                                       ``,
		`{"tiers": {"capital": [{"name": "all", "type": "split"}, {"name": "rest", "type": "split", "to": ["gold"]}]}}`:                                                                        `terms.tiers.capital[1].to`,
		`{"tiers": {"capital": [{"name": "split", "type": "split", "percentages": {"common": "1"}}]}}`:                                                                                         ``,
		`{"tiers": {"capital": [{"name": "split", "type": "split", "percentages": {"` + held + `": "1"}}]}}`:                                                                                   ``,
		`{"tiers": {"capital": [{"name": "split", "type": "split", "percentages": {"` + foreign + `": "1"}}]}}`:                                                                                `terms.tiers.capital[0].percentages`,
		`{"tiers": {"capital": [{"name": "split", "type": "split", "percentages": {"` + id.New[investments.Position]().String() + `": "1"}}]}}`:                                                `terms.tiers.capital[0].percentages`,
		`{"tiers": {"capital": [{"name": "8", "type": "hurdle", "irr": "0.08", "of": ["` + held + `"]}, {"name": "split", "type": "split"}]}}`:                                                 ``,
		`{"tiers": {"capital": [{"name": "8", "type": "hurdle", "irr": "0.08", "of": ["gold"]}, {"name": "split", "type": "split"}]}}`:                                                         `terms.tiers.capital[0].of`,
		`{"losses": {"bearer": "common"}, "tiers": {"capital": [{"name": "split", "type": "split"}]}}`:                                                                                         ``,
		`{"losses": {"bearer": "gold"}, "tiers": {"capital": [{"name": "split", "type": "split"}]}}`:                                                                                           `terms.losses.bearer`,
		`{"prefs": {"gold": {"rate": "0.08"}}, "tiers": {"capital": [{"name": "split", "type": "split"}]}}`:                                                                                    `terms.prefs["gold"]`,
		`{"prefs": {"late": {"rate": "0.08", "class": "common", "on": "gold"}}, "tiers": {"capital": [{"name": "late", "type": "pref", "pref": "late"}, {"name": "split", "type": "split"}]}}`: `terms.prefs["late"].on`,
	} {
		terms, err := waterfall.ParseTerms([]byte(text))
		require.NoError(t, err)
		_, err = svc.Offerings.PreviewTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: who})
		if field == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, investments.ErrTermsName, text)
		require.Equal(t, field, fault.FieldErrors(err)[0].Field, text)
	}
}
