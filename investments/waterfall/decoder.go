package waterfall

import (
	"encoding/binary"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/id"
)

// decoder reads the binary form. Once something is wrong it is bad, and reads
// zeros.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() { d.b, d.bad = nil, true }

func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.fail()
		return nil
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) text(n int) string { return string(d.take(n)) }

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// count reads a length, which is never more than what is left.
func (d *decoder) count() int {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return int(n)
}

func (d *decoder) varint() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) wide(limit uint64) wide.Int {
	x, rest, ok := wide.FromBytes(d.b)
	if !ok || !fits(x, limit) {
		d.fail()
		return wide.Int{}
	}
	d.b = rest
	return x
}

// roster reads who is in the deal. It returns where each account's balances
// begin.
func (d *decoder) roster(h *Header, flags byte, n int) (*roster, [][]byte, error) {
	partners, rows := make([]Partner, n), make([][]byte, n)
	text := strings.Builder{} // one string for all ids
	if flags&flagUUIDs != 0 {
		text.Grow(36 * n)
	}
	for i := range partners {
		partners[i], rows[i] = d.account(h, flags, &text)
		if d.bad || i > 0 && partners[i].ID <= partners[i-1].ID {
			return nil, nil, ErrStateMalformed.With("an account cannot be read")
		}
	}
	if len(d.b) > 0 {
		return nil, nil, ErrStateMalformed.With("it has another length")
	}
	r, err := newRoster(partners)
	if err != nil {
		return nil, nil, ErrStateMalformed.Because(err)
	}
	return r, rows, nil
}

// account reads whose the next account is, and passes over its balances, which begin
// where it says. Ids that are UUIDs are kept in text.
func (d *decoder) account(h *Header, flags byte, text *strings.Builder) (p Partner, balances []byte) {
	if flags&flagUUIDs != 0 {
		var u id.Of[Partner]
		copy(u[:], d.take(len(u)))
		text.WriteString(u.String())
		p.ID = text.String()[text.Len()-36:]
	} else {
		p.ID = d.text(d.count())
	}
	class, treat := d.varcount(len(h.Classes)), d.byte()
	if d.bad || treat >= treatments {
		d.fail()
		return p, nil
	}
	p.Class, p.Sponsor, p.PromoteWaived = h.Classes[class].Class, treat == treatSponsor, treat == treatWaived
	if treat == treatLoan {
		p.Kind = KindLoan
	}
	if flags&flagRates != 0 {
		if rate := d.varint(); rate != noRate {
			v := decimal.New(rate, -rateDecimals)
			p.PrefRate = &v
		}
	}
	balances = d.b
	d.skipBalances(len(h.HurdleRates), len(h.Columns), h.HurdleMultiple)
	return p, balances
}

// varcount reads an index below n.
func (d *decoder) varcount(n int) int {
	v, size := binary.Uvarint(d.b)
	if size <= 0 || v >= uint64(n) {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return int(v)
}

// skipBalances passes over an account's balances.
func (d *decoder) skipBalances(hurdles, cols int, flows bool) {
	number := func() { d.take(1 + int(d.peek()&0x7f)) }
	for range 3 {
		d.varint()
	}
	number()
	number()
	for range hurdles {
		number()
		d.varint()
	}
	for range cols {
		number()
	}
	if flows {
		number()
		number()
	}
}

func (d *decoder) peek() byte {
	if len(d.b) == 0 {
		return 0
	}
	return d.b[0]
}

// balances reads an account's balances into their place.
func (d *decoder) balances(s *State, i int, order []int) {
	s.acc.contributed[i], s.acc.unreturned[i], s.acc.distributed[i] = d.varint(), d.varint(), d.varint()
	s.acc.c[i], s.acc.a[i] = d.wide(limitLimb(1)), d.wide(limitLimb(s.den(i)))
	for k := range s.hurdles {
		h := &s.hurdles[k]
		day := int64(0)
		h.balance[i], day = d.wide(limitLimb(1)), d.varint()
		if day < 0 || day > int64(s.asOf.Days()) {
			d.fail()
			return
		}
		h.anchor[i] = int32(day)
	}
	for _, k := range order {
		v := d.wide(s.cols[k].limit())
		if s.cols[k].per == 0 && v != wide.FromInt64(v.Int64()) {
			d.fail()
			return
		}
		s.cols[k].v[i] = v
	}
	if s.inv != nil {
		s.inv.in[i], s.inv.out[i] = d.wide(limitLimb(1)), d.wide(limitLimb(1))
	}
}
