// Package sheet reads the CSV files that people really export: with a byte
// order mark, Windows line ends, title lines above the header, blank lines,
// trailing empty cells, amounts like "$1,234.50" or "(123.45)", dates like
// "3/31/2026", semicolons or tabs instead of commas.
// [ReadJSON] holds JSON against the shape of a Go value in the same way.
//
// Reading never stops at the first mistake. Every problem of a file is kept
// with its line and column, and all are reported at once. A problem never
// quotes the cell: the place says enough, and the cell may be a name.
package sheet
