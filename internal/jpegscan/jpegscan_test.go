package jpegscan_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/jpegscan"
)

// Scans are counted where they are: not in what cameras write beside them, nor in points,
// nor behind the end.
func TestTooMany(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	m := image.NewYCbCr(image.Rect(0, 0, 200, 200), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = byte(i * 7919 >> 3)
	}
	require.NoError(t, jpeg.Encode(&b, m, nil))
	file := b.Bytes()
	heads := bytes.Repeat([]byte{0xff, 0xda}, jpegscan.Most+1)
	scan := []byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0x12, 0xff, 0, 0x34, 0xff, 0xd0, 0x56}
	beside := append([]byte{0xff, 0xe1, 0, byte(len(heads) + 2)}, heads...)
	for what, c := range map[string]struct {
		file []byte
		want bool
	}{
		"one":            {file, false},
		"beside them":    {bytes.Join([][]byte{file[:2], beside, file[2:]}, nil), false},
		"behind the end": {append(bytes.Clone(file), heads...), false},
		"as many":        {append(file[:2:2], bytes.Repeat(scan, jpegscan.Most)...), false},
		"too many":       {append(file[:2:2], bytes.Repeat(scan, jpegscan.Most+1)...), true},
		"with fillers":   {append(file[:2:2], bytes.Repeat(append([]byte{0xff, 0xff}, scan...), jpegscan.Most+1)...), true},
		"nothing":        {nil, false},
		"a PNG":          {[]byte("\x89PNG\r\n\x1a\n"), false},
		"a WebP":         {append([]byte("RIFF"), bytes.Repeat(scan, 100)...), false},
	} {
		require.Equal(t, c.want, jpegscan.TooMany(c.file), what)
	}
}
