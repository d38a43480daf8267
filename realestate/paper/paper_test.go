package paper_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/gomono"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/paper"
	"github.com/freehold-go/freehold/realestate/paper/internal/pdftest"
)

func write(t *testing.T, d paper.Document, theme paper.Theme) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, paper.Write(&b, d, theme))
	return b.Bytes()
}

func picture(t *testing.T, w, h int, as string) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		m.Set(x, x%h, color.NRGBA{R: 200, G: uint8(x), A: 255})
	}
	var b bytes.Buffer
	if as == "png" {
		require.NoError(t, png.Encode(&b, m))
	} else {
		require.NoError(t, jpeg.Encode(&b, m, nil))
	}
	return b.Bytes()
}

var created = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// statement is a paper with a block of every kind.
func statement(t *testing.T) paper.Document {
	t.Helper()
	table := paper.Table{Columns: []paper.Column{{Title: "Description", Share: 3}, {Title: "Date"}, {Title: "Amount", Align: paper.AlignRight}}, Totals: true}
	for range 90 {
		table.Rows = append(table.Rows, []string{"Distribution of the quarter, as declared by the sponsor of the offering", "2026-03-31", "1,250.00"})
	}
	table.Rows = append(table.Rows, []string{"Sum", "", "112,500.00"})
	return paper.Document{Title: "Statement: Élan & Søn", Subject: "First quarter", Author: "Sponsor LLC", Language: "en-US", Created: created, Blocks: []paper.Block{
		paper.Heading{Text: "Statement of account", Level: 1},
		paper.Text{Text: "Łukasz Œuvré — “Straße” — Αθήνα — Москва — 25.000 €"},
		table,
		paper.Heading{Text: "What follows"},
		paper.Text{Text: "Nothing (yet) \\ at all.", Align: paper.AlignCenter, Italic: true, Small: true},
		paper.Image{Data: picture(t, 300, 100, "png"), Width: 60, Align: paper.AlignRight},
		paper.Image{Data: picture(t, 100, 900, "jpeg")},
		paper.Space{Height: 20, Line: true},
		paper.Text{Text: "Place, date and signature"},
	}}
}

// A paper with a block of every kind is a PDF that another program reads: its title,
// language and pages, and every word of it, in whatever letters.
func TestWrite(t *testing.T) {
	t.Parallel()
	d := statement(t)
	file := write(t, d, paper.Theme{Size: paper.A4, Header: "Sponsor LLC", Footer: "Confidential", Logo: picture(t, 200, 50, "png"), Accent: paper.Color{20, 60, 120}})
	read := pdftest.Read(t, file)
	require.Equal(t, []string{"Statement: Élan & Søn", "Sponsor LLC", "First quarter"}, []string{read.Title, read.Author, read.Subject})
	text := read.Pages
	require.Equal(t, text, pdftest.Text(t, file))
	require.Greater(t, len(text), 3, "over several pages")
	whole := strings.Join(text, "\n")
	for _, words := range []string{"Statement of account", "Łukasz Œuvré — “Straße” — Αθήνα — Москва — 25.000 €", "112,500.00", "Nothing (yet) \\ at all.", "Place, date and signature"} {
		require.Equal(t, 1, strings.Count(whole, words), words)
	}
	require.Equal(t, 90, strings.Count(whole, "1,250.00"))
	headed := 0
	for n, page := range text {
		require.Contains(t, page, "Sponsor LLC")
		require.Contains(t, page, "Confidential")
		require.Contains(t, page, digits(n+1)+" / "+digits(len(text)))
		if strings.Contains(page, "1,250.00") {
			require.Contains(t, page, "Description", "the head of a table stands on each of its pages")
			headed++
		}
	}
	require.Greater(t, headed, 2)
	require.Contains(t, string(file), "/Lang (en-US)")
	require.NotContains(t, string(file), "/BaseFont /Helvetica", "all fonts are embedded")
	require.Equal(t, file, write(t, d, paper.Theme{Size: paper.A4, Header: "Sponsor LLC", Footer: "Confidential", Logo: picture(t, 200, 50, "png"), Accent: paper.Color{20, 60, 120}}), "the same bytes again")
}

