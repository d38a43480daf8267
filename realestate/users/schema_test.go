package users

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

func connection(a, b id.Of[auth.User]) *Connection {
	return &Connection{ID: id.New[Connection](), RequesterID: a, RecipientID: b, Status: ConnectionPending, CreatedAt: base, UpdatedAt: base}
}

// Two people have one connection, whoever asks, and nobody one with himself.
func TestConnections(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	a, b := person(t, tx), person(t, tx)
	require.NoError(t, insert(t, tx, connection(a, b)))
	require.ErrorIs(t, insert(t, tx, connection(a, b)), ErrConnected)
	require.ErrorIs(t, insert(t, tx, connection(b, a)), ErrConnected)
	require.ErrorIs(t, insert(t, tx, connection(a, a)), ErrSelfConnection)
	c := connection(a, person(t, tx))
	c.Status = "x"
	require.ErrorIs(t, insert(t, tx, c), store.ErrCheck)
}

// A conversation finds its participants by containment; its messages go with
// it, and a message to somebody who is purged goes on to the group.
func TestConversations(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	a, b, stranger := person(t, tx), person(t, tx), person(t, tx)
	c := &Conversation{
		ID: id.New[Conversation](), Type: ConversationDirect, Participants: []id.Of[auth.User]{a, b},
		CreatedBy: &a, CreatedAt: base, UpdatedAt: base,
	}
	require.NoError(t, insert(t, tx, c))
	m := &Message{
		ID: id.New[Message](), ConversationID: c.ID, SenderID: a, RecipientID: &b, Content: "hello", ContentType: ContentDocument,
		Attachments: []Attachment{{Name: "deck.pdf", URL: "s3://b/deck.pdf", Type: "application/pdf", Size: 3 << 31}},
		CreatedAt:   base, UpdatedAt: base,
	}
	require.NoError(t, insert(t, tx, m))

	with := func(user id.Of[auth.User]) []Conversation {
		var rows []Conversation
		require.NoError(t, tx.NewSelect().Model(&rows).Where("participants @> ARRAY[?]::uuid[]", user).Scan(ctx))
		return rows
	}
	require.Len(t, with(b), 1)
	require.Equal(t, []id.Of[auth.User]{a, b}, with(b)[0].Participants)
	require.Empty(t, with(stranger))

	var got Message
	require.NoError(t, tx.NewSelect().Model(&got).Where("m.id = ?", m.ID).Scan(ctx))
	require.Equal(t, m.Attachments, got.Attachments)

	purge(t, tx, b)
	var after Message
	require.NoError(t, tx.NewSelect().Model(&after).Where("m.id = ?", m.ID).Scan(ctx))
	require.Nil(t, after.RecipientID)
	_, err := tx.NewDelete().Model(c).WherePK().Exec(ctx)
	require.NoError(t, err)
	n, err := tx.NewSelect().Model((*Message)(nil)).Where("m.id = ?", m.ID).Count(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

// purge really removes a user.
func purge(t *testing.T, tx bun.IDB, user id.Of[auth.User]) {
	t.Helper()
	_, err := tx.NewRaw("SELECT set_config('freehold.purge', 'on', true)").Exec(t.Context())
	require.NoError(t, err)
	_, err = tx.NewRaw("DELETE FROM auth.users WHERE id = ?", user).Exec(t.Context())
	require.NoError(t, err)
}

// A user who is purged takes profile and verifications along; as a reviewer he
// is forgotten.
func TestUsers_purged(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), service()
	user, officer := person(t, tx), person(t, tx)
	_, err := svc.SaveProfile(ctx, tx, SaveProfileParams{UserID: user, FirstName: ptr("Ada")})
	require.NoError(t, err)
	v := submit(t, tx, user, VerificationKYC)
	_, err = svc.ApproveVerification(ctx, tx, ApproveVerificationParams{ID: v.ID, ReviewerID: officer})
	require.NoError(t, err)

	purge(t, tx, officer)
	v, err = svc.Verification(ctx, tx, v.ID)
	require.NoError(t, err)
	require.Nil(t, v.ReviewedBy)
	require.Equal(t, VerificationApproved, v.Status)

	purge(t, tx, user)
	_, err = svc.Profile(ctx, tx, user)
	require.ErrorIs(t, err, ErrProfileNotFound)
	_, err = svc.Verification(ctx, tx, v.ID)
	require.ErrorIs(t, err, ErrVerificationNotFound)
}

func TestSchema_refusals(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := person(t, tx)
	v := &Verification{
		ID: id.New[Verification](), UserID: user, Type: VerificationKYC, Status: VerificationApproved,
		SubmittedAt: base, CreatedAt: base, UpdatedAt: base,
	}
	require.ErrorIs(t, insert(t, tx, v), ErrVerificationReview, "approved, and nobody reviewed it")
	p := &Profile{ID: id.New[Profile](), UserID: user, ProfileVisibility: VisibilityPublic, ProfileCompletionScore: 101, CreatedAt: base, UpdatedAt: base}
	require.ErrorIs(t, insert(t, tx, p), store.ErrCheck)
}
