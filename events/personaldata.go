package events

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "events.events", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "events.registrations", Erased: "notes and requirements", Mine: "user_id = $1"},
		{Name: "events.event_interactions", Erased: "content", Mine: "user_id = $1"},
	}
}
