package leases_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/accesstest"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// The table that hosts read is the rules that hold.
func TestRules_documented(t *testing.T) {
	t.Parallel()
	var lines []string
	for verb, r := range leases.Rules() {
		party := "any"
		if r.NoParty {
			party = "none"
		}
		lines = append(lines, fmt.Sprintf("//\t%-24s%-8s %-11s %s", verb, r.Action, r.Kind, party))
	}
	accesstest.RulesDocumented(t, lines)
}

// A tenant of a lease, and its guarantor, neither book nor forgive what they owe, nor
// change the lease: each verb whose rule is so refuses them. Their notice they give
// themselves.
func TestActs_tenant(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	h := newHouse(t, tx, "2026-03-15", 2)
	who := func() id.Of[auth.User] { return realestatetest.User(t, tx).ID }
	renter, guarantor, out := who(), who(), who()
	tenant := func(u id.Of[auth.User]) id.Of[leases.Tenant] {
		x, err := h.Leases.AddTenant(ctx, tx, leases.AddTenantParams{Name: "Ines Roy", UserID: &u})
		require.NoError(t, err)
		return x.ID
	}
	first, second, gone := tenant(renter), tenant(guarantor), tenant(out)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000.00", func(p *leases.SignLeaseParams) {
		p.Parties = []leases.PartyParams{{TenantID: first}, {TenantID: second, Role: leases.RoleGuarantor}, {TenantID: gone}}
	})
	_, err := h.Leases.ChangeParties(ctx, tx, leases.ChangePartiesParams{LeaseID: l.ID, Remove: []id.Of[leases.Tenant]{gone}, ActorID: h.staff})
	require.NoError(t, err)
	h.post("2026-01-01")
	charge, err := h.Accounts.AddCharge(ctx, tx, leases.AddChargeParams{IdempotencyKey: key(), LeaseID: l.ID, Kind: leases.ChargeOther, Amount: usd("50.00"), DueOn: day("2026-02-01"), ActorID: h.staff})
	require.NoError(t, err)
	paid := h.pay(l, "10.00", "2026-02-02")
	w, err := h.Accounts.RequestWriteOff(ctx, tx, leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("20.00"), Date: day("2026-03-01"), Reason: "gone", ActorID: h.staff})
	require.NoError(t, err)

	verbs := func(by id.Of[auth.User]) map[leases.Verb]func() error {
		on := day("2026-03-02")
		return map[leases.Verb]func() error{
			leases.VerbSignLease: of(h.Leases.SignLease, ctx, tx, h.params(1, "2026-04-01", "2026-12-31", "900.00", func(p *leases.SignLeaseParams) {
				p.ActorID, p.Parties = by, []leases.PartyParams{{TenantID: first}, {TenantID: second}}
			})),
			leases.VerbRenewLease:      of(h.Leases.RenewLease, ctx, tx, leases.RenewLeaseParams{LeaseID: l.ID, StartsOn: day("2027-01-01"), EndsOn: day("2027-12-31").Ptr(), Rent: []leases.RentStep{{From: day("2027-01-01"), Amount: usd("1.00")}}, ActorID: by}),
			leases.VerbChangeParties:   of(h.Leases.ChangeParties, ctx, tx, leases.ChangePartiesParams{LeaseID: l.ID, Remove: []id.Of[leases.Tenant]{second}, ActorID: by}),
			leases.VerbCancelLease:     of(h.Leases.CancelLease, ctx, tx, leases.CancelLeaseParams{LeaseID: l.ID, ActorID: by}),
			leases.VerbAddCharge:       of(h.Accounts.AddCharge, ctx, tx, leases.AddChargeParams{IdempotencyKey: key(), LeaseID: l.ID, Kind: leases.ChargeOther, Amount: usd("1.00"), DueOn: on, ActorID: by}),
			leases.VerbAddCredit:       of(h.Accounts.AddCredit, ctx, tx, leases.AddCreditParams{IdempotencyKey: key(), LeaseID: l.ID, Kind: leases.ChargeOther, Amount: usd("1.00"), Date: on, ActorID: by}),
			leases.VerbReverseCharge:   of(h.Accounts.ReverseCharge, ctx, tx, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: charge.ID, ActorID: by}),
			leases.VerbReceivePayment:  of(h.Accounts.ReceivePayment, ctx, tx, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("1.00"), Date: on, ActorID: by}),
			leases.VerbReturnPayment:   of(h.Accounts.ReturnPayment, ctx, tx, leases.ReturnPaymentParams{IdempotencyKey: key(), PaymentID: paid.ID, Date: on, ActorID: by}),
			leases.VerbRefund:          of(h.Accounts.Refund, ctx, tx, leases.RefundParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("1.00"), Date: on, ActorID: by}),
			leases.VerbReceiveDeposit:  of(h.Accounts.ReceiveDeposit, ctx, tx, leases.ReceiveDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("1.00"), Date: on, ActorID: by}),
			leases.VerbSettleDeposit:   of(h.Accounts.SettleDeposit, ctx, tx, leases.SettleDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Date: on, ActorID: by}),
			leases.VerbRequestWriteOff: of(h.Accounts.RequestWriteOff, ctx, tx, leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("1.00"), Date: on, Reason: "poor", ActorID: by}),
			leases.VerbApproveWriteOff: of(h.Accounts.ApproveWriteOff, ctx, tx, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: by}),
			leases.VerbRejectWriteOff:  of(h.Accounts.RejectWriteOff, ctx, tx, leases.RejectWriteOffParams{WriteOffID: w.ID, Reason: "no", ActorID: by}),
		}
	}
	for _, by := range []id.Of[auth.User]{renter, guarantor} {
		for verb, do := range verbs(by) {
			require.ErrorIs(t, do(), leases.ErrActorParty, verb)
		}
	}
	_, err = h.Leases.ChangeParties(ctx, tx, leases.ChangePartiesParams{LeaseID: l.ID, Add: []leases.PartyParams{{TenantID: gone}}, ActorID: out})
	require.ErrorIs(t, err, leases.ErrActorParty, "who is to be a party again")
	require.NoError(t, verbs(out)[leases.VerbApproveWriteOff](), "a party no longer")
	_, err = h.Leases.GiveNotice(ctx, tx, leases.GiveNoticeParams{LeaseID: l.ID, Date: day("2026-03-15"), LeavesOn: day("2026-12-31"), ActorID: renter})
	require.NoError(t, err)
}

