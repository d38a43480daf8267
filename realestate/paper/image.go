package paper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"codeberg.org/go-pdf/fpdf"

	"github.com/freehold-go/freehold/internal/jpegscan"

	"github.com/freehold-go/freehold/realestate/fault"
)

// maxPixels is how many points a picture has at most, whatever the size of its file.
const maxPixels = 40_000_000

// Image is a picture.
type Image struct {
	Data  []byte  // a PNG or JPEG; what else its file tells, such as a place, is left out
	Width float64 // on the page, in millimeters; the width of the text at most, and the default
	Align Align
}

func (m Image) check(f *fault.Fields, at string, _ *fonts) {
	f.Check(m.Width >= 0 && m.Width <= 1000, at+".width", fault.CodeOutOfRange, "0 to 1,000 millimeters")
	checkAlign(f, at+".align", m.Align)
	_, err := readPicture(m.Data)
	f.Check(err == nil, at+".data", ErrImage.Code, ErrImage.Msg)
}

// readPicture reads a picture whose head says that it is of a size that can be.
func readPicture(data []byte) (image.Image, error) {
	if bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")) {
		return decode(data, png.DecodeConfig, png.Decode)
	}
	if jpegscan.TooMany(data) {
		return nil, ErrImage.With("more than %d scans", jpegscan.Most)
	}
	return decode(data, jpeg.DecodeConfig, jpeg.Decode)
}

func decode(data []byte, head func(io.Reader) (image.Config, error), whole func(io.Reader) (image.Image, error)) (image.Image, error) {
	c, err := head(bytes.NewReader(data))
	if err != nil || c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil, ErrImage.Because(err)
	}
	m, err := whole(bytes.NewReader(data))
	if err != nil {
		return nil, ErrImage.Because(err)
	}
	return m, nil
}

func (m Image) draw(s *sheet) {
	picture, err := readPicture(m.Data)
	if err != nil {
		s.pdf.SetError(err)
		return
	}
	// Written anew: the library below reads few kinds of PNG, and a JPEG may tell where it
	// was taken.
	var b bytes.Buffer
	kind := "JPG"
	if _, colors := picture.(*image.YCbCr); colors {
		err = jpeg.Encode(&b, picture, &jpeg.Options{Quality: 90})
	} else {
		kind, err = "PNG", png.Encode(&b, flat(picture))
	}
	if err != nil {
		s.pdf.SetError(err)
		return
	}
	sum := sha256.Sum256(b.Bytes())
	name, o := hex.EncodeToString(sum[:]), fpdf.ImageOptions{ImageType: kind}
	s.pdf.RegisterImageOptionsReader(name, o, &b)
	size := picture.Bounds().Size()
	width := s.width()
	if m.Width > 0 {
		width = min(m.Width, width)
	}
	height := width * float64(size.Y) / float64(size.X)
	if most := s.bottom() - s.theme.Margin; height > most {
		width, height = width*most/height, most
	}
	s.room(height)
	x := s.theme.Margin
	switch m.Align {
	case AlignRight:
		x += s.width() - width
	case AlignCenter:
		x += (s.width() - width) / 2
	}
	s.pdf.ImageOptions(name, x, s.y, width, height, false, o, 0, "")
	s.y += height + 3
}

// flat makes a picture one of eight bits and four channels.
func flat(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y))
		}
	}
	return out
}
