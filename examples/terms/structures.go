package main

import (
	"slices"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// The people of every history. The sponsor invests as well, and its promote goes to
// an account of its own.
var (
	ann     = waterfall.Partner{ID: "ann", Class: "LP"}
	ben     = waterfall.Partner{ID: "ben", Class: "LP"}
	sponsor = waterfall.Partner{ID: "sponsor", Class: "LP", Sponsor: true}
	promote = waterfall.Partner{ID: "promote", Class: "promote"}
	manager = waterfall.Partner{ID: "manager", Class: "manager"}
)

func in(day, who, amount string) waterfall.Event {
	return waterfall.Event{Date: date.MustParse(day), Type: waterfall.EventContribution, Partner: who, Amount: money.MustParse(amount)}
}

func out(day string, kind waterfall.Kind, amount string) waterfall.Event {
	return waterfall.Event{Date: date.MustParse(day), Type: waterfall.EventDistribution, Kind: kind, Amount: money.MustParse(amount)}
}

// usual is a history that most structures are shown on: 1,000,000.00 in, a year's cash,
// a sale.
func usual() []waterfall.Event {
	return []waterfall.Event{in("2021-01-01", "ann", "600000"), in("2021-01-01", "ben", "300000"), in("2021-01-01", "sponsor", "100000"),
		out("2022-01-01", waterfall.Operating, "100000"), out("2024-01-01", waterfall.Sale, "1500000")}
}

var structures = []structure{
	{
		name: "Preferred return, capital, split",
		terms: `{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [
			{"name": "preferred return", "type": "pref"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "rest", "type": "split", "promote": "0.20"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "Operating cash and capital proceeds apart, with a full catch-up",
		terms: `{"prefs": {"LP": {"rate": "0.08", "compounding": "annual"}}, "tiers": {
			"operating": [
				{"name": "preferred return", "type": "pref"},
				{"name": "rest", "type": "split", "promote": "0.20"}],
			"capital": [
				{"name": "preferred return", "type": "pref"},
				{"name": "capital", "type": "return_of_capital"},
				{"name": "catch-up", "type": "catch_up", "gp_share": "1", "target": "0.20"},
				{"name": "rest", "type": "split", "promote": "0.20"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "Joint venture with rising rate hurdles, the sponsor's own money spared",
		terms: `{"promote_base": "outside", "tiers": {"capital": [
			{"name": "10 %", "type": "hurdle", "irr": "0.10"},
			{"name": "15 %", "type": "hurdle", "irr": "0.15", "promote": "0.20"},
			{"name": "rest", "type": "split", "promote": "0.35"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "A member tested alone, everybody paid",
		terms: `{"tiers": {"capital": [
			{"name": "ann has 12 % and 1.3 times", "type": "hurdle", "irr": "0.12", "multiple": "1.3", "of": ["ann"]},
			{"name": "rest", "type": "split", "promote": "0.15"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: slices.Insert(usual(), 4, in("2022-07-01", "ann", "100000")),
	}, {
		name: "A second simple return before capital comes back",
		terms: `{"prefs": {"LP": {"rate": "0.09"}}, "tiers": {"capital": [
			{"name": "9 %", "type": "pref"},
			{"name": "14 %", "type": "hurdle", "return": "0.14", "capital": false, "promote": "0.30"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "half", "type": "split", "promote": "0.50"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "A fund, partner by partner",
		terms: `{"run": "partner", "promote_base": "outside", "prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [
			{"name": "capital", "type": "return_of_capital"},
			{"name": "preferred return", "type": "pref"},
			{"name": "catch-up", "type": "catch_up", "gp_share": "0.8", "target": "0.20"},
			{"name": "rest", "type": "split", "promote": "0.20"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote},
		events: []waterfall.Event{in("2021-01-01", "ann", "600000"), in("2021-01-01", "sponsor", "100000"), in("2023-01-01", "ben", "300000"),
			out("2024-01-01", waterfall.Sale, "1500000")},
	}, {
		name: "A preference that is not cumulative, and one per cent beside it",
		terms: `{"day_count": "30E/360", "prefs": {"LP": {"rate": "0.06", "lapse": "annual"}}, "tiers": {"capital": [
			{"name": "6 % of the year", "type": "pref", "promote": "0.01"},
			{"name": "capital", "type": "return_of_capital", "promote": "0.01"},
			{"name": "rest", "type": "split", "promote": "0.15"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "A class that earns a return on the capital of another",
		terms: `{"day_count": "30E/360", "prefs": {"LP": {"rate": "0.08"}, "sponsor return": {"class": "promote", "rate": "0.0343", "on": "LP"}}, "tiers": {
			"operating": [
				{"name": "investors' return", "type": "pref", "to": ["LP"]},
				{"name": "sponsor's return", "type": "pref", "pref": "sponsor return"},
				{"name": "rest", "type": "split", "promote": "0.30"}],
			"capital": [
				{"name": "capital", "type": "return_of_capital"},
				{"name": "investors' return", "type": "pref", "to": ["LP"]},
				{"name": "sponsor's return", "type": "pref", "pref": "sponsor return"},
				{"name": "rest", "type": "split", "promote": "0.30"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote}, events: usual(),
	}, {
		name: "Priority contributions that come back latest first",
		terms: `{"prefs": {"priority": {"rate": "0.18", "day_count": "ACT/360"}}, "tiers": {"capital": [
			{"name": "priority", "type": "return_of_capital", "to": ["priority"], "lots": "latest_first", "with_pref": true},
			{"name": "capital", "type": "return_of_capital", "to": ["LP"]},
			{"name": "by percentages", "type": "split", "percentages": {"ann": "4/9", "ben": "5/9"}}]}}`,
		partners: []waterfall.Partner{ann, ben, {ID: "ann-priority", Class: "priority"}, {ID: "ben-priority", Class: "priority"}},
		events: []waterfall.Event{in("2021-01-01", "ann", "400000"), in("2021-01-01", "ben", "500000"),
			in("2022-06-01", "ann-priority", "100000"), in("2023-06-01", "ben-priority", "100000"),
			out("2023-12-01", waterfall.Operating, "150000"), out("2024-06-01", waterfall.Sale, "1200000")},
	}, {
		name: "A subordinated fee that is made good, and a tax advance on promote",
		terms: `{"prefs": {"LP": {"rate": "0.08"}}, "tiers": {"capital": [
			{"name": "preferred return", "type": "pref"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "disposition fee", "type": "fee", "payee": "manager", "rate": "0.02", "base": "distribution", "unpaid": "carried"},
			{"name": "rest", "type": "split", "promote": "0.20"}]}}`,
		partners: []waterfall.Partner{ann, ben, sponsor, promote, manager}, events: advanced(usual()),
	},
}

// advanced gives the promote an advance out of the first distribution.
func advanced(events []waterfall.Event) []waterfall.Event {
	for i := range events {
		if events[i].Kind == waterfall.Operating {
			events[i].Advances = []waterfall.Advance{{Account: "promote", Amount: money.MustParse("10000")}}
		}
	}
	return events
}
