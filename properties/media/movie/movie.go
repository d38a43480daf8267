package movie

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of videos.
var (
	// ErrUnreadable: the file is no video of the kinds that are read, or is damaged.
	ErrUnreadable = fault.New(fault.Invalid, "movie_unreadable", "the file is no MP4 or MOV that is read").On("content")
	// ErrTooLarge: what describes the video is longer than is read.
	ErrTooLarge = fault.New(fault.Invalid, "movie_too_large", "the video's description is larger than is read").On("content")
)

const (
	// maxHead is the length of the longest box that is read whole, maxSpans how many runs of
	// samples a video has at most, and maxEdits how many places to overwrite.
	maxHead  = 32 << 20
	maxSpans = 4_000_000
	maxEdits = 1_000_000
)

// span is bytes of a file, from one place up to another.
type span struct{ from, to int64 }

// edit overwrites bytes of a file: with a few, or with zeros.
type edit struct {
	span
	with []byte
}

// Movie is what has to be taken out of a file.
type Movie struct {
	edits []edit
	size  int64
}

// Clean reports whether nothing has to be taken out.
func (m *Movie) Clean() bool { return len(m.edits) == 0 }

// Without is the bytes of the file that was read, which file gives out again from the first,
// without what is taken out.
func (m *Movie) Without(file io.Reader) io.Reader { return &cleaner{file: file, left: m.edits} }

type cleaner struct {
	file io.Reader
	at   int64
	left []edit
}

func (c *cleaner) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	end := c.at + int64(n)
	for len(c.left) > 0 && c.left[0].from < end {
		e := c.left[0]
		for i := max(e.from, c.at); i < min(e.to, end); i++ {
			p[i-c.at] = 0
			if e.with != nil {
				p[i-c.at] = e.with[i-e.from]
			}
		}
		if e.to > end {
			break // the rest of it comes with the next bytes
		}
		c.left = c.left[1:]
	}
	c.at = end
	return n, err
}

// Read reads a video of size bytes to its end, and says what has to be taken out. Only what
// describes the video is in memory. It returns [ErrUnreadable], [ErrTooLarge], or the error of
// file.
func Read(file io.Reader, size int64) (*Movie, error) {
	if file == nil {
		return nil, ErrUnreadable
	}
	r := &reading{file: file, size: size, tracks: map[uint32]*track{}}
	for r.at < size && !r.over {
		if err := r.box(); err != nil {
			return nil, err
		}
	}
	if r.over {
		return nil, ErrTooLarge
	}
	switch n, err := file.Read(make([]byte, 1)); {
	case n > 0:
		return nil, ErrUnreadable // more than there is
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	}
	if err := r.gaps(); err != nil {
		return nil, err
	}
	if r.over {
		return nil, ErrTooLarge
	}
	slices.SortFunc(r.edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	return &Movie{r.edits, size}, nil
}

// reading is a file that is read from its first byte to its last.
type reading struct {
	file   io.Reader
	size   int64
	at     int64
	edits  []edit
	tracks map[uint32]*track // nil: one that goes
	media  []span            // where samples may be
	kept   []span            // where those are that stay
	loose  []span            // and where they begin whose end is that of where samples may be, at most
	starts []int64           // of the chunks of all tracks
	seen   bool              // the description
	over   bool              // there is more than a video has
}

// full is io.ReadFull, to which a file that ends early is damaged.
func (r *reading) full(b []byte) error {
	n, err := io.ReadFull(r.file, b)
	r.at += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrUnreadable
	}
	return err
}

// skip passes bytes over.
func (r *reading) skip(n int64) error {
	got, err := io.CopyN(io.Discard, r.file, n)
	r.at += got
	if errors.Is(err, io.EOF) {
		return ErrUnreadable
	}
	return err
}

// box reads one of the boxes that a file is made of.
func (r *reading) box() error {
	start, head := r.at, make([]byte, 16)
	if r.size-start < 8 {
		return ErrUnreadable
	}
	if err := r.full(head[:8]); err != nil {
		return err
	}
	length := int64(binary.BigEndian.Uint32(head))
	switch {
	case length == 1:
		if err := r.full(head[8:16]); err != nil {
			return err
		}
		length = int64(binary.BigEndian.Uint64(head[8:])) // below zero where it is too much
	case length == 0:
		length = r.size - start // up to the end
	}
	body := span{r.at, start + length}
	if length < r.at-start || length > r.size-start {
		return ErrUnreadable
	}
	switch name := string(head[4:8]); name {
	case "ftyp", "styp", "sidx", "ssix", "mfra", "pdin":
	case "mdat":
		r.media = append(r.media, body)
		r.over = r.over || len(r.media) > maxEdits
	case "moov", "moof":
		return r.described(name, start, body)
	case "free", "skip", "wide":
		r.zero(body)
	default:
		r.free(start + 4)
		r.zero(body)
	}
	return r.skip(body.to - body.from)
}

// described reads a box that says where samples are.
func (r *reading) described(name string, start int64, body span) error {
	if body.to-body.from > maxHead {
		return ErrTooLarge
	}
	b := make([]byte, body.to-body.from)
	if err := r.full(b); err != nil {
		return err
	}
	p := part{r, b, body.from}
	if name == "moof" {
		return p.fragment(start)
	}
	if r.seen {
		return ErrUnreadable // which of the two is played, nobody knows
	}
	r.seen = true
	return p.movie()
}

func (r *reading) zero(s span) {
	if s.to > s.from {
		r.edit(edit{span: s})
	}
}

// free names a box free space, whose name begins at a place.
func (r *reading) free(at int64) { r.edit(edit{span{at, at + 4}, free}) }

// free is what free space is called.
var free = []byte("free")

func (r *reading) edit(e edit) {
	if len(r.edits) >= maxEdits {
		r.over = true
		return
	}
	r.edits = append(r.edits, e)
}

// keep notes where samples are that stay.
func (r *reading) keep(from, length int64) error {
	switch {
	case from < 0 || length < 0 || length > r.size || from > r.size-length:
		return ErrUnreadable
	case length == 0:
		return nil
	}
	if n := len(r.kept); n > 0 && r.kept[n-1].to == from {
		r.kept[n-1].to += length
		return nil
	}
	if len(r.kept) >= maxSpans {
		return ErrTooLarge
	}
	r.kept = append(r.kept, span{from, from + length})
	return nil
}

// gaps takes out what lies between the samples that stay. A sample lies where samples may be.
func (r *reading) gaps() error {
	shown := false
	for _, t := range r.tracks {
		shown = shown || t != nil && t.handler == "vide"
	}
	for _, l := range r.loose {
		n, _ := slices.BinarySearchFunc(r.media, l.from, func(m span, at int64) int { return cmp.Compare(m.to, at+1) })
		if n < len(r.media) {
			l.to = min(l.to, r.media[n].to)
		}
		if err := r.keep(l.from, l.to-l.from); err != nil {
			return err
		}
	}
	if !shown || len(r.kept) == 0 {
		return ErrUnreadable
	}
	slices.SortFunc(r.kept, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	next := 0
	for _, m := range r.media {
		at := m.from
		for ; next < len(r.kept) && r.kept[next].from < m.to; next++ {
			k := r.kept[next]
			if k.from < m.from || k.to > m.to {
				return ErrUnreadable
			}
			r.zero(span{at, max(k.from, at)})
			at = max(at, k.to)
		}
		r.zero(span{at, m.to})
	}
	if next < len(r.kept) {
		return ErrUnreadable
	}
	return nil
}
