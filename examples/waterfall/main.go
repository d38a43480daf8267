// Command waterfall is the first program of the README: who gets what of a sale,
// and why. It needs no database.
package main

import (
	"fmt"
	"log"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

const terms = `{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [
	{"name": "Preferred return", "type": "pref"},
	{"name": "Capital", "type": "return_of_capital"},
	{"name": "Profit", "type": "split", "promote": "0.20"}]}}`

func main() {
	t, err := waterfall.ParseTerms([]byte(terms))
	check(err)
	start, sale := date.Must(2025, 1, 1), date.Must(2026, 1, 1)
	history, err := waterfall.Replay(t,
		[]waterfall.Partner{{ID: "ada", Class: "LP"}, {ID: "bob", Class: "LP"}, {ID: "sponsor", Class: "promote"}},
		[]waterfall.Event{
			{Date: start, Type: waterfall.EventContribution, Partner: "ada", Amount: money.MustParse("200000")},
			{Date: start, Type: waterfall.EventContribution, Partner: "bob", Amount: money.MustParse("100000")},
			{Date: sale, Type: waterfall.EventDistribution, Kind: waterfall.Sale, Amount: money.MustParse("360000")},
		})
	check(err)
	why, err := history.Results[0].Explain("ada")
	check(err)
	fmt.Printf("%s\n%s", history.Results[0].Table(), why)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
