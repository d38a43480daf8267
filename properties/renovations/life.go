package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrReportEarly: a report is of a day before the project began.
var ErrReportEarly = fault.New(fault.Invalid, "report_before_start", "the project began later").On("date")

// happened reports the actual days of p that have not come.
func (p *Project) happened(days check.Days) error {
	var c check.Fields
	c.Happened("actual_start", p.ActualStart, days)
	c.Happened("actual_end", p.ActualEnd, days)
	return c.Err()
}

// completeUnits ends the work in the units of a project on the day on which the
// project ended, where it has not ended before.
func completeUnits(ctx context.Context, tx bun.IDB, p *Project) error {
	_, err := tx.NewUpdate().Model((*UnitRenovation)(nil)).
		Set("status = ?", UnitCompleted).Set("end_date = COALESCE(end_date, ?)", p.ActualEnd).
		Where("project_id = ?", p.ID).Where("status <> ?", UnitCompleted).Exec(ctx)
	return store.Err(err, constraints)
}
