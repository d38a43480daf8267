package documents

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/reached"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// tourOfDocuments adds documents of every kind, about everything, changes, holds and deletes
// them, and lets others at them.
func tourOfDocuments(t *testing.T, db *bun.DB, svc *Service, owner, friend id.Of[auth.User]) *Document {
	t.Helper()
	ctx := t.Context()
	types, categories := []Type{TypeContract, TypeReport, TypePresentation, TypeTaxForm}, []Category{CategoryInvestment, CategoryLegal, CategoryFinancial, CategoryMarketing}
	var d *Document
	for i, v := range []Visibility{VisibilityPublic, VisibilityPrivate, VisibilityShared, VisibilityPrivate} {
		d = paper(t, db, svc, owner, pdf+digits(i), func(p *AddDocumentParams) {
			p.Type, p.Category, p.Visibility, p.RequiresSignature = &types[i], &categories[i], v, true
			p.Folder, p.RetainUntil, p.Description = "Legal", ptr(date.Of(time.Now().AddDate(0, 0, 1))), ptr("A paper")
			p.Tags, p.Metadata = []string{"a"}, map[string]any{"a": 1}
		})
	}
	_, err := svc.UpdateDocument(ctx, db, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, Name: ptr("Renamed")})
	require.NoError(t, err)
	_, err = svc.HoldDocument(ctx, db, HoldDocumentParams{DocumentID: d.ID, ActorID: owner, Reason: "a suit"})
	require.NoError(t, err)
	gone := paper(t, db, svc, owner, pdf+"gone")
	_, err = svc.DeleteDocument(ctx, db, DeleteDocumentParams{gone.ID, owner})
	require.NoError(t, err)
	d = paper(t, db, svc, owner, pdf+"shared")
	_, err = svc.AddVersion(ctx, db, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("two")})
	require.NoError(t, err)
	d = paper(t, db, svc, owner, pdf+"signed")
	share, err := svc.ShareDocument(ctx, db, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: friend, CanDownload: true, CanEdit: true, CanShare: true, ExpiresAt: ptr(time.Now().Add(time.Hour))})
	require.NoError(t, err)
	for _, a := range []Access{AccessView, AccessDownload} {
		c, err := svc.OpenDocument(ctx, db, OpenDocumentParams{ID: d.ID, ViewerID: friend, Access: a})
		readAll(t, c, err)
	}
	l, err := svc.CreateLink(ctx, db, CreateLinkParams{DocumentID: d.ID, ActorID: friend, ExpiresAt: time.Now().Add(time.Minute), Passcode: auth.NewSecret("4711"), CanDownload: true})
	require.NoError(t, err)
	for _, code := range []string{"wrong", "4711"} {
		c, err := svc.OpenLink(ctx, db, OpenLinkParams{Token: l.Token, Passcode: auth.NewSecret(code)})
		if code == "wrong" {
			require.ErrorIs(t, err, ErrLink)
			continue
		}
		readAll(t, c, err)
	}
	_, err = svc.RevokeShare(ctx, db, RevokeShareParams{ShareID: share.ID, ActorID: owner})
	require.NoError(t, err)
	return d
}

