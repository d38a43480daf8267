package renovations

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ProgressReported says that there is a report of a day on a project.
type ProgressReported struct {
	UpdateID    id.Of[ProgressUpdate] `json:"update_id"`
	UpdateDate  date.Date             `json:"update_date"`
	Completion  *int                  `json:"completion,omitempty"`
	SpentToDate *money.Amount         `json:"spent_to_date,omitempty"`
}

// EventType names the event.
func (ProgressReported) EventType() (string, int) { return "renovations.progress_reported", 1 }

// ReportProgressParams is a dated report on a project.
type ReportProgressParams struct {
	ID              id.Of[ProgressUpdate] // zero makes a new one
	ProjectID       id.Of[Project]
	Date            date.Date
	Completion      *int // whole percent, 0 to 100
	UnitsCompleted  *int
	SpentToDate     *money.Amount
	Issues          *string
	ChangeOrders    []ChangeOrder
	PhotoURLs       []string
	VideoURL        *string
	ContractorNotes *string
	ManagerNotes    *string
}

// ReportProgress records a report on a project in progress and carries its
// completion and cost over to the project, unless a report of a later day is
// there. It locks the project and returns [ErrProjectNotFound],
// [ErrProjectStatus], [ErrReportEarly] or all field errors at once. Run again with the same id and
// params, it returns the report.
func (s *Service) ReportProgress(ctx context.Context, db bun.IDB, p ReportProgressParams) (*ProgressUpdate, error) {
	now := s.now()
	row := &ProgressUpdate{
		ID: p.ID.OrNew(), ProjectID: p.ProjectID, Date: p.Date, Completion: p.Completion, UnitsCompleted: p.UnitsCompleted,
		SpentToDate: p.SpentToDate, Issues: p.Issues, ChangeOrders: p.ChangeOrders, PhotoURLs: p.PhotoURLs,
		VideoURL: p.VideoURL, ContractorNotes: p.ContractorNotes, ManagerNotes: p.ManagerNotes,
		CreatedAt: now, UpdatedAt: now,
	}
	if err := row.validate(check.NewDays(now, 0)); err != nil {
		return nil, err
	}
	c := store.Creation[ProgressUpdate]{Verb: "renovations.report_progress", Params: p, Chosen: p.ID, Kind: "progress_update", Rows: updates}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*ProgressUpdate, error) { return row, s.reportProgress(ctx, tx, row) })
}

func (s *Service) reportProgress(ctx context.Context, tx bun.IDB, row *ProgressUpdate) error {
	project, err := projects.Lock(ctx, tx, row.ProjectID)
	if err != nil {
		return err
	}
	if project.Status != ProjectStatusInProgress {
		return ErrProjectStatus.With("%s, not %s", project.Status, ProjectStatusInProgress)
	}
	if project.ActualStart != nil && row.Date.Before(*project.ActualStart) {
		return ErrReportEarly.With("%s", *project.ActualStart)
	}
	later, err := store.Exists(ctx, tx, tx.NewSelect().Model((*ProgressUpdate)(nil)).
		Where("pu.project_id = ?", row.ProjectID).Where("pu.update_date > ?", row.Date))
	if err != nil {
		return store.Err(err, constraints)
	}
	if err := updates.Insert(ctx, tx, row); err != nil {
		return err
	}
	if !later {
		if row.Completion != nil {
			project.Completion = *row.Completion
		}
		if row.SpentToDate != nil {
			project.ActualCost = row.SpentToDate
		}
		if err := save(ctx, tx, project, "completion_percentage", "actual_cost"); err != nil {
			return err
		}
	}
	return s.hooks.Emit(ctx, tx, row.CreatedAt, store.Event(aggregateProject, project.ID, ProgressReported{row.ID, row.Date, row.Completion, row.SpentToDate}))
}

// validate returns every field error of u.
func (u *ProgressUpdate) validate(days check.Days) error {
	var c check.Fields
	c.Given("project_id", u.ProjectID)
	c.Given("date", u.Date)
	c.Happened("date", &u.Date, days)
	c.Integer("completion", u.Completion, 0, 100)
	c.Count("units_completed", u.UnitsCompleted)
	c.Amount("spent_to_date", u.SpentToDate)
	c.Texts("photo_urls", u.PhotoURLs)
	check.OptionalText(&c, "issues", u.Issues, check.Long)
	check.OptionalText(&c, "video_url", u.VideoURL, 500)
	check.OptionalText(&c, "contractor_notes", u.ContractorNotes, check.Long)
	check.OptionalText(&c, "manager_notes", u.ManagerNotes, check.Long)
	for i, o := range u.ChangeOrders {
		at := fmt.Sprintf("change_orders[%d].", i)
		c.Text(at+"number", o.Number, check.Long)
		c.Required(at+"description", o.Description, check.Long)
		c.Day(at+"approved_on", o.ApprovedOn)
	}
	return c.Err()
}
