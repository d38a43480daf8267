package documents

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// mailing is a template that is sent to many, and how many papers and requests there are.
type mailing struct {
	db    *bun.DB
	mem   *storage.Memory
	owner id.Of[auth.User]
	SendTemplateParams
}

func newMailing(t *testing.T, n int) *mailing {
	t.Helper()
	m := &mailing{db: pgtest.Clone(t), mem: storage.NewMemory(storage.MemoryConfig{})}
	m.owner = person(t, m.db)
	m.SendTemplateParams = SendTemplateParams{IdempotencyKey: "mailing 1", ActorID: m.owner, Template: SubscriptionAgreement, ExpiresAt: time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond),
		Fields:         map[string]string{"offering_name": "Elm Street", "sponsor_name": "Sponsor LLC", "date": "2026-02-01", "governing_law": "Ohio"},
		Countersigners: []Signer{{UserID: &m.owner}}, Folder: "Agreements"}
	for i := range n {
		r := Recipient{Fields: map[string]string{"investor_name": fmt.Sprint("Investor ", i), "amount": fmt.Sprint(i+1, "0,000.00")}}
		if i%2 == 0 {
			who := person(t, m.db)
			r.Signer.UserID = &who
		} else {
			r.Signer = Signer{Name: fmt.Sprint("Investor ", i), Email: fmt.Sprintf("i%d@example.com", i)}
		}
		m.Recipients = append(m.Recipients, r)
	}
	return m
}

func (m *mailing) signatures(s storage.Store) *Signatures {
	return NewSignatures(Config{Storage: s, Can: auth.New(auth.Config{}).Access.Can, Renderer: typewriter{}})
}

// counts are the papers, the envelopes and the requests to recipients, and the most of each
// that one of them has.
func (m *mailing) counts(t *testing.T) (papers, open, most int) {
	t.Helper()
	require.NoError(t, m.db.NewRaw("SELECT count(*) FROM documents.documents").Scan(t.Context(), &papers))
	require.NoError(t, m.db.NewRaw("SELECT count(*) FROM documents.envelopes").Scan(t.Context(), &open))
	require.NoError(t, m.db.NewRaw(`SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM documents.signature_requests WHERE NOT countersigner
		GROUP BY coalesce(signer_id::text, signer_email)) x`).Scan(t.Context(), &most))
	return papers, open, most
}

// Everybody gets a paper of their own to sign; whoever cannot is named with the reason, and
// has it when the run is repeated; a second run sends nothing.
func TestSendTemplate(t *testing.T) {
	t.Parallel()
	m := newMailing(t, 5)
	ctx, svc := t.Context(), m.signatures(m.mem)
	delete(m.Recipients[3].Fields, "amount")
	_, err := m.db.NewRaw("UPDATE auth.users SET status = 'suspended' WHERE id = ?", *m.Recipients[2].Signer.UserID).Exec(ctx)
	require.NoError(t, err)
	out, err := svc.SendTemplate(ctx, m.db, m.SendTemplateParams)
	require.NoError(t, err)
	require.Equal(t, [2]int{3, 2}, [2]int{out.Sent, out.Failed})
	require.Equal(t, [2]string{"reference_not_found", ErrField.Code}, [2]string{out.Papers[2].Code, out.Papers[3].Code})
	require.ErrorIs(t, out.Papers[3].Err, ErrField)
	require.NotNil(t, out.Papers[1].Invitation.Token, "somebody without an account gets a link")
	papers, open, most := m.counts(t)
	require.Equal(t, [3]int{3, 3, 1}, [3]int{papers, open, most}, "what failed left nothing")
	v, err := svc.Envelope(ctx, m.db, EnvelopeParams{EnvelopeID: out.Papers[0].EnvelopeID, ViewerID: *m.Recipients[0].Signer.UserID})
	require.NoError(t, err)
	require.Len(t, v.Invitations, 2)
	require.True(t, v.Invitations[1].Request.Countersigner)
	content, err := NewService(Config{Storage: m.mem}).OpenDocument(ctx, m.db, OpenDocumentParams{ID: out.Papers[0].DocumentID, ViewerID: *m.Recipients[0].Signer.UserID})
	require.Contains(t, readAll(t, content, err), "Investor 0 (the Investor) subscribes for an interest in Elm Street (the Company) in the amount of 10,000.00")

	_, err = m.db.NewRaw("UPDATE auth.users SET status = 'active' WHERE id = ?", *m.Recipients[2].Signer.UserID).Exec(ctx)
	require.NoError(t, err)
	again, err := svc.SendTemplate(ctx, m.db, m.SendTemplateParams)
	require.NoError(t, err)
	require.Equal(t, [2]int{4, 1}, [2]int{again.Sent, again.Failed})
	require.Equal(t, out.Papers[0].DocumentID, again.Papers[0].DocumentID)
	papers, open, most = m.counts(t)
	require.Equal(t, [3]int{4, 4, 1}, [3]int{papers, open, most})
	other := m.SendTemplateParams
	other.Folder = "Others"
	_, err = svc.SendTemplate(ctx, m.db, other)
	require.ErrorIs(t, err, store.ErrKeyReused)
	holds(t, m.db)
}

