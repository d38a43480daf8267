package history

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrSums: the bytes are not those of sums.
var ErrSums = fault.New(fault.Invalid, "sums_malformed", "these are not the sums of a history")

// sumsVersion is the first byte; another layout takes another one.
const sumsVersion = 1

// AppendBinary appends the sums for [Sums.UnmarshalBinary]. Equal sums have equal bytes,
// in whatever order their movements came. It returns [money.ErrOutOfRange].
func (s *Sums) AppendBinary(b []byte) ([]byte, error) {
	if err := s.net(); err != nil {
		return nil, err
	}
	b = append(b, sumsVersion)
	b = appendAmounts(b, s.paidIn, s.paidOut)
	positions := slices.SortedFunc(maps.Keys(s.of), id.Of[Position].Compare)
	positions = slices.DeleteFunc(positions, func(v id.Of[Position]) bool { return s.of[v] == Effect{} })
	b = binary.AppendUvarint(b, uint64(len(positions)))
	for _, v := range positions {
		e := s.of[v]
		b = append(b, v[:]...)
		b = appendAmounts(b, e.Contributed, e.Unreturned, e.Unrealized, e.Cash, e.Distributed, e.Returned)
	}
	n := 0
	for _, d := range s.days {
		if d.some() {
			n++
		}
	}
	b = binary.AppendUvarint(b, uint64(n))
	var last date.Date
	for _, d := range s.days {
		if d.some() {
			b = binary.AppendVarint(b, int64(d.on.Sub(last)))
			rest, err := d.cash.Sub(d.earned) // mostly nothing
			if err != nil {
				return nil, err
			}
			b = appendAmounts(b, d.cash, rest)
			last = d.on
		}
	}
	transfers := slices.SortedFunc(maps.Keys(s.between), id.Of[Transfer].Compare)
	transfers = slices.DeleteFunc(transfers, func(v id.Of[Transfer]) bool { return s.between[v].IsZero() })
	b = binary.AppendUvarint(b, uint64(len(transfers)))
	for _, v := range transfers {
		b = appendAmounts(append(b, v[:]...), s.between[v])
	}
	b = binary.AppendUvarint(b, uint64(len(s.later)))
	for _, m := range s.waiting() {
		b = append(append(b, m.Position[:]...), m.Transfer[:]...)
		b = append(binary.AppendUvarint(b, uint64(len(m.Kind))), m.Kind...)
		b = binary.AppendVarint(binary.AppendVarint(b, int64(m.Date.Days())), int64(m.on().Days()))
		b = appendAmounts(b, m.Amount, m.Capital, m.Unrealized, m.Consideration)
	}
	return b, nil
}

func (d dayCash) some() bool { return !d.cash.IsZero() || !d.earned.IsZero() }

func appendAmounts(b []byte, amounts ...money.Amount) []byte {
	for _, a := range amounts {
		b = binary.AppendVarint(b, a.Cents())
	}
	return b
}

// UnmarshalBinary makes them what [Sums.AppendBinary] wrote. It returns [ErrSums], which
// leaves the sums of no movements.
func (s *Sums) UnmarshalBinary(b []byte) error {
	s.Reset()
	r := sumsReader{b: b}
	if r.bytes(1)[0] != sumsVersion {
		r.bad = true
	}
	s.paidIn, s.paidOut = r.amount(), r.amount()
	var position id.Of[Position]
	for range r.count() {
		before := position
		if position = id.Of[Position](r.bytes(16)); position.Compare(before) <= 0 {
			r.bad = true
		}
		if s.of == nil {
			s.of = map[id.Of[Position]]Effect{}
		}
		s.of[position] = Effect{Contributed: r.amount(), Unreturned: r.amount(), Unrealized: r.amount(), Cash: r.amount(), Distributed: r.amount(), Returned: r.amount()}
	}
	var last date.Date
	for range r.count() {
		before := last
		if last = r.day(last.Days()); !last.After(before) {
			r.bad = true
		}
		d := dayCash{on: last, cash: r.amount()}
		var err error
		d.earned, err = d.cash.Sub(r.amount())
		r.bad = r.bad || err != nil
		s.days = append(s.days, d)
	}
	s.sorted = len(s.days)
	var transfer id.Of[Transfer]
	for n := range r.count() {
		before := transfer
		if transfer = id.Of[Transfer](r.bytes(16)); n > 0 && transfer.Compare(before) <= 0 {
			r.bad = true
		}
		if s.between == nil {
			s.between = map[id.Of[Transfer]]money.Amount{}
		}
		s.between[transfer] = r.amount()
	}
	for range r.count() {
		m := Movement{Position: id.Of[Position](r.bytes(16)), Transfer: id.Of[Transfer](r.bytes(16))}
		m.Kind = Kind(r.bytes(r.count()))
		m.Date, m.CountsOn = r.day(0), r.day(0)
		m.Amount, m.Capital, m.Unrealized, m.Consideration = r.amount(), r.amount(), r.amount(), r.amount()
		r.bad = r.bad || !m.Kind.Valid()
		s.later = append(s.later, m)
	}
	if r.bad || len(r.b) > 0 {
		s.Reset()
		return ErrSums
	}
	return nil
}

// sumsReader takes values off bytes; what is not there is zero, and bad. Ids are the
// longest that are taken without their number having been found to be there.
type sumsReader struct {
	b   []byte
	bad bool
}

func (r *sumsReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.b, r.bad = nil, true
		return make([]byte, 16)[:n]
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

// count is a number of what takes a byte at least.
func (r *sumsReader) count() int {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return int(n)
}

func (r *sumsReader) varint() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *sumsReader) amount() money.Amount {
	a, err := money.FromCents(r.varint())
	r.bad = r.bad || err != nil
	return a
}

// day is the day so many days after another, by its number.
func (r *sumsReader) day(after int) date.Date {
	d, err := date.FromDays(after + int(r.varint()))
	r.bad = r.bad || err != nil
	return d
}
