package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/freehold-go/freehold/internal/jpegscan"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of pictures.
var (
	// ErrUnreadable: the file is no picture of the kinds that are read, or is damaged.
	ErrUnreadable = fault.New(fault.Invalid, "picture_unreadable", "the file is no JPEG, PNG, GIF or WebP that can be read").On("content")
	// ErrTooLarge: the picture has more points, or its file more bytes, than are read.
	ErrTooLarge = fault.New(fault.Invalid, "picture_too_large", "the picture is larger than pictures are read").On("content")
)

const (
	// MaxBytes is the length of the longest file.
	MaxBytes = 64 << 20
	// MaxPoints is how many points a picture has at most. Reading takes up to 20 bytes for
	// each of them.
	MaxPoints = 50_000_000
	// quality is that of the JPEGs that are written.
	quality = 88
)

// Picture is a picture in memory, the right way up.
type Picture struct {
	points image.Image
	lossy  bool // it came as a photo, and leaves as one
}

// Width is the number of points in a row.
func (p *Picture) Width() int { return p.points.Bounds().Dx() }

// Height is the number of rows.
func (p *Picture) Height() int { return p.points.Bounds().Dy() }

// kind is a kind of file, known by how it begins.
type kind struct {
	starts      string
	head        func(io.Reader) (image.Config, error)
	whole       func(io.Reader) (image.Image, error)
	orientation func([]byte) int
	lossy       bool
}

var kinds = []kind{
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, jpegOrientation, true},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, pngOrientation, false},
	{"GIF8", gif.DecodeConfig, gif.Decode, func([]byte) int { return 1 }, false}, // its first picture
	{"RIFF", webpHead, webp.Decode, webpOrientation, true},
}

// Read reads a picture, and turns it the way that its file says it was held. It returns
// [ErrUnreadable], [ErrTooLarge], or the error of r.
func Read(r io.Reader) (*Picture, error) {
	if r == nil {
		return nil, ErrUnreadable
	}
	file, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(file) > MaxBytes:
		return nil, ErrTooLarge
	}
	for _, k := range kinds {
		if bytes.HasPrefix(file, []byte(k.starts)) {
			return k.read(file)
		}
	}
	return nil, ErrUnreadable
}

func (k kind) read(file []byte) (p *Picture, err error) {
	defer func() {
		if r := recover(); r != nil { // of a reader that does not expect what it reads
			p, err = nil, ErrUnreadable.Because(fmt.Errorf("%v", r))
		}
	}()
	c, err := k.head(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, ErrUnreadable.Because(err)
	case c.Width <= 0 || c.Height <= 0:
		return nil, ErrUnreadable
	case c.Width > MaxPoints/c.Height:
		return nil, ErrTooLarge.With("%d x %d", c.Width, c.Height)
	case k.lossy && jpegscan.TooMany(file):
		return nil, ErrTooLarge.With("more than %d scans", jpegscan.Most)
	}
	points, err := k.whole(bytes.NewReader(file))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	if got := points.Bounds(); got.Empty() || got.Dx() > MaxPoints/got.Dy() {
		return nil, ErrUnreadable
	}
	return &Picture{turned(points, k.orientation(file)), k.lossy}, nil
}

// Within is the picture with no edge longer than so many points, at least 1; one that is
// no larger is itself.
func (p *Picture) Within(edge int) *Picture {
	w, h := p.Width(), p.Height()
	edge = max(edge, 1)
	if w <= edge && h <= edge {
		return p
	}
	to := image.Rect(0, 0, edge, max(1, (h*edge+w/2)/w))
	if h > w {
		to = image.Rect(0, 0, max(1, (w*edge+h/2)/h), edge)
	}
	var out draw.Image = image.NewNRGBA(to)
	if p.opaque() {
		out = image.NewRGBA(to) // the fastest kind to draw on
	}
	draw.CatmullRom.Scale(out, to, p.points, p.points.Bounds(), draw.Src, nil)
	return &Picture{out, p.lossy}
}

// opaque reports whether nothing shines through the picture.
func (p *Picture) opaque() bool {
	o, ok := p.points.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// photo reports whether the picture is written as a JPEG.
func (p *Picture) photo() bool { return p.lossy && p.opaque() }

// Type is the media type of what [Picture.Write] writes: a JPEG of what came as a photo,
// and a PNG of drawings and of what is transparent.
func (p *Picture) Type() string {
	if p.photo() {
		return "image/jpeg"
	}
	return "image/png"
}

// Write writes the picture. It returns the error of w.
func (p *Picture) Write(w io.Writer) error {
	if p.photo() {
		return jpeg.Encode(w, p.points, &jpeg.Options{Quality: quality})
	}
	return png.Encode(w, p.points)
}
