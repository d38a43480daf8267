package waterfall

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Terms are a deal's waterfall as plain data. [ParseTerms] reads them from
// JSON, Validate checks them, Hash identifies them and Describe writes them in
// English. Rates are fractions: 0.08 is 8 %.
type Terms struct {
	// Name is a title for people; it is not part of the hash.
	Name string `json:"name,omitempty"`
	// DayCount is the deal's day count for preferred return; ACT/365F if empty.
	DayCount date.DayCount `json:"day_count,omitempty"`
	// PromoteRecipient is the partner who receives all promote. If it and
	// PromoteSplit are empty, it is the one partner of class "promote".
	PromoteRecipient string `json:"promote_recipient,omitempty"`
	// PromoteSplit shares promote among several recipients; the shares sum to 1.
	PromoteSplit []Share `json:"promote_split,omitempty"`
	// PromoteBase says whose profits bear promote; all investors if empty.
	PromoteBase PromoteBase `json:"promote_base,omitempty"`
	// Run says on whose balances the tiers run; pooled if empty.
	Run Run `json:"run,omitempty"`
	// Prefs are the preferred returns by class. A class without one earns none.
	Prefs map[string]Pref `json:"prefs,omitempty"`
	// Tiers are the tier lists.
	Tiers Lists `json:"tiers"`
	// Losses say who bears losses that are allocated; nil is the usual rule. They
	// change no distribution.
	Losses *Losses `json:"losses,omitempty"`
}

// Lists are the tier lists of a deal.
type Lists struct {
	// Capital serves refinancings and sales, and everything where there is no
	// operating list.
	Capital []Tier `json:"capital"`
	// Operating serves distributions of operating cash, if it is not empty.
	Operating []Tier `json:"operating,omitempty"`
}

// Pref is a preferred return. Its name in [Terms.Prefs] is the class that earns it,
// unless Class says so: then a tier pays it by its name.
type Pref struct {
	// Rate is nominal and annual, from 0 to 10 with at most 10 decimals.
	Rate decimal.Decimal `json:"rate"`
	// Compounding is none if empty.
	Compounding Compounding `json:"compounding,omitempty"`
	// Class is the class that earns it, the name if empty: a class can have several.
	Class string `json:"class,omitempty"`
	// On is the class on whose capital it is earned, the earning class's own if empty.
	On string `json:"on,omitempty"`
	// Base is what it is earned on; unreturned capital if empty.
	Base PrefBase `json:"base,omitempty"`
	// From is when it begins; with the capital if nil.
	From *Start `json:"from,omitempty"`
	// Rates are later rates, Index makes the rate float, and DefaultRate holds from a
	// day that [EventDefault] enters.
	Rates       []RateStep       `json:"rates,omitempty"`
	Index       *Index           `json:"index,omitempty"`
	DefaultRate *decimal.Decimal `json:"default_rate,omitempty"`
	// Boundaries say when it compounds or lapses; calendar if empty.
	Boundaries Boundaries `json:"boundaries,omitempty"`
	// Lapse says that it is not cumulative: what a period could not pay is not owed
	// later. The boundary applies after that date's distributions.
	Lapse Compounding `json:"lapse,omitempty"`
	// DayCount is the deal's if empty.
	DayCount date.DayCount `json:"day_count,omitempty"`
}

// Compounding says when unpaid preferred return starts to earn.
type Compounding string

// The compoundings. Boundaries are the first days of calendar years, quarters
// and months. Daily needs the day count ACT/365F or ACT/360.
const (
	CompoundNone      Compounding = "none"
	CompoundAnnual    Compounding = "annual"
	CompoundQuarterly Compounding = "quarterly"
	CompoundMonthly   Compounding = "monthly"
	CompoundDaily     Compounding = "daily"
)

// Valid reports whether c is one of the five.
func (c Compounding) Valid() bool {
	switch c {
	case CompoundNone, CompoundAnnual, CompoundQuarterly, CompoundMonthly, CompoundDaily:
		return true
	}
	return false
}

// Share is a recipient's part of promote.
type Share struct {
	Recipient string          `json:"recipient"`
	Share     decimal.Decimal `json:"share"`
	// Vesting says which part of the share it has when; all of it always if empty.
	Vesting []Vesting `json:"vesting,omitempty"`
}

