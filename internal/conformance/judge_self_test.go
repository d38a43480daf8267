package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// The judge is known to see: a figure of a case that ships here, when it is
// changed, fails its case. Of large cases some 50 figures are tried.
func TestJudge_seesChanges(t *testing.T) {
	t.Parallel()
	vectors, err := readFolder("testdata")
	require.NoError(t, err)
	changed := 0
	for i := range vectors {
		v := &vectors[i]
		o := run(v)
		if len(judge(v, o)) > 0 {
			continue // TestVectors reports it
		}
		leaves := 0
		forEachLeaf(v.Expected, "", func(string, func(any), any) { leaves++ })
		nth, stride := i, max(1, leaves/50)
		forEachLeaf(v.Expected, "", func(path string, set func(any), was any) {
			if nth++; nth%stride != 0 {
				return
			}
			if path == ".must_be_among_roots" || (v.Topic == "day_count" && was == nil) {
				return
			}
			wrongs := wrongFor(v, was)
			if leaves > 20 { // one kind of wrong each
				wrongs = wrongs[nth%len(wrongs):][:1]
			}
			for _, wrong := range wrongs {
				set(wrong)
				require.NotEmpty(t, judge(v, o), "%s %s: %v instead of %v passes", v.ID, path, wrong, was)
				changed++
			}
			set(was)
		})
		require.Empty(t, judge(v, o), v.ID)
	}
	require.Greater(t, changed, 5_000)
}

// forEachLeaf visits the leaves of decoded JSON with a way to replace each.
func forEachLeaf(v any, path string, visit func(path string, set func(any), was any)) {
	each := func(key string, child any, set func(any)) {
		switch child.(type) {
		case object, []any:
			forEachLeaf(child, path+key, visit)
		default:
			visit(path+key, set, child)
		}
	}
	switch x := v.(type) {
	case object:
		for k, child := range x {
			each("."+k, child, func(n any) { x[k] = n })
		}
	case []any:
		for i, child := range x {
			each(fmt.Sprintf("[%d]", i), child, func(n any) { x[i] = n })
		}
	}
}

// wrongFor returns values that must not pass where was does.
func wrongFor(v *vector, was any) []any {
	switch x := was.(type) {
	case bool:
		return []any{!x, "yes", nil}
	case nil:
		return []any{"0", "1"}
	}
	d, ok := number(was)
	if !ok {
		return []any{"another text", nil}
	}
	step := decimal.New(1, -2)
	if !v.Tolerance.allows(d, d) || v.Tolerance.allows(d, d.Add(step)) {
		step = step.Add(decimal.Max(v.Tolerance.abs, v.Tolerance.floor, v.Tolerance.rel.Mul(d.Abs().Add(decimal.New(1, 0))))).Mul(decimal.New(2, 0))
	}
	return []any{d.Add(step).String(), json.Number(d.Sub(step).String()), "no number", object{}, []any{}}
}

func decodeOne(t *testing.T, text string) *vector {
	t.Helper()
	vs, err := decode([]byte(text))
	require.NoError(t, err)
	require.Len(t, vs, 1)
	return &vs[0]
}

