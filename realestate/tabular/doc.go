// Package tabular reads the tables that people really export, from CSV or from
// the cells of a workbook, and says where every value stands.
//
// It knows byte order marks, UTF-16, the line ends of three systems, commas,
// semicolons, tabs and bars between cells, title lines above the header, amounts
// like "$1,234.50", "(123.45)" and " $ (54.00)", dates like "3/31/2026", "6/1/65"
// and Excel's 45658, and text formulas like ="0101". It knows no domain: the
// caller names the columns or the lines of a statement.
//
// Two rules hold for every file:
//
//   - A reader that cannot be sure says so. Every problem has a file, a line and
//     a column, all problems of a file are reported at once, and no problem quotes
//     a cell, because a cell may be a name. [File.Problems] has them.
//   - Nothing disappears unsaid. What is not used (a title, a heading, a total
//     that agrees, a column that nobody asked for) is counted and named in
//     [File.Skipped].
//
// A row is a total only if its figures are the total of the rows above it. A row
// that is labeled a total and is none is refused, unless its other columns make
// it a record of somebody whose name begins that way.
//
// # Verbs by task
//
//	read a CSV file                             New               ExampleFile_Table
//	read the cells of a workbook                NewSheet          ExampleNewSheet
//	rows under a header                         File.Table        ExampleFile_Table
//	one field and its value on each line        File.Record       ExampleFile_Record
//	line items with months as columns           File.Statement    ExampleFile_Statement
//	add a problem of your own at a cell         Row.Reject, File.Reject
//	what is wrong, and what was not used        File.Problems, File.Skipped
//
// The package is pure: it opens no file, reads no clock and imports no domain.
package tabular