// PromoteBase says which investors' profits bear promote.
type PromoteBase string

// The promote bases.
const (
	// PromoteOnAll charges every investor, the sponsor's co-investment included.
	PromoteOnAll PromoteBase = "all"
	// PromoteOnOutside spares accounts marked as the sponsor's.
	PromoteOnOutside PromoteBase = "outside"
)

// TierType is what a tier does.
type TierType string

// The tier types.
const (
	TierPref            TierType = "pref"
	TierReturnOfCapital TierType = "return_of_capital"
	TierCatchUp         TierType = "catch_up"
	TierHurdle          TierType = "hurdle"
	TierSplit           TierType = "split"
	TierFee             TierType = "fee"
	TierHoldback        TierType = "holdback"
)

// Valid reports whether t is one of the seven.
func (t TierType) Valid() bool {
	switch t {
	case TierPref, TierReturnOfCapital, TierCatchUp, TierHurdle, TierSplit, TierFee, TierHoldback:
		return true
	}
	return false
}

// Tier is one step of a list. Which fields belong to which type is checked:
//
//	pref                      to, order, promote; or pref, promote
//	return_of_capital         to, order, promote; or to, lots, with_pref
//	catch_up                  to, gp_share, target, look_back
//	hurdle                    to, order, irr and/or multiple, or return with
//	                          compounding, day_count and capital; test, by, of,
//	                          surplus, look_back, percentages, promote
//	split                     to, promote, share, percentages, look_back
//	fee                       to, payee, amount or rate, base, unpaid
//	holdback                  amount or rate, reserve
//
// The tiers with promote also take promote_split and promote_base, which
// override those of the terms.
type Tier struct {
	Name string   `json:"name"`
	Type TierType `json:"type"`
	// To limits the tier to classes; all investors if empty.
	To []string `json:"to,omitempty"`
	// Pref names the preference that a pref tier pays; if empty it pays each class the
	// one under the class's own name.
	Pref string `json:"pref,omitempty"`
	// Lots says that contributions come back one after the other, WithPref that each
	// brings its unpaid preferred return before the next.
	Lots     Lots `json:"lots,omitempty"`
	WithPref bool `json:"with_pref,omitempty"`
	// Order says how several classes stand to each other; pari passu if empty.
	Order Order `json:"order,omitempty"`
	// Promote is the recipient's part of the tier's cash, from 0 to 1. Beside a
	// preferred return or capital the investors still get all that they are due.
	Promote *decimal.Decimal `json:"promote,omitempty"`
	// GPShare is the recipient's part of a catch-up, above Target, at most 1.
	GPShare *decimal.Decimal `json:"gp_share,omitempty"`
	// Target is the part of all profit that a catch-up brings the recipient to.
	Target *decimal.Decimal `json:"target,omitempty"`
	// IRR is a hurdle's effective annual rate.
	IRR *decimal.Decimal `json:"irr,omitempty"`
	// Multiple is a hurdle's multiple of contributed capital.
	Multiple *decimal.Decimal `json:"multiple,omitempty"`
	// Test combines IRR and Multiple; both if empty.
	Test Test `json:"test,omitempty"`
	// Return is a hurdle's yearly return that is not an effective rate: it accrues
	// on capital as a preferred return does, with Compounding (none if empty) and
	// DayCount (the deal's if empty), and every payment that is no return of capital
	// lowers it. With Capital, the default, the capital itself is to be reached, too.
	Return      *decimal.Decimal `json:"return,omitempty"`
	Compounding Compounding      `json:"compounding,omitempty"`
	DayCount    date.DayCount    `json:"day_count,omitempty"`
	Capital     *bool            `json:"capital,omitempty"`
	// Surplus says what becomes of what was paid beyond a hurdle; it counts against
	// later contributions if empty.
	Surplus Surplus `json:"surplus,omitempty"`
	// LookBack says that a hurdle, catch-up or split of the capital list is computed
	// once, after the last sale, on all that the deal paid and took in: in the
	// distribution that says so ([Distribution.Last]). In every other one the cash
	// passes it by. Where the last cash does not reach a hurdle, the trace says what is
	// lacking beside the promote paid, of which a deal may ask so much back.
	LookBack bool `json:"look_back,omitempty"`
	// By says whose flows a hurdle looks at; the classes' together if empty.
	By By `json:"by,omitempty"`
	// Of are the classes or accounts whose flows a hurdle tests; those that it pays
	// if empty. The paid get the need scaled by contributed capital, after dilutions. A
	// name that is both a class and an account is the class; a class and an account of
	// it are not tested together. A surplus lapses for classes, or for one account.
	Of []string `json:"of,omitempty"`
	// Share is what a split shares the investors' part by; contributed capital if
	// empty.
	Share ShareBy `json:"share,omitempty"`
	// Percentages share the investors' part of a split or hurdle, instead of
	// contributed capital. The tier then pays those whom they name.
	Percentages Percentages `json:"percentages,omitempty"`
	// PromoteSplit and PromoteBase override those of the terms.
	PromoteSplit []Share     `json:"promote_split,omitempty"`
	PromoteBase  PromoteBase `json:"promote_base,omitempty"`
	// Payee receives a fee; a partner without capital.
	Payee string `json:"payee,omitempty"`
	// Amount is a fee's money per distribution, or the balance up to which a
	// holdback fills the reserve.
	Amount *money.Amount `json:"amount,omitempty"`
	// Reserve names what a holdback keeps cash in; the one reserve without a name if
	// empty. Tiers that name the same reserve fill the same one.
	Reserve string `json:"reserve,omitempty"`
	// Rate is the part of Base that a fee takes, or the part of the cash that a
	// holdback keeps.
	Rate *decimal.Decimal `json:"rate,omitempty"`
	// Unpaid says what becomes of the part of a fee that the cash does not cover.
	// New terms say which; it lapses where stored terms say nothing.
	Unpaid Unpaid `json:"unpaid,omitempty"`
	// Base is what a fee's rate applies to; the cash left if empty.
	Base FeeBase `json:"base,omitempty"`
}

