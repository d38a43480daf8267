package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// maxFindings is how many findings a report lists.
const maxFindings = 100

// Finding is a row that is not what it should be.
type Finding struct {
	Code     string `json:"code"`     // a stable word, such as "journal_content"
	Table    string `json:"table"`    // such as "financials.journals"
	Row      string `json:"row"`      // its primary key, the parts separated by a space
	Position int64  `json:"position"` // of the seal it belongs to; 0 for none
	Detail   string `json:"detail"`
}

// Report is what [Service.Verify] found out about a book.
type Report struct {
	BookID   id.Of[Book] `json:"book_id"`
	Seals    int64       `json:"seals"`    // links of the chain
	Sealed   int64       `json:"sealed"`   // journals in them
	Unsealed int64       `json:"unsealed"` // journals that no seal covers yet
	Head     []byte      `json:"head"`     // the hash of the newest seal, to compare with a copy
	Broken   int64       `json:"broken"`   // the position of the first broken link; 0 when none is
	Mark     *Mark       `json:"mark"`     // how far the book is proved now; nil with findings, or without a seal
	Findings []Finding   `json:"findings"`
	More     int         `json:"more"` // findings beyond those listed
}

// OK reports whether there are no findings.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) add(f Finding) {
	if f.Position > 0 && (r.Broken == 0 || f.Position < r.Broken) {
		r.Broken = f.Position
	}
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// Verify proves a book: that each link of its hash chain follows from the one
// before, that every sealed journal with its postings is there and reads as it
// did when it was sealed, that journals without a seal read as they were
// posted, that no posting lacks its journal, and that the balances of accounts
// and subledgers are the sums of the postings. It names the rows that are
// wrong, and the first broken link; what comes after that link is still
// checked against what its own seals say.
//
// Verify reads the whole book, in one snapshot when db is a pool, and changes
// nothing. The mark that it comes back with, kept by [Proofs.KeepMark] or elsewhere,
// lets [Proofs.VerifyNew] go on from there. A finding is not an error; it returns
// [ErrBookNotFound].
func (s *Service) Verify(ctx context.Context, db bun.IDB, book id.Of[Book]) (*Report, error) {
	r := &Report{BookID: book}
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		if _, err := books.Get(ctx, tx, book); err != nil {
			return err
		}
		last, err := r.marks(ctx, tx)
		if err != nil {
			return err
		}
		for _, check := range []func(context.Context, bun.IDB) error{r.chain(nil), r.strays, r.open(unlisted), r.balances} {
			if err := check(ctx, tx); err != nil {
				return store.Err(err, constraints)
			}
		}
		return r.mark(ctx, tx, last, s.now())
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// chain walks the seals after last, which is nil for all of them.
func (r *Report) chain(last *Seal) func(context.Context, bun.IDB) error {
	return func(ctx context.Context, tx bun.IDB) error {
		for {
			var after int64
			if last != nil {
				after, r.Head = last.Position, last.Hash
			}
			next, err := seals.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("le.book_id = ? AND le.position > ?", r.BookID, after).OrderExpr("le.position").Limit(1)
			})
			if err != nil || len(next) == 0 {
				return err
			}
			if err := r.seal(ctx, tx, last, &next[0]); err != nil {
				return err
			}
			last = &next[0]
		}
	}
}

// seal checks one link against the one before and against its journals.
func (r *Report) seal(ctx context.Context, tx bun.IDB, last, s *Seal) error {
	bad := func(code, format string, args ...any) {
		r.add(Finding{code, "freehold.ledger_seals", s.ID.String(), s.Position, fmt.Sprintf(format, args...)})
	}
	expected, previous := int64(1), []byte(nil)
	if last != nil {
		expected, previous = last.Position+1, last.Hash
	}
	if s.Position != expected {
		bad("seal_missing", "the chain goes on from %d", expected-1)
	} else if !bytes.Equal(s.PreviousHash, previous) {
		bad("seal_link", "it does not name the hash of the seal before")
	}
	members, err := r.members(ctx, tx, s)
	if err != nil {
		return err
	}
	r.Seals++
	r.Sealed += int64(len(members))
	if int64(len(members)) != s.JournalCount {
		bad("seal_count", "it has %d journals of %d", len(members), s.JournalCount)
	}
	if !bytes.Equal(s.link(members), s.Hash) {
		bad("seal_hash", "its hash is not that of what it seals")
	}
	for i := range members {
		m := &members[i]
		if m.ID.IsZero() {
			r.journal(m.SealedID, s.Position, "journal_missing", "a sealed journal is gone")
		} else if !bytes.Equal(m.ContentHash, m.SealedHash) {
			r.journal(m.ID, s.Position, "journal_hash", "its content hash is not the sealed one")
		}
	}
	return r.contents(ctx, tx, s.Position, members, `JOIN freehold.sealed_journals s ON s.journal_id = p.journal_id AND s.book_id = p.book_id
		WHERE s.book_id = ? AND s.position = ?`, r.BookID, s.Position)
}

