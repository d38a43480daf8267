package schematest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A distributed engine asks one group of tables after the other and joins what it got: an
// inner or outer join of the two is no trouble, a list (a MATERIALIZED one) of the ledger
// least of all. What it refuses is to ask the one for each row of the other: a subquery,
// LATERAL or not, that reads the one and names a row of the other, and a subquery of the
// deals inside a query that reads the ledger.

// words cuts a statement into names with their dots, numbers and single characters.
// Strings, comments and quotes around names are gone before.
var (
	words    = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*(?:\.(?:[A-Za-z_][A-Za-z_0-9]*|\*))*|[0-9]+|[^\s]`)
	literals = regexp.MustCompile(`'(?:[^']|'')*'`)
	comments = regexp.MustCompile(`--[^\n]*`)
)

// part is a word of a statement, or what stands between parentheses.
type part struct {
	word   string
	inside []part // nil for a word
	group  bool
}

func (p part) is(list ...string) bool {
	return !p.group && slices.Contains(list, strings.ToUpper(p.word))
}

// parts cuts a statement into words and groups.
func parts(statement string) []part {
	text := comments.ReplaceAllString(literals.ReplaceAllString(statement, " '' "), "")
	all := words.FindAllString(strings.ReplaceAll(text, `"`, ""), -1)
	stack := [][]part{nil}
	for _, w := range all {
		top := len(stack) - 1
		switch {
		case w == "(":
			stack = append(stack, nil)
		case w == ")" && top > 0:
			stack[top-1] = append(stack[top-1], part{inside: stack[top], group: true})
			stack = stack[:top]
		default:
			stack[top] = append(stack[top], part{word: w})
		}
	}
	return slices.Concat(stack...) // a fragment may leave some open
}

// reads are the tables that something reads, by group; a list reads "", which is neither.
type reads map[string]string

func (r reads) add(other reads) {
	for group, table := range other {
		r[group] = table
	}
}

// scope is a query, and what its FROM names.
type scope struct {
	outer *scope
	names map[string]reads
	lists map[string]reads // its WITH, and those of the queries around it
	any   bool             // its names are those of all models: a fragment has no FROM
}

// find is what a name stands for, and in which query.
func (s *scope) find(name string) (reads, *scope) {
	for at := s; at != nil; at = at.outer {
		if r, ok := at.names[name]; ok {
			return r, at
		}
	}
	return nil, nil
}

// reader judges statements by the plan.
type reader struct {
	plan  map[string]place
	times map[string]int // a word stands after FROM, JOIN or a comma: what a list is used more than once for is one
	found []string
}

// rowByRow are the tables of one group that a statement asks for each row of the other. The
// names in a text that has no FROM are aliases of models, to their tables.
func rowByRow(statement string, plan map[string]place, aliases map[string]string) []string {
	r := &reader{plan: plan, times: map[string]int{}}
	top := &scope{names: map[string]reads{}, lists: map[string]reads{}}
	p := parts(statement)
	r.count(p)
	if !slices.ContainsFunc(p, func(p part) bool { return p.is("FROM", "UPDATE") }) {
		for alias, table := range aliases {
			top.names[alias] = r.table(table)
		}
		r.conditions(p, &scope{outer: nil, names: top.names, lists: top.lists, any: true}, reads{}, map[string]bool{})
	} else {
		r.query(p, top)
	}
	slices.Sort(r.found)
	return slices.Compact(r.found)
}

// table is what a table's name reads.
func (r *reader) table(name string) reads {
	p, ok := r.plan[name]
	switch {
	case !ok:
		return reads{}
	case p.group == groupLedger:
		return reads{groupLedger: name}
	}
	return reads{together: name}
}

const groupLedger = "ledger"

// count notes how often words stand where a table does.
func (r *reader) count(p []part) {
	for i, x := range p {
		if x.group {
			r.count(x.inside)
		} else if i > 0 && p[i-1].is("FROM", "JOIN", ",") {
			r.times[x.word]++
		}
	}
}

