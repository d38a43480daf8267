package ledger

import (
	"bytes"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
)

// replay returns the journals that an earlier call of the same batch wrote.
// Without them it returns the error that brought it here.
func replay(ctx context.Context, db bun.IDB, list []PostParams, heads []Journal, lines []Posting, cause error) ([]Journal, error) {
	for i := range heads {
		if by, _ := list[i].earlier(); by == nil {
			return nil, cause
		}
	}
	for i := range heads {
		h := &heads[i]
		n := len(list[i].Entries)
		own := lines[:n]
		lines = lines[n:]
		by, other := list[i].earlier()
		first, err := journals.All(ctx, db, by)
		if err != nil {
			return nil, err
		}
		if len(first) == 0 {
			return nil, cause
		}
		was := &first[0]
		if list[i].ID.IsZero() {
			h.ID = was.ID
		}
		h.RecordedAt, h.CommandID = was.RecordedAt, was.CommandID
		if !bytes.Equal(contentHash(h, own), was.ContentHash) {
			return nil, other
		}
		heads[i] = *was
		heads[i].RecordedAt = was.RecordedAt.UTC()
	}
	return heads, nil
}

// earlier selects the journal that an earlier call with p wrote, by what names it:
// its key, its id, or for a reversal what it reverses. It is nil for a journal that
// only its command names. other is what it means that this is another journal.
func (p *PostParams) earlier() (by func(*bun.SelectQuery) *bun.SelectQuery, other error) {
	switch {
	case p.IdempotencyKey != "":
		return func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lj.book_id = ? AND lj.idempotency_key = ?", p.BookID, p.IdempotencyKey)
		}, store.ErrKeyReused
	case !p.ID.IsZero():
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lj.id = ?", p.ID) }, ErrJournalExists.On("id")
	case p.reverses != nil && p.CommandID.IsZero():
		return func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("lj.reverses_id = ?", *p.reverses) }, ErrReversed
	}
	return nil, nil
}
