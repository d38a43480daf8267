package ledger

import (
	"bytes"
	"context"
	"fmt"

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
		if err := r.whole(ctx, tx); err != nil {
			return store.Err(err, constraints)
		}
		return r.mark(ctx, tx, last, s.now())
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// whole checks all of the book. Each posting is read once, with its journal, and counted in
// a tally; the rest is questions about rows that the reading missed.
func (r *Report) whole(ctx context.Context, tx bun.IDB) error {
	t := newTally()
	err := t.accountsOf(ctx, tx, r.BookID)
	if err == nil {
		err = r.chain(ctx, tx, nil, t)
	}
	if err != nil {
		return err
	}
	complete, err := r.strays(ctx, tx, t)
	switch {
	case err != nil:
	case complete:
		err = r.listed(ctx, tx, t)
	default:
		err = r.unlisted(ctx, tx, t)
	}
	if err != nil {
		return err
	}
	agrees, err := t.agrees(ctx, tx, r.BookID)
	if err != nil || agrees {
		return err
	}
	if err := r.postingsAstray(ctx, tx); err != nil {
		return err
	}
	return r.balances(ctx, tx)
}

// sealPage is how many seals are read at once.
const sealPage = 1000

// chain walks the seals after last, which is nil for all of them. Small ones are proved
// together, so that a book that was sealed often costs no more round trips for it.
func (r *Report) chain(ctx context.Context, tx bun.IDB, last *Seal, t *tally) error {
	for {
		var after int64
		if last != nil {
			after, r.Head = last.Position, last.Hash
		}
		next, err := seals.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("le.book_id = ? AND le.position > ?", r.BookID, after).OrderExpr("le.position").Limit(sealPage)
		})
		if err != nil || len(next) == 0 {
			return err
		}
		for len(next) > 0 {
			n, journals := 1, next[0].JournalCount
			for n < len(next) && next[n].JournalCount <= MaxSeal-journals {
				journals += next[n].JournalCount
				n++
			}
			if err := r.seals(ctx, tx, last, next[:n], t); err != nil {
				return err
			}
			last, next = &next[n-1], next[n:]
		}
	}
}

// seals checks links that follow last, each against the one before and against its
// journals, and then these.
func (r *Report) seals(ctx context.Context, tx bun.IDB, last *Seal, links []Seal, t *tally) error {
	members, err := r.members(ctx, tx, links[0].Position, links[len(links)-1].Position)
	if err != nil {
		return err
	}
	from := 0
	for i := range links {
		for from < len(members) && members[from].Position < links[i].Position { // their seal is gone
			from++
		}
		through := from
		for through < len(members) && members[through].Position == links[i].Position {
			through++
		}
		r.seal(last, &links[i], members[from:through])
		last, from = &links[i], through
	}
	return r.contents(ctx, tx, members, t, "SELECT journal_id, position, ordinal FROM freehold.sealed_journals WHERE book_id = ?0 AND position BETWEEN ?1 AND ?2",
		links[0].Position, links[len(links)-1].Position)
}

// seal checks one link against the one before and against its journals.
func (r *Report) seal(last, s *Seal, members []member) {
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
}

// members reads the journals of seals in the order of these and theirs; one that is gone
// has no id. Each is looked up by its key, however many the book has.
func (r *Report) members(ctx context.Context, tx bun.IDB, from, through int64) ([]member, error) {
	var out []member
	err := store.NewQuery(tx, constraints, `SELECT s.position, s.ordinal, s.journal_id, s.content_hash, j.id IS NOT NULL,
			COALESCE(j.effective_date, 'epoch'), j.description, j.source_type, j.source_id, j.reverses_id, COALESCE(j.adjusting, FALSE), j.command_id,
			j.idempotency_key, COALESCE(j.actor, ''), COALESCE(j.content_hash, ''), COALESCE(j.recorded_at, 'epoch'), COALESCE(j.line_count, 0)
		FROM freehold.sealed_journals s
		LEFT JOIN LATERAL (SELECT * FROM financials.journals j WHERE j.id = s.journal_id AND j.book_id = ?0 OFFSET 0) j ON TRUE
		WHERE s.book_id = ?0 AND s.position BETWEEN ?1 AND ?2 ORDER BY s.position, s.ordinal`, r.BookID, from, through).Each(ctx, func(row store.Row) error {
		var there bool
		out = append(out, member{})
		m := &out[len(out)-1]
		err := row.Scan(&m.Position, &m.Ordinal, &m.SealedID, &m.SealedHash, &there, &m.EffectiveDate, &m.Description, &m.SourceType, &m.SourceID,
			&m.ReversesID, &m.Adjusting, &m.CommandID, &m.IdempotencyKey, &m.Actor, &m.ContentHash, &m.RecordedAt, &m.LineCount)
		if there {
			m.ID, m.BookID = m.SealedID, r.BookID
		}
		return err
	})
	return out, err
}

func (r *Report) journal(v id.Of[Journal], position int64, code, detail string) {
	r.add(Finding{code, "financials.journals", v.String(), position, detail})
}

// contents recomputes the content hashes of journals from their rows and their postings.
// They are in the order of seals and their places in them; list is a query of their ids and of
// both, whose arguments follow ?0, the book.
func (r *Report) contents(ctx context.Context, tx bun.IDB, members []member, t *tally, list string, args ...any) error {
	w, lines, at := newHasher(), 0, -1
	// next judges the journal whose postings have been read, and begins with the one behind it.
	next := func() {
		if at >= 0 {
			r.content(&members[at], w, lines)
		}
		at++
		for at < len(members) && members[at].ID.IsZero() { // reported as missing
			at++
		}
		if at < len(members) {
			w.journal(&members[at].Journal)
			lines = 0
		}
	}
	next()
	t.members(members)
	l := Posting{BookID: r.BookID}
	var position, ordinal int64
	err := store.NewQuery(tx, constraints, `SELECT s.position, s.ordinal, p.journal_id, p.line, p.line_count, p.effective_date, p.debit_account, p.credit_account,
		p.amount, p.subledger_id, p.memo FROM (`+list+`) AS s (id, position, ordinal)
		CROSS JOIN LATERAL (SELECT * FROM financials.postings p WHERE p.journal_id = s.id AND p.book_id = ?0 OFFSET 0) p
		ORDER BY s.position, s.ordinal, p.line`, append([]any{r.BookID}, args...)...).Each(ctx, func(row store.Row) error {
		err := row.Scan(&position, &ordinal, &l.JournalID, &l.Line, &l.LineCount, &l.EffectiveDate, &l.DebitAccount, &l.CreditAccount, &l.Amount, &l.SubledgerID, &l.Memo)
		if err != nil {
			return err
		}
		for at < len(members) && members[at].before(position, ordinal) {
			next()
		}
		if at == len(members) || members[at].ID != l.JournalID {
			return nil
		}
		m := &members[at]
		if l.EffectiveDate != m.EffectiveDate || l.LineCount != m.LineCount {
			r.add(Finding{"posting_elsewhere", "financials.postings", fmt.Sprint(l.JournalID, " ", l.Line), m.Position, "its date or number of lines is not its journal's"})
		}
		w.line(&l)
		t.line(&l)
		lines++
		return nil
	})
	for err == nil && at < len(members) {
		next()
	}
	return err
}

// content judges a journal by its postings as they were read.
func (r *Report) content(m *member, w *hasher, lines int) {
	if sum := w.sum(); lines != m.LineCount || !bytes.Equal(sum, m.ContentHash) {
		r.journal(m.ID, m.Position, "journal_content", "it or its postings do not read as they were posted")
	}
}
