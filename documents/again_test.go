package documents

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// A verb whose answer was lost runs again with the same params, and finds what it did:
// nothing is written twice. With others it is refused.
func TestSignatures_again(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf)
	links := func() (n int) {
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM documents.signature_events").Scan(ctx, &n))
		return n
	}
	twice := func(do func() error, other error, otherwise func() error) {
		t.Helper()
		require.NoError(t, do())
		n := links()
		require.NoError(t, do(), "again")
		require.Equal(t, n, links(), "and nothing is added")
		require.ErrorIs(t, otherwise(), other)
		require.Equal(t, n, links())
	}

	ask := RequestSignaturesParams{ID: id.New[Envelope](), DocumentID: d.ID, ActorID: sponsor, ExpiresAt: time.Now().Add(time.Hour).UTC(),
		Signers: []Signer{user(ann), {Name: "Carol Outsider", Email: "carol@example.com"}}}
	var v *EnvelopeView
	asking := func(p RequestSignaturesParams) func() error {
		return func() error {
			got, err := svc.sig().RequestSignatures(ctx, tx, p)
			if err != nil {
				return err
			}
			if v != nil {
				require.Equal(t, v.Envelope.ID, got.Envelope.ID)
				require.Len(t, got.Invitations, 2)
				require.Equal(t, v.Invitations[1].Request.ID, got.Invitations[1].Request.ID)
				require.Nil(t, got.Invitations[1].Token, "nobody sees it again")
				return nil
			}
			v = got
			return nil
		}
	}
	changed := ask
	changed.InOrder = true
	twice(asking(ask), store.ErrExists, asking(changed))
	var envelopes int
	require.NoError(t, tx.NewRaw("SELECT count(*) FROM documents.envelopes").Scan(ctx, &envelopes))
	require.Equal(t, 1, envelopes)

	_, err := svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: ann})
	require.NoError(t, err)
	p := signing(v, 0)
	p.IPAddress, p.UserAgent = ptr(netip.MustParseAddr("192.0.2.7")), ptr("browser")
	p.Verification = &Verification{VerifySMS, []byte(`{"b": 1, "a": 2}`)}
	signs := func(p SignParams) func() error {
		return func() error {
			r, err := svc.sig().Sign(ctx, tx, p)
			if err == nil {
				require.Equal(t, RequestSigned, r.Status)
			}
			return err
		}
	}
	for what, change := range map[string]func(*SignParams){
		"another name":   func(p *SignParams) { p.Typed = "B. Signer" },
		"other words":    func(p *SignParams) { p.Intent = "I sign something else." },
		"other bytes":    func(p *SignParams) { p.DocumentHash = p.DocumentHash[1:] + "0" },
		"another device": func(p *SignParams) { p.UserAgent = ptr("telephone") },
		"not verified":   func(p *SignParams) { p.Verification = nil },
	} {
		t.Log(what)
		other := p
		change(&other)
		twice(signs(p), ErrRequestAnswered, signs(other))
	}
	stranger := p
	stranger.SignerID = sponsor
	require.ErrorIs(t, signs(stranger)(), ErrRequestNotFound)
	_, err = svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: p.RequestID, SignerID: ann, Reason: "no"})
	require.ErrorIs(t, err, ErrRequestAnswered)

	decline := func(reason string) func() error {
		return func() error {
			_, err := svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: v.Invitations[1].Request.ID, Token: *v.Invitations[1].Token, Reason: reason})
			return err
		}
	}
	twice(decline("the amount is wrong"), ErrRequestAnswered, decline("no time"))
	_, err = svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: v.Invitations[1].Request.ID, Token: auth.NewSecret("x"), Reason: "the amount is wrong"})
	require.ErrorIs(t, err, ErrRequestNotFound, "and who holds no link learns nothing")

	next := asked(t, tx, svc, d, false, Signer{Name: "Carol Outsider", Email: "carol@example.com"})
	void := func(reason string) func() error {
		return func() error {
			_, err := svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: next.Envelope.ID, ActorID: sponsor, Reason: reason})
			return err
		}
	}
	twice(void("a mistake"), ErrEnvelopeClosed, void("another mistake"))
	hold := func(reason string) func() error {
		return func() error {
			_, err := svc.HoldDocument(ctx, tx, HoldDocumentParams{DocumentID: d.ID, ActorID: sponsor, Reason: reason})
			return err
		}
	}
	twice(hold("the suit"), ErrHeld, hold("another suit"))
	holds(t, tx)
}

