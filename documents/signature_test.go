package documents

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

func user(who id.Of[auth.User]) Signer { return Signer{UserID: &who} }

// asked asks signers for a document's latest version.
func asked(t *testing.T, db bun.IDB, svc *Service, d *Document, inOrder bool, signers ...Signer) *EnvelopeView {
	t.Helper()
	v, err := svc.sig().RequestSignatures(t.Context(), db, RequestSignaturesParams{DocumentID: d.ID, ActorID: d.OwnerID, Signers: signers, InOrder: inOrder,
		ExpiresAt: time.Now().Add(24 * time.Hour)})
	require.NoError(t, err)
	return v
}

// signing are the parameters of who was invited.
func signing(v *EnvelopeView, n int) SignParams {
	inv := v.Invitations[n]
	p := SignParams{RequestID: inv.Request.ID, DocumentHash: v.Envelope.DocumentHash, Consent: "I agree to sign electronically.", Intent: "I sign this agreement.",
		Type: SignatureElectronic, Typed: "A. Signer"}
	if inv.Request.SignerID != nil {
		p.SignerID = *inv.Request.SignerID
	}
	if inv.Token != nil {
		p.Token = *inv.Token
	}
	return p
}

// sign shows the paper to a signer, who signs.
func sign(t *testing.T, db bun.IDB, svc *Service, p SignParams) error {
	t.Helper()
	return within(t, db, func(ctx context.Context, tx bun.IDB) error {
		if _, err := svc.sig().ViewRequest(ctx, tx, ViewRequestParams{p.RequestID, p.SignerID, p.Token}); err != nil {
			return err
		}
		_, err := svc.sig().Sign(ctx, tx, p)
		return err
	})
}