// Order is how the classes of a tier stand to each other.
type Order string

// The orders.
const (
	// PariPassu pools the classes: one need, shared by what each is due.
	PariPassu Order = "pari_passu"
	// Sequential serves the classes one after the other as To lists them.
	Sequential Order = "sequential"
)

// Test combines the two conditions of a hurdle.
type Test string

// The tests.
const (
	TestBoth   Test = "both"   // the larger need
	TestEither Test = "either" // the smaller need
)

// By is whose cash flows a hurdle looks at.
type By string

// The values of By.
const (
	ByClass    By = "class"
	ByInvestor By = "investor"
	// ByEach tests every account on its own and pays all by contributed capital until
	// the last of them is there.
	ByEach By = "each"
)

// Surplus is what becomes of what was paid beyond a hurdle.
type Surplus string

// The values of Surplus.
const (
	SurplusCounts Surplus = "counts" // it counts against later contributions
	SurplusLapses Surplus = "lapses" // after each distribution it is forgotten
)

// Unpaid is what becomes of what the cash does not cover.
type Unpaid string

// The values of Unpaid.
const (
	UnpaidLapses  Unpaid = "lapses"  // it is not owed later
	UnpaidCarried Unpaid = "carried" // it is owed at the next distribution, without interest
)

// FeeBase is what the rate of a fee applies to.
type FeeBase string

// The fee bases.
const (
	FeeOnCash         FeeBase = "cash"         // the cash that reaches the tier
	FeeOnDistribution FeeBase = "distribution" // the whole cash of the distribution
	FeeOnContributed  FeeBase = "contributed"  // contributed capital of the tier's classes
)

// Kind is where the cash of a distribution comes from.
type Kind string

// The kinds.
const (
	Operating Kind = "operating"
	Refinance Kind = "refinance"
	Sale      Kind = "sale"
)

// Valid reports whether k is one of the three.
func (k Kind) Valid() bool { return k == Operating || k == Refinance || k == Sale }

// classPromote is the class of partners without capital who receive promote.
const classPromote = "promote"

// List returns the tiers that serve a kind.
func (t *Terms) List(k Kind) []Tier {
	if k == Operating && len(t.Tiers.Operating) > 0 {
		return t.Tiers.Operating
	}
	return t.Tiers.Capital
}
