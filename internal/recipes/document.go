package recipes

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/properties/media"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// WithFiles lets a platform keep bytes in memory and print plain text.
func WithFiles(c *realestate.Config) {
	signer, err := storage.NewSigner(storage.SignerConfig{BaseURL: "https://files.example.test", Key: bytes.Repeat([]byte("k3y!"), 8)})
	if err != nil {
		panic(err)
	}
	c.Storage, c.Renderer = storage.NewMemory(storage.MemoryConfig{Signer: signer}), plain{}
}

// plain is a renderer of text.
type plain struct{}

func (plain) Certificate(w io.Writer, c documents.Certificate) error {
	_, err := io.WriteString(w, c.Name)
	return err
}

func (plain) Paper(w io.Writer, p documents.Paper) error {
	_, err := io.WriteString(w, p.Title)
	return err
}

// paperBytes are what the papers of these tests say; none is like another.
func paperBytes() string { return "%PDF-1.7\n% " + Key() + "\n" }

// endless is content that is there again when it was read.
type endless struct{ *bytes.Reader }

func (r endless) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF {
		_, _ = r.Seek(0, io.SeekStart)
	}
	return n, err
}

// dot is a picture of one point.
func dot() []byte {
	b, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	if err != nil {
		panic(err)
	}
	return b
}

