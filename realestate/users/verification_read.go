package users

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// VerificationData opens what was handed in with a verification. To whom it may be
// shown, and the record of that, is the caller's matter. It returns
// [ErrVerificationNotFound], [ErrNoVerificationData], or what [vault.Vault.Open]
// returns.
func (s *Service) VerificationData(ctx context.Context, db bun.IDB, verification id.Of[Verification]) (auth.Secret, error) {
	v, err := s.Verification(ctx, db, verification)
	if err != nil {
		return auth.Secret{}, err
	}
	if v.VerificationData == nil {
		return auth.Secret{}, ErrNoVerificationData
	}
	plain, err := s.vault.Open(v.dataPlace(), v.VerificationData.Reveal())
	return auth.NewSecret(plain), err
}

// Verification returns a verification, or [ErrVerificationNotFound].
func (s *Service) Verification(ctx context.Context, db bun.IDB, v id.Of[Verification]) (*Verification, error) {
	return verifications.Get(ctx, db, v)
}

// CurrentVerification returns the user's verification of the type that is
// approved and, by the database's clock, not expired; of several the one that
// lasts longest. It returns [ErrNotVerified].
func (s *Service) CurrentVerification(ctx context.Context, db bun.IDB, user id.Of[auth.User], t VerificationType) (*Verification, error) {
	return proofs.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return current(q, user, t) })
}

// HoldVerification is [Service.CurrentVerification] for a decision that rests
// on it: inside a transaction the verification cannot be changed until the
// transaction ends, while others may hold it too.
func (s *Service) HoldVerification(ctx context.Context, tx bun.IDB, user id.Of[auth.User], t VerificationType) (*Verification, error) {
	return proofs.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return current(q, user, t).For("SHARE") })
}

// SealedVerifications lists the verifications of a user that have data, which
// [Service.VerificationData] opens.
func (s *Service) SealedVerifications(ctx context.Context, db bun.IDB, user id.Of[auth.User]) ([]id.Of[Verification], error) {
	rows, err := store.Rows[struct{ ID id.Of[Verification] }](ctx, db,
		"SELECT id FROM users.verifications WHERE user_id = $1 AND verification_data IS NOT NULL ORDER BY id", user.String())
	out := make([]id.Of[Verification], len(rows))
	for i := range rows {
		out[i] = rows[i].ID
	}
	return out, err
}

// LockVerifications locks all verifications of a user until tx ends, for a verb that
// changes them after it has locked more.
func (s *Service) LockVerifications(ctx context.Context, tx bun.IDB, user id.Of[auth.User]) error {
	_, err := store.ExecParams(ctx, tx, constraints, "SELECT 1 FROM users.verifications WHERE user_id = $1 ORDER BY id FOR NO KEY UPDATE", user.String())
	return err
}
