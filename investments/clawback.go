package investments

import (
	"context"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrClawbackTerms: offerings that are held against each other have one version of
// terms each, and all say the same.
var ErrClawbackTerms = fault.New(fault.Illegal, "clawback_terms_differ", "the offerings are distributed by other terms, or by none").On("offering_ids")

// ErrClawbackCurrency: amounts of several currencies are not held against each other.
var ErrClawbackCurrency = fault.New(fault.Illegal, "clawback_currencies_differ", "the offerings are of several currencies").On("offering_ids")

// ClawbackParams are the offerings of a fund, which hold the same terms.
type ClawbackParams struct {
	OfferingIDs []id.Of[Offering]
	TaxRate     decimal.Decimal // on promote, a fraction; what was taxed is not paid back
}

// Clawback compares the promote that offerings paid one by one with what they would
// have paid as one, by what is on record and was declared: what is too much is to be
// paid back, less tax ([waterfall.Clawback]). Who holds positions of several is one
// partner in each class, by their account or else in person; its name is that id and the
// class. Distributions by the method preferred pay no promote in either. Where the terms
// run by partner the result also says what each of them gets back. It writes nothing. It
// returns [ErrClawbackTerms], [ErrClawbackCurrency], [ErrNoPositions] where nobody has
// put capital in, [ErrOfferingNotFound] or what the histories say.
func (s *Reports) Clawback(ctx context.Context, db bun.IDB, p ClawbackParams) (out *waterfall.ClawbackResult, err error) {
	var f check.Fields
	f.Some("offering_ids", len(p.OfferingIDs))
	for i, v := range p.OfferingIDs {
		at := fmt.Sprintf("offering_ids[%d]", i)
		f.Given(at, v)
		f.Check(!slices.Contains(p.OfferingIDs[:i], v), at, check.Duplicate, "each offering once")
	}
	f.Number("tax_rate", &p.TaxRate, 10, 0, 1)
	if err := f.Err(); err != nil {
		return nil, err
	}
	err = store.Snapshot(ctx, db, func(tx bun.IDB) error {
		g := fund{known: map[string]bool{}}
		for _, v := range p.OfferingIDs {
			o, err := seeOffering(ctx, tx, v)
			if err != nil {
				return err
			}
			h, err := loadPast(ctx, tx, o)
			if err != nil {
				return err
			}
			if err := g.add(h); err != nil {
				return err
			}
		}
		if len(g.partners) == 0 {
			return ErrNoPositions
		}
		out, err = waterfall.Clawback(g.terms, g.partners, g.deals, p.TaxRate)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fund is several offerings as deals of one.
type fund struct {
	terms    *waterfall.Terms
	hash     string
	currency string
	partners []waterfall.Partner
	known    map[string]bool // by the names of partners
	deals    [][]waterfall.Event
}

// add adds an offering.
func (g *fund) add(h *past) error {
	if len(h.versions) != 1 {
		return ErrClawbackTerms
	}
	terms := h.terms[h.versions[0].ID]
	hash, err := terms.Hash()
	if err != nil {
		return err
	}
	switch {
	case g.terms == nil:
	case hash != g.hash:
		return ErrClawbackTerms
	case h.offering.Currency != g.currency:
		return ErrClawbackCurrency
	}
	g.terms, g.hash, g.currency = terms, hash, h.offering.Currency
	names := make(map[string]string, len(h.parties))
	for i := range h.parties {
		p := &h.parties[i]
		name := p.key
		if !p.position.IsZero() { // the same holder in every offering
			if name = p.investor.String() + " " + p.class; !p.account.IsZero() {
				name = p.account.String() + " " + p.class
			}
		}
		names[p.key] = name
		if !g.known[name] {
			g.known[name] = true
			g.partners = append(g.partners, p.partner(name))
		}
	}
	events, turns := append(h.moves, h.rates(date.Date{}, h.end(date.Date{}))...), h.turns(h.declared)
	for i := range h.declared {
		if h.declared[i].terms.IsZero() {
			return ErrClawbackTerms
		}
		e, err := h.event(&h.declared[i], turns[i])
		if err != nil {
			return err
		}
		e.Preferred = h.declared[i].method == MethodPreferred
		events = append(events, e)
	}
	for i := range events {
		renameParties(&events[i], names)
	}
	g.deals = append(g.deals, slices.DeleteFunc(events, withinPartner))
	return nil
}

// withinPartner reports what is between two positions that are one partner of a fund, and
// so nothing to it.
func withinPartner(e waterfall.Event) bool {
	return (e.Type == waterfall.EventTransfer || e.Type == waterfall.EventLoan) && e.From == e.To
}

// renameParties puts the names of a fund in the place of an offering's.
func renameParties(e *waterfall.Event, names map[string]string) {
	rename := func(to *string) {
		if name, ok := names[*to]; ok {
			*to = name
		}
	}
	for _, to := range []*string{&e.Partner, &e.From, &e.To, &e.Promote} {
		rename(to)
	}
	e.Adjustments, e.Advances = slices.Clone(e.Adjustments), slices.Clone(e.Advances)
	for i := range e.Adjustments {
		rename(&e.Adjustments[i].Account)
	}
	for i := range e.Advances {
		rename(&e.Advances[i].Account)
	}
	var units []waterfall.Units // of a partner with several positions together
	places := map[string]int{}
	for _, u := range e.Units {
		rename(&u.Account)
		if at, ok := places[u.Account]; ok {
			units[at].Units = units[at].Units.Add(u.Units)
			continue
		}
		places[u.Account] = len(units)
		units = append(units, u)
	}
	e.Units = units
}
