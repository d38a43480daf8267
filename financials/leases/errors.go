package leases

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"pk_leases":                                  ErrLeaseExists,
	"pk_tenants":                                 ErrTenantExists,
	"uk_lease_terms_lease_id_number":             store.ErrStale,
	"uk_lease_entries_return":                    ErrReturned,
	"uk_lease_entries_late_fee":                  ErrLateFeeExists,
	"chk_lease_terms_period":                     ErrTermDates,
	"chk_lease_terms_leaving":                    ErrTermDates,
	"chk_lease_terms_moving":                     ErrTermDates,
	"chk_lease_terms_life":                       ErrTermDates,
	"chk_lease_parties_period":                   ErrTermDates,
	"chk_lease_charges_period":                   ErrTermDates,
	"chk_lease_charges_termination":              ErrTermDates,
	"chk_lease_terms_known":                      ErrRecorded,
	"chk_lease_parties_known":                    ErrRecorded,
	"chk_lease_charges_known":                    ErrRecorded,
	"chk_lease_entries_charge":                   ErrEntryOf,
	"chk_lease_entries_of":                       ErrEntryOf,
	"chk_lease_write_offs_decision":              ErrWriteOffState,
	"uk_lease_applications_payment_id_charge_id": ErrApplied,
}

// Constraints names the constraints of leases whose violation means a condition of this
// package, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