// Where roles are asked for, nobody acts without one for the property of the lease.
func TestActs_roles(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	h := newHouse(t, tx, "2026-03-15", 2)
	l := h.sign(0, "2026-01-01", "2026-12-31", "1000.00")
	h.post("2026-01-01")
	var asked []auth.Object
	h.Services = leases.New(leases.Config{Now: func() time.Time { return h.now }, May: func(_ context.Context, _ bun.IDB, actor id.Of[auth.User], action auth.Action, o auth.Object) error {
		asked = append(asked, o)
		if actor == h.second && action == auth.ActionEdit {
			return nil
		}
		return auth.ErrNotPermitted
	}})
	request := func(by id.Of[auth.User]) error {
		return of(h.Accounts.RequestWriteOff, ctx, tx, leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd("20.00"), Date: day("2026-03-01"), Reason: "gone", ActorID: by})()
	}
	require.ErrorIs(t, request(h.staff), auth.ErrNotPermitted)
	require.NoError(t, request(h.second))
	require.Equal(t, []auth.Object{auth.ObjectOf[properties.Property](auth.KindFinancials, h.property), auth.ObjectOf[properties.Property](auth.KindFinancials, h.property)}, asked)
}

// of is a call of a verb, to be made later.
func of[P, R any](verb func(context.Context, bun.IDB, P) (*R, error), ctx context.Context, db bun.IDB, p P) func() error {
	return func() error {
		_, err := verb(ctx, db, p)
		return err
	}
}
