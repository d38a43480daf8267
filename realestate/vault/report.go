package vault

// ResealReport is what sealing stored values anew came to.
type ResealReport struct {
	Resealed int          `json:"resealed"` // values that the first key has sealed now
	Skipped  int          `json:"skipped"`  // values whose rows somebody held locked; run again
	Failed   []Unsealable `json:"failed"`   // values that no key opens; they stay as they are
}

// Done reports whether the keys behind the first are no longer needed.
func (r *ResealReport) Done() bool { return r.Skipped == 0 && len(r.Failed) == 0 }

// Unsealable is a stored value that does not open: it was changed, moved, never
// sealed, or its key is missing. Err is [ErrSealed], [ErrUnknownKey] or
// [ErrForged].
type Unsealable struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	ID     string `json:"id"`
	Err    error  `json:"err"`
}
