package approval_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/approval"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/id"
)

func approvable(required int) approval.Matter {
	hash := sha256.Sum256([]byte("what is approved"))
	return approval.Matter{Kind: "thing", ID: id.New[approval.Subject](), Action: "approve", Hash: hash[:], Required: required, RequestedBy: id.New[approval.Person]()}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	ctx, tx, at := t.Context(), pgtest.Tx(t), time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	a, first, second := approvable(2), id.New[approval.Person](), id.New[approval.Person]()
	r, err := approval.Open(ctx, tx, a, at)
	require.NoError(t, err)
	said, err := approval.Decide(ctx, tx, r, approval.Decision{By: first, Approved: true, At: at})
	require.NoError(t, err)
	require.True(t, said)
	require.Equal(t, approval.Pending, r.Status)

	a.Required = 1 // a new policy does not loosen what has begun
	r, err = approval.Open(ctx, tx, a, at)
	require.NoError(t, err)
	require.Equal(t, 2, r.Required)
	said, err = approval.Decide(ctx, tx, r, approval.Decision{By: first, Approved: true, At: at})
	require.NoError(t, err)
	require.False(t, said, "one person counts once")
	require.Equal(t, 1, r.Agreed())
	_, err = approval.Decide(ctx, tx, r, approval.Decision{By: first, At: at})
	require.ErrorIs(t, err, approval.ErrDecided)

	changed := a
	changed.Hash = make([]byte, 32)
	_, err = approval.Open(ctx, tx, changed, at)
	require.ErrorIs(t, err, approval.ErrSubjectChanged)

	_, err = approval.Decide(ctx, tx, r, approval.Decision{By: second, Approved: true, Note: ptr("fine"), At: at.Add(time.Minute)})
	require.NoError(t, err)
	rounds, err := approval.Requests(ctx, tx, a.Kind, a.ID, a.Action)
	require.NoError(t, err)
	require.Len(t, rounds, 1)
	require.Equal(t, approval.Approved, rounds[0].Status)
	require.Equal(t, 2, rounds[0].Agreed())
	require.Equal(t, "fine", *rounds[0].By(second).Note)
}

// A round that was rejected or withdrawn stays on record, and the next begins
// with nobody's consent.
func TestApproval_rounds(t *testing.T) {
	t.Parallel()
	ctx, tx, at := t.Context(), pgtest.Tx(t), time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	a, who := approvable(1), id.New[approval.Person]()
	r, err := approval.Open(ctx, tx, a, at)
	require.NoError(t, err)
	_, err = approval.Decide(ctx, tx, r, approval.Decision{By: who, Note: ptr("wrong total"), At: at})
	require.NoError(t, err)
	r, err = approval.Open(ctx, tx, a, at.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, r.Decisions)
	require.NoError(t, approval.Withdraw(ctx, tx, a.Kind, a.ID, a.Action, at.Add(2*time.Hour)))
	require.NoError(t, approval.Withdraw(ctx, tx, a.Kind, a.ID, a.Action, at.Add(3*time.Hour)), "none is open")
	rounds, err := approval.Requests(ctx, tx, a.Kind, a.ID, a.Action)
	require.NoError(t, err)
	require.Len(t, rounds, 2)
	require.Equal(t, approval.Withdrawn, rounds[0].Status)
	require.Equal(t, approval.Rejected, rounds[1].Status)
	require.False(t, rounds[1].By(who).Approved)
}

func ptr[T any](v T) *T { return &v }
