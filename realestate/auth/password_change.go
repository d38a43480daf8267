package auth

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// Notice is a message that the host sends to a user about their own account, so that
// they notice what they did not do. Every change of a password, a factor, an address, a
// phone, an identity, an API key or a role returns one.
type Notice struct {
	To     string      `json:"to"` // an address; "" where nothing changed, and there is nothing to send
	Action AuditAction `json:"action"`
	Stays  Stays       `json:"stays"` // after a new password
}

// Stays is what lets somebody in, or act, for a user beside the password. A new password
// does not end it; the user looks whether all of it is theirs.
type Stays struct {
	APIKeys    int  `json:"api_keys"`
	Identities int  `json:"identities"`
	Passkeys   int  `json:"passkeys"`
	MFA        bool `json:"mfa"` // a second factor is asked for
}

// UserPasswordChanged says that a user has another password.
type UserPasswordChanged struct{}

// EventType names the event.
func (UserPasswordChanged) EventType() (string, int) { return "auth.user_password_changed", 1 }

// notice tells a user what happened.
func (u *User) notice(action AuditAction) *Notice { return &Notice{To: u.Email, Action: action} }

func stays(ctx context.Context, tx bun.IDB, u *User) (out Stays, err error) {
	out.MFA = u.MFAEnabled
	err = store.Scan(ctx, tx, []any{&out.APIKeys, &out.Identities, &out.Passkeys}, `SELECT
		(SELECT count(*) FROM auth.api_keys WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()),
		(SELECT count(*) FROM auth.identities WHERE user_id = $1), (SELECT count(*) FROM auth.passkeys WHERE user_id = $1)`, u.ID.String())
	return out, err
}

// ChangePasswordParams replaces a user's password.
type ChangePasswordParams struct {
	SessionID id.Of[Session] // whose user it is; its family stays signed in
	Current   Secret
	New       Secret
	Client    Client
}

// ChangePassword replaces the password of the user of a session, who knows the
// present one. Every other session, trusted device, reset and change of address of
// theirs ends. Wrong passwords are counted, in a row with those of [Sessions.StepUp]. It
// takes the pool. It returns [ErrPassword],
// [ErrPasswordBreached], [ErrSession], [ErrSignIn], [ErrTooManyAttempts] or
// [ErrPoolRequired].
func (s *Users) ChangePassword(ctx context.Context, db bun.IDB, p ChangePasswordParams) (*Notice, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	row, err := liveSession(ctx, db, p.SessionID)
	if err != nil {
		return nil, err
	}
	normal, err := s.checkPassword(ctx, p.New)
	if err != nil {
		return nil, err
	}
	if err := s.guessHere(ctx, db, "password", row.UserID, p.Client); err != nil {
		return nil, err
	}
	u, err := users.OneParams(ctx, db, "u.id = $1", row.UserID.String())
	if err != nil {
		return nil, err
	}
	ok, err := s.knows(ctx, p.Current, &u.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !ok || !u.Active() {
		return nil, s.failed(ctx, db, AttemptPasswordChange, u.ID, p.Client, ErrSignIn)
	}
	hash, err := s.hash(ctx, normal)
	if err != nil {
		return nil, err
	}
	var out *Notice
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		now, err := lockUser(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if !now.Active() || !now.PasswordHash.Equal(u.PasswordHash) {
			return ErrSignIn // it was changed meanwhile
		}
		out, err = s.writePassword(ctx, tx, now, hash, &row.FamilyID, AuditEntry{ActorID: &u.ID, Action: AuditPasswordChanged, SessionID: &p.SessionID}.from(p.Client))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SetPasswordParams gives a user a password.
type SetPasswordParams struct {
	UserID  id.Of[User]
	New     Secret
	ActorID id.Of[User] // may edit users, and is somebody else; zero at sign-up, where the host sets it
}

// SetPassword gives a user the first password, at sign-up or by whoever may edit users.
// Nobody sets another for somebody: they would sign in as them. Staff begin a reset
// ([Users.RequestReset]), whose link goes to the user. Every session of the user ends, and
// so do the API keys that others have made for the account: it is a person's from now on. It
// returns [ErrPassword], [ErrPasswordBreached], [ErrUserNotFound], [ErrUserDeleted],
// [ErrPasswordSet], [ErrOwnAccount], or what [Access.Can] returns.
func (s *Users) SetPassword(ctx context.Context, db bun.IDB, p SetPasswordParams) (*Notice, error) {
	normal, err := s.checkPassword(ctx, p.New)
	if err != nil {
		return nil, err
	}
	hash, err := s.hash(ctx, normal)
	if err != nil {
		return nil, err
	}
	var out *Notice
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		u, err := lockUser(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		switch {
		case u.Deleted():
			return ErrUserDeleted
		case p.ActorID == p.UserID:
			return ErrOwnAccount
		case !p.ActorID.IsZero():
			if err := s.can(ctx, tx, p.ActorID, ActionEdit, ObjectOf(KindUser, p.UserID)); err != nil {
				return err
			}
		}
		if u.HasPassword() {
			return ErrPasswordSet
		}
		entry := AuditEntry{Action: AuditPasswordChanged}
		if !p.ActorID.IsZero() {
			entry.ActorID = &p.ActorID
		}
		out, err = s.writePassword(ctx, tx, u, hash, nil, entry)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// writePassword stores a new hash, ends the user's ways in but for a family, and
// lets the attempts begin anew. Of a first password, keys that others have made end too.
// entry is the audit line, without user and time; told are the events of what came before
// in the verb.
func (s *Users) writePassword(ctx context.Context, tx bun.IDB, u *User, hash Secret, keep *id.Of[Session], entry AuditEntry, told ...store.Emission) (*Notice, error) {
	now := s.now()
	if !u.HasPassword() {
		ended, err := s.endKeys(ctx, tx, u.ID, "created_by IS DISTINCT FROM user_id", entry)
		if err != nil {
			return nil, err
		}
		told = append(told, ended...)
	}
	u.PasswordHash, u.PasswordChangedAt = hash, &now
	if err := users.Update(ctx, tx, u, "password_hash", "password_changed_at"); err != nil {
		return nil, err
	}
	if err := endSessions(ctx, tx, u.ID, RevokedPasswordChanged, keep); err != nil {
		return nil, err
	}
	if err := endPending(ctx, tx, u.ID); err != nil {
		return nil, err
	}
	again := []id.Of[AttemptCounter]{byDevice.bucket(u.ID), bucket("account", u.Email), byStranger.bucket(u.ID), bySession.bucket(u.ID)}
	if u.MFAType != nil && *u.MFAType == MFAEmail && entry.Action == AuditPasswordReset {
		again = append(again, byFactor.bucket(u.ID)) // the link has proved the mailbox that the codes go to
	}
	if err := forget(ctx, tx, again...); err != nil {
		return nil, err
	}
	entry.UserID, entry.CreatedAt = u.ID, now
	if err := s.audit(ctx, tx, entry); err != nil {
		return nil, err
	}
	left, err := stays(ctx, tx, u)
	if err != nil {
		return nil, err
	}
	return &Notice{To: u.Email, Action: entry.Action, Stays: left}, s.hooks.Emit(ctx, tx, now, append(told, store.Event(aggregateUser, u.ID, UserPasswordChanged{}))...)
}
