package picture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/properties/media/picture"
)

var (
	red   = color.NRGBA{220, 20, 20, 255}
	green = color.NRGBA{20, 200, 20, 255}
	blue  = color.NRGBA{20, 20, 220, 255}
	white = color.NRGBA{250, 250, 250, 255}
)

// quarters is a picture of four colors: red, green, and below them blue, white.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, [2][2]color.NRGBA{{red, green}, {blue, white}}[2*y/h][2*x/w])
		}
	}
	return m
}

// secret is what a camera writes and nobody else is to read.
const secret = "GPS 39.9612 N 82.9988 W, serial 12345"

// exif is the EXIF of an orientation, in an order of bytes, with a secret behind it.
func exif(orientation uint16, little bool) []byte {
	var order binary.AppendByteOrder = binary.BigEndian
	b := []byte("MM\x00*")
	if little {
		order, b = binary.LittleEndian, []byte("II*\x00")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x0110, 1}, {0x0112, orientation}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	return append(b, secret...)
}

func asJPEG(t *testing.T, m image.Image, orientation uint16, little bool) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	body := append([]byte("Exif\x00\x00"), exif(orientation, little)...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	comment := append([]byte{0xff, 0xfe, 0, byte(len(secret) + 2)}, secret...)
	return bytes.Join([][]byte{b.Bytes()[:2], segment, body, comment, b.Bytes()[2:]}, nil)
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func asPNG(t *testing.T, m image.Image, orientation uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	const head = 8 + 25 // the signature and the first chunk
	return bytes.Join([][]byte{b.Bytes()[:head], chunk("eXIf", exif(orientation, false)), chunk("tEXt", []byte("Comment\x00"+secret)), b.Bytes()[head:]}, nil)
}

// drawing is a WebP of 75 by 100 points, out of the tests of golang.org/x/image.
const drawing = "UklGRrIBAABXRUJQVlA4TKUBAAAvSsAYAA8w//M///MfeJAkbXvaSG7m8Q3GfYSBJekwQztm/IcZlgwnmWImn2BK7aFmBtnVir6q" +
	"//8VOkFE/xm4baTIu8c48ArEo6+B3zFKYln3pqClSCKX0begFTAXFOLXHSyF8cCNcZEG4OywuA4KVVfJCiArU7GAgJI8+lJP/OKM" +
	"T/fBAjevg1cYB7YVkFuWga2lyPi5I0HFy5YTpWIHg0RZpkniRVW9odHAKOwosWuOGdxIyn2OvaCDvhg/we6TwadPBPbqBV58MsLm" +
	"MJ8yZnOWk8SRz4N+QoyPL+MnamzMvcE1rHNEr91F9GKZPVUcS9w7PhhH36suB9qPeYb/oLk6cuTiJ0wOK3m5h1cKjW6EVZCYMK7d" +
	"xcKCBdgP9HkKr9gkAO2P8GKZGWVdIAatQa+1IDpt6qyorVwdy01xdW8Jkfk6xjEXmVQQ+HQdFr6OKhIN34dXWq0+0qr6EJSCeeVL" +
	"H9+gvGTLyqM65PQ44ihzlTXxQKjKbAvshXgir7Lil9w4L2bvMycmjQcqXaMCO6BlY28i+FOLzbfI1vEqxAhotocAAA=="

func webp(t *testing.T) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(drawing)
	require.NoError(t, err)
	return b
}

func read(t *testing.T, file []byte) *picture.Picture {
	t.Helper()
	p, err := picture.Read(bytes.NewReader(file))
	require.NoError(t, err)
	return p
}

// written is what a picture writes, read by the standard library.
func written(t *testing.T, p *picture.Picture) (image.Image, []byte) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.Write(&b))
	m, format, err := image.Decode(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, p.Type(), "image/"+format)
	require.Equal(t, image.Pt(p.Width(), p.Height()), m.Bounds().Size())
	return m, b.Bytes()
}

