package waterfall

import (
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Losses are who bears losses that are allocated to the capital accounts of a deal.
// The usual rule is that a loss takes no account below zero while others are above
// it, and that one beyond everybody's capital is refused.
type Losses struct {
	// BelowZero shares every loss by weight, whatever the accounts hold.
	BelowZero bool `json:"below_zero,omitempty"`
	// Bearer is the class whose accounts bear, by weight, what is beyond everybody's
	// capital.
	Bearer string `json:"bearer,omitempty"`
}

func (l *Losses) validate(f *fault.Fields) {
	if l == nil {
		return
	}
	f.Check(l.BelowZero != (l.Bearer != ""), "losses", check.NotAllowed, "losses are shared below zero, or a class bears what is beyond all capital")
	f.Check(l.Bearer == "" || ValidName(l.Bearer) && l.Bearer != classPromote, "losses.bearer", codeClassInvalid, "the bearer is a class, and not promote")
}

// losses says who bears them.
func (d *describer) losses() {
	switch l := d.t.Losses; {
	case l == nil:
	case l.BelowZero:
		d.say("Losses are shared by all accounts, also where they take one below zero.")
	default:
		d.say("A loss takes no account below zero while others are above it; what is beyond everybody's capital is borne by class %s.", l.Bearer)
	}
}
