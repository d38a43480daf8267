package users

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func submit(t *testing.T, db bun.IDB, user id.Of[auth.User], kind VerificationType) *Verification {
	t.Helper()
	v, err := service().SubmitVerification(t.Context(), db, SubmitVerificationParams{UserID: user, Type: kind})
	require.NoError(t, err)
	return v
}

func TestVerification_approved(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, officer := person(t, tx), person(t, tx)
	doc := EvidenceDocument{ID: id.New[EvidenceDocument]().Ptr(), Name: "W-2", SHA256: strings.Repeat("a", 64)}
	v, err := svc.SubmitVerification(ctx, tx, SubmitVerificationParams{
		UserID: user, Type: VerificationAccredited, Method: ptr(MethodIncome), Provider: ptr(ProviderManual),
		Data: auth.NewSecret("net worth 2,000,000").Ptr(), Documents: []EvidenceDocument{doc},
	})
	require.NoError(t, err)
	_, err = svc.CurrentVerification(ctx, tx, user, VerificationAccredited)
	require.ErrorIs(t, err, ErrNotVerified, "a pending one proves nothing")

	until := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	v, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer, ExpiresAt: &until})
	require.NoError(t, err)
	require.Equal(t, VerificationApproved, v.Status)
	require.Equal(t, officer, *v.ReviewedBy)
	require.True(t, v.ReviewedAt.Equal(base))
	require.Equal(t, []EvidenceDocument{doc}, v.Documents)
	require.Regexp(t, `^fv1\.a\.`, v.VerificationData.Reveal(), "sealed")
	data, err := svc.VerificationData(ctx, tx, v.ID)
	require.NoError(t, err)
	require.Equal(t, "net worth 2,000,000", data.Reveal())
	require.True(t, v.Current(until.Add(-time.Second)))
	require.False(t, v.Current(until))

	got, err := svc.CurrentVerification(ctx, tx, user, VerificationAccredited)
	require.NoError(t, err)
	require.Equal(t, v.ID, got.ID)
	_, err = svc.CurrentVerification(ctx, tx, user, VerificationKYC)
	require.ErrorIs(t, err, ErrNotVerified, "another type")
	_, err = svc.CurrentVerification(ctx, tx, officer, VerificationAccredited)
	require.ErrorIs(t, err, ErrNotVerified, "another user")
}

// The database's clock judges expiry, whatever the service's says; of several
// proofs the one that lasts longest counts.
func TestCurrentVerification_expiry(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	user, officer := person(t, tx), person(t, tx)
	past := NewService(Config{Now: func() time.Time { return base.AddDate(-1, 0, 0) }})
	approve := func(until *time.Time) *Verification {
		v := submit(t, tx, user, VerificationAccredited)
		v, err := past.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer, ExpiresAt: until})
		require.NoError(t, err)
		return v
	}
	over := approve(ptr(base))
	_, err := past.CurrentVerification(ctx, tx, user, VerificationAccredited)
	require.ErrorIs(t, err, ErrNotVerified)

	approve(ptr(base.AddDate(1, 0, 0)))
	long := approve(ptr(base.AddDate(2, 0, 0)))
	got, err := past.HoldVerification(ctx, tx, user, VerificationAccredited)
	require.NoError(t, err)
	require.Equal(t, long.ID, got.ID)
	forever := approve(nil)
	got, err = past.CurrentVerification(ctx, tx, user, VerificationAccredited)
	require.NoError(t, err)
	require.Equal(t, forever.ID, got.ID)

	n, err := past.ExpireVerifications(ctx, tx)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	v, err := past.Verification(ctx, tx, over.ID)
	require.NoError(t, err)
	require.Equal(t, VerificationExpired, v.Status)
	n, err = past.ExpireVerifications(ctx, tx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestVerification_rejected(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, officer := person(t, tx), person(t, tx)
	v := submit(t, tx, user, VerificationKYC)

	_, err := svc.RejectVerification(ctx, tx, RejectVerificationParams{ID: v.ID, ReviewerID: officer, Reason: " "})
	require.ErrorIs(t, err, fault.Invalid)
	v, err = svc.RejectVerification(ctx, tx, RejectVerificationParams{ID: v.ID, ReviewerID: officer, Reason: "blurred"})
	require.NoError(t, err)
	require.Equal(t, VerificationRejected, v.Status)
	require.Equal(t, "blurred", *v.RejectionReason)

	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer})
	require.ErrorIs(t, err, ErrVerificationReviewed, "it is reviewed once")
	again := submit(t, tx, user, VerificationKYC)
	require.NotEqual(t, v.ID, again.ID, "after a rejection one may try again")
}

