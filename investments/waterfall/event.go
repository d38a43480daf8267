package waterfall

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// EventType is what happened.
type EventType string

// The event types, in the order in which those of one date are processed.
const (
	EventTransfer     EventType = "transfer"
	EventContribution EventType = "contribution"
	EventDistribution EventType = "distribution"
	// EventRate is a fixing of an index, EventDefault the day from which a preference
	// has its default rate, or no longer has it. They hold from their own day on and
	// come before all others, so that accrual knows of them whatever the record dates
	// of distributions; nothing may have accrued beyond their day. A name that the terms
	// do not use has no effect: terms that come later may use it.
	EventRate    EventType = "rate"
	EventDefault EventType = "default"
	// EventLoan is a loan from one partner to another, EventDilution takes percentage
	// points from a partner who did not fund a call.
	EventLoan     EventType = "loan"
	EventDilution EventType = "dilution"
	// EventRepayment is what a debtor paid its lender besides the distributions, on the
	// loan of the Name.
	EventRepayment EventType = "repayment"
)

// Event is one entry of a deal's history.
type Event struct {
	Date date.Date `json:"date"`
	Type EventType `json:"type"`
	// Partner and Amount are who contributed and how much; Amount is also the
	// cash of a distribution.
	Partner string       `json:"partner,omitempty"`
	Amount  money.Amount `json:"amount"`
	// From, To and Fraction are those of a transfer.
	From     string          `json:"from,omitempty"`
	To       string          `json:"to,omitempty"`
	Fraction decimal.Decimal `json:"fraction"`
	// Kind, Adjustments, Record, Units and Last are those of a distribution.
	Kind        Kind         `json:"kind,omitempty"`
	Adjustments []Adjustment `json:"adjustments,omitempty"`
	Record      date.Date    `json:"record,omitzero"`
	First       bool         `json:"first,omitempty"`
	Last        bool         `json:"last,omitempty"`
	Units       []Units      `json:"units,omitempty"`
	// Preferred is that a distribution went by the method preferred of its terms
	// ([Preferred]), by its units where it has any.
	Preferred bool `json:"preferred,omitempty"`
	// Name and Rate are the index and the fixing of a rate, or the preference of a
	// default, which Ends may end. A loan may have a Name, by which its payments are
	// told.
	Name string           `json:"name,omitempty"`
	Rate *decimal.Decimal `json:"rate,omitempty"`
	Ends bool             `json:"ends,omitempty"`
	// Compounding and DayCount are, with From, To, Amount and Rate, those of a loan;
	// none and ACT/365F if empty.
	Compounding Compounding   `json:"compounding,omitempty"`
	DayCount    date.DayCount `json:"day_count,omitempty"`
	// Factor is, with Partner and the missing Amount, that of a dilution; Promote is the
	// recipient whose share of promote falls in the same ratio.
	Factor  *decimal.Decimal `json:"factor,omitempty"`
	Promote string           `json:"promote,omitempty"`
	// Advances and InKind are those of a distribution.
	Advances []Advance    `json:"advances,omitempty"`
	InKind   money.Amount `json:"in_kind,omitzero"`
	// Releases, Reserves and Held are those of a distribution.
	Releases []ReserveAmount `json:"releases,omitempty"`
	Reserves []ReserveAmount `json:"reserves,omitempty"`
	Held     []Holding       `json:"held,omitempty"`
}

