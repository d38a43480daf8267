package documents

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Nobody lets others do with a document what they may not do themselves: not by a share,
// not by a link, not by asking somebody to sign it, and not by making it public.
func TestRights_notPassedOn(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, stranger := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, owner, pdf)
	holder := func(download, edit, share bool) id.Of[auth.User] {
		who := person(t, tx)
		_, err := svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: who, CanDownload: download, CanEdit: edit, CanShare: share})
		require.NoError(t, err)
		return who
	}
	link := func(who id.Of[auth.User], download bool) error {
		_, err := svc.CreateLink(ctx, tx, CreateLinkParams{DocumentID: d.ID, ActorID: who, ExpiresAt: time.Now().Add(time.Hour), CanDownload: download})
		return err
	}
	ask := func(who id.Of[auth.User]) error {
		v, err := svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: who, Signers: []Signer{user(stranger)}, ExpiresAt: time.Now().Add(time.Hour)})
		if err == nil {
			_, err = svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: owner, Reason: "for the next one"})
		}
		return err
	}
	become := func(who id.Of[auth.User], v Visibility) error {
		_, err := svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: d.ID, ActorID: who, Visibility: &v})
		return err
	}
	for _, c := range []struct {
		what                        string
		who                         id.Of[auth.User]
		link, download, ask, public bool
	}{
		{"the owner", owner, true, true, true, true},
		{"who may download and share", holder(true, false, true), true, true, false, false},
		{"who may share", holder(false, false, true), true, false, false, false},
		{"who may edit", holder(false, true, false), false, false, false, false},
		{"who may edit and share", holder(false, true, true), true, false, false, false},
		{"who may edit and download", holder(true, true, false), false, false, false, false},
		{"who may do all of that", holder(true, true, true), true, true, true, true},
	} {
		for what, try := range map[string]struct {
			may bool
			do  func() error
		}{
			"link":              {c.link, func() error { return link(c.who, false) }},
			"link for download": {c.download, func() error { return link(c.who, true) }},
			"ask":               {c.ask, func() error { return ask(c.who) }},
			"make public":       {c.public, func() error { return become(c.who, VisibilityPublic) }},
		} {
			err := try.do()
			if try.may {
				require.NoError(t, err, "%s: %s", c.what, what)
			} else {
				require.ErrorIs(t, err, ErrForbidden, "%s: %s", c.what, what)
			}
		}
		require.NoError(t, become(owner, VisibilityPrivate))
	}
	holds(t, tx)
}

// What is no longer public is so in none of its versions; what becomes public is so in
// its latest version, and the drafts before stay what they were.
func TestUpdateDocument_visibility(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	one := paper(t, tx, svc, owner, pdf)
	versions := []id.Of[Document]{one.ID}
	add := func() {
		v, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: one.ID, ActorID: owner, File: file(id.New[Document]().String())})
		require.NoError(t, err)
		versions = append(versions, v.ID)
	}
	become := func(v Visibility) {
		d, err := svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: one.ID, ActorID: owner, Visibility: &v})
		require.NoError(t, err)
		require.Equal(t, v, d.Visibility)
	}
	public := func() (out []bool) {
		for _, v := range versions {
			_, err := svc.Document(ctx, tx, DocumentParams{ID: v})
			if err != nil {
				require.ErrorIs(t, err, ErrDocumentNotFound)
			}
			out = append(out, err == nil)
		}
		return out
	}
	add()
	become(VisibilityPublic)
	require.Equal(t, []bool{false, true}, public(), "a draft is not published")
	add()
	require.Equal(t, []bool{false, true, true}, public())
	become(VisibilityShared)
	require.Equal(t, []bool{false, false, false}, public(), "what was public is so nowhere")
	become(VisibilityPublic)
	become(VisibilityPrivate)
	require.Equal(t, []bool{false, false, false}, public())
}

