package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
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

// endUnits ends the work in the units of a locked project that has not ended: completed
// or cancelled, on a day. The units follow.
func (s *Service) endUnits(ctx context.Context, tx bun.IDB, p *Project, to UnitRenovationStatus, on date.Date) error {
	rows, err := unitRenovations.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ur.project_id = ?", p.ID).Where("ur.status IN (?)", bun.List([]UnitRenovationStatus{UnitPending, UnitInProgress})).
			OrderExpr("ur.id").For("NO KEY UPDATE")
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	q := tx.NewUpdate().Model((*UnitRenovation)(nil)).Set("status = ?", to).
		Where("project_id = ?", p.ID).Where("status IN (?)", bun.List([]UnitRenovationStatus{UnitPending, UnitInProgress}))
	if to == UnitCompleted {
		q = q.Set("end_date = COALESCE(end_date, ?)", on)
	} else {
		q = q.Set("end_date = CASE WHEN status = ? THEN ?::date END", UnitInProgress, on)
	}
	q = q.Set("days_vacant = COALESCE(days_vacant, CASE WHEN status = ? THEN COALESCE(end_date, ?::date) - start_date END)", UnitInProgress, on)
	if _, err := store.Write(ctx, tx, q); err != nil {
		return store.Err(err, constraints)
	}
	ends := make([]properties.RenovationEnd, 0, len(rows))
	for i := range rows {
		switch {
		case to == UnitCompleted:
			day := on
			if rows[i].End != nil {
				day = *rows[i].End
			}
			ends = append(ends, properties.RenovationEnd{UnitID: rows[i].UnitID, Date: &day})
		case rows[i].Status == UnitInProgress:
			ends = append(ends, properties.RenovationEnd{UnitID: rows[i].UnitID})
		}
	}
	if err := s.endRenovations(ctx, tx, p, ends); err != nil {
		return err
	}
	return p.sumRents(ctx, tx)
}

// endRenovations lets the units of a project follow the end of the work in them. A unit
// may be in a project more than once; its last work counts.
func (s *Service) endRenovations(ctx context.Context, tx bun.IDB, p *Project, ends []properties.RenovationEnd) error {
	at := map[id.Of[properties.Unit]]int{}
	list := ends[:0]
	for _, e := range ends {
		if i, ok := at[e.UnitID]; ok {
			list[i] = e
			continue
		}
		at[e.UnitID] = len(list)
		list = append(list, e)
	}
	if len(list) == 0 {
		return nil
	}
	return s.properties.EndRenovations(ctx, tx, properties.EndRenovationsParams{PropertyID: p.PropertyID, Units: list})
}

// sumRents brings the actual increase of rent of a locked project in line with its units.
// The caller saves it.
func (p *Project) sumRents(ctx context.Context, tx bun.IDB) error {
	return store.Scan(ctx, tx, []any{&p.ActualRentIncrease}, rentIncreaseSQL, p.ID.String())
}

// rentIncreaseSQL is by how much the completed units of a project pay more a month.
const rentIncreaseSQL = `SELECT sum(u.post_renovation_rent - u.pre_renovation_rent) FROM renovations.unit_renovations u
	WHERE u.project_id = $1 AND u.status = 'completed'`
