package auth

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of addresses and phones.
var (
	// ErrEmailTaken: another user has this address, in whatever spelling.
	ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "another user has this address").On("email")
	// ErrPhone: the text is no phone number.
	ErrPhone = fault.New(fault.Invalid, "phone_malformed", "a phone number of 3 to 15 digits").On("phone")
)

// UserContactChanged says that a user's address or phone was verified or changed;
// never to what.
type UserContactChanged struct {
	EmailVerified bool `json:"email_verified"`
	PhoneVerified bool `json:"phone_verified"`
}

// EventType names the event.
func (UserContactChanged) EventType() (string, int) { return "auth.user_contact_changed", 1 }

// StartEmailVerification makes a link that proves a user's address, at sign-up or
// later. It lives a day and replaces the one before. What is sent is counted. It locks
// the user. It returns [ErrUserNotFound], [ErrUserDeleted] or [ErrTooManyAttempts]; an
// address that is verified already has nothing to send.
func (s *Users) StartEmailVerification(ctx context.Context, db bun.IDB, user id.Of[User]) (*Delivery, error) {
	out := &Delivery{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out = &Delivery{}
		u, err := lockUser(ctx, tx, user)
		switch {
		case err != nil:
			return err
		case u.Deleted():
			return ErrUserDeleted
		case u.EmailVerified:
			return nil
		}
		if err = s.mails(ctx, tx, user); err != nil {
			return err
		}
		out, err = s.sendLink(ctx, tx, user, CodeVerifyEmail, u.Email)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// VerifyEmailParams shows a link that went to an address.
type VerifyEmailParams struct {
	Token  Secret
	Client Client
}

// VerifyEmail proves an address by the token of [Users.StartEmailVerification],
// which works once and for the address that it was sent to. It returns [ErrCode].
func (s *Users) VerifyEmail(ctx context.Context, db bun.IDB, p VerifyEmailParams) (*User, error) {
	return s.linked(ctx, db, CodeVerifyEmail, p.Token, func(tx bun.IDB, u *User, code *OneTimeCode) error {
		if u.Email != code.Target {
			return ErrCode // it was changed since
		}
		now := s.now()
		u.EmailVerified, u.EmailVerifiedAt = true, &now
		if err := users.Update(ctx, tx, u, "email_verified", "email_verified_at"); err != nil {
			return err
		}
		return s.contactChanged(ctx, tx, u, AuditEmailVerified, p.Client)
	})
}

// linked uses up a link, once, and lets change write.
func (s *Users) linked(ctx context.Context, db bun.IDB, purpose CodePurpose, token Secret, change func(bun.IDB, *User, *OneTimeCode) error) (*User, error) {
	var u *User
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		known, err := oneTimeCodes.OneParams(ctx, tx, "oc.code_hash = $1 AND oc.purpose = $2", hashToken(token).Reveal(), string(purpose))
		if err != nil {
			return err
		}
		if u, err = lockUser(ctx, tx, known.UserID); err != nil { // the user before the code, as everywhere
			return err
		}
		code, err := useLink(ctx, tx, purpose, token)
		if err != nil {
			return err
		}
		if !u.Active() {
			return ErrCode
		}
		if _, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET used_at = clock_timestamp() WHERE id = $1", code.ID.String()); err != nil {
			return err
		}
		if err := change(tx, u, code); err != nil {
			return err
		}
		u, err = users.OneParams(ctx, tx, "u.id = $1", u.ID.String()) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (s *Users) contactChanged(ctx context.Context, tx bun.IDB, u *User, action AuditAction, c Client) error {
	now := s.now()
	if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, Action: action, CreatedAt: now}.from(c)); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserContactChanged{u.EmailVerified, u.PhoneVerified}))
}

// StartEmailChangeParams asks for another address.
type StartEmailChangeParams struct {
	SessionID id.Of[Session] // with a fresh proof
	Email     string
	Client    Client
}

// EmailChange is what the host sends: a link to the new address, and a notice to the
// present one.
type EmailChange struct {
	Delivery *Delivery `json:"delivery"`
	Notice   *Notice   `json:"notice"`
}

// StartEmailChange begins to change the address of the user of a session whose proof
// is fresh. Nothing changes before [Users.ConfirmEmailChange]. An address of
// somebody else has nothing to send, which the host keeps to itself. What is sent is
// counted. It locks the user and the session. It returns [ErrEmail], [ErrSession],
// [ErrFreshProof] or [ErrTooManyAttempts].
func (s *Users) StartEmailChange(ctx context.Context, db bun.IDB, p StartEmailChangeParams) (*EmailChange, error) {
	email, err := NormalizeEmail(p.Email)
	if err != nil {
		return nil, err
	}
	var out *EmailChange
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		if err := s.mails(ctx, tx, u.ID); err != nil {
			return err
		}
		out = &EmailChange{Delivery: &Delivery{}, Notice: u.notice(AuditEmailChangeAsked)}
		_, err = userByEmail(ctx, tx, email)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, ErrUserNotFound):
			return err
		}
		if out.Delivery, err = s.sendLink(ctx, tx, u.ID, CodeChangeEmail, email); err != nil {
			return err
		}
		return s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, SessionID: &p.SessionID, Action: AuditEmailChangeAsked}.from(p.Client))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CancelEmailChangeParams ends a change of address.
