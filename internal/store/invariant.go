package store

// Invariant is what always holds between rows: Name says what, and the rows
// (row, detail) of Query are the violations. Row is the id of the row at fault,
// and detail what it says and what it should say, without personal data.
// Every cache is compared with its source, and every sum with its parts.
type Invariant struct{ Name, Query string }
