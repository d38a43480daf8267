package leases_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/page"
)

func (h *house) roll(on string) *leases.RentRoll {
	h.t.Helper()
	r, err := h.Rolls.RentRoll(h.t.Context(), h.db, leases.RentRollParams{PropertyID: h.property, Day: day(on)})
	require.NoError(h.t, err)
	return r
}

// The roll of any day: of the past from what was recorded, of the future from what is
// signed, with what it rests on.
func TestRentRoll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-10", 4)
	ctx := t.Context()
	r := h.roll("2026-03-10")
	require.Equal(t, "", string(r.Basis))
	require.Equal(t, 4, r.Metrics.UnknownUnits)
	require.Nil(t, r.Metrics.PhysicalOccupancy, "nobody knows, which is not 100 %")
	require.Nil(t, r.Leasing.LeasedOccupancy)

	_, err := h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day("2026-02-01"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrNoLeases)
	a := h.sign(0, "2025-06-01", "2026-05-31", "1400", func(p *leases.SignLeaseParams) {
		p.Charges = []leases.ChargeParams{{Kind: leases.ChargeConcession, Amount: usd("100"), From: day("2026-01-01")}}
	})
	h.sign(1, "2025-08-01", "2026-04-30", "1600")
	h.sign(2, "2026-05-01", "2027-04-30", "1500")
	h.post("2026-02-01")
	h.post("2026-03-01")
	h.pay(a, "1300", "2026-02-03")
	r = h.roll("2026-03-10")
	require.Equal(t, "leases 2 of 4 0.5", fmt.Sprint(r.Basis, " ", r.Metrics.OccupiedUnits, " of ", r.Metrics.TotalUnits, " ", r.Metrics.PhysicalOccupancy))
	require.Equal(t, "3000.00 0.00 0.75 1 2", fmt.Sprint(r.Metrics.InPlaceMonthlyRent, " ", r.Metrics.LossToLease, " ", r.Leasing.LeasedOccupancy, " ", r.Leasing.Preleased, " ", r.Leasing.Vacant))
	require.Equal(t, "0.4833333333333333", r.Leasing.EconomicOccupancy.String(), "3,000 less 100 of 6,000")
	require.Equal(t, "Ana Ruiz 1300.00 9", fmt.Sprint(*r.Units[0].TenantName, " ", r.Units[0].Balance, " ", r.Units[0].DaysDelinquent))
	require.Equal(t, "2900.00 0.00", fmt.Sprint(r.Metrics.Billed, " ", r.Metrics.Collected))
	require.Equal(t, "0.25", h.roll("2025-07-01").Metrics.PhysicalOccupancy.String(), "of the past")
	later := h.roll("2026-06-15")
	require.Equal(t, "0.25", later.Metrics.PhysicalOccupancy.String(), "of the future")
	require.Equal(t, properties.OccupancyOccupied, later.Units[2].Status)

	plans := r.Availability()
	require.Len(t, plans, 1)
	require.Equal(t, "1br 4 2 1", fmt.Sprint(plans[0].Type, " ", plans[0].Units, " ", plans[0].Occupied, " ", plans[0].Available))
	months, err := h.Rolls.Expirations(ctx, h.db, leases.ExpirationsParams{PropertyID: h.property, Day: day("2026-03-10"), Months: 3})
	require.NoError(t, err)
	require.Equal(t, "0 1600.00 1400.00", fmt.Sprint(months[0].Leases, " ", months[1].Rent, " ", months[2].Rent))
	paid, err := h.Rolls.Collections(ctx, h.db, leases.CollectionsParams{PropertyID: h.property, From: day("2026-02-01"), Through: day("2026-02-28")})
	require.NoError(t, err)
	require.Len(t, paid, 2)

	roll, err := h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day("2026-02-10"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "leases 1 4", fmt.Sprint(roll.Basis, " ", roll.Version, " ", len(roll.Entries)))
	require.Equal(t, "1300.00", roll.Metrics.Collected.String())
	again, err := h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day("2026-02-10"), ActorID: h.staff})
	require.NoError(t, err)
	require.True(t, again.Unchanged)
	h.pay(a, "1300", "2026-02-27")
	restate := leases.RestateMonthParams{PropertyID: h.property, Month: day("2026-02-01"), Version: 1, ActorID: h.staff}
	roll, err = h.Rolls.RestateMonth(ctx, h.db, restate)
	require.NoError(t, err)
	require.Equal(t, "2 2600.00", fmt.Sprint(roll.Version, " ", roll.Metrics.Collected))
	_, err = h.Rolls.RestateMonth(ctx, h.db, restate)
	require.ErrorIs(t, err, financials.ErrStale)
	books := financials.NewService(financials.Config{})
	first, err := books.RentRollVersion(ctx, h.db, h.property, day("2026-02-28"), 1)
	require.NoError(t, err)
	require.Equal(t, "1300.00", first.Metrics.Collected.String(), "the old stays")
	_, err = h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day("2026-03-01"), ActorID: h.staff})
	require.ErrorIs(t, err, leases.ErrMonthRunning)
	restate.Month = day("2026-01-01")
	_, err = h.Rolls.RestateMonth(ctx, h.db, restate)
	require.ErrorIs(t, err, leases.ErrMonthOpen)
	h.holds()
}

