package realestate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

// told registers somebody who has left a trace, marked, in every table that
// erasing reaches, and somebody beside them.
func told(t *testing.T, db bun.IDB, p *realestate.Platform, mark string) (who, other id.Of[auth.User]) {
	t.Helper()
	ctx := t.Context()
	u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: mark + "@example.com", Phone: text("+1 555 0100"), PasswordHash: auth.NewSecret(mark)})
	require.NoError(t, err)
	o, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: "other" + mark[6:] + "@example.com"})
	require.NoError(t, err)
	_, err = p.Profiles.SaveProfile(ctx, db, users.SaveProfileParams{UserID: u.ID, FirstName: &mark, Bio: &mark, DateOfBirth: date.MustParse("1971-02-03").Ptr()})
	require.NoError(t, err)
	v, err := p.Profiles.SubmitVerification(ctx, db, users.SubmitVerificationParams{UserID: u.ID, Type: users.VerificationKYC,
		Data: auth.NewSecret("passport").Ptr(), Documents: []users.EvidenceDocument{{Name: mark}}})
	require.NoError(t, err)
	_, err = p.Profiles.RejectVerification(ctx, db, users.RejectVerificationParams{ID: v.ID, ReviewerID: o.ID, Reason: mark})
	require.NoError(t, err)
	for _, q := range []string{
		"INSERT INTO auth.sessions (user_id, family_id, token_hash, user_agent, place, expires_at) VALUES (?0, ?0, repeat('a', 64), ?1, ?1, now())",
		"INSERT INTO auth.password_resets (user_id, token_hash, expires_at) VALUES (?0, repeat('f', 64), now())",
		"INSERT INTO auth.recovery_codes (user_id, code_hash) VALUES (?0, repeat('9', 64))",
		"INSERT INTO auth.login_attempts (user_id, email, kind, user_agent) VALUES (?0, ?1 || '@example.com', 'password', ?1)",
		"INSERT INTO auth.one_time_codes (user_id, purpose, code_hash, target, expires_at) VALUES (?0, 'verify_email', repeat('b', 64), ?1, now())",
		"INSERT INTO auth.trusted_devices (user_id, token_hash, name, expires_at) VALUES (?0, repeat('c', 64), ?1, now())",
		"INSERT INTO auth.passkeys (user_id, credential_id, credential, name) VALUES (?0, decode(repeat('ab', 16), 'hex'), '{}', ?1)",
		"INSERT INTO auth.api_keys (user_id, name, hint, key_hash, scopes, expires_at) VALUES (?0, ?1, 'x', repeat('d', 64), '{}', now())",
		"INSERT INTO auth.identities (user_id, issuer, subject) VALUES (?0, 'https://op.example', ?1)",
		"INSERT INTO auth.challenges (user_id, purpose, token_hash, data, expires_at) VALUES (?0, 'second_factor', repeat('e', 64), jsonb_build_object('a', ?1::text), now())",
		"INSERT INTO auth.login_attempts (email, user_agent, ip_address) VALUES (?1 || '@example.com', ?1, '203.0.113.7')",
		"INSERT INTO auth.audit_entries (user_id, action, detail, user_agent) VALUES (?0, 'signed_in', ?1, ?1)",
		"INSERT INTO users.connections (requester_id, recipient_id, message) VALUES (?2, ?0, ?1)",
		`WITH c AS (INSERT INTO users.conversations (participants) VALUES (ARRAY[?0, ?2]::uuid[]) RETURNING id)
			INSERT INTO users.messages (conversation_id, sender_id, recipient_id, content, attachments) SELECT id, ?0, ?2, ?1, jsonb_build_array(?1::text) FROM c`,
		"INSERT INTO communications.email_sends (recipient_id, to_email, from_email, subject, error_message) VALUES (?0, ?1 || '@example.com', 'us@example.com', ?1, ?1)",
		"INSERT INTO communications.notifications (user_id, title, message) VALUES (?0, ?1, ?1)",
		`INSERT INTO analytics.user_events (user_id, event_name, event_label, page_url, referrer_url, user_agent, city, properties)
			VALUES (?0, 'x', ?1, ?1, ?1, ?1, left(?1, 50), jsonb_build_object('a', ?1::text))`,
		"INSERT INTO analytics.user_events_archive (id, user_id, event_name, page_url, created_at) VALUES (gen_random_uuid(), ?0, 'x', ?1, now())",
		"INSERT INTO analytics.page_views (user_id, page_path, page_title) VALUES (?0, ?1, ?1)",
		`WITH e AS (INSERT INTO events.events (title, slug, start_datetime, end_datetime) VALUES ('e', 'e-' || ?0, now(), now() + interval '1 hour') RETURNING id),
			r AS (INSERT INTO events.registrations (event_id, user_id, notes, dietary_requirements, special_requirements) SELECT id, ?0, ?1, ?1, ?1 FROM e)
			INSERT INTO events.event_interactions (event_id, user_id, type, content) SELECT id, ?0, 'question', ?1 FROM e`,
		`WITH d AS (INSERT INTO documents.documents (owner_id, name, file_hash) VALUES (?2, 'Agreement', repeat('1', 64)) RETURNING id),
			e AS (INSERT INTO documents.envelopes (document_id, document_version, document_hash, requested_by, expires_at)
				SELECT id, 1, repeat('1', 64), ?2, now() + interval '1 hour' FROM d RETURNING id)
			INSERT INTO documents.signature_requests (envelope_id, position, signer_name, signer_email, token_hash)
				SELECT id, 1, ?1, upper(?1) || '@example.com', repeat('7', 64) FROM e`,
		`WITH d AS (INSERT INTO documents.documents (owner_id, name, folder, file_name, storage_url, description, tags, metadata)
				VALUES (?0, ?1, ?1 || '/mine', ?1 || '.pdf', 'https://files.example.test/' || ?1, ?1, ARRAY[?1], jsonb_build_object('a', ?1::text)) RETURNING id, owner_id)
			INSERT INTO documents.documents (owner_id, name, parent_document_id, version, is_latest_version) SELECT owner_id, ?1, id, 2, FALSE FROM d`,
		"UPDATE documents.documents SET description = ?1 || ' again' WHERE owner_id = ?0 AND version = 1",
		"INSERT INTO documents.uploads (uploader_id, object_key, file_name, file_type, file_size, file_hash, expires_at) VALUES (?0, ?0::text, ?1, 'text/plain', 1, repeat('8', 64), now())",
		`WITH r AS (INSERT INTO freehold.approval_requests (subject_kind, subject_id, action, subject_hash, requested_by)
				VALUES ('distribution', gen_random_uuid(), 'approve', decode(repeat('ab', 32), 'hex'), ?2) RETURNING id)
			INSERT INTO freehold.approvals (request_id, approver_id, decision, note) SELECT id, ?0, 'approved', ?1 FROM r`,
		`INSERT INTO freehold.outbox (aggregate_type, aggregate_id, position, type, payload, actor, delivered_at)
			VALUES ('user', ?0, 1000, 'host.greeted', jsonb_build_object('name', ?1::text), 'job', now())`,
	} {
		_, err := db.NewRaw(q, u.ID, mark, o.ID).Exec(ctx)
		require.NoError(t, err, q)
	}
	house, clerk, start := realestatetest.Property(t, db), realestatetest.User(t, db), date.Must(2025, 1, 1)
	var unit id.Of[properties.Unit]
	require.NoError(t, db.NewRaw("SELECT id FROM properties.units WHERE property_id = ? LIMIT 1", house.ID).Scan(ctx, &unit))
	vendor, err := p.Payables.AddVendor(ctx, db, payables.AddVendorParams{Kind: payables.VendorPerson, Name: mark, Email: &mark, Address: &mark, UserID: &u.ID, ActorID: clerk.ID})
	require.NoError(t, err)
	_, err = p.Payables.SetVendorTaxID(ctx, db, payables.SetVendorTaxIDParams{VendorID: vendor.ID, TaxID: auth.NewSecret("123456789"), ActorID: clerk.ID})
	require.NoError(t, err)
	tenant, err := p.Leases.AddTenant(ctx, db, leases.AddTenantParams{Name: mark, UserID: &u.ID})
	require.NoError(t, err)
	_, err = p.Leases.SignLease(ctx, db, leases.SignLeaseParams{ID: id.New[leases.Lease](), UnitID: unit, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: start,
		EndsOn: date.Must(2025, 3, 31).Ptr(), Rent: []leases.RentStep{{From: start, Amount: money.MustParse("1000")}}, ActorID: clerk.ID})
	require.NoError(t, err)
	_, err = db.NewRaw("INSERT INTO financials.rent_roll (property_id, unit_id, as_of_date, tenant_name) VALUES (?, ?, '2025-01-31', ?)", house.ID, unit, mark).Exec(ctx)
	require.NoError(t, err)
	return u.ID, o.ID
}

