package investments

import (
	"context"
	"sort"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// party is who a line may be for: the holder of a position, or an account that
// the terms name.
type party struct {
	key      string          // under which the engine knows them
	position id.Of[Position] // zero for an account that the terms name
	investor id.Of[auth.User]
	account  id.Of[Account] // zero is the investor in person
	class    string
	sponsor  bool
	waived   bool // by a side letter, as the next two
	loan     bool
	rate     *decimal.Decimal // of its preferred return; nil is the class's
	funded   date.Date        // the first day that it had capital
}

// line is the empty line of a distribution for the party.
func (p *party) line(role Role) DistributionLine {
	l := DistributionLine{Role: role, InvestorID: p.investor}
	if !p.account.IsZero() {
		l.AccountID = &p.account
	}
	if !p.position.IsZero() {
		l.PositionID = &p.position
	}
	return l
}

// find returns the party of a key, nil when there is none.
func (h *past) find(key string) *party {
	i := sort.Search(len(h.parties), func(i int) bool { return h.parties[i].key >= key })
	if i == len(h.parties) || h.parties[i].key != key {
		return nil
	}
	return &h.parties[i]
}

// partners are the parties as the engine takes them.
func (h *past) partners() []waterfall.Partner {
	out := make([]waterfall.Partner, len(h.parties))
	for i := range h.parties {
		out[i] = h.parties[i].partner(h.parties[i].key)
	}
	return out
}

// positionParties reads the few columns of positions that matter, since there may
// be hundreds of thousands.
// Who was lent to, or diluted, and then got all of their money back, stays a party to
// that; for one position alone that is never asked ([alone.together]).
func (h *past) positionParties(ctx context.Context, tx bun.IDB) ([]party, error) {
	var out []party
	classes := map[string]string{} // each name once in memory
	concerned := bun.SafeQuery(`pi.id IN (SELECT unnest(ARRAY[pe.position_id, pe.lender_id]) FROM investments.partner_events pe
		WHERE pe.opportunity_id = ? AND pe.kind <> 'side_letter' AND pe.withdrawn_at IS NULL)`, h.offering.ID)
	if h.only != nil {
		concerned = bun.SafeQuery("FALSE")
	}
	err := store.NewQuery(tx, constraints, `SELECT pi.id, pi.investor_id, pi.account_id, pi.share_class, COALESCE(ia.is_sponsor, FALSE), pi.funding_date
		FROM investments.property_investments pi LEFT JOIN investments.investor_accounts ia ON ia.id = pi.account_id
		WHERE pi.opportunity_id = ?0 AND pi.deleted_at IS NULL AND ?1 AND (pi.status IN ('funded', 'exited') OR ?2)
		ORDER BY pi.id`, h.offering.ID, h.onlyOf("pi.id"), concerned).Each(ctx, func(row store.Row) error {
		var p party
		var account *id.Of[Account]
		var funded *date.Date
		if err := row.Scan(&p.position, &p.investor, &account, &p.class, &p.sponsor, &funded); err != nil {
			return err
		}
		if account != nil {
			p.account = *account
		}
		if known, ok := classes[p.class]; ok {
			p.class = known
		} else {
			classes[p.class] = p.class
		}
		p.key, p.funded = p.position.String(), or(funded)
		out = append(out, p)
		return nil
	})
	return out, err
}

// namedParties reads the accounts that terms name. Beside one position alone nobody asks
// whose they are.
func (h *past) namedParties(ctx context.Context, tx bun.IDB, named map[string]bool) ([]party, error) {
	out := make([]party, 0, len(named))
	for v := range named {
		account, err := id.Parse[Account](v)
		if err != nil {
			return nil, ErrTermsParty
		}
		if h.only != nil {
			out = append(out, party{key: v, account: account, class: promoteClass})
			continue
		}
		a, err := accounts.Get(ctx, tx, account)
		if err != nil {
			return nil, err
		}
		out = append(out, party{key: v, investor: a.InvestorID, account: a.ID, class: promoteClass})
	}
	return out, nil
}
