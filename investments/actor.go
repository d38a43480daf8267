package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of who may decide.
var (
	// ErrActorRequired: nobody is named who decides.
	ErrActorRequired = fault.New(fault.Invalid, fault.CodeRequired, "who decides must be known").On("actor_id")
	// ErrActorParty: who decides owns an account that the money or the right comes
	// from or goes to.
	ErrActorParty = fault.New(fault.Forbidden, "actor_is_party", "who decides is a party to the matter").On("actor_id")
	// ErrInvestorInactive: the investor is suspended or deleted.
	ErrInvestorInactive = fault.New(fault.Forbidden, "investor_inactive", "this investor may not act at present").On("investor_id")
)

// Parties says who counts as a party to a distribution, and so does not approve,
// reject or reverse it. The owners of accounts and positions with an investor's
// line always do.
type Parties struct {
	// SponsorLines counts the owners of accounts with a line of promote or fee too.
	SponsorLines bool
}

// deciding checks, behind the locks of a verb that decides, that the actor is
// active and no party: involved selects whether actor is one.
func deciding(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], involved string, args ...any) error {
	if err := auth.ActiveActor(ctx, tx, actor); err != nil {
		return err
	}
	var party bool
	if err := tx.NewRaw(involved, args...).Scan(ctx, &party); err != nil {
		return store.Err(err, constraints)
	}
	if party {
		return ErrActorParty
	}
	return nil
}

// decidesDistribution checks the actor of a decision about a distribution.
func (c *core) decidesDistribution(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], d id.Of[Distribution]) error {
	return deciding(ctx, tx, actor, `SELECT EXISTS (SELECT 1 FROM investments.investor_distributions l
			LEFT JOIN investments.investor_accounts a ON a.id = l.account_id
			WHERE l.distribution_id = ?0 AND (l.role = 'investor' OR ?2) AND (l.investor_id = ?1 OR a.joint_investor_id = ?1))`,
		d, actor, c.parties.SponsorLines)
}

// decidesTransfer checks the actor of a decision about a transfer: nobody of
// either side.
func decidesTransfer(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], t *Transfer) error {
	return deciding(ctx, tx, actor, `SELECT ?1 = ?3 OR EXISTS (SELECT 1 FROM investments.property_investments p
			LEFT JOIN investments.investor_accounts a ON a.id = p.account_id
			WHERE p.id = ?0 AND (p.investor_id = ?1 OR a.joint_investor_id = ?1))
		OR EXISTS (SELECT 1 FROM investments.investor_accounts a WHERE a.id = ?2 AND a.joint_investor_id = ?1)`,
		t.FromPositionID, actor, t.ToAccountID, t.ToInvestorID)
}

// decidesInstruction checks the actor of a decision about payment instructions:
// nobody who is paid by them.
func decidesInstruction(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], in *PaymentInstruction) error {
	return deciding(ctx, tx, actor, `SELECT ?1 = ?2 OR EXISTS (SELECT 1 FROM investments.investor_accounts a WHERE a.id = ?0 AND a.joint_investor_id = ?1)`,
		in.AccountID, actor, in.InvestorID)
}

// activeInvestor checks that an investor, whose row the caller holds locked, is
// neither suspended nor deleted.
func activeInvestor(ctx context.Context, tx bun.IDB, investor id.Of[auth.User]) error {
	var active bool
	err := tx.NewRaw("SELECT EXISTS (SELECT 1 FROM auth.users WHERE id = ? AND status = 'active')", investor).Scan(ctx, &active)
	if err == nil && !active {
		return ErrInvestorInactive
	}
	return store.Err(err, constraints)
}
