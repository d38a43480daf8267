package waterfall

import (
	"math/big"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
)

// column is a balance an account that only some terms need, such as the day it
// first had capital. Deals whose terms do not need one do not carry it.
type column struct {
	name string
	// per says what the values are: parts of 1/(per*10^54) cents, or whole
	// numbers such as cents and days where it is 0.
	per int64
	v   []wide.Int
}

// ColumnHeader names a balance that the accounts of a state carry besides the
// usual ones. Accounts list their values in the same order.
type ColumnHeader struct {
	Name string `json:"name"`
	// Per is the denominator of the balance, 0 for whole numbers.
	Per int64 `json:"per,omitempty"`
}

// maxColumns bounds what a stored state may carry.
const maxColumns = 10_000

// column returns the position of a column, or -1.
func (s *State) column(name string) int {
	return slices.IndexFunc(s.cols, func(c column) bool { return c.name == name })
}

// need makes room for a column and returns its position.
func (s *State) need(name string, per int64) int {
	if k := s.column(name); k >= 0 {
		return k
	}
	s.cols = append(s.cols, column{name, per, make([]wide.Int, len(s.roster.ids))})
	return len(s.cols) - 1
}

// columnOrder returns the positions of the columns in the order of their names,
// in which they are stored.
func (s *State) columnOrder() []int {
	if len(s.cols) == 0 {
		return nil
	}
	order := make([]int, len(s.cols))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(s.cols[a].name, s.cols[b].name) })
	return order
}

func cloneColumns(cols []column) []column {
	out := slices.Clone(cols)
	for k := range out {
		out[k].v = slices.Clone(out[k].v)
	}
	return out
}

// valid reports whether a column may be stored.
func (h *ColumnHeader) valid() bool {
	switch h.Name {
	case columnSince, columnInitial, columnProfit, columnPromote, columnAdvance, columnDilution:
		return h.Per == 0
	}
	if lot, ok := strings.CutPrefix(h.Name, "lot "); ok {
		want := map[string]int64{"u": 0, "c": 1, "a": commonDen}
		per, known := want[lot[max(0, len(lot)-1):]]
		return known && h.Per == per
	}
	return ValidName(h.Name) && (h.Per == 0 || validDenominator(h.Per))
}

// text writes a value of the column.
func (c *column) text(i int) string {
	if c.per == 0 {
		return c.v[i].Big().String()
	}
	return exact(c.v[i], c.per).String()
}

// read reads what text writes, and reports whether it is a value.
func (c *column) read(i int, text string) bool {
	if c.per == 0 {
		if len(text) > 20 {
			return false
		}
		b, ok := new(big.Int).SetString(text, 10)
		if !ok || !b.IsInt64() {
			return false
		}
		c.v[i] = wide.FromInt64(b.Int64())
		return true
	}
	var e Exact
	return e.UnmarshalText([]byte(text)) == nil && e.into(&c.v[i], c.per)
}

// limit is the most significant limb of values that are too large.
func (c *column) limit() uint64 {
	if c.per == 0 {
		return 1
	}
	return limitLimb(c.per)
}

// cents returns a whole number of a column.
func (c *column) cents(i int) int64 { return c.v[i].Int64() }

// addCents adds to a whole number of a column.
func (c *column) addCents(i int, x int64) { c.v[i] = c.v[i].Add(wide.FromInt64(x)) }
