package auth

import "github.com/freehold-go/freehold/internal/store"

// secretsOnly says why secrets are not exported.
const secretsOnly = "holds hashes of secrets and nothing that the person told"

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "auth.users", Erased: "address, phone, password and factors; the row stays, deleted", Mine: "id = $1"},
		{Name: "auth.sessions", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.password_resets", Erased: "rows", Omitted: secretsOnly},
		{Name: "auth.recovery_codes", Erased: "rows", Omitted: secretsOnly},
		{Name: "auth.one_time_codes", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.challenges", Erased: "rows", Omitted: "ceremonies of minutes"},
		{Name: "auth.trusted_devices", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.passkeys", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.api_keys", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.identities", Erased: "rows", Mine: "user_id = $1"},
		{Name: "auth.attempt_counters", Kept: "counts behind a hash, for some minutes or until a success", Omitted: secretsOnly},
		{Name: "auth.role_grants", Kept: store.KeptID, Mine: "user_id = $1"},
		{Name: "auth.login_attempts", Erased: "address, where from", Mine: "user_id = $1"},
		{Name: "auth.audit_entries", Erased: "where from, detail", Mine: "user_id = $1"},
	}
}
