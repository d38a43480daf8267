package renovations

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ProjectPlanned says that a project was put on record.
type ProjectPlanned struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Units         int                        `json:"units"`
	EstimatedCost *money.Amount              `json:"estimated_cost,omitempty"`
}

// EventType names the event.
func (ProjectPlanned) EventType() (string, int) { return "renovations.project_planned", 1 }

// PlanProjectParams is a project in planning.
type PlanProjectParams struct {
	ID         id.Of[Project] // zero makes a new one
	PropertyID id.Of[properties.Property]
	Name       string

	Type                  *ProjectType
	PlannedStart          *date.Date
	PlannedEnd            *date.Date
	EstimatedCost         *money.Amount
	Scope                 *string
	CommonAreas           []string
	ProjectedNOIIncrease  *money.Amount // a year's
	ProjectedRentIncrease *money.Amount // a month's

	// Units are the units to be renovated, in one statement however many.
	Units []PlanUnit
}

// PlanUnit is a unit's part in a planned project.
type PlanUnit struct {
	UnitID            id.Of[properties.Unit]
	Scope             []string
	BudgetedCost      *money.Amount
	PreRenovationRent *money.Amount // a month's
}

// PlanProject puts a project and its units on record. It locks the property,
// so that none of the units can move meanwhile.
//
// It returns [properties.ErrPropertyNotFound], [ErrProjectExists],
// [ErrUnitElsewhere], or all field errors at once. Run again with the same id
// and params, it returns the project as it is then.
func (s *Service) PlanProject(ctx context.Context, db bun.IDB, p PlanProjectParams) (*Project, error) {
	now := s.now()
	row := &Project{
		ID: p.ID.OrNew(), PropertyID: p.PropertyID, Name: p.Name, Type: p.Type, PlannedStart: p.PlannedStart,
		PlannedEnd: p.PlannedEnd, EstimatedCost: p.EstimatedCost, Scope: p.Scope, CommonAreas: p.CommonAreas,
		ProjectedNOIIncrease: p.ProjectedNOIIncrease, ProjectedRentIncrease: p.ProjectedRentIncrease,
		Status: ProjectStatusPlanning, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	rows := make([]UnitRenovation, len(p.Units))
	ids := make([]id.Of[properties.Unit], len(p.Units))
	for i, u := range p.Units {
		ids[i] = u.UnitID
		rows[i] = UnitRenovation{
			ID: id.New[UnitRenovation](), ProjectID: row.ID, UnitID: u.UnitID, Scope: u.Scope,
			BudgetedCost: u.BudgetedCost, PreRenovationRent: u.PreRenovationRent,
			Status: UnitPending, CreatedAt: now, UpdatedAt: now,
		}
	}
	if len(rows) > 0 {
		n := len(rows)
		row.UnitsAffected = &n
	}
	if err := validatePlan(row, rows); err != nil {
		return nil, err
	}
	c := store.Creation[Project]{Verb: "renovations.plan_project", Params: p, Chosen: p.ID, Kind: "project", Rows: projects, Taken: ErrProjectExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Project, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := sameProperty(ctx, tx, p.PropertyID, ids); err != nil {
			return nil, err
		}
		if err := projects.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		if err := unitRenovations.InsertAll(ctx, tx, rows); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProject, row.ID, ProjectPlanned{row.PropertyID, len(rows), row.EstimatedCost}))
	})
}

// sameProperty reports ErrUnitElsewhere unless all units are the property's.
func sameProperty(ctx context.Context, tx bun.IDB, property id.Of[properties.Property], ids []id.Of[properties.Unit]) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := store.Count(ctx, tx, tx.NewSelect().Model((*properties.Unit)(nil)).
		Where("u.property_id = ?", property).Where("u.id IN (?)", bun.List(ids)))
	if err == nil && n != len(ids) {
		return ErrUnitElsewhere
	}
	return store.Err(err, constraints)
}

// validatePlan returns every field error of a project and its units.
func validatePlan(p *Project, rows []UnitRenovation) error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	c.Required("name", p.Name, 255)
	check.Enum(&c, "type", p.Type)
	check.OptionalText(&c, "scope", p.Scope, check.Long)
	c.Texts("common_areas", p.CommonAreas)
	c.Day("planned_start", p.PlannedStart)
	c.Day("planned_end", p.PlannedEnd)
	c.Day("actual_start", p.ActualStart)
	c.Day("actual_end", p.ActualEnd)
	c.Amount("estimated_cost", p.EstimatedCost)
	c.Amount("approved_budget", p.ApprovedBudget)
	c.Amount("actual_cost", p.ActualCost)
	if p.PlannedStart != nil && p.PlannedEnd != nil && p.PlannedEnd.Before(*p.PlannedStart) {
		c.AddErr("", ErrPlannedDates)
	}
	if p.ActualStart != nil && p.ActualEnd != nil && p.ActualEnd.Before(*p.ActualStart) {
		c.AddErr("", ErrActualDates)
	}
	seen := map[id.Of[properties.Unit]]bool{}
	for i := range rows {
		u, at := &rows[i], fmt.Sprintf("units[%d].", i)
		c.Given(at+"unit_id", u.UnitID)
		c.Check(!seen[u.UnitID], at+"unit_id", check.Duplicate, "each unit once")
		seen[u.UnitID] = true
		c.Texts(at+"scope", u.Scope)
		c.Amount(at+"budgeted_cost", u.BudgetedCost)
		c.Amount(at+"pre_renovation_rent", u.PreRenovationRent)
	}
	return c.Err()
}