// What another system reports is stored as it is, or turned into leases.
func TestImportRentRoll(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-10", 3)
	ctx := t.Context()
	told := []financials.Tenancy{
		{UnitID: h.units[0].ID, Status: properties.OccupancyOccupied, TenantName: "B. Late", MonthlyRent: ptr(usd("1400")), LeaseStart: day("2025-05-01").Ptr(), LeaseEnd: day("2026-04-30").Ptr(),
			SecurityDeposit: ptr(usd("500")), CurrentBalance: ptr(usd("700")), DaysDelinquent: 40},
		{UnitID: h.units[1].ID, Status: properties.OccupancyNotice, MonthlyRent: ptr(usd("1300")), LeaseEnd: day("2025-12-31").Ptr(), MoveIn: day("2024-01-01").Ptr(), CurrentBalance: ptr(usd("-50")),
			NoticeDate: day("2026-03-01").Ptr()},
		{UnitID: h.units[2].ID, Status: properties.OccupancyVacant},
	}
	books := financials.NewService(financials.Config{})
	_, err := books.CloseRentRoll(ctx, h.db, financials.CloseRentRollParams{PropertyID: h.property, AsOf: day("2026-02-28"), Tenancies: told})
	require.NoError(t, err)
	r := h.roll("2026-03-10")
	require.Equal(t, "reported 2026-02-28 0.6666666666666667", fmt.Sprint(r.Basis, " ", r.ReportedOn, " ", r.Metrics.PhysicalOccupancy))

	p := leases.ImportRentRollParams{IdempotencyKey: "roll", PropertyID: h.property, AsOf: day("2026-02-28"), Tenancies: told, ActorID: h.staff}
	got, err := h.Leases.ImportRentRoll(ctx, h.db, p)
	require.NoError(t, err)
	require.Len(t, got.Leases, 2)
	again, err := h.Leases.ImportRentRoll(ctx, h.db, p)
	require.NoError(t, err)
	require.Equal(t, got.Leases[0].ID, again.Leases[0].ID)
	r = h.roll("2026-03-10")
	require.Equal(t, "leases 0.6666666666666667", fmt.Sprint(r.Basis, " ", r.Metrics.PhysicalOccupancy))
	require.Equal(t, "700.00 50 500.00 notice -50.00", fmt.Sprint(r.Units[0].Balance, " ", r.Units[0].DaysDelinquent, " ", r.Units[0].DepositHeld, " ", r.Units[1].Status, " ", r.Units[1].Balance))
	require.Nil(t, r.Units[1].LastDay, "it goes on month to month")
	u := h.unit(1)
	require.Equal(t, "notice 1300.00 leases", fmt.Sprint(u.OccupancyStatus, " ", u.CurrentRent, " ", *u.OccupancyBasis))
	require.True(t, r.Metrics.Billed.IsZero(), "what was owed before is no billing")
	p.IdempotencyKey = key()
	_, err = h.Leases.ImportRentRoll(ctx, h.db, p)
	require.ErrorIs(t, err, leases.ErrLeaseOverlap)
	h.holds()
}