// members reads the journals of a seal in their order; one that is gone has no
// id.
func (r *Report) members(ctx context.Context, tx bun.IDB, s *Seal) ([]member, error) {
	var sealed []sealedJournal
	err := tx.NewSelect().Model(&sealed).Where("lm.book_id = ? AND lm.position = ?", r.BookID, s.Position).OrderExpr("lm.ordinal").Scan(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := journals.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lj.book_id = ?0 AND lj.id IN (SELECT s.journal_id FROM freehold.sealed_journals s WHERE s.book_id = ?0 AND s.position = ?1)", r.BookID, s.Position)
	})
	if err != nil {
		return nil, err
	}
	found := make(map[id.Of[Journal]]*Journal, len(rows))
	for i := range rows {
		found[rows[i].ID] = &rows[i]
	}
	out := make([]member, len(sealed))
	for i, m := range sealed {
		out[i] = member{Ordinal: m.Ordinal, SealedID: m.JournalID, SealedHash: m.ContentHash}
		if j := found[m.JournalID]; j != nil {
			out[i].Journal = *j
		}
	}
	return out, nil
}

func (r *Report) journal(v id.Of[Journal], position int64, code, detail string) {
	r.add(Finding{code, "financials.journals", v.String(), position, detail})
}

// contents recomputes the content hashes of journals from their rows and the
// postings p that the condition selects.
func (r *Report) contents(ctx context.Context, tx bun.IDB, position int64, members []member, condition string, args ...any) error {
	slices.SortFunc(members, func(a, b member) int { return a.ID.Compare(b.ID) })
	var w hasher
	lines, at := 0, -1
	// next judges the journal whose postings have been read, and begins with the one behind it.
	next := func() {
		if at >= 0 {
			r.content(&members[at], position, w, lines)
		}
		at++
		for at < len(members) && members[at].ID.IsZero() { // reported as missing
			at++
		}
		if at < len(members) {
			w, lines = members[at].hasher(), 0
		}
	}
	next()
	var l Posting
	err := store.NewQuery(tx, constraints, `SELECT p.journal_id, p.line, p.line_count, p.book_id, p.effective_date, p.debit_account, p.credit_account,
		p.amount, p.subledger_id, p.memo FROM financials.postings p `+condition+` ORDER BY p.journal_id, p.line`, args...).Each(ctx, func(row store.Row) error {
		err := row.Scan(&l.JournalID, &l.Line, &l.LineCount, &l.BookID, &l.EffectiveDate, &l.DebitAccount, &l.CreditAccount, &l.Amount, &l.SubledgerID, &l.Memo)
		if err != nil {
			return err
		}
		for at < len(members) && members[at].ID.Compare(l.JournalID) < 0 {
			next()
		}
		if at == len(members) || members[at].ID != l.JournalID {
			return nil
		}
		m := &members[at]
		if l.BookID != m.BookID || l.EffectiveDate != m.EffectiveDate || l.LineCount != m.LineCount {
			r.add(Finding{"posting_elsewhere", "financials.postings", fmt.Sprint(l.JournalID, " ", l.Line), position, "its book, date or number of lines is not its journal's"})
		}
		w.line(&l)
		lines++
		return nil
	})
	for err == nil && at < len(members) {
		next()
	}
	return err
}

// content judges a journal by its postings as they were read.
func (r *Report) content(m *member, position int64, w hasher, lines int) {
	if lines != m.LineCount || !bytes.Equal(w.Sum(nil), m.ContentHash) {
		r.journal(m.ID, position, "journal_content", "it or its postings do not read as they were posted")
	}
}
