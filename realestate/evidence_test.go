package realestate_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// A gate that asks for signed documents lets in who signed the latest version of each
// document that the offering requires of them, and nobody where it requires none.
func TestCommit_signedDocuments(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	now := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return now }, Gate: investments.RequireSignedDocuments})
	require.NoError(t, err)
	o, who, manager, n := offered(t, tx, "500000"), person(t, tx), person(t, tx), 0
	accredit(t, tx, who)
	commit := func() error {
		n++
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := p.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: fmt.Sprint("commit", n), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("25000"), Date: date.MustParse("2026-02-01"), ActorID: who})
			return err
		})
	}
	paper := func(with ...func(*documents.AddDocumentParams)) id.Of[documents.Document] {
		q := documents.AddDocumentParams{OwnerID: manager, Name: "Subscription agreement", RequiresSignature: true, OfferingID: &o.ID, Visibility: documents.VisibilityShared,
			File: documents.File{Name: "agreement.pdf", Type: "application/pdf", Size: 1, StorageURL: "s3://documents/agreement.pdf", SHA256: sha256.Sum256([]byte("%"))}}
		for _, f := range with {
			f(&q)
		}
		d, err := p.Documents.AddDocument(ctx, tx, q)
		require.NoError(t, err)
		return d.ID
	}
	elsewhere := offered(t, tx, "500000")
	unrelated := paper(func(p *documents.AddDocumentParams) { p.OfferingID = &elsewhere.ID })
	answer(t, tx, unrelated, who, "signed", now)
	answer(t, tx, paper(func(p *documents.AddDocumentParams) { p.OfferingID, p.OwnerID = nil, who }), who, "signed", now)
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "papers of another offering, and of none, open nothing")

	first := paper()
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "nobody asked them")
	answer(t, tx, first, who, "pending", now)
	require.ErrorIs(t, commit(), investments.ErrUnsigned)
	_, err = tx.ExecContext(ctx, "UPDATE documents.signatures SET status = 'declined', declined_at = now() WHERE document_id = ?", first)
	require.NoError(t, err)
	require.ErrorIs(t, commit(), investments.ErrUnsigned)
	answer(t, tx, first, who, "signed", now.Add(time.Hour)) // asked again
	require.NoError(t, commit(), "the declined request blocks no longer")

	second, err := p.Documents.AddVersion(ctx, tx, documents.AddVersionParams{DocumentID: first, ActorID: manager,
		File: documents.File{Name: "agreement.pdf", Type: "application/pdf", Size: 1, StorageURL: "s3://documents/second.pdf", SHA256: sha256.Sum256([]byte("2"))}})
	require.NoError(t, err)
	require.Equal(t, o.ID, *second.OfferingID)
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "the signature is of a version that was replaced")
	answer(t, tx, second.ID, who, "signed", now)
	require.NoError(t, commit())

	paper(func(p *documents.AddDocumentParams) {
		p.OwnerID, p.Visibility = person(t, tx), documents.VisibilityPrivate
	})
	require.NoError(t, commit(), "another investor's own paper")
	loose := paper(func(p *documents.AddDocumentParams) { p.OfferingID, p.OwnerID = nil, who })
	answer(t, tx, loose, who, "pending", now)
	_, err = tx.ExecContext(ctx, "UPDATE documents.signatures SET status = 'declined', declined_at = now() WHERE document_id = ?", loose)
	require.NoError(t, err)
	require.NoError(t, commit(), "a paper of no offering that they declined")
	own := paper(func(p *documents.AddDocumentParams) { p.OwnerID, p.Visibility = who, documents.VisibilityPrivate })
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "one more document")
	_, err = tx.ExecContext(ctx, "UPDATE documents.documents SET deleted_at = now() WHERE id = ?", own)
	require.NoError(t, err)
	require.NoError(t, commit(), "it is required no more")
}

// answer records a request to sign and what became of it.
func answer(t *testing.T, db bun.IDB, d id.Of[documents.Document], who any, status string, at time.Time) {
	t.Helper()
	_, err := db.NewRaw(`INSERT INTO documents.signatures (document_id, signer_id, status, requested_at, signed_at)
		VALUES (?0, ?1, ?2, ?3::timestamptz, CASE ?2 WHEN 'signed' THEN ?3::timestamptz END)`, d, who, status, at).Exec(t.Context())
	require.NoError(t, err)
}