// anywhere lists the tables that hold a text.
func anywhere(t *testing.T, db bun.IDB, mark string) (in []string) {
	t.Helper()
	var tables []struct{ Tab string }
	require.NoError(t, db.NewRaw(`SELECT c.oid::regclass::text AS tab FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`).Scan(t.Context(), &tables))
	for _, x := range tables {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM ? t WHERE t::text LIKE ?", bun.Ident(x.Tab), "%"+mark+"%").Scan(t.Context(), &n))
		if n > 0 {
			in = append(in, x.Tab)
		}
	}
	return in
}

func canary() string { return "canary" + strings.ReplaceAll(id.New[auth.User]().String(), "-", "") }

// After an erasure nothing that the person told stands anywhere, history included;
// a dry run only counts; what belongs to others stays.
func TestErase(t *testing.T) {
	t.Parallel()
	ctx, db, p, mark := t.Context(), pgtest.Clone(t), platformWithVault(t), canary()
	admin := realestatetest.Staff(t, db, auth.RoleAdministrator).ID
	who, other := told(t, db, p, mark)
	require.Greater(t, len(anywhere(t, db, mark)), 18, "the traces are there")

	dry, err := p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: admin, DryRun: true})
	require.NoError(t, err)
	require.Greater(t, len(anywhere(t, db, mark)), 18, "a dry run changes nothing")
	done, err := p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: admin})
	require.NoError(t, err)
	require.Equal(t, dry.Tables, done.Tables, "and counts what will happen")
	for _, x := range done.Tables {
		if x.Kept == "" && x.Table != "analytics.investment_funnel" {
			require.Positive(t, x.Rows, x.Table)
		}
	}
	require.Empty(t, anywhere(t, db, mark))
	for _, gone := range []string{"sessions", "password_resets", "recovery_codes", "one_time_codes", "challenges", "trusted_devices", "passkeys", "api_keys", "identities"} {
		var n int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM ? WHERE user_id = ?", bun.Ident("auth."+gone), who).Scan(ctx, &n))
		require.Zero(t, n, gone)
	}
	u, err := p.Users.User(ctx, db, who)
	require.NoError(t, err)
	require.NotNil(t, u.ErasedAt)
	require.Equal(t, auth.StatusDeleted, u.Status)
	_, err = p.Users.User(ctx, db, other)
	require.NoError(t, err)
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := tx.NewRaw("UPDATE users.verifications_history SET op = 'D'").Exec(ctx)
		return store.Err(err, nil)
	})
	require.ErrorIs(t, err, store.ErrAppendOnly, "history is append-only again")
	const said = "SELECT (SELECT count(*) FROM freehold.outbox) + (SELECT count(*) FROM auth.audit_entries)"
	before := number(t, db, said)
	again, err := p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: admin})
	require.NoError(t, err, "again is fine")
	for _, x := range again.Tables {
		require.Zero(t, x.Rows, x.Table)
	}
	require.Equal(t, before, number(t, db, said), "and tells of nothing")
	_, err = p.Users.Register(ctx, db, auth.RegisterParams{Email: mark + "@example.com"})
	require.NoError(t, err, "the address is free")
}

