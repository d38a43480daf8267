package store

import "strings"

// TextArray makes the literal of a PostgreSQL array, which any driver sends as
// one string. Values hold no quotes, backslashes, braces or commas: ids, dates,
// numbers. An empty value is NULL.
func TextArray[T any](rows []T, value func(*T) string) string {
	var b strings.Builder
	b.Grow(16 * len(rows))
	b.WriteByte('{')
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		if v := value(&rows[i]); v == "" {
			b.WriteString("NULL")
		} else {
			b.WriteString(v)
		}
	}
	b.WriteByte('}')
	return b.String()
}

// ArrayText quotes a text as an element of an array literal, for values that
// [TextArray] could not take as they are.
func ArrayText(s string) string {
	b := make([]byte, 0, len(s)+8)
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return string(append(b, '"'))
}
