package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// CloseAccount lets an account take no more postings. Its balance must be zero,
// else it is [ErrAccountInUse]. It waits for the journals of the book in
// flight. Closing a closed account changes nothing. It returns
// [ErrAccountNotFound].
func (s *Service) CloseAccount(ctx context.Context, db bun.IDB, account id.Of[Account]) (*Account, error) {
	return s.setStatus(ctx, db, account, AccountStatusClosed)
}

// ReopenAccount lets a closed account take postings again. It returns
// [ErrAccountNotFound].
func (s *Service) ReopenAccount(ctx context.Context, db bun.IDB, account id.Of[Account]) (*Account, error) {
	return s.setStatus(ctx, db, account, AccountStatusActive)
}

// change is the event of the status that a verb has given the account.
func (a *Account) change() store.Payload {
	if a.Status == AccountStatusClosed {
		return AccountClosed{a.ID, a.Code}
	}
	return AccountReopened{a.ID, a.Code}
}

func (s *Service) setStatus(ctx context.Context, db bun.IDB, account id.Of[Account], status AccountStatus) (*Account, error) {
	var out *Account
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		a, err := accounts.Get(ctx, tx, account)
		if err != nil {
			return err
		}
		if _, err := lockBook(ctx, tx, a.BookID); err != nil {
			return err
		}
		if out, err = accounts.LockWithin(ctx, tx, a.BookID, account); err != nil || out.Status == status {
			return err
		}
		if status == AccountStatusClosed {
			t, err := s.Balance(ctx, tx, account)
			if err != nil {
				return err
			}
			if !t.Balance.IsZero() {
				return ErrAccountInUse.With("balance %s", t.Balance)
			}
		}
		version := out.Version
		out.Status = status
		if err := accounts.UpdateVersion(ctx, tx, out, version, "status"); err != nil {
			return err
		}
		out.Version = version + 1
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateBook, out.BookID, out.change()))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
