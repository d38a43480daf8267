package documents

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrField: a template asks for a field that nobody gave, or a field was given that it
// does not ask for.
var ErrField = fault.New(fault.Invalid, "template_field", "the fields are not those of the template").On("fields")

// Paragraph is one of a paper: a heading or text.
type Paragraph struct {
	Heading bool   `json:"heading"`
	Text    string `json:"text"`
}

// Paper is a text that is ready to be rendered.
type Paper struct {
	Title      string      `json:"title"`
	Language   string      `json:"language"` // such as en-US
	Paragraphs []Paragraph `json:"paragraphs"`
}

// Template is a text with places for fields, written {{field_name}}. A blank line begins
// a new paragraph, and "# " a heading.
type Template struct {
	Title    string
	Language string // such as en-US
	Body     string
}

var place = regexp.MustCompile(`\{\{\s*([a-z][a-z0-9_]*)\s*\}\}`)

// Fields lists the fields that a template asks for, each once, in order.
func (t Template) Fields() (out []string) {
	for _, m := range place.FindAllStringSubmatch(t.Title+"\n"+t.Body, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// check adds what is wrong with a template, whose fields begin with at, and with what is
// put into it.
func (t Template) check(f *check.Fields, at string, fields map[string]string) {
	f.Required(at+"title", t.Title, 255)
	f.Required(at+"body", t.Body, check.Long)
	f.Text(at+"language", t.Language, 35)
	for name, text := range map[string]string{"title": t.Title, "body": t.Body} {
		rest := place.ReplaceAllString(text, "")
		f.Check(!strings.Contains(rest, "{{") && !strings.Contains(rest, "}}"), at+name, check.Malformed, "a place is {{name}}, of small letters, digits and _")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f.Text(fmt.Sprintf("fields[%s]", name[:min(len(name), 50)]), fields[name], 10_000)
	}
}

// Merge puts fields into their places. What a field says is text, whatever it looks like:
// no braces, headings or paragraphs come out of it. It returns field errors, or [ErrField]
// for fields that are missing or not asked for.
func (t Template) Merge(fields map[string]string) (*Paper, error) {
	var f check.Fields
	t.check(&f, "", fields)
	if err := f.Err(); err != nil {
		return nil, err
	}
	asked := t.Fields()
	for _, name := range asked {
		if strings.TrimSpace(fields[name]) == "" {
			return nil, ErrField.With("%s is missing", name)
		}
	}
	if len(fields) != len(asked) {
		return nil, ErrField.With("%d are given, and %d asked for", len(fields), len(asked))
	}
	fill := func(s string) string {
		return place.ReplaceAllStringFunc(s, func(m string) string {
			return strings.Join(strings.Fields(fields[place.FindStringSubmatch(m)[1]]), " ")
		})
	}
	p := &Paper{Title: fill(t.Title), Language: t.Language}
	for _, block := range strings.Split(strings.ReplaceAll(t.Body, "\r\n", "\n"), "\n\n") {
		if block = strings.TrimSpace(block); block == "" {
			continue
		}
		text, heading := strings.CutPrefix(block, "# ")
		p.Paragraphs = append(p.Paragraphs, Paragraph{heading, fill(text)})
	}
	return p, nil
}

// SubscriptionAgreement is a plain subscription agreement to begin with. A lawyer reads
// it before anybody signs it.
var SubscriptionAgreement = Template{
	Title:    "Subscription agreement: {{offering_name}}",
	Language: "en-US",
	Body: `# Subscription

{{investor_name}} (the Investor) subscribes for an interest in {{offering_name}} (the Company) in the amount of {{amount}}, and agrees to pay it when the Company calls for it.

# What the Investor states

The Investor is an accredited investor, acts for their own account, has read the offering documents of the Company and understands that the interest may lose all of its value and cannot be resold freely.

# Acceptance

This agreement binds the Company when the sponsor, {{sponsor_name}}, has countersigned it. It is dated {{date}} and is governed by the law of {{governing_law}}.`,
}

// Notice is a plain notice to begin with.
var Notice = Template{
	Title:    "Notice: {{subject}}",
	Language: "en-US",
	Body: `To {{recipient_name}}

{{text}}

{{sender_name}}, {{date}}`,
}
