package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Factor is a way to prove a second time who one is.
type Factor string

// The factors. A code by e-mail is asked for where the user has nothing better; it
// never counts as a second factor (SP 800-63B), so that the session's level stays
// [LevelPassword]. A code by text message counts, at the risk of calls that are
// rerouted and numbers that are taken over (a restricted authenticator): it needs a
// verified number and goes beside an authenticator or a passkey, never alone.
const (
	FactorAuthenticator Factor = "authenticator" // a TOTP code
	FactorRecoveryCode  Factor = "recovery_code"
	FactorSMS           Factor = "sms"
	FactorEmail         Factor = "email"
	FactorPasskey       Factor = "passkey" // see package passkeys
)

// The conditions of second factors.
var (
	// ErrFactor: the code is not accepted: it is wrong, was used, or is too old.
	ErrFactor = fault.New(fault.Forbidden, "factor_not_accepted", "the code is wrong, was used, or is too old").On("code")
	// ErrFactorOff: the user has no such factor.
	ErrFactorOff = fault.New(fault.Illegal, "factor_not_enrolled", "this factor is not set up").On("factor")
	// ErrPhoneUnverified: a text message goes to a verified number only.
	ErrPhoneUnverified = fault.New(fault.Illegal, "phone_not_verified", "verify the phone number first").On("phone")
	// ErrEmailUnverified: a code goes to a verified address only.
	ErrEmailUnverified = fault.New(fault.Illegal, "email_not_verified", "verify the address first").On("email")
)

// UserFactorsChanged says that a user's second factors changed.
type UserFactorsChanged struct {
	Factor Factor `json:"factor"`
	Added  bool   `json:"added"`
}

// EventType names the event.
func (UserFactorsChanged) EventType() (string, int) { return "auth.user_factors_changed", 1 }

// factors lists what a user can show, the strongest first.
func (s *Sessions) factors(ctx context.Context, tx bun.IDB, u *User) (out []Factor, err error) {
	var keys, codes bool
	err = store.Scan(ctx, tx, []any{&keys, &codes}, `SELECT EXISTS (SELECT 1 FROM auth.passkeys WHERE user_id = $1),
		EXISTS (SELECT 1 FROM auth.recovery_codes WHERE user_id = $1 AND used_at IS NULL)`, u.ID.String())
	if err != nil {
		return nil, err
	}
	if keys {
		out = append(out, FactorPasskey)
	}
	if u.MFASecret != nil {
		out = append(out, FactorAuthenticator)
	}
	if u.MFASMS && u.PhoneVerified {
		out = append(out, FactorSMS)
	}
	if u.MFAType != nil && *u.MFAType == MFAEmail {
		out = append(out, FactorEmail)
	}
	closed, err := byFactor.closed(ctx, tx, u.ID)
	if closed {
		out = slices.DeleteFunc(out, Factor.guessable)
	}
	if codes {
		out = append(out, FactorRecoveryCode)
	}
	return out, err
}

// CompleteSignInParams shows the second factor of a sign-in.
type CompleteSignInParams struct {
	Token       Secret // of [PendingFactor]
	Factor      Factor
	Code        Secret
	Client      Client
	TrustDevice string // a name for the device, when the user asks not to be asked here again; "" does not
}

// CompletedSignIn is a session, and the token of the device when it is trusted or
// remembered now.
type CompletedSignIn struct {
	UserID id.Of[User] `json:"user_id"`
	Tokens *Tokens     `json:"tokens"`
	Device Secret      `json:"device"` // keep it at the device; zero when it is neither
	// Notices are of a recovery code that was used, and of a device that is trusted now.
	Notices []Notice `json:"notices"`
}

