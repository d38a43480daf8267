package waterfall

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The binary form of a state is that of a deal with many accounts: about sixty
// bytes an account where JSON takes three hundred. It begins with binaryMagic,
// then come the header as JSON, but for the flows of its classes, flags, the number of
// accounts, those flows, of which a long history has many, and the accounts in ascending
// order of ids.
const binaryMagic = "FHS2"

// The flags of the binary form.
const (
	flagUUIDs = 1 << iota // every id is a UUID in its canonical form, kept in 16 bytes
	flagRates             // some account has a preferred rate of its own
)

// AppendBinary appends the state, exactly, in a compact form that
// [State.UnmarshalBinary] reads. Equal states have equal bytes. It never fails.
func (s *State) AppendBinary(b []byte) ([]byte, error) {
	return s.appendBinary(b, func(int, int) {})
}

// appendBinary is AppendBinary that says where each account begins.
func (s *State) appendBinary(b []byte, begins func(account, at int)) ([]byte, error) {
	h := s.Header()
	flows := appendFlows(nil, &h)
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	r := s.roster
	if r == nil {
		r = &roster{}
	}
	ids, flags := binaryIDs(r.ids), byte(0)
	if ids != nil {
		flags |= flagUUIDs
	}
	if r.rate != nil {
		flags |= flagRates
	}
	first := len(b)
	b = slices.Grow(b, len(head)+len(flows)+80*len(r.ids)+32)
	b = append(b, binaryMagic...)
	b = binary.AppendUvarint(b, uint64(len(head)))
	b = append(b, head...)
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(len(r.ids)))
	b = append(b, flows...)
	order := s.columnOrder()
	for i, text := range r.ids {
		begins(i, len(b)-first)
		if ids != nil {
			b = append(b, ids[i][:]...)
		} else {
			b = binary.AppendUvarint(b, uint64(len(text)))
			b = append(b, text...)
		}
		b = binary.AppendUvarint(b, uint64(r.class[i]))
		b = append(b, r.treat[i])
		if r.rate != nil {
			b = binary.AppendVarint(b, r.rate[i])
		}
		b = s.appendBalances(b, i, order)
	}
	return b, nil
}

// byTreatment are the flows of a class in the order of the treatments.
func (c *ClassHeader) byTreatment() [treatments]*[]Flow {
	return [treatments]*[]Flow{treatCharged: &c.Charged, treatSponsor: &c.Sponsor, treatWaived: &c.Waived, treatLoan: &c.Loan}
}

// appendFlows takes the flows of the classes out of a header and appends them.
func appendFlows(b []byte, h *Header) []byte {
	for i := range h.Classes {
		for _, flows := range h.Classes[i].byTreatment() {
			b = binary.AppendUvarint(b, uint64(len(*flows)))
			var last date.Date
			for _, f := range *flows {
				for _, n := range [...]int64{int64(f.Date.Sub(last)), f.In.Cents(), f.Out.Cents()} {
					b = binary.AppendVarint(b, n)
				}
				last = f.Date
			}
			*flows = nil
		}
	}
	return b
}

// flows reads the flows of the classes into a header.
func (d *decoder) flows(h *Header) {
	for i := range h.Classes {
		for _, flows := range h.Classes[i].byTreatment() {
			n := d.count()
			if len(*flows) > 0 || n > len(d.b)/3 {
				d.fail()
				return
			}
			*flows = make([]Flow, n)
			var last date.Date
			for k := range *flows {
				f := &(*flows)[k]
				day, in, out := d.varint(), d.varint(), d.varint()
				var errs [3]error
				f.Date, errs[0] = date.FromDays(last.Days() + int(day))
				f.In, errs[1] = money.FromCents(in)
				f.Out, errs[2] = money.FromCents(out)
				if errors.Join(errs[:]...) != nil {
					d.fail()
					return
				}
				last = f.Date
			}
		}
	}
}

// MarshalBinary is [State.AppendBinary] to a new slice.
func (s *State) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

func (s *State) appendBalances(b []byte, i int, order []int) []byte {
	for _, n := range [...]int64{s.acc.contributed[i], s.acc.unreturned[i], s.acc.distributed[i]} {
		b = binary.AppendVarint(b, n)
	}
	b = s.acc.a[i].AppendBytes(s.acc.c[i].AppendBytes(b))
	for k := range s.hurdles {
		b = s.hurdles[k].balance[i].AppendBytes(b)
		b = binary.AppendVarint(b, int64(s.hurdles[k].anchor[i]))
	}
	for _, k := range order {
		b = s.cols[k].v[i].AppendBytes(b)
	}
	if s.inv != nil {
		b = s.inv.out[i].AppendBytes(s.inv.in[i].AppendBytes(b))
	}
	return b
}

// binaryIDs returns the ids as UUIDs, or nil when one of them is none.
func binaryIDs(ids []string) []id.Of[Partner] {
	out := make([]id.Of[Partner], len(ids))
	for i, text := range ids {
		u, err := id.Parse[Partner](text)
		if err != nil || u.String() != text {
			return nil
		}
		out[i] = u
	}
	return out
}

// UnmarshalBinary reads what [State.AppendBinary] wrote. Anything else is
// [ErrStateMalformed].
func (s *State) UnmarshalBinary(b []byte) error {
	d := decoder{b: b}
	h, flags, n, err := d.head()
	if err != nil {
		return err
	}
	if n > len(d.b)/8 { // an account has more than eight bytes
		return ErrStateMalformed.With("it is cut off")
	}
	r, rows, err := d.roster(h, flags, n)
	if err != nil {
		return err
	}
	out, err := h.filled(r, rows)
	if err != nil {
		return err
	}
	if err := out.check(); err != nil {
		return err
	}
	*s = *out
	return nil
}

// head reads all that comes before the accounts: the header, the flags and how many there
// are.
func (d *decoder) head() (*Header, byte, int, error) {
	if d.text(len(binaryMagic)) != binaryMagic {
		return nil, 0, 0, ErrStateMalformed.With("it does not begin as a state does")
	}
	var h Header
	if err := json.Unmarshal([]byte(d.text(d.count())), &h); err != nil {
		return nil, 0, 0, ErrStateMalformed.Because(err)
	}
	flags := d.byte()
	n := d.varcount(math.MaxInt32)
	if d.bad || flags&^(flagUUIDs|flagRates) != 0 {
		return nil, 0, 0, ErrStateMalformed.With("it is cut off")
	}
	d.flows(&h)
	if d.bad {
		return nil, 0, 0, ErrStateMalformed.With("flows that cannot be read")
	}
	return &h, flags, n, nil
}

// filled is the state of a header with the balances of its accounts, each read from the
// bytes of its own.
func (h *Header) filled(r *roster, rows [][]byte) (*State, error) {
	out, err := h.state(r)
	if err != nil {
		return nil, err
	}
	order, d := out.columnOrder(), decoder{}
	for i := range rows {
		d.b = rows[i]
		d.balances(out, i, order)
	}
	if d.bad {
		return nil, ErrStateMalformed.With("a balance cannot be read")
	}
	return out, nil
}
