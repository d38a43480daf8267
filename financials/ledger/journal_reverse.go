package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// ReverseParams is a journal to reverse.
type ReverseParams struct {
	JournalID      id.Of[Journal]
	EffectiveDate  date.Date      // of the reversal
	ID             id.Of[Journal] // of the reversal; zero makes a new one
	Description    string
	SourceType     string // what SourceID is of, such as "distribution"
	SourceID       id.Of[Source]
	CommandID      id.Of[Command]
	IdempotencyKey string // unique within the book
	Actor          string // who is responsible, as in PostParams
	Adjusting      bool   // may be dated in a closed period
}

// Reverse posts the mirror image of a journal: the same lines with debit and
// credit exchanged. A journal is reversed once: the second time is [ErrReversed],
// or the first reversal again when the request, with its key or id, is the same;
// without either it is the same when it names no command and says the same. The
// reversal counts from the date given, which may be later than the journal's when its
// period is closed.
func (s *Service) Reverse(ctx context.Context, db bun.IDB, p ReverseParams) (*Journal, error) {
	if p.ID == p.JournalID && !p.ID.IsZero() {
		return nil, ErrSelfReversal
	}
	var out *Journal
	err := store.InPart(ctx, db, func(tx bun.IDB) error {
		var j *Journal
		var lines []Posting
		err := store.Together(ctx, tx,
			store.Into(&j, func(tx bun.IDB) (*Journal, error) { return journals.Get(ctx, tx, p.JournalID) }),
			store.Into(&lines, func(tx bun.IDB) ([]Posting, error) { return s.Postings(ctx, tx, p.JournalID) }))
		if err != nil {
			return err
		}
		mirror := PostParams{ID: p.ID, BookID: j.BookID, EffectiveDate: p.EffectiveDate, Description: p.Description, SourceType: p.SourceType,
			SourceID: p.SourceID, CommandID: p.CommandID, IdempotencyKey: p.IdempotencyKey, Actor: p.Actor, Adjusting: p.Adjusting, reverses: &p.JournalID,
			Entries: make([]Entry, len(lines))}
		for i, l := range lines {
			mirror.Entries[i] = Entry{Debit: l.CreditAccount, Credit: l.DebitAccount, Amount: l.Amount}
			if l.SubledgerID != nil {
				mirror.Entries[i].Subledger = *l.SubledgerID
			}
			if l.Memo != nil {
				mirror.Entries[i].Memo = *l.Memo
			}
		}
		out, err = s.Post(ctx, tx, mirror)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
