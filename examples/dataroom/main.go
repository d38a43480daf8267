// Command dataroom is the data room of an offering: its papers are uploaded, shared
// with an investor, signed by the investor and the sponsor, and with that the offering
// takes the investor's commitment. A stranger sees nothing of it.
//
//	FREEHOLD_DSN=postgres://user@host/empty go run ./examples/dataroom
//
// The role may create schemas in the database. The papers lie in a folder that is
// removed at the end. What the program prints is in main_test.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func main() {
	if err := run(context.Background(), os.Getenv("FREEHOLD_DSN"), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dsn string, w io.Writer) error {
	db, err := realestate.OpenDB(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	migrator, err := migrations.New(migrations.Config{})
	if err != nil {
		return err
	}
	if err := migrator.Up(ctx, db); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dataroom")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	files, err := storage.OpenLocal(dir, storage.LocalConfig{})
	if err != nil {
		return err
	}
	defer files.Close()
	// Who has signed may commit. A real platform asks for accreditation too:
	// investments.RequireSignedDocuments.
	gate := func(_ *investments.Offering, _ *investments.Account, e investments.Evidence) error {
		if !e.DocumentsSigned {
			return investments.ErrUnsigned
		}
		return nil
	}
	p, err := realestate.New(realestate.Config{Gate: gate, Storage: files})
	if err != nil {
		return err
	}
	r := room{Platform: p, db: db, out: w}
	for _, step := range []func(context.Context) error{r.open, r.upload, r.share, r.refused, r.sign, r.commit, r.look, r.prove} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// room is what the steps hand on.
type room struct {
	*realestate.Platform
	db                         *bun.DB
	out                        io.Writer
	sponsor, investor, visitor id.Of[auth.User]
	offering                   *investments.Offering
	agreement                  *documents.Document
}

// open registers the people and opens the offering.
func (r *room) open(ctx context.Context) error {
	for email, to := range map[string]*id.Of[auth.User]{"sponsor": &r.sponsor, "investor": &r.investor, "visitor": &r.visitor} {
		u, err := r.Users.Register(ctx, r.db, auth.RegisterParams{Email: email + "-" + id.New[auth.User]().String() + "@example.com"})
		if err != nil {
			return err
		}
		*to = u.ID
	}
	house := id.New[properties.Property]()
	property, err := r.Properties.RegisterProperty(ctx, r.db, properties.RegisterPropertyParams{ID: house, Slug: "elm-court-" + house.String(),
		Name: "Elm Court", AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43215"})
	if err != nil {
		return err
	}
	hardCap := money.MustParse("300000")
	r.offering, err = r.Offerings.Create(ctx, r.db, investments.CreateOfferingParams{PropertyID: property.ID, Name: "Elm Court",
		Slug: "elm-court-" + property.ID.String(), HardCap: &hardCap, ActorID: r.sponsor})
	if err != nil {
		return err
	}
	_, err = r.Offerings.Open(ctx, r.db, investments.OpenOfferingParams{OfferingID: r.offering.ID, ActorID: r.sponsor})
	return err
}

// upload puts the papers into the room.
func (r *room) upload(ctx context.Context) error {
	for _, paper := range []struct {
		folder, name string
		sign         bool
	}{{"Legal", "Subscription agreement", true}, {"Legal", "Operating agreement", false}, {"Reports", "Appraisal", false}} {
		file := strings.NewReader("%PDF-1.7\n% " + paper.name + "\n")
		u, err := r.Documents.UploadFile(ctx, r.db, documents.UploadFileParams{UploaderID: r.sponsor, FileName: paper.name + ".pdf", Content: file})
		if err != nil {
			return err
		}
		d, err := r.Documents.AddDocument(ctx, r.db, documents.AddDocumentParams{OwnerID: r.sponsor, Name: paper.name, UploadID: &u.ID, OfferingID: &r.offering.ID,
			Folder: paper.folder, Visibility: documents.VisibilityShared, RequiresSignature: paper.sign})
		if err != nil {
			return err
		}
		if paper.sign {
			r.agreement = d
		}
		fmt.Fprintf(r.out, "uploaded %s/%s: %s, %d bytes\n", d.Folder, d.Name, *d.FileType, *d.FileSize)
	}
	return nil
}

// share lets the investor at every paper of the offering.
func (r *room) share(ctx context.Context) error {
	papers, err := r.Documents.Documents(ctx, r.db, documents.DocumentFilter{ViewerID: r.sponsor, OfferingID: &r.offering.ID}, page.Request{})
	if err != nil {
		return err
	}
	for _, d := range papers.Items {
		if _, err := r.Documents.ShareDocument(ctx, r.db, documents.ShareDocumentParams{DocumentID: d.ID, ActorID: r.sponsor, SharedWith: r.investor, CanDownload: true}); err != nil {
			return err
		}
	}
	fmt.Fprintf(r.out, "shared %d papers with the investor\n", len(papers.Items))
	return nil
}

func (r *room) commitment(ctx context.Context, key string) error {
	_, err := r.Commitments.Commit(ctx, r.db, investments.CommitParams{IdempotencyKey: key + r.offering.ID.String(), OfferingID: r.offering.ID, InvestorID: r.investor,
		Amount: money.MustParse("25000"), Date: date.Of(time.Now().UTC()), ActorID: r.investor})
	return err
}

// refused shows that the gate is shut.
func (r *room) refused(ctx context.Context) error {
	err := r.commitment(ctx, "before")
	if !errors.Is(err, investments.ErrUnsigned) {
		return fmt.Errorf("the gate should be shut: %w", err)
	}
	fmt.Fprintln(r.out, "the investor commits: refused, the agreement is not signed")
	return nil
}

// sign has the investor sign, and the sponsor after them.
func (r *room) sign(ctx context.Context) error {
	v, err := r.Signatures.RequestSignatures(ctx, r.db, documents.RequestSignaturesParams{DocumentID: r.agreement.ID, ActorID: r.sponsor,
		Signers: []documents.Signer{{UserID: &r.investor}, {UserID: &r.sponsor, Countersigner: true}}, ExpiresAt: time.Now().Add(24 * time.Hour)})
	if err != nil {
		return err
	}
	for _, inv := range v.Invitations {
		signer, name := *inv.Request.SignerID, map[bool]string{true: "the sponsor", false: "the investor"}[inv.Request.Countersigner]
		shown, err := r.Signatures.OpenRequest(ctx, r.db, documents.OpenRequestParams{RequestID: inv.Request.ID, SignerID: signer})
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, shown.Body) // what the signer reads, whose hash is checked
		if err := errors.Join(err, shown.Body.Close()); err != nil {
			return err
		}
		if _, err := r.Signatures.Sign(ctx, r.db, documents.SignParams{RequestID: inv.Request.ID, SignerID: signer, DocumentHash: *shown.Document.FileHash,
			Consent: "I agree to sign electronically.", Intent: "I sign this agreement.", Type: documents.SignatureElectronic, Typed: name}); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "%s signs version %d\n", name, v.Envelope.DocumentVersion)
	}
	done, err := r.Signatures.Envelope(ctx, r.db, documents.EnvelopeParams{EnvelopeID: v.Envelope.ID, ViewerID: r.investor})
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "the envelope is %s\n", done.Envelope.Status)
	return nil
}

// commit shows that the gate is open.
func (r *room) commit(ctx context.Context) error {
	if err := r.commitment(ctx, "after"); err != nil {
		return err
	}
	fmt.Fprintln(r.out, "the investor commits: accepted")
	return nil
}

// look counts what each sees.
func (r *room) look(ctx context.Context) error {
	for _, who := range []struct {
		name string
		id   id.Of[auth.User]
	}{{"the investor", r.investor}, {"a stranger", r.visitor}, {"somebody who is not signed in", id.Of[auth.User]{}}} {
		folders, err := r.Documents.Folders(ctx, r.db, documents.DocumentFilter{ViewerID: who.id, OfferingID: &r.offering.ID})
		if err != nil {
			return err
		}
		fmt.Fprintf(r.out, "%s sees %v\n", who.name, folders)
	}
	_, err := r.Documents.OpenDocument(ctx, r.db, documents.OpenDocumentParams{ID: r.agreement.ID, ViewerID: r.visitor})
	if !errors.Is(err, documents.ErrDocumentNotFound) {
		return fmt.Errorf("a stranger opens the agreement: %w", err)
	}
	return nil
}

// prove verifies the chain of signatures and everything else.
func (r *room) prove(ctx context.Context) error {
	report, err := r.Signatures.VerifySignatures(ctx, r.db, documents.VerifySignaturesParams{DocumentID: r.agreement.ID, ViewerID: r.sponsor})
	if err != nil {
		return err
	}
	log, err := r.Documents.AccessLog(ctx, r.db, documents.AccessLogParams{DocumentID: r.agreement.ID, ViewerID: r.sponsor}, page.Request{})
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "the chain of signatures has %d links, all whole: %t; the agreement was opened %d times\n", report.Links, report.Broken == nil, len(log.Items))
	_, err = r.Verify(ctx, r.db)
	return err
}
