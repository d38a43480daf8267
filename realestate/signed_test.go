package realestate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RequireSignedDocuments passes by verbs alone: a paper of the offering is uploaded,
// asked to be signed and signed; a new version has to be signed again.
func TestRequireSignedDocuments_byVerbs(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	p, err := realestate.New(realestate.Config{Gate: investments.RequireSignedDocuments, Storage: storage.NewMemory(storage.MemoryConfig{})})
	require.NoError(t, err)
	o, who, manager := offered(t, tx, "500000"), person(t, tx), person(t, tx)
	accredit(t, tx, who)
	today := date.Of(time.Now().UTC())
	commit := func(key string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := p.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: key, OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("25000"), Date: today, ActorID: who})
			return err
		})
	}
	upload := func(body string) *documents.Upload {
		u, err := p.Documents.UploadFile(ctx, tx, documents.UploadFileParams{UploaderID: manager, FileName: "agreement.pdf", Content: strings.NewReader("%PDF-1.7 " + body)})
		require.NoError(t, err)
		return u
	}
	sign := func(d *documents.Document) {
		v, err := p.Signatures.RequestSignatures(ctx, tx, documents.RequestSignaturesParams{DocumentID: d.ID, ActorID: manager, Signers: []documents.Signer{{UserID: &who}}, ExpiresAt: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		r := v.Invitations[0].Request.ID
		_, err = p.Signatures.OpenRequest(ctx, tx, documents.OpenRequestParams{RequestID: r, SignerID: who})
		require.NoError(t, err)
		_, err = p.Signatures.Sign(ctx, tx, documents.SignParams{RequestID: r, SignerID: who, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree", Intent: "I sign",
			Type: documents.SignatureElectronic, Typed: "A"})
		require.NoError(t, err)
	}
	u := upload("one")
	d, err := p.Documents.AddDocument(ctx, tx, documents.AddDocumentParams{OwnerID: manager, Name: "Agreement", UploadID: &u.ID, OfferingID: &o.ID, RequiresSignature: true,
		Visibility: documents.VisibilityShared})
	require.NoError(t, err)
	require.ErrorIs(t, commit("a"), investments.ErrUnsigned)
	sign(d)
	require.NoError(t, commit("b"))
	u = upload("two")
	d, err = p.Documents.AddVersion(ctx, tx, documents.AddVersionParams{DocumentID: d.ID, ActorID: manager, UploadID: &u.ID})
	require.NoError(t, err)
	require.ErrorIs(t, commit("c"), investments.ErrUnsigned, "the signature is of the version before")
	sign(d)
	require.NoError(t, commit("d"))
}

// A paper that was sent to one of many is required of that one and of nobody else, in its
// latest version, until it is taken back; its sponsor is not kept out by papers of others.
func TestRequireSignedDocuments_sent(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p, err := realestate.New(realestate.Config{Gate: investments.RequireSignedDocuments, Storage: storage.NewMemory(storage.MemoryConfig{}), Renderer: plain{}})
	require.NoError(t, err)
	o, sponsor, ann, bob, eve := offered(t, db, "500000"), person(t, db), person(t, db), person(t, db), person(t, db)
	for _, who := range []id.Of[auth.User]{sponsor, ann, bob, eve} {
		accredit(t, db, who)
	}
	u, err := p.Documents.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: sponsor, FileName: "rules.pdf", Content: strings.NewReader("%PDF-1.7 rules")})
	require.NoError(t, err)
	rules, err := p.Documents.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: sponsor, Name: "Operating agreement", UploadID: &u.ID, OfferingID: &o.ID,
		RequiresSignature: true, Visibility: documents.VisibilityShared})
	require.NoError(t, err)
	sign := func(r id.Of[documents.SignatureRequest], who id.Of[auth.User]) {
		t.Helper()
		v, err := p.Signatures.ViewRequest(ctx, db, documents.ViewRequestParams{RequestID: r, SignerID: who})
		require.NoError(t, err)
		_, err = p.Signatures.Sign(ctx, db, documents.SignParams{RequestID: r, SignerID: who, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree", Intent: "I sign",
			Type: documents.SignatureElectronic, Typed: "A"})
		require.NoError(t, err)
	}
	all, err := p.Signatures.RequestSignatures(ctx, db, documents.RequestSignaturesParams{DocumentID: rules.ID, ActorID: sponsor, ExpiresAt: time.Now().Add(time.Hour),
		Signers: []documents.Signer{{UserID: &sponsor}, {UserID: &ann}, {UserID: &bob}, {UserID: &eve}}})
	require.NoError(t, err)
	for i, who := range []id.Of[auth.User]{sponsor, ann, bob, eve} {
		sign(all.Invitations[i].Request.ID, who)
	}
	held := func() (out []bool) {
		t.Helper()
		for _, who := range []id.Of[auth.User]{sponsor, ann, bob, eve} {
			require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
				is, err := p.Documents.HoldSigned(ctx, tx, o.ID, who)
				out = append(out, is)
				return err
			}))
		}
		return out
	}
	require.Equal(t, []bool{true, true, true, true}, held())
	sent, err := p.Signatures.SendTemplate(ctx, db, documents.SendTemplateParams{IdempotencyKey: "agreements", ActorID: sponsor, RequiresSignature: true, OfferingID: &o.ID,
		Template: documents.Template{Title: "Agreement of {{name}}", Body: "{{name}} subscribes."}, ExpiresAt: time.Now().Add(time.Hour),
		Recipients:     []documents.Recipient{{Signer: documents.Signer{UserID: &ann}, Fields: map[string]string{"name": "Ann"}}, {Signer: documents.Signer{UserID: &bob}, Fields: map[string]string{"name": "Bob"}}},
		Countersigners: []documents.Signer{{UserID: &sponsor}}})
	require.NoError(t, err)
	require.Equal(t, 2, sent.Sent)
	require.Equal(t, []bool{true, false, false, true}, held(), "each has to sign their own")
	_, err = p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: "no", OfferingID: o.ID, InvestorID: ann, Amount: money.MustParse("25000"), Date: date.Of(time.Now().UTC()), ActorID: ann})
	require.ErrorIs(t, err, investments.ErrUnsigned)
	sign(sent.Papers[0].Invitation.Request.ID, ann)
	require.Equal(t, []bool{true, true, false, true}, held())
	_, err = p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: "yes", OfferingID: o.ID, InvestorID: ann, Amount: money.MustParse("25000"), Date: date.Of(time.Now().UTC()), ActorID: ann})
	require.NoError(t, err)
	_, err = p.Signatures.VoidEnvelope(ctx, db, documents.VoidEnvelopeParams{EnvelopeID: sent.Papers[1].EnvelopeID, ActorID: sponsor, Reason: "not his"})
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, true, true}, held(), "taken back, and the paper is its owner's alone")
	u, err = p.Documents.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: sponsor, FileName: "a.pdf", Content: strings.NewReader("%PDF-1.7 other words")})
	require.NoError(t, err)
	_, err = p.Documents.AddVersion(ctx, db, documents.AddVersionParams{DocumentID: sent.Papers[0].DocumentID, ActorID: sponsor, UploadID: &u.ID})
	require.NoError(t, err)
	require.Equal(t, []bool{false, false, true, true}, held(), "what she signed is not the latest version")
}