// Distribution is cash to be run through the tiers.
type Distribution struct {
	Date date.Date    `json:"date"`
	Kind Kind         `json:"kind"`
	Cash money.Amount `json:"cash"`
	// Releases are taken out of reserves and added to the cash. A tier holds nothing back
	// for a reserve that the distribution releases money from.
	Releases []ReserveAmount `json:"releases,omitempty"`
	// Reserves, unless nil, is what the reserves hold before it, where money was set
	// aside or spent besides; a reserve that it does not name is empty.
	Reserves []ReserveAmount `json:"reserves,omitempty"`
	// Held, unless nil, is what the holdback tiers keep: of a distribution of the past
	// what they kept then, whatever they would keep today. It is set apart before the
	// first tier, so that the tiers share the rest; they keep no more either. What
	// was kept by a tier that the terms no longer have is shared like other cash.
	Held []Holding `json:"held,omitempty"`
	// Adjustments move money between accounts after the tiers.
	Adjustments []Adjustment `json:"adjustments,omitempty"`
	// Record is the record date, the date of the distribution if there is none.
	// Who held at the end of it is paid. A transfer after it and on or before the
	// distribution's date applies after the distribution; capital received after
	// it neither earns nor shares in this distribution, and afterwards has earned
	// from its own date.
	Record date.Date `json:"record,omitzero"`
	// First is that it comes before the transfers and contributions of its record date:
	// new terms hold from that day on, and the true record date lies before them.
	First bool `json:"first,omitempty"`
	// Last is that it is of the last sale, after which tiers that look back are
	// computed. A deal has one.
	Last bool `json:"last,omitempty"`
	// Units are what accounts held at the end of the record date, for tiers that
	// share by units.
	Units []Units `json:"units,omitempty"`
	// Advances are paid before the tiers, out of the cash. What an account was advanced
	// in earlier distributions is a credit: the tiers run on the cash and the credit
	// used, and the account is paid less by it.
	Advances []Advance `json:"advances,omitempty"`
	// InKind is the stated value of what is distributed in kind. It is a part of Cash:
	// the tiers make no difference between them, and everyone gets the same part.
	InKind money.Amount `json:"in_kind,omitzero"`
}

// Units are the units of one account, with at most six decimals.
type Units struct {
	Account string          `json:"account"`
	Units   decimal.Decimal `json:"units"`
}

// Adjustment is an explicit, explained change of what one account gets. The
// adjustments of a distribution sum to zero, and nobody ends below zero.
type Adjustment struct {
	Account string       `json:"account"`
	Delta   money.Amount `json:"delta"`
	Reason  string       `json:"reason"`
	// Against says which balance the delta pays; profit if empty.
	Against Against `json:"against,omitempty"`
	// Tier names, instead of Against, the tier that the delta makes good: what a
	// true-up pays or takes has the tiers of what should have been paid. A delta
	// in a preferred return is against pref, one in a return of capital against
	// capital, one in any other tier against profit.
	Tier string `json:"tier,omitempty"`
}

// Against is the balance that an adjustment changes.
type Against string

// The balances. Profit changes neither capital nor preferred return, but counts
// like any payment in hurdles and catch-ups.
const (
	AgainstProfit  Against = "profit"
	AgainstPref    Against = "pref"
	AgainstCapital Against = "capital"
)

// phase is the place of an event type within one date.
func (t EventType) phase() uint8 {
	switch t {
	case EventTransfer:
		return 1
	case EventContribution, EventDilution:
		return 2
	case EventDistribution:
		return 3
	}
	return 0
}

// phase is that of its type, but for a distribution that comes first.
func (e *Event) phase() uint8 {
	if e.Type == EventDistribution && e.First {
		return 0
	}
	return e.Type.phase()
}

// distribution returns the event as a Distribution.
func (e *Event) distribution() Distribution {
	return Distribution{Date: e.Date, Kind: e.Kind, Cash: e.Amount, Adjustments: e.Adjustments,
		Record: e.Record, First: e.First, Last: e.Last, Units: e.Units, Advances: e.Advances, InKind: e.InKind,
		Releases: e.Releases, Reserves: e.Reserves, Held: e.Held}
}

// rank is the day on which an event has its place among the others: its date,
// for a distribution its record date. What only holds from a day on has none.
func (e *Event) rank() date.Date {
	if e.Type == EventRate || e.Type == EventDefault {
		return date.Date{}
	}
	if e.Type == EventDistribution && !e.Record.IsZero() {
		return e.Record
	}
	return e.Date
}

// turn compares the places of two events among the others.
func (e *Event) turn(o *Event) int {
	return cmp.Or(e.rank().Compare(o.rank()), cmp.Compare(e.phase(), o.phase()))
}

// inOrder returns the events in the order of processing: fixings and defaults first,
// the others by date, distributions by record date, within a date transfers,
// contributions, distributions, and otherwise as given.
func inOrder(events []Event) []Event {
	order := func(a, b Event) int { return a.turn(&b) }
	if slices.IsSortedFunc(events, order) { // a long history need not be copied
		return events
	}
	out := slices.Clone(events)
	slices.SortStableFunc(out, order)
	return out
}
