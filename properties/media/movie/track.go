package movie

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
)

// track is one that stays.
type track struct {
	id      uint32
	handler string // what is in it: vide, soun, auxv (what shines through a vide)
	usual   uint32 // the size of a sample in a fragment that gives none

	sizes   []byte // of the samples, 4 bytes each; nil: all have the same
	size    uint32 // then
	samples uint32 // then
	runs    []byte // how many samples the chunks have
	chunks  []byte // where they begin
	wide    int    // how many bytes that is
	refers  []child
}

// played are the tracks that stay, and pictures the kinds of sample that are single pictures,
// which may tell their place themselves.
var (
	played   = []string{"vide", "soun", "auxv"}
	pictures = []string{"jpeg", "mjpa", "mjpb", "png ", "tiff"}
)

// movie reads the description of a video.
func (p part) movie() error {
	usual := map[uint32]uint32{}
	var goes []child
	err := p.each([]string{"mvhd", "trak", "mvex", "iods"}, func(c child) error {
		switch c.name {
		case "mvhd":
			c.undated()
		case "mvex":
			return c.each([]string{"mehd", "trex"}, func(x child) error {
				if x.name == "trex" {
					usual[x.u32(4)] = x.u32(16)
				}
				return nil
			})
		case "trak":
			before := len(p.r.edits)
			t, err := c.track()
			if err != nil {
				return err
			}
			if _, twice := p.r.tracks[t.id]; twice || t.id == 0 {
				return ErrUnreadable
			}
			if err := t.begins(p.r); err != nil {
				return err
			}
			if !slices.Contains(played, t.handler) {
				p.r.edits, p.r.tracks[t.id] = p.r.edits[:before], nil
				goes = append(goes, c)
				return nil
			}
			p.r.tracks[t.id] = t
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range goes {
		c.gone()
	}
	slices.Sort(p.r.starts)
	for _, t := range p.r.tracks {
		if t == nil {
			continue
		}
		t.usual = usual[t.id]
		t.unrefer(p.r)
		if err := t.spans(p.r); err != nil {
			return err
		}
	}
	return nil
}

// track reads one track.
func (p part) track() (*track, error) {
	t := &track{}
	stbl := []string{"stsd", "stts", "ctts", "cslg", "stsc", "stsz", "stz2", "stco", "co64", "stss", "stps", "stsh", "sdtp",
		"sbgp", "sgpd", "saio"}
	read := map[string]func(c child) error{
		"tkhd": func(c child) error {
			c.undated()
			if t.id = c.u32(12); len(c.b) > 0 && c.b[0] == 1 {
				t.id = c.u32(20)
			}
			return nil
		},
		"tref": func(c child) error { t.refers = append(t.refers, c); return nil },
		"mdhd": func(c child) error { c.undated(); return nil },
		"hdlr": func(c child) error {
			if len(c.b) >= 12 && t.handler == "" {
				t.handler = string(c.b[8:12])
			}
			c.blank(24, len(c.b)) // what the camera calls it
			return nil
		},
	}
	read["minf"] = func(c child) error {
		return c.each([]string{"vmhd", "smhd", "hmhd", "nmhd", "gmhd", "hdlr", "dinf", "stbl"}, func(x child) error {
			switch x.name {
			case "hdlr":
				x.blank(24, len(x.b))
			case "dinf":
				return x.each([]string{"dref"}, child.own)
			case "stbl":
				return x.each(stbl, t.table)
			}
			return nil
		})
	}
	read["mdia"] = func(c child) error {
		return c.each([]string{"mdhd", "hdlr", "minf", "elng"}, func(x child) error {
			if f := read[x.name]; f != nil {
				return f(x)
			}
			return nil
		})
	}
	err := p.each([]string{"tkhd", "tref", "edts", "mdia", "tapt", "clip", "matt", "load"}, func(c child) error {
		if f := read[c.name]; f != nil {
			return f(c)
		}
		return nil
	})
	return t, err
}

// rows are the boxes behind the number of them.
func (p part) rows() iter.Seq2[child, error] {
	from := min(8, len(p.b))
	return part{p.r, p.b[from:], p.at + int64(from)}.children()
}

// own refuses samples that are in another file, and takes its name out.
func (c child) own() error {
	for x, err := range c.rows() {
		if err != nil {
			return err
		}
		if x.u32(0)&1 == 0 || len(x.b) < 4 {
			return ErrUnreadable
		}
		x.blank(4, len(x.b))
	}
	return nil
}

// table reads one of the tables of the samples.
func (t *track) table(c child) (err error) {
	switch c.name {
	case "stsd":
		for x, err := range c.rows() {
			if err != nil {
				return err
			}
			if slices.Contains(pictures, x.name) {
				t.handler = "pict"
			}
		}
	case "stsc":
		t.runs, err = c.table(4, 12)
	case "stsz":
		if t.size, t.samples = c.u32(4), c.u32(8); t.size == 0 {
			t.sizes, err = c.table(8, 4)
		}
	case "stco":
		t.wide = 4
		t.chunks, err = c.table(4, 4)
	case "co64":
		t.wide = 8
		t.chunks, err = c.table(4, 8)
	case "stz2", "saio":
		return ErrUnreadable // sizes of less than a byte, and what is encrypted
	}
	return err
}

// chunk is where a chunk begins.
func (t *track) chunk(i int) int64 {
	if t.wide == 8 {
		return int64(min(binary.BigEndian.Uint64(t.chunks[i*8:]), math.MaxInt64))
	}
	return int64(binary.BigEndian.Uint32(t.chunks[i*4:]))
}

func (t *track) chunkCount() int {
	if t.wide == 0 {
		return 0
	}
	return len(t.chunks) / t.wide
}

// begins notes where the chunks of a track begin, whether it stays or not.
func (t *track) begins(r *reading) error {
	n := t.chunkCount()
	if len(r.starts)+n > maxSpans {
		return ErrTooLarge
	}
	for i := range n {
		r.starts = append(r.starts, t.chunk(i))
	}
	return nil
}

// unrefer takes out what a track says of tracks that go.
func (t *track) unrefer(r *reading) {
	for _, c := range t.refers {
		stays := true
		for x, err := range c.children() {
			for at := 0; err == nil && at+4 <= len(x.b); at += 4 {
				stays = stays && r.tracks[x.u32(at)] != nil
			}
			stays = stays && err == nil
		}
		if !stays {
			c.gone()
		}
	}
}

// spans notes where the samples of a track are. Those of a sound that all have one size are
// counted by other rules in old files: there a chunk lasts until the next of any track begins.
func (t *track) spans(r *reading) error {
	run, sample := 0, int64(0)
	for i := range t.chunkCount() {
		for (run+1)*12 < len(t.runs) && int64(binary.BigEndian.Uint32(t.runs[(run+1)*12:])) <= int64(i)+1 {
			run++
		}
		if (run+1)*12 > len(t.runs) {
			return ErrUnreadable
		}
		n, from := int64(binary.BigEndian.Uint32(t.runs[run*12+4:])), t.chunk(i)
		length := n * int64(t.size)
		switch {
		case t.sizes != nil:
			if n > int64(len(t.sizes)/4)-sample {
				return ErrUnreadable
			}
			for j := sample; j < sample+n; j++ {
				length += int64(binary.BigEndian.Uint32(t.sizes[j*4:]))
			}
		case t.handler == "soun":
			end := r.size
			if next, _ := slices.BinarySearch(r.starts, from+1); next < len(r.starts) {
				end = r.starts[next]
			}
			r.loose = append(r.loose, span{from, end})
			continue
		}
		sample += n
		if err := r.keep(from, length); err != nil {
			return err
		}
	}
	return nil
}
