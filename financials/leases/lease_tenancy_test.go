package leases_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// emptied is a house with a lease of its first unit that ended on 2026-03-31, as a verb of
// that day has told the units.
func emptied(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, pgtest.Tx(t), "2026-03-01", 2)
	l := h.sign(0, "2025-04-01", "2026-03-31", "1400")
	_, err := h.Leases.GiveNotice(t.Context(), h.db, leases.GiveNoticeParams{LeaseID: l.ID, Date: day("2026-02-20"), LeavesOn: day("2026-03-31"), ActorID: h.staff})
	require.NoError(t, err)
	h.today("2026-03-31")
	_, err = h.Leases.MoveOut(t.Context(), h.db, leases.MoveOutParams{LeaseID: l.ID, Date: day("2026-03-31"), ActorID: h.staff})
	require.NoError(t, err)
	require.Equal(t, "notice 1400.00 2026-03-31", h.told(0), "on the day of the move-out they are still there")
	return h
}

// told is what the columns of a unit say.
func (h *house) told(unit int) string {
	u := h.unit(unit)
	rent := "-"
	if u.CurrentRent != nil {
		rent = u.CurrentRent.String()
	}
	return fmt.Sprint(u.OccupancyStatus, " ", rent, " ", u.OccupancyAsOf)
}

func (h *house) clock() time.Time { return h.now }

// properties is the service of properties that asks the leases.
func (h *house) properties() *properties.Service {
	return properties.NewService(properties.Config{Now: h.clock, Tenancies: h.Leases.Tenancies})
}

func start(unit id.Of[properties.Unit], on string) properties.StartRenovationParams {
	return properties.StartRenovationParams{UnitID: unit, Date: day(on)}
}

// The day after the tenants have left the unit is taken off the market, without a refresh
// between.
func TestTenancies_startUnitRenovation(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), emptied(t)
	works := renovations.NewService(renovations.Config{Now: h.clock, Tenancies: h.Leases.Tenancies})
	p, err := works.PlanProject(ctx, h.db, renovations.PlanProjectParams{PropertyID: h.property, Name: "Turn", Units: []renovations.PlanUnit{{UnitID: h.units[0].ID}}})
	require.NoError(t, err)
	_, err = works.ApproveProject(ctx, h.db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: usd("5000"), ActorID: h.staff})
	require.NoError(t, err)
	_, err = works.StartProject(ctx, h.db, renovations.StartProjectParams{ProjectID: p.ID, Date: day("2026-03-31")})
	require.NoError(t, err)
	list, err := works.UnitRenovations(ctx, h.db, p.ID, page.Request{})
	require.NoError(t, err)
	begin := func(on string) error {
		_, err := works.StartUnitRenovation(ctx, h.db, renovations.StartUnitRenovationParams{UnitRenovationID: list.Items[0].ID, Date: day(on)})
		return err
	}
	require.ErrorIs(t, begin("2026-03-31"), properties.ErrUnitNotVacant)
	h.today("2026-04-01")
	require.ErrorIs(t, begin("2026-03-31"), properties.ErrUnitNotVacant, "the lease had the unit on that day")
	require.Equal(t, "notice 1400.00 2026-03-31", h.told(0), "what is refused leaves no trace")
	require.NoError(t, begin("2026-04-01"))
	require.Equal(t, "renovation - 2026-04-01", h.told(0))
	h.holds()

	// Tenants who have moved in by the end of the work keep the unit, and nobody refreshed it.
	h.today("2026-04-10")
	h.sign(0, "2026-04-20", "2027-04-19", "1600")
	require.Equal(t, "renovation - 2026-04-10", h.told(0))
	h.today("2026-04-21")
	_, err = works.CompleteUnitRenovation(ctx, h.db, renovations.CompleteUnitRenovationParams{UnitRenovationID: list.Items[0].ID, Date: day("2026-04-19"), Cost: usd("4000")})
	require.NoError(t, err)
	require.Equal(t, "occupied 1600.00 2026-04-21", h.told(0))
	require.Equal(t, properties.RenovationRenovated, *h.unit(0).RenovationStatus)
	h.holds()
}

// A unit that says that it is vacant is not, once a lease that was signed before has begun.
func TestTenancies_begun(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), newHouse(t, pgtest.Tx(t), "2026-03-01", 2)
	h.sign(0, "2026-04-01", "2027-03-31", "1400")
	h.sign(1, "2025-04-01", "2026-12-31", "1400")
	require.Equal(t, "vacant - 2026-03-01", h.told(0))
	h.today("2026-04-01")
	_, err := h.properties().StartRenovation(ctx, h.db, start(h.units[0].ID, "2026-04-01"))
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	_, err = h.properties().StartRenovation(ctx, h.db, start(h.units[0].ID, "2026-03-31"))
	require.ErrorIs(t, err, properties.ErrUnitNotVacant, "it was empty then, and can't be taken off the market now")
	h.holds()
}

// Alone, a service takes what the units say of themselves; with the leases asked it needs
// nothing else of theirs, and tells what it found in the same breath.
func TestTenancies_alone(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), emptied(t)
	h.today("2026-04-01")
	alone := properties.NewService(properties.Config{Now: h.clock})
	_, err := alone.StartRenovation(ctx, h.db, start(h.units[0].ID, "2026-04-01"))
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	u, err := alone.StartRenovation(ctx, h.db, start(h.units[1].ID, "2026-03-15"))
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyRenovation, u.OccupancyStatus)
	h.holds()

	var told []string
	hook := func(_ context.Context, _ bun.IDB, events []store.Emission) error {
		for _, e := range events {
			name, _ := e.Payload().EventType()
			told = append(told, name)
		}
		return nil
	}
	asks := properties.NewService(properties.Config{Now: h.clock, Tenancies: h.Leases.Tenancies, Hooks: []store.Hook{hook}})
	version := h.unit(0).Version
	u, err = asks.StartRenovation(ctx, h.db, start(h.units[0].ID, "2026-04-01"))
	require.NoError(t, err)
	require.Equal(t, *h.unit(0), *u, "what is returned is what is stored")
	require.Equal(t, version+2, u.Version)
	require.Equal(t, []string{"properties.occupancy_projected", "properties.unit_occupancy_changed"}, told)
	h.holds()

	// A property without leases has only what it says itself.
	other := newHouse(t, h.db, "2026-04-01", 1)
	rows, err := h.Leases.Tenancies(ctx, h.db, properties.TenanciesRequest{PropertyID: other.property, UnitIDs: []id.Of[properties.Unit]{other.units[0].ID}, On: day("2026-04-01")})
	require.NoError(t, err)
	require.Empty(t, rows)
	u, err = asks.StartRenovation(ctx, h.db, start(other.units[0].ID, "2026-04-01"))
	require.NoError(t, err)
	require.Nil(t, u.OccupancyBasis)
}