// Words that are longer than a line are cut, a row that is longer than a page goes on, and
// a heading never stands alone.
func TestWrite_long(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 500)
	d := paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{
		paper.Text{Text: long},
		paper.Table{Columns: []paper.Column{{Title: "A"}, {Title: "B"}}, Rows: [][]string{{strings.Repeat("word ", 3000), long}}},
	}}
	text := pdftest.Text(t, write(t, d, paper.Theme{}))
	require.Greater(t, len(text), 2)
	whole := strings.ReplaceAll(strings.Join(text, ""), "\n", "")
	require.Equal(t, 3000, strings.Count(whole, "word"))
	require.Equal(t, 1000, strings.Count(whole, "x"))

	for lines := 40; lines < 50; lines++ { // a page has about forty-six
		d := paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Text{Text: strings.Repeat("line\n", lines)}, paper.Heading{Text: "Heading"}, paper.Text{Text: "Follows"}}}
		for _, page := range pdftest.Text(t, write(t, d, paper.Theme{})) {
			require.Equal(t, strings.Contains(page, "Heading"), strings.Contains(page, "Follows"), "%d lines", lines)
		}
	}
}

// What a reader would not see as it was meant is refused, by its place; nothing panics.
func TestWrite_refused(t *testing.T) {
	t.Parallel()
	bomb := picture(t, 2, 2, "png")
	binary.BigEndian.PutUint32(bomb[16:], 1<<20)
	binary.BigEndian.PutUint32(bomb[20:], 1<<20)
	for what, c := range map[string]struct {
		d     paper.Document
		field string
	}{
		"no title":        {paper.Document{Language: "en"}, "title"},
		"a language":      {paper.Document{Title: "T", Language: "English, please"}, "language"},
		"no block":        {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{nil}}, "blocks[0]"},
		"a letter":        {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Text{Text: "漢"}}}, "blocks[0].text"},
		"a picture of it": {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Text{Text: "😀"}}}, "blocks[0].text"},
		"a script":        {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Heading{Text: "שלום"}}}, "blocks[0].text"},
		"control":         {paper.Document{Title: "T\x00", Language: "en"}, "title"},
		"no text":         {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Text{Text: "\xff"}}}, "blocks[0].text"},
		"a row":           {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Table{Columns: make([]paper.Column, 2), Rows: [][]string{{"a"}}}}}, "blocks[0].rows[0]"},
		"no picture":      {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Image{Data: []byte("GIF89a")}}}, "blocks[0].data"},
		"a bomb":          {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Image{Data: bomb}}}, "blocks[0].data"},
		"half a picture":  {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Image{Data: picture(t, 90, 90, "jpeg")[:300]}}}, "blocks[0].data"},
		"space":           {paper.Document{Title: "T", Language: "en", Blocks: []paper.Block{paper.Space{Height: 1000}}}, "blocks[0].height"},
	} {
		var b bytes.Buffer
		found := fault.FieldErrors(paper.Write(&b, c.d, paper.Theme{}))
		require.Len(t, found, 1, what)
		require.Equal(t, c.field, found[0].Field, what)
		require.Zero(t, b.Len(), what)
	}
	ok := paper.Document{Title: "T", Language: "en"}
	for what, theme := range map[string]paper.Theme{"no font": {Regular: []byte("OTTO")}, "one font": {Regular: gomono.TTF}, "half a font": {Regular: gomono.TTF, Bold: gomono.TTF[:2000], Italic: gomono.TTF}} {
		require.ErrorIs(t, paper.Write(&bytes.Buffer{}, ok, theme), paper.ErrFont, what)
	}
	require.Len(t, fault.FieldErrors(paper.Write(&bytes.Buffer{}, ok, paper.Theme{Size: "A7", Margin: 1, FontSize: 100, Footer: "漢", Logo: []byte("x")})), 5)
	require.NoError(t, paper.Write(&bytes.Buffer{}, ok, paper.Theme{Regular: gomono.TTF, Bold: gomono.TTF, Italic: gomono.TTF}))
}

// The rule above a sum stands on the page of the sum, however many rows come before it.
func TestTable_ruleWithItsSum(t *testing.T) {
	t.Parallel()
	broken := 0
	for n := 1; n < 60; n++ {
		table := paper.Table{Totals: true, Columns: []paper.Column{{Title: "Account"}, {Title: "Amount"}}}
		for i := range n {
			table.Rows = append(table.Rows, []string{"Account " + digits(i), "1.00"})
		}
		table.Rows = append(table.Rows, []string{"In sum", digits(n) + ".00"})
		file := write(t, paper.Document{Title: "T", Language: "en", Created: created, Blocks: []paper.Block{table}}, paper.Theme{})
		pages, contents := pdftest.Text(t, file), pdftest.Contents(t, file)
		for i, text := range pages {
			rules := 1 // of the head
			if strings.Contains(text, "In sum") {
				rules++
				broken += i
			}
			require.Equal(t, rules, bytes.Count(contents[i], []byte(" l S")), "%d rows, page %d", n, i+1)
		}
	}
	require.Positive(t, broken, "some tables go on")
}

func digits(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return digits(n/10) + digits(n%10)
}
