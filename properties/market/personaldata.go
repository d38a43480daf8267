package market

import "github.com/freehold-go/freehold/internal/store"

// keptAppraiser says why who appraised a property is kept.
const keptAppraiser = "an appraiser signs a valuation in their profession, and it means nothing without them; they have no account"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "market.property_valuations", Kept: keptAppraiser, Omitted: store.NotTheirs},
		{Name: "market.property_valuations_history", Kept: keptAppraiser, Omitted: store.NotTheirs},
	}
}
