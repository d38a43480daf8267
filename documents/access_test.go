package documents

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Each right of a share by itself: what it opens, and what it does not; expired and
// revoked ones open nothing, and each opening is counted and logged.
func TestShares(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, friend, other := person(t, tx), person(t, tx), person(t, tx)
	d := paper(t, tx, svc, owner, pdf)
	open := func(who id.Of[auth.User], a Access) error {
		c, err := svc.OpenDocument(ctx, tx, OpenDocumentParams{ID: d.ID, ViewerID: who, Access: a})
		if err == nil {
			require.Equal(t, pdf, readAll(t, c, nil))
		}
		return err
	}
	name := "Renamed"
	edit := func(who id.Of[auth.User]) error {
		_, err := svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: who, Name: &name})
		return err
	}
	pass := func(who id.Of[auth.User], p ShareDocumentParams) (*Share, error) {
		p.DocumentID, p.ActorID = d.ID, who
		return svc.ShareDocument(ctx, tx, p)
	}
	require.ErrorIs(t, open(friend, AccessView), ErrDocumentNotFound)
	require.ErrorIs(t, edit(friend), ErrDocumentNotFound)
	require.ErrorIs(t, open(id.Of[auth.User]{}, AccessView), ErrDocumentNotFound)
	view, err := pass(owner, ShareDocumentParams{SharedWith: friend})
	require.NoError(t, err)
	require.NoError(t, open(friend, AccessView))
	require.ErrorIs(t, open(friend, AccessDownload), ErrForbidden)
	require.ErrorIs(t, edit(friend), ErrForbidden)
	_, err = pass(friend, ShareDocumentParams{SharedWith: other})
	require.ErrorIs(t, err, ErrForbidden)
	_, err = pass(owner, ShareDocumentParams{SharedWith: friend, CanEdit: true})
	require.ErrorIs(t, err, ErrShared)
	_, err = pass(owner, ShareDocumentParams{SharedWith: owner})
	require.ErrorIs(t, err, ErrShareSelf)

	_, err = svc.RevokeShare(ctx, tx, RevokeShareParams{ShareID: view.ID, ActorID: other})
	require.ErrorIs(t, err, ErrDocumentNotFound)
	_, err = svc.RevokeShare(ctx, tx, RevokeShareParams{ShareID: view.ID, ActorID: owner})
	require.NoError(t, err)
	_, err = svc.RevokeShare(ctx, tx, RevokeShareParams{ShareID: view.ID, ActorID: owner})
	require.NoError(t, err, "again")
	require.ErrorIs(t, open(friend, AccessView), ErrDocumentNotFound)
	sh, err := pass(owner, ShareDocumentParams{SharedWith: friend, CanDownload: true, CanShare: true, ExpiresAt: ptr(time.Now().Add(time.Hour))})
	require.NoError(t, err)
	require.NoError(t, open(friend, AccessDownload))
	_, err = pass(friend, ShareDocumentParams{SharedWith: other, CanEdit: true})
	require.ErrorIs(t, err, ErrForbidden, "nobody gives what they have not")
	_, err = pass(friend, ShareDocumentParams{SharedWith: other, CanDownload: true})
	require.ErrorIs(t, err, ErrOutlives, "nor for longer")
	_, err = pass(friend, ShareDocumentParams{SharedWith: other, CanDownload: true, ExpiresAt: sh.ExpiresAt})
	require.NoError(t, err)

	// All versions: a share is of the document.
	v2, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("two")})
	require.NoError(t, err)
	_, err = svc.Document(ctx, tx, DocumentParams{ID: v2.ID, ViewerID: friend})
	require.NoError(t, err)
	list, err := svc.Documents(ctx, tx, DocumentFilter{ViewerID: friend}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	_, err = svc.OpenDocument(ctx, tx, OpenDocumentParams{ID: v2.ID, ViewerID: friend})
	require.ErrorIs(t, err, ErrNotStored)

	log, err := svc.AccessLog(ctx, tx, AccessLogParams{DocumentID: v2.ID, ViewerID: owner}, page.Request{})
	require.NoError(t, err)
	require.Len(t, log.Items, 2)
	_, err = svc.AccessLog(ctx, tx, AccessLogParams{DocumentID: v2.ID, ViewerID: person(t, tx)}, page.Request{})
	require.ErrorIs(t, err, ErrDocumentNotFound)
	all, err := svc.Shares(ctx, tx, SharesParams{DocumentID: d.ID, ViewerID: friend}, page.Request{})
	require.NoError(t, err, "who may share sees the shares")
	require.Len(t, all.Items, 3)
	for _, s := range all.Items {
		if s.ID == sh.ID {
			require.Equal(t, 1, s.AccessCount)
			require.NotNil(t, s.AccessedAt)
		}
	}
	_, err = tx.NewRaw("UPDATE documents.document_shares SET expires_at = now() - interval '1 minute' WHERE id = ?", sh.ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, open(friend, AccessView), ErrDocumentNotFound, "expired")
	_, err = pass(owner, ShareDocumentParams{SharedWith: friend, CanEdit: true})
	require.NoError(t, err, "an expired one makes room")
	require.NoError(t, edit(friend))

	staff := person(t, tx)
	role(t, tx, staff, auth.RoleReadOnly)
	require.NoError(t, open(staff, AccessDownload))
	require.ErrorIs(t, edit(staff), ErrForbidden)
	_, err = tx.NewRaw("UPDATE auth.users SET status = 'suspended' WHERE id = ?", friend).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, open(friend, AccessView), auth.ErrActorInactive)
	holds(t, tx)
}

