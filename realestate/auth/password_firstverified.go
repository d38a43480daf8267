package auth

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// firstVerified verifies the address of a user by a reset, and ends what somebody who
// signed up with an address of others may have left there to come back by, each with its
// audit line. It returns the events of all of it.
func (s *Users) firstVerified(ctx context.Context, tx bun.IDB, u *User, c Client) ([]store.Emission, error) {
	by := byUser(u.ID, AuditEmailVerified).from(c)
	told, err := s.endKeys(ctx, tx, u.ID, "true", by)
	if err != nil {
		return nil, err
	}
	unlinked, err := s.endIdentities(ctx, tx, u.ID, by)
	if err != nil {
		return nil, err
	}
	removed, err := s.endFactors(ctx, tx, u, by)
	if err != nil {
		return nil, err
	}
	now := s.now()
	u.EmailVerified, u.EmailVerifiedAt, u.PhoneVerified, u.PhoneVerifiedAt = true, &now, false, nil
	if err := users.Update(ctx, tx, u, "email_verified", "email_verified_at", "phone_verified", "phone_verified_at"); err != nil {
		return nil, err
	}
	told = slices.Concat(told, unlinked, removed, []store.Emission{store.Event(aggregateUser, u.ID, UserContactChanged{u.EmailVerified, u.PhoneVerified})})
	return told, s.audit(ctx, tx, by)
}

// endKeys ends the API keys of a user that a condition names, with a line each like by.
func (s *Users) endKeys(ctx context.Context, tx bun.IDB, user id.Of[User], which string, by AuditEntry) (told []store.Emission, err error) {
	rows, err := store.Rows[APIKey](ctx, tx, "UPDATE auth.api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL AND "+which+" RETURNING id, hint", user.String())
	if err != nil {
		return nil, err
	}
	by.UserID, by.Action = user, AuditAPIKeyRevoked
	for i := range rows {
		by.Detail = &rows[i].Hint
		if err := s.audit(ctx, tx, by); err != nil {
			return nil, err
		}
		told = append(told, store.Event(aggregateUser, user, UserAPIKeyChanged{rows[i].ID, false}))
	}
	return told, nil
}

// endIdentities unlinks the identities of a user, with a line each like by.
func (s *Users) endIdentities(ctx context.Context, tx bun.IDB, user id.Of[User], by AuditEntry) (told []store.Emission, err error) {
	rows, err := store.Rows[Identity](ctx, tx, "DELETE FROM auth.identities WHERE user_id = $1 RETURNING id", user.String())
	if err != nil {
		return nil, err
	}
	by.Action = AuditIdentityUnlinked
	for i := range rows {
		if err := s.audit(ctx, tx, by); err != nil {
			return nil, err
		}
		told = append(told, store.Event(aggregateUser, user, UserIdentityChanged{rows[i].ID, false}))
	}
	return told, nil
}

// endFactors removes every second factor of a user, with a line each like by.
func (s *Users) endFactors(ctx context.Context, tx bun.IDB, u *User, by AuditEntry) (told []store.Emission, err error) {
	var had []Factor
	keys, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.passkeys WHERE user_id = $1", u.ID.String())
	if err != nil {
		return nil, err
	}
	if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.recovery_codes WHERE user_id = $1", u.ID.String()); err != nil {
		return nil, err
	}
	for f, has := range map[Factor]bool{FactorPasskey: keys > 0, FactorAuthenticator: u.MFASecret != nil, FactorSMS: u.MFASMS,
		FactorEmail: u.MFAType != nil && *u.MFAType == MFAEmail} {
		if has {
			had = append(had, f)
		}
	}
	slices.Sort(had)
	u.MFAEnabled, u.MFAType, u.MFASecret, u.MFAPendingSecret, u.MFAPendingAt, u.MFASMS, u.LastTOTPStep = false, nil, nil, nil, nil, false, nil
	if err := users.Update(ctx, tx, u, "mfa_enabled", "mfa_type", "mfa_secret", "mfa_pending_secret", "mfa_pending_at", "mfa_sms", "last_totp_step"); err != nil {
		return nil, err
	}
	by.Action = AuditFactorRemoved
	for i := range had {
		by.Detail = (*string)(&had[i])
		if err := s.audit(ctx, tx, by); err != nil {
			return nil, err
		}
		told = append(told, store.Event(aggregateUser, u.ID, UserFactorsChanged{had[i], false}))
	}
	return told, nil
}