func TestErase_refused(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Clone(t), platformWithVault(t)
	admin := realestatetest.User(t, db).ID
	_, err := p.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: admin, Role: auth.RoleAdministrator}) // the first and only one
	require.NoError(t, err)
	u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: canary() + "@example.com"})
	require.NoError(t, err)
	erase := func(who, by id.Of[auth.User]) error {
		_, err := p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: by})
		return err
	}
	require.ErrorIs(t, erase(admin, admin), auth.ErrOwnAccount)
	require.ErrorIs(t, erase(admin, u.ID), auth.ErrNotPermitted)
	require.ErrorIs(t, erase(id.New[auth.User](), admin), auth.ErrUserNotFound)
	// Whoever may delete the last administrator is none: they stay.
	deputy, last := realestatetest.User(t, db).ID, auth.ObjectOf(auth.KindUser, admin)
	_, err = p.Access.GrantRole(ctx, db, auth.GrantRoleParams{UserID: deputy, Role: auth.RoleAdministrator, Over: &last, GrantedBy: admin})
	require.NoError(t, err)
	require.ErrorIs(t, erase(admin, deputy), auth.ErrLastAdministrator)
	require.NoError(t, p.HoldErasure(ctx, db, realestate.HoldErasureParams{UserID: u.ID, ActorID: admin, Reason: "case 7"}))
	require.ErrorIs(t, erase(u.ID, admin), realestate.ErrErasureHeld)
	_, err = db.NewRaw("SELECT freehold.erase_person(?)", u.ID).Exec(ctx)
	require.Error(t, err, "nor by the function")
	require.NoError(t, p.ReleaseErasure(ctx, db, realestate.ReleaseErasureParams{UserID: u.ID, ActorID: admin}))
	held := realestatetest.Subscription(t, db, realestatetest.Offering(t, db).ID, u.ID, money.MustParse("50000.00"))
	require.ErrorIs(t, erase(u.ID, admin), realestate.ErrPersonInvested)
	require.NoError(t, hire(ctx, db))
	_, err = p.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: "c", SubscriptionID: held.ID, Reason: "none", ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, erase(u.ID, admin))
}