// drawn is a signature by hand.
func drawn(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 60, 20))
	for x := range 60 {
		m.SetGray(x, x/3, color.Gray{255})
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// larger is a PNG whose head says that it is 60,000 points wide and high.
func larger(file []byte) []byte {
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[16:], 60_000)
	binary.BigEndian.PutUint32(file[20:], 60_000)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

// Two users, an outsider and a countersigner, in order: each in turn, each for the exact
// bytes, with consent and intent, and only what they were shown.
func TestSign(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann, bob, eve := person(t, tx), person(t, tx), person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf, func(p *AddDocumentParams) { p.RequiresSignature = true })
	v := asked(t, tx, svc, d, true, Signer{UserID: &sponsor, Countersigner: true}, user(ann), user(bob), Signer{Name: "Carol Outsider", Email: "carol@example.com"})
	require.Equal(t, *d.FileHash, v.Envelope.DocumentHash)
	try := func(p SignParams) error {
		return within(t, tx, func(ctx context.Context, tx bun.IDB) error { _, err := svc.sig().Sign(ctx, tx, p); return err })
	}
	require.ErrorIs(t, try(signing(v, 1)), ErrNotViewed)
	bad := signing(v, 1)
	bad.Consent, bad.Intent, bad.Typed = "", " ", ""
	require.Len(t, fault.FieldErrors(try(bad)), 3, "no signature without consent and intent")
	bad = signing(v, 1)
	bad.Type, bad.Drawn = SignatureDigital, []byte("GIF89a")
	require.Len(t, fault.FieldErrors(try(bad)), 2)
	for what, file := range map[string][]byte{"a head alone": []byte("\x89PNG\r\n\x1a\n"), "half of one": drawn(t)[:60], "one that says it is larger": larger(drawn(t))} {
		bad = signing(v, 1)
		bad.Typed, bad.Drawn = "", file
		require.Equal(t, []string{"drawn"}, fieldsOf(try(bad)), what)
	}
	for _, p := range []SignParams{{RequestID: v.Invitations[1].Request.ID, SignerID: eve}, {RequestID: v.Invitations[1].Request.ID}, {RequestID: v.Invitations[3].Request.ID, Token: auth.NewSecret("x")}} {
		_, err := svc.sig().ViewRequest(ctx, tx, ViewRequestParams{p.RequestID, p.SignerID, p.Token})
		require.ErrorIs(t, err, ErrRequestNotFound)
	}
	require.ErrorIs(t, sign(t, tx, svc, signing(v, 2)), ErrNotYourTurn)
	require.ErrorIs(t, sign(t, tx, svc, signing(v, 0)), ErrNotYourTurn)
	other := signing(v, 1)
	other.DocumentHash = strings.Repeat("a", 64)
	require.ErrorIs(t, sign(t, tx, svc, other), ErrOtherBytes)

	content, err := svc.sig().OpenRequest(ctx, tx, OpenRequestParams{RequestID: v.Invitations[1].Request.ID, SignerID: ann})
	require.Equal(t, pdf, readAll(t, content, err))
	first := signing(v, 1)
	first.IPAddress, first.UserAgent = ptr(netip.MustParseAddr("192.0.2.7")), ptr("browser")
	first.Verification = &Verification{VerifySMS, json.RawMessage(`{"b": 1, "a": 2}`)}
	require.NoError(t, try(first))
	require.NoError(t, try(first), "again")
	first.Typed = "Another"
	require.ErrorIs(t, try(first), ErrRequestAnswered)
	second := signing(v, 2)
	second.Typed, second.Drawn = "Bob, as typed", drawn(t)
	second.Verification = &Verification{Method: VerifyEmail}
	require.NoError(t, sign(t, tx, svc, second))
	third := signing(v, 3)
	third.Typed, third.Type, third.Provider, third.ImageURL = "", SignatureDigital, json.RawMessage(`{"provider": "x", "certificate": "y"}`), ptr("https://files.example.test/c.png")
	third.Verification = &Verification{Method: VerifyIDVerification}
	require.NoError(t, sign(t, tx, svc, third))
	open, err := svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: v.Envelope.ID, ViewerID: bob})
	require.NoError(t, err)
	require.Equal(t, EnvelopeOpen, open.Envelope.Status, "the countersigner is last")
	carol := open.Invitations[2].Request
	require.Equal(t, "Carol Outsider", *carol.SignerName)
	require.Nil(t, carol.SignerEmail, "a signer sees no addresses")
	require.Nil(t, carol.SignatureData, "nor signatures of others")
	require.Nil(t, carol.SignatureImageURL)
	open, err = svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: v.Envelope.ID, ViewerID: sponsor})
	require.NoError(t, err)
	require.Equal(t, "carol@example.com", *open.Invitations[2].Request.SignerEmail, "who may share sees them")
	require.NotNil(t, open.Invitations[2].Request.SignatureData)
	require.NotNil(t, open.Invitations[2].Request.SignatureImageURL)
	_, err = svc.sig().Certificate(ctx, tx, CertificateParams{EnvelopeID: v.Envelope.ID, ViewerID: bob})
	require.ErrorIs(t, err, ErrNotCompleted)
	require.NoError(t, sign(t, tx, svc, signing(v, 0)))

	c, err := svc.sig().Certificate(ctx, tx, CertificateParams{EnvelopeID: v.Envelope.ID, ViewerID: ann})
	require.NoError(t, err)
	require.Len(t, c.Signers, 4)
	require.Equal(t, "Carol Outsider", c.Signers[2].Name)
	require.Equal(t, []string{"electronic", "sms", "192.0.2.7"}, []string{c.Signers[0].Type, c.Signers[0].Method, c.Signers[0].IPAddress})
	require.Equal(t, "I sign this agreement.", c.Signers[3].Intent)
	require.Equal(t, []string{"A. Signer", "Bob, as typed", "", "A. Signer"}, []string{c.Signers[0].Typed, c.Signers[1].Typed, c.Signers[2].Typed, c.Signers[3].Typed})
	require.Equal(t, [][]byte{nil, drawn(t), nil, nil}, [][]byte{c.Signers[0].Drawn, c.Signers[1].Drawn, c.Signers[2].Drawn, c.Signers[3].Drawn})
	require.Equal(t, []string{"digital", "id_verification"}, []string{c.Signers[2].Type, c.Signers[2].Method}, "of somebody without an account, too")
	var hashes []string
	require.NoError(t, tx.NewRaw("SELECT encode(evidence_hash, 'hex') FROM documents.signature_events WHERE type = 'signed' ORDER BY position").Scan(ctx, &hashes))
	require.Equal(t, hashes, []string{c.Signers[0].EvidenceHash, c.Signers[1].EvidenceHash, c.Signers[2].EvidenceHash, c.Signers[3].EvidenceHash}, "as the chain has it")
	require.Len(t, c.ChainHead, 64)
	_, err = svc.sig().Certificate(ctx, tx, CertificateParams{EnvelopeID: v.Envelope.ID, ViewerID: eve})
	require.ErrorIs(t, err, ErrEnvelopeNotFound)
	_, err = svc.DeleteDocument(ctx, tx, DeleteDocumentParams{d.ID, sponsor})
	require.ErrorIs(t, err, ErrSigned)
	_, err = svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: sponsor, Reason: "too late"})
	require.ErrorIs(t, err, ErrEnvelopeClosed)
	_, err = svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: sponsor, Signers: []Signer{user(ann)}, ExpiresAt: time.Now().Add(time.Hour)})
	require.ErrorIs(t, err, ErrSignatureRequested, "she has signed")
	report, err := svc.sig().VerifySignatures(ctx, tx, VerifySignaturesParams{DocumentID: d.ID, ViewerID: sponsor})
	require.NoError(t, err)
	require.Nil(t, report.Broken)
	require.Equal(t, 4+4+4*2+1, report.Links)
	holds(t, tx)
}