// What is in this storage comes by an upload: nobody names another's object.
func TestAddDocument_objectOfOthers(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	victim, thief := person(t, tx), person(t, tx)
	theirs, mine := paper(t, tx, svc, victim, pdf), paper(t, tx, svc, thief, pdf+"mine")
	f := File{Name: "a.pdf", Type: "application/pdf", Size: *theirs.FileSize, SHA256: sha(theirs), StorageURL: *theirs.StorageURL}
	_, err := svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: thief, Name: "x", File: f})
	require.Equal(t, "file.storage_url", fault.FieldErrors(err)[0].Field)
	_, err = svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: mine.ID, ActorID: thief, File: f})
	require.Equal(t, "file.storage_url", fault.FieldErrors(err)[0].Field)
	holds(t, tx)
	_, err = tx.NewRaw("UPDATE documents.documents SET storage_url = ? WHERE id = ?", objectURL+"documents/x", add(t, tx, thief).ID).Exec(ctx)
	require.NoError(t, err)
	var n int
	for _, inv := range Invariants() {
		var found int
		require.NoError(t, tx.NewRaw("SELECT count(*) FROM ("+inv.Query+") AS violations").Scan(ctx, &found))
		n += found
	}
	require.Equal(t, 1, n, "and one that does is found")
}

// Who may edit and not share leaves the visibility as it is, and with it that of older
// versions: naming the one that it has changes nothing else.
func TestUpdateDocument_sameVisibility(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, editor := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, owner, pdf)
	next, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: d.ID, ActorID: owner, File: file("b")})
	require.NoError(t, err)
	_, err = svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: editor, CanEdit: true})
	require.NoError(t, err)
	// As a host has brought it in: an old version that everybody may see.
	_, err = tx.NewRaw("UPDATE documents.documents SET visibility = 'public' WHERE id = ?", d.ID).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.UpdateDocument(ctx, tx, UpdateDocumentParams{DocumentID: next.ID, ActorID: editor, Visibility: ptr(VisibilityPrivate), Name: ptr("Renamed")})
	require.NoError(t, err)
	old, err := svc.Document(ctx, tx, DocumentParams{ID: d.ID})
	require.NoError(t, err, "still public")
	require.Equal(t, VisibilityPublic, old.Visibility)
}

// Who looks at shares, links, the log and the chain of a document locks nobody.
func TestManaged_locksNobody(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, owner := stored(t, served(t, nil)), person(t, db)
	d := paper(t, db, svc, owner, pdf)
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := tx.NewRaw("SELECT id FROM auth.users WHERE id = ? FOR UPDATE", owner).Exec(ctx) // somebody else has it
		require.NoError(t, err)
		looking, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		p := managedParams{DocumentID: d.ID, ViewerID: owner}
		_, err = svc.Shares(looking, db, SharesParams(p), page.Request{})
		require.NoError(t, err)
		_, err = svc.Links(looking, db, LinksParams(p), page.Request{})
		require.NoError(t, err)
		_, err = svc.AccessLog(looking, db, AccessLogParams(p), page.Request{})
		require.NoError(t, err)
		_, err = svc.sig().VerifySignatures(looking, db, VerifySignaturesParams(p))
		require.NoError(t, err)
		return nil
	}))
}

