package waterfall

// MakeGood returns what should have been paid less what was, account by account
// and tier by tier: the adjustments with which a later distribution makes a
// distribution good. Both are results of the same distribution, one on the
// history as it is known now and one as it was when it was declared. The deltas
// sum to zero where both distribute the same cash.
func MakeGood(should, was *Result, reason string) []Adjustment {
	var out []Adjustment
	for i := range should.Len() {
		id := should.ID(i)
		old := was.roster.index(id)
		for k := range should.Tiers {
			x := should.Amount(k, i).Cents()
			if old >= 0 && k < len(was.Tiers) {
				x -= was.Amount(k, old).Cents()
			}
			if x != 0 {
				out = append(out, Adjustment{Account: id, Delta: cents(x), Reason: reason, Tier: should.Tiers[k].Name})
			}
		}
	}
	return out
}