func TestVerification_refusals(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, officer := person(t, tx), person(t, tx)
	v := submit(t, tx, user, VerificationAML)

	_, err := svc.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: user, Type: VerificationAML})
	require.ErrorIs(t, err, ErrVerificationPending)
	submit(t, tx, user, VerificationIdentity) // another type waits for itself

	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: user})
	require.ErrorIs(t, err, ErrSelfReview)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: id.New[auth.User]()})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer, ExpiresAt: &base})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: id.New[Verification](), ReviewerID: officer})
	require.ErrorIs(t, err, ErrVerificationNotFound)
	_, err = svc.Verification(ctx, tx, id.New[Verification]())
	require.ErrorIs(t, err, ErrVerificationNotFound)
	_, err = svc.SubmitVerification(ctx, tx, SubmitVerificationParams{UserID: id.New[auth.User](), Type: VerificationAML})
	require.ErrorIs(t, err, store.ErrReference)

	_, err = svc.SubmitVerification(ctx, tx, SubmitVerificationParams{
		Type: "vibes", Method: ptr(VerificationMethod("guess")), Provider: ptr(Provider(strings.Repeat("p", 51))),
	})
	require.Len(t, fault.FieldErrors(err), 4)

	got, err := svc.Verification(ctx, tx, v.ID)
	require.NoError(t, err)
	require.Equal(t, VerificationPending, got.Status, "no refusal changed anything")
}

// A verification that a decision rests on cannot change before the decision is
// committed.
func TestHoldVerification_waits(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	user, officer := person(t, db), person(t, db)
	v := submit(t, db, user, VerificationAccredited)
	_, err := svc.ApproveVerification(ctx, db, ApproveVerificationParams{ID: v.ID, ReviewerID: officer, ExpiresAt: ptr(time.Now().Add(time.Hour))})
	require.NoError(t, err)

	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := svc.HoldVerification(ctx, tx, user, VerificationAccredited); err != nil {
			return err
		}
		// Another may hold it too, and nobody may change it.
		return store.InTx(ctx, db, func(other bun.IDB) error {
			if _, err := svc.HoldVerification(ctx, other, user, VerificationAccredited); err != nil {
				return err
			}
			_, err := other.NewRaw("SELECT 1 FROM users.verifications WHERE id = ? FOR NO KEY UPDATE NOWAIT", v.ID).Exec(ctx)
			require.ErrorIs(t, store.Err(err, nil), fault.Unavailable)
			return nil
		})
	})
	require.ErrorIs(t, err, fault.Conflict, "the refused lock ended that transaction")
}

// Of eight reviews at once one counts.
func TestVerification_reviewedOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	v := submit(t, db, person(t, db), VerificationAccredited)
	var officers []id.Of[auth.User]
	for range 8 {
		officers = append(officers, person(t, db))
	}
	errs := make(chan error, 8)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = svc.ApproveVerification(ctx, db, ApproveVerificationParams{ID: v.ID, ReviewerID: officers[i]})
			} else {
				_, err = svc.RejectVerification(ctx, db, RejectVerificationParams{ID: v.ID, ReviewerID: officers[i], Reason: "no"})
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, ErrVerificationReviewed)
	}
	require.Equal(t, 1, won)
}

// A cancelled approval leaves nothing in the caller's transaction.
func TestApproveVerification_cancelled(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user, officer := person(t, tx), person(t, tx)
	v := submit(t, tx, user, VerificationAccredited)
	ctx, cancel := context.WithCancel(t.Context())
	err := store.InTx(ctx, tx, func(inner bun.IDB) error {
		_, err := service().ApproveVerification(ctx, inner, ApproveVerificationParams{ID: v.ID, ReviewerID: officer})
		cancel()
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	got, err := service().Verification(t.Context(), tx, v.ID)
	require.NoError(t, err)
	require.Equal(t, VerificationPending, got.Status)
}
