package movie_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/properties/media/movie"
)

// secret is what a camera writes and nobody else is to read.
const secret = "+39.9612-082.9988/"

// box is one of the boxes of a video.
func box(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), name...), body...)
}

// wideBox is one with a length of eight bytes.
func wideBox(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	b := append(binary.BigEndian.AppendUint32(nil, 1), name...)
	return append(binary.BigEndian.AppendUint64(b, uint64(len(body)+16)), body...)
}

// words are numbers of four bytes each.
func words(list ...uint32) (b []byte) {
	for _, n := range list {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return b
}

// track is one of a video to be: its samples lie in chunks.
type track struct {
	id      uint32
	handler string
	codec   string
	samples [][]string // by chunk
	extra   []byte     // more boxes
	equal   bool       // the samples have one size
	wide    bool       // places have eight bytes
}

// trak is the track whose chunks begin where offsets says.
func (t track) trak(offsets []uint32) []byte {
	var sizes, runs []uint32
	for i, c := range t.samples {
		runs = append(runs, uint32(i+1), uint32(len(c)), 1)
		for _, s := range c {
			sizes = append(sizes, uint32(len(s)))
		}
	}
	stsz := words(append([]uint32{0, 0, uint32(len(sizes))}, sizes...)...)
	if t.equal {
		stsz = words(0, sizes[0], uint32(len(sizes)))
	}
	places := box("stco", words(append([]uint32{0, uint32(len(offsets))}, offsets...)...))
	if t.wide {
		b := words(0, uint32(len(offsets)))
		for _, o := range offsets {
			b = append(b, words(0, o)...)
		}
		places = box("co64", b)
	}
	stbl := box("stbl", box("stsd", words(0, 1), box(t.codec, make([]byte, 78))), box("stts", words(0, 0)),
		box("stsc", words(append([]uint32{0, uint32(len(t.samples))}, runs...)...)), box("stsz", stsz), places, box("Xtra", []byte(secret)))
	hdlr := box("hdlr", words(0, 0), []byte(t.handler), make([]byte, 12), []byte("Camera "+secret+"\x00"))
	return box("trak", box("tkhd", words(7, 0xe1111111, 0xe2222222, t.id), make([]byte, 68)), box("udta", box("\xa9xyz", []byte(secret))), t.extra,
		box("mdia", box("mdhd", words(0, 0xe1111111, 0xe2222222, 600, 600, 0)), hdlr,
			box("minf", box("vmhd", words(1, 0, 0)), box("dinf", box("dref", words(0, 1), box("url ", words(1)))), stbl)))
}

// film is a video with its samples before its description, or behind it.
func film(t *testing.T, descriptionFirst bool, more []byte, tracks ...track) []byte {
	t.Helper()
	head := bytes.Join([][]byte{box("ftyp", []byte("qt  \x00\x00\x00\x00qt  ")), box("free", []byte(secret)), box("uuid", []byte("0123456789abcdef"+secret)), box("wide")}, nil)
	media, offsets := []byte("between "+secret), make([][]uint32, len(tracks))
	for c := 0; ; c++ {
		before := len(media)
		for i, tr := range tracks {
			if c < len(tr.samples) {
				offsets[i] = append(offsets[i], uint32(len(media)))
				media = append(media, strings.Join(tr.samples[c], "")...)
			}
		}
		if len(media) == before {
			break
		}
		media = append(media, "gap "+secret...)
	}
	moov := func(shift uint32) []byte {
		parts := [][]byte{box("mvhd", words(0, 0xe1111111, 0xe2222222, 600, 600), make([]byte, 80)), more}
		for i, tr := range tracks {
			var at []uint32
			for _, o := range offsets[i] {
				at = append(at, o+shift)
			}
			parts = append(parts, tr.trak(at))
		}
		parts = append(parts, box("udta", box("\xa9xyz", []byte(secret)), words(0)), box("meta", box("keys", []byte("com.apple.quicktime.location.ISO6709")), box("ilst", []byte(secret))))
		return box("moov", parts...)
	}
	mdat := wideBox("mdat", media)
	if descriptionFirst {
		n := uint32(len(head) + len(moov(0)) + 16)
		return bytes.Join([][]byte{head, moov(n), mdat, box("GPS ", []byte(secret))}, nil)
	}
	return bytes.Join([][]byte{head, mdat, moov(uint32(len(head) + 16)), box("XMP_", []byte(secret))}, nil)
}

// clean reads a video and takes out of it what it tells.
func clean(t *testing.T, file []byte) (*movie.Movie, []byte) {
	t.Helper()
	m, err := movie.Read(iotest.OneByteReader(bytes.NewReader(file)), int64(len(file)))
	require.NoError(t, err)
	out, err := io.ReadAll(m.Without(iotest.HalfReader(bytes.NewReader(file))))
	require.NoError(t, err)
	return m, out
}

func pictures() track {
	return track{id: 1, handler: "vide", codec: "avc1", samples: [][]string{{"picture-one", "picture-two!"}, {"picture-three"}}}
}

func sound() track {
	return track{id: 2, handler: "soun", codec: "mp4a", samples: [][]string{{"sound-1", "sound-2."}, {"sound-3"}}}
}

// What is played stays where it is, byte for byte, and all else that the file told is gone:
// from the movie, from each track, from tracks of places, and from between the samples.
func TestRead(t *testing.T) {
	t.Parallel()
	places := track{id: 3, handler: "meta", codec: "mebx", samples: [][]string{{secret, secret}, {secret}}, extra: box("tref", box("cdsc", words(1)))}
	drone := track{id: 4, handler: "text", codec: "tx3g", samples: [][]string{{"GPS " + secret}}}
	cover := track{id: 5, handler: "vide", codec: "jpeg", samples: [][]string{{"\xff\xd8Exif" + secret}}}
	chapters := pictures()
	chapters.extra = box("tref", box("chap", words(4)))
	wide := sound()
	wide.wide = true
	equal := track{id: 2, handler: "soun", codec: "sowt", samples: [][]string{{"s1s1", "s2s2"}, {"s3s3"}}, equal: true}
	for what, tracks := range map[string][]track{
		"a phone's": {pictures(), sound(), places}, "a drone's": {chapters, drone}, "with a cover": {cover, pictures(), wide}, "of raw sound": {pictures(), equal, places, drone},
	} {
		for _, first := range []bool{false, true} {
			file := film(t, first, box("gps ", []byte(secret)), tracks...)
			require.GreaterOrEqual(t, bytes.Count(file, []byte(secret)), 10, what)
			m, out := clean(t, file)
			require.False(t, m.Clean())
			require.Len(t, out, len(file), "no byte moves")
			for _, left := range []string{secret, "39.96", "ISO6709", "\xa9xyz", "meta", "mebx", "tx3g", "jpeg", "udta", "chap", "Camera", "\xe1\x11\x11\x11", "\xe2\x22\x22\x22"} {
				if what == "of raw sound" && (left == secret || left == "39.96") {
					continue // a chunk of it lasts until the next begins
				}
				require.NotContains(t, string(out), left, what)
			}
			for _, tr := range tracks {
				stays := tr.handler == "soun" || tr.codec == "avc1"
				for _, chunk := range tr.samples {
					at := bytes.Index(file, []byte(strings.Join(chunk, "")))
					require.Equal(t, stays, bytes.Equal(out[at:at+len(strings.Join(chunk, ""))], file[at:at+len(strings.Join(chunk, ""))]), "%s: %s", what, tr.handler)
				}
			}
			_, twice := clean(t, out)
			require.Equal(t, out, twice, "nothing more is found")
		}
	}
	// In raw sound what lies behind a chunk may be part of it; what is in boxes is gone.
	_, out := clean(t, film(t, true, nil, pictures(), equal))
	require.Equal(t, 2, bytes.Count(out, []byte(secret)))
}

// The boxes of a video still say what they said: their lengths, tables and places.
func TestRead_stillAVideo(t *testing.T) {
	t.Parallel()
	file := film(t, true, nil, pictures(), sound())
	_, out := clean(t, file)
	for _, name := range []string{"ftyp", "moov", "mvhd", "trak", "tkhd", "mdia", "mdhd", "hdlr", "minf", "stbl", "stsd", "avc1", "mp4a", "stsc", "stsz", "stco", "mdat"} {
		require.Equal(t, bytes.Count(file, []byte(name)), bytes.Count(out, []byte(name)), name)
		require.Equal(t, bytes.Index(file, []byte(name)), bytes.Index(out, []byte(name)), name)
	}
}

// fragments is a video in fragments, with a track of places.
func fragments(absolute bool) []byte {
	trak := func(id uint32, handler, codec string) []byte {
		return track{id: id, handler: handler, codec: codec}.trak(nil)
	}
	file := bytes.Join([][]byte{box("ftyp", []byte("iso5\x00\x00\x00\x00iso5")), box("moov", box("mvhd", words(0, 0, 0, 600, 600), make([]byte, 80)), trak(1, "vide", "avc1"), trak(2, "meta", "gpmd"),
		box("mvex", box("trex", words(0, 1, 1, 1, 5, 0)), box("trex", words(0, 2, 1, 1, uint32(len(secret)), 0))))}, nil)
	for range 2 {
		at := uint32(len(file))
		moof := func(data uint32) []byte {
			pictures := box("traf", box("tfhd", words(0x020000, 1)), box("trun", words(0x000201, 2, data, 4, 6)), box("trun", words(0, 1)))
			if absolute {
				pictures = box("traf", box("tfhd", words(0x000001, 1, 0, at+data)), box("trun", words(0x000201, 2, 0, 4, 6)), box("trun", words(0, 1)))
			}
			return box("moof", box("mfhd", words(0, 1)), pictures, box("traf", box("tfhd", words(0x020000, 2)), box("trun", words(1, 1, data+15))), box("udta", []byte(secret)))
		}
		file = append(file, moof(uint32(len(moof(0)))+8)...)
		file = append(file, box("mdat", []byte("four"+"sixsix"+"five5"+secret+"rest "+secret))...)
	}
	return file
}

func TestRead_fragments(t *testing.T) {
	t.Parallel()
	for _, absolute := range []bool{false, true} {
		file := fragments(absolute)
		_, out := clean(t, file)
		require.Len(t, out, len(file))
		require.NotContains(t, string(out), secret)
		require.Equal(t, 2, strings.Count(string(out), "foursixsixfive5"))
		require.Equal(t, 2, strings.Count(string(out), "traf"))
	}
}

// What is no video, is damaged, encrypted or elsewhere is refused, whatever its boxes say of
// their length; nothing panics, and nobody waits long.
func TestRead_refused(t *testing.T) {
	t.Parallel()
	whole := film(t, false, nil, pictures(), sound())
	swap := func(from, to string) []byte {
		require.Contains(t, string(whole), from)
		return bytes.ReplaceAll(whole, []byte(from), []byte(to))
	}
	many := append(box("ftyp", []byte("isom")), bytes.Repeat(box("evil"), 1_100_000)...)
	stz := bytes.Index(whole, []byte("stsz"))
	huge := bytes.Clone(whole)
	copy(huge[stz+4:], words(0, 0xffffffff, 0xffffffff))
	for what, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":         {nil, movie.ErrUnreadable},
		"a picture":       {[]byte("\xff\xd8\xff\xe0 and more of that"), movie.ErrUnreadable},
		"no samples":      {box("ftyp", []byte("isom")), movie.ErrUnreadable},
		"no pictures":     {film(t, false, nil, sound()), movie.ErrUnreadable},
		"single pictures": {film(t, false, nil, track{id: 1, handler: "vide", codec: "mjpa", samples: [][]string{{"x"}}}), movie.ErrUnreadable},
		"twice the track": {film(t, false, nil, pictures(), pictures()), movie.ErrUnreadable},
		"two movies":      {append(bytes.Clone(whole), whole...), movie.ErrUnreadable},
		"encrypted":       {swap("Xtra", "saio"), movie.ErrUnreadable},
		"another file":    {swap("url \x00\x00\x00\x01", "url \x00\x00\x00\x00"), movie.ErrUnreadable},
		"packed":          {swap("moov", "cmov"), movie.ErrUnreadable},
		"small sizes":     {swap("stsz", "stz2"), movie.ErrUnreadable},
		"huge sizes":      {huge, movie.ErrUnreadable},
		"many boxes":      {many, movie.ErrTooLarge},
		"a long head":     {append(box("ftyp", []byte("isom")), box("moov", make([]byte, 33<<20))...), movie.ErrTooLarge},
		"a wide length":   {append(words(1), append([]byte("mdat"), words(0xffffffff, 0xffffffff)...)...), movie.ErrUnreadable},
	} {
		_, err := movie.Read(bytes.NewReader(c.file), int64(len(c.file)))
		require.ErrorIs(t, err, c.want, what)
	}
	for n := range bytes.Index(whole, []byte("XMP_")) - 4 { // a whole one from there on
		_, err := movie.Read(bytes.NewReader(whole[:n]), int64(n))
		require.ErrorIs(t, err, movie.ErrUnreadable, n)
		_, err = movie.Read(bytes.NewReader(whole[:n]), int64(len(whole)))
		require.ErrorIs(t, err, movie.ErrUnreadable, n)
	}
	_, err := movie.Read(bytes.NewReader(whole), int64(len(whole))-1)
	require.Error(t, err)
	broken := errors.New("the disk")
	_, err = movie.Read(io.MultiReader(bytes.NewReader(whole[:100]), iotest.ErrReader(broken)), int64(len(whole)))
	require.ErrorIs(t, err, broken)
	_, err = movie.Read(nil, 0)
	require.ErrorIs(t, err, movie.ErrUnreadable)
}

// Whatever byte is wrong, a video is refused or comes out as long as it was, and nothing panics.
func TestRead_anyByte(t *testing.T) {
	t.Parallel()
	for _, whole := range [][]byte{film(t, true, nil, pictures(), sound()), fragments(true)} {
		read := 0
		for range 20_000 {
			file := bytes.Clone(whole)
			for range 1 + rand.IntN(3) {
				file[rand.IntN(len(file))] = byte(rand.Uint32())
			}
			m, err := movie.Read(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				continue
			}
			read++
			out, err := io.ReadAll(m.Without(bytes.NewReader(file)))
			require.NoError(t, err)
			require.Len(t, out, len(file))
		}
		require.Positive(t, read)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(fragments(false))
	f.Add(box("ftyp", []byte("isom")))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := movie.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		out, err := io.ReadAll(m.Without(bytes.NewReader(file)))
		require.NoError(t, err)
		require.Len(t, out, len(file))
	})
}
