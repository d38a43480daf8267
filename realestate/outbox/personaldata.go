package outbox

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "freehold.outbox", Erased: "payloads of events that were delivered", Omitted: "tells of what the other tables hold"},
	}
}
