package renderer_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/builders"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/paper"
	"github.com/freehold-go/freehold/realestate/paper/internal/pdftest"
	"github.com/freehold-go/freehold/realestate/paper/renderer"
)

// An agreement is made of a template, signed by an investor and by somebody without an
// account, and certified: both files are PDFs that say so.
func TestAgreement(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	p, err := realestate.New(realestate.Config{Storage: storage.NewMemory(storage.MemoryConfig{}), Renderer: renderer.New(paper.Theme{Footer: "Elm Street LLC"})})
	require.NoError(t, err)
	sponsor, investor := builders.User(t, tx).ID, builders.User(t, tx).ID
	fill := documents.FillTemplateParams{OwnerID: sponsor, Template: documents.SubscriptionAgreement, Fields: map[string]string{"offering_name": "Elm Street", "investor_name": "Ann Åberg",
		"amount": "$25,000.00", "sponsor_name": "Sponsor LLC", "date": "2026-02-01", "governing_law": "Ohio"}}
	d, err := p.Documents.FillTemplate(ctx, tx, fill)
	require.NoError(t, err)
	require.Equal(t, "application/pdf", *d.FileType)
	c, err := p.Documents.OpenDocument(ctx, tx, documents.OpenDocumentParams{ID: d.ID, ViewerID: sponsor})
	require.NoError(t, err)
	file, err := io.ReadAll(c.Body)
	require.NoError(t, err)
	require.NoError(t, c.Body.Close())
	agreement := pdftest.Read(t, file)
	require.Equal(t, "Subscription agreement: Elm Street", agreement.Title)
	require.Contains(t, strings.Join(agreement.Pages, "\n"), "Ann Åberg")
	fill.Fields["investor_name"] = "漢"
	_, err = p.Documents.FillTemplate(ctx, tx, fill)
	require.ErrorIs(t, err, documents.ErrField, "a name that the font cannot print")

	v, err := p.Signatures.RequestSignatures(ctx, tx, documents.RequestSignaturesParams{DocumentID: d.ID, ActorID: sponsor, ExpiresAt: time.Now().Add(time.Hour),
		Signers: []documents.Signer{{UserID: &investor}, {Name: "Carol Outsider", Email: "carol@example.com"}}})
	require.NoError(t, err)
	var drawn bytes.Buffer
	require.NoError(t, png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 60, 20))))
	for _, inv := range v.Invitations {
		sign := documents.SignParams{RequestID: inv.Request.ID, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree to sign electronically.", Intent: "I sign this agreement.",
			Type: documents.SignatureElectronic, Typed: "A. Signer"}
		if inv.Token == nil {
			sign.SignerID, sign.Typed, sign.Drawn = investor, "Ann Åberg, as typed", drawn.Bytes()
		} else {
			sign.Token = *inv.Token
		}
		_, err := p.Signatures.ViewRequest(ctx, tx, documents.ViewRequestParams{RequestID: sign.RequestID, SignerID: sign.SignerID, Token: sign.Token})
		require.NoError(t, err)
		_, err = p.Signatures.Sign(ctx, tx, sign)
		require.NoError(t, err)
	}
	var b bytes.Buffer
	require.NoError(t, p.Signatures.RenderCertificate(ctx, tx, documents.RenderCertificateParams{EnvelopeID: v.Envelope.ID, ViewerID: investor}, &b))
	certificate := strings.ReplaceAll(strings.Join(pdftest.Read(t, b.Bytes()).Pages, ""), "\n", "")
	for _, s := range []string{*d.FileHash, "Carol Outsider", investor.String(), "I sign this agreement.", "Ann Åberg, as typed", "A. Signer", "Signed by hand as"} {
		require.Contains(t, certificate, s)
	}
	require.Equal(t, 1, bytes.Count(b.Bytes(), []byte("/Subtype /Image")), "the hand that signed")
}
