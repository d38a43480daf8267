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
	"github.com/freehold-go/freehold/realestate/date"
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
