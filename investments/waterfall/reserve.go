package waterfall

import (
	"maps"
	"slices"

	"github.com/freehold-go/freehold/realestate/money"
)

// ReserveAmount is money of one reserve; the one without a name is "".
type ReserveAmount struct {
	Reserve string       `json:"reserve"`
	Amount  money.Amount `json:"amount"`
}

// Holding is what one holdback tier kept.
type Holding struct {
	Tier   string       `json:"tier"`
	Amount money.Amount `json:"amount"`
}

// ValidReserve reports whether s is a reserve: the one without a name, or a valid name.
func ValidReserve(s string) bool { return s == "" || ValidName(s) }

// reserved is what a reserve holds.
func (s *State) reserved(name string) int64 { return s.reserves[name] }

// setReserve sets what a reserve holds.
func (s *State) setReserve(name string, x int64) {
	if x == 0 {
		delete(s.reserves, name)
		return
	}
	if s.reserves == nil {
		s.reserves = map[string]int64{}
	}
	s.reserves[name] = x
}

// Reserves returns what each reserve holds, by name; an empty one is left out.
func (s *State) Reserves() []ReserveAmount {
	var out []ReserveAmount
	for _, name := range slices.Sorted(maps.Keys(s.reserves)) {
		out = append(out, ReserveAmount{name, cents(s.reserves[name])})
	}
	return out
}

// headerReserves are the reserves of a header.
func (s *State) headerReserves() map[string]money.Amount {
	if len(s.reserves) == 0 {
		return nil
	}
	out := make(map[string]money.Amount, len(s.reserves))
	for name, x := range s.reserves {
		out[name] = cents(x)
	}
	return out
}

// restoreReserves reads those of a header.
func (s *State) restoreReserves(h *Header) bool {
	for name, a := range h.Reserves {
		if !ValidReserve(name) || a.Sign() <= 0 {
			return false
		}
		s.setReserve(name, a.Cents())
	}
	return true
}

// openReserves brings the reserves to what they hold before a distribution, and takes
// out of them what it releases, which it returns.
func (e *engine) openReserves(d *Distribution) (sum int64, err error) {
	s := e.s
	for k, r := range d.Reserves {
		switch {
		case r.Amount.Sign() < 0:
			return 0, ErrEvent.With("a reserve is not below zero").On("reserves")
		case !ValidReserve(r.Reserve) || named(d.Reserves[:k], r.Reserve):
			return 0, ErrEvent.With("each reserve is named once").On("reserves")
		}
	}
	if d.Reserves != nil {
		s.reserves = nil
		for _, r := range d.Reserves {
			s.setReserve(r.Reserve, r.Amount.Cents())
		}
	}
	for k, r := range d.Releases {
		x := r.Amount.Cents()
		switch {
		case x < 0:
			return 0, ErrEvent.With("a release is not below zero").On("releases")
		case named(d.Releases[:k], r.Reserve):
			return 0, ErrEvent.With("each reserve is named once").On("releases")
		case x > s.reserved(r.Reserve):
			return 0, ErrRelease.On("releases")
		}
		s.setReserve(r.Reserve, s.reserved(r.Reserve)-x)
		sum += x
	}
	return sum, nil
}

func named(list []ReserveAmount, name string) bool {
	return slices.ContainsFunc(list, func(r ReserveAmount) bool { return r.Reserve == name })
}

// setApart puts aside, before the first tier, what the holdback tiers of a distribution
// of the past held back, as far as there is cash, in their order. No other tier is paid
// out of it, whatever it needs today.
func (u *run) setApart(steps []step) {
	if len(u.d.Held) == 0 {
		return
	}
	for i := range steps {
		if steps[i].t.Type == TierHoldback {
			u.apart += min(u.cash-u.apart, u.held(&steps[i]))
		}
	}
}

// payBeside pays a tier out of the cash that is not set apart for holdback tiers to come.
func (u *run) payBeside(st *step, line *Step) (int64, error) {
	apart := u.apart
	if apart == 0 || st.t.Type == TierHoldback {
		return u.pay(st, line)
	}
	line.input("set apart, as it was held back", cents(apart).Format())
	u.cash -= apart
	paid, err := u.pay(st, line)
	u.cash += apart
	return paid, err
}

// held is what a tier is known to have held back.
func (u *run) held(st *step) int64 {
	k := slices.IndexFunc(u.d.Held, func(h Holding) bool { return h.Tier == st.t.Name })
	if k < 0 {
		return 0
	}
	return max(0, u.d.Held[k].Amount.Cents())
}

// payHoldback keeps cash in a reserve.
func (u *run) payHoldback(st *step, line *Step) (int64, error) {
	name, before := st.t.Reserve, u.s.reserved(st.t.Reserve)
	var need int64
	most := u.cash
	switch {
	case u.d.Held != nil:
		line.rule("Hold back what was held back%s.", forReserve(name))
		need, most = u.held(st), u.apart
	case releases(u.d, name):
		line.rule("Hold nothing back%s: this distribution releases money from the reserve.", forReserve(name))
	case st.t.Amount != nil:
		need = max(0, st.t.Amount.Cents()-before)
		line.rule("Hold cash back until %s is %s.", reserveText(name), st.t.Amount.Format())
	default:
		need = mulDiv(u.cash, st.fee, unit)
		line.rule("Hold back %s of the cash left%s.", percent(st.fee), forReserve(name))
	}
	line.input(reserveName(name)+" before", cents(before).Format())
	paid := min(most, need)
	if u.d.Held != nil {
		u.apart -= paid
	}
	line.need(need)
	line.Held, line.Reserve = cents(paid), name
	u.s.setReserve(name, before+paid)
	return paid, nil
}

func releases(d *Distribution, name string) bool {
	return slices.ContainsFunc(d.Releases, func(r ReserveAmount) bool { return r.Reserve == name && !r.Amount.IsZero() })
}

// Held returns what the tiers of a distribution kept in reserves, in the order of the
// tiers; nil when they kept nothing.
func (t *Trace) Held() []Holding {
	var out []Holding
	for i := range t.Steps {
		if s := &t.Steps[i]; s.Held.Sign() > 0 {
			out = append(out, Holding{s.Name, s.Held})
		}
	}
	return out
}

// reserveName names a reserve.
func reserveName(name string) string {
	if name == "" {
		return "reserve"
	}
	return "reserve " + name
}

// forReserve says which reserve is meant where there may be several.
func forReserve(name string) string {
	if name == "" {
		return ""
	}
	return " for " + reserveText(name)
}

func reserveText(name string) string { return "the " + reserveName(name) }

// releaseText says what was released from which reserves.
func (t *Trace) releaseText() string {
	text := ""
	for _, r := range t.Releases {
		text += " with " + r.Amount.Format() + " released from " + reserveText(r.Reserve)
	}
	return text
}
