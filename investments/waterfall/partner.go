package waterfall

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Partner is an account of the deal and what is special about it.
type Partner struct {
	// ID is opaque to this package; ids are compared as bytes to break ties.
	ID string `json:"id"`
	// Class groups accounts with the same terms. Partners of class "promote"
	// have no capital account.
	Class string `json:"class"`
	// Sponsor marks the sponsor's co-investment, which promote_base "outside"
	// spares.
	Sponsor bool `json:"sponsor,omitempty"`
	// PromoteWaived says that this account bears no promote in any tier.
	PromoteWaived bool `json:"promote_waived,omitempty"`
	// Kind is what the account is; an investment if empty.
	Kind PartnerKind `json:"kind,omitempty"`
	// PrefRate replaces the rate of the class for this account.
	PrefRate *decimal.Decimal `json:"pref_rate,omitempty"`
}

// PartnerKind is what an account is.
type PartnerKind string

// The kinds of accounts.
const (
	KindInvestor PartnerKind = "investor"
	// KindLoan is money that a member lent to the deal. Its principal is the
	// account's capital and its interest the preferred return of its class. It is
	// paid only by tiers that name the class, and nothing of it ever counts as
	// profit, in a hurdle or for promote.
	KindLoan PartnerKind = "loan"
)

// The treatments of an account by promote. A cohort is a class and a treatment.
const (
	treatCharged = iota // bears promote
	treatSponsor        // bears promote unless the base is outside
	treatWaived         // never bears promote
	treatLoan           // a member's loan: it never counts
	treatments
)

// noRate says that an account has the rate of its class.
const noRate int64 = -1

// roster is who is in the deal, in ascending order of ids. It never changes:
// states share it.
type roster struct {
	ids     []string
	class   []uint16 // index into classes
	treat   []uint8
	rate    []int64 // nil when no account has a rate of its own
	classes []string
}

func newRoster(partners []Partner) (*roster, error) {
	if err := validatePartners(partners); err != nil {
		return nil, err
	}
	ps := slices.Clone(partners)
	slices.SortFunc(ps, func(a, b Partner) int { return strings.Compare(a.ID, b.ID) })
	n := len(ps)
	r := &roster{ids: make([]string, n), class: make([]uint16, n), treat: make([]uint8, n)}
	for i := range ps {
		if at, ok := slices.BinarySearch(r.classes, ps[i].Class); !ok {
			r.classes = slices.Insert(r.classes, at, ps[i].Class)
		}
	}
	for i := range ps {
		p := &ps[i]
		r.ids[i] = p.ID
		r.class[i] = uint16(r.classIndex(p.Class))
		r.treat[i] = treatmentOf(p)
		if p.PrefRate != nil {
			if r.rate == nil {
				r.rate = slices.Repeat([]int64{noRate}, n)
			}
			r.rate[i] = rateOf(p.PrefRate)
		}
	}
	return r, nil
}

func treatmentOf(p *Partner) uint8 {
	switch {
	case p.Kind == KindLoan:
		return treatLoan
	case p.PromoteWaived:
		return treatWaived
	case p.Sponsor:
		return treatSponsor
	}
	return treatCharged
}

// validatePartners reports every fault of the roster at once.
func validatePartners(ps []Partner) error {
	var f fault.Fields
	f.Check(len(ps) > 0, "partners", check.Required, "a deal has partners")
	seen := make(map[string]bool, len(ps))
	classes := map[string]bool{}
	for i := range ps {
		p := &ps[i]
		if ValidName(p.ID) && ValidName(p.Class) && !seen[p.ID] && p.PrefRate == nil && p.Kind == "" {
			seen[p.ID], classes[p.Class] = true, true
			continue
		}
		field := fmt.Sprintf("partners[%d]", i)
		f.Check(ValidName(p.ID), field+".id", check.BadName, NameRule)
		f.Check(ValidName(p.Class), field+".class", check.BadName, NameRule)
		f.Check(!seen[p.ID], field+".id", check.Duplicate, "each partner has an id of its own")
		f.Check(p.Kind == "" || p.Kind == KindInvestor || p.Kind == KindLoan, field+".kind", check.NotAllowed, "an account is an investor or a loan")
		f.Check(p.Kind != KindLoan || !p.Sponsor && !p.PromoteWaived && p.Class != classPromote, field+".kind", codeLoanBearsNoPromote,
			"a loan is in a class of its own and bears no promote anyway; leave sponsor and promote_waived out")
		if p.PrefRate != nil {
			r, ok := fixedRate(*p.PrefRate)
			f.Check(ok && r >= 0 && r <= maxRate, field+".pref_rate", check.OutOfRange,
				"a rate is a fraction from 0 to 10 with at most 10 decimals")
		}
		seen[p.ID], classes[p.Class] = true, true
	}
	f.Check(len(classes) <= 1000, "partners", check.TooMany, "at most 1,000 classes")
	return f.Err()
}

// index returns the position of an id, or -1.
func (r *roster) index(id string) int {
	i := sort.SearchStrings(r.ids, id)
	if i < len(r.ids) && r.ids[i] == id {
		return i
	}
	return -1
}

func (r *roster) classIndex(class string) int {
	i, ok := slices.BinarySearch(r.classes, class)
	if !ok {
		return -1
	}
	return i
}

func (r *roster) cohort(i int) int { return int(r.class[i])*treatments + int(r.treat[i]) }

// partner returns the partner at a position.
func (r *roster) partner(i int) Partner {
	p := Partner{ID: r.ids[i], Class: r.classes[r.class[i]],
		Sponsor: r.treat[i] == treatSponsor, PromoteWaived: r.treat[i] == treatWaived}
	if r.treat[i] == treatLoan {
		p.Kind = KindLoan
	}
	if r.rate != nil && r.rate[i] != noRate {
		d := decimal.New(r.rate[i], -rateDecimals)
		p.PrefRate = &d
	}
	return p
}