// Decline, remind, expire, void, and a new version that voids what is open; whoever
// declined, or was asked in vain, may be asked again.
func TestEnvelope_ends(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := stored(t, served(t, nil))
	sponsor, ann := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf)
	outsider := Signer{Name: "Carol", Email: "carol@example.com"}
	status := func(v *EnvelopeView) EnvelopeStatus {
		t.Helper()
		got, err := svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: v.Envelope.ID, AsPlatform: true})
		require.NoError(t, err)
		return got.Envelope.Status
	}
	v := asked(t, tx, svc, d, false, user(ann), outsider)
	_, err := svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: sponsor, Signers: []Signer{user(ann)}, ExpiresAt: time.Now().Add(time.Hour)})
	require.ErrorIs(t, err, ErrSignatureRequested, "she is being asked")
	old := *v.Invitations[1].Token
	inv, err := svc.sig().RemindSigner(ctx, tx, RemindSignerParams{RequestID: v.Invitations[1].Request.ID, ActorID: sponsor})
	require.NoError(t, err)
	_, err = svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: inv.Request.ID, Token: old})
	require.ErrorIs(t, err, ErrRequestNotFound, "the old link leads nowhere")
	_, err = svc.sig().ViewRequest(ctx, tx, ViewRequestParams{RequestID: inv.Request.ID, Token: *inv.Token})
	require.NoError(t, err)
	_, err = svc.sig().RemindSigner(ctx, tx, RemindSignerParams{RequestID: v.Invitations[0].Request.ID, ActorID: sponsor})
	require.NoError(t, err)
	_, err = svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: v.Invitations[0].Request.ID, SignerID: ann, Reason: " "})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: v.Invitations[0].Request.ID, SignerID: ann, Reason: "the amount is wrong"})
	require.NoError(t, err)
	require.Equal(t, EnvelopeDeclined, status(v))
	bob := person(t, tx)
	both := asked(t, tx, svc, d, false, user(bob), user(ann))
	_, err = svc.sig().DeclineSignature(ctx, tx, DeclineSignatureParams{RequestID: both.Invitations[1].Request.ID, SignerID: ann, Reason: "the amount is wrong"})
	require.NoError(t, err)
	for who, want := range map[id.Of[auth.User]]bool{sponsor: true, ann: true, bob: false} {
		got, err := svc.sig().Envelope(ctx, tx, EnvelopeParams{EnvelopeID: both.Envelope.ID, ViewerID: who})
		require.NoError(t, err)
		require.Equal(t, want, got.Invitations[1].Request.DeclineReason != nil, "why they declined is theirs and the sender's")
	}
	require.ErrorIs(t, sign(t, tx, svc, func() SignParams { p := signing(v, 1); p.Token = *inv.Token; return p }()), ErrEnvelopeClosed)

	v = asked(t, tx, svc, d, false, user(ann))
	_, err = svc.sig().VoidEnvelope(ctx, tx, VoidEnvelopeParams{EnvelopeID: v.Envelope.ID, ActorID: sponsor, Reason: "a mistake"})
	require.NoError(t, err)
	require.ErrorIs(t, sign(t, tx, svc, signing(v, 0)), ErrEnvelopeClosed)

	v = asked(t, tx, svc, d, false, user(ann))
	_, err = tx.NewRaw("UPDATE documents.envelopes SET expires_at = now() - interval '1 minute' WHERE id = ?", v.Envelope.ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, sign(t, tx, svc, signing(v, 0)), ErrEnvelopeClosed, "late, whether anybody has said so")
	n, err := svc.sig().ExpireEnvelopes(ctx, tx, 0)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, EnvelopeExpired, status(v))

	v = asked(t, tx, svc, d, false, user(ann))
	two, err := svc.AddVersion(ctx, tx, AddVersionParams{DocumentID: d.ID, ActorID: sponsor, File: file("two")})
	require.NoError(t, err)
	require.Equal(t, EnvelopeVoided, status(v))
	require.ErrorIs(t, sign(t, tx, svc, signing(v, 0)), ErrEnvelopeClosed)
	_, err = svc.sig().RequestSignatures(ctx, tx, RequestSignaturesParams{DocumentID: d.ID, ActorID: sponsor, Signers: []Signer{user(ann)}, ExpiresAt: time.Now().Add(time.Hour)})
	require.ErrorIs(t, err, ErrNotLatest)
	v = asked(t, tx, svc, two, false, user(ann))
	require.NoError(t, sign(t, tx, svc, signing(v, 0)))
	require.Equal(t, EnvelopeCompleted, status(v))
	for _, p := range []RequestSignaturesParams{
		{}, {DocumentID: d.ID, ActorID: sponsor, ExpiresAt: time.Now().Add(time.Hour), Signers: []Signer{user(ann), user(ann), {Name: "x"}}},
		{DocumentID: d.ID, ExpiresAt: time.Now().Add(time.Hour), Signers: []Signer{{UserID: &ann, Countersigner: true}}},
	} {
		_, err = svc.sig().RequestSignatures(ctx, tx, p)
		require.ErrorIs(t, err, fault.Invalid)
	}
	holds(t, tx)
}

