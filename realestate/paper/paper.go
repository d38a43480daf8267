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
// again to the same bytes; where it is zero, that is the time of writing.
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
	file, err := draw(d, theme, fonts)
	if err != nil {
		return err
	}
	_, err = w.Write(file)
	return err
}

// draw makes the file of a document. What the library below does not expect is an error
// here, and no panic of the host's.
func draw(d Document, theme Theme, fonts *fonts) (file []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, ErrWrite.Because(fmt.Errorf("%v", r))
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
	s := &sheet{pdf: pdf, theme: theme}
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
	s.feet()
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, ErrWrite.Because(err)
	}
	return b.Bytes(), nil
}
