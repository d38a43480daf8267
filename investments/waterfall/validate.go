package waterfall

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

const (
	maxTiers = 100 // in one list
	maxName  = 128 // bytes of a name, class or id
)

// Validate checks the terms and returns every fault at once as [fault.Errors],
// each naming its tier and field, such as "tiers.capital[2].promote".
func (t *Terms) Validate() error {
	var f fault.Fields
	f.Check(t.DayCount == "" || t.DayCount.Valid(), "day_count", check.NotAllowed, date.ErrDayCount.Msg)
	f.Check(t.Name == "" || ValidName(t.Name), "name", check.BadName, NameRule)
	f.Check(t.PromoteRecipient == "" || ValidName(t.PromoteRecipient), "promote_recipient", check.BadName, NameRule)
	f.Check(validBase(t.PromoteBase), "promote_base", check.NotAllowed, "the promote base is all or outside")
	f.Check(t.PromoteRecipient == "" || len(t.PromoteSplit) == 0, "promote_split", codePromoteTwice,
		"promote goes to one recipient or to a split, not to both")
	validateSplit(&f, "promote_split", "", t.PromoteSplit)
	t.validateRun(&f)
	f.Check(len(t.Prefs) <= maxTiers, "prefs", check.TooMany, "at most 100 classes")
	for _, class := range slices.Sorted(maps.Keys(t.Prefs)) {
		t.validatePref(&f, class)
	}
	f.Check(len(t.Tiers.Capital) > 0, "tiers.capital", check.Required, "a waterfall needs at least one capital tier")
	validateList(&f, "tiers.capital", t.Tiers.Capital)
	validateList(&f, "tiers.operating", t.Tiers.Operating)
	t.validateTogether(&f, "tiers.capital", t.Tiers.Capital)
	t.validateTogether(&f, "tiers.operating", t.Tiers.Operating)
	for i := range t.Tiers.Operating {
		f.Check(!t.Tiers.Operating[i].LookBack, fmt.Sprintf("tiers.operating[%d].look_back", i), codeLookBackOperating,
			"the last sale is served by the capital list")
	}
	t.Losses.validate(&f)
	return f.Err()
}

// validateTogether checks what in tiers hangs together with the rest of the terms.
func (t *Terms) validateTogether(f *fault.Fields, path string, tiers []Tier) {
	for i := range tiers {
		x := &tiers[i]
		if x.Lots == "" && !x.WithPref && x.Pref == "" && x.Compounding != CompoundDaily {
			continue
		}
		at := fmt.Sprintf("%s[%d]", path, i)
		t.lotsOf(f, at, x)
		_, known := t.Prefs[x.Pref]
		f.Check(x.Pref == "" || known, at+".pref", codePrefUnknown, "a tier names one of the preferences")
		f.Check(x.Pref == "" || len(x.To) == 0, at+".to", codeToWithPref, "a preference says itself which class earns it")
		dc := cmp.Or(x.DayCount, t.DayCount, date.Act365F)
		f.Check(x.Compounding != CompoundDaily || dc == date.Act365F || dc == date.Act360, at+".compounding",
			codeCompoundingDayCount, "daily compounding counts days by ACT/365F or ACT/360")
	}
}

// NameRule says what names are valid: of accounts, classes, tiers and reserves.
const NameRule = "a name is 1 to 128 bytes of text without control characters"

