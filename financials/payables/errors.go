package payables

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"pk_vendors":                      ErrVendorExists,
	"pk_bills":                        ErrBillExists,
	"pk_maintenance_requests":         ErrMaintenanceExists,
	"uk_bills_vendor_id_reference":    ErrBillTwice,
	"uk_bill_payments_return":         ErrPaymentReturned,
	"fk_bills_request_id":             ErrBillRequest,
	"fk_maintenance_requests_unit_id": ErrMaintenanceUnit,
	"chk_bills_days":                  ErrBillDays,
	"chk_bills_decision":              ErrBillState,
	"chk_bills_voided":                ErrBillState,
	"chk_bill_payments_of":            ErrPaymentOf,
	"chk_maintenance_requests_state":  ErrMaintenanceState,
	"chk_maintenance_requests_days":   ErrMaintenanceDays,
	"chk_vendors_blind_index":         ErrTaxID,
}

// Constraints names the constraints of payables whose violation means a condition of this
// package, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
