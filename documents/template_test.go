package documents

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// typewriter is a Renderer of plain text that has no letter beyond ASCII.
type typewriter struct{ broken error }

func (typewriter) Certificate(w io.Writer, c Certificate) error {
	_, err := io.WriteString(w, c.Name)
	return err
}

func (r typewriter) Paper(w io.Writer, p Paper) error {
	text := p.Title
	for _, x := range p.Paragraphs {
		text += "\n" + x.Text
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r > 127 }) {
		return fault.New(fault.Invalid, "test_letter", "there is no such letter").On("blocks[3].text")
	}
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return r.broken
}

// A template becomes a document that is stored, and signed as any other; what cannot be
// printed or stored leaves nothing.
func TestFillTemplate(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	mem := storage.NewMemory(storage.MemoryConfig{})
	owner, ann := person(t, db), person(t, db)
	svc := NewService(Config{Storage: mem, Can: auth.New(auth.Config{}).Access.Can, Renderer: typewriter{}})
	p := FillTemplateParams{ID: id.New[Document](), OwnerID: owner, Template: Notice, Folder: "Notices", Type: ptr(TypeReport), Tags: []string{"2026"},
		Fields: map[string]string{"subject": "Capital call 1/2", "recipient_name": "Ann", "text": "Please pay.", "sender_name": "Sponsor LLC", "date": "2026-02-01"}}
	d, err := svc.FillTemplate(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, p.ID, d.ID)
	require.Equal(t, "Notice: Capital call 1/2", d.Name)
	require.Equal(t, "Notice- Capital call 1-2.txt", *d.FileName, "a file of its kind")
	require.Equal(t, "Notices", d.Folder)
	c, err := svc.OpenDocument(ctx, db, OpenDocumentParams{ID: d.ID, ViewerID: owner})
	require.Equal(t, "Notice: Capital call 1/2\nTo Ann\nPlease pay.\nSponsor LLC, 2026-02-01", readAll(t, c, err))
	again, err := svc.FillTemplate(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, d.ID, again.ID)
	v := asked(t, db, svc, d, false, user(ann))
	require.NoError(t, sign(t, db, svc, signing(v, 0)))

	count := func() (n int) {
		require.NoError(t, db.NewRaw("SELECT (SELECT count(*) FROM documents.documents) + (SELECT count(*) FROM documents.uploads)").Scan(ctx, &n))
		return n
	}
	rows := count()
	fill := func(change func(*FillTemplateParams)) error {
		q := p
		q.ID, q.Fields = id.Of[Document]{}, map[string]string{}
		for k, v := range p.Fields {
			q.Fields[k] = v
		}
		change(&q)
		_, err := svc.FillTemplate(ctx, db, q)
		return err
	}
	require.ErrorIs(t, fill(func(q *FillTemplateParams) { q.ID, q.Fields["text"] = p.ID, "Pay at once." }), store.ErrExists)
	require.ErrorIs(t, fill(func(q *FillTemplateParams) { delete(q.Fields, "text") }), ErrField)
	require.ErrorIs(t, fill(func(q *FillTemplateParams) { q.Fields["recipient_name"] = "Åsa" }), ErrField, "no such letter")
	require.ErrorIs(t, fill(func(q *FillTemplateParams) { q.Fields["subject"] = strings.Repeat("x", 300) }), ErrField, "no such name")
	require.ErrorIs(t, fill(func(q *FillTemplateParams) { q.OwnerID = id.New[auth.User]() }), auth.ErrActorInactive)
	err = fill(func(q *FillTemplateParams) {
		q.Template, q.Folder, q.Type, q.OwnerID = Template{}, "/", ptr(Type("x")), id.Of[auth.User]{}
	})
	require.Equal(t, []string{"template.title", "template.body", "owner_id", "folder", "type"}, fieldsOf(err))
	_, err = NewService(Config{Storage: mem}).FillTemplate(ctx, db, p)
	require.ErrorIs(t, err, ErrNoRenderer)
	broken := errors.New("no ink")
	svc = NewService(Config{Storage: mem, Renderer: typewriter{broken}})
	require.ErrorIs(t, fill(func(*FillTemplateParams) {}), broken)
	require.Equal(t, rows, count(), "nothing is left")
	holds(t, db)
}
