package movie

import (
	"bytes"
	"encoding/binary"
	"iter"
	"slices"
)

// part is a box that is in memory, or the inside of one.
type part struct {
	r  *reading
	b  []byte
	at int64 // in the file
}

// child is a box inside of another.
type child struct {
	name string
	part       // without its head
	head int64 // where its head is
}

// children are the boxes inside of a box; what is no box is an error.
func (p part) children() iter.Seq2[child, error] {
	return func(yield func(child, error) bool) {
		for at := int64(0); at < int64(len(p.b)); {
			rest := p.b[at:]
			if len(rest) < 8 {
				if bytes.Count(rest, []byte{0}) != len(rest) { // some writers end a list with zeros
					yield(child{}, ErrUnreadable)
				}
				return
			}
			length, head := int64(binary.BigEndian.Uint32(rest)), int64(8)
			if length == 1 && len(rest) >= 16 {
				length, head = int64(binary.BigEndian.Uint64(rest[8:])), 16
			}
			if length < head || length > int64(len(rest)) {
				yield(child{}, ErrUnreadable)
				return
			}
			if !yield(child{string(rest[4:8]), part{p.r, rest[head:length], p.at + at + head}, p.at + at}, nil) {
				return
			}
			at += length
		}
	}
}

// each goes over the boxes inside of a box. Those that are not known go.
func (p part) each(known []string, do func(c child) error) error {
	for c, err := range p.children() {
		if err == nil && slices.Contains(known, c.name) {
			err = do(c)
		} else if err == nil {
			c.gone()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gone takes a box out: it is free space of the same length then.
func (c child) gone() {
	if c.name != "free" {
		c.r.free(c.head + 4)
	}
	c.blank(0, len(c.b))
}

// blank overwrites some bytes of a box, as many as there are.
func (p part) blank(from, to int) {
	if to = min(to, len(p.b)); from < to && bytes.Count(p.b[from:to], []byte{0}) < to-from {
		p.r.zero(span{p.at + int64(from), p.at + int64(to)})
	}
}

// undated takes the times of creation and change out of a box that begins with them.
func (p part) undated() {
	if len(p.b) > 0 && p.b[0] == 1 {
		p.blank(4, 20)
		return
	}
	p.blank(4, 12)
}

// u32 is a number of a box, and 0 behind its end.
func (p part) u32(at int) uint32 {
	if at < 0 || at+4 > len(p.b) {
		return 0
	}
	return binary.BigEndian.Uint32(p.b[at:])
}

// table are the rows of a box, of so many bytes each, behind their number.
func (p part) table(at, width int) ([]byte, error) {
	n := int64(p.u32(at))
	if at+4 > len(p.b) || n*int64(width) > int64(len(p.b)-at-4) {
		return nil, ErrUnreadable
	}
	return p.b[at+4 : at+4+int(n)*width], nil
}
