package waterfall

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/id"
)

// indexMagic begins an index. Then come how many bytes of the binary form lie before the
// accounts, those bytes, the length of the whole form, between how many accounts a place is
// known, for every such place the id there, how far it lies behind the one before and the
// checksum of the part that it begins, and at the end that of the index.
const indexMagic = "FHI1"

// indexStep is between how many of n accounts a place is known: an entry of the index has a
// quarter of the bytes of an account, so that index and part together are least where
// there are four times as many of the former.
func indexStep(n int) int { return max(16, int(math.Sqrt(float64(n)))/2) }

// MarshalIndexed is [State.MarshalBinary] with an index of the form, by which single
// accounts can be read out of it: see [StateIndex].
func (s *State) MarshalIndexed() (form, index []byte, err error) {
	var starts []int
	step := indexStep(s.Len())
	form, err = s.appendBinary(nil, func(account, at int) {
		if account%step == 0 {
			starts = append(starts, at)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	head := len(form)
	if len(starts) > 0 {
		head = starts[0]
	}
	index = append(index, indexMagic...)
	index = binary.AppendUvarint(index, uint64(head))
	index = append(index, form[:head]...)
	index = binary.AppendUvarint(index, uint64(len(form)))
	index = binary.AppendUvarint(index, uint64(step))
	uuids := s.Len() > 0 && binaryIDs(s.roster.ids) != nil
	for k, at := range starts {
		name, next := s.roster.ids[k*step], len(form)
		if k+1 < len(starts) {
			next = starts[k+1]
		}
		if uuids {
			index = append(index, form[at:at+len(id.Of[Partner]{})]...)
		} else {
			index = binary.AppendUvarint(index, uint64(len(name)))
			index = append(index, name...)
		}
		index = binary.AppendUvarint(index, uint64(at-head))
		index = binary.BigEndian.AppendUint32(index, checksum(form[at:next]))
		head = at
	}
	return form, binary.BigEndian.AppendUint32(index, checksum(index)), nil
}

// checksum tells bytes that were damaged; who changes them on purpose is found by the hash of
// the whole.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// StateIndex says where in the binary form of a state single accounts are, so that a
// balance of one account costs the same in a deal of any size. [State.MarshalIndexed]
// writes one, and [ReadStateIndex] reads it.
type StateIndex struct {
	header *Header
	flags  byte
	end    int // the length of the form
	starts []indexStart
}

// indexStart is where an account begins in the form.
type indexStart struct {
	id  []byte // as the form has it
	at  int
	sum uint32 // of the part
}

// ReadStateIndex reads an index. Anything but one is [ErrStateMalformed].
func ReadStateIndex(b []byte) (*StateIndex, error) {
	d := decoder{b: b}
	if d.text(len(indexMagic)) != indexMagic || len(d.b) < 4 || checksum(b[:len(b)-4]) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return nil, ErrStateMalformed.With("it is no index, or a damaged one")
	}
	d.b = d.b[:len(d.b)-4]
	front := decoder{b: d.take(d.count())}
	at := len(front.b)
	h, flags, n, err := front.head()
	if err != nil {
		return nil, err
	}
	x := &StateIndex{header: h, flags: flags, end: d.varcount(maxForm)}
	step := d.varcount(math.MaxInt32)
	if d.bad || len(front.b) > 0 || step == 0 || (n+step-1)/step > len(d.b) {
		return nil, ErrStateMalformed.With("an index that is cut off")
	}
	for range (n + step - 1) / step {
		size := len(id.Of[Partner]{})
		if flags&flagUUIDs == 0 {
			size = d.count()
		}
		name := d.take(size)
		at += d.varcount(maxForm)
		sum := d.take(4)
		if d.bad || at >= x.end || len(x.starts) > 0 && bytes.Compare(x.starts[len(x.starts)-1].id, name) >= 0 {
			return nil, ErrStateMalformed.With("a place of an index")
		}
		x.starts = append(x.starts, indexStart{name, at, binary.BigEndian.Uint32(sum)})
	}
	if len(d.b) > 0 {
		return nil, ErrStateMalformed.With("an index of another length")
	}
	return x, nil
}

// maxForm is as many bytes as a value of the database has at most: a place behind it is none
// that a part can be asked for, and places add up without an overflow.
const maxForm = 1 << 30

// Part is where in the form the account of an id is, if it has one: in the bytes from one
// place on and before another. There are none where it cannot have one.
func (x *StateIndex) Part(account string) (from, to int) {
	k := x.start(account)
	switch {
	case k < 0:
		return 0, 0
	case k+1 < len(x.starts):
		return x.starts[k].at, x.starts[k+1].at
	}
	return x.starts[k].at, x.end
}

// start is the last of the places that are not behind an account, -1 where all are.
func (x *StateIndex) start(account string) int {
	name := []byte(account)
	if x.flags&flagUUIDs != 0 {
		u, err := id.Parse[Partner](account)
		if err != nil {
			return -1
		}
		name = u[:]
	}
	k, found := slices.BinarySearchFunc(x.starts, name, func(s indexStart, name []byte) int { return bytes.Compare(s.id, name) })
	if !found {
		k--
	}
	return k
}

// State is the state of some accounts alone, which stand in parts of the form, one for each
// account, as [StateIndex.Part] says; who is in none of them is left out. Its totals and flows
// are those of the whole deal and of the accounts' classes, so that [Accrue] and
// contributions move it as they would move the whole, while distributions, which
// share among all, would not. Who came later joins it by [State.With]. It returns
// [ErrStateMalformed], also for a state with loans between partners or cuts of promote.
func (x *StateIndex) State(accounts []string, parts [][]byte) (*State, error) {
	var partners []Partner
	var rows [][]byte
	for k, account := range accounts {
		if slices.Contains(accounts[:k], account) {
			continue
		}
		if at := x.start(account); at < 0 && len(parts[k]) > 0 || at >= 0 && checksum(parts[k]) != x.starts[at].sum {
			return nil, ErrStateMalformed.With("a part that is damaged, or another")
		}
		d, text := decoder{b: parts[k]}, strings.Builder{}
		for len(d.b) > 0 {
			p, balances := d.account(x.header, x.flags, &text)
			if d.bad {
				return nil, ErrStateMalformed.With("an account cannot be read")
			}
			if p.ID == account {
				partners, rows = append(partners, p), append(rows, balances)
				break
			}
		}
	}
	r := new(roster)
	if len(partners) > 0 {
		var err error
		if r, err = newRoster(partners); err != nil {
			return nil, ErrStateMalformed.Because(err)
		}
	}
	h := *x.header
	h.Classes = slices.DeleteFunc(slices.Clone(h.Classes), func(c ClassHeader) bool { return r.classIndex(c.Class) < 0 })
	inOrder := make([][]byte, len(rows))
	for k := range partners {
		inOrder[r.index(partners[k].ID)] = rows[k]
	}
	s, err := h.filled(r, inOrder)
	if err != nil {
		return nil, err
	}
	_, _, _, err = s.sums()
	return s, err
}
