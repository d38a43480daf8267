package history

import (
	"slices"

	"github.com/freehold-go/freehold/realestate/money"
)

// Part is an amount of one kind of tier, of the proceeds of a sale or not: what makes
// it good is the sale's likewise.
type Part struct {
	Kind   string       `json:"kind"`
	Sale   bool         `json:"sale,omitempty"`
	Amount money.Amount `json:"amount"`
}

// Owed is what past distributions should have given to somebody less what they
// did, by kind of tier. Kinds are those of tiers, in the order in which tiers of
// the kinds are usually run, what is of no sale before what is; each of both stands once.
type Owed struct {
	Payee string `json:"payee"`
	Parts []Part `json:"parts"`
}

// Total is what is owed in all; below zero the payee got too much.
func (o *Owed) Total() (sum money.Amount, err error) {
	for _, p := range o.Parts {
		if sum, err = sum.Add(p.Amount); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Add adds a part. It returns [money.ErrOutOfRange].
func (o *Owed) Add(a Part) (err error) {
	i := slices.IndexFunc(o.Parts, func(p Part) bool { return p.Kind == a.Kind && p.Sale == a.Sale })
	if i < 0 {
		o.Parts = append(o.Parts, a)
		return nil
	}
	o.Parts[i].Amount, err = o.Parts[i].Amount.Add(a.Amount)
	return err
}

// trim drops zeros and puts the kinds in order.
func (o *Owed) trim() {
	o.Parts = slices.DeleteFunc(o.Parts, func(p Part) bool { return p.Amount.IsZero() })
	slices.SortStableFunc(o.Parts, func(a, b Part) int { return a.rank() - b.rank() })
}

// kinds are the kinds of tiers in the order in which they are made good.
var kinds = []string{"fee", "pref", "return_of_capital", "catch_up", "hurdle", "split", "pro_rata", "adjustment", "advance", "loan"}

func (p *Part) rank() int {
	i := slices.Index(kinds, p.Kind)
	if i < 0 {
		i = len(kinds)
	}
	if p.Sale {
		return 2*i + 1
	}
	return 2 * i
}

// Trim drops zeros, and payees with nothing else, puts kinds in order and payees
// by name. Nil is that nothing is owed.
func Trim(list []Owed) []Owed {
	for i := range list {
		list[i].trim()
	}
	list = slices.DeleteFunc(list, func(o Owed) bool { return len(o.Parts) == 0 })
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b Owed) int {
		if a.Payee < b.Payee {
			return -1
		}
		return 1
	})
	return list
}

// Settle makes good what it can out of a distribution that gives each payee its
// share: who got too much gets that much less now, and what this frees goes to
// those who got too little, in proportion. deltas are what changes, by kind of
// tier; rest is what stays owed. Together they are the whole, kind by kind. What
// somebody got in the wrong tiers and in the right amount is put right at once.
// Without shares who got too much gives all of it back, as where it is billed. What
// nobody else is due, as where terms without a last tier would leave it undistributed
// today, stays owed: it is not the others'. It returns [money.ErrOutOfRange].
func Settle(list []Owed, share func(payee string) money.Amount) (deltas, rest []Owed, err error) {
	freed, lacking := money.Zero, money.Zero
	var due, over []money.Share
	totals := make([]money.Amount, len(list))
	for i := range list {
		if totals[i], err = list[i].Total(); err != nil {
			return nil, nil, err
		}
		if totals[i].Sign() > 0 {
			due = append(due, money.Share{ID: list[i].Payee, Weight: totals[i].Decimal()})
			if lacking, err = lacking.Add(totals[i]); err != nil {
				return nil, nil, err
			}
			continue
		}
		if share != nil {
			totals[i] = money.Min(totals[i].Neg(), share(list[i].Payee)).Neg()
		}
		over = append(over, money.Share{ID: list[i].Payee, Weight: totals[i].Neg().Decimal()})
		if freed, err = freed.Sub(totals[i]); err != nil {
			return nil, nil, err
		}
	}
	if lacking.Cmp(freed) < 0 {
		less, err := money.Allocate(lacking, over)
		if err != nil {
			return nil, nil, err
		}
		taken := 0
		for i := range list {
			if totals[i].Sign() <= 0 {
				totals[i] = less[taken].Neg()
				taken++
			}
		}
		freed = lacking
	}
	parts, err := money.Allocate(freed, due)
	if err != nil {
		return nil, nil, err
	}
	given := 0
	for i := range list {
		to := totals[i]
		if given < len(due) && due[given].ID == list[i].Payee {
			to = parts[given]
			given++
		}
		now, later, err := list[i].split(to)
		if err != nil {
			return nil, nil, err
		}
		deltas, rest = append(deltas, now), append(rest, later)
	}
	return Trim(deltas), Trim(rest), nil
}

// split divides what is owed into parts that sum to an amount, and what is left:
// the kinds that change the other way first, then the others as far as the amount
// goes, in order.
func (o *Owed) split(to money.Amount) (now, later Owed, err error) {
	now, later = Owed{Payee: o.Payee}, Owed{Payee: o.Payee}
	total, err := o.Total()
	if err != nil {
		return now, later, err
	}
	back, err := total.Sub(to) // what stays owed; of the sign of the total
	if err != nil {
		return now, later, err
	}
	for i := len(o.Parts) - 1; i >= 0; i-- { // the last kinds wait
		p := o.Parts[i]
		stays := money.Zero
		switch {
		case back.Sign() > 0 && p.Amount.Sign() > 0:
			stays = money.Min(back, p.Amount)
		case back.Sign() < 0 && p.Amount.Sign() < 0:
			stays = money.Max(back, p.Amount)
		}
		if back, err = back.Sub(stays); err != nil {
			return now, later, err
		}
		if p.Amount, err = p.Amount.Sub(stays); err != nil {
			return now, later, err
		}
		now.Parts, later.Parts = append(now.Parts, p), append(later.Parts, Part{p.Kind, p.Sale, stays})
	}
	return now, later, nil
}
