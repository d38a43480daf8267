package properties

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "properties.properties", Kept: "a manager's business address, which the property's owner keeps", Omitted: store.NotTheirs},
		{Name: "properties.properties_history", Kept: "a manager's business address, which the property's owner keeps", Omitted: store.NotTheirs},
	}
}