// Sixty-four clients sign one request at once, each with another name: one of them signs,
// and there is one signature and one pair of links. The one that has signed may say so
// again.
func TestSign_parallel(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc := stored(t, served(t, nil))
	sponsor, ann := person(t, db), person(t, db)
	d := paper(t, db, svc, sponsor, pdf)
	v := asked(t, db, svc, d, false, user(ann))
	p := signing(v, 0)
	_, err := svc.sig().ViewRequest(ctx, db, ViewRequestParams{RequestID: p.RequestID, SignerID: ann})
	require.NoError(t, err)
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for i := range errs {
		mine := p
		mine.Typed = "A. Signer " + digits(i)
		wg.Go(func() { _, errs[i] = svc.sig().Sign(ctx, db, mine) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err == nil {
			won++
			p.Typed = "A. Signer " + digits(i)
			_, err = svc.sig().Sign(ctx, db, p)
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ErrRequestAnswered)
	}
	require.Equal(t, 1, won)
	var links, signed int
	require.NoError(t, db.NewRaw("SELECT count(*) FILTER (WHERE type = 'signed'), (SELECT count(*) FROM documents.signatures WHERE status = 'signed') FROM documents.signature_events").Scan(ctx, &links, &signed))
	require.Equal(t, [2]int{1, 1}, [2]int{links, signed})
	holds(t, db)
}

// Any change of any column of any link, and of any evidence, is found at that link; a
// link that is gone, too. The chain tells nothing of what a signer said.
func TestVerifySignatures(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t) // triggers are switched off, which locks the tables
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	svc := stored(t, served(t, nil))
	sponsor, ann := person(t, tx), person(t, tx)
	d := paper(t, tx, svc, sponsor, pdf)
	v := asked(t, tx, svc, d, false, user(ann), Signer{Name: "Carol Outsider", Email: "carol@example.com"})
	require.NoError(t, sign(t, tx, svc, signing(v, 0)))
	require.NoError(t, sign(t, tx, svc, signing(v, 1)))
	verify := func(tx bun.IDB) *ChainReport {
		r, err := svc.sig().VerifySignatures(ctx, tx, VerifySignaturesParams{DocumentID: d.ID, ViewerID: sponsor})
		require.NoError(t, err)
		return r
	}
	whole := verify(tx)
	require.Nil(t, whole.Broken)
	var text string
	require.NoError(t, tx.NewRaw("SELECT string_agg(e::text, ' ') FROM documents.signature_events e").Scan(ctx, &text))
	for _, personal := range []string{"Carol", "example.com", "agree", "Signer"} {
		require.NotContains(t, text, personal)
	}
	_, err = tx.ExecContext(ctx, "ALTER TABLE documents.signature_events DISABLE TRIGGER ALL; ALTER TABLE documents.signature_evidence DISABLE TRIGGER ALL")
	require.NoError(t, err)
	flips := 0
	spoil := func(position int, query string) {
		t.Helper()
		flips++
		_ = within(t, tx, func(ctx context.Context, tx bun.IDB) error {
			res, err := tx.ExecContext(ctx, query, position)
			require.NoError(t, err, query)
			n, err := res.RowsAffected()
			require.NoError(t, err)
			require.Equal(t, int64(1), n, query)
			r := verify(tx)
			require.NotNil(t, r.Broken, query)
			require.Equal(t, position, r.Broken.Position, query)
			return context.Canceled // undone
		})
	}
	has := func(position int, column string) (has bool) {
		require.NoError(t, tx.NewRaw("SELECT ? IS NOT NULL FROM documents.signature_events WHERE position = ?", bun.Ident(column), position).Scan(ctx, &has))
		return has
	}
	for position := 1; position <= whole.Links; position++ {
		for i := range 32 {
			for _, column := range []string{"hash", "previous_hash", "evidence_hash"} {
				if has(position, column) {
					spoil(position, "UPDATE documents.signature_events SET "+column+" = set_byte("+column+", "+digits(i)+", get_byte("+column+", "+digits(i)+") # 1) WHERE position = ?")
				}
			}
		}
		for _, change := range []string{"document_version = document_version + 1", "created_at = created_at + interval '1 microsecond'", "actor_id = gen_random_uuid()",
			"document_hash = reverse(document_hash)", "type = CASE type WHEN 'viewed' THEN 'requested' ELSE 'viewed' END", "envelope_id = gen_random_uuid()", "request_id = gen_random_uuid()", "id = gen_random_uuid()"} {
			spoil(position, "UPDATE documents.signature_events SET "+change+" WHERE position = ?")
		}
	}
	var proved []int
	require.NoError(t, tx.NewRaw("SELECT position FROM documents.signature_events WHERE evidence_hash IS NOT NULL ORDER BY 1").Scan(ctx, &proved))
	require.Len(t, proved, 4)
	const of = " FROM documents.signature_events e WHERE e.id = event_id AND e.position = ?"
	for _, position := range proved {
		for _, change := range []string{"consent = consent || '.'", "intent = coalesce(intent, '') || '.'", "salt = set_byte(salt, 3, get_byte(salt, 3) # 128)", "ip_address = '192.0.2.9'", "user_agent = 'x'",
			"details = coalesce(details, '') || ' '", "details = 'x'", "consent = NULL"} {
			spoil(position, "UPDATE documents.signature_evidence v SET "+change+of)
		}
		spoil(position, "DELETE FROM documents.signature_evidence v USING documents.signature_events e WHERE e.id = event_id AND e.position = ?")
	}
	require.Greater(t, flips, 600)
	_ = within(t, tx, func(ctx context.Context, tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM documents.signature_events WHERE position = 3")
		require.NoError(t, err)
		require.Equal(t, 3, verify(tx).Broken.Position)
		return context.Canceled
	})
	t.Logf("%d changes, each found at its link", flips)
}

func digits(n int) string { b, _ := json.Marshal(n); return string(b) }

func TestTemplate(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"offering_name", "investor_name", "amount", "sponsor_name", "date", "governing_law"}, SubscriptionAgreement.Fields())
	fields := map[string]string{"offering_name": "Elm Street", "investor_name": "{{amount}}\n\n# Ann", "amount": "$25,000.00", "sponsor_name": "Sponsor LLC", "date": "2026-02-01", "governing_law": "Ohio"}
	p, err := SubscriptionAgreement.Merge(fields)
	require.NoError(t, err)
	require.Equal(t, "Subscription agreement: Elm Street", p.Title)
	require.Len(t, p.Paragraphs, 6)
	require.True(t, strings.HasPrefix(p.Paragraphs[1].Text, "{{amount}} # Ann (the Investor)"), "what a field says is text")
	delete(fields, "amount")
	_, err = SubscriptionAgreement.Merge(fields)
	require.ErrorIs(t, err, ErrField)
	fields["amount"], fields["more"] = "$1.00", "x"
	_, err = SubscriptionAgreement.Merge(fields)
	require.ErrorIs(t, err, ErrField)
	_, err = Template{}.Merge(nil)
	require.Len(t, fault.FieldErrors(err), 2)
	// A place that is none would stand in a paper that somebody signs.
	for _, body := range []string{"Pay {{Amount}}.", "Pay {{investor-name}}.", "Pay {{amount}", "Pay {{ }}.", "Pay amount}}.", "{{amo\nunt}}"} {
		_, err = Template{Title: "A", Body: body}.Merge(map[string]string{"amount": "$1.00"})
		require.Equal(t, []string{"body"}, fieldsOf(err), body)
	}
	_, err = Template{Title: "{{A}}", Body: "x"}.Merge(nil)
	require.Equal(t, []string{"title"}, fieldsOf(err))
}
