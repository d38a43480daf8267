package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"iter"

	"golang.org/x/image/webp"
)

// webpChunks are the chunks of a WebP: its name, and what is in it.
func webpChunks(file []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for at := 12; at+8 <= len(file); {
			size := int(binary.LittleEndian.Uint32(file[at+4:]))
			if size > len(file)-at-8 || !yield(string(file[at:at+4]), file[at+8:at+8+size]) {
				return
			}
			at += 8 + size + size&1
		}
	}
}

// webpOrientation finds the EXIF of a WebP.
func webpOrientation(file []byte) int {
	for name, body := range webpChunks(file) {
		if name == "EXIF" {
			return tiffOrientation(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		}
	}
	return 1
}

// webpHead is the head of a WebP, with the largest size that any part of the file gives:
// an extended one says twice how large it is, and the points follow the second.
func webpHead(r io.Reader) (image.Config, error) {
	file, err := io.ReadAll(r)
	if err != nil {
		return image.Config{}, err
	}
	c, err := webp.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return c, err
	}
	for name, b := range webpChunks(file) {
		w, h := 0, 0
		switch {
		case name == "VP8 " && len(b) >= 10:
			w, h = int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff)
		case name == "VP8L" && len(b) >= 5:
			bits := binary.LittleEndian.Uint32(b[1:])
			w, h = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		}
		c.Width, c.Height = max(c.Width, w), max(c.Height, h)
	}
	return c, nil
}