// What others have signed, were shown or must keep stays with its name; it is evidence.
func TestErase_keepsEvidence(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Clone(t), platformWithVault(t)
	admin, other := realestatetest.Staff(t, db, auth.RoleAdministrator).ID, realestatetest.User(t, db).ID
	who := realestatetest.User(t, db).ID
	paper := func(name string, with ...func(*documents.AddDocumentParams)) *documents.Document {
		return realestatetest.Document(t, db, who, append(with, func(p *documents.AddDocumentParams) { p.Name = name })...)
	}
	mine, shared, asked := paper("diary"), paper("shared"), paper("asked")
	paper("tax", func(p *documents.AddDocumentParams) { p.Type = ptr(documents.TypeTaxForm) })
	_, err := p.Documents.ShareDocument(ctx, db, documents.ShareDocumentParams{DocumentID: shared.ID, ActorID: who, SharedWith: other})
	require.NoError(t, err)
	_, err = p.Signatures.RequestSignatures(ctx, db, documents.RequestSignaturesParams{DocumentID: asked.ID, ActorID: who, ExpiresAt: time.Now().Add(time.Hour),
		Signers: []documents.Signer{{UserID: &other}}})
	require.NoError(t, err)
	for range 2 {
		_, err = p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: admin})
		require.NoError(t, err)
		var names []string
		require.NoError(t, db.NewRaw("SELECT name FROM documents.documents WHERE owner_id = ? ORDER BY name", who).Scan(ctx, &names))
		require.Equal(t, []string{"asked", "erased", "shared", "tax"}, names)
	}
	_, err = p.Documents.Document(ctx, db, documents.DocumentParams{ID: mine.ID, AsPlatform: true})
	require.ErrorIs(t, err, documents.ErrDocumentNotFound)
}