// tourOfSignatures asks for signatures in every way, which end in every way.
func tourOfSignatures(t *testing.T, db *bun.DB, svc *Service, owner id.Of[auth.User], d *Document) {
	t.Helper()
	ctx, sig := t.Context(), svc.sig()
	carol := Signer{Name: "Carol", Email: "carol@example.com"}
	ask := func(signers ...Signer) *EnvelopeView {
		t.Helper()
		v, err := sig.RequestSignatures(ctx, db, RequestSignaturesParams{DocumentID: d.ID, ActorID: owner, Signers: signers, InOrder: true, ExpiresAt: time.Now().Add(time.Hour), Message: ptr("Please sign.")})
		require.NoError(t, err)
		return v
	}
	v := ask(user(person(t, db)), carol, Signer{UserID: ptr(person(t, db)), Countersigner: true}, Signer{UserID: ptr(person(t, db)), Countersigner: true})
	inv, err := sig.RemindSigner(ctx, db, RemindSignerParams{RequestID: v.Invitations[1].Request.ID, ActorID: owner})
	require.NoError(t, err)
	v.Invitations[1].Token = inv.Token
	for i, m := range []VerificationMethod{VerifySMS, VerifyEmail, VerifyIDVerification, VerifyEmail} {
		p := signing(v, i)
		p.IPAddress, p.UserAgent, p.ImageURL = ptr(netip.MustParseAddr("192.0.2.7")), ptr("browser"), ptr("https://files.example.test/a.png")
		p.Verification = &Verification{m, json.RawMessage(`{"a": 1}`)}
		if i == 2 {
			p.Type, p.Typed, p.Provider = SignatureDigital, "", json.RawMessage(`{"provider": "x"}`)
		}
		require.NoError(t, sign(t, db, svc, p))
	}
	o := ask(carol)
	p := signing(o, 0)
	p.Type, p.Typed, p.Provider = SignatureDigital, "", json.RawMessage(`{"provider": "x"}`)
	require.NoError(t, sign(t, db, svc, p), "somebody without an account, with a provider")
	v = ask(user(person(t, db)))
	_, err = sig.DeclineSignature(ctx, db, DeclineSignatureParams{RequestID: v.Invitations[0].Request.ID, SignerID: *v.Invitations[0].Request.SignerID, Reason: "no"})
	require.NoError(t, err)
	v = ask(user(person(t, db)))
	_, err = sig.VoidEnvelope(ctx, db, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: owner, Reason: "a mistake"})
	require.NoError(t, err)
	v = ask(user(person(t, db)))
	_, err = db.NewRaw("UPDATE documents.envelopes SET expires_at = now() WHERE id = ?", v.Envelope.ID).Exec(ctx) // time passes
	require.NoError(t, err)
	_, err = sig.ExpireEnvelopes(ctx, db, 0)
	require.NoError(t, err)
	v = ask(user(person(t, db)))
	c, err := sig.OpenRequest(ctx, db, OpenRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: *v.Invitations[0].Request.SignerID})
	readAll(t, c, err)
}

// The verbs reach every column and every status of the schema: a tour through them leaves
// none that was never filled or set. Without a verb of the tour something is missing.
func TestColumns_reached(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc := stored(t, served(t, nil))
	owner, friend := person(t, db), person(t, db)
	untouched := reached.Never(t, db, "documents")
	require.Greater(t, len(untouched), 150, "at first nothing is reached")
	d := tourOfDocuments(t, db, svc, owner, friend)
	half := reached.Never(t, db, "documents")
	for _, missing := range []string{"envelopes.status=expired", "signatures.declined_at", "signature_requests.reminded_at", "signature_events.type=voided"} {
		require.True(t, slices.Contains(half, missing), missing)
	}
	tourOfSignatures(t, db, svc, owner, d)
	for i := range 2 {
		u, err := svc.UploadFile(ctx, db, UploadFileParams{UploaderID: owner, FileName: "a", Content: strings.NewReader(pdf + digits(100+i))})
		require.NoError(t, err)
		if i == 0 {
			require.NoError(t, within(t, db, func(ctx context.Context, tx bun.IDB) error { return TakeUploads(ctx, tx, owner, time.Now(), u.ID) }))
		}
	}
	late := NewService(Config{Storage: svc.storage, Now: func() time.Time { return time.Now().Add(48 * time.Hour) }})
	_, err := late.SweepUploads(ctx, db, SweepUploadsParams{})
	require.NoError(t, err)
	_, err = svc.StartUpload(ctx, db, StartUploadParams{UploaderID: owner, FileName: "a", Type: "text/plain", Size: 1, SHA256: [32]byte{1}})
	require.NoError(t, err)
	elsewhere := []string{"documents.account_id", "documents.opportunity_id", "documents.position_id", "documents.property_id", "documents.statement_id"}
	require.Equal(t, elsewhere, reached.Never(t, db, "documents"), "what a document is about is reached in package realestate: TestDocuments_about")
	holds(t, db)
}
