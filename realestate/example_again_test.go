package realestate_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/wirefault"
)

// What Do runs in the examples is safe to copy: it prints the same when its first
// COMMIT fails, and when it was done and nobody heard of it.
func TestExamples_runAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range wirefault.Faults() {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^Example", "-test.v", "-test.count=1")
		cmd.Env = append(os.Environ(), pgtest.EnvExampleFault+"="+string(fault))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", fault, out)
		require.Contains(t, string(out), "--- PASS: ExampleDo", "%s", fault)
	}
}
