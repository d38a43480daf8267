package payables

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Obligations counts what is open between the platform and one user as a vendor, or between a
// property and its vendors.
type Obligations struct {
	Bills   int `json:"bills"`   // that wait for a decision, or are not paid whole
	Repairs int `json:"repairs"` // that are assigned to a vendor and not at their end
}

// Any reports whether there is anything at all.
func (o Obligations) Any() bool { return o != Obligations{} }

// Obligations reads what is open between the platform and one user as a vendor. It locks
// nothing.
func (s *Service) Obligations(ctx context.Context, db bun.IDB, vendor id.Of[auth.User]) (Obligations, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return Obligations{}, err
	}
	defer done()
	return obligations(ctx, db, "v.user_id = ?0", vendor)
}

// PropertyObligations reads what is open between a property and all of its vendors. It locks
// nothing.
func (s *Service) PropertyObligations(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) (Obligations, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return Obligations{}, err
	}
	defer done()
	return obligations(ctx, db, "property_id = ?0", property)
}

// obligations counts what is open of what a condition on ?0 names, of vendors v or of the
// column property_id.
func obligations(ctx context.Context, db bun.IDB, who string, argument any) (o Obligations, err error) {
	err = store.Read(ctx, db, db.NewRaw(`SELECT (SELECT count(*) FROM financials.bills b JOIN financials.vendors v ON v.id = b.vendor_id
			WHERE `+who+` AND (b.status = 'pending' OR b.status = 'approved' AND b.amount > `+paidSQL+`)),
		(SELECT count(*) FROM financials.maintenance_requests r JOIN financials.vendors v ON v.id = r.vendor_id
			WHERE `+who+` AND r.status IN ('assigned', 'in_progress'))`, argument), &o.Bills, &o.Repairs)
	return o, store.Err(err, constraints)
}
