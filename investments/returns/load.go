package returns

import (
	"math"
	"math/big"
	"math/bits"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

const (
	maxDigits  = 400
	exactFloat = 1 << 53 // up to here every integer is a float64
)

var tens = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// load fills s with flows. Amounts are added exactly, as integers over one power
// of ten: a rounded sum of one day's flows may miss zero and invent a change of
// sign.
func load[F Flow | Cash](s *Series, flows []F) error {
	if len(flows) == 0 {
		return nil
	}
	l := loader{entries: make([]entry, len(flows))}
	switch fs := any(flows).(type) {
	case []Cash:
		if s.exp = -2; l.cash(fs) && s.net(&l) {
			return nil
		}
		wide := make([]Flow, len(fs))
		for i, f := range fs {
			wide[i] = Flow{f.Date, f.Amount.Decimal()}
		}
		return s.loadWide(wide)
	case []Flow:
		if l.flows(fs) && s.net(&l) {
			s.exp = l.exp
			return nil
		}
		return s.loadWide(fs)
	}
	return nil
}

// loader holds flows on their way into a series: the amounts over 10^exp, and
// for ticks the days since first.
type loader struct {
	entries []entry
	exp     int32
	first   date.Date // of the flow given first or, after anyOrder, of the earliest
	order   order
}

// order is what one pass learns of the flows. Each field turns negative by the
// condition and stays so. It has no branches, which in unsorted flows would be as
// good as random.
type order struct {
	previous int64
	falls    int64 // a day is before the one before it
	again    int64 // or the same, or an amount is zero
	undated  int64 // a date is missing
	lowest   int64 // day
	highest  int64
}

// see takes the next day and amount.
func (o *order) see(day int, amount int64) {
	step := int64(day) - o.previous
	o.falls |= step
	o.again |= (step - 1) | (amount-1)&^amount
	o.undated |= int64(day) - 1
	o.previous = int64(day)
	o.lowest, o.highest = min(o.lowest, int64(day)), max(o.highest, int64(day))
}

// cash takes whole cents. It reports whether they all have dates and a day's sum is exact.
func (l *loader) cash(fs []Cash) bool {
	entries, base := l.entries[:len(fs)], int64(fs[0].Date.Days())
	l.first = fs[0].Date
	previous, again := int64(0), int64(0)
	for i := range fs {
		day, c := int64(fs[i].Date.Days()), fs[i].Amount.Cents()
		step := day - previous
		if step < 0 {
			return l.anyOrder(fs)
		}
		again |= (step - 1) | (c-1)&^c
		previous = day
		entries[i] = entry{float64(c), int32(day - base)}
	}
	l.order.again = again
	return base > 0
}

// anyOrder is cash for flows that are not in order of time. It reads them where they are and
// puts each in its place at once, without a copy that would be sorted.
func (l *loader) anyOrder(fs []Cash) bool {
	lowest, highest := fs[0].Date.Days(), 0
	for i := range fs {
		day := fs[i].Date.Days()
		lowest, highest = min(lowest, day), max(highest, day)
	}
	if lowest <= 0 {
		return false
	}
	l.first = l.first.AddDays(lowest - l.first.Days())
	var space [128]word
	days := newCalendar(space[:], highest-lowest, len(fs))
	if days == nil { // rank sorts them
		for i := range fs {
			l.entries[i] = entry{float64(fs[i].Amount.Cents()), int32(fs[i].Date.Days() - lowest)}
		}
		l.order = order{falls: -1, again: -1, lowest: int64(lowest), highest: int64(highest)}
		return true
	}
	for i := range fs {
		days.mark(uint32(fs[i].Date.Days() - lowest))
	}
	if n := days.number(); n < len(fs) {
		l.entries = l.entries[:n]
		return l.add(fs, days, lowest)
	}
	l.order.again = 0
	for i := range fs {
		d, c := uint32(fs[i].Date.Days()-lowest), fs[i].Amount.Cents()
		l.entries[days.place(d)] = entry{float64(c), int32(d)}
		l.order.again |= (c - 1) &^ c
	}
	return true
}

// add is the end of anyOrder where flows share days. It reports whether the sums are exact.
func (l *loader) add(fs []Cash, days calendar, lowest int) bool {
	clear(l.entries)
	var tooLarge uint64
	for i := range fs {
		d := uint32(fs[i].Date.Days() - lowest)
		to := &l.entries[days.place(d)]
		to.tick = int32(d)
		to.amount += float64(fs[i].Amount.Cents())
		tooLarge |= beyondExact(to.amount)
	}
	l.entries, l.order.again = dropZeros(l.entries), 0
	return tooLarge == 0
}

// beyondExact is zero where every integer up to amount is a float64.
func beyondExact(amount float64) uint64 {
	return uint64(int64(amount)+exactFloat) &^ (2*exactFloat - 1)
}

// amounts takes whole cents, one a period.
func (l *loader) amounts(values []money.Amount) {
	entries, o := l.entries[:len(values)], order{}
	for i := range values {
		c := values[i].Cents()
		o.see(i+1, c)
		entries[i] = entry{float64(c), int32(i)}
	}
	l.order = o
}

// flows takes decimals, over the power of ten of the first, or, once it meets a
// smaller one, of the smallest. It reports whether they all have dates and fit.
func (l *loader) flows(fs []Flow) bool {
	l.exp, l.first = fs[0].Amount.Exponent(), fs[0].Date
	narrow, lower := l.flowsOver(fs)
	if lower {
		for i := range fs {
			if fs[i].Amount.Sign() != 0 {
				l.exp = min(l.exp, fs[i].Amount.Exponent())
			}
		}
		narrow, _ = l.flowsOver(fs)
	}
	return narrow
}

func (l *loader) flowsOver(fs []Flow) (narrow, lower bool) {
	exp, base := l.exp, fs[0].Date.Days()
	if exp < -maxDigits || exp > maxDigits-18 {
		return false, false
	}
	entries, o := l.entries[:len(fs)], order{lowest: int64(base)}
	for i := range fs {
		d := &fs[i].Amount
		c := d.CoefficientInt64()
		if d.NumDigits() > 18 {
			return false, false
		}
		if e := d.Exponent(); e != exp && c != 0 {
			up := int64(e) - int64(exp)
			if up < 0 {
				return false, true
			}
			if up > 18 || max(c, -c) > tens[18]/tens[up] {
				return false, false
			}
			c *= tens[up]
		}
		if c > exactFloat || c < -exactFloat {
			return false, false
		}
		day := fs[i].Date.Days()
		o.see(day, c)
		entries[i] = entry{float64(c), int32(day - base)}
	}
	l.order = o
	return o.undated >= 0, false
}

// net makes the flows of l the series: sorted, one a day, no zeros. It reports
// false when a net is too large to be exact.
func (s *Series) net(l *loader) bool {
	entries := l.entries
	s.first = l.first
	switch {
	case l.order.again >= 0: // and so it does not fall
	case l.order.falls >= 0:
		n := 0
		for _, e := range entries {
			if n > 0 && entries[n-1].tick == e.tick {
				entries[n-1].amount += e.amount
				if math.Abs(entries[n-1].amount) > exactFloat {
					return false
				}
				continue
			}
			entries[n] = e
			n++
		}
		entries = dropZeros(entries[:n])
	default:
		base := int64(l.first.Days())
		lowest, highest := int32(l.order.lowest-base), int32(l.order.highest-base)
		s.first = l.first.AddDays(int(lowest))
		var exact bool
		if entries, exact = rank(entries, lowest, highest); !exact {
			return false
		}
		entries = dropZeros(entries)
	}
	s.entries = entries
	return true
}

func dropZeros(entries []entry) []entry {
	for i := range entries {
		if entries[i].amount == 0 {
			return slices.DeleteFunc(entries, func(e entry) bool { return e.amount == 0 })
		}
	}
	return entries
}

// calendar ranks days without comparing them: a bitmap holds the days that occur, and the
// place of a day is the number of bits before its own. Days count from the lowest.
type calendar []word

type word struct {
	days   uint64
	before int
}

// newCalendar makes one of days up to highest for n flows, in space where that suffices. It
// is nil where the days lie so far apart that sorting them takes less.
func newCalendar(space calendar, highest, n int) calendar {
	words := highest/64 + 1
	switch {
	case words <= len(space):
		return space[:words]
	case words <= 1024+n:
		return make(calendar, words)
	}
	return nil
}

func (c calendar) mark(day uint32) { c[day/64].days |= 1 << (day % 64) }

// number returns how many days are marked, and makes place ready.
func (c calendar) number() (n int) {
	for k := range c {
		c[k].before = n
		n += bits.OnesCount64(c[k].days)
	}
	return n
}

func (c calendar) place(day uint32) int {
	w := &c[day/64]
	return w.before + bits.OnesCount64(w.days&(1<<(day%64)-1))
}

// rank sorts and nets entries between two days. The days it returns count from the lowest.
func rank(entries []entry, lowest, highest int32) (out []entry, exact bool) {
	var space [128]word
	days := newCalendar(space[:], int(highest-lowest), len(entries))
	if days == nil {
		return rankFew(entries, lowest)
	}
	for i := range entries {
		days.mark(uint32(entries[i].tick - lowest))
	}
	out = make([]entry, days.number())
	if len(out) == len(entries) { // one a day: nothing is added
		for _, e := range entries {
			d := uint32(e.tick - lowest)
			out[days.place(d)] = entry{e.amount, int32(d)}
		}
		return out, true
	}
	var tooLarge uint64
	for i := range entries {
		d := uint32(entries[i].tick - lowest)
		to := &out[days.place(d)]
		to.tick = int32(d)
		to.amount += entries[i].amount
		tooLarge |= beyondExact(to.amount)
	}
	return out, tooLarge == 0
}

// rankFew is rank for few days that lie far apart.
func rankFew(entries []entry, lowest int32) (out []entry, exact bool) {
	slices.SortStableFunc(entries, func(a, b entry) int { return int(a.tick) - int(b.tick) })
	for _, e := range entries {
		e.tick -= lowest
		if n := len(out); n > 0 && e.tick == out[n-1].tick {
			out[n-1].amount += e.amount
		} else {
			out = append(out, e)
		}
		if math.Abs(out[len(out)-1].amount) > exactFloat {
			return nil, false
		}
	}
	return out, true
}

// loadWide nets decimals of any size.
func (s *Series) loadWide(fs []Flow) error {
	exp := int32(maxDigits)
	for i := range fs {
		if fs[i].Date.IsZero() {
			return noDate(i)
		}
		d := &fs[i].Amount
		if d.Sign() == 0 {
			continue
		}
		if !sane(*d) {
			return amountRange(i)
		}
		exp = min(exp, d.Exponent())
	}
	sorted := slices.Clone(fs)
	slices.SortStableFunc(sorted, func(a, b Flow) int { return a.Date.Compare(b.Date) })
	s.exp, s.first, s.entries = exp, sorted[0].Date, nil
	var sums []*big.Int
	for _, f := range sorted {
		if tick := int32(f.Date.Sub(s.first)); len(sums) == 0 || tick != s.entries[len(sums)-1].tick {
			s.entries = append(s.entries, entry{tick: tick})
			sums = append(sums, new(big.Int))
		}
		if f.Amount.Sign() != 0 {
			sum := sums[len(sums)-1]
			sum.Add(sum, decimal.NewFromBigInt(f.Amount.Coefficient(), f.Amount.Exponent()-exp).BigInt())
		}
	}
	return s.setExact(sums)
}

// sane reports whether d is small enough to be written out.
func sane(d decimal.Decimal) bool {
	return d.Exponent() >= -maxDigits && int64(d.NumDigits())+int64(d.Exponent()) <= maxDigits
}
