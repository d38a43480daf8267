package movie

import "encoding/binary"

// fragment reads the description of a fragment that begins at start.
func (p part) fragment(start int64) error {
	if !p.r.seen {
		return ErrUnreadable
	}
	end := start // of what the track before has
	return p.each([]string{"mfhd", "traf"}, func(c child) error {
		if c.name == "mfhd" {
			return nil
		}
		f := &fragment{r: p.r, start: start, end: end}
		before := len(p.r.edits)
		err := c.each([]string{"tfhd", "tfdt", "trun", "sbgp", "sgpd", "saio"}, f.read)
		if end = f.end; err == nil && f.track == nil {
			p.r.edits = p.r.edits[:before]
			c.gone()
		}
		return err
	})
}

// fragment is what one track has in a fragment.
type fragment struct {
	r      *reading
	start  int64 // of the fragment
	base   int64 // from which places are counted
	end    int64 // of the samples so far
	size   uint32
	headed bool
	track  *track // nil: one that goes
}

func (f *fragment) read(c child) error {
	switch c.name {
	case "tfhd":
		return f.head(c)
	case "trun":
		return f.run(c)
	case "saio":
		return ErrUnreadable // encrypted
	}
	return nil
}

// head reads of which track it is, and what its samples have in common.
func (f *fragment) head(c child) error {
	t, known := f.r.tracks[c.u32(4)]
	if !known || f.headed || len(c.b) < 8 {
		return ErrUnreadable
	}
	f.headed, f.track, f.base = true, t, f.end
	if t != nil {
		f.size = t.usual
	}
	flags, at := c.u32(0), 8
	if flags&0x1 != 0 {
		if at+8 > len(c.b) {
			return ErrUnreadable
		}
		f.base = int64(binary.BigEndian.Uint64(c.b[at:]))
		at += 8
	} else if flags&0x20000 != 0 {
		f.base = f.start
	}
	f.end = f.base
	for _, bit := range []uint32{0x2, 0x8} {
		if flags&bit != 0 {
			at += 4
		}
	}
	if flags&0x10 != 0 {
		f.size = c.u32(at)
	}
	return nil
}

// run reads where some samples are.
func (f *fragment) run(c child) error {
	if !f.headed || len(c.b) < 8 {
		return ErrUnreadable
	}
	flags, n, at := c.u32(0), int64(c.u32(4)), 8
	from := f.end
	if flags&0x1 != 0 {
		from = f.base + int64(int32(c.u32(at)))
		at += 4
	}
	if flags&0x4 != 0 {
		at += 4
	}
	width, place := 0, 0
	for _, bit := range []uint32{0x100, 0x200, 0x400, 0x800} {
		if bit == 0x200 {
			place = width
		}
		if flags&bit != 0 {
			width += 4
		}
	}
	length := n * int64(f.size)
	if flags&0x200 != 0 {
		if n*int64(width) > int64(len(c.b)-at) {
			return ErrUnreadable
		}
		length = 0
		for i := range int(n) {
			length += int64(c.u32(at + i*width + place))
		}
	}
	f.end = from + length
	if f.track == nil {
		return nil
	}
	return f.r.keep(from, length)
}
