// Package renderer makes the papers of documents as PDFs: certificates of completion, and
// templates whose fields are filled in. It is the Renderer of a host that wants PDFs:
//
//	p, err := realestate.New(realestate.Config{Storage: store, Renderer: renderer.New(paper.Theme{})})
package renderer

import (
	"io"
	"strconv"
	"time"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/realestate/paper"
)

// Renderer is a documents.Renderer. It is safe for concurrent use.
type Renderer struct{ theme paper.Theme }

var _ documents.Renderer = (*Renderer)(nil)

// New makes a Renderer whose papers look as a theme says. A theme that is none is an error
// of each paper.
func New(theme paper.Theme) *Renderer { return &Renderer{theme} }

// language is that of the words of a certificate.
const language = "en-US"

// at is a time as it stands on a paper.
func at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Certificate writes a certificate of completion: which bytes, who signed them, how and
// when, and where in the chain of the document that stands. Letters that the fonts of the
// theme do not have stand by their numbers, such as [U+6F22]: there is a certificate whatever
// somebody is called. It returns what [paper.Write] does.
func (r *Renderer) Certificate(w io.Writer, c documents.Certificate) error {
	set, err := r.theme.Escaper()
	if err != nil {
		return err
	}
	c.Name = cut(set(c.Name))
	blocks := []paper.Block{
		paper.Heading{Text: "Certificate of completion", Level: 1},
		paper.Text{Text: "All signers have signed the document below. Each signature is a link in the chain of the document, whose hashes show every later change."},
		facts([][]string{
			{"Document", c.Name},
			{"Version", strconv.Itoa(c.Version)},
			{"Document id", c.DocumentID.String()},
			{"SHA-256 of its bytes", c.DocumentHash},
			{"Envelope", c.EnvelopeID.String()},
			{"Completed", at(c.CompletedAt)},
			{"Links of the chain", strconv.Itoa(c.ChainLinks)},
			{"Hash of the last link", c.ChainHead},
		}),
	}
	for i, s := range c.Signers {
		for _, text := range []*string{&s.Name, &s.Typed, &s.Type, &s.Method, &s.Consent, &s.Intent, &s.IPAddress} {
			*text = set(*text)
		}
		blocks = append(blocks, paper.Heading{Text: "Signer " + strconv.Itoa(i+1) + ": " + s.Name, Level: 2}, facts(signer(s)))
		if len(s.Drawn) > 0 {
			blocks = append(blocks, paper.Text{Text: "Signed by hand as", Small: true}, paper.Image{Data: s.Drawn, Width: 50})
		}
	}
	d := paper.Document{Title: "Certificate of completion: " + c.Name, Language: language, Created: c.CompletedAt, Blocks: blocks}
	return paper.Write(w, d, r.theme)
}

// cut is the beginning of a name, so long that it fits a title.
func cut(name string) string {
	if r := []rune(name); len(r) > 400 {
		return string(r[:400]) + "..."
	}
	return name
}

// signer is what a certificate says of one signature.
func signer(s documents.CertificateSigner) [][]string {
	rows := [][]string{{"Kind of signature", s.Type}}
	if s.Typed != "" {
		rows = append(rows, []string{"Signed as", s.Typed})
	}
	rows = append(rows, []string{"Asked", at(s.RequestedAt)})
	if s.ViewedAt != nil {
		rows = append(rows, []string{"Shown the document", at(*s.ViewedAt)})
	}
	rows = append(rows, []string{"Signed", at(s.SignedAt)}, []string{"Agreed to sign electronically", s.Consent}, []string{"Meant to sign", s.Intent})
	for _, more := range [][]string{{"Verified by", s.Method}, {"Address on the network", s.IPAddress}} {
		if more[1] != "" {
			rows = append(rows, more)
		}
	}
	return append(rows, []string{"Hash of the evidence", s.EvidenceHash})
}

// facts is a table of names and what they are.
func facts(rows [][]string) paper.Table {
	return paper.Table{Columns: []paper.Column{{Share: 1}, {Share: 2.4}}, Rows: rows}
}

// Paper writes a text whose fields are filled in.
func (r *Renderer) Paper(w io.Writer, p documents.Paper) error {
	blocks := []paper.Block{paper.Heading{Text: p.Title, Level: 1}}
	for _, x := range p.Paragraphs {
		if x.Heading {
			blocks = append(blocks, paper.Heading{Text: x.Text, Level: 2})
		} else {
			blocks = append(blocks, paper.Text{Text: x.Text})
		}
	}
	if p.Language == "" {
		p.Language = language
	}
	return paper.Write(w, paper.Document{Title: p.Title, Language: p.Language, Blocks: blocks}, r.theme)
}
