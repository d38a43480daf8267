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
	w := newHasher()
	w.journal(j)
	for i := range lines {
		w.line(&lines[i])
	}
	return w.sum()
}

// hasher is a SHA-256 of texts. It gathers them, since most are short.
type hasher struct {
	hash hash.Hash
	buf  []byte
}

// hasherBuffer is how many bytes are hashed at once.
const hasherBuffer = 4096

func newHasher() *hasher { return &hasher{sha256.New(), make([]byte, 0, hasherBuffer)} }

// sum is the hash of all texts; the next one begins anew.
func (w *hasher) sum() []byte {
	w.flush()
	out := w.hash.Sum(nil)
	w.hash.Reset()
	return out
}

// flush hashes what is gathered.
func (w *hasher) flush() {
	_, _ = w.hash.Write(w.buf) // a hash never fails to write
	w.buf = w.buf[:0]
}

// journal hashes j before its lines.
func (w *hasher) journal(j *Journal) {
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
}

func (w *hasher) line(l *Posting) {
	w.text(strconv.Itoa(l.Line))
	w.text(l.DebitAccount.String())
	w.text(l.CreditAccount.String())
	w.text(l.Amount.String())
	optText(w, l.SubledgerID)
	w.opt(l.Memo)
}

func (w *hasher) text(s string) {
	if len(w.buf)+8+len(s) > hasherBuffer {
		w.flush()
	}
	w.buf = append(binary.BigEndian.AppendUint64(w.buf, uint64(len(s))), s...)
}

func (w *hasher) opt(s *string) {
	if s == nil {
		w.buf = append(w.buf, 255, 255, 255, 255, 255, 255, 255, 255)
		return
	}
	w.text(*s)
}

func optText[T interface{ String() string }](w *hasher, v *T) {
	if v == nil {
		w.opt(nil)
		return
	}
	w.text((*v).String())
}
