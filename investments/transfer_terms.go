package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// What the history of an offering with terms cannot contain. Hurdles and
// catch-ups rest on what each class, and in it the sponsor and the others, put in
// and got in the past, which cannot pass from one to the other.
var (
	// ErrTransferTerms: the offering distributes by terms, which follow each class
	// by itself; a position keeps its class.
	ErrTransferTerms = fault.New(fault.Illegal, "transfer_class_by_terms", "under terms a position keeps its class").On("to_share_class")
	// ErrTransferSponsor: the offering distributes by terms, which follow the
	// sponsor's capital and that of others by themselves.
	ErrTransferSponsor = fault.New(fault.Illegal, "transfer_sponsor_by_terms", "under terms capital does not pass between an account of the sponsor and another").On("to_account_id")
)

// byTerms reports why the terms of the offering, if it has any, could not follow
// the transfer. It is final under the offering's lock.
func (t *Transfer) byTerms(ctx context.Context, tx bun.IDB, from *Position) error {
	var is struct{ Terms, Sponsor, Side bool }
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT EXISTS (SELECT 1 FROM investments.offering_terms WHERE opportunity_id = ?0) AS terms,
		COALESCE((SELECT is_sponsor FROM investments.investor_accounts WHERE id = ?1), FALSE)
			<> COALESCE((SELECT is_sponsor FROM investments.investor_accounts WHERE id = ?2), FALSE) AS sponsor,
		(SELECT array_agg(pe.name ORDER BY pe.name) FROM investments.partner_events pe WHERE pe.position_id = ?3 AND `+sideByPromote+`)
			IS DISTINCT FROM (SELECT array_agg(pe.name ORDER BY pe.name) FROM investments.partner_events pe
				JOIN investments.property_investments g ON g.id = pe.position_id WHERE g.opportunity_id = ?0 AND g.investor_id = ?4 AND g.account_id IS NOT DISTINCT FROM ?2
				AND g.share_class = ?5 AND g.deleted_at IS NULL AND `+sideByPromote+`) AS side`,
		*t.OfferingID, from.AccountID, t.ToAccountID, from.ID, t.ToInvestorID, *t.ToShareClass), &is)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case is.Terms && *t.ToShareClass != from.ShareClass:
		return ErrTransferTerms
	case is.Terms && is.Sponsor:
		return ErrTransferSponsor
	case is.Terms && is.Side:
		return ErrTransferSideLetter
	}
	return nil
}

// sideByPromote is the condition of side letters that tell who bears promote, or lent.
const sideByPromote = "pe.kind = 'side_letter' AND pe.name <> 'pref_rate' AND pe.withdrawn_at IS NULL"

// transfersFit reports a completed transfer that no terms could follow.
func transfersFit(ctx context.Context, tx bun.IDB, o id.Of[Offering]) error {
	var is struct{ Class, Sponsor, Side bool }
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT COALESCE(bool_or(f.share_class <> g.share_class), FALSE) AS class,
			COALESCE(bool_or(COALESCE(fa.is_sponsor, FALSE) <> COALESCE(ga.is_sponsor, FALSE)), FALSE) AS sponsor,
			COALESCE(bool_or((SELECT array_agg(pe.name ORDER BY pe.name) FROM investments.partner_events pe WHERE pe.position_id = f.id AND `+sideByPromote+`)
				IS DISTINCT FROM (SELECT array_agg(pe.name ORDER BY pe.name) FROM investments.partner_events pe WHERE pe.position_id = g.id AND `+sideByPromote+`)), FALSE) AS side
		FROM investments.transfers r
		JOIN investments.property_investments f ON f.id = r.from_investment_id
		JOIN investments.property_investments g ON g.id = r.to_investment_id
		LEFT JOIN investments.investor_accounts fa ON fa.id = f.account_id
		LEFT JOIN investments.investor_accounts ga ON ga.id = g.account_id
		WHERE r.opportunity_id = ? AND r.status = 'completed'`, o), &is)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case is.Class:
		return ErrTransferTerms
	case is.Sponsor:
		return ErrTransferSponsor
	case is.Side:
		return ErrTransferSideLetter
	}
	return nil
}
