package faulttest

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

var leaseVerbs = []verb{
	{"Leases.SignLease", func(w *world) command { return do(w.p.Leases.SignLease, w.letting()) }},
	{"TenantAccounts.PostCharges", func(w *world) command {
		w.let()
		return do(w.p.TenantAccounts.PostCharges, leases.PostChargesParams{PropertyID: w.prop, Month: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.ReceivePayment", func(w *world) command {
		return do(w.p.TenantAccounts.ReceivePayment, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"), Date: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.ReturnPayment", func(w *world) command {
		l := w.charged()
		e, err := w.p.TenantAccounts.ReceivePayment(w.t.Context(), w.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: movedOn, ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.TenantAccounts.ReturnPayment, leases.ReturnPaymentParams{IdempotencyKey: key(), PaymentID: e.ID, Date: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.SettleDeposit", func(w *world) command {
		l := w.charged()
		_, err := w.p.TenantAccounts.ReceiveDeposit(w.t.Context(), w.db, leases.ReceiveDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: money.MustParse("1500"), Date: movedOn, ActorID: staff})
		require.NoError(w.t, err)
		_, err = w.p.Leases.MoveOut(w.t.Context(), w.db, leases.MoveOutParams{LeaseID: l.ID, Date: movedOn, ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.TenantAccounts.SettleDeposit, leases.SettleDepositParams{IdempotencyKey: key(), LeaseID: l.ID, Date: movedOn, ActorID: staff})
	}},
	{"Properties.AddUnits", func(w *world) command {
		return do(w.p.Properties.AddUnits, properties.AddUnitsParams{IdempotencyKey: key(), PropertyID: w.prop, Units: []properties.UnitParams{{Number: key()[:20]}}})
	}},
	{"Leases.ImportRentRoll", func(w *world) command {
		rent, owed := money.MustParse("1000"), money.MustParse("250")
		p := leases.ImportRentRollParams{IdempotencyKey: key(), PropertyID: w.prop, AsOf: movedOn, ActorID: staff}
		for range 2 {
			p.Tenancies = append(p.Tenancies, financials.Tenancy{UnitID: w.letting().UnitID, Status: properties.OccupancyOccupied, TenantName: "Ana Ruiz", MonthlyRent: &rent, CurrentBalance: &owed})
		}
		return do(w.p.Leases.ImportRentRoll, p)
	}},
	{"TenantAccounts.AddCharge", func(w *world) command {
		return do(w.p.TenantAccounts.AddCharge, leases.AddChargeParams{IdempotencyKey: key(), LeaseID: w.let().ID, Kind: leases.ChargeDamage, Amount: money.MustParse("80"), DueOn: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.AddCredit", func(w *world) command {
		return do(w.p.TenantAccounts.AddCredit, leases.AddCreditParams{IdempotencyKey: key(), LeaseID: w.let().ID, Kind: leases.ChargeConcession, Amount: money.MustParse("80"), Date: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.ReverseCharge", func(w *world) command {
		e, err := w.p.TenantAccounts.AddCharge(w.t.Context(), w.db, leases.AddChargeParams{IdempotencyKey: key(), LeaseID: w.let().ID, Kind: leases.ChargeDamage, Amount: money.MustParse("80"), DueOn: movedOn, ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.TenantAccounts.ReverseCharge, leases.ReverseChargeParams{IdempotencyKey: key(), EntryID: e.ID, ActorID: staff})
	}},
	{"TenantAccounts.ReceiveDeposit", func(w *world) command {
		return do(w.p.TenantAccounts.ReceiveDeposit, leases.ReceiveDepositParams{IdempotencyKey: key(), LeaseID: w.let().ID, Amount: money.MustParse("1500"), Date: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.Refund", func(w *world) command {
		l := w.let()
		_, err := w.p.TenantAccounts.ReceivePayment(w.t.Context(), w.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: movedOn, ActorID: staff})
		require.NoError(w.t, err)
		return do(w.p.TenantAccounts.Refund, leases.RefundParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.ReconcileRecovery", func(w *world) command {
		l := w.commercial()
		costs := leases.PoolYear{Fixed: money.MustParse("6000")}
		return do(w.p.TenantAccounts.ReconcileRecovery, leases.ReconcileRecoveryParams{IdempotencyKey: key(), LeaseID: l.ID, Year: 2026, Pools: []leases.PoolCosts{{Pool: "cam", Costs: costs}}, DueOn: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.ChargePercentageRent", func(w *world) command {
		return do(w.p.TenantAccounts.ChargePercentageRent, leases.ChargePercentageRentParams{IdempotencyKey: key(), LeaseID: w.commercial().ID, Year: 2026, Sales: money.MustParse("900000"), DueOn: movedOn, ActorID: staff})
	}},
	{"TenantAccounts.RequestWriteOff", func(w *world) command {
		return do(w.p.TenantAccounts.RequestWriteOff, leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"), Date: movedOn, Reason: "gone", ActorID: staff})
	}},
	{"TenantAccounts.ApproveWriteOff", func(w *world) command {
		wo, err := w.p.TenantAccounts.RequestWriteOff(w.t.Context(), w.db, leases.RequestWriteOffParams{IdempotencyKey: key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"),
			Date: movedOn, Reason: "gone", ActorID: w.clerk})
		require.NoError(w.t, err)
		return do(w.p.TenantAccounts.ApproveWriteOff, leases.ApproveWriteOffParams{WriteOffID: wo.ID, ActorID: staff})
	}},
}

// letting is a lease of a new unit, from before the day on which things are moved.
func (w *world) letting() leases.SignLeaseParams {
	w.t.Helper()
	units, err := w.p.Properties.AddUnits(w.t.Context(), w.db, properties.AddUnitsParams{PropertyID: w.prop, Units: []properties.UnitParams{{Number: key()[:20]}}})
	require.NoError(w.t, err)
	tenant, err := w.p.Leases.AddTenant(w.t.Context(), w.db, leases.AddTenantParams{Name: "Ana Ruiz"})
	require.NoError(w.t, err)
	start := date.MustParse("2026-01-01")
	return leases.SignLeaseParams{ID: id.New[leases.Lease](), UnitID: units[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: start,
		Rent: []leases.RentStep{{From: start, Amount: money.MustParse("1000")}}, ActorID: staff}
}

// commercial is a lease with recoveries and percentage rent.
func (w *world) commercial() *leases.Lease {
	w.t.Helper()
	p := w.letting()
	p.Kind = leases.Commercial
	p.Conditions = leases.Conditions{Recoveries: []leases.Recovery{{Pool: "cam", Area: 1000, Denominator: 10000}}, Percentage: &leases.PercentageRent{Rate: decimal.RequireFromString("0.06")}}
	l, err := w.p.Leases.SignLease(w.t.Context(), w.db, p)
	require.NoError(w.t, err)
	return l
}

func (w *world) let() *leases.Lease {
	w.t.Helper()
	l, err := w.p.Leases.SignLease(w.t.Context(), w.db, w.letting())
	require.NoError(w.t, err)
	return l
}

// charged is a lease whose rent of the month of movedOn is posted.
func (w *world) charged() *leases.Lease {
	w.t.Helper()
	l := w.let()
	_, err := w.p.TenantAccounts.PostCharges(w.t.Context(), w.db, leases.PostChargesParams{PropertyID: w.prop, Month: movedOn, ActorID: staff})
	require.NoError(w.t, err)
	return l
}
