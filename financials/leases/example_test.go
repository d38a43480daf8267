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
	manager  id.Of[auth.User]
}

// withLease runs fn with it in a transaction that is rolled back.
func withLease(fn func(ctx context.Context, tx bun.IDB, l let) error) {
	ctx, tx, done := pgtest.ExampleTx()
	defer done()
	l := let{Services: leases.New(leases.Config{Now: func() time.Time { return at("2026-01-31") }}), staff: id.New[auth.User](), manager: id.New[auth.User]()}
	err := func() error {
		for _, who := range []id.Of[auth.User]{l.staff, l.manager} {
			if _, err := tx.NewRaw("INSERT INTO auth.users (id, email, password_hash) VALUES (?, ?, '!')", who, who.String()+"@example.com").Exec(ctx); err != nil {
				return err
			}
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

// The rent was to be less in March, which is known after March was posted.
func ExampleLeases_ScheduleCharge() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		month := leases.PostChargesParams{PropertyID: l.property, Month: day("2026-03-01"), ActorID: l.staff}
		if _, err := l.Accounts.PostCharges(ctx, tx, month); err != nil {
			return err
		}
		concession := leases.ChargeParams{Kind: leases.ChargeConcession, Amount: usd("200"), From: day("2026-03-01"), To: day("2026-03-31").Ptr()}
		if _, err := l.Leases.ScheduleCharge(ctx, tx, leases.ScheduleChargeParams{LeaseID: l.lease.ID, Charge: concession, ActorID: l.staff}); err != nil {
			return err
		}
		posted, err := l.Accounts.PostCharges(ctx, tx, month)
		if err != nil {
			return err
		}
		fmt.Println("charged", posted.Charged, "credited", posted.Credited)
		return nil
	})
	// Output: charged 0.00 credited 200.00
}

// A repair is charged, and the charge is undone.
func ExampleAccounts_AddCharge() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		e, err := l.Accounts.AddCharge(ctx, tx, leases.AddChargeParams{IdempotencyKey: "lock", LeaseID: l.lease.ID, Kind: leases.ChargeDamage, Amount: usd("95"), DueOn: day("2026-01-20"), ActorID: l.staff})
		if err != nil {
			return err
		}
		before, err := l.Accounts.Balance(ctx, tx, l.lease.ID, day("2026-01-31"), nil)
		if err != nil {
			return err
		}
		if _, err := l.Accounts.ReverseCharge(ctx, tx, leases.ReverseChargeParams{IdempotencyKey: "not theirs", EntryID: e.ID, ActorID: l.staff}); err != nil {
			return err
		}
		after, err := l.Accounts.Balance(ctx, tx, l.lease.ID, day("2026-01-31"), nil)
		if err != nil {
			return err
		}
		fmt.Println(before.Owed, "and then", after.Owed)
		return nil
	})
	// Output: 95.00 and then 0.00
}

// A tenant bears a tenth of what the common areas cost above the base year, for 356 of 365
// days: 6,500.00 / 10 * 356/365.
func ExampleAccounts_ReconcileRecovery() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		base := usd("40000")
		cond := leases.Conditions{Recoveries: []leases.Recovery{{Pool: "cam", Area: 1000, Denominator: 10000, BaseYear: &base}}}
		if _, err := l.Leases.CorrectTerm(ctx, tx, leases.CorrectTermParams{LeaseID: l.lease.ID, Number: 1, Conditions: &cond, ActorID: l.staff}); err != nil {
			return err
		}
		e, err := l.Accounts.ReconcileRecovery(ctx, tx, leases.ReconcileRecoveryParams{IdempotencyKey: "2026", LeaseID: l.lease.ID, Year: 2026,
			Pools: []leases.PoolCosts{{Pool: "cam", Costs: leases.PoolYear{Fixed: usd("46500")}}}, DueOn: day("2027-01-31"), ActorID: l.staff})
		if err != nil {
			return err
		}
		fmt.Println(e.Kind, e.Amount)
		return nil
	})
	// Output: charge 633.97
}

// One person asks to give up what is owed, and another agrees.
func ExampleAccounts_RequestWriteOff() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		if _, err := l.Accounts.PostCharges(ctx, tx, leases.PostChargesParams{PropertyID: l.property, Month: day("2026-01-01"), ActorID: l.staff}); err != nil {
			return err
		}
		w, err := l.Accounts.RequestWriteOff(ctx, tx, leases.RequestWriteOffParams{IdempotencyKey: "gone", LeaseID: l.lease.ID, Amount: usd("993.55"), Date: day("2026-01-31"),
			Reason: "moved abroad", ActorID: l.staff})
		if err != nil {
			return err
		}
		_, err = l.Accounts.ApproveWriteOff(ctx, tx, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: l.staff})
		fmt.Println(err)
		w, err = l.Accounts.ApproveWriteOff(ctx, tx, leases.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: l.manager})
		if err != nil {
			return err
		}
		fmt.Println(w.Status, w.Amount)
		return nil
	})
	// Output:
	// actor_id: somebody else decides than who asked (lease_write_off_second_person)
	// approved 993.55
}

// A lease that ends shows at its unit on the next day.
func ExampleLeases_RefreshUnits() {
	withLease(func(ctx context.Context, tx bun.IDB, l let) error {
		next := leases.New(leases.Config{Now: func() time.Time { return at("2027-01-01") }})
		if err := next.Leases.RefreshUnits(ctx, tx, leases.RefreshUnitsParams{PropertyID: l.property}); err != nil {
			return err
		}
		u, err := properties.NewService(properties.Config{}).Unit(ctx, tx, l.lease.UnitID)
		if err != nil {
			return err
		}
		fmt.Println(u.OccupancyStatus, "as of", u.OccupancyAsOf)
		return nil
	})
	// Output: vacant as of 2027-01-01
}
