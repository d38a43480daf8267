package auth

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// RemoveFactorsParams is a user who has lost their second factors and their recovery codes.
type RemoveFactorsParams struct {
	UserID  id.Of[User]
	ActorID id.Of[User]
	Reason  string // required, at most 200 characters; for the audit list, such as how the person was identified
	Client  Client // of the actor
}

// RemoveFactors takes every second factor from a user who has lost them, with their
// recovery codes, so that they sign in by password alone and set up new ones. Sessions,
// sign-ins in progress, trusted devices, and codes and links on their way end. Make sure
// of who asks, by means that do not rest on the mailbox alone: from here on a password, or
// a reset of it, is enough. Whoever does so may edit users and is somebody else. A user
// without factors stays as they are, and nobody is told: the notice is to nobody.
//
// It locks the user. It returns field errors, [ErrUserNotFound], [ErrUserDeleted],
// [ErrOwnAccount], or what [Access.Can] returns.
func (s *Users) RemoveFactors(ctx context.Context, db bun.IDB, p RemoveFactorsParams) (*Notice, error) {
	var f fault.Fields
	f.Check(p.Reason != "", "reason", check.Required, "a reason is needed")
	text.Line(&f, "reason", &p.Reason, 200)
	if err := f.Err(); err != nil {
		return nil, err
	}
	out := &Notice{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, err := s.edits(ctx, tx, p.UserID, p.ActorID)
		if err != nil {
			return err
		}
		now := s.now()
		by := AuditEntry{UserID: u.ID, ActorID: &p.ActorID, CreatedAt: now}.from(p.Client)
		told, err := s.endFactors(ctx, tx, u, by)
		if err != nil || len(told) == 0 {
			return err
		}
		if err := endAccess(ctx, tx, u.ID, RevokedByUser); err != nil {
			return err
		}
		by.Action, by.Detail = AuditFactorsReset, &p.Reason
		if err := s.audit(ctx, tx, by); err != nil {
			return err
		}
		out = u.notice(AuditFactorsReset)
		return s.hooks.Emit(ctx, tx, now, told...)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
