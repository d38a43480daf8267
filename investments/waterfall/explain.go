package waterfall

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

// Explanation says where each cent of one account's payment comes from.
type Explanation struct {
	Account string            `json:"account"`
	Total   money.Amount      `json:"total"`
	Lines   []ExplanationLine `json:"lines"`
	// Paid is what is paid to the account: Total and what After says, which is what
	// advances and loans between partners change.
	Paid  money.Amount      `json:"paid"`
	After []ExplanationLine `json:"after,omitempty"`
}

// ExplanationLine is one tier's part, or one adjustment.
type ExplanationLine struct {
	Tier   string       `json:"tier"`
	Amount money.Amount `json:"amount"`
	Text   string       `json:"text"`
}

// String writes one line a tier and the total.
func (x *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s gets %s:\n", x.Account, x.Total.Format())
	for _, l := range x.Lines {
		fmt.Fprintf(&b, "  %s: %s. %s\n", l.Tier, l.Amount.Format(), l.Text)
	}
	for _, l := range x.After {
		fmt.Fprintf(&b, "  %s: %s. %s\n", l.Tier, l.Amount.Format(), l.Text)
	}
	if len(x.After) > 0 {
		fmt.Fprintf(&b, "So it is paid %s.\n", x.Paid.Format())
	}
	return b.String()
}

// Explain explains the payment of one account tier by tier: the rule, what the
// tier paid, and the account's exact share before cents were given out whole.
// Shares by unpaid preferred return, unreturned capital or an own hurdle are
// known where the result has its closing state. It returns [ErrUnknownPartner].
func (r *Result) Explain(account string) (*Explanation, error) {
	i := r.roster.index(account)
	if i < 0 {
		return nil, ErrUnknownPartner
	}
	x := &Explanation{Account: account, Total: r.Total(i), Paid: r.Paid(i), After: r.after(i)}
	for k := range r.Trace.Steps {
		line := &r.Trace.Steps[k]
		if r.Amount(line.Tier, i).IsZero() || !r.concerns(k, i) {
			continue
		}
		x.Lines = append(x.Lines, ExplanationLine{Tier: line.label(), Amount: r.Amount(line.Tier, i), Text: line.Rule + " " + r.because(k, i)})
	}
	for _, a := range r.Trace.Adjustments {
		if a.Account == account {
			tier := "adjustment"
			if a.Tier != "" {
				tier = "adjustment of " + a.Tier
			}
			x.Lines = append(x.Lines, ExplanationLine{Tier: tier, Amount: a.Delta, Text: a.Reason})
		}
	}
	return x, nil
}

// label is the tier's name with the class of a sequential step.
func (s *Step) label() string {
	if s.Class == "" {
		return s.Name
	}
	return s.Name + " (" + s.Class + ")"
}

// concerns reports whether step k is the one of its tier that paid account i.
// A partner without capital may be paid by several steps of one tier; the first
// that paid stands for all.
func (r *Result) concerns(k, i int) bool {
	st := &r.steps[k]
	if slices.Contains(st.charged, int32(i)) || slices.Contains(st.spared, int32(i)) {
		return true
	}
	if st.payee == i {
		return true
	}
	for j := range k {
		if r.steps[j].tier == st.tier && !r.Trace.Steps[j].Promote.IsZero() {
			return false
		}
	}
	return slices.ContainsFunc(st.recipients, func(to recipient) bool { return to.at == i }) && !r.Trace.Steps[k].Promote.IsZero()
}

// because explains one account's part of a step.
func (r *Result) because(k, i int) string {
	st, line := &r.steps[k], &r.Trace.Steps[k]
	members, part, weight, whose := st.charged, line.Investors, line.Weight, "Investors' part"
	switch {
	case st.payee == i && st.t.Type == TierFee:
		return "This is the fee."
	case slices.Contains(st.spared, int32(i)):
		members, part, whose = st.spared, line.Spared, "The part of investors who are spared promote"
	case !slices.Contains(st.charged, int32(i)):
		return r.promoteText(st, i)
	}
	if weight == WeightUnits {
		own, sum := r.units[i], sumOf(r.units, members)
		share := new(big.Rat).Mul(big.NewRat(own, max(sum, 1)), part.Decimal().Rat())
		return fmt.Sprintf("%s is %s; the account's %s of %s units make its exact share %s.", whose, part.Format(),
			decimal.New(own, -unitDecimals), decimal.New(sum, -unitDecimals), ratText(share, 8))
	}
	if weight == WeightDiluted {
		own, sum := r.diluted[i], sumOf(r.diluted, members)
		share := new(big.Rat).Mul(big.NewRat(own, max(sum, 1)), part.Decimal().Rat())
		return fmt.Sprintf("%s is %s; the account's %s is %s of %s, so its exact share is %s.",
			whose, part.Format(), weight, cents(own).Format(), cents(sum).Format(), ratText(share, 8))
	}
	if weight == WeightOwn {
		return fmt.Sprintf("The account's part of the distribution, by %s, is %s.", r.apportionedBy(), cents(r.apportioned[i]).Format())
	}
	if weight == WeightLots {
		return fmt.Sprintf("%s is %s; it goes to the latest contributions first.", whose, part.Format())
	}
	if weight == WeightPercentages {
		return fmt.Sprintf("%s is %s; it is shared by percentages: %s.%s", whose, part.Format(), st.t.Percentages.text(), line.idleText())
	}
	if r.Closing == nil || r.plan.lots != nil && (weight == WeightDue || weight == WeightUnreturned) || weight == WeightHurdle && (st.level >= 0 || st.t.Surplus != "") {
		return fmt.Sprintf("%s is %s.", whose, part.Format())
	}
	w := r.weigher(k, weight)
	own := w.of(i)
	var sum wide.Int
	for _, m := range members {
		sum = sum.Add(w.of(int(m)))
	}
	if sum.Sign() <= 0 {
		return fmt.Sprintf("%s is %s.", whose, part.Format())
	}
	share := new(big.Rat).SetFrac(own.Big(), sum.Big())
	share.Mul(share, part.Decimal().Rat())
	return fmt.Sprintf("%s is %s; the account's %s is %s of %s, so its exact share is %s.",
		whose, part.Format(), weight, exactText(own, w.per), exactText(sum, w.per), ratText(share, 8))
}