// corners names the colors of the four corners, from the left above.
func corners(m image.Image) (out string) {
	b := m.Bounds()
	for _, at := range []image.Point{{b.Dx() / 5, b.Dy() / 5}, {b.Dx() * 4 / 5, b.Dy() / 5}, {b.Dx() / 5, b.Dy() * 4 / 5}, {b.Dx() * 4 / 5, b.Dy() * 4 / 5}} {
		best, least := "", 1<<30
		for name, c := range map[string]color.NRGBA{"r": red, "g": green, "b": blue, "w": white} {
			r, g, bl, _ := m.At(b.Min.X+at.X, b.Min.Y+at.Y).RGBA()
			d := 0
			for i, v := range []uint32{r, g, bl} {
				x := int(v>>8) - int([]uint8{c.R, c.G, c.B}[i])
				d += x * x
			}
			if d < least {
				best, least = name, d
			}
		}
		out += best
	}
	return out
}

// However a picture was held, it is the right way up, and says nothing of where it was taken.
func TestRead_orientation(t *testing.T) {
	t.Parallel()
	upright := []string{1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb"}
	for o := 1; o <= 8; o++ {
		for what, file := range map[string][]byte{
			"jpeg": asJPEG(t, quarters(40, 20), uint16(o), false), "jpeg little": asJPEG(t, quarters(40, 20), uint16(o), true), "png": asPNG(t, quarters(40, 20), uint16(o))} {
			require.Contains(t, string(file), secret)
			p := read(t, file)
			m, out := written(t, p)
			require.Equal(t, upright[o], corners(m), "%s %d", what, o)
			if o >= 5 {
				require.Equal(t, image.Pt(20, 40), m.Bounds().Size())
			}
			for _, left := range []string{"GPS", "serial", "Exif", "eXIf"} {
				require.NotContains(t, string(out), left, what)
			}
		}
	}
	for _, o := range []uint16{0, 9, 65535} {
		require.Equal(t, 40, read(t, asJPEG(t, quarters(40, 20), o, true)).Width(), "none that there is")
	}
}

// A picture is made smaller, never larger, and keeps its shape.
func TestWithin(t *testing.T) {
	t.Parallel()
	p := read(t, asJPEG(t, quarters(400, 200), 6, true))
	for edge, want := range map[int]image.Point{1000: {200, 400}, 400: {200, 400}, 100: {50, 100}, 1: {1, 1}, -5: {1, 1}} {
		small := p.Within(edge)
		require.Equal(t, want, image.Pt(small.Width(), small.Height()), edge)
	}
	m, _ := written(t, p.Within(60))
	require.Equal(t, "brwg", corners(m))
	require.Equal(t, 100, read(t, asPNG(t, quarters(1000, 2), 1)).Within(100).Width())
	require.Equal(t, 1, read(t, asPNG(t, quarters(1000, 2), 1)).Within(100).Height())
}

// A photo leaves as a JPEG, a drawing as a PNG, and what is transparent stays so.
func TestType(t *testing.T) {
	t.Parallel()
	require.Equal(t, "image/jpeg", read(t, asJPEG(t, quarters(4, 4), 1, true)).Type())
	require.Equal(t, "image/png", read(t, asPNG(t, quarters(4, 4), 1)).Type())
	glass := quarters(40, 40)
	glass.Set(0, 0, color.NRGBA{})
	m, _ := written(t, read(t, asPNG(t, glass, 3)).Within(30))
	_, _, _, a := m.At(29, 29).RGBA()
	require.Less(t, a, uint32(0xffff))
	var b bytes.Buffer
	require.NoError(t, gif.Encode(&b, quarters(40, 40), nil))
	m, _ = written(t, read(t, b.Bytes()))
	require.Equal(t, "rgbw", corners(m))
	p := read(t, webp(t))
	require.Equal(t, [2]int{75, 100}, [2]int{p.Width(), p.Height()})
	written(t, p)
	held := exif(6, true)
	held = append(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(held))), held...)
	turned := read(t, append(webp(t), held...))
	require.Equal(t, [2]int{100, 75}, [2]int{turned.Width(), turned.Height()})
	_, out := written(t, turned)
	require.NotContains(t, string(out), "GPS")
}

// bomb is a PNG whose head says that it is of a size, and which ends there.
func bomb(w, h uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, w)
	b = binary.BigEndian.AppendUint32(b, h)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(b, 8, 6, 0, 0, 0))...)
}

