package model

import (
	"encoding/json"
	"math/big"
)

// Terms are what a deal says of its cash, in the JSON of the vectors.
type Terms struct {
	DayCount string              `json:"day_count"`
	Promote  string              `json:"promote_recipient"`
	Prefs    map[string]Pref     `json:"prefs"`
	Tiers    map[string][]Tier   `json:"tiers"` // capital, operating
	Partners []map[string]string `json:"partners"`
}

// Pref is a class's preferred return.
type Pref struct {
	Rate        string `json:"rate"`
	Compounding string `json:"compounding"`
	DefaultRate string `json:"default_rate"`
}

// Tier is a step of a list. Rates are fractions in text; "" is not given.
type Tier struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	To       []string `json:"to"`
	Promote  string   `json:"promote"`
	GPShare  string   `json:"gp_share"`
	Target   string   `json:"target"`
	IRR      string   `json:"irr"`
	Multiple string   `json:"multiple"`
	Test     string   `json:"test"`
	Amount   string   `json:"amount"` // up to which a holdback fills
	Rate     string   `json:"rate"`
	Reserve  string   `json:"reserve"`
}

// ParseTerms reads terms from JSON; it panics on another form.
func ParseTerms(b []byte) *Terms {
	var t Terms
	if err := json.Unmarshal(b, &t); err != nil {
		panic(err)
	}
	return &t
}

// list is the tiers of a kind of distribution.
func (t *Terms) list(kind string) []Tier {
	if op := t.Tiers["operating"]; kind == "operating" && len(op) > 0 {
		return op
	}
	return t.Tiers["capital"]
}

func (t *Terms) pref(class string) (rate *big.Rat, compounding string) {
	p, ok := t.Prefs[class]
	if !ok {
		return new(big.Rat), "none"
	}
	if p.Compounding == "" {
		p.Compounding = "none"
	}
	return R(p.Rate), p.Compounding
}

func (t *Tier) takes(class string) bool {
	if len(t.To) == 0 {
		return true
	}
	for _, c := range t.To {
		if c == class {
			return true
		}
	}
	return false
}

func fraction(s string) *big.Rat {
	if s == "" {
		return new(big.Rat)
	}
	return R(s)
}