// isQuery reports whether a group is a query and not a list of values or a condition.
func isQuery(p []part) bool {
	return len(p) > 0 && p[0].is("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
}

// query judges a query, arm by arm, in a scope of its own that has been made, and returns
// what all of it reads, and the names of the queries around it that it uses.
func (r *reader) query(p []part, s *scope) (all reads, uses map[string]bool) {
	all, uses = reads{}, map[string]bool{}
	if len(p) > 0 && p[0].is("WITH") {
		p = r.with(p[1:], s)
	}
	for len(p) > 0 {
		end := slices.IndexFunc(p, func(p part) bool { return p.is("UNION", "INTERSECT", "EXCEPT") })
		arm := p
		if p = nil; end >= 0 {
			arm, p = arm[:end], arm[end+1:]
		}
		in := &scope{outer: s.outer, names: maps.Clone(s.names), lists: s.lists}
		r.from(arm, in)
		for _, item := range in.names {
			all.add(item)
		}
		r.conditions(arm, in, all, uses)
	}
	return all, uses
}

// with notes the lists before a query, and returns the query.
func (r *reader) with(p []part, s *scope) []part {
	s.lists = maps.Clone(s.lists)
	for i := range p {
		switch {
		case p[i].is("SELECT", "INSERT", "UPDATE", "DELETE"):
			return p[i:]
		case p[i].group && i > 0 && isQuery(p[i].inside):
			name, alone := "", false
			for j := i - 1; j >= 0 && !p[j].is(","); j-- {
				alone = alone || p[j].is("MATERIALIZED") && !p[j-1].is("NOT")
				name = p[j].word
			}
			inside, _ := r.query(p[i].inside, &scope{names: map[string]reads{}, lists: s.lists})
			if alone || r.times[name] > 1 {
				inside = reads{"": name}
			}
			s.lists[name] = inside
		}
	}
	return nil
}

// ends are the words that end a FROM.
var ends = []string{"WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "WINDOW", "FOR", "RETURNING", "SET", "FETCH"}

// keywords are what may follow a table and is no name of it.
var keywords = append([]string{"ON", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "USING", "FROM", "SELECT", "VALUES", "DEFAULT", "LATERAL", "AND", "OR", "THEN"}, ends...)

// from notes what the FROM of a query names, and what it joins.
func (r *reader) from(p []part, s *scope) {
	in, next, outer := false, false, false
	for i := 0; i < len(p); i++ {
		switch {
		case p[i].is("FROM", "USING", "UPDATE") && (i == 0 || !p[i-1].is("DISTINCT", "FOR", "DO", "KEY")), p[i].is("JOIN"):
			in, next = true, true
			outer = i > 0 && p[i-1].is("LEFT", "OUTER")
		case p[i].is(ends...):
			in = false
		case in && p[i].is(","):
			next = true
		case p[i].is("LATERAL", "ONLY"):
		case next:
			i, next = r.item(p, i, s, outer), false
		}
	}
}

// apart reports whether what a LEFT JOIN adds is asked on its own, because what it is
// joined to is of another group.
func (s *scope) apart(what reads) bool {
	if _, ok := what[groupLedger]; !ok {
		return false
	}
	for _, before := range s.names {
		if _, ok := before[groupLedger]; !ok && len(before) > 0 {
			return true
		}
	}
	return false
}

// item notes what stands in a FROM at i, and returns where it ends.
func (r *reader) item(p []part, i int, s *scope, outer bool) int {
	var what reads
	name := p[i].word
	switch {
	case p[i].group && isQuery(p[i].inside):
		what, _ = (&reader{plan: r.plan, times: r.times}).query(p[i].inside, &scope{outer: nil, names: map[string]reads{}, lists: s.lists})
		if table, ok := what[groupLedger]; ok && i > 0 && p[i-1].is("LATERAL") && !slices.ContainsFunc(p[i].inside, func(p part) bool { return p.is("FROM") }) {
			r.found = append(r.found, table+" in a LATERAL without a FROM")
		}
	case p[i].group:
		r.from(append([]part{{word: "FROM"}}, p[i].inside...), s)
		return i
	case s.lists[name] != nil:
		what = s.lists[name]
	default:
		what = r.table(name)
	}
	if _, after, ok := strings.Cut(name, "."); ok {
		name = after
	}
	if i+1 < len(p) && p[i+1].group && !isQuery(p[i+1].inside) { // a function, or the columns of an insert
		i++
	}
	if i+1 < len(p) && p[i+1].is("AS") {
		i++
	}
	if i+1 < len(p) && !p[i+1].group && !p[i+1].is(keywords...) && words.MatchString(p[i+1].word) && p[i+1].word != "," {
		i++
		name = p[i].word
	}
	if outer && s.apart(what) {
		what = reads{"": name}
	}
	s.names[name] = what
	return i
}

// conditions judges the subqueries of a query, and notes which names of the queries around
// it are used.
func (r *reader) conditions(p []part, s *scope, all reads, uses map[string]bool) {
	for _, x := range p {
		switch {
		case x.group && isQuery(x.inside):
			inside, names := r.query(x.inside, &scope{outer: s, names: map[string]reads{}, lists: s.lists})
			r.judge(inside, names, s)
			all.add(inside)
			for name := range names {
				if _, own := s.names[name]; !own {
					uses[name] = true
				}
			}
		case x.group:
			r.conditions(x.inside, s, all, uses)
		default:
			name, _, dotted := strings.Cut(x.word, ".")
			if _, own := s.names[name]; dotted && !own && s.outer != nil {
				if what, _ := s.outer.find(name); what != nil {
					uses[name] = true
				}
			}
		}
	}
}

// judge finds a subquery of a query s that one machine would have to ask another for, row
// by row: by what it reads, and by the names that it uses.
func (r *reader) judge(inside reads, names map[string]bool, s *scope) {
	for name := range names {
		what, at := s.find(name)
		if table, ok := inside[groupLedger]; ok {
			for group, other := range what {
				if group != groupLedger {
					r.found = append(r.found, table+" for each row of "+other)
				}
			}
		}
		table, ok := inside[together]
		for at, beside := range at.names {
			other, is := beside[groupLedger]
			if ok && is && (!s.any || at == name) {
				r.found = append(r.found, table+" for each row of "+other)
			}
		}
	}
}

// The rule notices what a cluster refuses, and nothing of what it runs. Each of the
// statements was tried on one.
func TestRowByRow(t *testing.T) {
	t.Parallel()
	plan := map[string]place{"financials.journals": {groupLedger, "book_id"}, "financials.books": {groupLedger, "id"}, "investments.transfers": {together, ""}, "investments.lines": {together, ""}}
	for _, statement := range lines(t, "testdata/row_by_row.sql") {
		refused, query, ok := strings.Cut(statement, ": ")
		require.True(t, ok, statement)
		require.Equal(t, refused == "refused", len(rowByRow(query, plan, nil)) > 0, "%s\n%v", statement, rowByRow(query, plan, nil))
	}
	fragment := "NOT EXISTS (SELECT 1 FROM financials.journals j WHERE j.reverses_id = t.journal_id)"
	require.Empty(t, rowByRow(fragment, plan, nil))
	require.Equal(t, []string{"financials.journals for each row of investments.transfers"}, rowByRow(fragment, plan, map[string]string{"t": "investments.transfers", "lj": "financials.journals"}))
}
