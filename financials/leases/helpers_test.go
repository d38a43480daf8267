package leases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func day(s string) date.Date    { return date.MustParse(s) }
func usd(s string) money.Amount { return money.MustParse(s) }
func ptr[T any](v T) *T         { return &v }
func key() string               { return id.New[struct{}]().String() }
func at(s string) time.Time     { return day(s).Time(time.UTC).Add(9 * time.Hour) }

// house is a property with units, tenants and the services, on a day that a test moves.
type house struct {
	leases.Services
	t        testing.TB
	db       bun.IDB
	now      time.Time
	property id.Of[properties.Property]
	units    []properties.Unit
	tenant   id.Of[leases.Tenant]
	staff    id.Of[auth.User]
	second   id.Of[auth.User]
}

func newHouse(t testing.TB, db bun.IDB, today string, units int) *house {
	t.Helper()
	h := &house{t: t, db: db, now: at(today)}
	h.Services = leases.New(leases.Config{Now: func() time.Time { return h.now }, Horizon: 3660})
	h.staff, h.second = realestatetest.User(t, db).ID, realestatetest.User(t, db).ID
	h.property = realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) {
		p.Units = realestatetest.Units(units)
		for i := range p.Units {
			u := &p.Units[i]
			u.Number, u.Sqft, u.Type = fmt.Sprintf("%04d", i+1), ptr(800), ptr(properties.Unit1BR)
		}
	}).ID
	for u, err := range properties.NewService(properties.Config{}).AllUnits(t.Context(), db, h.property, properties.UnitFilter{}) {
		require.NoError(t, err)
		h.units = append(h.units, u)
	}
	tenant, err := h.Leases.AddTenant(t.Context(), db, leases.AddTenantParams{Name: "Ana Ruiz"})
	require.NoError(t, err)
	h.tenant = tenant.ID
	return h
}

func (h *house) today(s string) { h.now = at(s) }

// params is a lease of a unit for a year, at a rent.
func (h *house) params(unit int, from, to, rent string, with ...func(*leases.SignLeaseParams)) leases.SignLeaseParams {
	p := leases.SignLeaseParams{UnitID: h.units[unit].ID, Parties: []leases.PartyParams{{TenantID: h.tenant}}, StartsOn: day(from),
		Rent: []leases.RentStep{{From: day(from), Amount: usd(rent)}}, ActorID: h.staff}
	if to != "" {
		p.EndsOn = day(to).Ptr()
	}
	for _, change := range with {
		change(&p)
	}
	return p
}

func (h *house) sign(unit int, from, to, rent string, with ...func(*leases.SignLeaseParams)) *leases.Lease {
	h.t.Helper()
	l, err := h.Leases.SignLease(h.t.Context(), h.db, h.params(unit, from, to, rent, with...))
	require.NoError(h.t, err)
	return l
}

func (h *house) post(month string) *leases.PostedCharges {
	h.t.Helper()
	p, err := h.Accounts.PostCharges(h.t.Context(), h.db, leases.PostChargesParams{PropertyID: h.property, Month: day(month), ActorID: h.staff})
	require.NoError(h.t, err)
	return p
}

func (h *house) pay(l *leases.Lease, amount, on string, to ...leases.ApplyParams) *leases.Entry {
	h.t.Helper()
	e, err := h.Accounts.ReceivePayment(h.t.Context(), h.db, leases.ReceivePaymentParams{IdempotencyKey: key(), LeaseID: l.ID, Amount: usd(amount), Date: day(on), Applications: to, ActorID: h.staff})
	require.NoError(h.t, err)
	return e
}

func (h *house) balance(l *leases.Lease, on string) *leases.Balance {
	h.t.Helper()
	b, err := h.Accounts.Balance(h.t.Context(), h.db, l.ID, day(on), nil)
	require.NoError(h.t, err)
	return b
}

func (h *house) unit(i int) *properties.Unit {
	h.t.Helper()
	u, err := properties.NewService(properties.Config{}).Unit(h.t.Context(), h.db, h.units[i].ID)
	require.NoError(h.t, err)
	return u
}

func (h *house) entries(l *leases.Lease, kinds ...leases.EntryKind) []leases.Entry {
	h.t.Helper()
	list, err := h.Accounts.Entries(h.t.Context(), h.db, l.ID, leases.EntryFilter{Kinds: kinds}, page.Request{Limit: 100})
	require.NoError(h.t, err)
	return list.Items
}

// holds checks every invariant of leases, units and books.
func (h *house) holds() {
	h.t.Helper()
	all := append([]store.Invariant{}, leases.Invariants()...)
	for _, list := range [][]store.Invariant{properties.Invariants(), ledger.Invariants()} {
		all = append(all, list...)
	}
	for _, i := range all {
		var rows []struct{ Row, Detail string }
		require.NoError(h.t, h.db.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail) LIMIT 5`).Scan(h.t.Context(), &rows), i.Name)
		require.Empty(h.t, rows, i.Name)
	}
}
