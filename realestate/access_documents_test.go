package realestate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/accesstest"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// plain renders the name of what a certificate is of, or a title.
type plain struct{}

func (plain) Certificate(w io.Writer, c documents.Certificate) error {
	_, err := io.WriteString(w, c.Name)
	return err
}

func (plain) Paper(w io.Writer, p documents.Paper) error {
	_, err := io.WriteString(w, p.Title)
	return err
}

var errEmpty = errors.New("nothing is there")

// Every read of documents, by every viewer: a private paper of the subject's, a public
// one, and one that is shared with the connection.
func TestAccessMatrix_documents(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	signer, err := storage.NewSigner(storage.SignerConfig{BaseURL: "https://files.example.test", Key: bytes.Repeat([]byte("k3y!"), 8)})
	require.NoError(t, err)
	p, err := realestate.New(realestate.Config{Storage: storage.NewMemory(storage.MemoryConfig{Signer: signer}), Renderer: plain{}})
	require.NoError(t, err)
	w := accesstest.New(t, db, p)
	paper := func(name string, visibility documents.Visibility) *documents.Document {
		u, err := p.Documents.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: w.Subject, FileName: name, Content: strings.NewReader("%PDF-1.7 " + name)})
		require.NoError(t, err)
		d, err := p.Documents.AddDocument(ctx, db, documents.AddDocumentParams{OwnerID: w.Subject, Name: name, Folder: name, UploadID: &u.ID, Visibility: visibility})
		require.NoError(t, err)
		return d
	}
	private, shared, public := paper("mark-private", documents.VisibilityPrivate), paper("mark-shared", documents.VisibilityShared), paper("mark-public", documents.VisibilityPublic)
	_, err = p.Documents.ShareDocument(ctx, db, documents.ShareDocumentParams{DocumentID: shared.ID, ActorID: w.Subject, SharedWith: w.Who[accesstest.Connection], CanDownload: true})
	require.NoError(t, err)
	_, err = p.Documents.CreateLink(ctx, db, documents.CreateLinkParams{DocumentID: private.ID, ActorID: w.Subject, ExpiresAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	v, err := p.Signatures.RequestSignatures(ctx, db, documents.RequestSignaturesParams{DocumentID: private.ID, ActorID: w.Subject, ExpiresAt: time.Now().Add(time.Hour),
		Signers: []documents.Signer{{UserID: &w.Subject}}})
	require.NoError(t, err)
	request := v.Invitations[0].Request.ID
	_, err = p.Signatures.ViewRequest(ctx, db, documents.ViewRequestParams{RequestID: request, SignerID: w.Subject})
	require.NoError(t, err)
	_, err = p.Signatures.Sign(ctx, db, documents.SignParams{RequestID: request, SignerID: w.Subject, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree", Intent: "I sign",
		Type: documents.SignatureElectronic, Typed: "S"})
	require.NoError(t, err)

	marks := []string{"mark-private", "mark-shared", "mark-public"}
	everybody := []accesstest.Viewer{accesstest.Self, accesstest.Connection, accesstest.Stranger, accesstest.Blocked, accesstest.Blocker, accesstest.Pending, accesstest.Sponsor, accesstest.Anonymous}
	sees := map[accesstest.Viewer][]string{}
	for _, who := range everybody {
		sees[who] = []string{"mark-public"}
	}
	sees[accesstest.Connection] = []string{"mark-shared", "mark-public"}
	sees[accesstest.Self], sees[accesstest.Sponsor] = marks, marks // an active sponsor views everything, by role
	each := func(one func(d *documents.Document, viewer id.Of[auth.User]) (string, error)) func(context.Context, bun.IDB, id.Of[auth.User], id.Of[auth.User]) (any, error) {
		return func(_ context.Context, _ bun.IDB, viewer, _ id.Of[auth.User]) (any, error) {
			var out []string
			for _, d := range []*documents.Document{private, shared, public} {
				text, err := one(d, viewer)
				switch {
				case err == nil:
					out = append(out, text)
				case !errors.Is(err, documents.ErrDocumentNotFound):
					return nil, err
				}
			}
			if out == nil {
				return nil, errEmpty
			}
			return out, nil
		}
	}
	open := func(d *documents.Document, viewer id.Of[auth.User]) documents.OpenDocumentParams {
		return documents.OpenDocumentParams{ID: d.ID, ViewerID: viewer}
	}
	cells := 0
	for name, get := range map[string]func(context.Context, bun.IDB, id.Of[auth.User], id.Of[auth.User]) (any, error){
		"Document": each(func(d *documents.Document, viewer id.Of[auth.User]) (string, error) {
			got, err := p.Documents.Document(ctx, db, documents.DocumentParams{ID: d.ID, ViewerID: viewer})
			if err != nil {
				return "", err
			}
			return got.Name, nil
		}),
		"OpenDocument": each(func(d *documents.Document, viewer id.Of[auth.User]) (string, error) {
			c, err := p.Documents.OpenDocument(ctx, db, open(d, viewer))
			if err != nil {
				return "", err
			}
			b, err := io.ReadAll(c.Body)
			return string(b), errors.Join(err, c.Body.Close())
		}),
		"SignDownload": each(func(d *documents.Document, viewer id.Of[auth.User]) (string, error) {
			o := open(d, viewer)
			o.Access = documents.AccessDownload
			r, err := p.Documents.SignDownload(ctx, db, documents.SignDownloadParams(o))
			if err != nil {
				return "", err
			}
			return r.URL, nil
		}),
		"Documents": func(ctx context.Context, db bun.IDB, viewer, subject id.Of[auth.User]) (any, error) {
			return p.Documents.Documents(ctx, db, documents.DocumentFilter{ViewerID: viewer, OwnerID: &subject}, page.Request{})
		},
		"Folders": func(ctx context.Context, db bun.IDB, viewer, subject id.Of[auth.User]) (any, error) {
			return p.Documents.Folders(ctx, db, documents.DocumentFilter{ViewerID: viewer, OwnerID: &subject})
		},
	} {
		cells += w.Check(t, accesstest.Read{Name: "Documents." + name, Marks: marks, Sees: sees, Get: get})
	}
	// How the private paper is shared, opened and signed is its owner's to see: a role to
	// view documents is none to manage them, and the sponsor's is both.
	managed := func(viewer id.Of[auth.User]) documents.SharesParams {
		return documents.SharesParams{DocumentID: private.ID, ViewerID: viewer}
	}
	envelope := func(viewer id.Of[auth.User]) documents.EnvelopeParams {
		return documents.EnvelopeParams{EnvelopeID: v.Envelope.ID, ViewerID: viewer}
	}
	for name, get := range map[string]func(viewer id.Of[auth.User]) (any, error){
		"AccessLog": func(viewer id.Of[auth.User]) (any, error) {
			return p.Documents.AccessLog(ctx, db, documents.AccessLogParams(managed(viewer)), page.Request{})
		},
		"Links": func(viewer id.Of[auth.User]) (any, error) {
			return p.Documents.Links(ctx, db, documents.LinksParams(managed(viewer)), page.Request{})
		},
		"Shares": func(viewer id.Of[auth.User]) (any, error) {
			return p.Documents.Shares(ctx, db, managed(viewer), page.Request{})
		},
		"VerifySignatures": func(viewer id.Of[auth.User]) (any, error) {
			return p.Signatures.VerifySignatures(ctx, db, documents.VerifySignaturesParams(managed(viewer)))
		},
		"Envelope": func(viewer id.Of[auth.User]) (any, error) { return p.Signatures.Envelope(ctx, db, envelope(viewer)) },
		"Envelopes": func(viewer id.Of[auth.User]) (any, error) {
			list, err := p.Signatures.Envelopes(ctx, db, documents.EnvelopeFilter{ViewerID: viewer}, page.Request{})
			if err == nil && len(list.Items) == 0 {
				err = documents.ErrEnvelopeNotFound
			}
			return list, err
		},
		"Certificate": func(viewer id.Of[auth.User]) (any, error) {
			return p.Signatures.Certificate(ctx, db, documents.CertificateParams(envelope(viewer)))
		},
		"RenderCertificate": func(viewer id.Of[auth.User]) (any, error) {
			var b bytes.Buffer
			err := p.Signatures.RenderCertificate(ctx, db, documents.RenderCertificateParams(envelope(viewer)), &b)
			return b.String(), err
		},
	} {
		for _, who := range accesstest.Viewers {
			_, err := get(w.Who[who])
			switch who {
			case accesstest.Self, accesstest.Sponsor:
				require.NoError(t, err, "%s by %s", name, who)
			case accesstest.Suspended, accesstest.Erased:
				require.ErrorIs(t, err, auth.ErrActorInactive, "%s by %s", name, who)
			default:
				require.ErrorIs(t, err, fault.NotFound, "%s by %s: nobody is told that it is there", name, who)
			}
			cells++
		}
	}
	require.Equal(t, (5+8)*len(accesstest.Viewers), cells)
	report, err := p.Verify(ctx, db)
	require.NoError(t, err)
	require.NotNil(t, report)
}
