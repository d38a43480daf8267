package ledger

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// bulkLines is from how many lines on COPY beats arrays, for all its round
// trips.
const bulkLines = 4000

// write stores journals with their lines and balances. The lines of a journal
// follow one another, in the order of the journals. Journals that are new in any case
// need no savepoint in a transaction of the library's own.
// chosen are the ids that a caller chose.
func write(ctx context.Context, db bun.IDB, heads []Journal, lines []Posting, mayBeKnown bool, chosen []id.Of[Journal]) error {
	if len(heads) == 0 {
		return nil
	}
	if len(lines) < bulkLines {
		post := store.Single
		if !mayBeKnown {
			post = store.SinglePart
		}
		return store.Err(post(ctx, db, `SELECT financials.post_journals($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
			$14, $15, $16, $17, $18, $19, $20, $21, $22)`, append(arrays(heads, lines), idArray(chosen))...), constraints)
	}
	sums, err := balanceSums(lines)
	if err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := journals.InsertAll(ctx, tx, heads); err != nil {
			return err
		}
		if err := admit(ctx, tx, heads, chosen); err != nil {
			return err
		}
		if err := postings.InsertAll(ctx, tx, lines); err != nil {
			return err
		}
		return addToBalances(ctx, tx, lines, sums)
	})
}

// admit judges journals that were inserted by COPY, as financials.post_journals does.
func admit(ctx context.Context, tx bun.IDB, heads []Journal, chosen []id.Of[Journal]) error {
	return store.Err(store.Exec(ctx, tx, "SELECT financials.admit_journals($1, $2, $3, $4)",
		store.TextArray(heads, func(j *Journal) string { return j.ID.String() }),
		store.TextArray(heads, func(j *Journal) string { return j.BookID.String() }),
		store.TimeKey(heads[0].RecordedAt), idArray(chosen)), constraints)
}

// arrays makes the arguments of financials.post_journals.
func arrays(heads []Journal, lines []Posting) []any {
	debit, credit, amount, sub := columns(lines)
	head := 0
	return []any{
		store.TextArray(heads, func(j *Journal) string { return j.ID.String() }),
		store.TextArray(heads, func(j *Journal) string { return j.BookID.String() }),
		store.TextArray(heads, func(j *Journal) string { return j.EffectiveDate.String() }),
		store.TextArray(heads, func(j *Journal) string { return quoted(j.Description) }),
		store.TextArray(heads, func(j *Journal) string { return quoted(j.SourceType) }),
		store.TextArray(heads, func(j *Journal) string { return text(j.SourceID) }),
		store.TextArray(heads, func(j *Journal) string { return text(j.ReversesID) }),
		store.TextArray(heads, func(j *Journal) string { return strconv.FormatBool(j.Adjusting) }),
		store.TextArray(heads, func(j *Journal) string { return text(j.CommandID) }),
		store.TextArray(heads, func(j *Journal) string { return quoted(j.IdempotencyKey) }),
		store.TextArray(heads, func(j *Journal) string { return store.ArrayText(j.Actor) }),
		store.TextArray(heads, func(j *Journal) string { return `"\\x` + hex.EncodeToString(j.ContentHash) + `"` }),
		store.TextArray(heads, func(j *Journal) string { return strconv.Itoa(j.LineCount) }),
		store.TimeKey(heads[0].RecordedAt),
		store.TextArray(lines, func(l *Posting) string {
			if l.Line == 1 {
				head++
			}
			return strconv.Itoa(head)
		}),
		store.TextArray(lines, func(l *Posting) string { return strconv.Itoa(l.Line) }),
		debit, credit, amount, sub,
		store.TextArray(lines, func(l *Posting) string { return quoted(l.Memo) }),
	}
}

func columns(lines []Posting) (debit, credit, amount, sub string) {
	return store.TextArray(lines, func(l *Posting) string { return l.DebitAccount.String() }),
		store.TextArray(lines, func(l *Posting) string { return l.CreditAccount.String() }),
		store.TextArray(lines, func(l *Posting) string { return l.Amount.String() }),
		store.TextArray(lines, func(l *Posting) string { return text(l.SubledgerID) })
}

// text is an absent value's "", which an array holds as NULL.
func text[T any](v *id.Of[T]) string {
	if v == nil {
		return ""
	}
	return v.String()
}

func quoted(s *string) string {
	if s == nil {
		return ""
	}
	return store.ArrayText(*s)
}

func idArray[T any](ids []id.Of[T]) string {
	return store.TextArray(ids, func(v *id.Of[T]) string { return v.String() })
}

// bookIDs lists the books of lines, each once.
func bookIDs(lines []Posting) []id.Of[Book] {
	out := make([]id.Of[Book], len(lines))
	for i := range lines {
		out[i] = lines[i].BookID
	}
	slices.SortFunc(out, id.Of[Book].Compare)
	return slices.Compact(out)
}
