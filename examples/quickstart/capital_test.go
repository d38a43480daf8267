package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Each line of a capital account is in the table, with the sign that makes the
// column add up, and classes of one account are told apart.
func TestCapitalTable(t *testing.T) {
	t.Parallel()

	usd := money.MustParse
	account, name := &investments.Account{Name: "Ann"}, "Class B units"
	r := &results{Classes: []investments.ShareClass{{Code: "b", Name: &name}}}
	by := func(a, b, c, d, e string) investments.ByCharacter {
		return investments.ByCharacter{ReturnOfCapital: usd(a), Dividend: usd(b), Interest: usd(c), CapitalGain: usd(d), Unclassified: usd(e)}
	}
	full := investments.CapitalAccount{Opening: usd("1000"), Contributions: usd("500"), Refunds: usd("20"), Income: usd("-30"),
		UnrealizedChange: usd("7"), RealizedGains: usd("11"), Fees: usd("13"), Distributions: by("100", "2", "3", "5", "40"),
		Reversed: by("1", "0", "0", "0", "4"), TransfersIn: usd("60"), TransfersOut: usd("70")}
	closing, err := full.Statement()
	require.NoError(t, err)
	full.Closing = closing.Closing
	list := []holding{
		{Position: investments.Position{ID: id.New[investments.Position](), ShareClass: "a"}, Account: account, Capital: full},
		{Position: investments.Position{ID: id.New[investments.Position](), ShareClass: "b"}, Account: account},
	}
	table, err := r.capitalTable(list)
	require.NoError(t, err)
	require.Equal(t, []string{"", ">Ann, a", ">Ann, Class B units"}, table.Head)
	require.Equal(t, [][]string{
		{"Opening", "$1,000.00", "$0.00"}, {"Contributed", "$500.00", "$0.00"}, {"Refunded", "($20.00)", "$0.00"},
		{"Units received", "$60.00", "$0.00"}, {"Units passed on", "($70.00)", "$0.00"}, {"Net income", "($30.00)", "$0.00"},
		{"Fees", "($13.00)", "$0.00"}, {"Change in value", "$7.00", "$0.00"}, {"Realized gain", "$11.00", "$0.00"},
		{"Distributed", "($40.00)", "$0.00"}, {"Distributed: return of capital", "($100.00)", "$0.00"}, {"Distributed: dividends", "($2.00)", "$0.00"},
		{"Distributed: interest", "($3.00)", "$0.00"}, {"Distributed: capital gains", "($5.00)", "$0.00"},
		{"Distribution reversed", "$5.00", "$0.00"}, {"Closing", "$1,300.00", "$0.00"},
	}, table.Rows)

	table, err = r.capitalTable(list[1:])
	require.NoError(t, err)
	require.Nil(t, table, "there is nothing to show")
}
