package documents

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Who is asked finds what waits for them, who may share a document what was asked of it, and
// nobody else anything: the list shows what the read of one shows.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann, bob, helper, watcher, staff := person(t, tx), person(t, tx), person(t, tx), person(t, tx), person(t, tx), person(t, tx)
	role(t, tx, staff, auth.RoleSponsor)
	one, two := paper(t, tx, svc, sponsor, pdf), paper(t, tx, svc, sponsor, pdf+"2")
	for who, may := range map[id.Of[auth.User]]bool{helper: true, watcher: false} {
		_, err := svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: one.ID, ActorID: sponsor, SharedWith: who, CanDownload: true, CanShare: may})
		require.NoError(t, err)
	}
	first := asked(t, tx, svc, one, true, user(ann), user(bob))
	second := asked(t, tx, svc, two, false, user(ann), Signer{Name: "Carol", Email: "carol@example.com"})
	list := func(f EnvelopeFilter) (out []id.Of[Envelope]) {
		t.Helper()
		p, err := svc.sig().Envelopes(ctx, tx, f, page.Request{})
		require.NoError(t, err)
		for _, e := range p.Items {
			out = append(out, e.ID)
			_, err := svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: e.ID, ViewerID: f.ViewerID, AsPlatform: f.AsPlatform})
			require.NoError(t, err, "what is in the list can be read")
		}
		return out
	}
	a, b := first.Envelope.ID, second.Envelope.ID
	for who, want := range map[id.Of[auth.User]][]id.Of[Envelope]{sponsor: {a, b}, ann: {a, b}, bob: {a}, helper: {a}, watcher: nil, person(t, tx): nil, {}: nil, staff: {a, b}} {
		require.ElementsMatch(t, want, list(EnvelopeFilter{ViewerID: who}))
	}
	require.ElementsMatch(t, []id.Of[Envelope]{a, b}, list(EnvelopeFilter{AsPlatform: true}))
	require.Equal(t, []id.Of[Envelope]{b}, list(EnvelopeFilter{ViewerID: sponsor, DocumentID: &two.ID}))
	require.Empty(t, list(EnvelopeFilter{ViewerID: sponsor, ToSign: true}), "they ask, and sign nothing")

	require.ElementsMatch(t, []id.Of[Envelope]{a, b}, list(EnvelopeFilter{ViewerID: ann, ToSign: true}))
	require.NoError(t, sign(t, tx, svc, signing(first, 0)))
	require.Equal(t, []id.Of[Envelope]{b}, list(EnvelopeFilter{ViewerID: ann, ToSign: true}))
	_, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: two.ID, ActorID: sponsor, File: file("two")})
	require.NoError(t, err)
	require.Empty(t, list(EnvelopeFilter{ViewerID: ann, ToSign: true}))
	require.Equal(t, []id.Of[Envelope]{b}, list(EnvelopeFilter{ViewerID: sponsor, Status: ptr(EnvelopeVoided)}))
	require.Equal(t, []id.Of[Envelope]{a}, list(EnvelopeFilter{ViewerID: bob, ToSign: true}))
	_, err = tx.NewRaw("UPDATE documents.envelopes SET expires_at = ?", time.Now().Add(-time.Minute)).Exec(ctx)
	require.NoError(t, err)
	require.Empty(t, list(EnvelopeFilter{ViewerID: bob, ToSign: true}), "late, whether anybody has said so")
	_, err = svc.sig().Envelopes(ctx, tx, EnvelopeFilter{ViewerID: bob, Status: ptr(EnvelopeStatus("x"))}, page.Request{})
	require.ErrorIs(t, err, fault.Invalid)
}
