package pgtest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// ProcessorTime is the processor time of this process and of the server's connections to a
// database until now, which other programs on the machine change little; 0 where the system
// does not tell.
func ProcessorTime(tb testing.TB, db *bun.DB) (sum time.Duration) {
	tb.Helper()
	var pids []int
	require.NoError(tb, db.NewRaw("SELECT pid FROM pg_stat_activity WHERE datname = current_database() UNION ALL SELECT ?", os.Getpid()).Scan(tb.Context(), &pids))
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		for _, f := range fields[11:13] { // user and system time in hundredths of a second
			n, err := strconv.ParseInt(f, 10, 64)
			require.NoError(tb, err)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}
