package realestate_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// inRole is a new user who holds a role; "" is none.
func inRole(t *testing.T, db bun.IDB, role auth.Role) id.Of[auth.User] {
	t.Helper()
	require.NoError(t, hire(t.Context(), db))
	if role == "" {
		return realestatetest.User(t, db).ID
	}
	return realestatetest.Staff(t, db, role).ID
}

// With roles, nobody uses a verb of the money without one that permits it: a deal
// from the offering to its payment, each step by whose it is and by nobody else.
func TestPolicy_roles(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	p, err := realestate.New(realestate.Config{Policy: investments.Policy{Roles: true}, Gate: func(*investments.Offering, *investments.Account, investments.Evidence) error { return nil }})
	require.NoError(t, err)
	sponsor, approver, accountant, relations, investor := inRole(t, tx, auth.RoleSponsor), inRole(t, tx, auth.RoleApprover), inRole(t, tx, auth.RoleAccountant),
		inRole(t, tx, auth.RoleInvestorRelations), inRole(t, tx, auth.RoleInvestor)
	everybody := []id.Of[auth.User]{sponsor, approver, accountant, relations, investor, inRole(t, tx, auth.RoleInvestor), inRole(t, tx, auth.RoleReadOnly),
		inRole(t, tx, auth.RoleAdministrator), inRole(t, tx, "")}
	property, err := p.Properties.RegisterProperty(ctx, tx, elmCourt())
	require.NoError(t, err)
	var o *investments.Offering
	var sub *investments.Subscription
	var d *investments.Distribution
	for _, step := range []struct {
		name string
		may  []id.Of[auth.User] // the last of them does it
		do   func(tx bun.IDB, by id.Of[auth.User]) error
	}{
		{"create", []id.Of[auth.User]{sponsor}, func(tx bun.IDB, by id.Of[auth.User]) (err error) {
			o, err = p.Offerings.Create(ctx, tx, investments.CreateOfferingParams{PropertyID: property.ID, Name: "Elm", Slug: "elm", ActorID: by})
			return err
		}},
		{"open", []id.Of[auth.User]{sponsor}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Offerings.Open(ctx, tx, investments.OpenOfferingParams{OfferingID: o.ID, ActorID: by})
			return err
		}},
		{"commit", []id.Of[auth.User]{sponsor, relations, investor}, func(tx bun.IDB, by id.Of[auth.User]) (err error) {
			sub, err = p.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: "c", OfferingID: o.ID, InvestorID: investor, Amount: money.MustParse("1000"),
				Date: date.MustParse("2026-01-10"), ActorID: by})
			return err
		}},
		{"receive", []id.Of[auth.User]{sponsor, accountant}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "r", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: by})
			return err
		}},
		{"declare", []id.Of[auth.User]{accountant, sponsor}, func(tx bun.IDB, by id.Of[auth.User]) (err error) {
			d, err = p.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "d", OfferingID: o.ID, Type: investments.DistributionQuarterly,
				Date: date.MustParse("2026-01-31"), Amount: money.MustParse("10"), ActorID: by})
			return err
		}},
		{"approve", []id.Of[auth.User]{approver}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: by})
			return err
		}},
		{"pay", []id.Of[auth.User]{accountant}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "p", DistributionID: d.ID, Date: date.MustParse("2026-01-31"), Method: investments.PayACH, ActorID: by})
			return err
		}},
		{"ask to undo", []id.Of[auth.User]{sponsor}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Distributions.RequestReversal(ctx, tx, investments.RequestReversalParams{DistributionID: d.ID, Date: date.MustParse("2026-01-31"), Reason: "x", ActorID: by})
			return err
		}},
		{"undo", []id.Of[auth.User]{approver}, func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := p.Distributions.Reverse(ctx, tx, investments.ReverseDistributionParams{IdempotencyKey: "u", DistributionID: d.ID, Date: date.MustParse("2026-01-31"), Reason: "x", ActorID: by})
			return err
		}},
	} {
		for _, by := range everybody {
			may := false
			for _, m := range step.may {
				may = may || m == by
			}
			if may {
				continue
			}
			err := realestate.InTx(ctx, tx, func(tx bun.IDB) error { return step.do(tx, by) })
			require.ErrorIs(t, err, fault.Forbidden, step.name)
		}
		require.NoError(t, step.do(tx, step.may[len(step.may)-1]), step.name)
	}
}

// A policy that makes no sense names its fields.
func TestNew_policy(t *testing.T) {
	t.Parallel()
	_, err := realestate.New(realestate.Config{Policy: investments.Policy{Rules: map[investments.Verb]investments.Rule{"fly": {}}}})
	require.Equal(t, "policy.rules.fly", fault.FieldErrors(err)[0].Field)
}