// Without leases a roll is what was reported, as it was known: before the report, by its
// first version and by the restated one.
func TestRentRoll_reportKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-01", 1)
	ctx, now := t.Context(), at("2026-03-01")
	books := financials.NewService(financials.Config{Now: func() time.Time { return now }})
	report := func(rent string) []financials.Tenancy {
		return []financials.Tenancy{{UnitID: h.units[0].ID, Status: properties.OccupancyOccupied, MonthlyRent: ptr(usd(rent))}}
	}
	_, err := books.CloseRentRoll(ctx, h.db, financials.CloseRentRollParams{PropertyID: h.property, AsOf: day("2026-02-28"), Tenancies: report("1400")})
	require.NoError(t, err)
	now = at("2026-03-05")
	_, err = books.RestateRentRoll(ctx, h.db, financials.RestateRentRollParams{PropertyID: h.property, AsOf: day("2026-02-28"), Tenancies: report("1450"), Version: 1})
	require.NoError(t, err)
	for known, want := range map[string]string{"2026-02-20": " 0.00 unknown", "2026-03-02": "reported 1400.00 occupied", "2026-03-06": "reported 1450.00 occupied"} {
		r, err := h.Rolls.RentRoll(ctx, h.db, leases.RentRollParams{PropertyID: h.property, Day: day("2026-03-10"), Known: ptr(at(known))})
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(r.Basis, " ", r.Metrics.InPlaceMonthlyRent, " ", r.Units[0].Status), known)
	}
	require.Equal(t, "1450.00", h.roll("2026-03-10").Metrics.InPlaceMonthlyRent.String())
	// What was known before there were leases is still what was reported.
	h.today("2026-03-08")
	h.sign(0, "2026-03-01", "", "1500")
	r, err := h.Rolls.RentRoll(ctx, h.db, leases.RentRollParams{PropertyID: h.property, Day: day("2026-03-10"), Known: ptr(at("2026-03-02"))})
	require.NoError(t, err)
	require.Equal(t, "reported 1400.00", fmt.Sprint(r.Basis, " ", r.Metrics.InPlaceMonthlyRent))
}

