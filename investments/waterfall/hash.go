package waterfall

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
)

// Canonical returns the terms as JSON that is the same for the same deal:
// fields in a fixed order, rates without trailing zeros, defaults written out,
// classes of a pari passu tier sorted, the title left out. It returns what
// Validate returns.
func (t *Terms) Canonical() ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	n := t.normal()
	n.Name = ""
	return json.Marshal(n)
}

// Hash returns the SHA-256 of [Terms.Canonical] in hexadecimal. It does not
// depend on the order of fields, on white space or on how numbers are spelled.
func (t *Terms) Hash() (string, error) {
	b, err := t.Canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// normal returns a deep copy of valid terms with every default written out.
func (t *Terms) normal() *Terms {
	n := *t
	if n.DayCount == "" {
		n.DayCount = date.Act365F
	}
	if n.PromoteBase == "" {
		n.PromoteBase = PromoteOnAll
	}
	if n.Run == RunPooled {
		n.Run = ""
	}
	n.PromoteSplit = normalSplit(t.PromoteSplit)
	n.Prefs = make(map[string]Pref, len(t.Prefs))
	for class, p := range t.Prefs {
		n.Prefs[class] = normalPref(class, p, n.DayCount)
	}
	n.Tiers.Capital = normalTiers(t.Tiers.Capital)
	n.Tiers.Operating = normalTiers(t.Tiers.Operating)
	if n.Run == RunPartner { // every account is tested on its own, whatever is said
		n.every(func(_ string, _ int, x *Tier) bool {
			if x.Type == TierHurdle {
				x.By = ByInvestor
			}
			return true
		})
	}
	return &n
}

func normalTiers(in []Tier) []Tier {
	out := slices.Clone(in)
	for i := range out {
		t := &out[i]
		t.To = slices.Clone(t.To)
		switch t.Type {
		case TierPref, TierReturnOfCapital, TierHurdle:
			if t.Order == "" {
				t.Order = PariPassu
			}
		case TierFee:
			if t.Rate != nil && t.Base == "" {
				t.Base = FeeOnCash
			}
			if t.Unpaid == UnpaidLapses {
				t.Unpaid = "" // as terms of the first version say it, so that hashes last
			}
		}
		if t.Order != Sequential {
			slices.Sort(t.To)
		}
		t.Of = slices.Clone(t.Of)
		slices.Sort(t.Of)
		if t.Surplus == SurplusCounts {
			t.Surplus = ""
		}
		if t.Compounding == CompoundNone {
			t.Compounding = ""
		}
		if t.Capital != nil && *t.Capital {
			t.Capital = nil
		}
		if t.Type == TierHurdle || t.Type == TierSplit {
			if t.Promote == nil {
				t.Promote = &decimal.Decimal{}
			}
		}
		if t.Type == TierHurdle {
			if t.Test == "" {
				t.Test = TestBoth
			}
			if t.By == "" {
				t.By = ByClass
			}
		}
		if t.Share == ShareCapital {
			t.Share = "" // the default of the first version is left out, so that hashes last
		}
		t.Percentages = t.Percentages.normal()
		if (t.Type == TierPref || t.Type == TierReturnOfCapital) && t.Promote != nil && t.Promote.IsZero() {
			t.Promote = nil
		}
		t.PromoteSplit = normalSplit(t.PromoteSplit)
		for _, r := range []**decimal.Decimal{&t.Promote, &t.GPShare, &t.Target, &t.IRR, &t.Multiple, &t.Return, &t.Rate} {
			*r = normalRate(*r)
		}
	}
	return out
}

func normalRate(d *decimal.Decimal) *decimal.Decimal {
	if d == nil {
		return nil
	}
	r, _ := decimal.NewFromString(rateText(rateOf(d)))
	return &r
}

func normalSplit(in []Share) []Share {
	out := slices.Clone(in)
	for i := range out {
		out[i].Share, out[i].Vesting = *normalRate(&out[i].Share), normalVesting(out[i].Vesting)
	}
	slices.SortFunc(out, func(a, b Share) int {
		switch {
		case a.Recipient < b.Recipient:
			return -1
		case a.Recipient > b.Recipient:
			return 1
		}
		return 0
	})
	return out
}