// apportionedBy is what a run by partner gives every account its part of the cash by.
func (r *Result) apportionedBy() Weight {
	if r.diluted != nil {
		return WeightDiluted
	}
	return WeightContributed
}

func (r *Result) promoteText(st *step, i int) string {
	var all money.Amount
	for k := range r.steps {
		if r.steps[k].tier == st.tier {
			all = cents(all.Cents() + r.Trace.Steps[k].Promote.Cents())
		}
	}
	for _, to := range st.recipients {
		if to.at == i && to.share != unit {
			return fmt.Sprintf("Promote is %s, and the account's share of it is %s.", all.Format(), percent(to.share))
		}
	}
	return fmt.Sprintf("Promote is %s.", all.Format())
}

func ratText(x *big.Rat, places int32) string {
	d := decimal.NewFromBigInt(x.Num(), 0).DivRound(decimal.NewFromBigInt(x.Denom(), 0), places)
	return grouped(d)
}

// weigher knows what the shares of a step were computed by. It winds the
// closing state back by what the step and later ones paid.
type weigher struct {
	r    *Result
	w    Weight
	per  int64 // weights are parts of 1/(per*10^54) cents
	at   *step
	back []*step // this step and later ones that change the weight
	e    engine
}

func (r *Result) weigher(k int, w Weight) *weigher {
	s := r.Closing
	x := &weigher{r: r, w: w, per: 1, at: &r.steps[k], e: engine{p: r.plan, s: s}}
	for j := k; j < len(r.steps); j++ {
		st := &r.steps[j]
		switch {
		case w == WeightDue && st.t.Type == TierPref && st.apart == r.steps[k].apart, w == WeightUnreturned && st.t.Type == TierReturnOfCapital,
			w == WeightHurdle && (j == k || st.tier != r.steps[j-1].tier):
			x.back = append(x.back, st)
		}
	}
	if w == WeightDue {
		x.per = x.at.den
	}
	return x
}

// of returns an account's weight, not below zero.
func (x *weigher) of(i int) wide.Int {
	s := x.e.s
	if x.w == WeightContributed {
		v, _ := partsPerCent.MulInt64(s.acc.contributed[i])
		return v
	}
	var back int64
	for _, st := range x.back {
		if x.w == WeightHurdle || st.classes[s.roster.class[i]] {
			back += x.r.Amount(st.tier, i).Cents()
		}
	}
	back += x.adjusted(i)
	var v wide.Int
	switch x.w {
	case WeightUnreturned:
		v, _ = partsPerCent.MulInt64(s.acc.unreturned[i] + back)
		return v
	case WeightDue:
		paid, _ := partsPerCent.MulInt64(back)
		paid, _ = paid.MulInt64(x.per)
		v = x.e.unpaidOf(x.at, i).Add(paid)
	default:
		v, _ = x.e.investorNeed(x.at, i, -back, 0)
	}
	if v.IsNeg() {
		return wide.Int{}
	}
	return v
}

// adjusted returns the manual deltas that came after the step's weight.
func (x *weigher) adjusted(i int) (sum int64) {
	if x.w == WeightHurdle {
		return x.r.Adjusted(i).Cents()
	}
	if x.w == WeightDue && x.at.apart >= 0 {
		return 0
	}
	for k, a := range x.r.Trace.Adjustments {
		against := x.r.against[k]
		if a.Account == x.r.roster.ids[i] && (x.w == WeightDue && against == AgainstPref || x.w == WeightUnreturned && against == AgainstCapital) {
			sum += a.Delta.Cents()
		}
	}
	return sum
}
