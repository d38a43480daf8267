package renovations_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func usd(s string) money.Amount { return money.MustParse(s) }

// begun is a project in progress since 2026-03-01 over units, with their works.
func begun(t *testing.T, db bun.IDB, svc *renovations.Service, v id.Of[properties.Property], units []id.Of[properties.Unit]) (*renovations.Project, []renovations.UnitRenovation) {
	t.Helper()
	ctx := t.Context()
	plan := renovations.PlanProjectParams{PropertyID: v, Name: "Baths"}
	for _, u := range units {
		plan.Units = append(plan.Units, renovations.PlanUnit{UnitID: u, BudgetedCost: ptr(usd("10000")), PreRenovationRent: ptr(usd("1000"))})
	}
	p, err := svc.PlanProject(ctx, db, plan)
	require.NoError(t, err)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: usd("20000"), ActorID: realestatetest.User(t, db).ID})
	require.NoError(t, err)
	p, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-01")})
	require.NoError(t, err)
	works, err := svc.UnitRenovations(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	if len(works.Items) > 1 && works.Items[0].UnitID != units[0] {
		works.Items[0], works.Items[1] = works.Items[1], works.Items[0]
	}
	return p, works.Items
}

// holds sees that all invariants of the domain hold.
func holds(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, i := range renovations.Invariants() {
		var bad []struct{ ID, Detail string }
		rows, err := db.QueryContext(t.Context(), i.Query)
		require.NoError(t, err, i.Name)
		for rows.Next() {
			var b struct{ ID, Detail string }
			require.NoError(t, rows.Scan(&b.ID, &b.Detail))
			bad = append(bad, b)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		require.Empty(t, bad, i.Name)
	}
}

func unit(t *testing.T, db bun.IDB, v id.Of[properties.Unit]) string {
	t.Helper()
	u, err := properties.NewService(properties.Config{}).Unit(t.Context(), db, v)
	require.NoError(t, err)
	status, done := "-", "-"
	if u.RenovationStatus != nil {
		status = string(*u.RenovationStatus)
	}
	if u.RenovationCompleted != nil {
		done = u.RenovationCompleted.String()
	}
	return fmt.Sprint(u.OccupancyStatus, " ", status, " ", done)
}

// The unit follows the work in it, and the project's increase of rent the units.
func TestUnitRenovation_life(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, works := begun(t, db, svc, v, units)
	start := func(w renovations.UnitRenovation, day string) error {
		_, err := svc.StartUnitRenovation(ctx, db, renovations.StartUnitRenovationParams{UnitRenovationID: w.ID, Date: date.MustParse(day)})
		return err
	}
	require.ErrorIs(t, start(works[0], "2026-02-28"), renovations.ErrUnitEarly)
	require.Equal(t, check.InFuture, fault.FieldErrors(start(works[0], "2027-02-28"))[0].Code)
	require.ErrorIs(t, start(renovations.UnitRenovation{ID: id.New[renovations.UnitRenovation]()}, "2026-03-05"), renovations.ErrUnitRenovationNotFound)
	require.NoError(t, start(works[0], "2026-03-05"))
	require.NoError(t, start(works[0], "2026-03-05"), "run again")
	require.ErrorIs(t, start(works[0], "2026-03-06"), renovations.ErrUnitRenovationStatus)
	require.Equal(t, "renovation in_progress -", unit(t, db, units[0]))

	_, err := svc.UpdateUnitRenovation(ctx, db, renovations.UpdateUnitRenovationParams{UnitRenovationID: works[0].ID, PostRenovationRent: ptr(usd("1200"))})
	require.ErrorIs(t, err, renovations.ErrUnitRenovationStatus)
	done := renovations.CompleteUnitRenovationParams{UnitRenovationID: works[0].ID, Date: date.MustParse("2026-03-04"), Cost: usd("12000")}
	_, err = svc.CompleteUnitRenovation(ctx, db, done)
	require.ErrorIs(t, err, renovations.ErrUnitDates)
	done.Date = date.MustParse("2026-03-26")
	for range 2 {
		u, err := svc.CompleteUnitRenovation(ctx, db, done)
		require.NoError(t, err)
		require.Equal(t, 21, *u.DaysVacant)
		require.Nil(t, u.RentIncrease())
		require.Nil(t, u.ReturnOnCost())
	}
	require.Equal(t, "unknown renovated 2026-03-26", unit(t, db, units[0]))
	u, err := svc.UpdateUnitRenovation(ctx, db, renovations.UpdateUnitRenovationParams{UnitRenovationID: works[0].ID, PostRenovationRent: ptr(usd("1200")), Scope: []string{"bath"}})
	require.NoError(t, err)
	require.Equal(t, "200.00 0.2", fmt.Sprint(u.RentIncrease(), " ", u.ReturnOnCost()))
	holds(t, db)

	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-06-01"), Cost: usd("21000")})
	require.NoError(t, err)
	require.Equal(t, "unknown renovated 2026-06-01", unit(t, db, units[1]), "work that was not told of is done with the project")
	require.Equal(t, "unknown renovated 2026-03-26", unit(t, db, units[0]))
	_, err = svc.MeasureProject(ctx, db, renovations.MeasureProjectParams{ProjectID: p.ID, NOIIncrease: usd("2100")})
	require.NoError(t, err)
	_, err = svc.UpdateUnitRenovation(ctx, db, renovations.UpdateUnitRenovationParams{UnitRenovationID: works[1].ID, ActualCost: ptr(usd("9000")), PostRenovationRent: ptr(usd("1100")), DaysVacant: ptr(0)})
	require.NoError(t, err, "the new rent is often known later than the end")
	p, err = svc.Project(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "300.00 0.1", fmt.Sprint(p.ActualRentIncrease, " ", p.ReturnOnCost()))
	b, err := svc.ProjectBudget(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "20000.00 21000.00 -1000.00 2 20000.00 21000.00", fmt.Sprint(b.Revised, " ", b.Actual, " ", b.Left, " ", b.UnitsCompleted, " ", b.UnitsBudgeted, " ", b.UnitsActual))
	holds(t, db)
}

// A let unit is not taken off the market. One whose work is given up is what it was.
func TestCancelUnitRenovation(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	require.NoError(t, properties.NewService(properties.Config{}).ProjectOccupancy(ctx, db, properties.ProjectOccupancyParams{PropertyID: v, Basis: properties.BasisReported,
		AsOf: date.MustParse("2026-03-01"), Others: true, Units: []properties.UnitOccupancy{{UnitID: units[0], Status: properties.OccupancyOccupied, Rent: ptr(usd("1000"))}}}))
	_, works := begun(t, db, svc, v, units)
	_, err := svc.StartUnitRenovation(ctx, db, renovations.StartUnitRenovationParams{UnitRenovationID: works[0].ID, Date: date.MustParse("2026-03-05")})
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	got, err := svc.CompleteUnitRenovation(ctx, db, renovations.CompleteUnitRenovationParams{UnitRenovationID: works[0].ID, Date: date.MustParse("2026-03-20"), Cost: usd("800")})
	require.NoError(t, err)
	require.Nil(t, got.DaysVacant)
	require.Equal(t, "occupied renovated 2026-03-20", unit(t, db, units[0]), "with its tenants in place")

	_, err = svc.StartUnitRenovation(ctx, db, renovations.StartUnitRenovationParams{UnitRenovationID: works[1].ID, Date: date.MustParse("2026-03-05")})
	require.NoError(t, err)
	for range 2 {
		got, err = svc.CancelUnitRenovation(ctx, db, renovations.CancelUnitRenovationParams{UnitRenovationID: works[1].ID, Date: date.MustParse("2026-03-09")})
		require.NoError(t, err)
		require.Equal(t, "cancelled 4", fmt.Sprint(got.Status, " ", *got.DaysVacant))
	}
	require.Equal(t, "vacant classic -", unit(t, db, units[1]))
	_, err = svc.CompleteUnitRenovation(ctx, db, renovations.CompleteUnitRenovationParams{UnitRenovationID: works[1].ID, Date: date.MustParse("2026-03-20")})
	require.ErrorIs(t, err, renovations.ErrUnitRenovationStatus)
	holds(t, db)
}

// A project waits, goes on and is given up; what is done in its units stays.
func TestHoldProject(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, works := begun(t, db, svc, v, units)
	_, err := svc.ResumeProject(ctx, db, p.ID)
	require.NoError(t, err, "it runs already")
	for range 2 {
		p, err = svc.HoldProject(ctx, db, renovations.HoldProjectParams{ProjectID: p.ID, Reason: "permits"})
		require.NoError(t, err)
		require.Equal(t, renovations.ProjectStatusOnHold, p.Status)
	}
	_, err = svc.StartUnitRenovation(ctx, db, renovations.StartUnitRenovationParams{UnitRenovationID: works[0].ID, Date: date.MustParse("2026-03-05")})
	require.ErrorIs(t, err, renovations.ErrProjectStatus)
	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-05")})
	require.ErrorIs(t, err, renovations.ErrProjectStatus)
	p, err = svc.ResumeProject(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, renovations.ProjectStatusInProgress, p.Status)
	require.Nil(t, p.StatusReason)
	for _, w := range works {
		_, err = svc.StartUnitRenovation(ctx, db, renovations.StartUnitRenovationParams{UnitRenovationID: w.ID, Date: date.MustParse("2026-03-05")})
		require.NoError(t, err)
	}
	_, err = svc.CompleteUnitRenovation(ctx, db, renovations.CompleteUnitRenovationParams{UnitRenovationID: works[0].ID, Date: date.MustParse("2026-03-10"), Cost: usd("1")})
	require.NoError(t, err)
	_, err = svc.CancelProject(ctx, db, renovations.CancelProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-02-10"), Reason: "sold"})
	require.ErrorIs(t, err, renovations.ErrActualDates)
	_, err = svc.CancelProject(ctx, db, renovations.CancelProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-04"), Reason: "sold"})
	require.ErrorIs(t, err, renovations.ErrUnitDates)
	for range 2 {
		p, err = svc.CancelProject(ctx, db, renovations.CancelProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-15"), Reason: "sold"})
		require.NoError(t, err)
		require.Equal(t, "cancelled sold 2026-03-15", fmt.Sprint(p.Status, " ", *p.StatusReason, " ", p.ActualEnd))
	}
	require.Equal(t, "unknown renovated 2026-03-10", unit(t, db, units[0]))
	require.Equal(t, "unknown classic -", unit(t, db, units[1]))
	b, err := svc.ProjectBudget(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "1 1", fmt.Sprint(b.UnitsCompleted, " ", b.UnitsCancelled))
	holds(t, db)
	_, err = svc.HoldProject(ctx, db, renovations.HoldProjectParams{ProjectID: p.ID, Reason: "x"})
	require.ErrorIs(t, err, renovations.ErrProjectStatus)
	_, err = svc.MeasureProject(ctx, db, renovations.MeasureProjectParams{ProjectID: id.New[renovations.Project]()})
	require.ErrorIs(t, err, renovations.ErrProjectNotFound)
}

// Projects are found by status over all properties.
func TestProjects_byStatus(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	for range 2 {
		v, units := property(t, db)
		p, _ := begun(t, db, svc, v, units)
		_, err := svc.HoldProject(ctx, db, renovations.HoldProjectParams{ProjectID: p.ID, Reason: "permits"})
		require.NoError(t, err)
		begun(t, db, svc, v, nil)
	}
	waiting, err := svc.Projects(ctx, db, renovations.ProjectFilter{Statuses: []renovations.ProjectStatus{renovations.ProjectStatusOnHold}}, page.Request{})
	require.NoError(t, err)
	require.Len(t, waiting.Items, 2)
	require.NotEqual(t, waiting.Items[0].PropertyID, waiting.Items[1].PropertyID)
	all, err := svc.Projects(ctx, db, renovations.ProjectFilter{Statuses: []renovations.ProjectStatus{renovations.ProjectStatusOnHold, renovations.ProjectStatusInProgress}}, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 4)
	_, err = svc.Projects(ctx, db, renovations.ProjectFilter{Statuses: []renovations.ProjectStatus{"gone"}, Type: "x"}, page.Request{})
	require.Len(t, fault.FieldErrors(err), 2)
	_, err = svc.ChangeOrders(ctx, db, renovations.ChangeOrderFilter{Status: "gone"}, page.Request{})
	require.Len(t, fault.FieldErrors(err), 1)
	none, err := svc.Projects(ctx, db, renovations.ProjectFilter{Type: renovations.ProjectMaintenance}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, none.Items)
}

// A change order needs another person, who may, and a budget that it fits.
func TestChangeOrder(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	refused := fault.New(fault.Forbidden, "test_refused", "no")
	var may error
	svc := renovations.NewService(renovations.Config{Now: today, May: func(_ context.Context, _ bun.IDB, _ id.Of[auth.User], _ auth.Action, _ auth.Object) error { return may }})
	v, units := property(t, db)
	p, _ := begun(t, db, svc, v, units)
	asks, agrees := realestatetest.User(t, db).ID, realestatetest.User(t, db).ID
	order := renovations.RequestChangeOrderParams{ID: id.New[renovations.BudgetChange](), ProjectID: p.ID, Number: "CO-1", Description: "tiles", Amount: usd("2500.50"), ActorID: asks}
	o, err := svc.RequestChangeOrder(ctx, db, order)
	require.NoError(t, err)
	again, err := svc.RequestChangeOrder(ctx, db, order)
	require.NoError(t, err)
	require.Equal(t, o.ID, again.ID)
	b, err := svc.ProjectBudget(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "20000.00 2500.50", fmt.Sprint(b.Revised, " ", b.PendingOrders))
	_, err = svc.ApproveChangeOrder(ctx, db, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: asks})
	require.ErrorIs(t, err, renovations.ErrSecondPerson)
	_, err = svc.ApproveChangeOrder(ctx, db, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: id.New[auth.User]()})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	may = refused
	_, err = svc.ApproveChangeOrder(ctx, db, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: agrees})
	require.ErrorIs(t, err, refused)
	may = nil
	for range 2 {
		o, err = svc.ApproveChangeOrder(ctx, db, renovations.ApproveChangeOrderParams{OrderID: o.ID, ActorID: agrees})
		require.NoError(t, err)
		require.Equal(t, renovations.OrderApproved, o.Status)
	}
	_, err = svc.RejectChangeOrder(ctx, db, renovations.RejectChangeOrderParams{OrderID: o.ID, ActorID: agrees, Reason: "x"})
	require.ErrorIs(t, err, renovations.ErrOrderDecided)
	big, err := svc.RequestChangeOrder(ctx, db, renovations.RequestChangeOrderParams{ProjectID: p.ID, Description: "drop", Amount: usd("-22500.51"), ActorID: asks})
	require.NoError(t, err)
	_, err = svc.ApproveChangeOrder(ctx, db, renovations.ApproveChangeOrderParams{OrderID: big.ID, ActorID: agrees})
	require.ErrorIs(t, err, renovations.ErrBudgetBelowZero)
	big, err = svc.RejectChangeOrder(ctx, db, renovations.RejectChangeOrderParams{OrderID: big.ID, ActorID: agrees, Reason: "too much"})
	require.NoError(t, err)
	require.Equal(t, renovations.OrderRejected, big.Status)
	b, err = svc.ProjectBudget(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "22500.50 0.00", fmt.Sprint(b.Revised, " ", b.PendingOrders))
	list, err := svc.ChangeOrders(ctx, db, renovations.ChangeOrderFilter{ProjectID: &p.ID, Status: renovations.OrderApproved}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	_, err = svc.RequestChangeOrder(ctx, db, renovations.RequestChangeOrderParams{})
	require.Len(t, fault.FieldErrors(err), 4)
}

// Two crews that finish units of one project at once do not lose each other's rent.
func TestCompleteUnitRenovation_together(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	v, units := property(t, db)
	p, works := begun(t, db, svc, v, units)
	var wg sync.WaitGroup
	errs := make([]error, len(works))
	for i := range works {
		wg.Go(func() {
			_, errs[i] = svc.CompleteUnitRenovation(ctx, db, renovations.CompleteUnitRenovationParams{UnitRenovationID: works[i].ID, Date: date.MustParse("2026-04-01"),
				Cost: usd("5000"), PostRenovationRent: ptr(usd("1100"))})
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	p, err := svc.Project(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "200.00", p.ActualRentIncrease.String())
	holds(t, db)
}

// today is the end of 2026.
func today() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