type CancelEmailChangeParams struct {
	SessionID id.Of[Session]
	Client    Client
}

// CancelEmailChange ends a change of address that was begun for the user of a session, by
// whomever: the link that went to the new address works no more. None is fine. It locks
// the user. It returns [ErrSession].
func (s *Users) CancelEmailChange(ctx context.Context, db bun.IDB, p CancelEmailChangeParams) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := liveSession(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, row.UserID)
		if err != nil {
			return err
		}
		if !u.Active() {
			return ErrSession
		}
		n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET used_at = clock_timestamp() WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL",
			u.ID.String(), string(CodeChangeEmail))
		if err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, SessionID: &p.SessionID, Action: AuditEmailChangeCancelled}.from(p.Client))
	})
}

// ConfirmedEmailChange is a user with a new address, and the notices to both.
type ConfirmedEmailChange struct {
	User    *User    `json:"user"`
	Notices []Notice `json:"notices"`
}

// ConfirmEmailChangeParams shows the link that went to a new address.
type ConfirmEmailChangeParams struct {
	Token  Secret
	Client Client
}

// ConfirmEmailChange changes a user's address by the token that went to it, once.
// Every session and reset of the user ends. It returns [ErrCode], or [ErrEmailTaken]
// when somebody else has the address meanwhile.
func (s *Users) ConfirmEmailChange(ctx context.Context, db bun.IDB, p ConfirmEmailChangeParams) (*ConfirmedEmailChange, error) {
	var was string
	u, err := s.linked(ctx, db, CodeChangeEmail, p.Token, func(tx bun.IDB, u *User, code *OneTimeCode) error {
		was = u.Email
		// A duplicate is looked for, not run into: the detail of a violation would quote
		// the address. Only two who change to one address in the same moment meet in the
		// index.
		n, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.users SET email = $2, email_verified = true, email_verified_at = clock_timestamp()
			WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM auth.users o WHERE lower(o.email) = lower($2) AND o.deleted_at IS NULL AND o.id <> $1)`, u.ID.String(), code.Target)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrEmailTaken
		}
		u.Email, u.EmailVerified = code.Target, true
		if err := endAccess(ctx, tx, u.ID, RevokedEmailChanged); err != nil {
			return err
		}
		return s.contactChanged(ctx, tx, u, AuditEmailChanged, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return &ConfirmedEmailChange{User: u, Notices: []Notice{{To: was, Action: AuditEmailChanged}, *u.notice(AuditEmailChanged)}}, nil
}

// StartPhoneVerificationParams asks for a code to a phone.
type StartPhoneVerificationParams struct {
	SessionID id.Of[Session] // with a fresh proof
	Phone     string
	Client    Client
}

// StartPhoneVerification makes a code of six digits for a text message to a phone of
// the user of a session whose proof is fresh. It lives ten minutes. Messages are
// counted, since each costs. It takes the pool. It returns a field error,
// [ErrSession], [ErrFreshProof], vault.ErrNoVault, [ErrTooManyAttempts] or
// [ErrPoolRequired].
func (s *Users) StartPhoneVerification(ctx context.Context, db bun.IDB, p StartPhoneVerificationParams) (*Delivery, error) {
	if !validPhone(p.Phone) {
		return nil, ErrPhone
	}
	if err := s.guessInSession(ctx, db, "phone", p.SessionID, p.Client); err != nil {
		return nil, err
	}
	var out *Delivery
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, session, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		out, err = s.sendCode(ctx, tx, codeFor{u.ID, CodeVerifyPhone, session.FamilyID.String()}, p.Phone, smsDigits)
		return err
	})
	return out, err
}

// VerifyPhoneParams shows the code that went to a phone.
type VerifyPhoneParams struct {
	SessionID id.Of[Session]
	Code      Secret
	Client    Client
}

// VerifiedPhone is a user with a phone that they have, and the notice of it.
type VerifiedPhone struct {
	User   *User   `json:"user"`
	Notice *Notice `json:"notice"`
}

// VerifyPhone sets and verifies the phone that a code went to. A code works once and
// dies of five wrong tries. It takes the pool. It returns [ErrSession], [ErrFactor],
// [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Users) VerifyPhone(ctx context.Context, db bun.IDB, p VerifyPhoneParams) (*VerifiedPhone, error) {
	if err := s.guessInSession(ctx, db, "phone_code", p.SessionID, p.Client); err != nil {
		return nil, err
	}
	var u *User
	var refused error
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		refused = nil
		row, err := liveSession(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		if u, err = lockUser(ctx, tx, row.UserID); err != nil {
			return err
		}
		if !u.Active() {
			return ErrSession
		}
		var phone string
		if refused, err = s.useCode(ctx, tx, codeFor{u.ID, CodeVerifyPhone, row.FamilyID.String()}, p.Code, &phone); err != nil || refused != nil {
			return err
		}
		now := s.now()
		u.Phone, u.PhoneVerified, u.PhoneVerifiedAt = &phone, true, &now
		if err := users.Update(ctx, tx, u, "phone", "phone_verified", "phone_verified_at"); err != nil {
			return err
		}
		return s.contactChanged(ctx, tx, u, AuditPhoneVerified, p.Client)
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return &VerifiedPhone{User: u, Notice: u.notice(AuditPhoneVerified)}, nil
}
