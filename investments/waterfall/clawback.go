package waterfall

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ClawbackResult compares promote paid deal by deal with that of all deals in
// one ledger.
type ClawbackResult struct {
	// ByDeal is the promote that each deal paid on its own (American).
	ByDeal []money.Amount `json:"by_deal"`
	// American is the sum of ByDeal.
	American money.Amount `json:"american"`
	// European is the promote of the pooled replay.
	European money.Amount `json:"european"`
	// Gross is what American exceeds European by, never below zero.
	Gross money.Amount `json:"gross"`
	// Tax is the tax on American that is not clawed back.
	Tax money.Amount `json:"tax"`
	// Clawback is the smaller of Gross and American less Tax.
	Clawback money.Amount `json:"clawback"`
	// ByPartner is, where the terms run by partner, what every account gets back of the
	// promote paid out of its part: in ascending order of ids, without those that paid
	// none. What one account is owed is not set off against another's, so that Gross,
	// Tax and Clawback are then the sums of the accounts'.
	ByPartner []PartnerClawback `json:"by_partner,omitempty"`
	// Deals and Pooled are the replays, for their traces.
	Deals  []*History `json:"deals"`
	Pooled *History   `json:"pooled"`
}

// Clawback replays each deal alone and all events of all deals in one pooled
// ledger, under the same terms. Events of one date run in the order of the
// deals. The distributions of all run in the order of their dates: where the record
// date of one lies before that of an earlier one, who is paid is judged as of the
// latter. The tax rate is a fraction from 0 to 1.
func Clawback(t *Terms, partners []Partner, deals [][]Event, taxRate decimal.Decimal) (*ClawbackResult, error) {
	tax, ok := fixedRate(taxRate)
	if !ok || tax < 0 || tax > unit {
		return nil, fault.New(fault.Invalid, fault.CodeOutOfRange, "the tax rate is a fraction from 0 to 1").On("tax_rate")
	}
	out := &ClawbackResult{}
	var american int64
	for _, events := range deals {
		h, err := Replay(t, partners, events)
		if err != nil {
			return nil, err
		}
		out.Deals = append(out.Deals, h)
		out.ByDeal = append(out.ByDeal, h.Final.PromotePaid())
		if american += h.Final.promote; american > money.MaxCents {
			return nil, ErrTooLarge
		}
	}
	pooled, err := Replay(t, partners, pool(deals))
	if err != nil {
		return nil, err
	}
	out.Pooled, out.American, out.European = pooled, cents(american), pooled.Final.PromotePaid()
	gross := max(0, american-pooled.Final.promote)
	taxed := mulDiv(american, tax, unit)
	out.Gross, out.Tax = cents(gross), cents(taxed)
	out.Clawback = cents(min(gross, american-taxed))
	if t.Run == RunPartner {
		out.byPartner(tax)
	}
	return out, nil
}

// pool puts the events of deals into one history. A distribution that is dated later
// has its turn later, too: everything has accrued to the date of the earlier one. The
// last of the deals' last sales is that of all.
func pool(deals [][]Event) []Event {
	out := slices.Concat(deals...)
	var at []int
	var all []Event
	for i := range out {
		if out[i].Type == EventDistribution {
			at, all = append(at, i), append(all, out[i])
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int { return cmp.Or(a.Date.Compare(b.Date), a.turn(&b)) })
	for k := range all {
		if e := &all[k]; k > 0 && e.turn(&all[k-1]) < 0 {
			e.Record, e.First = all[k-1].rank(), all[k-1].First
		}
	}
	last := false
	for k := len(all) - 1; k >= 0; k-- {
		all[k].Last, last = all[k].Last && !last, last || all[k].Last
		out[at[k]] = all[k]
	}
	return out
}

// PartnerClawback compares the promote paid out of one account's part, deal by deal,
// with that of all deals in one ledger.
type PartnerClawback struct {
	Account  string       `json:"account"`
	American money.Amount `json:"american"`
	European money.Amount `json:"european"`
	Gross    money.Amount `json:"gross"`
	Tax      money.Amount `json:"tax"`
	Clawback money.Amount `json:"clawback"`
}

// byPartner compares account by account, and makes the sums those of the accounts.
func (r *ClawbackResult) byPartner(tax int64) {
	var gross, taxed, back int64
	end := r.Pooled.Final
	for i := range end.Len() {
		var american int64
		for _, d := range r.Deals {
			american += d.Final.PromoteOf(i).Cents()
		}
		european := end.PromoteOf(i).Cents()
		if american == 0 && european == 0 {
			continue
		}
		g, x := max(0, american-european), mulDiv(american, tax, unit)
		b := min(g, american-x)
		gross, taxed, back = gross+g, taxed+x, back+b
		r.ByPartner = append(r.ByPartner, PartnerClawback{Account: end.ID(i), American: cents(american), European: cents(european),
			Gross: cents(g), Tax: cents(x), Clawback: cents(b)})
	}
	r.Gross, r.Tax, r.Clawback = cents(gross), cents(taxed), cents(back)
}

// PromoteOf returns the promote paid so far out of the part of the account at a
// position, where the terms run by partner, and nothing elsewhere.
func (s *State) PromoteOf(i int) money.Amount {
	if k := s.column(columnPromote); k >= 0 {
		return cents(s.cols[k].cents(i))
	}
	return money.Zero
}
