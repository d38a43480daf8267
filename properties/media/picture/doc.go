// Package picture makes pictures ready for the web: it reads a JPEG, PNG, GIF or WebP,
// turns it the way it was held, and writes it anew in the sizes that are asked for. What is
// written holds points and nothing else: neither where and with what it was taken (EXIF,
// XMP, comments) nor what else somebody hid in the file. Its colors are taken for sRGB.
//
// A file is judged by its head before any of its points is read: what says that it is larger
// than [MaxPoints], or is longer than [MaxBytes], is [ErrTooLarge], whatever it would unpack
// to; and a JPEG whose points are written over and over (package internal/jpegscan) likewise.
// HEIC and AVIF are [ErrUnreadable].
//
//	p, err := picture.Read(file)
//	small := p.Within(320)
//	err = small.Write(w)
package picture
