package investments_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/accesstest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The table that hosts read is the rules that hold.
func TestDefaultRules_documented(t *testing.T) {
	t.Parallel()
	var lines []string
	for verb, r := range investments.DefaultRules() {
		approval := ""
		if r.Approval {
			approval = "two people"
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("//\t%-24s%-8s %-20s %-5s %s", verb, r.Action, r.Kind, r.Party, approval), " "))
	}
	accesstest.RulesDocumented(t, lines)
	require.NoError(t, investments.Policy{Rules: investments.DefaultRules()}.Validate())
}

func TestPolicy_Validate(t *testing.T) {
	t.Parallel()
	err := investments.Policy{Rules: map[investments.Verb]investments.Rule{"fly": {Action: auth.ActionPay, Kind: auth.KindRefund, Party: investments.NoParty}, investments.VerbCommit: {}}}.Validate()
	require.Len(t, fault.FieldErrors(err), 3)
	// A rule for parties of a verb that has none would be taken and do nothing.
	for _, party := range []investments.Standing{investments.NoParty, investments.OwnParty} {
		err := investments.Policy{Rules: map[investments.Verb]investments.Rule{investments.VerbRecordCash: {Action: auth.ActionCreate, Kind: auth.KindLedger, Party: party}}}.Validate()
		require.Equal(t, "rules.record_cash", fault.FieldErrors(err)[0].Field, party)
	}
}

// What Validate says of a verb's parties is what its code asks, where the call names the
// verb itself and not a variable: a verb that names a matter
// without any takes no rule for them, and every other takes one.
func TestPolicy_parties(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	calls := regexp.MustCompile(`acts\(ctx, tx, (Verb\w+), [\w.]+, (about\()?`)
	names := regexp.MustCompile(`(?m)^\t(Verb\w+)\s+Verb = "(\w+)"`)
	source, err := os.ReadFile("policy.go")
	require.NoError(t, err)
	verbs := map[string]investments.Verb{}
	for _, m := range names.FindAllStringSubmatch(string(source), -1) {
		verbs[m[1]] = investments.Verb(m[2])
	}
	require.Len(t, verbs, len(investments.DefaultRules()))
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range calls.FindAllStringSubmatch(string(text), -1) {
			rule := investments.DefaultRules()[verbs[m[1]]]
			rule.Party = investments.NoParty
			err := investments.Policy{Rules: map[investments.Verb]investments.Rule{verbs[m[1]]: rule}}.Validate()
			require.Equal(t, m[2] != "", err != nil, "%s in %s", m[1], name)
			seen++
		}
	}
	require.Greater(t, seen, 30)
}
