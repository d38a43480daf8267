package investments_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// lastQuery remembers the text of the last query.
type lastQuery struct{ text string }

func (l *lastQuery) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	l.text = e.Query
	return ctx
}

func (*lastQuery) AfterQuery(context.Context, *bun.QueryEvent) {}

// generic prepares a query and is what executes it by the plan for any values.
func generic(t *testing.T, conn bun.Conn, query string) string {
	t.Helper()
	_, err := conn.ExecContext(t.Context(), "DEALLOCATE ALL; PREPARE list AS "+query)
	require.NoError(t, err)
	n := 0
	for strings.Contains(query, "$"+strconv.Itoa(n+1)) {
		n++
	}
	if n == 0 {
		return "EXECUTE list"
	}
	return "EXECUTE list (NULL" + strings.Repeat(", NULL", n-1) + ")"
}

// Every long list, first page and later, is read in the order of an index: its
// plan has no full sort. The planner is told that sorting costs much, so that it
// sorts only where it has to, however few rows the tables hold.
func TestLists_neverSort(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, subs := mixed(t, db)
	who := subs[0].InvestorID
	declared, err := svc.Distributions.Declare(ctx, db, declaration(o, "d", "2026-04-15", "100", who))
	require.NoError(t, err)
	_, lines := issued(t, db, o, "call 3", "0.1")
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = conn.ExecContext(ctx, "SET enable_sort = off; SET enable_bitmapscan = off; SET enable_seqscan = off; SET enable_incremental_sort = off; SET plan_cache_mode = force_generic_plan")
	require.NoError(t, err)
	seen := &lastQuery{}
	hooked := db.WithQueryHook(seen)
	uuid := id.New[investments.Position]().String()
	at := "2026-01-10T00:00:00.000000Z"
	for name, list := range map[string]struct {
		after page.Cursor
		read  func(page.Request) error
	}{
		"offerings": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Offerings.Offerings(ctx, hooked, investments.OfferingFilter{}, r)
			return err
		}},
		"positions": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Positions.Positions(ctx, hooked, investments.PositionFilter{}, r)
			return err
		}},
		"positions of an offering": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Positions.Positions(ctx, hooked, investments.PositionFilter{OfferingID: &o.ID}, r)
			return err
		}},
		"subscriptions": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Commitments.Subscriptions(ctx, hooked, investments.SubscriptionFilter{}, r)
			return err
		}},
		"subscriptions of an offering": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Commitments.Subscriptions(ctx, hooked, investments.SubscriptionFilter{OfferingID: &o.ID}, r)
			return err
		}},
		"subscriptions of an investor": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Commitments.Subscriptions(ctx, hooked, investments.SubscriptionFilter{InvestorID: &who}, r)
			return err
		}},
		"lines": {page.Encode(uuid), func(r page.Request) error {
			_, err := svc.Distributions.DistributionLines(ctx, hooked, declared.ID, r)
			return err
		}},
		"transactions": {page.Encode("2026-01-10", uuid), func(r page.Request) error {
			_, err := svc.Reports.Transactions(ctx, hooked, who, r)
			return err
		}},
		"movements of reserves": {page.Encode(at, uuid), func(r page.Request) error {
			_, err := svc.Capital.ReserveMovements(ctx, hooked, o.ID, r)
			return err
		}},
		"call lines": {page.Encode(uuid, uuid), func(r page.Request) error {
			_, err := svc.Commitments.CallLines(ctx, hooked, lines[0].CapitalCallID, r)
			return err
		}},
	} {
		for _, r := range []page.Request{{Limit: 2}, {Limit: 2, After: list.after}} {
			require.NoError(t, list.read(r), name)
			few := name == "call lines" || name == "transactions" // the id after a unique pair, or a day of an investor, is no sort of many
			if few {
				_, err = conn.ExecContext(ctx, "SET enable_incremental_sort = on")
				require.NoError(t, err)
			}
			var plan []string
			require.NoError(t, conn.NewRaw("EXPLAIN (COSTS OFF) "+generic(t, conn, seen.text)).Scan(ctx, &plan))
			text := strings.Join(plan, "\n")
			if !few {
				require.NotContains(t, text, "Sort", "%s\n%s", name, text)
			}
			require.NotRegexp(t, `(?m)^[ >-]*Sort$`, text, "%s\n%s", name, text)
			require.Contains(t, text, "Index", name)
			_, err = conn.ExecContext(ctx, "SET enable_incremental_sort = off")
			require.NoError(t, err)
		}
	}
}
