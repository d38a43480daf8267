package ledger

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Entry is a line to post: the account to debit, the one to credit, and a
// positive amount.
type Entry struct {
	Debit     id.Of[Account]
	Credit    id.Of[Account]
	Amount    money.Amount
	Subledger id.Of[Subledger] // zero for none
	Memo      string
}

// PostParams is a journal to post. All fields but the book, the date and the
// entries may be zero.
type PostParams struct {
	ID             id.Of[Journal] // zero makes a new one
	BookID         id.Of[Book]
	EffectiveDate  date.Date
	Description    string
	SourceType     string // what SourceID is of, such as "distribution"
	SourceID       id.Of[Source]
	CommandID      id.Of[Command]
	IdempotencyKey string // unique within the book
	Actor          string
	Adjusting      bool // may be dated in a closed period
	Entries        []Entry

	reverses *id.Of[Journal]
}

// Post writes one journal. See [Service.PostBatch]; the fields of errors lack
// its "journals[0]".
func (s *Service) Post(ctx context.Context, db bun.IDB, p PostParams) (*Journal, error) {
	var f fault.Fields
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

// PostBatch writes journals with their postings and brings the balances up to
// date: all of them or none, in one round trip, or in a few by COPY when there
// are thousands of lines. The rows of balances come last and are locked in the
// order of their accounts, so that batches never deadlock and hot accounts are
// held briefly. The TxID of what it returns is not filled in.
//
// A key that the book has seen brings back the first journal when the request
// is the same, whatever its CommandID, and [store.ErrKeyReused] when it is
// another; a batch is repeated as a whole, and one that mixes new keys with
// known ones is [ErrJournalExists].
//
// A date in a closed period is [ErrPeriodClosed], a closed account
// [ErrAccountClosed], one of another book [ErrForeignAccount]. Field errors
// come back at once, as "journals[i].entries[j].amount" and the like.
//
// On a pool the journals are committed in the same round trip. When ctx ends or
// the connection breaks in the middle of it, the outcome is open and the error
// matches fault.Unknown; the same call with the same keys settles it.
func (s *Service) PostBatch(ctx context.Context, db bun.IDB, list []PostParams) ([]Journal, error) {
	var f fault.Fields
	for i := range list {
		list[i].check(&f, "journals["+strconv.Itoa(i)+"].")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.post(ctx, db, list)
}

func (s *Service) post(ctx context.Context, db bun.IDB, list []PostParams) ([]Journal, error) {
	heads, lines := s.build(list)
	err := write(ctx, db, heads, lines)
	if errors.Is(err, ErrJournalExists) || errors.Is(err, ErrReversed) {
		return replay(ctx, db, list, heads, lines, err)
	}
	if err != nil {
		return nil, err
	}
	return heads, nil
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
			IdempotencyKey: store.Optional(p.IdempotencyKey), Actor: store.Optional(p.Actor), RecordedAt: now,
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
	l := Posting{JournalID: j.ID, Line: line, BookID: j.BookID, EffectiveDate: j.EffectiveDate,
		DebitAccount: e.Debit, CreditAccount: e.Credit, Amount: e.Amount, Memo: store.Optional(e.Memo)}
	if !e.Subledger.IsZero() {
		l.SubledgerID = &e.Subledger
	}
	return l
}

// check reports what is wrong with p, to fields below at. It touches no
// database.
func (p *PostParams) check(f *fault.Fields, at string) {
	f.Check(!p.BookID.IsZero(), at+"book_id", check.Required, "a journal belongs to a book")
	f.Check(!p.EffectiveDate.IsZero(), at+"effective_date", check.Required, "a journal has a date")
	f.Check(len(p.Entries) > 0, at+"entries", check.Required, "a journal has at least one entry")
	if (p.SourceType == "") != p.SourceID.IsZero() {
		f.AddErr(strings.TrimSuffix(at, "."), ErrSource)
	}
	checkText(f, at+"description", p.Description, 0)
	checkText(f, at+"source_type", p.SourceType, 50)
	checkText(f, at+"idempotency_key", p.IdempotencyKey, 255)
	checkText(f, at+"actor", p.Actor, 255)
	for n := range p.Entries {
		e := &p.Entries[n]
		if e.Amount.Sign() > 0 && e.Debit != e.Credit && !e.Debit.IsZero() && !e.Credit.IsZero() && e.Memo == "" {
			continue // names are made for lines that are wrong
		}
		at := at + "entries[" + strconv.Itoa(n) + "]"
		f.Check(e.Amount.Sign() > 0, at+".amount", check.OutOfRange, "an amount is above zero")
		f.Check(!e.Debit.IsZero(), at+".debit", check.Required, "an account to debit is needed")
		f.Check(!e.Credit.IsZero(), at+".credit", check.Required, "an account to credit is needed")
		if e.Debit == e.Credit {
			f.AddErr(at, ErrSameAccount)
		}
		checkText(f, at+".memo", e.Memo, 255)
	}
}

// checkText refuses what the server could not store; longest 0 is no limit.
func checkText(f *fault.Fields, field, s string, longest int) {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		f.AddErr("", store.ErrNotStorable.On(field))
	}
	if longest > 0 && len(s) > longest && utf8.RuneCountInString(s) > longest {
		f.AddErr("", store.ErrTooLong.On(field))
	}
}

// ReverseParams is a journal to reverse.
type ReverseParams struct {
	JournalID      id.Of[Journal]
	Date           date.Date      // the effective date of the reversal
	ID             id.Of[Journal] // of the reversal; zero makes a new one
	Description    string
	SourceType     string // what SourceID is of, such as "distribution"
	SourceID       id.Of[Source]
	CommandID      id.Of[Command]
	IdempotencyKey string // unique within the book
	Actor          string
	Adjusting      bool // may be dated in a closed period
}

// Reverse posts the mirror image of a journal: the same lines with debit and
// credit exchanged. A journal is reversed once; the second time is
// [ErrReversed], or the first reversal again when the key and the request are
// the same. The reversal counts from the date given, which may be later than
// the journal's when its period is closed.
func (s *Service) Reverse(ctx context.Context, db bun.IDB, r ReverseParams) (*Journal, error) {
	var out *Journal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		j, err := journals.Get(ctx, tx, r.JournalID)
		if err != nil {
			return err
		}
		lines, err := s.Postings(ctx, tx, r.JournalID)
		if err != nil {
			return err
		}
		p := PostParams{ID: r.ID, BookID: j.BookID, EffectiveDate: r.Date, Description: r.Description, SourceType: r.SourceType, SourceID: r.SourceID,
			CommandID: r.CommandID, IdempotencyKey: r.IdempotencyKey, Actor: r.Actor, Adjusting: r.Adjusting, reverses: &r.JournalID,
			Entries: make([]Entry, len(lines))}
		for i, l := range lines {
			p.Entries[i] = Entry{Debit: l.CreditAccount, Credit: l.DebitAccount, Amount: l.Amount}
			if l.SubledgerID != nil {
				p.Entries[i].Subledger = *l.SubledgerID
			}
			if l.Memo != nil {
				p.Entries[i].Memo = *l.Memo
			}
		}
		out, err = s.Post(ctx, tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Journal reads a posted journal. It returns [ErrJournalNotFound].
func (s *Service) Journal(ctx context.Context, db bun.IDB, v id.Of[Journal]) (*Journal, error) {
	return journals.Get(ctx, db, v)
}

// Postings reads the lines of a journal in order.
func (s *Service) Postings(ctx context.Context, db bun.IDB, v id.Of[Journal]) ([]Posting, error) {
	return postings.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lo.journal_id = ?", v).OrderExpr("lo.line")
	})
}
