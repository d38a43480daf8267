package store

import (
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The limits of what is searched for. A server takes longer than in proportion to read a
// long search, and goes on when the client has gone.
const (
	maxSearchBytes = 1000
	maxSearchWords = 32
)

// ErrSearch: a search is longer than 1,000 bytes or 32 words.
var ErrSearch = fault.New(fault.Invalid, fault.CodeTooLong, "a search has at most 1,000 bytes and 32 words").On("text")

// SearchText is a text for websearch_to_tsquery, without what is no text. It returns
// [ErrSearch].
func SearchText(text string) (string, error) {
	if len(text) > maxSearchBytes {
		return "", ErrSearch
	}
	text = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), ""))
	if len(strings.FieldsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r > 127)
	})) > maxSearchWords {
		return "", ErrSearch
	}
	return text, nil
}
