package store

import (
	"regexp"
	"strings"
)

// quoted finds what the server's message about a constraint names.
var quoted = regexp.MustCompile(`\b(constraint|relation|table|column) "([^"]+)"`)

// shard is what a distributed engine puts behind the names of a table's parts and of their
// constraints.
var shard = regexp.MustCompile(`_[0-9]{6,}$`)

// violations are the states of what messages of an internal error say: where a distributed engine
// moves rows between machines itself, it passes on the message alone.
var violations = [...]struct{ words, state string }{
	{"violates unique constraint", "23505"}, {"violates foreign key constraint", "23503"}, {"violates check constraint", "23514"},
	{"violates not-null constraint", "23502"}, {"is append-only: ", "FH001"},
}

// whole is r in the names of the whole table where it tells of a part of a distributed one. Such
// an engine passes on the message of the machine that has the part, without its fields;
// of a unique key that says the constraint alone.
func (r report) whole() report {
	for _, v := range violations {
		if r.state == "XX000" && strings.Contains(r.message, v.words) {
			r.state = v.state
		}
	}
	if !hasClass(r.state, "23") || r.constraint != "" && !shard.MatchString(r.constraint) {
		return r
	}
	said := map[string]string{}
	for _, m := range quoted.FindAllStringSubmatch(r.message, -1) {
		if said[m[1]] == "" {
			said[m[1]] = m[2]
		}
	}
	if table := said["relation"] + said["table"]; r.table == "" {
		r.table = table
	}
	if r.column == "" {
		r.column = said["column"]
	}
	if r.constraint == "" {
		r.constraint = said["constraint"]
	}
	r.constraint = shard.ReplaceAllString(r.constraint, "")
	r.table = shard.ReplaceAllString(r.table, "")
	return r
}
