package leases_test

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// let is a house of two units, of which the first is let for a year, on 31 January 2026.
type let struct {
	leases.Services
	property id.Of[properties.Property]
	lease    *leases.Lease
	staff    id.Of[auth.User]
}

// withLease runs fn with it in a transaction that is rolled back.
func withLease(fn func(ctx context.Context, tx bun.IDB, l let) error) {
	ctx, tx, done := pgtest.ExampleTx()
	defer done()
	l := let{Services: leases.New(leases.Config{Now: func() time.Time { return at("2026-01-31") }}), staff: id.New[auth.User]()}
	err := func() error {
		if _, err := tx.NewRaw("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", l.staff, l.staff.String()+"@example.com").Exec(ctx); err != nil {
			return err
		}
		market := usd("1500")
		assets := properties.NewService(properties.Config{})
		p, err := assets.RegisterProperty(ctx, tx, properties.RegisterPropertyParams{Name: "Elm Court " + key(), AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43004",
			Units: []properties.UnitParams{{Number: "1", UnitDetails: properties.UnitDetails{MarketRent: &market}}, {Number: "2", UnitDetails: properties.UnitDetails{MarketRent: &market}}}})
		if err != nil {
			return err
		}
		l.property = p.ID
		units, err := assets.Units(ctx, tx, p.ID, properties.UnitFilter{}, page.Request{})
		if err != nil {
			return err
		}
		tenant, err := l.Leases.AddTenant(ctx, tx, leases.AddTenantParams{Name: "Ana Ruiz"})
		if err != nil {
			return err
		}
		l.lease, err = l.Leases.SignLease(ctx, tx, leases.SignLeaseParams{
			UnitID: units.Items[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}},
			StartsOn: day("2026-01-10"), EndsOn: day("2026-12-31").Ptr(),
			Rent:    []leases.RentStep{{From: day("2026-01-10"), Amount: usd("1400")}, {From: day("2026-07-01"), Amount: usd("1425")}},
			ActorID: l.staff})
		if err != nil {
			return err
		}
		return fn(ctx, tx, l)
	}()
	if err != nil {
		fmt.Println(err)
	}
}

// A lease with a step of its rent is renewed before it ends.
func ExampleLeases_SignLease() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		a, err := l.Leases.RenewLease(ctx, tx, leases.RenewLeaseParams{LeaseID: l.lease.ID, StartsOn: day("2027-01-01"), MonthToMonth: true,
			Rent: []leases.RentStep{{From: day("2027-01-01"), Amount: usd("1450")}}, ActorID: l.staff})
		if err != nil {
			return err
		}
		fmt.Println(len(a.Terms), "terms:", a.RentOn(day("2026-06-30")), a.RentOn(day("2026-07-01")), a.RentOn(day("2027-01-01")))
		return nil
	})
	// Output: 2 terms: 1400.00 1425.00 1450.00
}

// A month's charges are posted, and a part is paid.
func ExampleAccounts_PostCharges() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		posted, err := l.Accounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: l.property, Month: day("2026-01-01"), ActorID: l.staff})
		if err != nil {
			return err
		}
		_, err = l.Accounts.ReceivePayment(ctx, tx, leases.ReceivePaymentParams{IdempotencyKey: "check-7", LeaseID: l.lease.ID, Amount: usd("900"), Date: day("2026-01-12"), ActorID: l.staff})
		if err != nil {
			return err
		}
		b, err := l.Accounts.Balance(ctx, tx, l.lease.ID, day("2026-01-31"), nil)
		if err != nil {
			return err
		}
		fmt.Println("charged", posted.Charged, "for 22 of 31 days, owed", b.Owed, "for", b.DaysDelinquent, "days")
		return nil
	})
	// Output: charged 993.55 for 22 of 31 days, owed 93.55 for 21 days
}

// A tenant moves out; the deposit covers what is owed and a damage.
func ExampleAccounts_SettleDeposit() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		_, err := l.Accounts.ReceiveDeposit(ctx, tx, leases.ReceiveDepositParams{IdempotencyKey: "deposit", LeaseID: l.lease.ID, Amount: usd("1200"), Date: day("2026-01-10"), ActorID: l.staff})
		if err != nil {
			return err
		}
		if _, err := l.Leases.MoveOut(ctx, tx, leases.MoveOutParams{LeaseID: l.lease.ID, Date: day("2026-01-31"), ActorID: l.staff}); err != nil {
			return err
		}
		if _, err := l.Accounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: l.property, Month: day("2026-01-01"), ActorID: l.staff}); err != nil {
			return err
		}
		m, err := l.Accounts.SettleDeposit(ctx, tx, leases.SettleDepositParams{IdempotencyKey: "out", LeaseID: l.lease.ID, Date: day("2026-01-31"),
			Damages: []leases.Damage{{Amount: usd("80"), Memo: "door"}}, ActorID: l.staff})
		if err != nil {
			return err
		}
		fmt.Println("owed", m.Owed, "damages", m.Damages, "refunded", m.Refunded)
		return nil
	})
	// Output: owed 993.55 damages 80.00 refunded 126.45
}

// The rent roll of a day to come.
func ExampleRolls_RentRoll() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		roll, err := l.Rolls.RentRoll(ctx, tx, leases.RentRollParams{PropertyID: l.property, Day: day("2026-08-01")})
		if err != nil {
			return err
		}
		fmt.Println("by", roll.Basis, roll.Metrics.PhysicalOccupancy, "occupied at", roll.Metrics.InPlaceMonthlyRent, "below the market by", roll.Metrics.LossToLease)
		return nil
	})
	// Output: by leases 0.5 occupied at 1425.00 below the market by 75.00
}