// documentVerbs are those of files, shares and signatures.
var documentVerbs = []Recipe{
	{"Documents.AddDocument", func(w *World) Call {
		u := w.uploaded(w.Clerk)
		return Do(w.P.Documents.AddDocument, documents.AddDocumentParams{OwnerID: w.Clerk, Name: "Paper", UploadID: &u.ID})
	}},
	{"Documents.AddVersion", func(w *World) Call {
		d, u := w.paper(), w.uploaded(w.Clerk)
		return Do(w.P.Documents.AddVersion, documents.AddVersionParams{DocumentID: d.ID, ActorID: w.Clerk, UploadID: &u.ID})
	}},
	{"Documents.Document", func(w *World) Call {
		return Do(w.P.Documents.Document, documents.DocumentParams{ID: w.paper().ID, ViewerID: w.Clerk})
	}},
	{"Documents.OpenDocument", func(w *World) Call {
		return Do(w.P.Documents.OpenDocument, documents.OpenDocumentParams{ID: w.paper().ID, ViewerID: w.Clerk})
	}},
	{"Documents.SignDownload", func(w *World) Call {
		return Do(w.P.Documents.SignDownload, documents.SignDownloadParams{ID: w.paper().ID, ViewerID: w.Clerk})
	}},
	{"Documents.AccessLog", func(w *World) Call {
		return Calls(w.P.Documents.AccessLog, documents.AccessLogParams{DocumentID: w.paper().ID, ViewerID: w.Clerk}, page.Request{})
	}},
	{"Documents.Shares", func(w *World) Call {
		s := w.shared()
		return Calls(w.P.Documents.Shares, documents.SharesParams{DocumentID: s.DocumentID, ViewerID: w.Clerk}, page.Request{})
	}},
	{"Documents.Links", func(w *World) Call {
		return Calls(w.P.Documents.Links, documents.LinksParams{DocumentID: w.paper().ID, ViewerID: w.Clerk}, page.Request{})
	}},
	{"Documents.ShareDocument", func(w *World) Call {
		return Do(w.P.Documents.ShareDocument, documents.ShareDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk, SharedWith: w.Who[0]})
	}},
	{"Documents.CreateLink", func(w *World) Call {
		return Do(w.P.Documents.CreateLink, documents.CreateLinkParams{DocumentID: w.paper().ID, ActorID: w.Clerk, ExpiresAt: time.Now().Add(time.Hour)})
	}},
	{"Documents.RevokeLink", func(w *World) Call {
		link := must(w.P.Documents.CreateLink(w.T.Context(), w.DB, documents.CreateLinkParams{DocumentID: w.paper().ID, ActorID: w.Clerk, ExpiresAt: time.Now().Add(time.Hour)}))(w)
		return Do(w.P.Documents.RevokeLink, documents.RevokeLinkParams{LinkID: link.Link.ID, ActorID: w.Clerk})
	}},
	{"Documents.UpdateDocument", func(w *World) Call {
		name := "Other paper"
		return Do(w.P.Documents.UpdateDocument, documents.UpdateDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk, Name: &name})
	}},
	{"Documents.DeleteDocument", func(w *World) Call {
		return Do(w.P.Documents.DeleteDocument, documents.DeleteDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk})
	}},
	{"Documents.RestoreDocument", func(w *World) Call {
		p := documents.DeleteDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk}
		must(w.P.Documents.DeleteDocument(w.T.Context(), w.DB, p))(w)
		return Do(w.P.Documents.RestoreDocument, documents.RestoreDocumentParams(p))
	}},
	{"Documents.HoldDocument", func(w *World) Call {
		return Do(w.P.Documents.HoldDocument, documents.HoldDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk, Reason: "a suit"})
	}},
	{"Documents.RetainDocument", func(w *World) Call {
		return Do(w.P.Documents.RetainDocument, documents.RetainDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk, Until: date.Of(time.Now().UTC())})
	}},
	{"Documents.RevokeShare", func(w *World) Call {
		return Do(w.P.Documents.RevokeShare, documents.RevokeShareParams{ShareID: w.shared().ID, ActorID: w.Clerk})
	}},
	{"Documents.OpenLink", func(w *World) Call {
		link := must(w.P.Documents.CreateLink(w.T.Context(), w.DB, documents.CreateLinkParams{DocumentID: w.paper().ID, ActorID: w.Clerk, ExpiresAt: time.Now().Add(time.Hour)}))(w)
		return Do(w.P.Documents.OpenLink, documents.OpenLinkParams{Token: link.Token})
	}},
	{"Documents.ReleaseDocument", func(w *World) Call {
		d, approver := w.paper(), realestatetest.Staff(w.T, w.DB, auth.RoleApprover).ID
		must(w.P.Documents.HoldDocument(w.T.Context(), w.DB, documents.HoldDocumentParams{DocumentID: d.ID, ActorID: w.Clerk, Reason: "a suit"}))(w)
		return Do(w.P.Documents.ReleaseDocument, documents.ReleaseDocumentParams{DocumentID: d.ID, ActorID: approver})
	}},
	{"Documents.StartUpload", func(w *World) Call {
		return Do(w.P.Documents.StartUpload, w.upload(paperBytes()))
	}},
	{"Documents.SignUpload", func(w *World) Call {
		u := must(w.P.Documents.StartUpload(w.T.Context(), w.DB, w.upload(paperBytes())))(w)
		return Do(w.P.Documents.SignUpload, documents.SignUploadParams{UploadID: u.ID, UploaderID: w.Clerk})
	}},
	{"Documents.PutUpload", func(w *World) Call {
		body := paperBytes()
		u := must(w.P.Documents.StartUpload(w.T.Context(), w.DB, w.upload(body)))(w)
		return Do(w.P.Documents.PutUpload, documents.PutUploadParams{UploadID: u.ID, UploaderID: w.Clerk, Content: endless{bytes.NewReader([]byte(body))}})
	}},
	{"Documents.CompleteUpload", func(w *World) Call {
		return Do(w.P.Documents.CompleteUpload, documents.CompleteUploadParams{UploadID: w.uploaded(w.Clerk).ID, UploaderID: w.Clerk})
	}},
	{"Documents.UploadFile", func(w *World) Call {
		return Do(w.P.Documents.UploadFile, documents.UploadFileParams{UploaderID: w.Clerk, FileName: "paper.pdf", Content: endless{bytes.NewReader([]byte(paperBytes()))}})
	}},
	{"Documents.SweepUploads", func(w *World) Call {
		return Do(w.P.Documents.SweepUploads, documents.SweepUploadsParams{})
	}},
	{"Documents.FillTemplate", func(w *World) Call {
		return Do(w.P.Documents.FillTemplate, documents.FillTemplateParams{OwnerID: w.Clerk, Template: documents.Notice, Fields: w.notice("Ann")})
	}},
	{"Media.SignFile", func(w *World) Call {
		u := must(w.P.Documents.UploadFile(w.T.Context(), w.DB, documents.UploadFileParams{UploaderID: w.Clerk, FileName: "a.png", Content: bytes.NewReader(dot())}))(w)
		photo := must(w.P.Media.AddPhoto(w.T.Context(), w.DB, media.AddPhotoParams{PropertyID: w.Property, UploadID: &u.ID, UploaderID: id.Cast[documents.Uploader](w.Clerk)}))(w)
		files := must(w.P.Media.Files(w.T.Context(), w.DB, media.FileFilter{PhotoID: &photo.ID}))(w)
		return Calls(w.P.Media.SignFile, files[0].ID)
	}},
	{"Signatures.RequestSignatures", func(w *World) Call {
		return Do(w.P.Signatures.RequestSignatures, w.asking())
	}},
	{"Signatures.OpenRequest", func(w *World) Call {
		v := w.askedToSign()
		return Do(w.P.Signatures.OpenRequest, documents.OpenRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: w.Who[0]})
	}},
	{"Signatures.Sign", func(w *World) Call { return Do(w.P.Signatures.Sign, w.signing(w.askedToSign())) }},
	{"Signatures.ViewRequest", func(w *World) Call {
		return Do(w.P.Signatures.ViewRequest, documents.ViewRequestParams{RequestID: w.askedToSign().Invitations[0].Request.ID, SignerID: w.Who[0]})
	}},
	{"Signatures.DeclineSignature", func(w *World) Call {
		return Do(w.P.Signatures.DeclineSignature, documents.DeclineSignatureParams{RequestID: w.askedToSign().Invitations[0].Request.ID, SignerID: w.Who[0], Reason: "no"})
	}},
	{"Signatures.RemindSigner", func(w *World) Call {
		return Do(w.P.Signatures.RemindSigner, documents.RemindSignerParams{RequestID: w.askedToSign().Invitations[0].Request.ID, ActorID: w.Clerk})
	}},
	{"Signatures.Envelope", func(w *World) Call {
		return Do(w.P.Signatures.Envelope, documents.EnvelopeParams{EnvelopeID: w.askedToSign().Envelope.ID, ViewerID: w.Clerk})
	}},
	{"Signatures.VoidEnvelope", func(w *World) Call {
		return Do(w.P.Signatures.VoidEnvelope, documents.VoidEnvelopeParams{EnvelopeID: w.askedToSign().Envelope.ID, ActorID: w.Clerk, Reason: "wrong paper"})
	}},
	{"Signatures.Certificate", func(w *World) Call {
		return Do(w.P.Signatures.Certificate, documents.CertificateParams{EnvelopeID: w.signed().Envelope.ID, ViewerID: w.Clerk})
	}},
	{"Signatures.RenderCertificate", func(w *World) Call {
		return Calls(w.P.Signatures.RenderCertificate, documents.RenderCertificateParams{EnvelopeID: w.signed().Envelope.ID, ViewerID: w.Clerk}, io.Discard)
	}},
	{"Signatures.VerifySignatures", func(w *World) Call {
		return Do(w.P.Signatures.VerifySignatures, documents.VerifySignaturesParams{DocumentID: w.signed().Envelope.DocumentID, ViewerID: w.Clerk})
	}},
	{"Signatures.SendTemplate", func(w *World) Call {
		return Do(w.P.Signatures.SendTemplate, documents.SendTemplateParams{IdempotencyKey: Key(), ActorID: w.Clerk, Template: documents.Notice, Fields: w.notice("Ann"),
			Recipients: []documents.Recipient{{Signer: documents.Signer{UserID: &w.Who[0]}}}, ExpiresAt: time.Now().Add(24 * time.Hour)})
	}},
}