// A link opens the latest version for whoever has its token and passcode, until it
// expires, is revoked or was guessed at ten times.
func TestLinks(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t) // what is counted is committed
	svc := stored(t, served(t, nil))
	owner := person(t, db)
	d := paper(t, db, svc, owner, pdf)
	make := func(p CreateLinkParams) *NewLink {
		t.Helper()
		p.DocumentID, p.ActorID, p.ExpiresAt = d.ID, owner, time.Now().Add(time.Hour)
		l, err := svc.CreateLink(ctx, db, p)
		require.NoError(t, err)
		return l
	}
	open := func(l *NewLink, passcode string, a Access) error {
		c, err := svc.OpenLink(ctx, db, OpenLinkParams{Token: l.Token, Passcode: auth.NewSecret(passcode), Access: a})
		if err == nil {
			require.Equal(t, pdf, readAll(t, c, nil))
		}
		return err
	}
	bare, coded := make(CreateLinkParams{CanDownload: true}), make(CreateLinkParams{Passcode: auth.NewSecret("4711")})
	require.NoError(t, open(bare, "", AccessView))
	require.NoError(t, open(bare, "anything", AccessDownload))
	require.NoError(t, open(coded, "4711", AccessView))
	require.ErrorIs(t, open(coded, "4711", AccessDownload), ErrForbidden)
	require.ErrorIs(t, open(&NewLink{Token: auth.NewSecret("x")}, "", AccessView), ErrLink)
	require.ErrorIs(t, open(&NewLink{}, "", AccessView), ErrLink)
	for range maxFailures {
		require.ErrorIs(t, open(coded, "0000", AccessView), ErrLink)
	}
	require.ErrorIs(t, open(coded, "4711", AccessView), ErrLink, "tried too often")
	list, err := svc.Links(ctx, db, LinksParams{DocumentID: d.ID, ViewerID: owner}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	require.Equal(t, 1, list.Items[0].AccessCount)
	require.Equal(t, maxFailures, list.Items[0].Failures)
	require.Equal(t, 2, list.Items[1].AccessCount)

	_, err = svc.RevokeLink(ctx, db, RevokeLinkParams{LinkID: bare.Link.ID, ActorID: person(t, db)})
	require.ErrorIs(t, err, ErrDocumentNotFound)
	_, err = svc.RevokeLink(ctx, db, RevokeLinkParams{LinkID: bare.Link.ID, ActorID: owner})
	require.NoError(t, err)
	require.ErrorIs(t, open(bare, "", AccessView), ErrLink)
	late := make(CreateLinkParams{})
	_, err = db.NewRaw("UPDATE documents.links SET expires_at = now() - interval '1 minute' WHERE id = ?", late.Link.ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, open(late, "", AccessView), ErrLink)
	_, err = svc.CreateLink(ctx, db, CreateLinkParams{DocumentID: d.ID, ActorID: owner, ExpiresAt: time.Now().Add(-time.Hour), Passcode: auth.NewSecret("1")})
	require.Len(t, fault.FieldErrors(err), 2)
	_, err = svc.OpenLink(ctx, pgtest.Tx(t), OpenLinkParams{Token: late.Token})
	require.ErrorIs(t, err, auth.ErrPoolRequired, "a count that is rolled back is none")
	last := make(CreateLinkParams{})
	_, err = svc.DeleteDocument(ctx, db, DeleteDocumentParams{d.ID, owner})
	require.NoError(t, err)
	require.ErrorIs(t, open(last, "", AccessView), ErrLink, "the document is gone")
	holds(t, db)
}

