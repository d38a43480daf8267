package renovations

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrProgressNotFound: there is no such report.
var ErrProgressNotFound = fault.New(fault.NotFound, "progress_update_not_found", "there is no such report")

// ChangeOrder is an agreed change to a project's scope and cost.
type ChangeOrder struct {
	Number      string       `json:"number,omitempty"`
	Description string       `json:"description"`
	Amount      money.Amount `json:"amount"` // negative when work is dropped
	ApprovedOn  *date.Date   `json:"approved_on,omitempty"`
}

// ProgressUpdate is a dated report on a project.
type ProgressUpdate struct {
	bun.BaseModel `bun:"table:renovations.progress_updates,alias:pu"`

	ID              id.Of[ProgressUpdate] `bun:"id,pk"`
	ProjectID       id.Of[Project]        `bun:"project_id"`
	Date            date.Date             `bun:"update_date"`
	Completion      *int                  `bun:"completion_percentage"` // whole percent, 0 to 100
	UnitsCompleted  *int                  `bun:"units_completed"`
	SpentToDate     *money.Amount         `bun:"spent_to_date"`
	Issues          *string               `bun:"issues_encountered"`
	ChangeOrders    []ChangeOrder         `bun:"change_orders,type:jsonb,nullzero"`
	PhotoURLs       []string              `bun:"photo_urls,array"`
	VideoURL        *string               `bun:"video_url"`
	ContractorNotes *string               `bun:"contractor_notes"`
	ManagerNotes    *string               `bun:"manager_notes"`
	CreatedAt       time.Time             `bun:"created_at"`
	UpdatedAt       time.Time             `bun:"updated_at"`
}

// updates is the repository of ProgressUpdate rows, the latest date first.
var updates = store.Repo[ProgressUpdate]{
	NotFound:    ErrProgressNotFound,
	Constraints: constraints,
	Sort: store.Sort[ProgressUpdate]{
		Columns: []store.Column{{Name: "update_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Desc:    true,
		Key:     func(u *ProgressUpdate) []string { return []string{u.Date.String(), u.ID.String()} },
	},
}

// ProgressUpdates lists the reports on a project, the latest date first, a page
// at a time.
func (s *Service) ProgressUpdates(ctx context.Context, db bun.IDB, project id.Of[Project], r page.Request) (page.Page[ProgressUpdate], error) {
	return updates.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("pu.project_id = ?", project) })
}
