package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// TopUp adds one to the k parts that come first by before, in O(n): the last
// step of largest remainder for callers that divide by themselves. The function
// before must order the members strictly: larger remainder, larger weight,
// smaller id. A k above len(parts) tops up everyone; a k below 1 nobody.
func TopUp(parts []int64, k int, before func(i, j int) bool) {
	topUp(make([]int, len(parts)), parts, k, before)
}

func topUp(order []int, parts []int64, k int, before func(i, j int) bool) {
	k = min(k, len(parts))
	if k <= 0 {
		return
	}
	for i := range order {
		order[i] = i
	}
	selectFirst(order, k, before)
	for _, i := range order[:k] {
		parts[i]++
	}
}

// byID is before, or the order of the members themselves when it is nil.
func byID(before func(i, j int) bool) func(i, j int) bool {
	if before == nil {
		return func(i, j int) bool { return i < j }
	}
	return before
}

// selectFirst rearranges order so that its first k elements are the k that
// come first by before. It is quickselect with a pivot guessed by sampling; after
// too many bad pivots it sorts what is left.
func selectFirst(order []int, k int, before func(i, j int) bool) {
	lo, hi := 0, len(order)-1
	for tries := 3 * bits.Len(uint(len(order))); lo < hi && k > lo && k <= hi; tries-- {
		if tries == 0 || hi-lo < 8 {
			slices.SortFunc(order[lo:hi+1], func(i, j int) int {
				switch {
				case before(i, j):
					return -1
				case before(j, i):
					return 1
				}
				return 0
			})
			return
		}
		p := pivot(order[lo:hi+1], k-1-lo, before)
		i, j := lo, hi
		for i <= j {
			for before(order[i], p) {
				i++
			}
			for before(p, order[j]) {
				j--
			}
			if i <= j {
				order[i], order[j] = order[j], order[i]
				i++
				j--
			}
		}
		switch { // order[lo..j] <= p <= order[i..hi], and the k first end at k-1
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return
		}
	}
}

// pivot guesses the element of order that has rank k: the one of that rank, in
// proportion, among a few taken at even distances.
func pivot(order []int, k int, before func(i, j int) bool) int {
	var space [25]int
	sample := space[:3]
	if len(order) > 500 {
		sample = space[:]
	}
	step := (len(order) - 1) / (len(sample) - 1)
	for n := range sample {
		v, m := order[n*step], n
		for ; m > 0 && before(v, sample[m-1]); m-- {
			sample[m] = sample[m-1]
		}
		sample[m] = v
	}
	return sample[(2*k+1)*len(sample)/(2*len(order))]
}

// ascending reports whether order is sorted by before.
func ascending(order []int, before func(i, j int) bool) bool {
	for n := 1; n < len(order); n++ {
		if before(order[n], order[n-1]) {
			return false
		}
	}
	return true
}

// kthLargest returns the k-th largest of keys, which it rearranges.
func kthLargest(keys []uint64, k int) uint64 {
	lo, hi := 0, len(keys)-1
	for tries := 3 * bits.Len(uint(len(keys))); lo < hi; tries-- {
		if tries == 0 {
			slices.SortFunc(keys[lo:hi+1], func(x, y uint64) int { return cmp.Compare(y, x) })
			break
		}
		x, y, z := keys[lo], keys[lo+(hi-lo)/2], keys[hi]
		p := max(min(x, y), min(max(x, y), z))
		i, j := lo, hi
		for i <= j {
			for keys[i] > p {
				i++
			}
			for p > keys[j] {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return keys[k-1]
		}
	}
	return keys[k-1]
}
