package renovations_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

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

func ptr[T any](v T) *T { return &v }

// service is as of the end of 2026.
func service() *renovations.Service {
	return renovations.NewService(renovations.Config{Now: today})
}

func day(s string) *date.Date { return ptr(date.MustParse(s)) }

// property registers a property with two units and returns their ids.
func property(t *testing.T, db bun.IDB) (id.Of[properties.Property], []id.Of[properties.Unit]) {
	t.Helper()
	units := []id.Of[properties.Unit]{id.New[properties.Unit](), id.New[properties.Unit]()}
	p := realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) {
		p.Units = []properties.UnitParams{{ID: units[0], Number: "1"}, {ID: units[1], Number: "2"}}
	})
	return p.ID, units
}

// A project goes from plan to completion, and nothing happens out of order.
func TestProjectLife(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, err := svc.PlanProject(ctx, db, renovations.PlanProjectParams{
		PropertyID: v, Name: "Kitchens", Type: ptr(renovations.ProjectValueAdd), PlannedStart: day("2026-02-01"), PlannedEnd: day("2026-06-30"),
		EstimatedCost: ptr(money.MustParse("240000")), CommonAreas: []string{"lobby"}, ProjectedNOIIncrease: ptr(money.MustParse("-5")),
		Units: []renovations.PlanUnit{{UnitID: units[0], Scope: []string{"kitchen"}, BudgetedCost: ptr(money.MustParse("12000"))}, {UnitID: units[1]}},
	})
	require.NoError(t, err)
	require.Equal(t, 2, *p.UnitsAffected)

	_, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-02-03")})
	require.ErrorIs(t, err, renovations.ErrProjectStatus)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("-1"), ActorID: realestatetest.User(t, db).ID})
	require.Len(t, fault.FieldErrors(err), 1)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("250000")})
	require.Equal(t, "actor_id", fault.FieldErrors(err)[0].Field)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("250000"), ActorID: id.New[auth.User]()})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("250000"), ActorID: realestatetest.User(t, db).ID})
	require.NoError(t, err)
	_, err = svc.ReportProgress(ctx, db, renovations.ReportProgressParams{ProjectID: p.ID, Date: date.MustParse("2026-02-04")})
	require.ErrorIs(t, err, renovations.ErrProjectStatus)
	_, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-02-03")})
	require.NoError(t, err)

	orders := []renovations.ChangeOrder{{Number: "1", Description: "Quartz", Amount: money.MustParse("-1200.50"), ApprovedOn: day("2026-03-02")}}
	for _, r := range []renovations.ReportProgressParams{
		{Date: date.MustParse("2026-04-30"), Completion: ptr(60), SpentToDate: ptr(money.MustParse("150000"))},
		{Date: date.MustParse("2026-03-31"), Completion: ptr(30), SpentToDate: ptr(money.MustParse("70000")), ChangeOrders: orders, PhotoURLs: []string{"a", "b"}},
	} {
		r.ProjectID = p.ID
		_, err = svc.ReportProgress(ctx, db, r)
		require.NoError(t, err)
	}
	got, err := svc.Project(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, 60, got.Completion, "a report that comes late does not turn the project back")
	require.Equal(t, "150000.00", got.ActualCost.String())
	reports, err := svc.ProgressUpdates(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, reports.Items, 2)
	require.Equal(t, "2026-04-30", reports.Items[0].Date.String())
	require.Equal(t, orders, reports.Items[1].ChangeOrders)

	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-02-02"), Cost: money.MustParse("1")})
	require.ErrorIs(t, err, renovations.ErrActualDates)
	got, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-07-10"), Cost: money.MustParse("251000")})
	require.NoError(t, err)
	require.Equal(t, 100, got.Completion)
	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-07-11"), Cost: money.MustParse("1")})
	require.ErrorIs(t, err, fault.Illegal)

	list, err := svc.Projects(ctx, db, renovations.ProjectFilter{PropertyID: &v}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, got.UpdatedAt.UTC(), list.Items[0].UpdatedAt.UTC())
	require.Equal(t, got.Version, list.Items[0].Version)
	works, err := svc.UnitRenovations(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, works.Items, 2)
	var versions int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM renovations.projects_history WHERE id = ?", p.ID).Scan(ctx, &versions))
	require.Equal(t, 4, versions, "approved, started, one report, completed")
}

func TestPlanProject_refuses(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	_, others := property(t, db)
	plan := func(p renovations.PlanProjectParams) error {
		p.PropertyID = v
		_, err := svc.PlanProject(ctx, db, p)
		return err
	}
	require.ErrorIs(t, plan(renovations.PlanProjectParams{Name: "x", Units: []renovations.PlanUnit{{UnitID: others[0]}}}), renovations.ErrUnitElsewhere)
	err := plan(renovations.PlanProjectParams{Type: ptr(renovations.ProjectType("x")), PlannedStart: day("2026-02-01"), PlannedEnd: day("2026-01-01"),
		Units: []renovations.PlanUnit{{UnitID: units[0]}, {UnitID: units[0]}}})
	require.Len(t, fault.FieldErrors(err), 4)
	require.ErrorIs(t, err, renovations.ErrPlannedDates)
	_, err = svc.PlanProject(ctx, db, renovations.PlanProjectParams{PropertyID: id.New[properties.Property](), Name: "x"})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	same := renovations.PlanProjectParams{ID: id.New[renovations.Project](), Name: "x"}
	require.NoError(t, plan(same))
	require.NoError(t, plan(same), "run again, it finds its own")
	same.Name = "y"
	require.ErrorIs(t, plan(same), renovations.ErrProjectExists)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: id.New[renovations.Project](), Budget: money.Zero, ActorID: realestatetest.User(t, db).ID})
	require.ErrorIs(t, err, renovations.ErrProjectNotFound)
	_, err = svc.ReportProgress(ctx, db, renovations.ReportProgressParams{Completion: ptr(101), ChangeOrders: []renovations.ChangeOrder{{}}})
	require.Len(t, fault.FieldErrors(err), 4)
}

// The database refuses what went past the library.
func TestUnitRenovation_dates(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, err := svc.PlanProject(ctx, db, renovations.PlanProjectParams{PropertyID: v, Name: "x", Units: []renovations.PlanUnit{{UnitID: units[0]}}})
	require.NoError(t, err)
	_, err = db.NewUpdate().Model((*renovations.UnitRenovation)(nil)).Set("start_date = '2026-02-02', end_date = '2026-02-01'").
		Where("project_id = ?", p.ID).Exec(ctx)
	require.ErrorContains(t, err, "chk_unit_renovations_dates")
}
