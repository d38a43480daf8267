package realestate_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// dealings is what two people have to do with documents of theirs: each uploads one, shows it
// to the other, makes a link, asks the other to sign, and opens, signs and declines what they
// are asked.
func dealings(t *testing.T, db bun.IDB, p *realestate.Platform, people [2]id.Of[auth.User]) {
	t.Helper()
	ctx := t.Context()
	for n, who := range people {
		other := people[1-n]
		for _, answer := range []string{"sign", "decline", "leave"} {
			u, err := p.Documents.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: who, FileName: "a.pdf", Content: strings.NewReader("%PDF-1.7 " + who.String() + answer)})
			require.NoError(t, err)
			d, err := p.Documents.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: who, Name: "Paper", UploadID: &u.ID})
			require.NoError(t, err)
			_, err = p.Documents.ShareDocument(ctx, db, documents.ShareDocumentParams{DocumentID: d.ID, ActorID: who, SharedWith: other})
			require.NoError(t, err)
			_, err = p.Documents.CreateLink(ctx, db, documents.CreateLinkParams{DocumentID: d.ID, ActorID: who, ExpiresAt: time.Now().Add(time.Hour)})
			require.NoError(t, err)
			v, err := p.Signatures.RequestSignatures(ctx, db, documents.RequestSignaturesParams{DocumentID: d.ID, ActorID: who, ExpiresAt: time.Now().Add(time.Hour),
				Signers: []documents.Signer{{UserID: &other}, {Name: "Carol", Email: "carol@example.com"}}})
			require.NoError(t, err)
			c, err := p.Documents.OpenDocument(ctx, db, documents.OpenDocumentParams{ID: d.ID, ViewerID: other})
			require.NoError(t, err)
			require.NoError(t, c.Body.Close())
			r := v.Invitations[0].Request.ID
			_, err = p.Signatures.ViewRequest(ctx, db, documents.ViewRequestParams{RequestID: r, SignerID: other})
			require.NoError(t, err)
			switch answer {
			case "sign":
				_, err = p.Signatures.Sign(ctx, db, documents.SignParams{RequestID: r, SignerID: other, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree", Intent: "I sign",
					Type: documents.SignatureElectronic, Typed: "A"})
			case "decline":
				_, err = p.Signatures.DeclineSignature(ctx, db, documents.DeclineSignatureParams{RequestID: r, SignerID: other, Reason: "no"})
			}
			require.NoError(t, err)
		}
	}
}

// An export has every row of the documents that names the person, by whatever column that
// refers to people, and what belongs to such a row, and no row that names only others.
func TestExport_documents(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	p, err := realestate.New(realestate.Config{Storage: storage.NewMemory(storage.MemoryConfig{})})
	require.NoError(t, err)
	people := [2]id.Of[auth.User]{person(t, db), person(t, db)}
	dealings(t, db, p, people)
	dealings(t, db, p, [2]id.Of[auth.User]{person(t, db), person(t, db)})
	var refers []struct{ Tab, Cols string }
	require.NoError(t, db.NewRaw(`SELECT c.relname AS tab, string_agg(quote_ident(a.attname), ',') AS cols FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'f' AND k.confrelid = 'auth.users'::regclass AND c.relnamespace = 'documents'::regnamespace GROUP BY c.relname`).Scan(ctx, &refers))
	require.Len(t, refers, 9)
	refers = append(refers, struct{ Tab, Cols string }{"signature_evidence", "(SELECT e.actor_id FROM documents.signature_events e WHERE e.id = event_id)"})
	for _, who := range people {
		var out bytes.Buffer
		require.NoError(t, p.Export(ctx, db, &out, realestate.ExportParams{UserID: who}))
		var got struct {
			Tables map[string][]struct{ ID string }
		}
		require.NoError(t, json.Unmarshal(out.Bytes(), &got))
		for _, r := range refers {
			var want, total []string
			require.NoError(t, db.NewRaw("SELECT id::text FROM ? WHERE ? IN ("+r.Cols+")", bun.Ident("documents."+r.Tab), who).Scan(ctx, &want))
			require.NoError(t, db.NewRaw("SELECT id::text FROM ?", bun.Ident("documents."+r.Tab)).Scan(ctx, &total))
			require.NotEmpty(t, want, r.Tab)
			require.Greater(t, len(total), len(want), "%s: others have some, too", r.Tab)
			var has []string
			for _, row := range got.Tables["documents."+r.Tab] {
				has = append(has, row.ID)
			}
			slices.Sort(want)
			slices.Sort(has)
			require.Equal(t, want, has, r.Tab)
		}
	}
}
