package auth

import (
	"context"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// AuditAction says what happened to an identity. The list is open.
type AuditAction string

// The actions that this package writes.
const (
	AuditRegistered           AuditAction = "registered"
	AuditSignedIn             AuditAction = "signed_in"
	AuditSignedOut            AuditAction = "signed_out"
	AuditSteppedUp            AuditAction = "stepped_up"
	AuditSessionsRevoked      AuditAction = "sessions_revoked"
	AuditRefreshReplayed      AuditAction = "refresh_replayed"
	AuditPasswordChanged      AuditAction = "password_changed"
	AuditPasswordReset        AuditAction = "password_reset"
	AuditResetRequested       AuditAction = "password_reset_requested"
	AuditEmailVerified        AuditAction = "email_verified"
	AuditEmailChanged         AuditAction = "email_changed"
	AuditEmailChangeAsked     AuditAction = "email_change_asked"
	AuditEmailChangeCancelled AuditAction = "email_change_cancelled"
	AuditPhoneVerified        AuditAction = "phone_verified"
	AuditFactorAdded          AuditAction = "factor_added"
	AuditFactorRemoved        AuditAction = "factor_removed"
	AuditFactorsReset         AuditAction = "factors_reset" // all of them, by somebody who helps
	AuditRecoveryCodesMade    AuditAction = "recovery_codes_made"
	AuditRecoveryCodeUsed     AuditAction = "recovery_code_used"
	AuditDeviceRemembered     AuditAction = "device_remembered"
	AuditDeviceTrusted        AuditAction = "device_trusted"
	AuditDeviceRevoked        AuditAction = "device_revoked"
	AuditSuspended            AuditAction = "suspended"
	AuditReinstated           AuditAction = "reinstated"
	AuditDeleted              AuditAction = "deleted"
	AuditErased               AuditAction = "erased"
	AuditErasureHeld          AuditAction = "erasure_held"
	AuditErasureReleased      AuditAction = "erasure_released"
	AuditRoleGranted          AuditAction = "role_granted"
	AuditRoleRevoked          AuditAction = "role_revoked"
	AuditAPIKeyMade           AuditAction = "api_key_made"
	AuditAPIKeyRevoked        AuditAction = "api_key_revoked"
	AuditIdentityLinked       AuditAction = "identity_linked"
	AuditIdentityUnlinked     AuditAction = "identity_unlinked"
	AuditPasswordClosed       AuditAction = "password_closed" // to strangers, after too many wrong ones in a row
	AuditFactorClosed         AuditAction = "factor_closed"   // after too many wrong codes in a row
)

// Tells reports whether the user is to hear of it: a way in, or to act for them, has come,
// gone or changed, by themselves or by somebody in their place. The verbs that change one
// return a [Notice]. A host that would rather go through [Audit.Entries] since its last
// look finds the same there, and what a verb that is refused cannot return.
func (a AuditAction) Tells() bool {
	switch a {
	case AuditPasswordChanged, AuditPasswordReset, AuditEmailChangeAsked, AuditEmailChanged, AuditPhoneVerified, AuditFactorAdded, AuditFactorRemoved, AuditFactorsReset,
		AuditRecoveryCodesMade, AuditRecoveryCodeUsed, AuditDeviceTrusted, AuditAPIKeyMade, AuditAPIKeyRevoked, AuditIdentityLinked, AuditIdentityUnlinked, AuditRoleGranted, AuditRoleRevoked,
		AuditRefreshReplayed, AuditPasswordClosed, AuditFactorClosed:
		return true
	}
	return false
}

// AuditEntry is one line of the audit list: what happened to whose identity, from
// where, and by whom. Lines are never changed; erasing a person removes where they
// came from.
type AuditEntry struct {
	bun.BaseModel `bun:"table:auth.audit_entries,alias:ae" json:"-"`

	ID        id.Of[AuditEntry] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]       `bun:"user_id" json:"user_id"`
	ActorID   *id.Of[User]      `bun:"actor_id" json:"actor_id"` // the user, or who did it to them; nil when nobody is known
	SessionID *id.Of[Session]   `bun:"session_id" json:"session_id"`
	Action    AuditAction       `bun:"action" json:"action"`
	Detail    *string           `bun:"detail" json:"detail"` // a role, a kind of factor, a reason
	IPAddress *netip.Addr       `bun:"ip_address" json:"ip_address"`
	UserAgent *string           `bun:"user_agent" json:"user_agent"`
	CreatedAt time.Time         `bun:"created_at" json:"created_at"`
}

var auditEntries = store.Repo[AuditEntry]{
	Constraints: constraints,
	Sort:        store.NewestFirst(func(e *AuditEntry) (time.Time, string) { return e.CreatedAt, e.ID.String() }),
}

// byUser is a line about what a user did themself.
func byUser(u id.Of[User], action AuditAction) AuditEntry { return byActor(u, u, action) }

// byActor is a line about what somebody did to a user.
func byActor(u, actor id.Of[User], action AuditAction) AuditEntry {
	return AuditEntry{UserID: u, ActorID: &actor, Action: action}
}

// from adds where a client is.
func (e AuditEntry) from(c Client) AuditEntry {
	e.IPAddress, e.UserAgent = c.addr(), kept(c.UserAgent, 500)
	return e
}

// audit writes a line in the transaction of what it tells of. Its time is the
// service's clock, where it has none.
func (s *core) audit(ctx context.Context, tx bun.IDB, e AuditEntry) error {
	e.ID = id.New[AuditEntry]()
	if e.CreatedAt.IsZero() {
		e.CreatedAt = s.now()
	}
	_, err := auditEntries.InsertParams(ctx, tx, &e, "")
	return err
}

// AuditFilter narrows [Audit.Entries].
type AuditFilter struct {
	UserID  id.Of[User] // zero: about everybody
	ActorID id.Of[User] // zero: by anybody
	Action  AuditAction // "": everything
	Since   *time.Time
	Until   *time.Time // excluded
}

// Entries lists what happened to identities, the latest first.
func (s *Audit) Entries(ctx context.Context, db bun.IDB, filter AuditFilter, req page.Request) (page.Page[AuditEntry], error) {
	return auditEntries.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if !filter.UserID.IsZero() {
			q = q.Where("?TableAlias.user_id = ?", filter.UserID)
		}
		if !filter.ActorID.IsZero() {
			q = q.Where("?TableAlias.actor_id = ?", filter.ActorID)
		}
		if filter.Action != "" {
			q = q.Where("?TableAlias.action = ?", filter.Action)
		}
		if filter.Since != nil {
			q = q.Where("?TableAlias.created_at >= ?", check.Clamp(*filter.Since))
		}
		if filter.Until != nil {
			q = q.Where("?TableAlias.created_at < ?", check.Clamp(*filter.Until))
		}
		return q
	})
}