// A tenant of a running lease is neither deleted nor erased, nor one whose account is not
// settled when it has ended.
func TestErase_tenant(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	today := date.MustParse("2026-02-10")
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return today.Time(time.UTC) }})
	require.NoError(t, err)
	admin, clerk := realestatetest.Staff(t, db, auth.RoleAdministrator).ID, realestatetest.User(t, db).ID
	who := realestatetest.User(t, db).ID
	tenant, err := p.Leases.AddTenant(ctx, db, leases.AddTenantParams{Name: "Ines Roy", UserID: &who})
	require.NoError(t, err)
	home := realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) { p.Units = realestatetest.Units(1) })
	units, err := p.Properties.Units(ctx, db, home.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	first := date.MustParse("2026-01-01")
	l, err := p.Leases.SignLease(ctx, db, leases.SignLeaseParams{UnitID: units.Items[0].ID, Parties: []leases.PartyParams{{TenantID: tenant.ID}}, StartsOn: first,
		EndsOn: date.MustParse("2026-03-31").Ptr(), Rent: []leases.RentStep{{From: first, Amount: money.MustParse("900.00")}}, ActorID: clerk})
	require.NoError(t, err)
	erase := func() error {
		_, err := p.Erase(ctx, db, realestate.EraseParams{UserID: who, ActorID: admin})
		return err
	}
	require.ErrorIs(t, erase(), realestate.ErrPersonLeases)
	_, err = p.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: who, ActorID: who})
	require.ErrorIs(t, err, realestate.ErrPersonLeases)
	_, err = p.TenantAccounts.ReceiveDeposit(ctx, db, leases.ReceiveDepositParams{IdempotencyKey: "d", LeaseID: l.ID, Amount: money.MustParse("500.00"), Date: today, ActorID: clerk})
	require.NoError(t, err)
	open, err := p.Leases.Obligations(ctx, db, who)
	require.NoError(t, err)
	require.Equal(t, leases.Obligations{Leases: 1, Accounts: 1}, open)
	today = date.MustParse("2026-04-10")
	require.ErrorIs(t, erase(), realestate.ErrPersonLeases, "the deposit is theirs")
	_, err = p.Leases.MoveOut(ctx, db, leases.MoveOutParams{LeaseID: l.ID, Date: date.MustParse("2026-03-31"), ActorID: clerk})
	require.NoError(t, err)
	_, err = p.TenantAccounts.SettleDeposit(ctx, db, leases.SettleDepositParams{IdempotencyKey: "s", LeaseID: l.ID, Date: today, ActorID: clerk})
	require.NoError(t, err)
	require.NoError(t, erase())
}

// An export is JSON of everything about one person and nobody else, opens what was
// sealed, and holds no secret.
func TestExport(t *testing.T) {
	t.Parallel()
	ctx, db, p, mark := t.Context(), pgtest.Clone(t), platformWithVault(t), canary()
	who, other := told(t, db, p, mark)
	var out bytes.Buffer
	require.NoError(t, p.Export(ctx, db, &out, realestate.ExportParams{UserID: who}))
	var got struct {
		UserID string `json:"user_id"`
		Opened struct {
			DateOfBirth   string            `json:"date_of_birth"`
			Verifications map[string]string `json:"verifications"`
		} `json:"opened"`
		Tables map[string][]map[string]any `json:"tables"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Equal(t, who.String(), got.UserID)
	require.Equal(t, "1971-02-03", got.Opened.DateOfBirth)
	require.Len(t, got.Opened.Verifications, 1)
	require.Equal(t, mark+"@example.com", got.Tables["auth.users"][0]["email"])
	require.Len(t, got.Tables["users.messages"], 1)
	for _, mine := range []string{"sessions", "one_time_codes", "trusted_devices", "passkeys", "api_keys", "identities", "login_attempts"} {
		rows := got.Tables["auth."+mine]
		require.Len(t, rows, 1, mine)
		require.Equal(t, who.String(), rows[0]["user_id"], mine)
	}
	for _, theirs := range []string{"password_resets", "recovery_codes", "challenges"} {
		require.NotContains(t, got.Tables, "auth."+theirs, "nothing but secrets")
	}
	for _, secret := range []string{"password_hash", "token_hash", "code_hash", "key_hash", "fv1.", strings.Repeat("a", 64)} {
		require.NotContains(t, out.String(), secret)
	}
	out.Reset()
	require.NoError(t, p.Export(ctx, db, &out, realestate.ExportParams{UserID: other}))
	require.NotContains(t, out.String(), "1971-02-03")
	require.NotContains(t, out.String(), mark+"@example.com")
	require.ErrorIs(t, p.Export(ctx, db, &out, realestate.ExportParams{UserID: id.New[auth.User]()}), auth.ErrUserNotFound)
	require.ErrorIs(t, p.Export(ctx, db, broken{}, realestate.ExportParams{UserID: who}), errBroken)
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
