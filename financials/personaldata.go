package financials

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people, with what an erasure
// and an export make of them: they name who did something, by id.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "financials.loan_entries", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.loan_rates", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.reserve_entries", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.worksheets", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "financials.covenant_tests", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
