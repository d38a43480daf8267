package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Within a class a percentage is shared by contributed capital, so a dilution holds
// there; between the names the terms' percentages stay.
func TestPercentages_dilution(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "A"}, {ID: "cyd", Class: "B"}}
	const text = `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"A":"2/3","B":"1/3"}}]}}`
	in := []waterfall.Event{contribution("2020-01-01", "ann", "100"), contribution("2020-01-01", "bob", "100"), contribution("2020-01-01", "cyd", "100")}
	h := replay(t, text, ps, append(in, dilution("2021-01-01", "bob", "50", "2", ""), distribution("2022-01-01", waterfall.Sale, "900"))...)
	// Of bob's 100 points 50 go to ann and cyd, 25 each: within A they stand 125 to 50.
	require.Equal(t, "428.57", paid(t, h.Results[0], "ann"))
	require.Equal(t, "171.43", paid(t, h.Results[0], "bob"))
	require.Equal(t, "300.00", paid(t, h.Results[0], "cyd"))

	// A class that is diluted to nothing shares its percentage by what was put in.
	h = replay(t, text, ps, append(in, dilution("2021-01-01", "cyd", "500", "2", ""), distribution("2022-01-01", waterfall.Sale, "900"))...)
	require.Equal(t, "300.00", paid(t, h.Results[0], "cyd"))
}

// Run by partner, the cash is apportioned by the percentages that a dilution left.
func TestRunPartner_dilution(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "A"}, {ID: "gp", Class: "promote"}}
	const text = `{"run":"partner","tiers":{"capital":[{"name":"s","type":"split","promote":"0.2"}]}}`
	h := replay(t, text, ps, contribution("2020-01-01", "ann", "150"), contribution("2020-01-01", "bob", "50"),
		dilution("2021-01-01", "bob", "50", "1.5", ""), distribution("2022-01-01", waterfall.Sale, "1000"))
	require.Equal(t, "700.00", paid(t, h.Results[0], "ann"))
	require.Equal(t, "100.00", paid(t, h.Results[0], "bob"))
	x, err := h.Results[0].Explain("bob")
	require.NoError(t, err)
	require.Contains(t, x.String(), "by contributed capital after dilutions, is 125.00")
}

// What is explained after a dilution is what was shared by.
func TestExplain_dilution(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "A"}}
	h := replay(t, `{"tiers":{"capital":[{"name":"s","type":"split"}]}}`, ps, contribution("2020-01-01", "ann", "150"), contribution("2020-01-01", "bob", "50"),
		dilution("2021-01-01", "bob", "50", "1.5", ""), distribution("2022-01-01", waterfall.Sale, "1000"))
	x, err := h.Results[0].Explain("bob")
	require.NoError(t, err)
	require.Equal(t, "125.00", x.Total.String())
	require.Contains(t, x.String(), "the account's contributed capital after dilutions is 25.00 of 200.00, so its exact share is 125.00")
}

// The need of those tested is scaled by what both share by.
func TestHurdle_ofDiluted(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "B"}}
	const text = `{"tiers":{"capital":[{"name":"h","type":"hurdle","to":["B"],"of":["A"],"multiple":"1"},{"name":"s","type":"split"}]}}`
	h := replay(t, text, ps, contribution("2020-01-01", "ann", "100"), contribution("2020-01-01", "bob", "100"),
		dilution("2021-01-01", "ann", "50", "2", ""), distribution("2022-01-01", waterfall.Sale, "1000"))
	// 100.00 of 50 points are worth 300.00 of 150.
	require.Equal(t, "300.00", h.Results[0].Tiers[0].Paid.String())
}

// A percentage that has nobody to pay goes to the others, and is said to.
func TestPercentages_nobodyToPay(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "B"}, {ID: "cyd", Class: "C"}, {ID: "gp", Class: "promote"}}
	const text = `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"A":"1/2","B":"1/4","C":"1/4"}}]}}`
	h := replay(t, text, ps, contribution("2020-01-01", "ann", "100"), contribution("2020-01-01", "bob", "100"), distribution("2022-01-01", waterfall.Sale, "900"))
	r := h.Results[0]
	require.Equal(t, "600.00", paid(t, r, "ann"))
	require.Equal(t, "300.00", paid(t, r, "bob"))
	require.Contains(t, r.Trace.Steps[0].Inputs, waterfall.Input{Name: "percentage without anybody to pay", Value: "1/4 to C"})
	x, err := r.Explain("ann")
	require.NoError(t, err)
	require.Contains(t, x.String(), "There is nobody to pay of 1/4 to C, so that it goes to the others in proportion.")

	// Who has no capital account is not named.
	_, err = waterfall.Open(parse(t, `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"ann":"1/2","gp":"1/2"}}]}}`), ps)
	require.ErrorIs(t, err, waterfall.ErrNoCapitalAccount)
	loan := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "lent", Class: "loans", Kind: waterfall.KindLoan}}
	_, err = waterfall.Open(parse(t, `{"tiers":{"capital":[{"name":"s","type":"split","percentages":{"ann":"1/2","lent":"1/2"}}]}}`), loan)
	require.ErrorIs(t, err, waterfall.ErrNoCapitalAccount)
}

// A class and an account of it are not tested together, nor is the surplus of several
// accounts together forgotten.
func TestHurdle_ofNames(t *testing.T) {
	t.Parallel()
	ps := []waterfall.Partner{{ID: "ann", Class: "A"}, {ID: "bob", Class: "A"}, {ID: "cyd", Class: "B"}}
	open := func(of, more string) error {
		_, err := waterfall.Open(parse(t, `{"tiers":{"capital":[{"name":"h","type":"hurdle","multiple":"1","of":`+of+more+`}]}}`), ps)
		return err
	}
	requireCode(t, open(`["A","ann"]`, ""), "tiers.capital[0].of", fault.CodeDuplicate)
	requireCode(t, open(`["ann","bob"]`, `,"surplus":"lapses"`), "tiers.capital[0].of", "of_lapses")
	require.NoError(t, open(`["ann","bob"]`, ""))
	require.NoError(t, open(`["ann"]`, `,"surplus":"lapses"`))
	require.NoError(t, open(`["ann","bob"]`, `,"surplus":"lapses","by":"each"`))
}

// requireCode looks for a fault of a field.
func requireCode(t *testing.T, err error, field, code string) {
	t.Helper()
	var many fault.Errors
	require.ErrorAs(t, err, &many)
	for _, e := range many {
		if e.Field == field && e.Code == code {
			return
		}
	}
	require.Failf(t, "no such fault", "%s on %s in %v", code, field, err)
}
