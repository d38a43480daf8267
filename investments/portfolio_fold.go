package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// portfolioFold adds the movements of portfolios up, one after the other.
type portfolioFold struct {
	sums    []portfolioSum
	asOf    date.Date
	of      map[id.Of[Position]]int   // the place of the sum that a position is in
	at      int                       // the sum that the movements are of
	begun   bool                      // what it kept has been read
	broken  bool                      // and could not be
	state   history.Sums              // of it
	numbers map[id.Of[Position]]int64 // of it
	last    id.Of[Position]
	found   bool  // last is in a sum
	lost    []int // the sums that kept what is no longer theirs, or can't be read
}

// newFold finds the sums of positions.
func newFold(sums []portfolioSum, asOf date.Date) *portfolioFold {
	f := &portfolioFold{sums: sums, asOf: asOf, of: make(map[id.Of[Position]]int, len(sums)), numbers: map[id.Of[Position]]int64{}}
	for i := range sums {
		for j := range sums[i].held {
			f.of[sums[i].held[j].id] = i
		}
	}
	return f
}

// read adds a movement to the sum of its position, behind which no others come.
func (f *portfolioFold) read(row store.Row) error {
	var m history.Movement
	var number int64
	var transfer *id.Of[history.Transfer]
	if err := row.Scan(&m.Position, &number, &m.Kind, &m.Date, &m.CountsOn, &transfer, &m.Amount, &m.Capital, &m.Unrealized, &m.Consideration); err != nil {
		return err
	}
	position := id.Cast[Position](m.Position)
	if position != f.last {
		next, ok := f.of[position]
		if f.last, f.found = position, ok; ok {
			if err := f.upTo(next); err != nil {
				return err
			}
		}
	}
	if !f.found {
		return nil // it came between the two statements
	}
	if err := f.begin(); err != nil {
		return err
	}
	m.Transfer = or(transfer)
	f.numbers[position] = max(f.numbers[position], number)
	f.sums[f.at].Movements++
	return f.state.Add(&m, f.asOf)
}

// upTo derives the figures of the sums before one.
func (f *portfolioFold) upTo(next int) error {
	for ; f.at < next; f.at++ {
		if err := f.begin(); err != nil {
			return err
		}
		f.begun = false
		r := &f.sums[f.at]
		if f.broken || f.strays(r) {
			f.lost = append(f.lost, f.at)
			continue
		}
		if err := r.derive(&f.state, f.asOf); err != nil {
			return err
		}
		state, err := f.state.AppendBinary(nil)
		if err != nil {
			return err
		}
		r.numbers = f.numbersJSON()
		r.folded = append(state, seal(r.numbers, state)...)
	}
	return nil
}

// numbersJSON writes the numbers by position.
func (f *portfolioFold) numbersJSON() []byte {
	b := append(make([]byte, 0, 64*len(f.numbers)+2), '{')
	for _, v := range slices.SortedFunc(maps.Keys(f.numbers), id.Of[Position].Compare) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), v.String()...), `":`...)
		b = strconv.AppendInt(b, f.numbers[v], 10)
	}
	return append(b, '}')
}

// sealSize is how long a seal is.
const sealSize = 8

// seal is a checksum of a state and the numbers, which are kept apart, so that only what
// was written together is gone on from.
func seal(numbers, state []byte) []byte {
	sum := sha256.Sum256(slices.Concat(numbers, state))
	return sum[:sealSize]
}

// begin reads what the sum at hand was left with.
func (f *portfolioFold) begin() error {
	if f.begun {
		return nil
	}
	f.begun, f.broken = true, false
	f.state.Reset()
	clear(f.numbers)
	r := &f.sums[f.at]
	if r.folded == nil {
		return nil
	}
	size := max(0, len(r.folded)-sealSize)
	if json.Unmarshal(r.numbers, &f.numbers) != nil || f.numbers == nil || !bytes.Equal(seal(f.numbersJSON(), r.folded[:size]), r.folded[size:]) ||
		f.state.UnmarshalBinary(r.folded[:size]) != nil {
		f.broken, f.numbers = true, map[id.Of[Position]]int64{}
	}
	return f.state.To(f.asOf)
}

// strays reports that the state has a position that the sum no longer holds.
func (f *portfolioFold) strays(r *portfolioSum) bool {
	for v := range f.numbers {
		if _, ok := r.place(v); !ok {
			return true
		}
	}
	return false
}

// begunAnew computes those portfolios anew that kept what can't be gone on from.
func begunAnew(ctx context.Context, tx bun.IDB, sums []portfolioSum, lost []int, asOf date.Date) error {
	if len(lost) == 0 {
		return nil
	}
	list := make([]id.Of[auth.User], len(lost))
	for i, at := range lost {
		list[i] = sums[at].InvestorID
	}
	again, err := portfolioSums(ctx, tx, whomOf(slices.Compact(list)), asOf, true)
	if err != nil {
		return err
	}
	type key struct {
		who      id.Of[auth.User]
		currency string
	}
	found := make(map[key]int, len(again))
	for i := range again {
		found[key{again[i].InvestorID, again[i].Currency}] = i
	}
	for _, at := range lost {
		i, ok := found[key{sums[at].InvestorID, sums[at].Currency}]
		if !ok {
			return ErrPortfolioNotFound
		}
		sums[at] = again[i]
	}
	return nil
}