// Somebody who is asked while their data are erased is either erased with what they are asked
// voided, or asked as before; never erased in an envelope that is open.
func TestEraseSigner_whileAsked(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, sponsor, officer := stored(t, served(t, nil)), person(t, db), person(t, db)
	role(t, db, officer, auth.RoleAdministrator)
	first, second := paper(t, db, svc, sponsor, pdf), paper(t, db, svc, sponsor, pdf+"2")
	carol := Signer{Name: "Carol", Email: "carol@example.com"}
	asked(t, db, svc, first, false, carol)
	done := make(chan error, 1)
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := tx.NewRaw("SELECT id FROM documents.documents WHERE id = ? FOR NO KEY UPDATE", first.ID).Exec(ctx)
		require.NoError(t, err)
		go func() {
			_, err := svc.sig().EraseSigner(ctx, db, EraseSignerParams{Email: carol.Email, ActorID: officer})
			done <- err
		}()
		require.Eventually(t, func() bool { // it has read what there is, and waits for the document
			var waits bool
			err := db.NewRaw("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')").Scan(ctx, &waits)
			return err == nil && waits
		}, 30*time.Second, 10*time.Millisecond)
		asked(t, db, svc, second, false, carol)
		return nil
	}))
	require.NoError(t, <-done)
	var half, left int
	require.NoError(t, db.NewRaw(`SELECT count(*) FROM documents.signature_requests r JOIN documents.envelopes e ON e.id = r.envelope_id
		WHERE r.signer_email LIKE 'erased%' AND e.status = 'open'`).Scan(ctx, &half))
	require.NoError(t, db.NewRaw("SELECT count(*) FROM documents.signature_requests WHERE signer_email = ?", carol.Email).Scan(ctx, &left))
	require.Zero(t, half)
	require.Zero(t, left)
	holds(t, db)
}

// Who was let at a document for a time lets nobody at it for longer, whatever the way; who
// has the right by something else does.
func TestRights_outlivesNone(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	owner, guest := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, owner, pdf)
	soon, later := time.Now().Add(time.Hour), time.Now().Add(48*time.Hour)
	_, err := svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: guest, CanDownload: true, CanEdit: true, CanShare: true, ExpiresAt: &soon})
	require.NoError(t, err)
	earlier := soon.Add(-time.Minute)
	ways := func(until *time.Time) map[string]error {
		out := map[string]error{}
		_, out["share"] = svc.ShareDocument(ctx, tx, ShareDocumentParams{DocumentID: d.ID, ActorID: guest, SharedWith: person(t, tx), ExpiresAt: until})
		if until != nil {
			_, out["link"] = svc.CreateLink(ctx, tx, CreateLinkParams{DocumentID: d.ID, ActorID: guest, ExpiresAt: *until})
			_, out["ask"] = svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: guest, Signers: []Signer{user(person(t, tx))}, ExpiresAt: *until})
		}
		return out
	}
	for _, until := range []*time.Time{nil, &later} {
		for what, err := range ways(until) {
			require.ErrorIs(t, err, ErrOutlives, what)
		}
	}
	for what, err := range ways(&earlier) {
		require.NoError(t, err, what)
	}
	role(t, tx, guest, auth.RoleSponsor)
	for what, err := range ways(&later) {
		require.NoError(t, err, "by a role: %s", what)
	}
	holds(t, tx)
}

// When a share is revoked, the links that its holder has made lead nowhere; those of others do.
func TestRevokeShare_links(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc := stored(t, served(t, nil))
	owner, guest := person(t, db), person(t, db)
	d, other := paper(t, db, svc, owner, pdf), paper(t, db, svc, owner, pdf+"2")
	link := func(d *Document, who id.Of[auth.User]) *NewLink {
		t.Helper()
		l, err := svc.CreateLink(ctx, db, CreateLinkParams{DocumentID: d.ID, ActorID: who, ExpiresAt: time.Now().Add(time.Hour)})
		require.NoError(t, err)
		return l
	}
	var share *Share
	for _, d := range []*Document{other, d} {
		var err error
		share, err = svc.ShareDocument(ctx, db, ShareDocumentParams{DocumentID: d.ID, ActorID: owner, SharedWith: guest, CanShare: true})
		require.NoError(t, err)
	}
	theirs, elsewhere, mine := link(d, guest), link(other, guest), link(d, owner)
	open := func(l *NewLink) error {
		c, err := svc.OpenLink(ctx, db, OpenLinkParams{Token: l.Token})
		if err == nil {
			readAll(t, c, nil)
		}
		return err
	}
	require.NoError(t, open(theirs))
	_, err := svc.RevokeShare(ctx, db, RevokeShareParams{ShareID: share.ID, ActorID: owner})
	require.NoError(t, err)
	require.ErrorIs(t, open(theirs), ErrLink)
	require.NoError(t, open(elsewhere))
	require.NoError(t, open(mine))
	var told int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.outbox WHERE type = 'documents.link_revoked'").Scan(ctx, &told))
	require.Equal(t, 1, told)
	holds(t, db)
}

