package investments_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The table that hosts read is the rules that hold.
func TestDefaultRules_documented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("policy.go")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(source), "//\tverb  ")
	require.True(t, found)
	table, _, found = strings.Cut(table, "\n//\n")
	require.True(t, found)
	written := map[string]bool{}
	for _, line := range strings.Split(table, "\n")[1:] {
		written[line] = true
	}
	for verb, r := range investments.DefaultRules() {
		approval := ""
		if r.Approval {
			approval = "two people"
		}
		line := strings.TrimRight(fmt.Sprintf("//\t%-24s%-8s %-20s %-5s %s", verb, r.Action, r.Kind, r.Party, approval), " ")
		require.True(t, written[line], "the table has no line %q", line)
		delete(written, line)
	}
	require.Empty(t, written, "lines of no rule")
	require.NoError(t, investments.Policy{Rules: investments.DefaultRules()}.Validate())
}

func TestPolicy_Validate(t *testing.T) {
	t.Parallel()
	err := investments.Policy{Rules: map[investments.Verb]investments.Rule{"fly": {Action: auth.ActionPay, Kind: auth.KindRefund, Party: investments.NoParty}, investments.VerbCommit: {}}}.Validate()
	require.Len(t, fault.FieldErrors(err), 3)
}
