// Package paper writes PDFs: headings, text, tables and pictures on pages with a theme.
// It knows nothing of what the papers are about; renderer makes the papers of documents
// with it.
//
//	err := paper.Write(w, paper.Document{Title: "Notice", Language: "en-US", Blocks: []paper.Block{
//		paper.Heading{Text: "Dear investor"},
//		paper.Text{Text: "The distribution of the first quarter is on its way."},
//	}}, paper.Theme{})
//
// All text is Unicode and set in TrueType fonts, which are embedded: those of a theme, or
// the Go fonts, which have Latin, Greek and Cyrillic letters. A letter that a font does
// not have is refused by its place, and never printed as a box. Fonts of another kind (CFF,
// collections) are refused, and so are scripts that are written from right to left or whose
// letters change their shape: nothing here shapes text.
//
// The same document, with a Created, and theme give the same bytes. A file has a title, a language and an
// author, and no structure tree: a reader for the blind gets the words in order, but not
// what is a table. It is a module of its own, for the sake of the fonts and of what writes
// the pages.
package paper
