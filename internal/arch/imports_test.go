package arch

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

const module = "github.com/freehold-go/freehold"

// schemaOf maps the packages that own tables to their schemas.
var schemaOf = map[string][]string{
	"internal/store":            {"freehold"},
	"realestate/auth":           {"auth"},
	"realestate/users":          {"users"},
	"realestate/communications": {"communications"},
	"realestate/analytics":      {"analytics", "shared"},
	"properties":                {"properties"},
	"properties/renovations":    {"renovations"},
	"properties/media":          {"media"},
	"properties/market":         {"market"},
	"investments":               {"investments"},
	"financials":                {"financials"},
	"financials/ledger":         {"financials"},
	"financials/leases":         {"financials"},
	"financials/payables":       {"financials"},
	"events":                    {"events"},
	"documents":                 {"documents"},
}

// leaves may import nothing of ours but fault.
var leaves = []string{"realestate/fault", "realestate/money", "realestate/id", "realestate/date", "realestate/page", "realestate/vault"}

// thirdParty is what each package may import from outside, tests aside. A
// package that is not named may import nothing.
var thirdParty = map[string][]string{
	"internal/builders":         {"github.com/uptrace/bun", "github.com/stretchr/testify"},
	"internal/check":            {"github.com/shopspring/decimal"},
	"realestate/money":          {"github.com/shopspring/decimal"},
	"realestate/id":             {"github.com/google/uuid"},
	"internal/acting":           {"github.com/uptrace/bun"},
	"internal/convoy":           {"github.com/uptrace/bun"},
	"internal/approval":         {"github.com/uptrace/bun"},
	"internal/modeltest":        {"github.com/uptrace/bun"},
	"internal/accesstest":       {"github.com/uptrace/bun", "github.com/stretchr/testify"},
	"internal/retention":        {"github.com/uptrace/bun"},
	"internal/propertybook":     {"github.com/uptrace/bun"},
	"internal/reseal":           {"github.com/uptrace/bun"},
	"internal/store":            {"github.com/uptrace/bun", "github.com/jackc/pgx/v5", "github.com/google/uuid", "github.com/shopspring/decimal"},
	"internal/localpg":          {"github.com/jackc/pgx/v5"},
	"internal/wirefault":        {"github.com/jackc/pgx/v5", "github.com/stretchr/testify", "github.com/uptrace/bun"},
	"internal/pgxtx":            {"github.com/jackc/pgx/v5"},
	"internal/pgtest":           {"github.com/uptrace/bun", "github.com/jackc/pgx/v5", "github.com/stretchr/testify"},
	"migrations":                {"github.com/uptrace/bun", "github.com/jackc/pgx/v5"},
	"realestate":                {"github.com/uptrace/bun", "github.com/jackc/pgx/v5"},
	"realestate/realestatetest": {"github.com/uptrace/bun", "github.com/stretchr/testify", "github.com/shopspring/decimal"},
	"realestate/outbox":         {"github.com/uptrace/bun"},
	"realestate/auth":           {"github.com/uptrace/bun", "golang.org/x/crypto", "golang.org/x/net/idna", "golang.org/x/text/unicode/norm"},
	"realestate/auth/httpauth":  {"github.com/uptrace/bun"},
	"realestate/users":          {"github.com/uptrace/bun"},
	"realestate/tabular":        {"github.com/shopspring/decimal"},
	"realestate/charts":         {"github.com/shopspring/decimal"},
	"realestate/communications": {"github.com/uptrace/bun"},
	"realestate/analytics":      {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"properties":                {"github.com/uptrace/bun", "github.com/shopspring/decimal", "github.com/twpayne/go-geom"},
	"properties/internal":       {"github.com/shopspring/decimal"},
	"properties/renovations":    {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"properties/media":          {"github.com/uptrace/bun"},
	"properties/media/picture":  {"golang.org/x/image"},
	"properties/market":         {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"investments":               {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"investments/history":       {"github.com/shopspring/decimal"},
	"investments/returns":       {"github.com/shopspring/decimal"},
	"investments/waterfall":     {"github.com/shopspring/decimal"},
	"financials":                {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"financials/ledger":         {"github.com/uptrace/bun"},
	"financials/leases":         {"github.com/uptrace/bun", "github.com/shopspring/decimal"},
	"financials/payables":       {"github.com/uptrace/bun"},
	"financials/capital":        {"github.com/shopspring/decimal"},
	"financials/loans":          {"github.com/shopspring/decimal"},
	"financials/withholding":    {"github.com/shopspring/decimal"},
	"events":                    {"github.com/uptrace/bun"},
	"documents":                 {"github.com/uptrace/bun", "github.com/gabriel-vasile/mimetype"},
	"internal/recipes":          {"github.com/uptrace/bun", "github.com/stretchr/testify", "github.com/shopspring/decimal"},
	"internal/storagetest":      {"github.com/stretchr/testify"},
	"internal/reached":          {"github.com/uptrace/bun", "github.com/stretchr/testify"},
}

type pkg struct {
	ImportPath  string
	Imports     []string
	TestImports []string
	Standard    bool
}

func packages(t *testing.T) map[string]pkg {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	require.NoError(t, err)
	all := map[string]pkg{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		require.NoError(t, dec.Decode(&p))
		all[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p
	}
	require.Greater(t, len(all), 20)
	return all
}

func ours(imp string) (string, bool) { return strings.CutPrefix(imp, module+"/") }

// Package A imports package B only if A's tables refer to B's.
func TestImports_followForeignKeys(t *testing.T) {
	t.Parallel()
	var refs []struct{ From, To string }
	require.NoError(t, pgtest.Tx(t).NewRaw(`SELECT DISTINCT c.relnamespace::regnamespace::text AS "from", p.relnamespace::regnamespace::text AS "to"
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid WHERE k.contype = 'f'`).Scan(t.Context(), &refs))
	refersTo := map[[2]string]bool{}
	for _, r := range refs {
		refersTo[[2]string{r.From, r.To}] = true
	}
	// A view or materialized view refers to what it reads.
	for _, to := range []string{"auth", "users", "investments", "properties"} {
		refersTo[[2]string{"analytics", to}] = true
	}
	for name, p := range packages(t) {
		schemas, owns := schemaOf[name]
		for _, imp := range p.Imports {
			target, ok := ours(imp)
			if !ok {
				continue
			}
			targetSchemas, targetOwns := schemaOf[target]
			switch {
			case slices.Contains(leaves, name):
				require.Equal(t, "realestate/fault", target, "%s is a leaf", name)
			case name == "internal/store":
				require.Contains(t, leaves, target, "%s knows no domain", name)
			case target == "realestate":
				require.True(t, strings.HasPrefix(name, "examples/") || name == "realestate/realestatetest" || name == "internal/accesstest" || name == "internal/recipes", "%s imports the facade", name)
			case owns && targetOwns && target != "internal/store":
				allowed := slices.Equal(schemas, targetSchemas)
				for _, a := range schemas {
					for _, b := range targetSchemas {
						allowed = allowed || refersTo[[2]string{a, b}]
					}
				}
				require.True(t, allowed, "%s imports %s, but no foreign key of %v refers to %v", name, target, schemas, targetSchemas)
			case !owns && targetOwns && target != "internal/store":
				require.True(t, facade(name) || strings.HasPrefix(name, target+"/"), "%s has no tables, does not stand under %s and imports it", name, target)
			}
		}
	}
}

// facade reports the packages that may import services: the facade itself,
// what is built on it, and the tests' own.
func facade(name string) bool {
	return name == "realestate" || name == "realestate/realestatetest" || strings.HasPrefix(name, "examples/") || strings.HasPrefix(name, "internal/")
}

func TestImports_thirdParty(t *testing.T) {
	t.Parallel()
	for name, p := range packages(t) {
		if strings.HasPrefix(name, "examples/") || name == "migrations/migrate" || name == "internal/historygen" {
			continue // programs, not packages that anybody imports
		}
		allowed := thirdParty[name]
		if i := strings.Index(name, "/internal"); i > 0 && allowed == nil {
			allowed = thirdParty[name[:i]+"/internal"]
		}
		for _, imp := range p.Imports {
			host, _, _ := strings.Cut(imp, "/")
			if _, ok := ours(imp); ok || !strings.Contains(host, ".") { // the standard library has no dot
				continue
			}
			require.True(t, slices.ContainsFunc(allowed, func(a string) bool { return imp == a || strings.HasPrefix(imp, a+"/") }),
				"%s imports %s", name, imp)
		}
	}
}

// What tests and the embedded default need must not end up in a host's binary.
func TestImports_coreStaysLight(t *testing.T) {
	t.Parallel()
	args := []string{"list", "-deps", module + "/realestate", module + "/migrations"}
	for name := range thirdParty {
		if !strings.HasPrefix(name, "internal/") && !strings.Contains(name, "/internal") && name != "realestate/realestatetest" {
			args = append(args, module+"/"+name)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	for _, dep := range strings.Fields(string(out)) {
		for _, heavy := range []string{"testify", "dockertest", "rapid", "/internal/pgtest", "/internal/localpg", "net/http/httptest", "testing"} {
			require.False(t, strings.Contains(dep, heavy) && !strings.HasPrefix(dep, "internal/testlog"), "a core package depends on %s", dep)
		}
	}
}