// A month's billing and collections are those of all leases of its units: of tenants who
// have left in it, and of the next ones.
func TestCloseMonth_left(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-31", 2)
	old := h.sign(0, "2025-03-11", "2026-03-10", "3100")
	next := h.sign(0, "2026-03-22", "2027-03-21", "3100")
	gone := h.sign(1, "2025-03-11", "2026-03-10", "3100")
	h.post("2026-03-01")
	h.pay(old, "1000", "2026-03-05")
	h.pay(next, "900", "2026-03-22")
	h.pay(gone, "300", "2026-03-30") // after they had left
	h.today("2026-04-01")
	roll, err := h.Rolls.CloseMonth(t.Context(), h.db, leases.CloseMonthParams{PropertyID: h.property, Month: day("2026-03-01"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "3000.00 2200.00", fmt.Sprint(roll.Metrics.Billed, " ", roll.Metrics.Collected), "three times ten days")
	require.Equal(t, "2000.00 1900.00", fmt.Sprint(roll.Entries[0].Billed, " ", roll.Entries[0].Collected))
	require.Equal(t, "vacant 1000.00 300.00", fmt.Sprint(roll.Entries[1].OccupancyStatus, " ", roll.Entries[1].Billed, " ", roll.Entries[1].Collected))
	stored, err := financials.NewService(financials.Config{}).RentRollOn(t.Context(), h.db, h.property, day("2026-03-31"))
	require.NoError(t, err)
	require.Equal(t, roll.Metrics, stored.Metrics)
	h.holds()
}

// The day's work moves the day that units are true of; only a unit that is otherwise than
// it was gets another version.
func TestRefreshUnits_versions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2026-03-01", 3)
	h.sign(0, "2026-01-01", "2026-03-02", "1400")
	h.sign(1, "2026-01-01", "2026-12-31", "1400")
	versions := func() string {
		return fmt.Sprint(h.unit(0).Version, h.unit(1).Version, h.unit(2).Version, " ", h.unit(0).OccupancyAsOf, " ", h.unit(1).OccupancyAsOf, " ", h.unit(2).OccupancyAsOf)
	}
	before := versions()
	for _, today := range []string{"2026-03-01", "2026-03-02", "2026-03-03", "2026-03-03"} {
		h.today(today)
		require.NoError(t, h.Leases.RefreshUnits(t.Context(), h.db, leases.RefreshUnitsParams{PropertyID: h.property}))
	}
	require.Equal(t, "2 3 2 2026-03-01 2026-03-01 2026-03-01", before)
	require.Equal(t, "3 3 2 2026-03-03 2026-03-03 2026-03-03", versions(), "the first one is vacant now")
	h.holds()
}

// A roll of many units is imported by a fixed number of statements.
func TestImportRentRoll_statements(t *testing.T) {
	t.Parallel()
	count := func(units int) int64 {
		db := pgtest.Clone(t)
		h := newHouse(t, db, "2026-03-10", units)
		p := leases.ImportRentRollParams{IdempotencyKey: key(), PropertyID: h.property, AsOf: day("2026-02-28"), ActorID: h.staff}
		for i := range h.units {
			p.Tenancies = append(p.Tenancies, financials.Tenancy{UnitID: h.units[i].ID, Status: properties.OccupancyOccupied, MonthlyRent: ptr(usd("1400")), CurrentBalance: ptr(usd("10"))})
		}
		sent := &statements{}
		got, err := h.Leases.ImportRentRoll(t.Context(), db.WithQueryHook(sent), p)
		require.NoError(t, err)
		require.Len(t, got.Leases, units)
		h.holds()
		return sent.n.Load()
	}
	require.Equal(t, count(2), count(12))
}

// statements counts what is sent.
type statements struct{ n atomic.Int64 }

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (s *statements) AfterQuery(context.Context, *bun.QueryEvent)                        { s.n.Add(1) }

// What is wrong with a tenancy is told under its place, and nothing of the roll is kept.
func TestImportRentRoll_refused(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t, pgtest.Tx(t), "2026-03-10", 2), newHouse(t, pgtest.Tx(t), "2026-03-10", 1)
	ctx := t.Context()
	let := func(unit int) financials.Tenancy {
		return financials.Tenancy{UnitID: h.units[unit].ID, Status: properties.OccupancyOccupied, MonthlyRent: ptr(usd("1400"))}
	}
	strange := let(0)
	strange.UnitID = other.units[0].ID
	bring := func(list ...financials.Tenancy) error {
		_, err := h.Leases.ImportRentRoll(ctx, h.db, leases.ImportRentRollParams{IdempotencyKey: key(), PropertyID: h.property, AsOf: day("2026-02-28"), Tenancies: list, ActorID: h.staff})
		return err
	}
	err := bring(let(0), strange)
	require.ErrorIs(t, err, properties.ErrUnitNotFound)
	require.Equal(t, "tenancies[1].unit_id", fault.FieldErrors(err)[0].Field)
	h.sign(1, "2026-01-01", "", "1400")
	err = bring(let(0), let(1))
	require.ErrorIs(t, err, leases.ErrLeaseOverlap)
	require.Equal(t, "tenancies[1].starts_on", fault.FieldErrors(err)[0].Field)
	list, err := h.Leases.Leases(ctx, h.db, leases.LeaseFilter{PropertyID: &h.property}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	h.holds()
}

// A market rent that is changed tells nothing of the days before: the roll of a past day
// has the one that was on record then, and the roll of another day the new one.
func TestRentRoll_marketRentThen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, pgtest.Tx(t), "2025-01-10", 1)
	ctx, props := t.Context(), properties.NewService(properties.Config{Now: func() time.Time { return h.now }})
	added, err := props.AddUnits(ctx, h.db, properties.AddUnitsParams{PropertyID: h.property, Units: []properties.UnitParams{{Number: "0000", UnitDetails: properties.UnitDetails{MarketRent: ptr(usd("1500")), Sqft: ptr(800)}}}})
	require.NoError(t, err)
	h.units = added
	h.sign(0, "2025-02-01", "", "1400")
	recorded := time.Now().UTC()
	h.now = recorded
	_, err = props.UpdateUnit(ctx, h.db, properties.UpdateUnitParams{ID: added[0].ID, Version: h.unit(0).Version, UnitDetails: properties.UnitDetails{MarketRent: ptr(usd("1700"))}})
	require.NoError(t, err)
	today := date.Of(recorded)
	for on, want := range map[date.Date]string{day("2024-12-31"): "0.00 1500.00", day("2025-02-28"): "100.00 1500.00", today.AddDays(-1): "100.00 1500.00", today.AddDays(1): "300.00 1700.00"} {
		r := h.roll(on.String())
		require.Equal(t, want, fmt.Sprint(r.Metrics.LossToLease, " ", r.Units[0].MarketRent), on)
	}
	known := recorded.AddDate(0, -1, 0)
	r, err := h.Rolls.RentRoll(ctx, h.db, leases.RentRollParams{PropertyID: h.property, Day: today.AddDays(30), Known: &known})
	require.NoError(t, err)
	require.Equal(t, "1500.00", r.Units[0].MarketRent.String(), "as it was known a month before")
	closed, err := h.Rolls.CloseMonth(ctx, h.db, leases.CloseMonthParams{PropertyID: h.property, Month: today.AddMonths(-1), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "100.00", closed.Metrics.LossToLease.String(), "a month that is closed late has the rents of its end")
}
