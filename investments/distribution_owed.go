package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrTrueUpNothing: a true-up was asked for, and nobody is owed anything.
var ErrTrueUpNothing = fault.New(fault.Illegal, "true_up_of_nothing", "past distributions come out as they were paid").On("true_up")

// part is what a payee gets of one kind of tier, all lines together, of the proceeds
// of a sale or not.
type part struct {
	payee, kind string
	sale        bool
}

// parts are amounts by payee and kind of tier.
type parts map[part]money.Amount

// kindAdjustment is what an adjustment by hand gives that is neither preferred
// return nor capital.
const kindAdjustment = "adjustment"

// What a payee is paid besides what the tiers give: kindAdvance is an advance, below
// zero where the tiers make up for an earlier one, and kindLoan what goes from
// debtors to lenders. Advances are among the tiers of a line; what is redirected
// is no part of its gross amount.
const (
	kindAdvance = "advance"
	kindLoan    = "loan"
)

// add adds an amount.
func (p parts) add(k part, a money.Amount) (err error) {
	if a.IsZero() {
		return nil
	}
	p[k], err = p[k].Add(a)
	return err
}

// addResult adds what a result gives, by the tiers of its list.
func (p parts) addResult(r *waterfall.Result, list []waterfall.Tier, sale bool) error {
	for t := range r.Tiers {
		kind := string(list[t].Type)
		for payee, a := range r.Amounts(t) {
			if err := p.add(part{payee, kind, sale}, a); err != nil {
				return err
			}
		}
	}
	for i := range r.Len() {
		if err := p.add(part{r.ID(i), kindAdvance, sale}, r.Advanced(i)); err != nil {
			return err
		}
		if err := p.add(part{r.ID(i), kindLoan, false}, r.Redirected(i)); err != nil {
			return err
		}
	}
	for _, a := range r.Distribution.Adjustments {
		if err := p.add(part{a.Account, adjustmentKind(a.Against), sale}, a.Delta); err != nil {
			return err
		}
	}
	return nil
}

// adjustmentKind is the kind of tier that an adjustment changes.
func adjustmentKind(against waterfall.Against) string {
	switch against {
	case waterfall.AgainstPref:
		return string(waterfall.TierPref)
	case waterfall.AgainstCapital:
		return string(waterfall.TierReturnOfCapital)
	}
	return kindAdjustment
}

// less takes others away.
func (p parts) less(o parts) error {
	for k, a := range o {
		if err := p.add(k, a.Neg()); err != nil {
			return err
		}
	}
	return nil
}

// owed is what is left, by payee; nil is nothing.
func (p parts) owed() ([]history.Owed, error) {
	at := map[string]int{}
	var out []history.Owed
	for k, a := range p {
		if a.IsZero() {
			continue
		}
		i, ok := at[k.payee]
		if !ok {
			i = len(out)
			at[k.payee], out = i, append(out, history.Owed{Payee: k.payee})
		}
		if err := out[i].Add(history.Part{Kind: k.kind, Sale: k.sale, Amount: a}); err != nil {
			return nil, err
		}
	}
	return history.Trim(out), nil
}

// owed compares what the declared distributions come to today with what they
// gave, all together and by kind of tier: what one gave too much and a later one
// made good is even.
func (h *past) owed(ctx context.Context, tx bun.IDB, results []*waterfall.Result) ([]history.Owed, error) {
	if len(h.declared) == 0 {
		return nil, nil
	}
	due := parts{}
	for i, r := range results {
		if err := due.addResult(r, h.list(&h.declared[i]), h.declared[i].sale()); err != nil {
			return nil, err
		}
	}
	given, err := partsOf(ctx, tx, "d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed')", h.offering.ID)
	if err != nil {
		return nil, err
	}
	if err := due.less(given); err != nil {
		return nil, err
	}
	return due.owed()
}

// partsOf reads what the lines of distributions give. The condition is on
// distributions AS d.
func partsOf(ctx context.Context, tx bun.IDB, where string, args ...any) (parts, error) {
	out := parts{}
	err := store.NewQuery(tx, constraints, `SELECT COALESCE(l.investment_id, l.account_id, l.investor_id)::text, t.kind, sum(t.amount), sum(t.sale)
		FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
		JOIN LATERAL (SELECT t.kind, t.amount, t.sale FROM investments.distribution_tiers t WHERE t.line_id = l.id
			UNION ALL SELECT 'loan', l.redirected, 0 WHERE l.redirected <> 0) t ON TRUE
		WHERE `+where+` GROUP BY 1, 2`, args...).Each(ctx, func(row store.Row) error {
		var k part
		var all, sale money.Amount
		if err := row.Scan(&k.payee, &k.kind, &all, &sale); err != nil {
			return err
		}
		rest, err := all.Sub(sale)
		if err != nil {
			return err
		}
		out[k] = rest
		if k.sale = true; !sale.IsZero() {
			out[k] = sale
		}
		return nil
	})
	return out, err
}

// owedTotal is what is owed to those who got too little.
func owedTotal(list []history.Owed) (sum money.Amount, err error) {
	for i := range list {
		a, err := list[i].Total()
		if err != nil {
			return sum, err
		}
		if a.Sign() > 0 {
			if sum, err = sum.Add(a); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// ids says whether a key is a position's or an account's.
func (h *past) ids(key string) (position id.Of[Position], account id.Of[Account]) {
	if p := h.find(key); p != nil {
		if p.position.IsZero() {
			return position, p.account
		}
		return p.position, account
	}
	position, _ = id.Parse[Position](key) // a position that holds nothing any more
	return position, account
}
