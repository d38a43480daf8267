package leases

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Obligations counts what is open between the platform and one user as a tenant or
// guarantor.
type Obligations struct {
	Leases   int `json:"leases"`   // which run or are to begin
	Accounts int `json:"accounts"` // of leases on which something is owed, paid ahead or held as a deposit
}

// Any reports whether there is anything at all.
func (o Obligations) Any() bool { return o != Obligations{} }

// theirLeases selects the leases of a user, who is the query's argument ?0.
const theirLeases = `SELECT p.lease_id FROM financials.lease_parties p JOIN financials.tenants t ON t.id = p.tenant_id WHERE t.user_id = ?0 AND p.superseded_at IS NULL`

// Obligations reads what is open today between the platform and one user as a tenant or
// guarantor. It locks nothing.
func (s *Leases) Obligations(ctx context.Context, db bun.IDB, tenant id.Of[auth.User]) (Obligations, error) {
	return s.obligations(ctx, db, theirLeases, tenant)
}

// PropertyObligations reads what is open today between the platform and all tenants of a
// property: leases that run or are to come, and accounts that are not even. It locks nothing.
func (s *Leases) PropertyObligations(ctx context.Context, db bun.IDB, property id.Of[properties.Property]) (Obligations, error) {
	return s.obligations(ctx, db, "SELECT l.id FROM financials.leases l WHERE l.property_id = ?0", property)
}

// obligations reads what is open of the leases that a query selects by ?0.
func (s *Leases) obligations(ctx context.Context, db bun.IDB, selected string, of any) (Obligations, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return Obligations{}, err
	}
	defer done()
	var o Obligations
	today := s.days().Today
	err = store.Read(ctx, db, db.NewRaw(`SELECT count(DISTINCT t.lease_id) FROM financials.lease_terms t WHERE t.lease_id IN (`+selected+`)
		AND t.superseded_at IS NULL AND (t.last_day IS NULL OR t.last_day >= ?1)`, of, today), &o.Leases)
	if err != nil {
		return Obligations{}, store.Err(err, constraints)
	}
	accounts, err := scan[Balance](ctx, db, owedSQL("e.lease_id IN ("+selected+")")+balanceSQL, of, today, (*time.Time)(nil))
	if err != nil {
		return Obligations{}, err
	}
	for _, b := range accounts {
		if !b.Owed.IsZero() || !b.Prepaid.IsZero() || !b.DepositHeld.IsZero() {
			o.Accounts++
		}
	}
	return o, nil
}