// Edit, delete, restore, hold and retention, and who may do what.
func TestLife(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, stranger, approver := person(t, tx), person(t, tx), person(t, tx)
	role(t, tx, approver, auth.RoleApprover)
	d := paper(t, tx, svc, owner, pdf, func(p *AddDocumentParams) { p.Folder = "Closing/Title" })
	v2, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("two")})
	require.NoError(t, err)
	at := func(who id.Of[auth.User]) DeleteDocumentParams { return DeleteDocumentParams{d.ID, who} }

	text, tags := "The title insurance of Elm Street", []string{"title"}
	got, err := svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, ReadAt: &v2.UpdatedAt, Name: &text, Tags: &tags,
		Type: ptr(TypeReport), Category: ptr(CategoryLegal), Visibility: ptr(VisibilityShared), RequiresSignature: ptr(true), Description: &text,
		Metadata: map[string]any{"a": 1.0}, Folder: ptr("Closing/Insurance")})
	require.NoError(t, err)
	require.Equal(t, v2.ID, got.ID, "the latest version")
	require.NotNil(t, got.ModifiedAt)
	require.Equal(t, VisibilityShared, got.Visibility)
	_, err = svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, ReadAt: &base})
	require.ErrorIs(t, err, fault.Conflict)
	_, err = svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: owner, Name: ptr(" "), Folder: ptr("/a//b/"), Type: ptr(Type("x"))})
	require.Len(t, fault.FieldErrors(err), 3)
	for f, want := range map[*DocumentFilter]int{
		{Text: "insurance elm"}: 1, {Text: "insurance oak"}: 0, {Folder: ptr("Closing")}: 0, {Folder: ptr("Closing"), Below: true}: 1,
		{Folder: ptr("Clos"), Below: true}: 0, {Folder: ptr(""), Below: true}: 1, {Folder: ptr("Closing/Insurance")}: 1,
	} {
		f.ViewerID = owner
		list, err := svc.Documents(ctx, tx, *f, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, want, "%+v", *f)
	}
	folders, err := svc.Folders(ctx, tx, DocumentFilter{ViewerID: owner, AllVersions: true})
	require.NoError(t, err)
	require.Equal(t, []Folder{{"Closing/Insurance", 1}, {"Closing/Title", 1}}, folders)

	_, err = svc.HoldDocument(ctx, tx, HoldDocumentParams{DocumentID: d.ID, ActorID: owner, Reason: "the suit over Elm Street"})
	require.NoError(t, err)
	_, err = svc.HoldDocument(ctx, tx, HoldDocumentParams{DocumentID: d.ID, ActorID: owner, Reason: "again"})
	require.ErrorIs(t, err, ErrHeld)
	_, err = svc.DeleteDocument(ctx, tx, at(owner))
	require.ErrorIs(t, err, ErrHeld)
	_, err = svc.ReleaseDocument(ctx, tx, ReleaseDocumentParams(at(owner)))
	require.ErrorIs(t, err, ErrForbidden)
	for range 2 {
		free, err := svc.ReleaseDocument(ctx, tx, ReleaseDocumentParams(at(approver)))
		require.NoError(t, err)
		require.Nil(t, free.HoldReason)
	}
	today := date.Of(time.Now().UTC())
	_, err = svc.RetainDocument(ctx, tx, RetainDocumentParams{DocumentID: d.ID, ActorID: owner, Until: today})
	require.NoError(t, err)
	_, err = svc.RetainDocument(ctx, tx, RetainDocumentParams{DocumentID: d.ID, ActorID: owner, Until: today.AddDays(-1)})
	require.ErrorIs(t, err, ErrRetentionShortened)
	_, err = svc.DeleteDocument(ctx, tx, at(owner))
	require.ErrorIs(t, err, ErrRetained)
	_, err = tx.NewRaw("UPDATE documents.documents SET retain_until = ? WHERE owner_id = ?", today.AddDays(-1), owner).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.DeleteDocument(ctx, tx, at(stranger))
	require.ErrorIs(t, err, ErrDocumentNotFound)
	there, err := svc.RestoreDocument(ctx, tx, RestoreDocumentParams(at(owner)))
	require.NoError(t, err, "nothing to restore")
	require.Equal(t, v2.ID, there.ID)
	_, err = svc.DeleteDocument(ctx, tx, at(owner))
	require.NoError(t, err)
	for _, v := range []id.Of[Document]{d.ID, v2.ID} {
		_, err = svc.Document(ctx, tx, DocumentParams{ID: v, ViewerID: owner})
		require.ErrorIs(t, err, ErrDocumentNotFound)
	}
	_, err = svc.DeleteDocument(ctx, tx, at(owner))
	require.ErrorIs(t, err, ErrDocumentNotFound)
	_, err = svc.RestoreDocument(ctx, tx, RestoreDocumentParams(at(stranger)))
	require.ErrorIs(t, err, ErrDocumentNotFound)
	back, err := svc.RestoreDocument(ctx, tx, RestoreDocumentParams(at(owner)))
	require.NoError(t, err)
	require.Equal(t, v2.ID, back.ID)
	holds(t, tx)
}

// The hash is checked on every read, whatever the storage thinks of its object.
func TestOpenDocument_otherBytes(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	mem := served(t, nil)
	svc, owner := stored(t, mem), person(t, tx)
	d := paper(t, tx, svc, owner, pdf)
	key := "documents/swapped"
	other := []byte("%PDF-1.7\n% anothe r\n")[:len(pdf)]
	require.NoError(t, mem.Put(ctx, storage.Describe(key, "application/pdf", other), bytesReader(other)))
	_, err := tx.NewRaw("UPDATE documents.documents SET storage_url = ? WHERE id = ?", objectURL+key, d.ID).Exec(ctx)
	require.NoError(t, err)
	c, err := svc.OpenDocument(ctx, tx, OpenDocumentParams{ID: d.ID, ViewerID: owner})
	require.NoError(t, err)
	got, err := io.ReadAll(c.Body)
	require.ErrorIs(t, err, storage.ErrCorrupt)
	require.Less(t, len(got), len(other))
}
