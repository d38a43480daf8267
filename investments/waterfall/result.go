package waterfall

import (
	"iter"

	"github.com/freehold-go/freehold/realestate/money"
)

// Result is what a distribution paid to whom. Positions are those of the
// state: ascending ids.
type Result struct {
	Distribution Distribution `json:"distribution"`
	// Tiers are the tiers of the list that served the distribution, in order.
	Tiers []TierResult `json:"tiers"`
	// Undistributed is the cash left after the last tier.
	Undistributed money.Amount `json:"undistributed"`
	// Trace explains the distribution tier by tier.
	Trace *Trace `json:"trace"`
	// Closing is the state afterwards. Replay leaves it nil but in the last
	// result, so that a long history does not keep every state.
	Closing *State `json:"closing"`

	roster   *roster
	plan     *plan
	steps    []step // one for each step of the trace
	totals   []int64
	adjusted []int64 // nil without adjustments
	units    []int64 // nil without tiers that share by them
	diluted  []int64 // what accounts share by after dilutions; nil without any
	// advanced and redirected are what advances and loans between partners change of
	// what each account is paid; nil without any.
	advanced, redirected []int64
	inKind               []int64
	// apportioned is each account's part of the cash in a run by partner.
	apportioned []int64
	against     []Against // by adjustment: the balance that it changed
}

// TierResult is what one tier paid.
type TierResult struct {
	Name string `json:"name"`
	// Paid is everything that left the cash in this tier: to investors, to
	// promote, as a fee or into the reserve.
	Paid money.Amount `json:"paid"`
	// Held is the part that went into the reserve instead of to an account.
	Held    money.Amount `json:"held"`
	amounts []int64      // nil when the tier paid nobody
}

func newResult(d *Distribution, s *State, tiers []Tier) *Result {
	r := &Result{Distribution: *d, Tiers: make([]TierResult, len(tiers)), roster: s.roster, totals: make([]int64, len(s.roster.ids))}
	for i := range tiers {
		r.Tiers[i].Name = tiers[i].Name
	}
	r.Trace = &Trace{Date: d.Date, Kind: d.Kind, Cash: d.Cash, Adjustments: d.Adjustments, InKind: d.InKind, Releases: d.Releases, Last: d.Last}
	for _, x := range d.Releases {
		r.Trace.Released = cents(r.Trace.Released.Cents() + x.Amount.Cents())
	}
	return r
}

// amounts returns the slice of a tier's payments by account.
func (r *Result) amounts(tier int) []int64 {
	t := &r.Tiers[tier]
	if t.amounts == nil {
		t.amounts = make([]int64, len(r.totals))
	}
	return t.amounts
}

// add books a line of the trace into its tier.
func (r *Result) add(line *Step) {
	t := &r.Tiers[line.Tier]
	t.Paid = cents(t.Paid.Cents() + line.CashBefore.Cents() - line.CashAfter.Cents())
	t.Held = cents(t.Held.Cents() + line.Held.Cents())
	r.Trace.Steps = append(r.Trace.Steps, *line)
}

// adjustments books a manual delta.
func (r *Result) adjustments(i int, x int64) {
	if r.adjusted == nil {
		r.adjusted = make([]int64, len(r.totals))
	}
	r.adjusted[i] += x
	r.totals[i] += x
}

// Len returns the number of accounts.
func (r *Result) Len() int { return len(r.totals) }

// ID returns the id of the account at a position.
func (r *Result) ID(i int) string { return r.roster.ids[i] }

// Total returns what the account at a position gets in all.
func (r *Result) Total(i int) money.Amount { return cents(r.totals[i]) }

// Paid returns what is paid to the account at a position: its total, less what it was
// advanced before, more what it is advanced now, less what goes to its lenders, more
// what comes from its debtors.
func (r *Result) Paid(i int) money.Amount {
	x := r.totals[i]
	if r.advanced != nil {
		x += r.advanced[i]
	}
	if r.redirected != nil {
		x += r.redirected[i]
	}
	return cents(x)
}

// InKind returns the part of what the account at a position is paid that it gets in
// kind, at the stated value.
func (r *Result) InKind(i int) money.Amount {
	if r.inKind == nil {
		return money.Zero
	}
	return cents(r.inKind[i])
}

// shareInKind shares what is distributed in kind by what everyone is paid.
func (r *Result) shareInKind() error {
	x := r.Distribution.InKind.Cents()
	if x == 0 {
		return nil
	}
	n := len(r.totals)
	weights := make([]int64, n+1)
	for i := range r.totals {
		weights[i] = max(0, r.Paid(i).Cents())
	}
	weights[n] = r.Undistributed.Cents() // what stays has its part, too
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if sum < x { // reserves keep cash
		return ErrInKind.With("%s is paid", cents(sum))
	}
	parts := make([]int64, n+1)
	if err := money.AllocateInt64(parts, x, weights, nil); err != nil {
		return err
	}
	r.inKind = parts[:n]
	return nil
}

// Amount returns what a tier pays to the account at a position.
func (r *Result) Amount(tier, i int) money.Amount {
	if a := r.Tiers[tier].amounts; a != nil {
		return cents(a[i])
	}
	return money.Zero
}

// Adjusted returns the manual delta of the account at a position.
func (r *Result) Adjusted(i int) money.Amount {
	if r.adjusted == nil {
		return money.Zero
	}
	return cents(r.adjusted[i])
}

// Totals yields the accounts that get money, in ascending order of ids.
func (r *Result) Totals() iter.Seq2[string, money.Amount] { return nonZero(r.roster, r.totals) }

// Amounts yields the accounts that a tier pays, in ascending order of ids.
func (r *Result) Amounts(tier int) iter.Seq2[string, money.Amount] {
	return nonZero(r.roster, r.Tiers[tier].amounts)
}

func nonZero(ro *roster, amounts []int64) iter.Seq2[string, money.Amount] {
	return func(yield func(string, money.Amount) bool) {
		for i, x := range amounts {
			if x != 0 && !yield(ro.ids[i], cents(x)) {
				return
			}
		}
	}
}

// Advanced returns what advances change of what the account at a position is paid:
// what it is advanced now, less what the tiers made up for.
func (r *Result) Advanced(i int) money.Amount {
	if r.advanced == nil {
		return money.Zero
	}
	return cents(r.advanced[i])
}

// Redirected returns what loans between partners change of what the account at a
// position is paid: what comes from its debtors, less what goes to its lenders.
func (r *Result) Redirected(i int) money.Amount {
	if r.redirected == nil {
		return money.Zero
	}
	return cents(r.redirected[i])
}
