package leases

import "github.com/freehold-go/freehold/internal/store"

// keptMoney says why leases and money are kept.
const keptMoney = "leases and money, which the law asks to keep; they name the person by id"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "financials.tenants", Erased: "name, email and phone are taken out", Mine: "user_id = $1"},
		{Name: "financials.rent_roll", Erased: "the tenant's name is taken out", Omitted: "a copy of the tenant's lease"},
		{Name: "financials.leases", Kept: keptMoney, Mine: "id IN (SELECT p.lease_id FROM financials.lease_parties p JOIN financials.tenants t ON t.id = p.tenant_id WHERE t.user_id = $1)"},
		{Name: "financials.lease_parties", Kept: keptMoney, Mine: "tenant_id IN (SELECT id FROM financials.tenants WHERE user_id = $1)"},
		{Name: "financials.lease_entries", Kept: keptMoney,
			Mine: "lease_id IN (SELECT p.lease_id FROM financials.lease_parties p JOIN financials.tenants t ON t.id = p.tenant_id WHERE t.user_id = $1)"},
		{Name: "financials.lease_applications", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.lease_terms", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.lease_charges", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.lease_write_offs", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
