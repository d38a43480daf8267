package wide

import "encoding/binary"

// AppendBytes appends x in as few bytes as it has: one that holds its sign and
// their number, then its magnitude, most significant byte first.
func (x Int) AppendBytes(b []byte) []byte {
	mag, neg := x.Abs()
	var all [32]byte
	binary.BigEndian.PutUint64(all[0:], mag.d)
	binary.BigEndian.PutUint64(all[8:], mag.c)
	binary.BigEndian.PutUint64(all[16:], mag.b)
	binary.BigEndian.PutUint64(all[24:], mag.a)
	n := (mag.bitLen() + 7) / 8
	head := byte(n)
	if neg {
		head |= 0x80
	}
	return append(append(b, head), all[32-n:]...)
}

// FromBytes reads what AppendBytes wrote, and returns the rest of b. It reports
// whether there was such a number.
func FromBytes(b []byte) (x Int, rest []byte, ok bool) {
	if len(b) == 0 {
		return x, b, false
	}
	n, neg := int(b[0]&0x7f), b[0]&0x80 != 0
	if b = b[1:]; n > 32 || len(b) < n || n > 0 && b[0] == 0 || n == 0 && neg {
		return x, b, false
	}
	var all [32]byte
	copy(all[32-n:], b[:n])
	x = Int{binary.BigEndian.Uint64(all[24:]), binary.BigEndian.Uint64(all[16:]), binary.BigEndian.Uint64(all[8:]), binary.BigEndian.Uint64(all[0:])}
	if x.IsNeg() {
		return Int{}, b, false
	}
	if neg {
		x = x.Neg()
	}
	return x, b[n:], true
}