// ValidName reports whether s can name an account, a class, a tier, an index or a
// preference.
func ValidName(s string) bool {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

func validBase(b PromoteBase) bool {
	return b == "" || b == PromoteOnAll || b == PromoteOnOutside
}

func validateList(f *fault.Fields, path string, tiers []Tier) {
	if len(tiers) > maxTiers {
		f.Add(path, check.TooMany, "a list has at most 100 tiers")
		return
	}
	seen := map[string]bool{}
	for i := range tiers {
		v := tierCheck{f: f, path: fmt.Sprintf("%s[%d]", path, i), t: &tiers[i]}
		v.check(ValidName(v.t.Name), "name", check.BadName, NameRule)
		v.check(!seen[v.t.Name], "name", check.Duplicate, "each tier of a list has its own name")
		seen[v.t.Name] = true
		v.run()
	}
}

// tierCheck collects the faults of one tier.
type tierCheck struct {
	f    *fault.Fields
	path string
	t    *Tier
}

func (v *tierCheck) check(ok bool, field, code, msg string) {
	if ok {
		return
	}
	if v.t.Name != "" && ValidName(v.t.Name) {
		msg = "tier " + v.t.Name + ": " + msg
	}
	v.f.Add(v.path+"."+field, code, msg)
}

func (v *tierCheck) run() {
	t := v.t
	if !t.Type.Valid() {
		v.check(false, "type", check.NotAllowed,
			"a tier is pref, return_of_capital, catch_up, hurdle, split, fee or holdback")
		return
	}
	v.allowed()
	seen := map[string]bool{}
	for i, c := range t.To {
		v.check(ValidName(c) && c != classPromote && !seen[c], fmt.Sprintf("to[%d]", i), codeClassInvalid,
			"a tier names each class once, and not promote")
		seen[c] = true
	}
	v.check(len(t.To) <= maxTiers, "to", check.TooMany, "at most 100 classes")
	v.check(t.Order == "" || t.Order == PariPassu || t.Order == Sequential, "order", check.NotAllowed, "the order is pari_passu or sequential")
	v.check(t.Order != Sequential || len(t.To) > 0, "to", check.Required, "sequential tiers list their classes in order")
	v.check(validBase(t.PromoteBase), "promote_base", check.NotAllowed, "the promote base is all or outside")
	v.rate("promote", t.Promote, 0, unit)
	v.percentages()
	if t.Promote != nil && (t.Type == TierPref || t.Type == TierReturnOfCapital) {
		p, ok := fixedRate(*t.Promote)
		v.check(!ok || p < unit, "promote", codePromoteAll, "beside a preferred return or capital promote is below 1")
	}
	validateSplit(v.f, v.path+".promote_split", t.Name, t.PromoteSplit)
	v.check(t.Share == "" || t.Share == ShareCapital || t.Share == ShareUnits, "share", check.NotAllowed, "a split shares by capital or units")
	switch t.Type {
	case TierCatchUp:
		v.catchUp()
	case TierHurdle:
		v.hurdle()
	case TierFee, TierHoldback:
		v.fee()
	}
}

// rate checks an optional rate and returns it, 0 when it is absent or bad.
func (v *tierCheck) rate(field string, d *decimal.Decimal, lo, hi int64) int64 {
	if d == nil {
		return 0
	}
	r, ok := fixedRate(*d)
	if !ok || r < lo || r > hi {
		v.check(false, field, check.OutOfRange,
			fmt.Sprintf("%s is a fraction from %s to %s with at most 10 decimals", field, rateText(lo), rateText(hi)))
		return 0
	}
	return r
}

func (v *tierCheck) catchUp() {
	t := v.t
	v.check(t.GPShare != nil, "gp_share", check.Required, "a catch-up needs gp_share")
	v.check(t.Target != nil, "target", check.Required, "a catch-up needs target")
	g, x := v.rate("gp_share", t.GPShare, 0, unit), v.rate("target", t.Target, 0, unit)
	if t.GPShare != nil && t.Target != nil {
		v.check(g > x, "gp_share", codeCatchUpNeverEnds, "gp_share is above target, or the catch-up would never end")
	}
}

func (v *tierCheck) hurdle() {
	t := v.t
	v.check(t.IRR != nil || t.Multiple != nil || t.Return != nil, "irr", check.Required, "a hurdle needs irr, multiple or both, or return")
	v.check(t.Return == nil || t.IRR == nil, "return", codeReturnAndIrr, "a hurdle tests a return or an effective rate; give the other one a tier of its own")
	v.rate("return", t.Return, 0, maxRate)
	v.check(t.Return != nil || t.Compounding == "" && t.DayCount == "" && t.Capital == nil, "return", check.Required, "compounding, day_count and capital belong to a return")
	v.check(t.Compounding == "" || t.Compounding.Valid(), "compounding", check.NotAllowed, "compounding is none, annual, quarterly, monthly or daily")
	v.check(t.DayCount == "" || t.DayCount.Valid(), "day_count", check.NotAllowed, date.ErrDayCount.Msg)
	v.check(t.Surplus == "" || t.Surplus == SurplusCounts || t.Surplus == SurplusLapses, "surplus", check.NotAllowed, "a surplus counts or lapses")
	v.of()
	v.rate("irr", t.IRR, 0, maxRate)
	v.rate("multiple", t.Multiple, 0, maxMultiple)
	v.check(t.Test == "" || t.Test == TestBoth || t.Test == TestEither, "test", check.NotAllowed, "the test is both or either")
	v.check(t.By == "" || t.By == ByClass || t.By == ByInvestor || t.By == ByEach, "by", check.NotAllowed, "a hurdle is tested by class, by investor or until each is there")
	if t.Promote != nil {
		p, ok := fixedRate(*t.Promote)
		v.check(!ok || p < unit, "promote", codePromoteAll, "a hurdle that pays investors nothing is never reached; promote is below 1")
	}
}

// of checks whose flows a hurdle tests.
func (v *tierCheck) of() {
	seen := map[string]bool{}
	for i, c := range v.t.Of {
		v.check(ValidName(c) && c != classPromote && !seen[c], fmt.Sprintf("of[%d]", i), codeClassInvalid, "a hurdle names each class or account once, and not promote")
		seen[c] = true
	}
	v.check(len(v.t.Of) <= maxTiers, "of", check.TooMany, "at most 100 classes or accounts")
	v.check(len(v.t.Of) == 0 || v.t.By != ByInvestor, "of", codeOfByInvestor, "a hurdle by investor pays every account its own need; it has no of")
	v.check(len(v.t.Of) == 0 || v.t.Order != Sequential, "of", codeOfSequential, "a hurdle that tests others serves its classes together")
}

func (v *tierCheck) fee() {
	t := v.t
	v.check((t.Amount != nil) != (t.Rate != nil), "amount", check.Required, "give either an amount or a rate")
	v.check(t.Amount == nil || t.Amount.Sign() >= 0, "amount", check.OutOfRange, "the amount is not below zero")
	v.rate("rate", t.Rate, 0, unit)
	v.check(ValidReserve(t.Reserve), "reserve", check.BadName, NameRule)
	if t.Type == TierFee {
		v.check(ValidName(t.Payee), "payee", check.Required, "a fee names its payee")
		v.check(t.Unpaid == "" || t.Unpaid == UnpaidLapses || t.Unpaid == UnpaidCarried, "unpaid", check.NotAllowed, "what is unpaid lapses or is carried")
		v.check(t.Base == "" || t.Base == FeeOnCash || t.Base == FeeOnDistribution || t.Base == FeeOnContributed,
			"base", check.NotAllowed, "the base is cash, distribution or contributed")
		v.check(t.Base == "" || t.Rate != nil, "base", codeBaseWithoutRate, "a base belongs to a rate")
	}
}

// fieldsOf lists the fields a tier type takes besides name and type.
func fieldsOf(t TierType) string {
	switch t {
	case TierPref:
		return "to order pref promote promote_split promote_base"
	case TierReturnOfCapital:
		return "to order lots with_pref promote promote_split promote_base"
	case TierCatchUp:
		return "to gp_share target look_back promote_split promote_base"
	case TierHurdle:
		return "to order irr multiple return compounding day_count capital test by of surplus look_back percentages promote promote_split promote_base"
	case TierSplit:
		return "to promote share percentages look_back promote_split promote_base"
	case TierFee:
		return "to payee amount rate base unpaid"
	}
	return "amount rate reserve"
}

// taken are the fields of every type, as a set.
var taken = func() map[TierType]map[string]bool {
	out := map[TierType]map[string]bool{}
	for _, t := range []TierType{TierPref, TierReturnOfCapital, TierCatchUp, TierHurdle, TierSplit, TierFee, TierHoldback} {
		out[t] = map[string]bool{}
		for _, field := range strings.Fields(fieldsOf(t)) {
			out[t][field] = true
		}
	}
	return out
}()

// allowed refuses fields that the tier's type would silently ignore.
func (v *tierCheck) allowed() {
	t, may := v.t, taken[v.t.Type]
	for _, g := range []struct {
		field string
		given bool
	}{
		{"to", len(t.To) > 0}, {"pref", t.Pref != ""}, {"lots", t.Lots != ""}, {"with_pref", t.WithPref}, {"order", t.Order != ""}, {"promote", t.Promote != nil},
		{"gp_share", t.GPShare != nil}, {"target", t.Target != nil}, {"irr", t.IRR != nil},
		{"multiple", t.Multiple != nil}, {"return", t.Return != nil}, {"compounding", t.Compounding != ""}, {"day_count", t.DayCount != ""},
		{"capital", t.Capital != nil}, {"of", len(t.Of) > 0}, {"surplus", t.Surplus != ""}, {"test", t.Test != ""}, {"by", t.By != ""},
		{"look_back", t.LookBack}, {"share", t.Share != ""}, {"percentages", t.Percentages != nil}, {"promote_split", len(t.PromoteSplit) > 0}, {"promote_base", t.PromoteBase != ""},
		{"payee", t.Payee != ""}, {"amount", t.Amount != nil}, {"rate", t.Rate != nil}, {"base", t.Base != ""}, {"unpaid", t.Unpaid != ""},
		{"reserve", t.Reserve != ""},
	} {
		if g.given && !may[g.field] {
			v.check(false, g.field, codeFieldNotOfType, "a tier of type "+string(t.Type)+" has no "+g.field)
		}
	}
}

func validateSplit(f *fault.Fields, path, tier string, split []Share) {
	if len(split) == 0 {
		return
	}
	if tier != "" {
		tier = "tier " + tier + ": "
	}
	var sum int64
	seen := map[string]bool{}
	vests, whole := false, false
	for i, s := range split {
		p := fmt.Sprintf("%s[%d]", path, i)
		vests, whole = vests || len(s.Vesting) > 0, whole || len(s.Vesting) == 0
		f.Check(ValidName(s.Recipient) && !seen[s.Recipient], p+".recipient", codeRecipientInvalid, tier+"each recipient is named once")
		seen[s.Recipient] = true
		validateVesting(f, p, tier, s.Vesting)
		r, ok := fixedRate(s.Share)
		if !ok || r <= 0 || r > unit {
			f.Add(p+".share", check.OutOfRange, tier+"a share is a fraction above 0 and at most 1 with at most 10 decimals")
			return
		}
		sum += r
		if sum > unit {
			break
		}
	}
	f.Check(sum == unit, path, codeSplitNotOne, tier+"the shares of a split sum to 1")
	f.Check(!vests || whole, path, codeVestsToNobody, tier+"where a share vests, another does not, which gets what has not vested")
}
