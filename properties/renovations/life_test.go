package renovations_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// A completed project leaves none of its units open, and nothing of it is of a
// day that has not come, or of one before it began.
func TestCompleteProject_units(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, err := svc.PlanProject(ctx, db, renovations.PlanProjectParams{PropertyID: v, Name: "Baths",
		Units: []renovations.PlanUnit{{UnitID: units[0]}, {UnitID: units[1]}}})
	require.NoError(t, err)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("1000"), ActorID: realestatetest.User(t, db).ID})
	require.NoError(t, err)

	_, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2027-01-02")})
	require.Equal(t, check.InFuture, fault.FieldErrors(err)[0].Code)
	_, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-01")})
	require.NoError(t, err)
	_, err = svc.ReportProgress(ctx, db, renovations.ReportProgressParams{ProjectID: p.ID, Date: date.MustParse("2026-02-28")})
	require.ErrorIs(t, err, renovations.ErrReportEarly)
	_, err = svc.ReportProgress(ctx, db, renovations.ReportProgressParams{ProjectID: p.ID, Date: date.MustParse("2031-02-28")})
	require.Equal(t, check.InFuture, fault.FieldErrors(err)[0].Code)
	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2062-01-01"), Cost: money.MustParse("900")})
	require.Equal(t, check.InFuture, fault.FieldErrors(err)[0].Code)

	_, err = db.NewUpdate().Model((*renovations.UnitRenovation)(nil)).Set("start_date = ?, end_date = ?, status = ?", "2026-03-05", "2026-04-01", renovations.UnitCompleted).
		Where("unit_id = ?", units[0]).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-06-01"), Cost: money.MustParse("900")})
	require.NoError(t, err)
	done, err := svc.UnitRenovations(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	ends := map[string]bool{}
	for _, u := range done.Items {
		require.Equal(t, renovations.UnitCompleted, u.Status)
		ends[u.End.String()] = true
	}
	require.Equal(t, map[string]bool{"2026-04-01": true, "2026-06-01": true}, ends)
}

// Work in a unit that began after the project is said to have ended refuses it.
func TestCompleteProject_unitLater(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	v, units := property(t, db)
	p, err := svc.PlanProject(ctx, db, renovations.PlanProjectParams{PropertyID: v, Name: "Baths", Units: []renovations.PlanUnit{{UnitID: units[0]}}})
	require.NoError(t, err)
	_, err = svc.ApproveProject(ctx, db, renovations.ApproveProjectParams{ProjectID: p.ID, Budget: money.MustParse("1000"), ActorID: realestatetest.User(t, db).ID})
	require.NoError(t, err)
	_, err = svc.StartProject(ctx, db, renovations.StartProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-03-01")})
	require.NoError(t, err)
	_, err = db.NewUpdate().Model((*renovations.UnitRenovation)(nil)).Set("start_date = ?", "2026-07-01").Where("unit_id = ?", units[0]).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.CompleteProject(ctx, db, renovations.CompleteProjectParams{ProjectID: p.ID, Date: date.MustParse("2026-06-01"), Cost: money.MustParse("900")})
	require.ErrorIs(t, err, renovations.ErrUnitDates)
	p, err = svc.Project(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, renovations.ProjectStatusInProgress, p.Status)
}
