package realestate

// personalTable says what becomes of a table that names people or what they told
// about themselves: how [Platform.Erase] treats it and what [Platform.Export] takes
// from it. A test compares the list with the catalog, so that a table that comes
// later joins in.
type personalTable struct {
	name string
	// erased says what freehold.erase_person does; kept why nothing is done. One of
	// them is set.
	erased, kept string
	// mine is the SQL condition, with $1 for the person, on the rows that are the
	// person's; omitted why none is exported. One of them is set.
	mine, omitted string
}

// The reasons why a table is kept as it is.
const (
	keptMoney    = "money and tax records, which the law asks to keep; they name the person by id"
	keptEvidence = "evidence of signatures and of what was shown to whom"
	keptID       = "names the person by id only"
)

const secretsOnly = "holds hashes of secrets and nothing that the person told"

// personalTables is every table with personal data.
var personalTables = []personalTable{
	{name: "auth.users", erased: "address, phone, password and factors; the row stays, deleted", mine: "id = $1"},
	{name: "auth.sessions", erased: "rows", mine: "user_id = $1"},
	{name: "auth.password_resets", erased: "rows", omitted: secretsOnly},
	{name: "auth.recovery_codes", erased: "rows", omitted: secretsOnly},
	{name: "auth.one_time_codes", erased: "rows", mine: "user_id = $1"},
	{name: "auth.challenges", erased: "rows", omitted: "ceremonies of minutes"},
	{name: "auth.trusted_devices", erased: "rows", mine: "user_id = $1"},
	{name: "auth.passkeys", erased: "rows", mine: "user_id = $1"},
	{name: "auth.api_keys", erased: "rows", mine: "user_id = $1"},
	{name: "auth.identities", erased: "rows", mine: "user_id = $1"},
	{name: "auth.role_grants", kept: keptID, mine: "user_id = $1"},
	{name: "auth.login_attempts", erased: "address, where from", mine: "user_id = $1"},
	{name: "auth.audit_entries", erased: "where from, detail", mine: "user_id = $1"},
	{name: "users.profiles", erased: "rows", mine: "user_id = $1"},
	{name: "users.verifications", erased: "data, documents, reason", mine: "user_id = $1"},
	{name: "users.verifications_history", erased: "data, documents, reason", mine: "user_id = $1"},
	{name: "users.connections", erased: "rows", mine: "$1 IN (requester_id, recipient_id)"},
	{name: "users.conversations", kept: keptID, mine: "participants @> ARRAY[$1::uuid]"},
	{name: "users.messages", erased: "text, attachments of those sent", mine: "$1 IN (sender_id, recipient_id)"},
	{name: "communications.email_sends", erased: "address, subject, message ids", mine: "recipient_id = $1"},
	{name: "communications.notifications", erased: "rows", mine: "user_id = $1"},
	{name: "communications.email_campaigns", kept: keptID, omitted: "the platform's own"},
	{name: "communications.email_templates", kept: keptID, omitted: "the platform's own"},
	{name: "analytics.user_events", erased: "who, where from, what page", mine: "user_id = $1"},
	{name: "analytics.user_events_archive", erased: "who, where from, what page", mine: "user_id = $1"},
	{name: "analytics.page_views", erased: "who, what page", mine: "user_id = $1"},
	{name: "analytics.investment_funnel", erased: "rows", mine: "user_id = $1"},
	{name: "events.events", kept: keptID, omitted: "the platform's own"},
	{name: "events.registrations", erased: "notes and requirements", mine: "user_id = $1"},
	{name: "events.event_interactions", erased: "content", mine: "user_id = $1"},
	{name: "documents.documents", kept: keptEvidence, mine: "owner_id = $1"},
	{name: "documents.documents_history", kept: keptEvidence, mine: "owner_id = $1"},
	{name: "documents.document_shares", kept: keptEvidence, mine: "$1 IN (shared_by, shared_with)"},
	{name: "documents.signatures", kept: keptEvidence, mine: "signer_id = $1"},
	{name: "documents.signature_events", kept: keptEvidence, mine: "actor_id = $1"},
	{name: "investments.investor_accounts", kept: keptMoney, mine: "$1 IN (investor_id, joint_investor_id)"},
	{name: "investments.payment_instructions", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.property_investments", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.property_investments_history", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.investor_portfolios", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.subscriptions", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.capital_call_lines", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.transfers", kept: keptMoney, mine: "to_investor_id = $1"},
	{name: "investments.investor_distributions", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.investor_distributions_history", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.transactions", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.statements", kept: keptMoney, mine: "investor_id = $1"},
	{name: "investments.opportunities", kept: keptID, omitted: "the platform's own"},
	{name: "investments.opportunities_history", kept: keptID, omitted: "the platform's own"},
	{name: "investments.offering_terms", kept: keptID, omitted: "the platform's own"},
	{name: "investments.capital_calls", kept: keptID, omitted: "the platform's own"},
	{name: "investments.distributions", kept: keptID, omitted: "the platform's own"},
	{name: "investments.distributions_history", kept: keptID, omitted: "the platform's own"},
	{name: "financials.periods", kept: keptID, omitted: "the platform's own"},
	{name: "properties.properties", kept: "a manager's business address, which the property's owner keeps", omitted: "the platform's own"},
	{name: "properties.properties_history", kept: "a manager's business address, which the property's owner keeps", omitted: "the platform's own"},
	{name: "freehold.outbox", erased: "payloads of events that were delivered", omitted: "tells of what the other tables hold"},
}

// neverExported is the columns that no export holds: what only proves or opens
// something, and what is sealed. Sealed values are opened where the person told
// them.
var neverExported = []string{
	"password_hash", "mfa_secret", "mfa_pending_secret", "last_totp_step", "token_hash", "refresh_token_hash", "rotation_salt", "code_hash",
	"key_hash", "credential", "date_of_birth", "verification_data", "tax_id", "tax_id_index", "details", "location",
}
