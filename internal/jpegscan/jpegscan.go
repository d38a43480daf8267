// Package jpegscan counts the scans of a JPEG, before anybody reads its points. A progressive
// one may have any number of them, each a few bytes long, and each costs a pass over all of
// the points: what its head says of its size does not tell how long it takes to read.
package jpegscan

import (
	"bytes"
	"encoding/binary"
)

// Most is how many scans a picture has at most that is read. Cameras and programs write one to
// fourteen.
const Most = 50

// TooMany reports whether a file has more scans than are read. What is no JPEG has none.
func TooMany(file []byte) bool {
	if !bytes.HasPrefix(file, []byte{0xff, 0xd8}) {
		return false
	}
	scans := 0
	for at := 2; at+4 <= len(file) && scans <= Most; {
		if file[at] != 0xff || file[at+1] == 0xff { // within the points, or a filler
			at++
			continue
		}
		switch marker := file[at+1]; {
		case marker == 0 || marker == 1 || marker >= 0xd0 && marker <= 0xd7: // stands alone
			at += 2
		case marker == 0xd9:
			return scans > Most // what comes behind the end is not read
		default:
			if marker == 0xda {
				scans++
			}
			at += 2 + max(int(binary.BigEndian.Uint16(file[at+2:])), 2)
		}
	}
	return scans > Most
}
