package renovations

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// UnitRenovationUpdated says that figures of the work in a unit were added or put right.
type UnitRenovationUpdated struct {
	UnitRenovationID   id.Of[UnitRenovation] `json:"unit_renovation_id"`
	ActualCost         *money.Amount         `json:"actual_cost,omitempty"`
	PreRenovationRent  *money.Amount         `json:"pre_renovation_rent,omitempty"`
	PostRenovationRent *money.Amount         `json:"post_renovation_rent,omitempty"`
}

// EventType names the event.
func (UnitRenovationUpdated) EventType() (string, int) {
	return "renovations.unit_renovation_updated", 1
}

// UpdateUnitRenovationParams changes the figures of the work in a unit that are not nil.
type UpdateUnitRenovationParams struct {
	UnitRenovationID   id.Of[UnitRenovation]
	Scope              []string
	BudgetedCost       *money.Amount
	ActualCost         *money.Amount // of work that is done
	PreRenovationRent  *money.Amount // a month's
	PostRenovationRent *money.Amount // a month's, of work that is done
	DaysVacant         *int          // of work that is done
}

// UpdateUnitRenovation adds or puts right figures of the work in a unit, such as the rent
// of the tenants who moved in afterwards; the project's increase of rent follows. An update
// that changes nothing writes nothing. It locks the property, the project and the work. It
// returns [ErrUnitRenovationStatus] where a figure of work that is done comes before its
// end, [ErrUnitRenovationNotFound] or the field errors.
func (s *Service) UpdateUnitRenovation(ctx context.Context, db bun.IDB, p UpdateUnitRenovationParams) (*UnitRenovation, error) {
	var f check.Fields
	f.Texts("scope", p.Scope)
	f.Amount("budgeted_cost", p.BudgetedCost)
	f.Amount("actual_cost", p.ActualCost)
	f.Amount("pre_renovation_rent", p.PreRenovationRent)
	f.Amount("post_renovation_rent", p.PostRenovationRent)
	f.Count("days_vacant", p.DaysVacant)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.work(ctx, db, p.UnitRenovationID, func(_ bun.IDB, _ *Project, u *UnitRenovation) (store.Payload, error) {
		if u.Status != UnitCompleted && (p.ActualCost != nil || p.PostRenovationRent != nil || p.DaysVacant != nil) {
			return nil, ErrUnitRenovationStatus.With("%s, not %s", u.Status, UnitCompleted)
		}
		was := *u
		if p.Scope != nil {
			u.Scope = p.Scope
		}
		put(&u.BudgetedCost, p.BudgetedCost)
		put(&u.ActualCost, p.ActualCost)
		put(&u.PreRenovationRent, p.PreRenovationRent)
		put(&u.PostRenovationRent, p.PostRenovationRent)
		put(&u.DaysVacant, p.DaysVacant)
		if reflect.DeepEqual(*u, was) {
			return nil, nil
		}
		return UnitRenovationUpdated{u.ID, p.ActualCost, p.PreRenovationRent, p.PostRenovationRent}, nil
	})
}

// put replaces a value by one that is given.
func put[T any](field **T, given *T) {
	if given != nil {
		*field = given
	}
}
