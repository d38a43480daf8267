package schematest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func oddNames(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, r := range c.relations {
		if !snake.MatchString(r.name) {
			bad = append(bad, r.String())
		}
		for _, col := range r.columns {
			if !snake.MatchString(col.name) {
				bad = append(bad, r.String()+"."+col.name)
			}
		}
	}
	return bad
}

// misnamed finds constraints and indexes that are named neither by our rule nor
// by the document, and names that stand twice in a schema or were cut.
func misnamed(t *testing.T, c *catalog, _ bun.IDB) []string {
	given := make(map[string]bool)
	for _, o := range objects(t) {
		if constrain[o.kind] || o.kind == "index" {
			given[o.schema+"."+o.name] = true
		}
	}
	var bad []string
	twice := make(map[string]bool)
	note := func(schema, name, why string) {
		bad = append(bad, fmt.Sprintf("%s.%s: %s", schema, name, why))
	}
	for _, k := range c.constraints {
		if twice[k.schema+"."+k.name] {
			note(k.schema, k.name, "stands twice")
		}
		twice[k.schema+"."+k.name] = true
		if len(k.name) >= 63 {
			note(k.schema, k.name, "is as long as a name can be, so perhaps cut")
		}
		if why := c.misnamedConstraint(k); why != "" && !given[k.schema+"."+k.name] {
			note(k.schema, k.name, why)
		}
	}
	for _, i := range c.indexes {
		if len(i.name) >= 63 {
			note(i.schema, i.name, "is as long as a name can be, so perhaps cut")
		}
		if why := misnamedIndex(i); why != "" && !given[i.schema+"."+i.name] {
			note(i.schema, i.name, why)
		}
	}
	return bad
}

// misnamedConstraint says what is wrong with a constraint's name, or "".
func (c *catalog) misnamedConstraint(k *constraint) string {
	prefix := map[string]string{"p": "pk_", "u": "uk_", "c": "chk_", "f": "fk_"}[k.kind] + k.table
	rest, ok := strings.CutPrefix(k.name, prefix)
	what := strings.TrimPrefix(rest, "_")
	switch {
	case !ok:
		return "does not begin with " + prefix
	case k.kind == "p" && rest != "":
		return "is not " + prefix
	case k.kind == "p":
		return ""
	case what == "":
		return "says nothing after the table"
	case k.kind == "f" && !slices.Contains(k.columns, what):
		return "ends in no column of the key"
	case k.kind == "c" && len(k.columns) == 1 && what != k.columns[0]:
		return "is on the column " + k.columns[0] + " alone"
	case k.kind == "c" && len(k.columns) > 1 && c.relation(k.schema+"."+k.table).column(what) != nil:
		return "is on several columns and named after one"
	}
	return ""
}

// misnamedIndex says what is wrong with an index's name, or "".
func misnamedIndex(i *index) string {
	prefix := "idx_"
	if i.unique {
		prefix = "uk_"
	}
	if i.name == "pk_"+i.table || strings.HasPrefix(i.name, prefix+i.table+"_") {
		return ""
	}
	return "does not begin with " + prefix + i.table
}

// oddKeys finds primary keys that are not a UUID called id. The exceptions carry
// no identity of their own: they are caches, lines and markers of another row.
func oddKeys(_ *testing.T, c *catalog, _ bun.IDB) []string {
	others := map[string]string{
		"freehold.migrations":                   "version",
		"freehold.idempotency":                  "scope,verb,key",
		"freehold.outbox_heads":                 "aggregate_type,aggregate_id",
		"freehold.ledger_marks":                 "book_id,number",
		"freehold.ledger_seals":                 "id,book_id",
		"freehold.sealed_journals":              "journal_id,book_id",
		"financials.accounts":                   "id,book_id",
		"financials.periods":                    "id,book_id",
		"financials.journals":                   "id,book_id",
		"financials.pending_journals":           "id,book_id",
		"financials.unsealed_journals":          "book_id,recorded_at,journal_id",
		"financials.postings":                   "journal_id,book_id,line",
		"financials.pending_postings":           "pending_journal_id,book_id,line",
		"financials.account_balances":           "account_id,book_id,shard",
		"financials.subledger_balances":         "account_id,book_id,subledger_id",
		"investments.distribution_calculations": "distribution_id",
		"investments.distribution_tiers":        "line_id,tier",
		"investments.loan_payments":             "distribution_id,loan_id",
	}
	var bad []string
	for _, r := range c.tables() {
		want := "id"
		switch {
		case others[r.String()] != "":
			want = others[r.String()]
		case r.kind == "PARTITIONED TABLE":
			want = "id,created_at"
		case r.isHistory():
			want = "id,valid_from,valid_to"
		}
		found := slices.ContainsFunc(c.constraints, func(k *constraint) bool {
			return k.kind == "p" && k.schema == r.schema && k.table == r.name && strings.Join(k.columns, ",") == want
		})
		if first, _, _ := strings.Cut(want, ","); !found || first == "id" && r.column("id").typ != "UUID" {
			bad = append(bad, r.String())
		}
	}
	return bad
}

// redundantIndexes finds indexes whose work another one does as well: the same
// leading columns, no predicate of their own, and no uniqueness to keep.
func redundantIndexes(_ *testing.T, c *catalog, _ bun.IDB) []string {
	// The outer index answers a question of its own that the inner one answers
	// only by reading more: the document names both.
	named := map[string]bool{}
	var bad []string
	for _, i := range c.indexes {
		if i.unique || i.method != "btree" || slices.Contains(i.columns, "") {
			continue
		}
		for _, j := range c.indexes {
			if i == j || j.schema != i.schema || j.table != i.table || j.method != "btree" || len(j.columns) < len(i.columns) {
				continue
			}
			if slices.Equal(j.columns[:len(i.columns)], i.columns) && (j.predicate == "" || j.predicate == i.predicate) &&
				(i.predicate == "" || i.predicate == j.predicate) && !strings.Contains(i.def, " DESC") && !named[i.name] {
				bad = append(bad, i.schema+"."+i.name+" is a prefix of "+j.name)
			}
		}
	}
	return bad
}