func (w *World) notice(to string) map[string]string {
	return map[string]string{"subject": "Capital call", "recipient_name": to, "text": "Please pay.", "sender_name": "Sponsor LLC", "date": "2026-02-01"}
}

func (w *World) upload(body string) documents.StartUploadParams {
	return documents.StartUploadParams{UploaderID: w.Clerk, FileName: "paper.pdf", Type: "application/pdf", Size: int64(len(body)), SHA256: sha256.Sum256([]byte(body))}
}

func (w *World) uploaded(by id.Of[auth.User]) *documents.Upload {
	w.T.Helper()
	return must(w.P.Documents.UploadFile(w.T.Context(), w.DB, documents.UploadFileParams{UploaderID: by, FileName: "paper.pdf", Content: strings.NewReader(paperBytes())}))(w)
}

// paper is a document of the clerk's.
func (w *World) paper() *documents.Document {
	w.T.Helper()
	u := w.uploaded(w.Clerk)
	return must(w.P.Documents.AddDocument(w.T.Context(), w.DB, documents.AddDocumentParams{OwnerID: w.Clerk, Name: "Paper", UploadID: &u.ID}))(w)
}

func (w *World) shared() *documents.Share {
	w.T.Helper()
	return must(w.P.Documents.ShareDocument(w.T.Context(), w.DB, documents.ShareDocumentParams{DocumentID: w.paper().ID, ActorID: w.Clerk, SharedWith: w.Who[0]}))(w)
}

func (w *World) asking() documents.RequestSignaturesParams {
	return documents.RequestSignaturesParams{DocumentID: w.paper().ID, ActorID: w.Clerk, Signers: []documents.Signer{{UserID: &w.Who[0]}}, ExpiresAt: time.Now().Add(24 * time.Hour)}
}

// askedToSign is a paper that waits for one signature, and was shown.
func (w *World) askedToSign() *documents.EnvelopeView {
	w.T.Helper()
	v := must(w.P.Signatures.RequestSignatures(w.T.Context(), w.DB, w.asking()))(w)
	must(w.P.Signatures.ViewRequest(w.T.Context(), w.DB, documents.ViewRequestParams{RequestID: v.Invitations[0].Request.ID, SignerID: w.Who[0]}))(w)
	return v
}

func (w *World) signing(v *documents.EnvelopeView) documents.SignParams {
	return documents.SignParams{RequestID: v.Invitations[0].Request.ID, SignerID: w.Who[0], DocumentHash: v.Envelope.DocumentHash, Consent: "I agree to sign electronically.",
		Intent: "I sign this agreement.", Type: documents.SignatureElectronic, Typed: "A. Signer"}
}

func (w *World) signed() *documents.EnvelopeView {
	w.T.Helper()
	v := w.askedToSign()
	_, err := w.P.Signatures.Sign(w.T.Context(), w.DB, w.signing(v))
	require.NoError(w.T, err, fmt.Sprint(v.Envelope.ID))
	return v
}
