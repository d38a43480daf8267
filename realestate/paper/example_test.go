package paper_test

import (
	"bytes"
	"fmt"

	"github.com/freehold-go/freehold/realestate/paper"
)

func Example() {
	var b bytes.Buffer
	err := paper.Write(&b, paper.Document{Title: "Notice", Language: "en-US", Blocks: []paper.Block{
		paper.Heading{Text: "Distribution of the first quarter", Level: 1},
		paper.Text{Text: "Dear investor, what follows is on its way to you."},
		paper.Table{Totals: true, Columns: []paper.Column{{Title: "Account", Share: 3}, {Title: "Amount", Align: paper.AlignRight}}, Rows: [][]string{
			{"Ann Åberg", "1,250.00"},
			{"Oak Trust", "2,500.00"},
			{"Sum", "3,750.00"},
		}},
	}}, paper.Theme{Size: paper.A4, Footer: "Elm Street LLC"})
	fmt.Println(err, bytes.HasPrefix(b.Bytes(), []byte("%PDF-")))

	err = paper.Write(&b, paper.Document{Title: "漢", Language: "ja"}, paper.Theme{})
	fmt.Println(err)
	// Output:
	// <nil> true
	// title: the font has no letter U+6F22, or it cannot be set (text_malformed)
}
