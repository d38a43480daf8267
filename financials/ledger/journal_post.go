package ledger

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Entry is a line to post: the account to debit, the one to credit, and a
// positive amount.
type Entry struct {
	Debit     id.Of[Account]   `json:"debit"`
	Credit    id.Of[Account]   `json:"credit"`
	Amount    money.Amount     `json:"amount"`
	Subledger id.Of[Subledger] `json:"subledger"` // zero for none
	Memo      string           `json:"memo"`      // at most 255 characters
}

// PostParams is a journal to post. All fields but the book, the date, the
// actor and the entries may be zero, but one of ID, IdempotencyKey and CommandID is given: it
// says which journal this is when the call is run again.
type PostParams struct {
	ID             id.Of[Journal] // zero makes a new one; another call with it is the same journal
	BookID         id.Of[Book]
	EffectiveDate  date.Date
	Description    string
	SourceType     string // what SourceID is of, such as "distribution"; at most 50 characters
	SourceID       id.Of[Source]
	CommandID      id.Of[Command] // of a unit of work with a key of its own, in whose transaction the journal is posted
	IdempotencyKey string         // unique within the book; at most 255 characters
	Actor          string         // who is responsible: a user's id, or the name of a job; at most 255 characters
	Adjusting      bool           // may be dated in a closed period
	Entries        []Entry

	reverses *id.Of[Journal]
}

// Post writes one journal. See [Service.PostBatch]; the fields of errors lack
// its "journals[0]".
func (s *Service) Post(ctx context.Context, db bun.IDB, p PostParams) (*Journal, error) {
	var f check.Fields
	p.check(&f, "")
	if err := f.Err(); err != nil {
		return nil, err
	}
	all, err := s.post(ctx, db, []PostParams{p})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// PostBatchParams is journals to post together.
type PostBatchParams struct{ Journals []PostParams }

// PostBatch writes journals with their postings and brings the balances up to
// date: all of them or none, in one round trip, or in a few by COPY when there
// are thousands of lines. The rows of balances come last and are locked in the
// order of their accounts, so that batches never deadlock and hot accounts are
// held briefly.
//
// A key that the book has seen brings back the first journal when the request
// is the same, whatever its CommandID, and [ErrKeyReused] when it is another. So
// does an ID, with [ErrJournalExists]. A batch is repeated as a whole, and one that
// mixes new keys with known ones is [ErrJournalExists]. A journal without a key, an
// ID and a command would be doubled by another run and is [ErrKeyRequired].
//
// A date in a closed period is [ErrPeriodClosed], a closed account
// [ErrAccountClosed], one of another book [ErrForeignAccount]. Field errors
// come back at once, as "journals[i].entries[j].amount" and the like.
//
// On a pool the journals are committed in the same round trip. When ctx ends or
// the connection breaks in the middle of it, the outcome is open and the error
// matches fault.Unknown; the same call with the same keys settles it.
func (s *Service) PostBatch(ctx context.Context, db bun.IDB, p PostBatchParams) ([]Journal, error) {
	var f check.Fields
	for i := range p.Journals {
		p.Journals[i].check(&f, "journals["+strconv.Itoa(i)+"].")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.post(ctx, db, p.Journals)
}

func (s *Service) post(ctx context.Context, db bun.IDB, list []PostParams) ([]Journal, error) {
	heads, lines := s.build(list)
	var chosen []id.Of[Journal]
	for i := range list {
		if !list[i].ID.IsZero() {
			chosen = append(chosen, list[i].ID)
		}
	}
	err := write(ctx, db, heads, lines, slices.ContainsFunc(list, func(p PostParams) bool { return !p.ofCommand() }), chosen)
	if errors.Is(err, ErrJournalExists) || errors.Is(err, ErrReversed) {
		return replay(ctx, db, list, heads, lines, err)
	}
	if err != nil {
		return nil, err
	}
	return heads, nil
}

// ofCommand reports whether p is a part of a command, which has a key of its own, and has
// none itself: within a verb that makes the command it is new, or the verb ends.
func (p *PostParams) ofCommand() bool {
	return !p.CommandID.IsZero() && p.IdempotencyKey == ""
}

// build makes the rows of a batch. The lines of a journal follow one another.
func (s *Service) build(list []PostParams) ([]Journal, []Posting) {
	now, n := s.now(), 0
	for i := range list {
		n += len(list[i].Entries)
	}
	heads, lines := make([]Journal, len(list)), make([]Posting, 0, n)
	for i := range list {
		p := &list[i]
		j := Journal{
			ID: p.ID, BookID: p.BookID, EffectiveDate: p.EffectiveDate, Description: store.Optional(p.Description),
			SourceType: store.Optional(p.SourceType), ReversesID: p.reverses, Adjusting: p.Adjusting,
			IdempotencyKey: store.Optional(p.IdempotencyKey), Actor: p.Actor, RecordedAt: now, LineCount: len(p.Entries),
		}
		if j.ID.IsZero() {
			j.ID = id.New[Journal]()
		}
		if !p.SourceID.IsZero() {
			j.SourceID = &p.SourceID
		}
		if !p.CommandID.IsZero() {
			j.CommandID = &p.CommandID
		}
		first := len(lines)
		for n := range p.Entries {
			lines = append(lines, p.Entries[n].posting(&j, n+1))
		}
		j.ContentHash = contentHash(&j, lines[first:])
		heads[i] = j
	}
	return heads, lines
}

func (e *Entry) posting(j *Journal, line int) Posting {
	l := Posting{JournalID: j.ID, Line: line, LineCount: j.LineCount, BookID: j.BookID, EffectiveDate: j.EffectiveDate,
		DebitAccount: e.Debit, CreditAccount: e.Credit, Amount: e.Amount, Memo: store.Optional(e.Memo)}
	if !e.Subledger.IsZero() {
		l.SubledgerID = &e.Subledger
	}
	return l
}

// check reports what is wrong with p, to fields below at. It touches no
// database.
func (p *PostParams) check(f *check.Fields, at string) {
	f.Given(at+"book_id", p.BookID)
	f.Given(at+"effective_date", p.EffectiveDate)
	f.Some(at+"entries", len(p.Entries))
	if (p.SourceType == "") != p.SourceID.IsZero() {
		f.AddErr(strings.TrimSuffix(at, "."), ErrSource)
	}
	if p.IdempotencyKey == "" && p.ID.IsZero() && p.CommandID.IsZero() && p.reverses == nil {
		f.AddErr(strings.TrimSuffix(at, "."), ErrKeyRequired)
	}
	f.Text(at+"description", p.Description, check.Long)
	f.Text(at+"source_type", p.SourceType, 50)
	f.Text(at+"idempotency_key", p.IdempotencyKey, 255)
	f.Required(at+"actor", p.Actor, 255)
	for n := range p.Entries {
		e := &p.Entries[n]
		if e.Amount.Sign() > 0 && e.Debit != e.Credit && !e.Debit.IsZero() && !e.Credit.IsZero() && e.Memo == "" {
			continue // names are made for lines that are wrong
		}
		at := at + "entries[" + strconv.Itoa(n) + "]"
		f.Above(at+".amount", e.Amount)
		f.Given(at+".debit", e.Debit)
		f.Given(at+".credit", e.Credit)
		if e.Debit == e.Credit && !e.Debit.IsZero() {
			f.AddErr(at, ErrSameAccount)
		}
		f.Text(at+".memo", e.Memo, 255)
	}
}
