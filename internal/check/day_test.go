package check

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// What has happened is of today at the latest, give or take a zone; what takes
// effect later is within the horizon.
func TestFields_days(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 14, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		day      string
		horizon  int
		happened bool
		within   bool
	}{
		{"2026-03-15", 0, true, true}, {"2026-03-16", 0, false, true}, {"1901-01-01", 0, true, true},
		{"2027-03-15", 0, false, true}, {"2027-03-16", 0, false, false}, {"2026-03-20", 5, false, false}, {"2026-03-19", 5, false, true},
	} {
		var happened, within Fields
		day := date.MustParse(c.day)
		happened.Happened("on", &day, NewDays(now, c.horizon))
		within.Within("start", &day, NewDays(now, c.horizon))
		require.Equal(t, c.happened, happened.Err() == nil, c.day)
		require.Equal(t, c.within, within.Err() == nil, c.day)
	}
	var f Fields
	f.Happened("on", date.MustParse("2062-01-01").Ptr(), NewDays(now, 0))
	f.Within("start", date.MustParse("2062-01-01").Ptr(), NewDays(now, 0))
	f.Happened("left_out", nil, NewDays(now, 0))
	f.Within("left_out", nil, NewDays(now, 0))
	var codes []string
	for _, e := range fault.FieldErrors(f.Err()) {
		codes = append(codes, e.Field+" "+e.Code)
	}
	require.Equal(t, []string{"on date_in_future", "start date_beyond_horizon"}, codes)
}