// Files that were sent are not sent again.
func TestPutUpload_again(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	u, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: owner, FileName: "a.pdf", Content: strings.NewReader(pdf)})
	require.NoError(t, err)
	again, err := svc.PutUpload(ctx, tx, PutUploadParams{UploadID: u.ID, UploaderID: owner, Content: bytesReader([]byte(pdf))})
	require.NoError(t, err)
	require.Equal(t, u.ID, again.ID)
	require.Equal(t, UploadComplete, again.Status)
	_, err = svc.PutUpload(ctx, tx, PutUploadParams{UploadID: u.ID, UploaderID: person(t, tx), Content: bytesReader([]byte(pdf))})
	require.ErrorIs(t, err, ErrUploadNotFound)
}

// An id that comes again after its transaction was rolled back gets another object, so
// that a sweep which is about to remove the first one takes nothing that is in use.
func TestStartUpload_keyIsNew(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	p := StartUploadParams{ID: id.New[Upload](), UploaderID: owner, FileName: "a.pdf", Type: "application/pdf", Size: 1, SHA256: [32]byte{1}}
	keys := map[string]bool{}
	for range 2 {
		_ = within(t, tx, func(ctx context.Context, tx bun.IDB) error {
			u, err := svc.StartUpload(ctx, tx, p)
			require.NoError(t, err)
			keys[u.ObjectKey] = true
			return context.Canceled
		})
	}
	require.Len(t, keys, 2)
}

// What a verb returns is what is stored, the time of its change with it, so that a client
// may go on from it.
func TestVerbs_returnWhatIsStored(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, ann, approver := person(t, tx), person(t, tx), person(t, tx)
	role(t, tx, approver, auth.RoleApprover)
	d := paper(t, tx, svc, owner, pdf)
	_, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("two")})
	require.NoError(t, err)
	same := func(what string, got *Document, err error) {
		t.Helper()
		require.NoError(t, err, what)
		kept, err := documents.Get(ctx, tx, got.ID)
		require.NoError(t, err)
		require.True(t, kept.UpdatedAt.Equal(got.UpdatedAt), "%s: %s, not %s", what, got.UpdatedAt, kept.UpdatedAt)
	}
	name := "Renamed"
	got, err := svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, Name: &name, Visibility: ptr(VisibilityPublic)})
	same("update", got, err)
	got, err = svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, ReadAt: &got.UpdatedAt, Visibility: ptr(VisibilityShared)})
	same("update", got, err)
	got, err = svc.HoldDocument(ctx, tx, HoldDocumentParams{DocumentID: d.ID, ActorID: owner, Reason: "the suit"})
	same("hold", got, err)
	got, err = svc.ReleaseDocument(ctx, tx, ReleaseDocumentParams{d.ID, approver})
	same("release", got, err)
	got, err = svc.RetainDocument(ctx, tx, RetainDocumentParams{DocumentID: d.ID, ActorID: owner, Until: date.Must(2000, 1, 1)})
	same("retain", got, err)
	got, err = svc.DeleteDocument(ctx, tx, DeleteDocumentParams{d.ID, owner})
	same("delete", got, err)
	got, err = svc.RestoreDocument(ctx, tx, RestoreDocumentParams{d.ID, owner})
	same("restore", got, err)

	sh, err := svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: ann})
	require.NoError(t, err)
	sh, err = svc.RevokeShare(ctx, tx, RevokeShareParams{ShareID: sh.ID, ActorID: owner})
	require.NoError(t, err)
	keptShare, err := shares.Get(ctx, tx, sh.ID)
	require.NoError(t, err)
	require.True(t, keptShare.UpdatedAt.Equal(sh.UpdatedAt))
	l, err := svc.CreateLink(ctx, tx, CreateLinkParams{DocumentID: d.ID, ActorID: owner, ExpiresAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	ended, err := svc.RevokeLink(ctx, tx, RevokeLinkParams{LinkID: l.Link.ID, ActorID: owner})
	require.NoError(t, err)
	keptLink, err := links.Get(ctx, tx, ended.ID)
	require.NoError(t, err)
	require.True(t, keptLink.UpdatedAt.Equal(ended.UpdatedAt))

	v := asked(t, tx, svc, got, false, user(ann))
	view, err := svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: ann})
	require.NoError(t, err)
	request := func(r *SignatureRequest, err error) {
		t.Helper()
		require.NoError(t, err)
		kept, err := requests.Get(ctx, tx, r.ID)
		require.NoError(t, err)
		require.True(t, kept.UpdatedAt.Equal(r.UpdatedAt))
	}
	request(view.Request, nil)
	inv, err := svc.sig().RemindSigner(ctx, tx, RemindSignerParams{RequestID: view.Request.ID, ActorID: owner})
	require.NoError(t, err)
	request(inv.Request, nil)
	request(svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: view.Request.ID, SignerID: ann, Reason: "no"}))
	v = asked(t, tx, svc, got, false, user(ann))
	_, err = svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: ann})
	require.NoError(t, err)
	request(svc.sig().Sign(ctx, tx, signing(v, 0)))
	v = asked(t, tx, svc, got, false, user(owner))
	e, err := svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: owner, Reason: "a mistake"})
	require.NoError(t, err)
	keptEnvelope, err := envelopes.Get(ctx, tx, e.ID)
	require.NoError(t, err)
	require.True(t, keptEnvelope.UpdatedAt.Equal(e.UpdatedAt))
}

