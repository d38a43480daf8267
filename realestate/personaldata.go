package realestate

import (
	"slices"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/outbox"
	"github.com/freehold-go/freehold/realestate/users"
)

// personalTables lists every table with personal data, as the domains state it: how
// [Platform.Erase] treats it and what [Platform.Export] takes from it.
func personalTables() []store.PersonalTable {
	return slices.Concat(auth.PersonalTables(), users.PersonalTables(), communications.PersonalTables(), analytics.PersonalTables(),
		events.PersonalTables(), documents.PersonalTables(), investments.PersonalTables(), ledger.PersonalTables(), leases.PersonalTables(), payables.PersonalTables(),
		properties.PersonalTables(), renovations.PersonalTables(),
		market.PersonalTables(), outbox.PersonalTables())
}

// neverExported is the columns that no export holds: what only proves or opens
// something, and what is sealed. Sealed values are opened where the person told
// them.
var neverExported = []string{
	"password_hash", "mfa_secret", "mfa_pending_secret", "last_totp_step", "token_hash", "refresh_token_hash", "rotation_salt", "code_hash",
	"key_hash", "credential", "date_of_birth", "verification_data", "tax_id", "tax_id_index", "details", "location",
}
