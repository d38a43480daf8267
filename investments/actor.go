package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/acting"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of who may act.
var (
	// ErrActorRequired: nobody is named who acts.
	ErrActorRequired = auth.ErrActorRequired
	// ErrActorInactive: who acts is suspended, deleted or unknown.
	ErrActorInactive = auth.ErrActorInactive.On("actor_id")
	// ErrActorParty: who acts owns an account that the money or the right comes
	// from or goes to.
	ErrActorParty = auth.ErrActorParty
	// ErrActorStranger: who acts does not own what they would give or ask for, and no
	// role permits it for others.
	ErrActorStranger = fault.New(fault.Forbidden, "actor_is_stranger", "who acts is not an owner of it").On("actor_id")
	// ErrInvestorInactive: the investor is suspended or deleted.
	ErrInvestorInactive = fault.New(fault.Forbidden, "investor_inactive", "this investor may not act at present").On("investor_id")
)

// matter is what a verb is about, for the rule of the verb: the object that a role
// is over, and who is a party.
type matter struct {
	id    id.Of[auth.Thing]
	owner id.Of[auth.User] // whose it is; zero is nobody's alone
	// party selects whether the actor, ?0, is a party, with args from ?1 on; "" is
	// nobody is.
	party string
	args  []any
}

// about is a matter without parties.
func about[T any](v id.Of[T]) matter { return matter{id: id.Cast[auth.Thing](v)} }

// acts checks, behind the locks of a verb and before its writes, that its actor is
// active and that the verb's rule lets them act. From here on they are who the
// transaction's events and histories name. The actor's row stays locked in share
// mode, so that a suspension waits for the verb, or the verb sees it.
func (c *core) acts(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], m matter) error {
	rule := c.rules[verb]
	if rule.Party == AnyParty && !c.policy.Roles {
		m.party = ""
	}
	party, err := acting.Read(ctx, tx, actor, m.party, m.args...)
	if err != nil {
		return err
	}
	return c.permits(ctx, tx, verb, actor, m, party)
}

// permits is the rule of a verb for an active actor, who is a party or not.
func (c *core) permits(ctx context.Context, tx bun.IDB, verb Verb, actor id.Of[auth.User], m matter, party bool) error {
	rule := c.rules[verb]
	switch {
	case rule.Party == NoParty && party:
		return ErrActorParty
	case rule.Party == OwnParty && !party && !c.policy.Roles:
		return ErrActorStranger
	case !c.policy.Roles:
		return nil
	case c.may == nil:
		return auth.ErrNotPermitted.On("actor_id")
	}
	owner := m.owner
	if party {
		owner = actor // a joint owner's own, too
	}
	return c.may(ctx, tx, actor, rule.Action, auth.Object{Kind: rule.Kind, ID: m.id, Owner: owner})
}

// of makes a matter of rows that have an investor_id and an account_id: whoever
// holds one of them is a party, and whoever owns its account jointly.
func of[T any](table string, rows ...id.Of[T]) matter {
	m := matter{party: `(EXISTS (SELECT 1 FROM ` + table + ` x WHERE x.id = ANY (?1::uuid[]) AND x.investor_id = ?0)
		OR EXISTS (SELECT 1 FROM investments.investor_accounts a JOIN ` + table + ` x ON x.account_id = a.id WHERE a.joint_investor_id = ?0 AND x.id = ANY (?1::uuid[])))`,
		args: []any{store.TextArray(rows, func(v *id.Of[T]) string { return v.String() })}}
	if len(rows) == 1 {
		m.id = id.Cast[auth.Thing](rows[0])
	}
	return m
}

func ofSubscription(sub *Subscription) matter {
	m := of("investments.subscriptions", sub.ID)
	m.owner = sub.InvestorID
	return m
}

func ofPosition(pos *Position) matter {
	m := of("investments.property_investments", pos.ID)
	m.owner = pos.InvestorID
	return m
}

// ofHolder is the matter of what is to an investor's name, or to one of their
// accounts.
func ofHolder[T any](v id.Of[T], investor id.Of[auth.User], account *id.Of[Account]) matter {
	return matter{id: id.Cast[auth.Thing](v), owner: investor,
		party: "(?0 = ?1 OR EXISTS (SELECT 1 FROM investments.investor_accounts a WHERE a.id = ?2 AND a.joint_investor_id = ?0))", args: []any{investor, account}}
}

// ofTransfer is the matter of a transfer between its two sides.
func ofTransfer(t *Transfer) matter {
	m := ofHolder(t.ID, t.ToInvestorID, t.ToAccountID)
	m.party = `(` + m.party + ` OR EXISTS (SELECT 1 FROM investments.property_investments p LEFT JOIN investments.investor_accounts a ON a.id = p.account_id
		WHERE p.id = ?3 AND (p.investor_id = ?0 OR a.joint_investor_id = ?0)))`
	m.args, m.owner = append(m.args, t.FromPositionID), id.Of[auth.User]{}
	return m
}

// ofDistribution is the matter of a distribution's lines.
func (c *core) ofDistribution(v id.Of[Distribution]) matter {
	m := about(v)
	m.party = `(EXISTS (SELECT 1 FROM investments.investor_distributions l WHERE l.distribution_id = ?1 AND l.investor_id = ?0 AND (l.role = 'investor' OR ?2))
		OR EXISTS (SELECT 1 FROM investments.investor_accounts a JOIN investments.investor_distributions l ON l.account_id = a.id
			WHERE a.joint_investor_id = ?0 AND l.distribution_id = ?1 AND (l.role = 'investor' OR ?2)))`
	m.args = []any{v, c.policy.SponsorLines}
	return m
}

// ofLine is the matter of one line of a distribution.
func (c *core) ofLine(l *DistributionLine) matter {
	m := of("investments.investor_distributions", l.ID)
	if l.Role != RoleInvestor && !c.policy.SponsorLines {
		m.party, m.args = "", nil
	}
	return m
}

// activeInvestor checks that an investor, whose row the caller holds locked, is
// neither suspended nor deleted.
func activeInvestor(ctx context.Context, tx bun.IDB, investor id.Of[auth.User]) error {
	var active bool
	err := store.Read(ctx, tx, tx.NewRaw("SELECT EXISTS (SELECT 1 FROM auth.users WHERE id = ? AND status = 'active')", investor), &active)
	if err == nil && !active {
		return ErrInvestorInactive
	}
	return store.Err(err, constraints)
}
