package store

// Optional is a text for a nullable column, where "" is none.
func Optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
