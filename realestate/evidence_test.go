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

// A gate that asks for signed documents lets in who signed all that he was asked
// to, and was asked at all.
func TestCommit_signedDocuments(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	now := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return now }, Gate: investments.RequireSignedDocuments})
	require.NoError(t, err)
	o, who, n := offered(t, tx, "500000"), person(t, tx), 0
	accredit(t, tx, who)
	commit := func() error {
		n++
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := p.Commitments.Commit(ctx, tx, investments.CommitParams{IdempotencyKey: fmt.Sprint("commit", n), OfferingID: o.ID, InvestorID: who, Amount: money.MustParse("25000"), Date: date.MustParse("2026-02-01"), ActorID: who})
			return err
		})
	}
	ask := func(status string, at time.Time) id.Of[documents.Document] {
		d, err := p.Documents.AddDocument(ctx, tx, documents.AddDocumentParams{OwnerID: who, Name: "Subscription agreement", RequiresSignature: true,
			File: documents.File{Name: "agreement.pdf", Type: "application/pdf", Size: 1, StorageURL: "s3://documents/agreement.pdf", SHA256: sha256.Sum256([]byte("%"))}})
		require.NoError(t, err)
		answer(t, tx, d.ID, who, status, at)
		return d.ID
	}
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "nobody asked him")
	first := ask("pending", now)
	require.ErrorIs(t, commit(), investments.ErrUnsigned)
	_, err = tx.ExecContext(ctx, "UPDATE documents.signatures SET status = 'declined', declined_at = now() WHERE document_id = ?", first)
	require.NoError(t, err)
	require.ErrorIs(t, commit(), investments.ErrUnsigned)
	answer(t, tx, first, who, "signed", now.Add(time.Hour)) // asked again
	require.NoError(t, commit())
	ask("pending", now)
	require.ErrorIs(t, commit(), investments.ErrUnsigned, "one more document")
}

// answer records a request to sign and what became of it.
func answer(t *testing.T, db bun.IDB, d id.Of[documents.Document], who any, status string, at time.Time) {
	t.Helper()
	_, err := db.NewRaw(`INSERT INTO documents.signatures (document_id, signer_id, status, requested_at, signed_at)
		VALUES (?0, ?1, ?2, ?3::timestamptz, CASE ?2 WHEN 'signed' THEN ?3::timestamptz END)`, d, who, status, at).Exec(t.Context())
	require.NoError(t, err)
}
