package renovations

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people, with what an erasure
// and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "renovations.change_orders", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
