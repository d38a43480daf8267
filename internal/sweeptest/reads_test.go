package sweeptest

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
)

// operations is the page that says what a standby serves, between two lines.
const (
	operations = "../../OPERATIONS.md"
	readsFrom  = "<!-- what a standby serves -->\n"
	readsTo    = "<!-- end -->\n"
)

// reads calls every verb on a pool whose transactions only read, as those of a standby
// do. The page for who runs it lists exactly those that are served, by service; the
// others are Unavailable. Of a verb that finds no arguments nothing is known.
func (w *world) reads(t *testing.T) {
	dsn := pgtest.DSN(t, w.db) + "&default_transaction_read_only=on"
	db, err := pgtest.Open(dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	// They write at times: a month that has no partition, an account that is not there, a journal that no seal has,
	// a session that has not ended, or was not used for a while, an upload that is not complete.
	written := []string{"Analytics.ArchiveUserEvents", "Audit.EnsurePartitions", "Analytics.EnsurePartitions", "Ledger.EnsureAccounts", "Signatures.ExpireEnvelopes", "Ledger.Seal", "Sessions.SignOut", "Sessions.Authenticate",
		"Documents.PutUpload", "Documents.CompleteUpload"}
	served, known := map[string][]string{}, map[string]bool{}
	for _, v := range w.verbs {
		if v.err != nil || slices.Contains(written, v.name) {
			continue
		}
		service, verb, _ := strings.Cut(v.name, ".")
		switch _, err := v.call(t.Context(), db, v.best); {
		case errors.Is(err, fault.Unavailable):
			known[v.name] = true
		case err == nil, errors.Is(err, errNothing):
			known[v.name] = true
			served[service] = append(served[service], verb)
		default:
			t.Logf("%s on a standby: %v", v.name, err) // the search's last arguments are gone, or it was done once
		}
	}
	require.Greater(t, len(known), 200, "of too few verbs it is known what a standby says")
	page, err := os.ReadFile(operations)
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(page), readsFrom)
	list, _, end := strings.Cut(rest, readsTo)
	require.True(t, ok && end, "the two lines around the list")
	listed := map[string]bool{}
	for row := range strings.Lines(list) {
		cells := strings.Split(row, "|")
		if len(cells) < 3 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		service := strings.Trim(strings.TrimSpace(cells[1]), "`")
		for verb := range strings.SplitSeq(cells[2], ",") {
			listed[service+"."+strings.TrimSpace(verb)] = true
		}
	}
	var missing []string
	for service, verbs := range served {
		for _, verb := range verbs {
			if !listed[service+"."+verb] {
				missing = append(missing, service+"."+verb)
			}
			delete(listed, service+"."+verb)
		}
	}
	slices.Sort(missing)
	require.Empty(t, missing, "a standby serves them, and %s does not say so", operations)
	var refused []string
	for name := range listed {
		if known[name] {
			refused = append(refused, name)
		}
	}
	require.Empty(t, refused, "a standby does not serve them, though %s says so", operations)
}
