package store

import "bytes"

// failure is how bun begins the reason why a value has no form.
var failure = []byte("?!(")

// hasFailure reports whether a failure stands in a statement outside of its quotes.
func hasFailure(text []byte) bool {
	for from := 0; ; {
		at := bytes.Index(text[from:], failure)
		if at < 0 {
			return false
		}
		from += at + len(failure)
		if bytes.Count(text[:from], []byte("'"))%2 == 0 { // a quote inside quotes is two
			return true
		}
	}
}
