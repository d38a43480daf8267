package waterfall

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Trace explains a distribution: for every tier what it needed and from what
// that followed, the cash before and after, and the rule in words. It is plain
// data and can be stored as JSON beside the amounts.
type Trace struct {
	Date     date.Date    `json:"date"`
	Kind     Kind         `json:"kind"`
	Cash     money.Amount `json:"cash"`
	Released money.Amount `json:"released"`       // out of all reserves
	Last     bool         `json:"last,omitempty"` // it was of the last sale
	// Releases are those out of reserves with a name.
	Releases      []ReserveAmount `json:"releases,omitempty"`
	Steps         []Step          `json:"steps"`
	Undistributed money.Amount    `json:"undistributed"`
	Adjustments   []Adjustment    `json:"adjustments,omitempty"`
	// Advances were paid before the tiers; Credit is what the tiers gave of earlier ones
	// and was not paid again. Loans are payments of debtors to their lenders.
	Advances []Advance     `json:"advances,omitempty"`
	Credit   money.Amount  `json:"credit,omitzero"`
	Loans    []LoanPayment `json:"loans,omitempty"`
	// InKind is the stated value of what of the cash is distributed in kind.
	InKind money.Amount `json:"in_kind,omitzero"`
}

// Step is one tier of a trace, or one class of a sequential tier.
type Step struct {
	// Tier is the position of the tier in its list.
	Tier  int      `json:"tier"`
	Name  string   `json:"name"`
	Type  TierType `json:"type"`
	Class string   `json:"class,omitempty"`
	// Rule says in words what the step does.
	Rule string `json:"rule"`
	// Inputs are the figures that the need was computed from.
	Inputs []Input `json:"inputs,omitempty"`
	// Need is what the step could have taken; nil when it takes everything.
	Need       *money.Amount `json:"need,omitempty"`
	CashBefore money.Amount  `json:"cash_before"`
	// Investors, Spared, Promote, Fee and Held are the parts of what was paid:
	// to investors who bear promote, to investors who do not, to the promote's
	// recipients, to a fee's payee, into the reserve.
	Investors money.Amount `json:"investors"`
	Spared    money.Amount `json:"spared"`
	Promote   money.Amount `json:"promote"`
	Fee       money.Amount `json:"fee"`
	Held      money.Amount `json:"held"`
	Reserve   string       `json:"reserve,omitempty"` // that Held went into
	CashAfter money.Amount `json:"cash_after"`
	// Weight is what the investors' part was shared by.
	Weight Weight `json:"weight,omitempty"`
}

// Input is a named figure.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Weight is what a tier's money for investors is shared by.
type Weight string

// The weights.
const (
	WeightDue         Weight = "unpaid preferred return"
	WeightUnreturned  Weight = "unreturned capital"
	WeightContributed Weight = "contributed capital"
	WeightDiluted     Weight = "contributed capital after dilutions"
	WeightUnits       Weight = "units"
	WeightPercentages Weight = "percentages"
	WeightLots        Weight = "the latest contributions first"
	WeightOwn         Weight = "own balances"
	WeightHurdle      Weight = "own need to the hurdle"
)

// Paid returns all that left the cash in the step.
func (s *Step) Paid() money.Amount { return cents(s.CashBefore.Cents() - s.CashAfter.Cents()) }

// title heads a table or a chart.
func (t *Trace) title() string {
	kind := string(t.Kind)
	if kind != "" {
		kind = strings.ToUpper(kind[:1]) + kind[1:]
	}
	return fmt.Sprintf("%s distribution of %s on %s", kind, t.Cash.Format(), t.Date)
}

func (s *Step) need(n int64) {
	a := cents(n)
	s.Need = &a
}

func (s *Step) rule(format string, args ...any) { s.Rule = fmt.Sprintf(format, args...) }

func (s *Step) input(name, value string) { s.Inputs = append(s.Inputs, Input{name, value}) }

// exactText writes parts of 1/(per*10^54) cents as dollars with eight decimals.
func exactText(parts wide.Int, per int64) string {
	d := decimal.NewFromBigInt(parts.Big(), -partDecimals-2)
	return grouped(d.DivRound(decimal.NewFromInt(per), 8))
}

// grouped writes a number of dollars with thousands grouped and all of its
// decimals, at least two.
func grouped(d decimal.Decimal) string {
	if d.Exponent() > -2 {
		return group(d.StringFixed(2))
	}
	text := strings.TrimRight(d.StringFixed(-d.Exponent()), "0")
	for !strings.Contains(text[:len(text)-2], ".") {
		text += "0"
	}
	return group(text)
}

// group groups the thousands of a decimal number that has a point.
func group(text string) string {
	sign := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	for i := strings.IndexByte(text, '.') - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	if sign {
		return "-" + text
	}
	return text
}

// hurdleRule describes a hurdle in words.
func hurdleRule(st *step) string {
	goal, rate := "", percent(st.irr)+" a year"
	if st.level >= 0 {
		l, _ := levelOfTier(st.t)
		rate = returnText(l)
	}
	switch {
	case st.level >= 0 && st.multiple < 0:
		goal = rate
	case st.level >= 0 && st.t.Test == TestEither:
		goal = fmt.Sprintf("%s or %s times capital, whichever comes first", rate, rateText(st.multiple))
	case st.level >= 0:
		goal = fmt.Sprintf("%s and %s times capital", rate, rateText(st.multiple))
	case st.irr >= 0 && st.multiple >= 0 && st.t.Test == TestEither:
		goal = fmt.Sprintf("%s a year or %s times capital, whichever comes first", percent(st.irr), rateText(st.multiple))
	case st.irr >= 0 && st.multiple >= 0:
		goal = fmt.Sprintf("%s a year and %s times capital", percent(st.irr), rateText(st.multiple))
	case st.irr >= 0:
		goal = percent(st.irr) + " a year"
	default:
		goal = rateText(st.multiple) + " times capital"
	}
	who := "investors together have"
	if len(st.t.Of) > 0 {
		who = and(st.t.Of) + " have"
	}
	switch st.t.By {
	case ByInvestor:
		who = "each investor has"
	case ByEach:
		who = "the last of them has"
		if len(st.t.Of) > 0 {
			who = "the last of " + and(st.t.Of) + " has"
		}
	}
	if st.t.LookBack {
		goal += ", computed once, after the last sale"
	}
	if st.promote == 0 {
		return fmt.Sprintf("Pay investors until %s %s.", who, goal)
	}
	return fmt.Sprintf("Pay %s to investors and %s to promote until %s %s.", percent(unit-st.promote), percent(st.promote), who, goal)
}
