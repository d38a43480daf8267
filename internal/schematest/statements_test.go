package schematest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// statementsApart: a statement on a distributed table names its column, by an equality or
// a list of values or in a join, so that it goes to the machine that has the rows; a lock is
// asked of that one alone. It holds the functions of the database and the SQL in the library's
// Go files to it, and what they read and lock through a repository by the id alone.
func statementsApart(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	eachFunction(t, tx, func(name, statement string) { out = append(out, everywhereIn(name, statement, plan)...) })
	eachProgram(t, func(name, text string) {
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr, *ast.BasicLit:
				statement, is := sqlOf(n)
				if is {
					out = append(out, everywhereIn(name, statement, plan)...)
				}
				return !is
			case *ast.CallExpr:
				out = append(out, byIDAlone(name, n)...)
			}
			return true
		})
	})
	return out
}

// eachFunction calls do with each statement of the database's functions.
func eachFunction(t *testing.T, tx bun.IDB, do func(name, statement string)) {
	for _, r := range rows(t, tx, `SELECT p.oid::regproc::text, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname IN ('freehold', 'financials', 'investments', 'users', 'auth', 'communications', 'analytics')`) {
		for statement := range strings.SplitSeq(r[1], ";") {
			do(r[0], statement)
		}
	}
}

// sqlOf is the text of a literal, or of several that are added, with a ? for what else
// is added to them.
func sqlOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			text, err := strconv.Unquote(n.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return sqlOf(n.X)
	case *ast.BinaryExpr:
		if n.Op == token.ADD {
			left, a := sqlOf(n.X)
			right, b := sqlOf(n.Y)
			if !a {
				left = " ? "
			}
			if !b {
				right = " ? "
			}
			return left + right, a || b
		}
	}
	return "", false
}

// uses finds where a statement reads or changes a table, and under which name. Inserting
// needs no condition.
var uses = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|USING)\s+((?:auth|users|communications|analytics|financials|freehold)\.[a-z_]+)(?:\s+AS)?(?:\s+([a-z]+)\b)?`)

// locks is a statement that locks the rows that it reads.
var locks = regexp.MustCompile(`\bFOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b`)

// everywhereIn finds the uses of distributed tables in a statement that do not name the
// column.
func everywhereIn(name, statement string, plan map[string]place) (out []string) {
	for _, m := range uses.FindAllStringSubmatch(statement, -1) {
		p := plan[m[1]]
		if p.column == "" {
			continue
		}
		at := `(?:` + regexp.QuoteMeta(m[1]) + `\.)?` + p.column
		if m[2] != "" {
			at = m[2] + `\.` + p.column
		}
		if !regexp.MustCompile(`\b` + at + `\s*(?:=|IN\b)|=\s*` + at + `\b`).MatchString(statement) {
			does := " asks for "
			if locks.MatchString(statement) {
				does = " locks of "
			}
			out = append(out, "R9 "+name+does+m[1]+" without its "+p.column)
		}
	}
	return out
}

// within are the repositories of the ledger whose rows have a book, by the names of their
// variables.
var within = map[string]string{
	"accounts": "financials.accounts", "periods": "financials.periods", "journals": "financials.journals",
	"pendingJournals": "financials.pending_journals", "seals": "freehold.ledger_seals",
}

// byIDAlone finds a call of a repository that gives it the id alone.
func byIDAlone(name string, call *ast.CallExpr) []string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.HasPrefix(name, "financials/ledger/") {
		return nil
	}
	of, ok := f.X.(*ast.Ident)
	if !ok || within[of.Name] == "" {
		return nil
	}
	switch f.Sel.Name {
	case "Get":
		return []string{"R9 " + name + " finds one of " + within[of.Name] + " by its id"}
	case "Lock", "LockAll":
		return []string{"R9 " + name + " locks one of " + within[of.Name] + " by its id"}
	}
	return nil
}
