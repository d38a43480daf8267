package renovations

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ProjectMeasured says by how much a project raised the net operating income.
type ProjectMeasured struct {
	NOIIncrease money.Amount `json:"noi_increase"`
}

// EventType names the event.
func (ProjectMeasured) EventType() (string, int) { return "renovations.project_measured", 1 }

// MeasureProjectParams is what a project brought.
type MeasureProjectParams struct {
	ProjectID   id.Of[Project]
	NOIIncrease money.Amount // a year's; below zero where it fell
}

// MeasureProject records by how much a project that has begun, or is completed, raised
// the net operating income, as statements before and after it tell; a later measure
// replaces it, and the same again changes nothing. It locks the property and the project. It
// returns [ErrProjectNotFound] or [ErrProjectStatus].
func (s *Service) MeasureProject(ctx context.Context, db bun.IDB, p MeasureProjectParams) (*Project, error) {
	return s.turn(ctx, db, p.ProjectID, func(_ bun.IDB, row *Project) (store.Payload, error) {
		switch {
		case row.ActualNOIIncrease != nil && *row.ActualNOIIncrease == p.NOIIncrease:
			return nil, nil
		case row.ActualStart == nil:
			return nil, ErrProjectStatus.With("%s", row.Status)
		}
		row.ActualNOIIncrease = &p.NOIIncrease
		return ProjectMeasured{p.NOIIncrease}, nil
	})
}

// ProjectBudget is the budget of a project against what it cost. Amounts that nobody has
// told are nil.
type ProjectBudget struct {
	Approved      *money.Amount `bun:"approved" json:"approved"`
	ChangeOrders  money.Amount  `bun:"change_orders" json:"change_orders"`   // those that were agreed to
	PendingOrders money.Amount  `bun:"pending_orders" json:"pending_orders"` // those that wait for a decision
	Revised       *money.Amount `bun:"revised" json:"revised"`               // approved, with its change orders
	Actual        *money.Amount `bun:"actual" json:"actual"`                 // spent to date, or in all
	Left          *money.Amount `bun:"unspent" json:"left"`                  // below zero is over the budget

	UnitsPending    int          `bun:"units_pending" json:"units_pending"`
	UnitsInProgress int          `bun:"units_in_progress" json:"units_in_progress"`
	UnitsCompleted  int          `bun:"units_completed" json:"units_completed"`
	UnitsCancelled  int          `bun:"units_cancelled" json:"units_cancelled"`
	UnitsBudgeted   money.Amount `bun:"units_budgeted" json:"units_budgeted"` // of completed units whose budget and cost are known
	UnitsActual     money.Amount `bun:"units_actual" json:"units_actual"`     // of the same
}

// budgetSQL reads a [ProjectBudget].
const budgetSQL = `SELECT p.approved_budget AS approved, o.agreed AS change_orders, o.pending AS pending_orders, p.approved_budget + o.agreed AS revised,
		p.actual_cost AS actual, p.approved_budget + o.agreed - p.actual_cost AS unspent, u.*
	FROM renovations.projects p
	CROSS JOIN LATERAL (SELECT COALESCE(sum(amount) FILTER (WHERE status = 'approved'), 0) AS agreed,
			COALESCE(sum(amount) FILTER (WHERE status = 'pending'), 0) AS pending
		FROM renovations.change_orders WHERE project_id = p.id) o
	CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE status = 'pending') AS units_pending, count(*) FILTER (WHERE status = 'in_progress') AS units_in_progress,
			count(*) FILTER (WHERE status = 'completed') AS units_completed, count(*) FILTER (WHERE status = 'cancelled') AS units_cancelled,
			COALESCE(sum(budgeted_cost) FILTER (WHERE status = 'completed' AND actual_cost IS NOT NULL), 0) AS units_budgeted,
			COALESCE(sum(actual_cost) FILTER (WHERE status = 'completed' AND budgeted_cost IS NOT NULL), 0) AS units_actual
		FROM renovations.unit_renovations WHERE project_id = p.id) u
	WHERE p.id = ?`

// ProjectBudget reads the budget of a project, with its change orders, against its cost.
// It returns [ErrProjectNotFound].
func (s *Service) ProjectBudget(ctx context.Context, db bun.IDB, project id.Of[Project]) (*ProjectBudget, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	var list []ProjectBudget
	if err := store.Read(ctx, db, db.NewRaw(budgetSQL, project), &list); err != nil {
		return nil, store.Err(err, constraints)
	}
	if len(list) == 0 {
		return nil, ErrProjectNotFound
	}
	return &list[0], nil
}
