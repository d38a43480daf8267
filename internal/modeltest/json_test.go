package modeltest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// secret is the types whose values JSON never shows.
var secret = regexp.MustCompile(`\.(Secret|SealedKey)$`)

// Every model is written as JSON under one vocabulary, the snake_case of its Go
// names, without its secrets, and reads as what it was.
func TestModels_json(t *testing.T) {
	t.Parallel()
	columns := catalog(t, pgtest.Tx(t))
	tables := pgdialect.New().Tables()
	for _, m := range Tables() {
		mk := &maker{t: t}
		for _, full := range []bool{true, false} {
			row := mk.row(tables.Get(m.Type), columns, full).Elem()
			for row.Kind() == reflect.Pointer {
				row = row.Elem()
			}
			body, err := json.Marshal(row.Interface())
			require.NoError(t, err, m.Type)
			var names map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(body, &names))
			for name := range names {
				require.Regexp(t, `^[a-z][a-z0-9_]*$`, name, m.Type)
				require.NotContains(t, []string{"opportunity_id", "investment_id", "base_model"}, name, m.Type)
			}
			again := reflect.New(row.Type())
			require.NoError(t, json.Unmarshal(body, again.Interface()), m.Type)
			for _, f := range tables.Get(m.Type).Fields {
				tag, _, _ := strings.Cut(f.StructField.Tag.Get("json"), ",")
				if f.StructField.PkgPath != "" || len(f.Index) != 1 {
					continue
				}
				if unseen[fmt.Sprintf("%s.%s", m.Type, f.GoName)] != "" {
					require.Equal(t, "-", tag)
					continue
				}
				want, got := row.FieldByIndex(f.Index), again.Elem().FieldByIndex(f.Index)
				if typ := strings.TrimPrefix(want.Type().String(), "*"); secret.MatchString(typ) {
					require.NotContains(t, string(names[tag]), "k1:", "%s.%s shows", m.Type, f.GoName)
					continue
				}
				require.Equal(t, letters(f.GoName), letters(tag), "%s: the JSON name of %s", m.Type, f.GoName)
				if raw, ok := got.Interface().(json.RawMessage); ok && string(raw) == "null" {
					require.Zero(t, want.Len())
					continue
				}
				require.True(t, same(want, got), "%s.%s is %v, was %v", m.Type, f.GoName, got, want)
			}
		}
	}
}

// unseen are fields that no JSON shows, and why.
var unseen = map[string]string{
	"investments.Portfolio.Folded":         "for the next computation alone",
	"investments.Portfolio.FoldedNumbers":  "for the next computation alone",
	"investments.Calculation.ClosingIndex": "for the next computation alone",
	"investments.Calculation.TermsHash":    "for the next computation alone",
	"investments.Calculation.LateChanges":  "for the next computation alone",
}

// letters is a name without its case and its words.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
