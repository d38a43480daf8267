package outbox

import "github.com/freehold-go/freehold/internal/store"

// PersonalTables lists the tables of schema freehold that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "freehold.outbox", Erased: "payloads of events that were delivered", Omitted: "tells of what the other tables hold"},
		{Name: "freehold.approvals", Erased: "the note; the decision stays", Mine: "approver_id = $1"},
		{Name: "freehold.approval_requests", Kept: store.KeptID, Mine: "requested_by = $1"},
		{Name: "freehold.idempotency", Kept: "hashes of requests and ids of results", Omitted: store.NotTheirs},
		{Name: "freehold.outbox_heads", Kept: store.KeptID, Omitted: store.NotTheirs},
	}
}
