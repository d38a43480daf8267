package recipes

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

var leaseVerbs = []Recipe{
	{"Leases.SignLease", func(w *World) Call { return Do(w.P.Leases.SignLease, w.letting()) }},
	{"TenantAccounts.PostCharges", func(w *World) Call {
		w.let()
		return Do(w.P.TenantAccounts.PostCharges, leases.PostChargesParams{PropertyID: w.Property, Month: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.ReceivePayment", func(w *World) Call {
		return Do(w.P.TenantAccounts.ReceivePayment, leases.ReceivePaymentParams{IdempotencyKey: Key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"), Date: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.ReturnPayment", func(w *World) Call {
		l := w.charged()
		e, err := w.P.TenantAccounts.ReceivePayment(w.T.Context(), w.DB, leases.ReceivePaymentParams{IdempotencyKey: Key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: MovedOn, ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.TenantAccounts.ReturnPayment, leases.ReturnPaymentParams{IdempotencyKey: Key(), PaymentID: e.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.SettleDeposit", func(w *World) Call {
		l := w.charged()
		_, err := w.P.TenantAccounts.ReceiveDeposit(w.T.Context(), w.DB, leases.ReceiveDepositParams{IdempotencyKey: Key(), LeaseID: l.ID, Amount: money.MustParse("1500"), Date: MovedOn, ActorID: Staff})
		require.NoError(w.T, err)
		_, err = w.P.Leases.MoveOut(w.T.Context(), w.DB, leases.MoveOutParams{LeaseID: l.ID, Date: MovedOn, ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.TenantAccounts.SettleDeposit, leases.SettleDepositParams{IdempotencyKey: Key(), LeaseID: l.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Properties.AddUnits", func(w *World) Call {
		return Do(w.P.Properties.AddUnits, properties.AddUnitsParams{IdempotencyKey: Key(), PropertyID: w.Property, Units: []properties.UnitParams{{Number: Key()[:20]}}})
	}},
	{"Leases.ImportRentRoll", func(w *World) Call {
		rent, owed := money.MustParse("1000"), money.MustParse("250")
		p := leases.ImportRentRollParams{IdempotencyKey: Key(), PropertyID: w.Property, AsOf: MovedOn, ActorID: Staff}
		for range 2 {
			p.Tenancies = append(p.Tenancies, financials.Tenancy{UnitID: w.letting().UnitID, Status: properties.OccupancyOccupied, TenantName: "Ana Ruiz", MonthlyRent: &rent, CurrentBalance: &owed})
		}
		return Do(w.P.Leases.ImportRentRoll, p)
	}},
	{"TenantAccounts.AddCharge", func(w *World) Call {
		return Do(w.P.TenantAccounts.AddCharge, leases.AddChargeParams{IdempotencyKey: Key(), LeaseID: w.let().ID, Kind: leases.ChargeDamage, Amount: money.MustParse("80"), DueOn: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.AddCredit", func(w *World) Call {
		return Do(w.P.TenantAccounts.AddCredit, leases.AddCreditParams{IdempotencyKey: Key(), LeaseID: w.let().ID, Kind: leases.ChargeConcession, Amount: money.MustParse("80"), Date: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.ReverseCharge", func(w *World) Call {
		e, err := w.P.TenantAccounts.AddCharge(w.T.Context(), w.DB, leases.AddChargeParams{IdempotencyKey: Key(), LeaseID: w.let().ID, Kind: leases.ChargeDamage, Amount: money.MustParse("80"), DueOn: MovedOn, ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.TenantAccounts.ReverseCharge, leases.ReverseChargeParams{IdempotencyKey: Key(), EntryID: e.ID, ActorID: Staff})
	}},
	{"TenantAccounts.ReceiveDeposit", func(w *World) Call {
		return Do(w.P.TenantAccounts.ReceiveDeposit, leases.ReceiveDepositParams{IdempotencyKey: Key(), LeaseID: w.let().ID, Amount: money.MustParse("1500"), Date: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.Refund", func(w *World) Call {
		l := w.let()
		_, err := w.P.TenantAccounts.ReceivePayment(w.T.Context(), w.DB, leases.ReceivePaymentParams{IdempotencyKey: Key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: MovedOn, ActorID: Staff})
		require.NoError(w.T, err)
		return Do(w.P.TenantAccounts.Refund, leases.RefundParams{IdempotencyKey: Key(), LeaseID: l.ID, Amount: money.MustParse("500"), Date: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.ReconcileRecovery", func(w *World) Call {
		l := w.commercial()
		costs := leases.PoolYear{Fixed: money.MustParse("6000")}
		return Do(w.P.TenantAccounts.ReconcileRecovery, leases.ReconcileRecoveryParams{IdempotencyKey: Key(), LeaseID: l.ID, Year: 2026, Pools: []leases.PoolCosts{{Pool: "cam", Costs: costs}}, DueOn: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.ChargePercentageRent", func(w *World) Call {
		return Do(w.P.TenantAccounts.ChargePercentageRent, leases.ChargePercentageRentParams{IdempotencyKey: Key(), LeaseID: w.commercial().ID, Year: 2026, Sales: money.MustParse("900000"), DueOn: MovedOn, ActorID: Staff})
	}},
	{"TenantAccounts.RequestWriteOff", func(w *World) Call {
		return Do(w.P.TenantAccounts.RequestWriteOff, leases.RequestWriteOffParams{IdempotencyKey: Key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"), Date: MovedOn, Reason: "gone", ActorID: Staff})
	}},
	{"TenantAccounts.ApproveWriteOff", func(w *World) Call {
		wo, err := w.P.TenantAccounts.RequestWriteOff(w.T.Context(), w.DB, leases.RequestWriteOffParams{IdempotencyKey: Key(), LeaseID: w.charged().ID, Amount: money.MustParse("500"),
			Date: MovedOn, Reason: "gone", ActorID: w.Clerk})
		require.NoError(w.T, err)
		return Do(w.P.TenantAccounts.ApproveWriteOff, leases.ApproveWriteOffParams{WriteOffID: wo.ID, ActorID: Staff})
	}},
}

// letting is a lease of a new unit, from before the day on which things are moved.
func (w *World) letting() leases.SignLeaseParams {
	w.T.Helper()
	units, err := w.P.Properties.AddUnits(w.T.Context(), w.DB, properties.AddUnitsParams{PropertyID: w.Property, Units: []properties.UnitParams{{Number: Key()[:20]}}})
	require.NoError(w.T, err)
	tenant, err := w.P.Leases.AddTenant(w.T.Context(), w.DB, leases.AddTenantParams{Name: "Ana Ruiz"})
	require.NoError(w.T, err)
	start := date.MustParse("2026-01-01")
	return leases.SignLeaseParams{ID: id.New[leases.Lease](), UnitID: units[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: start,
		Rent: []leases.RentStep{{From: start, Amount: money.MustParse("1000")}}, ActorID: Staff}
}

// commercial is a lease with recoveries and percentage rent.
func (w *World) commercial() *leases.Lease {
	w.T.Helper()
	p := w.letting()
	p.Kind = leases.Commercial
	p.Conditions = leases.Conditions{Recoveries: []leases.Recovery{{Pool: "cam", Area: 1000, Denominator: 10000}}, Percentage: &leases.PercentageRent{Rate: decimal.RequireFromString("0.06")}}
	l, err := w.P.Leases.SignLease(w.T.Context(), w.DB, p)
	require.NoError(w.T, err)
	return l
}

func (w *World) let() *leases.Lease {
	w.T.Helper()
	l, err := w.P.Leases.SignLease(w.T.Context(), w.DB, w.letting())
	require.NoError(w.T, err)
	return l
}

// charged is a lease whose rent of the month of MovedOn is posted.
func (w *World) charged() *leases.Lease {
	w.T.Helper()
	l := w.let()
	_, err := w.P.TenantAccounts.PostCharges(w.T.Context(), w.DB, leases.PostChargesParams{PropertyID: w.Property, Month: MovedOn, ActorID: Staff})
	require.NoError(w.T, err)
	return l
}
