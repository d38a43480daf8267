package users

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "users.profiles", Erased: "rows", Mine: "user_id = $1"},
		{Name: "users.verifications", Erased: "data, documents, reason", Mine: "user_id = $1"},
		{Name: "users.verifications_history", Erased: "data, documents, reason", Mine: "user_id = $1"},
		{Name: "users.connections", Erased: "rows", Mine: "$1 IN (requester_id, recipient_id)"},
		{Name: "users.conversations", Kept: store.KeptID, Mine: "participants @> ARRAY[$1::uuid]"},
		{Name: "users.messages", Erased: "text, attachments of those sent", Mine: "$1 IN (sender_id, recipient_id)"},
	}
}
