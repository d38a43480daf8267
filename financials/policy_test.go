package financials_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
)

// The table that hosts read is the rules that hold.
func TestRules_documented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("policy.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(source), "//\tverb  ")
	require.True(t, found)
	table, _, found = strings.Cut(table, "\nfunc Rules")
	require.True(t, found)
	written := map[string]bool{}
	for _, line := range strings.Split(table, "\n")[1:] {
		written[line] = true
	}
	for verb, r := range financials.Rules() {
		line := fmt.Sprintf("//\t%-24s%-8s %s", verb, r.Action, r.Kind)
		require.True(t, written[line], "the table has no line %q", line)
		delete(written, line)
	}
	require.Empty(t, written, "lines of no rule")
}