func TestJudge_strictness(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want string // the start of the first difference; "" passes
	}{
		"an expected key that nothing answers": {`[{"topic":"withholding","inputs":{"type":"backup","base":"1.00"},"expected":{"withheld":"0.24","k":"1"}}]`, "k: nothing answers"},
		"an input key that is not known":       {`[{"topic":"withholding","inputs":{"type":"backup","base":"1.00","x":1},"expected":{"withheld":"0.24"}}]`, "error: inputs.x"},
		"a topic that is not known":            {`[{"topic":"astrology","inputs":{},"expected":{"withheld":"0.24"}}]`, `error: the topic "astrology"`},
		"numbers, nulls and no family":         {`[{"id":7,"topic":"capital_account","family":null,"inputs":{"opening":1.5,"fees":null},"expected":{"closing":1.50},"tolerance":{"abs":0}}]`, ""},
		"another figure":                       {`[{"topic":"capital_account","inputs":{"opening":1.5},"expected":{"closing":1.51}}]`, "closing: want 1.51, got 1.5"},
		"a figure within the tolerance":        {`[{"topic":"capital_account","inputs":{"opening":1.5},"expected":{"closing":1.51},"tolerance":{"abs":"0.01"}}]`, ""},
		"a tolerance relative to the figure":   {`[{"topic":"capital_account","inputs":{"opening":"101"},"expected":{"closing":"100"},"tolerance":{"abs":0,"rel":0.01}}]`, ""},
		"an undefined figure":                  {`[{"topic":"operating_metrics","inputs":{},"expected":{"dscr":null,"noi":"0"}}]`, ""},
		"a zero is not undefined":              {`[{"topic":"operating_metrics","inputs":{},"expected":{"dscr":"0"}}]`, "dscr: want \"0\", got undefined"},
		"a defined figure is not undefined":    {`[{"topic":"operating_metrics","inputs":{},"expected":{"noi":null}}]`, "noi: want null"},
		"a missing id has zero":                {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[{"id":"a","weight":1},{"id":"b","weight":"0"}]},"expected":{"amounts":{"a":"0.01"}}}]`, ""},
		"a missing id that has money":          {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[{"id":"a","weight":1}]},"expected":{"amounts":{}}}]`, "amounts.a"},
		"an id that is not there":              {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[{"id":"a","weight":1}]},"expected":{"amounts":{"a":"0.01","z":"0.01"}}}]`, "amounts.z"},
		"an error that is expected":            {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[{"id":"a","weight":-1}]},"expected":{"error":"negative"}}]`, ""},
		"an error that does not come":          {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[{"id":"a","weight":1}]},"expected":{"error":"negative"}}]`, "error: want negative, got none"},
		"an error that is not expected":        {`[{"topic":"allocation","inputs":{"total":"0.01","weights":[]},"expected":{"amounts":{}}}]`, "error: "},
		"a third decimal is the input's fault": {`[{"topic":"allocation","inputs":{"total":"0.001","weights":[]},"expected":{"error":"not_money"}}]`, ""},
		"an unreadable input is not":           {`[{"topic":"allocation","inputs":{"total":{},"weights":[]},"expected":{"error":"not_money"}}]`, "error: want not_money, got one that does not blame"},
		"a missing row": {`[{"topic":"amortisation","inputs":{"principal":"2","annual_rate":"0","term_months":2,"amortisation_months":2,
			"start_date":"2024-01-01"},"expected":{"rows":[{"n":1,"payment":"1"}]}}]`, "rows: want"},
		"rows that are not listed": {`[{"topic":"amortisation","inputs":{"principal":"2","annual_rate":"0","term_months":"2","amortisation_months":2,
			"start_date":"2024-01-01"},"expected":{"rows":null,"sample_rows":[{"n":2,"balance":"0.00"}],"payments":2}}]`, ""},
		"a sample that is not there": {`[{"topic":"amortisation","inputs":{"principal":"2","annual_rate":"0","term_months":2,"amortisation_months":2,
			"start_date":"2024-01-01"},"expected":{"sample_rows":[{"n":3,"balance":"0.00"}]}}]`, "sample_rows[0]: there is no row 3"},
	} {
		v := decodeOne(t, c.text)
		diffs := judge(v, run(v))
		if c.want == "" {
			require.Empty(t, diffs, name)
			continue
		}
		require.NotEmpty(t, diffs, name)
		require.Contains(t, diffs[0], c.want, name)
	}
}

func TestJudge_roots(t *testing.T) {
	t.Parallel()
	got := outcome{got: object{"rate": decimal.New(5, -1), "roots": []any{decimal.New(-2, -1), decimal.New(5, -1)}, "unique": false}}
	for text, passes := range map[string]bool{
		`{"rate":"-0.2","must_be_among_roots":true}`:                      true,
		`{"rate":"-0.2","unique":false}`:                                  false,
		`{"rate":"-0.2"}`:                                                 true,
		`{"rate":"-0.3"}`:                                                 false,
		`{"rate":"-0.2","must_be_among_roots":false,"unique":false}`:      false,
		`{"rate":"0.3","must_be_among_roots":true}`:                       false,
		`{"rate":"0.5","must_be_among_roots":true,"unique":true}`:         false,
		`{"rate":"0.5","roots":["-0.2","0.5"],"unique":false}`:            true,
		`{"rate":"0.5","roots":["0.5"],"unique":false}`:                   false,
		`{"rate":"0.5","roots":["0.5","-0.2"]}`:                           false,
		`{"rate":"0.5","must_be_among_roots":true,"roots":["-0.2","9"]}`:  false,
		`{"rate":"none","must_be_among_roots":true,"roots":["-0.2","9"]}`: false,
	} {
		v := decodeOne(t, `[{"topic":"xirr","inputs":{},"expected":`+text+`}]`)
		require.Equal(t, passes, len(judge(v, got)) == 0, text)
	}
}

func TestReadFolder_refuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no cases":            `[]`,
		"no array":            `{"id":"x"}`,
		"nothing expected":    `[{"id":"x","topic":"npv","inputs":{},"expected":{}}]`,
		"a tolerance unknown": `[{"topic":"npv","expected":{"npv_t0":"1"},"tolerance":{"ulp":1}}]`,
		"a tolerance below 0": `[{"topic":"npv","expected":{"npv_t0":"1"},"tolerance":{"abs":-1}}]`,
		"a tolerance of text": `[{"topic":"npv","expected":{"npv_t0":"1"},"tolerance":"some"}]`,
		"a tolerance of list": `[{"topic":"npv","expected":{"npv_t0":"1"},"tolerance":[1]}]`,
		"two arrays":          `[{"topic":"npv","expected":{"npv_t0":"1"}}][]`,
		"half an array":       `[{"topic":"npv",`,
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "x.json"), []byte(text), 0o600))
		_, err := readFolder(dir)
		require.Error(t, err, name)
	}
	_, err := readFolder(t.TempDir())
	require.Error(t, err)
}

// The share of the largest flow widens a tolerance, and the larger of the two
// holds.
func TestTolerance_largestFlow(t *testing.T) {
	t.Parallel()
	v := decodeOne(t, `[{"topic":"xnpv","inputs":{"flows":[{"date":"2020-01-01","amount":"-2000000"},{"amount":5}]},
		"expected":{"xnpv":"1"},"tolerance":{"abs":1e-6,"rel_to_largest_flow":1e-6}}]`)
	require.True(t, v.Tolerance.allows(decimal.New(1, 0), decimal.New(3, 0)))
	require.False(t, v.Tolerance.allows(decimal.New(1, 0), decimal.New(31, -1)))
}
