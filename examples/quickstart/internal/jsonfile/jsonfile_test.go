package jsonfile_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/examples/quickstart/internal/jsonfile"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/tabular"
)

type tree struct {
	Name  string            `json:"name"`
	Rate  *decimal.Decimal  `json:"rate,omitempty"`
	Leafs map[string]branch `json:"leafs"`
	List  []branch          `json:"list"`
	Other string            `json:"-"`
}

type branch struct {
	Words []string  `json:"words"`
	Day   date.Date `json:"day"`
}

// Each mistake is at the line and the column, in characters, of what is wrong.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		data string
		want []string
	}{
		{`{"name": "x", "rate": 0.5, "leafs": {"a": {"words": ["b", "c"]}}, "list": [{"day": "2026-03-31"}, {"words": []}]}`, nil},
		{`{"list": [{"day": "2026-03-32"}, {"day": 5}]}`, []string{`t.json:1:19: day: a text in quotes such as the date "2026-03-31" is wanted`,
			`t.json:1:42: day: a text in quotes such as the date "2026-03-31" is wanted`}},
		{"\ufeff\n {}\n", nil},
		{``, []string{"t.json:1:1: the file is not valid JSON from here on"}},
		{"{\"name\": \"x\",\n\t}", []string{"t.json:2:2: the file is not valid JSON from here on"}},
		{`{} {}`, []string{"t.json:1:4: the file is not valid JSON from here on"}},
		{`[]`, []string{"t.json:1:1: fields in braces { } are wanted"}},
		{`{"name": 5, "rate": "x", "leafs": [], "list": {}}`, []string{
			"t.json:1:10: name: a text in quotes is wanted", "t.json:1:21: rate: a number such as 0.08 is wanted",
			"t.json:1:35: leafs: fields in braces { } are wanted", "t.json:1:47: list: a list in brackets [ ] is wanted"}},
		{"{\"näme\": 1,\n  \"Name\" : 2, \"other\":3,\"\": 4}", []string{"t.json:1:2: there is no such field",
			"t.json:2:3: there is no such field", "t.json:2:15: there is no such field", "t.json:2:25: the field has no name"}},
		{`{"name": "ä", "name": "b"}`, []string{"t.json:1:15: the field is there twice"}},
		{`{"leafs": {"a": {"words": ["é", 1]}, "a": {}}}`, []string{"t.json:1:33: words: a text in quotes is wanted",
			"t.json:1:38: the field is there twice"}},
		{"{\"list\": [\n{\"words\":[null]},\n 7]}", []string{"t.json:2:11: words: a text in quotes is wanted",
			"t.json:3:2: list: fields in braces { } are wanted"}},
	} {
		log := tabular.New("t.json", nil, date.Date{})
		jsonfile.Read([]byte(c.data), tree{}, log)
		var got []string
		for _, p := range log.Problems() {
			got = append(got, p.Error())
		}
		require.Equal(t, c.want, got, c.data)
	}
}

// What the file lacks is said at what it belongs to, and no text of the file is
// repeated.
func TestFile_Reject(t *testing.T) {
	t.Parallel()
	log := tabular.New("t.json", nil, date.Date{})
	j := jsonfile.Read([]byte(`{"name": "x", "leafs": {"a.b[\"]": {"words": ["c"]}}}`), tree{}, log)
	for _, path := range []string{"name", `leafs["a.b[\"]"].words[0]`, `leafs["a.b[\"]"].gone`, "list[3].words", ""} {
		j.Reject(path, "wrong")
	}
	require.EqualError(t, log.Problems(), "t.json:1:10: name: wrong\nt.json:1:47: words: wrong\nt.json:1:36: gone: wrong\n"+
		"t.json:1:1: words: wrong\nt.json:1:1: wrong")
}