// What is wrong for all is refused before anything is sent.
func TestSendTemplate_refuses(t *testing.T) {
	t.Parallel()
	m := newMailing(t, 2)
	ctx, svc := t.Context(), m.signatures(m.mem)
	bad := m.SendTemplateParams
	bad.Recipients = []Recipient{m.Recipients[1], {Signer: Signer{Name: "X", Email: "I1@EXAMPLE.com"}}, {Signer: Signer{Name: "Y", Email: "y@example.com", Countersigner: true}}}
	bad.ActorID, bad.Template, bad.ExpiresAt = id.Of[auth.User]{}, Template{}, time.Time{}
	_, err := svc.SendTemplate(ctx, m.db, bad)
	require.Equal(t, []string{"actor_id", "expires_at", "template.title", "template.body", "recipients[1].signer", "recipients[2].signer"}, fieldsOf(err))
	bad = m.SendTemplateParams
	bad.Recipients = nil
	_, err = svc.SendTemplate(ctx, m.db, bad)
	require.Equal(t, []string{"recipients"}, fieldsOf(err))
	bad = m.SendTemplateParams
	bad.IdempotencyKey = ""
	_, err = svc.SendTemplate(ctx, m.db, bad)
	require.ErrorIs(t, err, store.ErrKeyRequired)
	_, err = NewSignatures(Config{Storage: m.mem}).SendTemplate(ctx, m.db, m.SendTemplateParams)
	require.ErrorIs(t, err, ErrNoRenderer)
	_, err = NewSignatures(Config{Renderer: typewriter{}}).SendTemplate(ctx, m.db, m.SendTemplateParams)
	require.ErrorIs(t, err, ErrNoStorage)
	papers, open, _ := m.counts(t)
	require.Zero(t, papers+open)
}

// A run that is killed at any step of its storage, before it or behind it, is run again, and
// everybody has one paper, and nobody two. One that is run again with another key sends some
// of them twice, and the count finds that.
func TestSendTemplate_killed(t *testing.T) {
	t.Parallel()
	ctx, m := t.Context(), newMailing(t, 4)
	everywhere := func(name, again string) (killed, twice int) {
		for _, after := range []bool{false, true} {
			for n := 1; ; n++ {
				p := m.SendTemplateParams
				p.IdempotencyKey = fmt.Sprint(name, n, after)
				p.Folder = p.IdempotencyKey
				_, err := m.signatures(&killer{Store: m.mem, left: n, after: after}).SendTemplate(ctx, m.db, p)
				if err == nil {
					break
				}
				require.ErrorIs(t, err, errKilled)
				killed++
				p.IdempotencyKey += again
				out, err := m.signatures(m.mem).SendTemplate(ctx, m.db, p)
				require.NoError(t, err)
				require.Equal(t, 4, out.Sent)
				var people, papers int
				require.NoError(t, m.db.NewRaw(`SELECT count(DISTINCT coalesce(r.signer_id::text, r.signer_email)), count(*) FROM documents.documents d
					JOIN documents.envelopes e ON e.document_id = d.id JOIN documents.signature_requests r ON r.envelope_id = e.id
					WHERE d.folder = ? AND NOT r.countersigner`, p.Folder).Scan(ctx, &people, &papers))
				require.Equal(t, 4, people)
				twice += papers - people
			}
		}
		return killed, twice
	}
	killed, twice := everywhere("mailing", "")
	require.Equal(t, 16, killed, "a put and a look for each of four, before and behind")
	require.Zero(t, twice)
	holds(t, m.db)
	t.Logf("%d kills, nobody has two papers", killed)
	killed, twice = everywhere("careless", " again")
	require.Positive(t, twice, "control")
	t.Logf("control: with another key behind each of %d kills, %d papers were sent twice", killed, twice)
}

// Eight runs of one key at once send one paper to each; a context that ends stops a run, which
// says what was done.
func TestSendTemplate_atOnce(t *testing.T) {
	t.Parallel()
	m := newMailing(t, 4)
	svc := m.signatures(m.mem)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			for {
				_, errs[i] = svc.SendTemplate(t.Context(), m.db, m.SendTemplateParams)
				if fault.KindOf(errs[i]) != fault.Unavailable { // a deadlock is tried again
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	papers, open, most := m.counts(t)
	require.Equal(t, [3]int{4, 4, 1}, [3]int{papers, open, most})
	holds(t, m.db)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := m.SendTemplateParams
	p.IdempotencyKey = "mailing 2"
	_, err := svc.SendTemplate(ctx, m.db, p)
	require.ErrorIs(t, err, context.Canceled)
}
