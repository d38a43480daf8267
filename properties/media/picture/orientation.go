package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// turned is a picture the right way up. orientation is what EXIF calls so, 1 to 8: where the
// first row and the first column of the file belong.
func turned(m image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return m
	}
	from := m.Bounds()
	w, h := from.Dx(), from.Dy()
	src := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.Draw(src, src.Rect, m, from.Min, draw.Src)
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			var sx, sy int
			switch orientation {
			case 2:
				sx, sy = w-1-x, y
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sx, sy = x, h-1-y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return out
}

// jpegOrientation finds the EXIF of a JPEG in its segments.
func jpegOrientation(file []byte) int {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker, size := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xff { // a filler
			at++
			continue
		}
		if marker == 0xda || size < 2 || at+2+size > len(file) { // the points begin
			break
		}
		if body := file[at+4 : at+2+size]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + size
	}
	return 1
}

// pngOrientation finds the EXIF of a PNG in its chunks.
func pngOrientation(file []byte) int {
	for at := 8; at+12 <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:]))
		if size > len(file)-at-12 { // a checksum follows
			break
		}
		if string(file[at+4:at+8]) == "eXIf" {
			return tiffOrientation(file[at+8 : at+8+size])
		}
		at += 12 + size
	}
	return 1
}

// tiffOrientation reads the tag of the orientation out of the first directory of an EXIF;
// without one it is 1.
func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte("II")) {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
	}
	const tag, entry = 0x0112, 12
	for n := range int64(order.Uint16(b[at:])) {
		e := at + 2 + n*entry
		if e+entry > int64(len(b)) {
			break
		}
		if order.Uint16(b[e:]) == tag {
			if v := int(order.Uint16(b[e+8:])); v >= 1 && v <= 8 {
				return v
			}
			break
		}
	}
	return 1
}
