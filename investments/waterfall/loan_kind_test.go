package waterfall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Interest on a member's loan is no profit: the catch-up is what it is without.
func TestPartner_loanNeverCounts(t *testing.T) {
	t.Parallel()
	const text = `{"prefs":{"LP":{"rate":"0.08"},"loans":{"rate":"0.10"}},"tiers":{"capital":[
		{"name":"interest","type":"pref","to":["loans"]},{"name":"principal","type":"return_of_capital","to":["loans"]},
		{"name":"pref","type":"pref","to":["LP"]},{"name":"capital","type":"return_of_capital","to":["LP"]},
		{"name":"up","type":"catch_up","gp_share":"1","target":"0.2"},{"name":"rest","type":"split","promote":"0.2"}]}}`
	ps := []waterfall.Partner{{ID: "ann", Class: "LP"}, {ID: "loan", Class: "loans", Kind: waterfall.KindLoan}, {ID: "gp", Class: "promote"}}
	h := replay(t, text, ps, contribution("2021-01-01", "ann", "1000000"), contribution("2021-01-01", "loan", "100000"),
		distribution("2022-01-01", waterfall.Sale, "1310000"))
	require.Equal(t, "110000.00", paid(t, h.Results[0], "loan"))
	require.Equal(t, "40000.00", paid(t, h.Results[0], "gp")) // a fifth of 200,000.00

	_, err := waterfall.Open(parse(t, text), []waterfall.Partner{{ID: "x", Class: "loans", Kind: waterfall.KindLoan, Sponsor: true}, {ID: "y", Class: "a", Kind: "gift"}, ps[2]})
	require.Len(t, fault.FieldErrors(err), 2)
}
