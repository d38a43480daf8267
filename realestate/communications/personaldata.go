package communications

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "communications.email_sends", Erased: "address, subject, message ids", Mine: "recipient_id = $1"},
		{Name: "communications.notifications", Erased: "rows", Mine: "user_id = $1"},
		{Name: "communications.email_campaigns", Kept: store.KeptID, Omitted: store.NotTheirs},
		{Name: "communications.email_templates", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
