package paper

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrFont: a font is no TrueType font, or is of one of the kinds that are not read.
	ErrFont = fault.New(fault.Invalid, "paper_font", "the font is no TrueType font that can be embedded").On("font")
	// ErrImage: a picture is no PNG or JPEG, or larger than 40 million points.
	ErrImage = fault.New(fault.Invalid, "paper_image", "the picture is no PNG or JPEG of a size that can be printed").On("image")
	// ErrWrite: the file could not be made.
	ErrWrite = fault.New(fault.Illegal, "paper_not_written", "the paper could not be written")
)

// Document is a paper. Its Created goes into the file as it is, so that it can be made
// again to the same bytes.
type Document struct {
	Title    string // at most 500 characters
	Subject  string
	Author   string
	Language string // BCP 47, such as en-US
	Created  time.Time
	Blocks   []Block
}

// Block is a part of a document: [Heading], [Text], [Table], [Image] or [Space].
type Block interface {
	check(f *fault.Fields, at string, fonts *fonts)
	draw(s *sheet)
}

var language = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// maxBlocks and maxPages bound what one paper is.
const (
	maxBlocks = 100_000
	maxPages  = 5_000
)

// check reports every bad field of a document.
func (d Document) check(fonts *fonts) error {
	var f fault.Fields
	f.Check(d.Title != "", "title", fault.CodeRequired, "a document has a title")
	f.Check(len([]rune(d.Title)) <= 500, "title", fault.CodeTooLong, "at most 500 characters")
	f.Check(language.MatchString(d.Language), "language", fault.CodeMalformed, "a language, such as en-US")
	f.Check(len(d.Blocks) <= maxBlocks, "blocks", fault.CodeTooMany, "at most 100,000")
	fonts.checkText(&f, "title", d.Title, regular)
	for i, b := range d.Blocks[:min(len(d.Blocks), maxBlocks)] {
		at := fmt.Sprintf("blocks[%d]", i)
		if b == nil {
			f.Check(false, at, fault.CodeRequired, "a block")
			continue
		}
		b.check(&f, at, fonts)
	}
	return f.Err()
}

// Write writes a document as a PDF. It returns field errors, [ErrFont], [ErrImage],
// [ErrWrite], or the error of w.
func Write(w io.Writer, d Document, theme Theme) error {
	theme = theme.withDefaults()
	fonts, err := theme.fonts()
	if err != nil {
		return err
	}
	if err := theme.check(fonts); err != nil {
		return err
	}
	if err := d.check(fonts); err != nil {
		return err
	}
	// How many pages there are is known when all of them are drawn: they are, twice.
	first, err := draw(d, theme, fonts, 0)
	if err != nil {
		return err
	}
	second, err := draw(d, theme, fonts, first.pdf.PageCount())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := second.pdf.Output(&b); err != nil {
		return ErrWrite.Because(err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// draw makes the pages of a document. What the library below does not expect is an error
// here, and no panic of the host's.
func draw(d Document, theme Theme, fonts *fonts, pages int) (s *sheet, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, ErrWrite.Because(fmt.Errorf("%v", r))
		}
	}()
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", SizeStr: string(theme.Size)})
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(d.Created)
	pdf.SetModificationDate(d.Created)
	pdf.SetProducer("Freehold", true)
	pdf.SetTitle(d.Title, true)
	pdf.SetSubject(d.Subject, true)
	pdf.SetAuthor(d.Author, true)
	pdf.SetLang(d.Language)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCellMargin(0)
	for style, f := range fonts.faces {
		pdf.AddUTF8FontFromBytes(family, [...]string{regular: "", bold: "B", italic: "I"}[style], bytes.Clone(f.data))
	}
	s = &sheet{pdf: pdf, theme: theme, title: d.Title, pages: pages}
	s.newPage()
	for _, b := range d.Blocks {
		b.draw(s)
		if err := s.pdf.Error(); err != nil {
			return nil, ErrWrite.Because(err)
		}
		if s.pdf.PageCount() > maxPages {
			return nil, ErrWrite.With("more than %d pages", maxPages)
		}
	}
	s.endPage()
	return s, nil
}
