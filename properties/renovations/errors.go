package renovations

import (
	"maps"

	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrProjectNotFound: there is no such project.
	ErrProjectNotFound = fault.New(fault.NotFound, "project_not_found", "there is no such project")
	// ErrProjectExists: a project with this id was planned before.
	ErrProjectExists = fault.New(fault.Conflict, "project_exists", "a project with this id exists")
	// ErrProjectStatus: the project is not in the state that the verb needs.
	ErrProjectStatus = fault.New(fault.Illegal, "project_status", "the project's status does not allow this")
	// ErrUnitElsewhere: the unit belongs to another property than the project.
	ErrUnitElsewhere = fault.New(fault.Invalid, "unit_elsewhere", "the unit is not part of the project's property").On("unit_id")
	// ErrPlannedDates: a project is planned to end before it starts.
	ErrPlannedDates = fault.New(fault.Invalid, "planned_dates_reversed", "the project is planned to end before it starts").On("planned_end_date")
	// ErrActualDates: a project ended before it started.
	ErrActualDates = fault.New(fault.Invalid, "actual_dates_reversed", "the project ended before it started").On("actual_end_date")
	// ErrUnitDates: the work in a unit ended before it started.
	ErrUnitDates = fault.New(fault.Invalid, "renovation_dates_reversed", "the work ended before it started").On("end_date")
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_projects":                ErrProjectExists,
	"chk_projects_planned_dates": ErrPlannedDates,
	"chk_projects_actual_dates":  ErrActualDates,
	"chk_unit_renovations_dates": ErrUnitDates,
}

// projects is the repository of Project rows, newest first.
var projects = store.Repo[Project]{
	NotFound:    ErrProjectNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Project) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// unitRenovations is the repository of UnitRenovation rows, newest first.
var unitRenovations = store.Repo[UnitRenovation]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(u *UnitRenovation) (time.Time, string) { return u.CreatedAt, u.ID.String() }),
}

// updates is the repository of ProgressUpdate rows, the latest date first.
var updates = store.Repo[ProgressUpdate]{
	Constraints: constraints,
	Sort: store.Sort[ProgressUpdate]{
		Columns: []store.Column{{Name: "update_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Desc:    true,
		Key:     func(u *ProgressUpdate) []string { return []string{u.Date.String(), u.ID.String()} },
	},
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
