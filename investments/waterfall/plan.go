package waterfall

import (
	"fmt"
	"slices"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// plan is terms resolved against a roster: names have become positions, rates
// integers, and sequential tiers one step a class.
type plan struct {
	prefs    []prefPlan // by class
	apart    []apartPlan
	partner  bool
	dilution int // column of a dilution, or -1
	profit   int // columns of a run by partner, or -1
	promote  int
	lots     []lot  // the latest first
	lotted   []bool // by class; nil without lots
	levels   []levelPlan
	since    int // column of the day an account first had capital, or -1
	initial  int // column of what an account contributed on that day, or -1
	capital  []step
	operate  []step
	tiers    [2][]Tier // capital, operating
	// receivers are the positions of those who are paid promote or fees by name.
	receivers map[int]bool
}

// step is a tier, or one class of a sequential tier.
type step struct {
	tier    int // position in its list
	t       *Tier
	class   string // the class of a sequential step, else ""
	classes []bool // by class; who is in the step
	spare   [treatments]bool

	promote, share, target int64    // rates; share is gp_share
	irr, multiple          int64    // -1 when absent
	hurdle                 int      // position of the balances, by account
	level                  int      // position of the return level, or -1
	floors                 []string // keys, one a class of a sequential tier
	floorCol               int      // of a multiple by account whose surplus lapses, or -1
	of                     []bool   // by class: whose flows are tested; nil for those who are paid
	ofAccounts             []int32
	percent                []percentEntry
	den                    int64 // of the balances of a pref tier
	apart                  int   // the preference that a pref tier pays by its name, or -1
	other                  bool  // it is on the capital of another class than is paid
	fee                    int64 // rate of a fee or holdback
	recipients             []recipient
	payee                  int

	charged, spared []int32 // members, filled on first use
	ready           bool
}

// recipient is one receiver of promote.
type recipient struct {
	at      int
	share   int64
	vesting []stepRate
}

// compile resolves valid terms against a state. It returns [fault.Errors] for
// names that the roster lacks and [ErrStateTerms] when the state does not fit.
func compile(t *Terms, s *State) (*plan, error) {
	t = t.normal()
	if t.DayCount != s.dayCount {
		return nil, ErrStateTerms.With("the day count differs")
	}
	p := &plan{since: s.column(columnSince), initial: s.column(columnInitial),
		dilution: s.column(columnDilution), partner: t.Run == RunPartner, profit: s.column(columnProfit), promote: s.column(columnPromote)}
	if p.partner && (p.profit < 0 || p.promote < 0) {
		return nil, ErrStateTerms.With("the state lacks the profit of each account")
	}
	for _, class := range s.roster.classes {
		p.prefs = append(p.prefs, newPrefPlan(t, class, t.own(class)))
	}
	var err error
	if p.apart, err = aparts(t, s); err != nil {
		return nil, err
	}
	if err := p.fits(s); err != nil {
		return nil, err
	}
	if len(s.lotClasses) > 0 {
		p.lots, p.lotted = lots(s), make([]bool, len(s.roster.classes))
		for k, class := range s.roster.classes {
			_, p.lotted[k] = slices.BinarySearch(s.lotClasses, class)
		}
	}
	if p.levels, err = levels(s); err != nil {
		return nil, err
	}
	c := compiler{t: t, s: s, p: p, levels: p.levels}
	p.tiers = [2][]Tier{t.Tiers.Capital, t.Tiers.Operating}
	p.capital = c.list("tiers.capital", t.Tiers.Capital)
	p.operate = c.list("tiers.operating", t.Tiers.Operating)
	if c.err != nil {
		return nil, c.err
	}
	if err := c.f.Err(); err != nil {
		return nil, err
	}
	p.findReceivers()
	return p, nil
}

// columnSince is the day an account first had capital.
const columnSince = "since"

// fits checks that a state has what the preferred returns need.
func (p *plan) fits(s *State) error {
	check := func(q *prefPlan) error {
		if (q.anchored || q.base == BaseInitial) && p.since < 0 || q.base == BaseInitial && p.initial < 0 {
			return ErrStateTerms.With("the state lacks the days from which accounts have had capital")
		}
		return nil
	}
	for k := range p.prefs {
		if err := check(&p.prefs[k]); err != nil {
			return err
		}
		have, ok := s.counts[s.roster.classes[k]]
		if !ok {
			have = s.dayCount
		}
		if have != p.prefs[k].dayCount && !p.prefs[k].none() {
			return ErrStateTerms.With("the day count of class %s differs", s.roster.classes[k])
		}
	}
	for k := range p.apart {
		if err := check(&p.apart[k].pref); err != nil {
			return err
		}
	}
	return nil
}

// steps returns the steps and tiers that serve a kind.
func (p *plan) steps(k Kind) ([]step, []Tier) {
	if k == Operating && len(p.operate) > 0 {
		return p.operate, p.tiers[1]
	}
	return p.capital, p.tiers[0]
}

// compiler resolves tier lists.
type compiler struct {
	t      *Terms
	s      *State
	p      *plan
	levels []levelPlan
	f      fault.Fields
	err    error
}

func (c *compiler) list(path string, tiers []Tier) []step {
	var out []step
	for i := range tiers {
		t := &tiers[i]
		st := c.step(fmt.Sprintf("%s[%d]", path, i), i, t)
		if t.Order != Sequential {
			st.classes = c.classes(t.To)
			c.pref(path, t, &st)
			out = append(out, st)
			continue
		}
		for k, class := range t.To {
			one := st
			one.class, one.classes = class, c.classes([]string{class})
			if len(st.floors) > 0 {
				one.floors = st.floors[k : k+1]
			}
			c.pref(path, t, &one)
			out = append(out, one)
		}
	}
	return out
}

// classes marks the classes of a step; all that have capital if to is empty.
func (c *compiler) classes(to []string) []bool {
	r := c.s.roster
	out := make([]bool, len(r.classes))
	for i, class := range r.classes {
		out[i] = len(to) == 0 && class != classPromote
	}
	for _, class := range to {
		if i := r.classIndex(class); i >= 0 {
			out[i] = true
		}
	}
	return out
}

func (c *compiler) step(path string, at int, t *Tier) step {
	st := step{tier: at, t: t, promote: rateOf(t.Promote), share: rateOf(t.GPShare), target: rateOf(t.Target),
		irr: -1, multiple: -1, hurdle: -1, level: -1, floorCol: -1, apart: -1, fee: rateOf(t.Rate), payee: -1}
	st.spare[treatWaived], st.spare[treatLoan] = true, true
	base := t.PromoteBase
	if base == "" {
		base = c.t.PromoteBase
	}
	st.spare[treatSponsor] = base == PromoteOnOutside
	if t.IRR != nil {
		st.irr = rateOf(t.IRR)
	}
	if t.Multiple != nil {
		st.multiple = rateOf(t.Multiple)
	}
	if len(t.Percentages) > 0 {
		c.percentages(path, t, &st)
	}
	if t.Type == TierHurdle {
		c.hurdle(path, t, &st)
	}
	if t.Lots != "" {
		for k, in := range c.classes(t.To) {
			if in && (c.p.lotted == nil || !c.p.lotted[k]) {
				c.err = ErrStateTerms.With("the state lacks the contributions of class %s one by one", c.s.roster.classes[k])
			}
		}
	}
	if st.promote > 0 || t.Type == TierCatchUp {
		c.recipients(path, t, &st)
	}
	if t.Type == TierFee {
		st.payee = c.s.roster.index(t.Payee)
		c.noCapital(path+".payee", st.payee)
	}
	return st
}

// pref resolves which preference a pref tier pays, and in what its balances count.
func (c *compiler) pref(path string, t *Tier, st *step) {
	if t.Type != TierPref {
		return
	}
	if named := c.t.Prefs[t.Pref]; t.Pref != "" && named.apart(t.Pref) {
		st.apart = slices.IndexFunc(c.p.apart, func(a apartPlan) bool { return a.byName == t.Pref })
		a := &c.p.apart[st.apart]
		st.den, st.other = a.pref.den, a.class != a.on
		class := c.t.Prefs[t.Pref].Class
		if class == "" {
			class = t.Pref
		}
		st.classes = c.classes([]string{class})
		if class == classPromote {
			st.classes = make([]bool, len(st.classes)) // recipients, not members
			if len(st.recipients) == 0 {
				c.recipients(path, t, st)
			}
		}
		return
	}
	if t.Pref != "" {
		st.classes = c.classes([]string{t.Pref})
	}
	for k, in := range st.classes {
		if den := c.p.prefs[k].den; in && st.den == 0 {
			st.den = den
		} else if in && st.den != den {
			st.den = commonDen
		}
	}
	if st.den == 0 {
		st.den = denominator(c.t.DayCount)
	}
}

// hurdle resolves whose flows a hurdle tests, and finds its balances.
func (c *compiler) hurdle(path string, t *Tier, st *step) {
	if len(t.Of) > 0 {
		st.of = make([]bool, len(c.s.roster.classes))
		for _, name := range t.Of {
			if k := c.s.roster.classIndex(name); k >= 0 {
				st.of[k] = true
			} else if i := c.s.roster.index(name); i >= 0 {
				st.ofAccounts = append(st.ofAccounts, int32(i))
			} else {
				c.f.AddErr(path+".of", ErrUnknownPartner)
			}
		}
		c.ofAccounts(path+".of", t, st)
	}
	lapses := t.Surplus == SurplusLapses
	if l, ok := c.t.level(t); ok {
		st.level = slices.IndexFunc(c.levels, func(p levelPlan) bool { return p.returnLevel == l })
		if st.level < 0 {
			c.err = ErrStateTerms.With("the state lacks the balances of a return that a hurdle tests")
		}
	}
	if t.By == ByClass && len(st.ofAccounts) == 0 {
		if lapses && (st.irr >= 0 || st.multiple >= 0) {
			for _, f := range floorsOf(c.t, t) {
				if st.floors = append(st.floors, f.key()); c.s.floors[f.key()] == nil {
					c.err = ErrStateTerms.With("the state lacks the floor of a hurdle")
				}
			}
		}
		return
	}
	if st.irr >= 0 {
		st.hurdle = c.s.hurdle(st.irr, lapses)
	}
	if st.multiple >= 0 && lapses {
		st.floorCol = c.s.column(floorColumn(st.multiple))
	}
	if (st.irr >= 0 && st.hurdle < 0) || (st.multiple >= 0 && (c.s.inv == nil || lapses && st.floorCol < 0)) {
		c.err = ErrStateTerms.With("the state lacks the balances of a hurdle tested account by account")
	}
}

// ofAccounts checks the accounts that a hurdle tests by name.
func (c *compiler) ofAccounts(field string, t *Tier, st *step) {
	for _, i := range st.ofAccounts {
		if st.of[c.s.roster.class[i]] {
			c.f.Add(field, check.Duplicate, "a hurdle tests a class and an account of it")
		}
	}
	if len(st.ofAccounts) > 0 && len(t.Of) > 1 && t.By == ByClass && t.Surplus == SurplusLapses {
		c.f.Add(field, codeOfLapses, "what is beyond a hurdle lapses for classes, or for one account; several accounts are tested by each")
	}
}

// recipients resolves who gets the promote of a tier.
func (c *compiler) recipients(path string, t *Tier, st *step) {
	split, field := t.PromoteSplit, path+".promote_split"
	if len(split) == 0 {
		split, field = c.t.PromoteSplit, "promote_split"
	}
	for _, s := range split {
		at := c.s.roster.index(s.Recipient)
		c.noCapital(field, at)
		to := recipient{at: at, share: rateOf(&s.Share)}
		for _, v := range s.Vesting {
			to.vesting = append(to.vesting, stepRate{v.From, rateOf(&v.Part)})
		}
		st.recipients = append(st.recipients, to)
	}
	if len(split) > 0 {
		return
	}
	if c.t.PromoteRecipient != "" {
		at := c.s.roster.index(c.t.PromoteRecipient)
		c.noCapital("promote_recipient", at)
		st.recipients = []recipient{{at: at, share: unit}}
		return
	}
	k := c.s.roster.classIndex(classPromote)
	for i, class := range c.s.roster.class {
		if int(class) == k {
			st.recipients = append(st.recipients, recipient{at: i, share: unit})
		}
	}
	if len(st.recipients) != 1 {
		c.f.AddErr("promote_recipient", ErrNoRecipient.With("tier %s; the roster has %d partners of class promote", t.Name, len(st.recipients)))
	}
}

// noCapital checks that a receiver is in the roster and has no capital.
func (c *compiler) noCapital(field string, at int) {
	if at < 0 {
		c.f.AddErr(field, ErrUnknownPartner)
		return
	}
	if c.s.acc.contributed[at] != 0 {
		c.f.AddErr(field, ErrNoCapitalAccount)
	}
}

// findReceivers notes who is paid promote or fees by name.
func (p *plan) findReceivers() {
	p.receivers = map[int]bool{}
	for _, list := range [][]step{p.capital, p.operate} {
		for k := range list {
			if list[k].payee >= 0 {
				p.receivers[list[k].payee] = true
			}
			for _, to := range list[k].recipients {
				p.receivers[to.at] = true
			}
		}
	}
}

// noCapitalAccount reports whether a partner only receives promote or fees.
func (p *plan) noCapitalAccount(r *roster, i int) bool {
	return p.receivers[i] || r.classes[r.class[i]] == classPromote
}
