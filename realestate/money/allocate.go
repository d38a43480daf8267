package money

import (
	"fmt"
	"math/big"
	"math/bits"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of the allocation functions.
var (
	// ErrNegativeWeight: a weight is below zero. Field is "weights[i]".
	ErrNegativeWeight = fault.New(fault.Invalid, fault.CodeOutOfRange, "an allocation weight is not below zero")
	// ErrZeroWeights: money is to be shared out, and no member has a weight.
	ErrZeroWeights = fault.New(fault.Invalid, "weights_all_zero", "an amount cannot be shared among members without weight")
	// ErrWeightRange: a decimal weight has more than 1,000 digits before or
	// behind the point. Field is "weights[i]".
	ErrWeightRange = fault.New(fault.Invalid, fault.CodeOutOfRange, "an allocation weight has at most 1,000 digits on either side of the point")
	// ErrAllocationLength: the slice of parts and the slice of weights differ
	// in length.
	ErrAllocationLength = fault.New(fault.Invalid, "allocation_length", "parts and weights have the same length")
)

func negativeWeight(i int) error { return ErrNegativeWeight.On(fmt.Sprintf("weights[%d]", i)) }

// Allocator shares out whole cents, keeping its scratch space between calls.
// The zero value is ready; an Allocator serves one goroutine at a time.
//
// All its methods follow one rule, largest remainder. Of a total T member i
// is due q = T*weight/sum, exactly. It gets the whole cents of q, and the cents
// left over go one each to the members with (a) the larger fraction of a cent
// in q, (b) the larger weight, (c) the smaller id. So the parts always sum to
// T, nobody is more than a cent from the exact due, members without weight get
// nothing, and the order of the input does not matter. A negative T is shared
// as |T| and every part negated. The intermediates are exact.
//
// The methods write parts[i] for weights[i]; on an error parts is as it was.
// The function before decides rule (c): it reports whether member i's id is
// less than member j's, compared as bytes, and ids are distinct. It is called
// for ties only. A nil before says that the members stand in ascending order of
// their ids.
//
// Work and space are linear in the members, and nothing is allocated per member
// but for decimals of more than 18 digits. At 100,000 members, in nanoseconds a
// member on one core of an AMD EPYC (best of 40 short runs on a busy machine;
// the sum and one bare division each take 2.5):
//
//	int64 weights                              5.7
//	int64, nearly everybody tied              14.7
//	integers of 42 digits                       67
//	Allocate, decimals                          35
//	Allocate, decimals, nearly everybody tied   54
//	Allocate, decimals of more than 18 digits  310
//
//	go test ./realestate/money -run '^$' -bench Allocate -benchtime 3x -count 40
type Allocator struct {
	rem   []uint64  // remainders of the fast road
	ties  []int     // members that compete for the last cents
	keys  []uint64  // what they compete by
	ints  []int64   // decimal weights as integers
	long  []bool    // of more than 18 digits
	parts []int64   // parts of Allocate
	wide  wideSpace // weights and remainders beyond 63 bits
	count [1024]uint32
}

// AllocateInt64 is [Allocator.Int64] with scratch space of its own.
func AllocateInt64(parts []int64, total int64, weights []int64, before func(i, j int) bool) error {
	if few(parts, total, weights, before) {
		return nil
	}
	return new(Allocator).Int64(parts, total, weights, before)
}

// Int64 shares total over integer weights: capital in cents, units. It takes
// any total and any weights, also where the sum of the weights leaves int64.
// It returns [ErrNegativeWeight], [ErrZeroWeights] or [ErrAllocationLength].
func (a *Allocator) Int64(parts []int64, total int64, weights []int64, before func(i, j int) bool) error {
	if len(parts) != len(weights) {
		return ErrAllocationLength
	}
	if few(parts, total, weights, before) {
		return nil
	}
	var hi, lo, carry uint64
	for i, w := range weights {
		if w < 0 {
			return negativeWeight(i)
		}
		lo, carry = bits.Add64(lo, uint64(w), 0)
		hi += carry
	}
	switch {
	case hi == 0 && lo == 0:
		if total != 0 {
			return ErrZeroWeights
		}
		clear(parts)
		return nil
	case hi == 0 && lo < 1<<63:
		a.narrow(parts, magnitude(total), weights, lo, before)
	default:
		return a.wide.share(parts, total, 63, func(i int) *big.Int { return a.wide.t.SetInt64(weights[i]) }, before)
	}
	if total < 0 {
		negate(parts)
	}
	return nil
}

// narrow shares total where the weights sum to less than 2^63.
func (a *Allocator) narrow(parts []int64, total uint64, weights []int64, sum uint64, before func(i, j int) bool) {
	a.rem = resize(a.rem, len(weights))
	if left := split(parts, total, weights, sum, a.rem[:len(weights)]); left > 0 {
		a.award(parts, int(left), weights, sum, before)
	}
}

// split writes the whole cents of all dues and their remainders over sum, and returns the
// cents that are left.
//
// With total = whole*sum + rest, member i is due whole*w + rest*w/sum. The
// division is done once, as the 64-bit fraction f = floor(rest*2^64/sum): the
// upper half of f*w is the quotient or one less, since rest/sum - f/2^64 is
// below 2^-64 and w below 2^63. The remainder tells which, and it is below
// 2*sum < 2^64, so that its lower half is all of it.
func split(parts []int64, total uint64, weights []int64, sum uint64, rem []uint64) (left uint64) {
	whole, rest := total/sum, total%sum
	f, _ := bits.Div64(rest, 0, sum)
	rem = rem[:len(weights)]
	parts = parts[:len(weights)]
	left = total
	for i, w := range weights {
		w := uint64(w)
		q, _ := bits.Mul64(f, w)
		r := rest*w - q*sum
		if r >= sum {
			q++
			r -= sum
		}
		q += whole * w
		left -= q
		rem[i] = r
		parts[i] = int64(q)
	}
	return left
}

// award gives a cent each to the k members that come first by remainder,
// weight and id.
func (a *Allocator) award(parts []int64, k int, weights []int64, sum uint64, before func(i, j int) bool) {
	rem := a.rem[:len(parts)]
	k = a.compete(parts, k, max(0, bits.Len64(sum)-10))
	k = a.awardAbove(parts, k, func(i int) uint64 { return rem[i] })
	k = a.awardAbove(parts, k, func(i int) uint64 { return uint64(weights[i]) })
	if before != nil && !ascending(a.ties, before) {
		selectFirst(a.ties, k, before)
	}
	for _, i := range a.ties[:k] {
		parts[i]++
	}
}

// compete leaves in a.ties the members that compete for the last cents, pays
// those that are clear of them, and returns how many cents are left. A
// histogram of the upper ten bits of the remainders finds them.
func (a *Allocator) compete(parts []int64, k, shift int) int {
	rem := a.rem[:len(parts)]
	a.ties = resize(a.ties, len(parts)+1)
	if len(parts) <= 64 {
		a.ties = a.ties[:len(parts)]
		for i := range a.ties {
			a.ties[i] = i
		}
		return k
	}
	clear(a.count[:])
	for _, r := range rem {
		a.count[r>>shift&1023]++
	}
	edge := uint64(1023)
	for ; k > int(a.count[edge]); edge-- {
		k -= int(a.count[edge])
	}
	n := 0 // without branches: the remainders are as good as random
	for i, r := range rem {
		var above int64
		if r>>shift > edge {
			above = 1
		}
		parts[i] += above
		a.ties[n] = i
		next := n + 1
		if r>>shift != edge {
			next = n
		}
		n = next
	}
	a.ties = a.ties[:n]
	return k
}

// awardAbove settles one rule among a.ties, of whom k get a cent: it finds the
// k-th largest key, pays those above it, and leaves those who equal it in
// a.ties, in their order. It returns how many of them are still to be paid.
func (a *Allocator) awardAbove(parts []int64, k int, key func(int) uint64) int {
	if k == 0 || k == len(a.ties) {
		return k
	}
	a.keys = resize(a.keys, len(a.ties))
	for n, i := range a.ties {
		a.keys[n] = key(i)
	}
	edge := kthLargest(a.keys, k)
	equal := a.ties[:0]
	for _, i := range a.ties {
		switch v := key(i); {
		case v > edge:
			parts[i]++
			k--
		case v == edge:
			equal = append(equal, i)
		}
	}
	a.ties = equal
	return k
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func negate(parts []int64) {
	for i := range parts {
		parts[i] = -parts[i]
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