// What is too large is refused by its head, what is damaged by its body, and nothing panics.
func TestRead_refuses(t *testing.T) {
	t.Parallel()
	wide := asJPEG(t, quarters(8, 8), 1, true)
	at := bytes.Index(wide, []byte{0xff, 0xc0}) // the head of the frame
	binary.BigEndian.PutUint16(wide[at+5:], 60_000)
	binary.BigEndian.PutUint16(wide[at+7:], 60_000)
	flat := append([]byte("GIF89a"), 0xff, 0xff, 0xff, 0xff, 0, 0, 0)
	inner := webp(t)
	binary.LittleEndian.PutUint32(inner[21:], 16383|16383<<14)
	for what, c := range map[string]struct {
		file []byte
		want error
	}{
		"png bomb": {bomb(60_000, 60_000), picture.ErrTooLarge}, "jpeg bomb": {wide, picture.ErrTooLarge}, "gif bomb": {flat, picture.ErrTooLarge},
		"webp bomb": {inner, picture.ErrTooLarge}, "a head without a body": {bomb(10, 10), picture.ErrUnreadable},
		"overflow": {bomb(1<<31-1, 1<<31-1), picture.ErrUnreadable}, "no points": {bomb(0, 10), picture.ErrUnreadable},
		"nothing": {nil, picture.ErrUnreadable}, "a text": {[]byte("hello"), picture.ErrUnreadable}, "a PDF": {[]byte("%PDF-1.7"), picture.ErrUnreadable},
		"a drawing with a program": {[]byte(`<svg onload="alert(1)">`), picture.ErrUnreadable},
		"half a picture":           {asJPEG(t, quarters(90, 90), 1, true)[:200], picture.ErrUnreadable},
		"too long":                 {append([]byte("\xff\xd8\xff"), make([]byte, picture.MaxBytes)...), picture.ErrTooLarge},
	} {
		_, err := picture.Read(bytes.NewReader(c.file))
		require.ErrorIs(t, err, c.want, what)
	}
	_, err := picture.Read(nil)
	require.ErrorIs(t, err, picture.ErrUnreadable)
	broken := errors.New("broken")
	_, err = picture.Read(io.MultiReader(strings.NewReader("\xff\xd8\xff"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

// FuzzRead: whatever is read, it is a picture that can be written, or an error.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"\xff\xd8\xff\xe1\x00\x08Exif\x00\x00", "\x89PNG\r\n\x1a\n", "GIF89a", "RIFF\x00\x00\x00\x00WEBPVP8X", string(bomb(2, 2))} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := picture.Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		require.NoError(t, p.Within(10).Write(io.Discard))
	})
}

// scans is a JPEG of w by h points in n scans, each of a few bytes: nothing in it, over and over.
func scans(n, w, h int) []byte {
	b := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		b = append(b, 0xff, marker, byte((len(body)+2)>>8), byte(len(body)+2))
		b = append(b, body...)
	}
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	segment(0xc2, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)
	segment(0xc4, append([]byte{0x10, 1}, append(make([]byte, 15), 0xe0)...)...) // one code: a run of blocks that end
	for range n {
		segment(0xda, 1, 1, 0, 1, 63, 0)
		const run = 32767
		bits := strings.Repeat("0"+strings.Repeat("1", 14), ((w+7)/8*((h+7)/8)+run-1)/run)
		bits += strings.Repeat("1", (8-len(bits)%8)%8)
		for i := 0; i < len(bits); i += 8 {
			v, _ := strconv.ParseUint(bits[i:i+8], 2, 8)
			if b = append(b, byte(v)); v == 0xff {
				b = append(b, 0)
			}
		}
	}
	return append(b, 0xff, 0xd9)
}

// A small file that is read over and over is refused before it is read: 2,000 scans of 49
// million points take two minutes of a core.
func TestRead_manyScans(t *testing.T) {
	t.Parallel()
	require.Equal(t, 700, read(t, scans(14, 700, 700)).Width())
	start := time.Now()
	_, err := picture.Read(bytes.NewReader(scans(2000, 7000, 7000)))
	require.ErrorIs(t, err, picture.ErrTooLarge)
	require.Less(t, time.Since(start), 10*time.Second)
}

// What phones may send and nobody reads here is refused as such.
func TestRead_otherKinds(t *testing.T) {
	t.Parallel()
	for _, brand := range []string{"heic", "heix", "mif1", "avif"} {
		_, err := picture.Read(strings.NewReader("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00mif1" + brand + secret))
		require.ErrorIs(t, err, picture.ErrUnreadable, brand)
	}
}
