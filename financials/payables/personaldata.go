package payables

import "github.com/freehold-go/freehold/internal/store"

// keptMoney says why bills and payments are kept.
const keptMoney = "bills and payments, which the law asks to keep; they name the person by id"

// theirVendors selects the vendors of a user.
const theirVendors = "(SELECT id FROM financials.vendors WHERE user_id = $1)"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "financials.vendors", Erased: "name, email, phone, address and tax id are taken out", Mine: "user_id = $1"},
		{Name: "financials.bills", Kept: keptMoney, Mine: "vendor_id IN " + theirVendors},
		{Name: "financials.bill_payments", Kept: keptMoney, Mine: "bill_id IN (SELECT b.id FROM financials.bills b WHERE b.vendor_id IN " + theirVendors + ")"},
		{Name: "financials.maintenance_requests", Kept: store.KeptID, Mine: "reported_by = $1 OR vendor_id IN " + theirVendors},
	}
}