// Nobody is asked whose account is not active, though they were asked before; what else
// fails is no matter of theirs.
func TestRequestSignatures_suspended(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf)
	v := asked(t, tx, svc, d, false, user(ann))
	_, err := svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: sponsor, Reason: "a mistake"})
	require.NoError(t, err)
	_, err = tx.NewRaw("UPDATE auth.users SET status = 'suspended' WHERE id = ?", ann).Exec(ctx)
	require.NoError(t, err)
	err = within(t, tx, func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: sponsor, Signers: []Signer{user(ann)}, ExpiresAt: time.Now().Add(time.Hour)})
		return err
	})
	require.ErrorIs(t, err, store.ErrReference)
	require.ErrorIs(t, err, auth.ErrActorInactive)

	// A database that does not answer is no lack of an account, nor of a link.
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = pendingSignature(ended, tx, v.Envelope, ann, time.Now())
	require.Error(t, err)
	require.NotErrorIs(t, err, fault.Invalid)
}

// Somebody without an account is forgotten by their address: what they are asked is voided,
// their link leads nowhere, and their name stays where they have signed. The chain is whole.
func TestEraseSigner(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, admin, ann := person(t, tx), person(t, tx), person(t, tx)
	role(t, tx, admin, auth.RoleAdministrator)
	d := paper(t, tx, svc, sponsor, pdf)
	carol, dave := Signer{Name: "Carol Outsider", Email: "carol@example.com"}, Signer{Name: "Dave Outsider", Email: "dave@example.com"}
	signed := asked(t, tx, svc, d, false, carol, dave)
	require.NoError(t, sign(t, tx, svc, signing(signed, 0)))
	require.NoError(t, sign(t, tx, svc, signing(signed, 1)))
	open := asked(t, tx, svc, d, false, Signer{Name: "Carol Outsider", Email: "Carol@Example.com"}, user(ann))
	other := asked(t, tx, svc, d, false, dave)
	erase := func(who id.Of[auth.User]) (int, error) {
		return svc.sig().EraseSigner(ctx, tx, EraseSignerParams{Email: "carol@example.com", ActorID: who})
	}
	for _, who := range []id.Of[auth.User]{sponsor, ann} {
		_, err := erase(who)
		require.ErrorIs(t, err, auth.ErrNotPermitted)
	}
	n, err := erase(admin)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = erase(admin)
	require.NoError(t, err)
	require.Zero(t, n, "again")
	view := func(v *EnvelopeView) *EnvelopeView {
		got, err := svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: v.Envelope.ID, AsPlatform: true})
		require.NoError(t, err)
		return got
	}
	require.Equal(t, EnvelopeVoided, view(open).Envelope.Status)
	require.Equal(t, "erased", *view(open).Invitations[0].Request.SignerName)
	require.Equal(t, "Carol Outsider", *view(signed).Invitations[0].Request.SignerName)
	require.Equal(t, "erased@erased.invalid", *view(signed).Invitations[0].Request.SignerEmail)
	require.Equal(t, "dave@example.com", *view(signed).Invitations[1].Request.SignerEmail)
	require.Equal(t, EnvelopeOpen, view(other).Envelope.Status)
	_, err = svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: open.Invitations[0].Request.ID, Token: *open.Invitations[0].Token})
	require.ErrorIs(t, err, ErrRequestNotFound)
	report, err := svc.sig().VerifySignatures(ctx, tx, VerifySignaturesParams{DocumentID: d.ID, AsPlatform: true})
	require.NoError(t, err)
	require.Nil(t, report.Broken)
	_, err = svc.sig().EraseSigner(ctx, tx, EraseSignerParams{})
	require.Equal(t, []string{"email", "actor_id"}, fieldsOf(err))
	holds(t, tx)
}