// CompleteSignIn finishes a sign-in with a second factor: each code works once, and
// wrong ones are counted. After 75 wrong ones in a row, which takes the password, only a
// recovery code or a passkey is accepted, until one is. It takes the pool, like
// [Sessions.SignIn]. It returns [ErrChallenge], [ErrFactor], [ErrFactorOff],
// [ErrFactorClosed], [ErrTooManyAttempts], [ErrSignIn] when the account may no longer be
// used, or [ErrPoolRequired].
func (s *Sessions) CompleteSignIn(ctx context.Context, db bun.IDB, p CompleteSignInParams) (*CompletedSignIn, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	ch, err := pending(ctx, db, p.Token, ChallengeSecondFactor, "")
	if err != nil {
		return nil, err
	}
	if err := s.guessFactor(ctx, db, *ch.UserID, p.Factor, p.Client); err != nil {
		return nil, err
	}
	var out *CompletedSignIn
	var refused error
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		out, refused = nil, nil
		u, err := lockUser(ctx, tx, *ch.UserID)
		if err != nil {
			return err
		}
		attempt, err := s.attempted(ctx, tx, AttemptSecondFactor, &u.Email, &u.ID, p.Client)
		if err != nil {
			return err
		}
		if !u.Active() {
			refused = ErrSignIn
			return attempt.settle(ctx, tx, failedInactive)
		}
		if ch, err = pending(ctx, tx, p.Token, ChallengeSecondFactor, " FOR NO KEY UPDATE"); err != nil {
			return err
		}
		if refused, err = s.show(ctx, tx, u, shown{ch.ID.String(), p.Factor, p.Code, p.Client}); err != nil {
			return err
		}
		if errors.Is(refused, ErrFactorClosed) {
			return attempt.settle(ctx, tx, failedClosed)
		}
		if refused != nil {
			return attempt.settle(ctx, tx, failedWrong)
		}
		if err := attempt.settle(ctx, tx, ""); err != nil {
			return err
		}
		if err := finish(ctx, tx, ch); err != nil {
			return err
		}
		if err := forget(ctx, tx, bucket("factor", u.ID.String()), byFactor.bucket(u.ID)); err != nil {
			return err
		}
		var data pendingData
		if err := json.Unmarshal(ch.Data, &data); err != nil {
			return ErrChallenge
		}
		out = &CompletedSignIn{UserID: u.ID, Notices: []Notice{}}
		if out.Tokens, err = s.open(ctx, tx, u.ID, p.Client, p.Factor.level(), data.Refresh); err != nil {
			return err
		}
		if p.Factor == FactorRecoveryCode {
			out.Notices = append(out.Notices, *u.notice(AuditRecoveryCodeUsed))
		}
		switch {
		case p.TrustDevice != "" && p.Factor != FactorEmail:
			out.Notices = append(out.Notices, *u.notice(AuditDeviceTrusted))
			out.Device, err = s.remember(ctx, tx, u, p.TrustDevice, true, p.Client)
		case data.Remember != "":
			out.Device, err = s.remember(ctx, tx, u, data.Remember, false, p.Client)
		}
		if err != nil {
			return err
		}
		return s.signedIn(ctx, tx, u)
	})
	if err != nil {
		return nil, err
	}
	return out, refused
}

// level is what a password together with the factor proves.
func (f Factor) level() Level {
	if f == FactorEmail {
		return LevelPassword
	}
	return LevelMFA
}

// shown is a code of a factor that somebody shows.
type shown struct {
	at     string // the id of the sign-in or of the family of sessions
	factor Factor
	code   Secret
	client Client
}

// show uses up a code of a factor. A code that was sent counts only at the sign-in or
// session that asked for it. refused says why it is not accepted, which stands; the
// user's row is locked.
func (s *Sessions) show(ctx context.Context, tx bun.IDB, u *User, p shown) (refused, err error) {
	if p.factor.guessable() {
		if closed, err := byFactor.closed(ctx, tx, u.ID); err != nil || closed {
			return ErrFactorClosed, err
		}
	}
	switch p.factor {
	case FactorAuthenticator:
		return s.showTOTP(ctx, tx, u, p.code)
	case FactorRecoveryCode:
		return s.showRecoveryCode(ctx, tx, u, p.code, p.client)
	case FactorSMS:
		if !u.MFASMS {
			return ErrFactorOff, nil
		}
		return s.useCode(ctx, tx, codeFor{u.ID, CodeSMSFactor, p.at}, p.code, nil)
	case FactorEmail:
		if u.MFAType == nil || *u.MFAType != MFAEmail {
			return ErrFactorOff, nil
		}
		return s.useCode(ctx, tx, codeFor{u.ID, CodeEmailFactor, p.at}, p.code, nil)
	}
	return ErrFactorOff, nil
}
