package analytics

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "analytics.user_events", Erased: "who, where from, what page", Mine: "user_id = $1"},
		{Name: "analytics.user_events_archive", Erased: "who, where from, what page", Mine: "user_id = $1"},
		{Name: "analytics.page_views", Erased: "who, what page", Mine: "user_id = $1"},
		{Name: "analytics.investment_funnel", Erased: "rows", Mine: "user_id = $1"},
	}
}
