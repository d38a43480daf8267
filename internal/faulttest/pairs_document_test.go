package faulttest

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// documentPairs are verbs that meet in the papers of an offering.
var documentPairs = []pair{
	{"commit by signed papers and replace one of them", commitVersion, []string{"ok/ok", "documents_unsigned/ok"}, 100},
}

// errUnsignedNow: a commitment goes on though a paper of its offering is unsigned.
var errUnsignedNow = fault.New(fault.Illegal, "test_unsigned_now", "a paper is not signed at the end of the commitment")

// signedAtTheEnd looks at the papers when the commitment has done all else.
func signedAtTheEnd(ctx context.Context, tx bun.IDB, events []realestate.Emission) error {
	for _, e := range events {
		c, ok := e.Payload().(investments.SubscriptionCommitted)
		if !ok {
			continue
		}
		var unsigned int
		if err := tx.NewRaw(`SELECT count(*) FROM documents.documents d WHERE d.opportunity_id = ? AND d.is_latest_version AND d.requires_signature
			AND NOT EXISTS (SELECT 1 FROM documents.signatures s WHERE s.document_id = d.id AND s.status = 'signed')`, c.OfferingID).Scan(ctx, &unsigned); err != nil {
			return err
		}
		if unsigned > 0 {
			return errUnsignedNow
		}
	}
	return nil
}

// commitVersion: the version that replaces a signed paper is seen by the gate, or comes
// after the commitment. Two papers, since of a single one nothing would be left to count.
func commitVersion(w *world) (a, b command, judge func(*world, error, error)) {
	o, who := w.Offering("100000"), w.Investor()
	gated, err := realestate.New(realestate.Config{Now: time.Now, Gate: investments.RequireSignedDocuments, Hooks: []realestate.Hook{signedAtTheEnd}})
	require.NoError(w.T, err)
	var papers []id.Of[documents.Document]
	for range 2 {
		d := w.paper(o)
		w.signed(d, who)
		papers = append(papers, d.ID)
	}
	next := documents.AddVersionParams{DocumentID: papers[0], ActorID: w.Clerk, File: paperFile()}
	return do(gated.Commitments.Commit, recipes.Commitment(o, who, "50000")), do(w.P.Documents.AddVersion, next), func(w *world, a, b error) {
		require.NoError(w.T, b)
		if a != nil {
			w.refused(a, investments.ErrUnsigned)
		}
		w.count(map[bool]int{true: 1}[a == nil], "investments.subscriptions WHERE opportunity_id = ?", o.ID)
	}
}

func paperFile() documents.File {
	return documents.File{Name: "a.pdf", Type: "application/pdf", Size: 1, SHA256: sha256.Sum256([]byte(recipes.Key())), StorageURL: "s3://papers/a"}
}

// paper is one that the investors of an offering have to sign.
func (w *world) paper(o *investments.Offering) *documents.Document {
	w.T.Helper()
	d, err := w.P.Documents.AddDocument(w.T.Context(), w.DB, documents.AddDocumentParams{OwnerID: w.Clerk, Name: "Agreement", File: paperFile(), OfferingID: &o.ID,
		Visibility: documents.VisibilityShared, RequiresSignature: true})
	require.NoError(w.T, err)
	return d
}

// signed has somebody sign a paper.
func (w *world) signed(d *documents.Document, who id.Of[auth.User]) {
	w.T.Helper()
	ctx, db := w.T.Context(), w.DB
	v, err := w.P.Signatures.RequestSignatures(ctx, db, documents.RequestSignaturesParams{DocumentID: d.ID, ActorID: w.Clerk,
		Signers: []documents.Signer{{UserID: &who}}, ExpiresAt: time.Now().Add(time.Hour)})
	require.NoError(w.T, err)
	r := v.Invitations[0].Request.ID
	_, err = w.P.Signatures.ViewRequest(ctx, db, documents.ViewRequestParams{RequestID: r, SignerID: who})
	require.NoError(w.T, err)
	_, err = w.P.Signatures.Sign(ctx, db, documents.SignParams{RequestID: r, SignerID: who, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree", Intent: "I sign",
		Type: documents.SignatureElectronic, Typed: "A"})
	require.NoError(w.T, err)
}
