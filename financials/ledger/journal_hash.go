package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strconv"

	"github.com/freehold-go/freehold/internal/store"
)

// contentHash is the SHA-256 of everything that a journal and its postings say,
// column by column in the order of the tables: each value as text, preceded by
// its length in eight bytes, absent ones by a length of all ones.
// The number of lines is left out: the lines are there.
func contentHash(j *Journal, lines []Posting) []byte {
	w := j.hasher()
	for i := range lines {
		w.line(&lines[i])
	}
	return w.Sum(nil)
}

// hasher is the hash of j before its lines.
func (j *Journal) hasher() hasher {
	w := hasher{sha256.New()}
	w.text(j.ID.String())
	w.text(j.BookID.String())
	w.text(j.EffectiveDate.String())
	w.opt(j.Description)
	w.opt(j.SourceType)
	optText(w, j.SourceID)
	optText(w, j.ReversesID)
	w.text(strconv.FormatBool(j.Adjusting))
	optText(w, j.CommandID)
	w.opt(j.IdempotencyKey)
	w.text(j.Actor)
	w.text(store.TimeKey(j.RecordedAt))
	return w
}

type hasher struct{ hash.Hash }

func (w hasher) line(l *Posting) {
	w.text(strconv.Itoa(l.Line))
	w.text(l.DebitAccount.String())
	w.text(l.CreditAccount.String())
	w.text(l.Amount.String())
	optText(w, l.SubledgerID)
	w.opt(l.Memo)
}

func (w hasher) text(s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	_, _ = w.Write(n[:]) // a hash never fails to write
	_, _ = w.Write([]byte(s))
}

func (w hasher) opt(s *string) {
	if s == nil {
		_, _ = w.Write([]byte{255, 255, 255, 255, 255, 255, 255, 255})
		return
	}
	w.text(*s)
}

func optText[T interface{ String() string }](w hasher, v *T) {
	if v == nil {
		w.opt(nil)
		return
	}
	w.text((*v).String())
}