// Who is asked to sign sees the paper until the time for that is over, whether anybody has
// said so or not; who has signed sees what they signed for good.
func TestDocument_askedInVain(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann, bob := person(t, tx), person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf)
	v := asked(t, tx, svc, d, false, user(ann), user(bob))
	require.NoError(t, sign(t, tx, svc, signing(v, 0)))
	sees := func(who id.Of[auth.User]) [3]bool {
		t.Helper()
		_, err := svc.Document(ctx, tx, DocumentParams{ID: d.ID, ViewerID: who})
		list, lerr := svc.Documents(ctx, tx, DocumentFilter{ViewerID: who}, page.Request{})
		require.NoError(t, lerr)
		_, oerr := svc.OpenDocument(ctx, tx, OpenDocumentParams{ID: d.ID, ViewerID: who})
		return [3]bool{err == nil, len(list.Items) == 1, oerr == nil}
	}
	all, none := [3]bool{true, true, true}, [3]bool{}
	require.Equal(t, all, sees(bob))
	_, err := tx.NewRaw("UPDATE documents.envelopes SET expires_at = now() - interval '1 minute'").Exec(ctx)
	require.NoError(t, err)
	require.Equal(t, none, sees(bob))
	require.Equal(t, all, sees(ann))
}

// Somebody without an account reads what they have signed until the time of the envelope is
// over, and whoever declined does not.
func TestOpenRequest_signed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor := person(t, tx)
	v := asked(t, tx, svc, paper(t, tx, svc, sponsor, pdf), false, Signer{Name: "Carol", Email: "carol@example.com"}, user(person(t, tx)))
	p := signing(v, 0)
	require.NoError(t, sign(t, tx, svc, p))
	open := func(token auth.Secret) error {
		c, err := svc.sig().OpenRequest(ctx, tx, OpenRequestParams{RequestID: p.RequestID, Token: token})
		if err == nil {
			require.Equal(t, pdf, readAll(t, c, nil))
		}
		return err
	}
	require.NoError(t, open(p.Token))
	require.ErrorIs(t, open(auth.NewSecret("x")), ErrRequestNotFound)
	_, err := svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: v.Invitations[1].Request.ID, SignerID: *v.Invitations[1].Request.SignerID, Reason: "no"})
	require.NoError(t, err)
	require.NoError(t, open(p.Token), "what was signed stays signed")
	_, err = svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: v.Invitations[1].Request.ID, SignerID: *v.Invitations[1].Request.SignerID})
	require.ErrorIs(t, err, ErrRequestAnswered)
	_, err = tx.NewRaw("UPDATE documents.envelopes SET expires_at = now() - interval '1 minute'").Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, open(p.Token), ErrRequestAnswered)
	holds(t, tx)
}

// The name of a file is no path, and looks as what it is.
func TestStartUpload_fileName(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, owner := stored(t, served(t, nil)), person(t, tx)
	for _, name := range []string{"../../etc/passwd", `C:\a.pdf`, "a\r\nSet-Cookie: x.pdf", "a\x7f.pdf", "a\u202efdp.exe", "\u2066a.pdf"} {
		_, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: owner, FileName: name, Content: strings.NewReader(pdf)})
		require.Equal(t, []string{"file_name"}, fieldsOf(err), "%q", name)
		f := file("x")
		f.Name = name
		_, err = svc.AddDocument(ctx, tx, AddDocumentParams{OwnerID: owner, Name: "x", File: f})
		require.Equal(t, []string{"file.name"}, fieldsOf(err), "%q", name)
	}
	_, err := svc.UploadFile(ctx, tx, UploadFileParams{UploaderID: owner, FileName: "Grüße, 契約.pdf", Content: strings.NewReader(pdf)})
	require.NoError(t, err)
}
