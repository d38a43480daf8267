package investments_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// queueing is a context that tells when a command has come to its place behind another one
// on a road: it asks there for the context's end.
type queueing struct {
	context.Context
	once sync.Once
	in   chan struct{}
}

func (q *queueing) Done() <-chan struct{} {
	callers := make([]uintptr, 3)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); strings.Contains(f.Function, "internal/convoy.(*Road") && strings.HasSuffix(f.Function, "Do") {
			q.once.Do(func() { close(q.in) })
		}
	}
	return q.Context.Done()
}

// jam is an offering whose lock somebody has, so that commands on it wait for each other.
type jam struct {
	testing.TB
	db   *bun.DB
	held bun.Tx
	wg   sync.WaitGroup
}

// jammed locks an offering until [jam.clear].
func jammed(t testing.TB, db *bun.DB, o *investments.Offering) *jam {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), "SELECT 1 FROM investments.opportunities WHERE id = '"+o.ID.String()+"' FOR UPDATE")
	require.NoError(t, err)
	return &jam{TB: t, db: db, held: tx}
}

// alone starts a command that has the road, and waits until n of them wait for the lock.
func (j *jam) alone(n int, do func(ctx context.Context)) {
	j.Helper()
	j.wg.Go(func() { do(j.Context()) })
	j.blocked(n)
}

// blocked waits until n sessions of the database wait for a lock.
func (j *jam) blocked(n int) {
	j.Helper()
	require.Eventually(j, func() bool {
		var have int
		err := j.db.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(j.Context(), &have)
		return err == nil && have >= n
	}, 20*time.Second, 2*time.Millisecond)
}

// behind starts a command that waits on the road, behind those that it has.
func (j *jam) behind(do func(ctx context.Context)) { j.within(j.Context(), do) }

func (j *jam) within(ctx context.Context, do func(ctx context.Context)) {
	j.Helper()
	q := &queueing{Context: ctx, in: make(chan struct{})}
	j.wg.Go(func() { do(q) })
	select {
	case <-q.in:
	case <-time.After(20 * time.Second):
		j.Fatal("the command does not queue")
	}
}

// clear lets the commands go, and waits for them.
func (j *jam) clear() {
	j.Helper()
	require.NoError(j, j.held.Rollback())
	done := make(chan struct{})
	go func() { j.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		buf := make([]byte, 1<<20)
		j.Fatalf("commands hang\n%s", buf[:runtime.Stack(buf, true)])
	}
}

// outcome is what a command came to.
type outcome struct {
	Result any
	Err    error
}

// told is all that its caller may tell errors apart by.
func (o outcome) told() string {
	if o.Err != nil {
		return fmt.Sprintf("%s %s %v %v", fault.KindOf(o.Err), fault.CodeOf(o.Err), o.Err, fault.FieldErrors(o.Err))
	}
	body, err := json.Marshal(o.Result)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

var (
	anyID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyHash = regexp.MustCompile(`[0-9a-f]{64}`)
	anyTime = regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)`)
)

// names are those of the ids that mean something: a subscription is named by the key of its
// commitment, and what belongs to it by that.
func names(t testing.TB, db *bun.DB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, q := range []string{
		"SELECT result_id::text, 'sub ' || key FROM freehold.idempotency WHERE verb = 'investments.commit'",
		"SELECT result_id::text, 'transfer ' || key FROM freehold.idempotency WHERE verb LIKE 'investments.request_%'",
		"SELECT id::text, 'position of ' || investor_id || ' ' || COALESCE(account_id::text, '') || ' ' || share_class FROM investments.property_investments",
		"SELECT id::text, 'user ' || email FROM auth.users",
		"SELECT id::text, 'account ' || name FROM investments.investor_accounts",
		"SELECT id::text, 'offering' FROM investments.opportunities",
		"SELECT id::text, 'call ' || number FROM investments.capital_calls",
		"SELECT l.id::text, 'line ' || c.number || ' ' || l.subscription_id FROM investments.capital_call_lines l JOIN investments.capital_calls c ON c.id = l.capital_call_id",
		"SELECT id::text, 'account ' || code FROM financials.accounts",
		"SELECT id::text, 'journal of ' || source_id || ' ' || effective_date FROM financials.journals WHERE source_id IS NOT NULL",
	} {
		var rows []struct{ ID, Name string }
		require.NoError(t, db.NewRaw("SELECT r.id, r.name FROM ("+q+") r (id, name)").Scan(t.Context(), &rows), q)
		for _, r := range rows {
			out[r.ID] = r.Name
		}
	}
	return out
}

func plain(s string, names map[string]string) string {
	for range 3 { // names have ids in them
		s = anyID.ReplaceAllStringFunc(s, func(v string) string {
			if n, ok := names[v]; ok {
				return "<" + n + ">"
			}
			return v
		})
	}
	return anyHash.ReplaceAllString(anyTime.ReplaceAllString(anyID.ReplaceAllString(s, "*"), "@"), "#")
}

// all is every row of the database by its table, without times and the ids that say nothing.
func all(t testing.TB, db *bun.DB) map[string][]string {
	t.Helper()
	known, out := names(t, db), map[string][]string{}
	var tables []string
	require.NoError(t, db.NewRaw(`SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname IN ('investments', 'financials', 'freehold', 'auth', 'properties') ORDER BY 1`).Scan(t.Context(), &tables))
	for _, table := range tables {
		var rows []string
		if table == "financials.account_balances" { // a sum lies on as many shards as sessions wrote it
			require.NoError(t, db.NewRaw("SELECT account_id || ' ' || sum(debits) || ' ' || sum(credits) FROM "+table+" GROUP BY account_id").Scan(t.Context(), &rows))
			out[table] = rows
			for i := range rows {
				rows[i] = plain(rows[i], known)
			}
			slices.Sort(rows)
			continue
		}
		require.NoError(t, db.NewRaw("SELECT (to_jsonb(r) - 'tx_id' - 'request_hash' - 'content_hash' - 'shard' - 'folded' - 'terms_hash' - 'subject_hash' - 'trace' - 'opening_state' - 'closing_state' - 'closing_index')::text FROM "+table+" r").Scan(t.Context(), &rows), table)
		for i, r := range rows {
			rows[i] = plain(r, known)
		}
		slices.Sort(rows)
		out[table] = rows
	}
	return out
}

// shared are how many rows transactions wrote that wrote more than one.
func shared(t testing.TB, db *bun.DB, table string) (counts []int) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT count(*) FROM "+table+" GROUP BY xmin::text HAVING count(*) > 1").Scan(t.Context(), &counts))
	return counts
}

// sameRows compares two databases.
func sameRows(t *testing.T, one, other *bun.DB) {
	t.Helper()
	a, b := all(t, one), all(t, other)
	for table := range a {
		if !slices.Equal(a[table], b[table]) {
			t.Errorf("%s differs", table)
			for _, r := range a[table] {
				if !slices.Contains(b[table], r) {
					t.Errorf("  only alone:    %s", r)
				}
			}
			for _, r := range b[table] {
				if !slices.Contains(a[table], r) {
					t.Errorf("  only together: %s", r)
				}
			}
			if len(a[table]) != len(b[table]) {
				t.Errorf("  %d and %d rows", len(a[table]), len(b[table]))
			}
		}
	}
}

// verified proves that everything holds.
func verified(t *testing.T, db *bun.DB) {
	t.Helper()
	platform, err := realestate.New(realestate.Config{})
	require.NoError(t, err)
	report, err := platform.Verify(t.Context(), db)
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
}

// userKey gives a test's people the same ids in each database.
func userNumber(i int) id.Of[auth.User] {
	return id.MustParse[auth.User](fmt.Sprintf("01990000-0000-7000-8000-%012x", i+1))
}

// people makes n users of a database, of the same ids in each.
func people(t testing.TB, db *bun.DB, n int) []id.Of[auth.User] {
	t.Helper()
	hire(t, db)
	out := make([]id.Of[auth.User], n)
	for i := range out {
		out[i] = userNumber(i)
		realestatetest.User(t, db, func(p *auth.RegisterParams) { p.ID, p.Email = out[i], fmt.Sprintf("user%d@example.com", i) })
	}
	return out
}

// heard is what hooks are called with.
type heard struct {
	sync.Mutex
	calls []string
}

type callerKey struct{}

func (h *heard) hook(ctx context.Context, tx bun.IDB, events []store.Emission) error {
	var actor string
	if err := tx.NewRaw("SELECT current_setting('freehold.actor', TRUE)").Scan(ctx, &actor); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v by %s:", ctx.Value(callerKey{}), actor)
	for _, e := range events {
		kind, v := e.Aggregate()
		body, err := json.Marshal(e.Payload())
		if err != nil {
			return err
		}
		name, _ := e.Payload().EventType()
		fmt.Fprintf(&b, " %s of %s %s %s;", name, kind, v, body)
	}
	h.Lock()
	defer h.Unlock()
	h.calls = append(h.calls, b.String())
	return nil
}

func (h *heard) all(t testing.TB, db *bun.DB) []string {
	known, out := names(t, db), make([]string, len(h.calls))
	for i, c := range h.calls {
		out[i] = plain(c, known)
	}
	slices.Sort(out)
	return out
}

// together runs commands, which queue in their order behind the first n, and returns what each
// came to.
func (j *jam) together(n int, commands []func(ctx context.Context) (any, error)) []outcome {
	j.Helper()
	out := make([]outcome, len(commands))
	for i, command := range commands {
		do := func(ctx context.Context) { out[i].Result, out[i].Err = command(context.WithValue(ctx, callerKey{}, i)) }
		if i < n {
			j.alone(i+1, do)
		} else {
			j.behind(do)
		}
	}
	j.clear()
	return out
}

// sameOutcomes runs commands one after the other, and compares what they come to with what
// others came to on another database.
func sameOutcomes(t *testing.T, alone, together *bun.DB, commands []func(ctx context.Context) (any, error), got []outcome) {
	t.Helper()
	want := make([]string, len(commands))
	for i, command := range commands {
		var o outcome
		o.Result, o.Err = command(context.WithValue(t.Context(), callerKey{}, i))
		want[i] = o.told()
	}
	here, there := names(t, alone), names(t, together)
	for i := range want {
		if w, g := plain(want[i], here), plain(got[i].told(), there); w != g {
			t.Errorf("command %d\n alone    %s\n together %s", i, w, g)
		}
	}
}

// commitCase is a database on which the same commitments are made as on another one.
type commitCase struct {
	db       *bun.DB
	svc      *investments.Services
	heard    *heard
	offering *investments.Offering
	commits  []investments.CommitParams
}

func commitments(t *testing.T, hooks bool) *commitCase {
	c := &commitCase{db: pgtest.Clone(t), heard: &heard{}}
	cfg := investments.Config{Evidence: evidenceOf, Horizon: 3650, Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }}
	if hooks {
		cfg.Hooks = []store.Hook{c.heard.hook}
	}
	c.svc = investments.New(cfg)
	u := people(t, c.db, 24)
	c.offering = raise(t, c.db, "1000000")
	open := func(name string, whose int, joint *id.Of[auth.User]) *id.Of[investments.Account] {
		p := investments.OpenAccountParams{InvestorID: u[whose], Type: investments.AccountLLC, Name: name, JointInvestorID: joint, ActorID: staff}
		if joint != nil {
			p.Type = investments.AccountJoint
		}
		a, err := c.svc.Accounts.Open(t.Context(), c.db, p)
		require.NoError(t, err)
		return &a.ID
	}
	joint, llc, closed := open("joint", 2, &u[3]), open("llc", 4, nil), open("closed", 5, nil)
	_, err := c.db.NewRaw("UPDATE investments.investor_accounts SET status = 'closed' WHERE id = ?", *closed).Exec(t.Context())
	require.NoError(t, err)
	funded(t, c.db, c.offering, u[6], "50000")
	first := commitment(c.offering, u[7], "30000")
	first.IdempotencyKey = "topped"
	_, err = c.svc.Commitments.Commit(t.Context(), c.db, first)
	require.NoError(t, err)
	lose(t, c.db, u[8], "suspended")
	add := func(who int, amount string, with ...func(p *investments.CommitParams)) {
		p := commitment(c.offering, u[who], amount)
		p.IdempotencyKey = fmt.Sprint("key ", len(c.commits))
		for _, w := range with {
			w(&p)
		}
		c.commits = append(c.commits, p)
	}
	add(0, "25000")
	add(1, "26000", func(p *investments.CommitParams) { p.IdempotencyKey = `a "key" \\ {with}, everything` })
	add(2, "100000", func(p *investments.CommitParams) { p.AccountID, p.ActorID, p.ShareClass = joint, u[3], "preferred" })
	add(4, "27000", func(p *investments.CommitParams) { p.AccountID = llc })
	add(5, "28000", func(p *investments.CommitParams) { p.AccountID = closed })
	add(6, "1000")       // a top-up of what is funded
	add(8, "29000")      // suspended
	add(9, "10")         // too little
	add(10, "500000.01") // too much
	add(11, "30000", func(p *investments.CommitParams) { p.ShareClass = "gold" })
	add(12, "31000", func(p *investments.CommitParams) { p.IdempotencyKey = "" })
	add(13, "32000", func(p *investments.CommitParams) { p.IdempotencyKey = "topped" })
	add(14, "33000", func(p *investments.CommitParams) { p.ActorID = u[8] })
	add(15, "34000", func(p *investments.CommitParams) { p.ActorID = u[16] }) // a stranger
	add(17, "35000")                                                          // no evidence
	add(18, "400000")
	add(19, "400000")                                                               // too late
	add(20, "450000", func(p *investments.CommitParams) { p.JoinWaitlist = true })  // waits
	add(21, "25000")                                                                // would overtake
	add(22, "25000", func(p *investments.CommitParams) { p.JoinWaitlist = true })   // waits, too
	add(23, "2500000", func(p *investments.CommitParams) { p.JoinWaitlist = true }) // never fits
	add(7, "1000")                                                                  // a top-up of what is not funded goes alone, behind the others
	c.heard.calls = nil
	return c
}

func evidenceOf(_ context.Context, _ bun.IDB, r investments.EvidenceRequest) (investments.Evidence, error) {
	if r.InvestorID == userNumber(17) {
		return investments.Evidence{Source: "nothing"}, nil
	}
	e := accredited
	e.Source = "says <" + r.InvestorID.String() + "> & \"so\""
	return e, nil
}

func (c *commitCase) commands() []func(ctx context.Context) (any, error) {
	out := make([]func(ctx context.Context) (any, error), len(c.commits))
	for i, p := range c.commits {
		out[i] = func(ctx context.Context) (any, error) { return c.svc.Commitments.Commit(ctx, c.db, p) }
	}
	return out
}

// Commitments that share a transaction leave what each of them leaves alone.
func TestCommit_togetherAsAlone(t *testing.T) {
	t.Parallel()
	for _, hooks := range []bool{false, true} {
		t.Run(fmt.Sprint("hooks ", hooks), func(t *testing.T) {
			t.Parallel()
			alone, together := commitments(t, hooks), commitments(t, hooks)
			got := jammed(t, together.db, together.offering).together(1, together.commands())
			sameOutcomes(t, alone.db, together.db, alone.commands(), got)
			sameRows(t, alone.db, together.db)
			require.NotEmpty(t, shared(t, together.db, "investments.subscriptions"))
			require.Equal(t, alone.heard.all(t, alone.db), together.heard.all(t, together.db))
			verified(t, together.db)
		})
	}
}

// receiptCase is a database on which the same money comes in as on another one.
type receiptCase struct {
	db       *bun.DB
	svc      *investments.Services
	heard    *heard
	offering *investments.Offering
	subs     []*investments.Subscription
	lines    []investments.CapitalCallLine
	all      []func(ctx context.Context) (any, error)
}

func receipts(t *testing.T, n int, hooks bool) *receiptCase {
	c := &receiptCase{db: pgtest.Clone(t), heard: &heard{}}
	cfg := investments.Config{Evidence: evidenceOf, Horizon: 3650, Now: func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }}
	if hooks {
		cfg.Hooks = []store.Hook{c.heard.hook}
	}
	c.svc = investments.New(cfg)
	u := people(t, c.db, n)
	c.offering = raise(t, c.db, "2000000")
	for i := range n {
		p := commitment(c.offering, u[i], "100000")
		p.IdempotencyKey = fmt.Sprint("key ", i)
		if i%2 == 1 {
			p.ShareClass = "preferred"
		}
		sub, err := newService().Commitments.Commit(t.Context(), c.db, p)
		require.NoError(t, err)
		c.subs = append(c.subs, sub)
	}
	_, lines := issued(t, c.db, c.offering, "call", "0.5")
	for _, s := range c.subs {
		c.lines = append(c.lines, lineOf(lines, s))
	}
	return c
}

// pay adds money for a subscription.
func (c *receiptCase) pay(i int, amount string, with ...func(p *investments.ReceiveContributionParams)) {
	p := investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint("receipt ", len(c.all)), SubscriptionID: c.subs[i].ID, Amount: money.MustParse(amount), Date: date.MustParse("2026-02-20"), ActorID: staff}
	for _, w := range with {
		w(&p)
	}
	c.all = append(c.all, func(ctx context.Context) (any, error) { return c.svc.Commitments.ReceiveContribution(ctx, c.db, p) })
}

// answer adds money for the line of a subscription.
func (c *receiptCase) answer(i int, amount string, with ...func(p *investments.ReceiveCallParams)) {
	p := investments.ReceiveCallParams{IdempotencyKey: fmt.Sprint("receipt ", len(c.all)), LineID: c.lines[i].ID, Amount: money.MustParse(amount), Date: date.MustParse("2026-02-21"), ActorID: staff}
	for _, w := range with {
		w(&p)
	}
	c.all = append(c.all, func(ctx context.Context) (any, error) { return c.svc.Commitments.ReceiveCall(ctx, c.db, p) })
}

// asAlone runs what fill adds at once on one database, and in turn on another one.
func asAlone(t *testing.T, n int, hooks bool, fill func(c *receiptCase)) {
	t.Helper()
	alone, together := receipts(t, n, hooks), receipts(t, n, hooks)
	fill(alone)
	fill(together)
	got := jammed(t, together.db, together.offering).together(2, together.all)
	require.NotEmpty(t, shared(t, together.db, "investments.capital_movements"))
	sameOutcomes(t, alone.db, together.db, alone.all, got)
	sameRows(t, alone.db, together.db)
	require.Equal(t, alone.heard.all(t, alone.db), together.heard.all(t, together.db))
	verified(t, together.db)
}

// Receipts that share a transaction leave what each of them leaves alone.
func TestReceive_togetherAsAlone(t *testing.T) {
	t.Parallel()
	for _, hooks := range []bool{false, true} {
		t.Run(fmt.Sprint("hooks ", hooks), func(t *testing.T) {
			t.Parallel()
			asAlone(t, 14, hooks, func(c *receiptCase) {
				c.pay(0, "0")
				c.answer(1, "0")
				c.pay(2, "100000") // funded
				c.pay(3, "60000")  // the line, and more
				c.answer(4, "20000")
				c.answer(5, "0")
				c.pay(6, "100000.01")   // too much
				c.answer(7, "50000.01") // too much
				c.pay(8, "1", func(p *investments.ReceiveContributionParams) { p.Date = date.MustParse("2026-01-09") })
				c.pay(9, "1.23", func(p *investments.ReceiveContributionParams) { p.Reference = `a "wire" \ {1,2} <&>` })
				c.pay(9, "1.23", func(p *investments.ReceiveContributionParams) { p.IdempotencyKey = "receipt 2" }) // another's
				c.pay(11, "5", func(p *investments.ReceiveContributionParams) { p.IdempotencyKey = "" })
				c.answer(13, "0.01")
				c.answer(10, "0", func(p *investments.ReceiveCallParams) { p.IdempotencyKey = "receipt 3" }) // another verb's
			})
		})
	}
}

// A subscription that is paid twice at once has both in its history.
func TestReceive_twiceForOne(t *testing.T) {
	t.Parallel()
	asAlone(t, 3, false, func(c *receiptCase) {
		c.pay(0, "1")
		c.pay(0, "1")
		c.pay(1, "10000", func(p *investments.ReceiveContributionParams) { p.Date = date.MustParse("2026-02-20") })
		c.pay(2, "5000")
		c.pay(1, "5000", func(p *investments.ReceiveContributionParams) { p.Date = date.MustParse("2026-02-18") })
	})
}

// The line of a call that is paid twice at once comes back to each as it left it.
func TestReceiveCall_twiceForOne(t *testing.T) {
	t.Parallel()
	asAlone(t, 3, false, func(c *receiptCase) {
		c.pay(0, "1")
		c.pay(0, "1")
		c.answer(1, "10000")
		c.answer(2, "5000")
		c.answer(1, "5000")
	})
}

// The event of a call that is complete is told with the receipt that completed it.
func TestReceiveCall_completes(t *testing.T) {
	t.Parallel()
	asAlone(t, 4, true, func(c *receiptCase) {
		c.answer(0, "0")
		c.answer(1, "0")
		c.answer(2, "0")
		c.answer(3, "0")  // the last one
		c.pay(3, "10000") // more than was called
	})
}

// committers are n investors who commit the same amount to an offering.
func committers(t *testing.T, db *bun.DB, o *investments.Offering, n int, amount string) []investments.CommitParams {
	t.Helper()
	out := make([]investments.CommitParams, n)
	for i := range out {
		out[i] = commitment(o, investor(t, db), amount)
	}
	return out
}

func commands(svc *investments.Services, db bun.IDB, ps ...investments.CommitParams) []func(ctx context.Context) (any, error) {
	out := make([]func(ctx context.Context) (any, error), len(ps))
	for i, p := range ps {
		out[i] = func(ctx context.Context) (any, error) { return svc.Commitments.Commit(ctx, db, p) }
	}
	return out
}

// Who is refused because of others in front is refused because they got it: not because of one
// who is refused, too, since they were suspended when all began anew.
func TestCommit_togetherRefusedForNobody(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "100000")
	ps := committers(t, db, o, 3, "60000")
	ps[0].Amount = money.MustParse("1") // goes alone, and is refused
	asked := map[id.Of[auth.User]]int{}
	svc := investments.New(investments.Config{Evidence: func(ctx context.Context, _ bun.IDB, r investments.EvidenceRequest) (investments.Evidence, error) {
		if asked[r.InvestorID]++; r.InvestorID == ps[1].InvestorID && asked[r.InvestorID] == 2 {
			lose(t, db, r.InvestorID, "suspended")
		}
		return accredited, nil
	}})
	got := jammed(t, db, o).together(1, commands(svc, db, ps...))
	require.ErrorIs(t, got[1].Err, investments.ErrActorInactive)
	require.NoError(t, got[2].Err, "there is room")
	verified(t, db)
}

// What the host's code says about one command is not said to the others.
func TestCommit_togetherHostFails(t *testing.T) {
	t.Parallel()
	spoil := func(ctx context.Context, tx bun.IDB) error { _, err := tx.ExecContext(ctx, "SELECT 1/0"); return err }
	ways := []struct {
		name string
		fail func(ctx context.Context, tx bun.IDB) error
	}{
		{"error", func(context.Context, bun.IDB) error { return errors.New("the host's") }},
		{"unknown", func(context.Context, bun.IDB) error { return store.ErrUnknownOutcome.With("the host's") }},
		{"panic", func(context.Context, bun.IDB) error { panic("the host's") }},
		{"goexit", func(context.Context, bun.IDB) error { runtime.Goexit(); return nil }},
		{"statement", spoil},
		{"refusal behind a statement", func(ctx context.Context, tx bun.IDB) error { _ = spoil(ctx, tx); return investments.ErrNotAccredited }},
		{"statement that is kept quiet", func(ctx context.Context, tx bun.IDB) error { _ = spoil(ctx, tx); return nil }},
	}
	for _, where := range []string{"evidence", "may", "hook", "gate"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			db := pgtest.Clone(t)
			for _, way := range ways {
				if where != "gate" || !strings.Contains(way.name, "statement") {
					hostFails(t, db, where, way.name, way.fail)
				}
			}
			verified(t, db)
		})
	}
}

func hostFails(t *testing.T, db *bun.DB, where, name string, fail func(ctx context.Context, tx bun.IDB) error) {
	t.Helper()
	o := raise(t, db, "1000000")
	ps := committers(t, db, o, 4, "30000")
	ps[2].Amount = money.MustParse("30001") // by which the gate knows it
	at := func(ctx context.Context, tx bun.IDB, in string) error {
		if in == where && ctx.Value(callerKey{}) == 2 {
			return fail(ctx, tx)
		}
		return nil
	}
	cfg := investments.Config{
		Evidence: func(ctx context.Context, tx bun.IDB, _ investments.EvidenceRequest) (investments.Evidence, error) {
			return accredited, at(ctx, tx, "evidence")
		},
		Gate: func(_ *investments.Offering, _ *investments.Account, e investments.Evidence) error {
			if where == "gate" && e.Requested == ps[2].Amount {
				return fail(t.Context(), nil)
			}
			return nil
		},
		Hooks: []store.Hook{func(ctx context.Context, tx bun.IDB, _ []store.Emission) error { return at(ctx, tx, "hook") }},
	}
	if where == "may" {
		cfg.Policy.Roles = true
		cfg.May = func(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], _ auth.Action, _ auth.Object) error {
			var named string
			if err := tx.NewRaw("SELECT COALESCE(current_setting('freehold.actor', TRUE), '')").Scan(ctx, &named); err != nil {
				return store.Err(err, nil)
			}
			if named != actor.String() {
				t.Errorf("%q is named, and not %s", named, actor)
			}
			return at(ctx, tx, "may")
		}
	}
	svc := investments.New(cfg)
	all, panicked := commands(svc, db, ps...), any(nil)
	third, returned := all[2], false
	all[2] = func(ctx context.Context) (any, error) {
		defer func() { panicked = recover() }()
		v, err := third(ctx)
		returned = true
		return v, err
	}
	got := jammed(t, db, o).together(1, all)
	for i, g := range got {
		if i != 2 {
			require.NoError(t, g.Err, "%s: %d", name, i)
		}
	}
	switch name {
	case "panic":
		require.Equal(t, "the host's", panicked)
	case "goexit":
		require.False(t, returned)
	default:
		require.True(t, returned, name)
		require.Error(t, got[2].Err, name)
	}
	_, err := svc.Commitments.Commit(t.Context(), db, commitment(o, investor(t, db), "30000"))
	require.NoError(t, err, "the road is free")
}

// Evidence that takes as long as its caller stays holds up nobody longer.
func TestCommit_togetherEvidenceWaits(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "1000000")
	ps := committers(t, db, o, 3, "30000")
	asked := make(chan struct{}, 8)
	svc := investments.New(investments.Config{Evidence: func(ctx context.Context, tx bun.IDB, r investments.EvidenceRequest) (investments.Evidence, error) {
		if r.InvestorID == ps[1].InvestorID {
			asked <- struct{}{}
			<-ctx.Done() // somebody has the row
			return accredited, ctx.Err()
		}
		return accredited, nil
	}})
	j, got := jammed(t, db, o), make([]error, 3)
	do := func(i int) func(ctx context.Context) {
		return func(ctx context.Context) { _, got[i] = svc.Commitments.Commit(ctx, db, ps[i]) }
	}
	j.alone(1, do(0))
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	j.within(ctx, do(1))
	j.behind(do(2))
	go func() { <-asked; leave() }()
	j.clear()
	require.NoError(t, got[0])
	require.ErrorIs(t, got[1], context.Canceled)
	require.NoError(t, got[2])
}

// The same keys come at once by two services, each with a pool of its own, and each several
// times, with what they stand for and with something else: each is done once.
func TestCommit_togetherSameKeys(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "1000000")
	other, err := pgtest.Open(pgtest.DSN(t, db))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	ps := committers(t, db, o, 6, "30000")
	others := slices.Clone(ps)
	for i := range others {
		others[i].Amount = money.MustParse("31000")
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[string]map[id.Of[investments.Subscription]]string{}
	send := func(svc *investments.Services, db *bun.DB, ps []investments.CommitParams) {
		for _, p := range ps {
			wg.Go(func() {
				sub, err := svc.Commitments.Commit(t.Context(), db, p)
				if err != nil {
					if fault.CodeOf(err) != store.ErrKeyReused.Code {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if got[p.IdempotencyKey] == nil {
					got[p.IdempotencyKey] = map[id.Of[investments.Subscription]]string{}
				}
				got[p.IdempotencyKey][sub.ID] = sub.Amount.String()
				if sub.Amount != p.Amount {
					t.Errorf("%s is not %s", sub.Amount, p.Amount)
				}
			})
		}
	}
	j := jammed(t, db, o)
	for _, pool := range []*bun.DB{db, other} {
		svc := newService()
		send(svc, pool, ps)
		send(svc, pool, others)
		send(svc, pool, ps)
	}
	j.blocked(2)
	require.NoError(t, j.held.Rollback())
	wg.Wait()
	require.Len(t, got, len(ps))
	for key, subs := range got {
		require.Len(t, subs, 1, key)
	}
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM investments.subscriptions").Scan(t.Context(), &n))
	require.Equal(t, len(ps), n)
	verified(t, db)
}

// A pool of one connection is enough, and is free again behind it.
func TestCommit_togetherOneConnection(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2} {
		db := pgtest.Clone(t)
		o := raise(t, db, "1000000")
		ps := committers(t, db, o, 8, "25000")
		ps[3].Amount, ps[5].InvestorID, ps[5].ActorID = money.MustParse("1"), ps[4].InvestorID, ps[4].InvestorID
		pool, err := pgtest.Open(pgtest.DSN(t, db))
		require.NoError(t, err)
		pool.SetMaxOpenConns(size)
		svc := newService()
		got := jammed(t, db, o).together(1, commands(svc, pool, ps...))
		subs := []*investments.Subscription{}
		for i, g := range got {
			if i == 3 {
				require.ErrorIs(t, g.Err, investments.ErrBelowMinimum)
				continue
			}
			require.NoError(t, g.Err, i)
			subs = append(subs, g.Result.(*investments.Subscription))
		}
		var wg sync.WaitGroup
		for _, s := range subs {
			for k := range 2 {
				wg.Go(func() {
					_, err := svc.Commitments.ReceiveContribution(t.Context(), pool, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint(s.ID, k), SubscriptionID: s.ID,
						Amount: money.MustParse("12500"), Date: date.MustParse("2026-01-15"), ActorID: staff})
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		require.Zero(t, pool.Stats().InUse)
		require.NoError(t, pool.Close())
		verified(t, db)
	}
}

// The server ends the pool's sessions while commands are on their way. Whoever does not know
// what came of it sends the same again, until they do: each is done once.
func TestTogether_connectionsEnd(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "5000000")
	pool, err := pgtest.Open(pgtest.DSN(t, db) + "&application_name=victims")
	require.NoError(t, err)
	svc, ps := newService(), committers(t, db, o, 40, "25000")
	var ends sync.WaitGroup
	ends.Go(func() {
		for range 12 {
			time.Sleep(40 * time.Millisecond)
			_, err := db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victims' AND random() < 0.7")
			if err != nil {
				t.Error(err)
			}
		}
	})
	patiently := func(do func() error) {
		for range 400 {
			err := do()
			if err == nil {
				return
			}
			if !store.WorthRetry(err) {
				t.Errorf("%v", err)
				return
			}
		}
		t.Error("it never comes through")
	}
	var wg sync.WaitGroup
	for _, p := range ps {
		wg.Go(func() {
			var sub *investments.Subscription
			patiently(func() (err error) { sub, err = svc.Commitments.Commit(t.Context(), pool, p); return err })
			for k := range 2 {
				patiently(func() error {
					_, err := svc.Commitments.ReceiveContribution(t.Context(), pool, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint(p.IdempotencyKey, k), SubscriptionID: sub.ID,
						Amount: money.MustParse("12500"), Date: date.MustParse("2026-01-15"), ActorID: staff})
					return err
				})
			}
		})
	}
	wg.Wait()
	ends.Wait()
	require.NoError(t, pool.Close())
	var n, funded int
	require.NoError(t, db.NewRaw("SELECT count(*), count(*) FILTER (WHERE status = 'funded') FROM investments.subscriptions").Scan(t.Context(), &n, &funded))
	require.Equal(t, []int{40, 40}, []int{n, funded})
	require.Equal(t, "1000000.00", balanceOf(t, db, o, investments.AccountCash))
	verified(t, db)
}

// Callers leave at any time: each command is done or not, the same key tells, and nothing is left
// on its way.
func TestTogether_callersLeave(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "1000000")
	svc, ps := newService(), committers(t, db, o, 40, "25000")
	var wg sync.WaitGroup
	for i, p := range ps {
		wg.Go(func() {
			ctx, leave := context.WithTimeout(t.Context(), time.Duration(i)*2*time.Millisecond)
			defer leave()
			_, err := svc.Commitments.Commit(ctx, db, p)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, fault.Unknown) && !store.Retryable(err) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, p := range ps {
		wg.Go(func() {
			if _, err := svc.Commitments.Commit(t.Context(), db, p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM investments.subscriptions").Scan(t.Context(), &n))
	require.Equal(t, 40, n)
	require.Zero(t, db.Stats().InUse)
	verified(t, db)
}

// An offering that is closed in the middle takes those before it, and refuses those behind it.
func TestCommit_togetherClosed(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "1000000")
	ps := committers(t, db, o, 4, "25000")
	j, got := jammed(t, db, o), make([]error, len(ps))
	svc := newService()
	for i, p := range ps {
		do := func(ctx context.Context) { _, got[i] = svc.Commitments.Commit(ctx, db, p) }
		if i == 0 {
			j.alone(1, do)
			j.wg.Go(func() {
				if _, err := svc.Offerings.Close(t.Context(), db, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff}); err != nil {
					t.Error(err)
				}
			})
			j.blocked(2)
		} else {
			j.behind(do)
		}
	}
	j.clear()
	require.NoError(t, got[0])
	for _, err := range got[1:] { // mostly it closes before them; whoever of the two is first, it is for all
		require.Equal(t, err == nil, got[1] == nil)
		require.True(t, err == nil || errors.Is(err, investments.ErrOfferingClosed), err)
	}
	verified(t, db)
}

// Investors of one offering who wait for each other at another one, where one acts for the
// other, do not deadlock because they came at once.
func TestCommit_togetherLocksNoPeople(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	u := people(t, db, 3)
	o, other := raise(t, db, "1000000"), raise(t, db, "1000000")
	joint, err := svc.Accounts.Open(t.Context(), db, investments.OpenAccountParams{InvestorID: u[1], JointInvestorID: &u[0], Type: investments.AccountJoint, Name: "joint", ActorID: staff})
	require.NoError(t, err)
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.ExecContext(t.Context(), "SELECT 1 FROM auth.users WHERE id = '"+u[0].String()+"' FOR UPDATE")
	require.NoError(t, err)

	j, got := jammed(t, db, o), make([]error, 4)
	first := make(chan struct{})
	j.alone(1, func(ctx context.Context) {
		defer close(first)
		_, got[0] = svc.Commitments.Commit(ctx, db, commitment(o, u[2], "25000"))
	})
	for i := range 2 {
		j.behind(func(ctx context.Context) { _, got[i+1] = svc.Commitments.Commit(ctx, db, commitment(o, u[i], "25000")) })
	}
	require.NoError(t, j.held.Rollback())
	<-first
	j.blocked(1)
	hasty, err := pgtest.Open(pgtest.DSN(t, db) + "&deadlock_timeout=20ms") // it is the one that finds out
	require.NoError(t, err)
	defer func() { require.NoError(t, hasty.Close()) }()
	j.alone(2, func(ctx context.Context) {
		p := commitment(other, u[1], "25000")
		p.AccountID, p.ActorID = &joint.ID, u[0]
		_, got[3] = svc.Commitments.Commit(ctx, hasty, p)
	})
	require.NoError(t, held.Rollback())
	j.wg.Wait()
	for i, err := range got {
		require.NoError(t, err, i)
	}
	verified(t, db)
}

// A receipt that is dated before capital left its position is refused, whatever the position is now.
func TestReceive_togetherBehindTransfer(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o := raise(t, db, "1000000")
	from, to := investor(t, db), investor(t, db)
	sold := funded(t, db, o, from, "50000")
	tr, err := svc.Positions.RequestTransfer(t.Context(), db, investments.RequestTransferParams{IdempotencyKey: "ask", PositionID: *sold.PositionID, ToInvestorID: to,
		Fraction: decimal.NewFromInt(1), EffectiveDate: date.MustParse("2026-01-20"), Reason: "sale", ActorID: from})
	require.NoError(t, err)
	_, err = svc.Positions.ApproveTransfer(t.Context(), db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Positions.CompleteTransfer(t.Context(), db, investments.CompleteTransferParams{IdempotencyKey: "do", TransferID: tr.ID, ActorID: staff})
	require.NoError(t, err)
	again := commitment(o, from, "50000")
	sub, err := svc.Commitments.Commit(t.Context(), db, again)
	require.NoError(t, err)
	require.Equal(t, *sold.PositionID, *sub.PositionID)
	ps := committers(t, db, o, 3, "25000")
	subs := []*investments.Subscription{}
	for _, p := range ps {
		s, err := svc.Commitments.Commit(t.Context(), db, p)
		require.NoError(t, err)
		subs = append(subs, s)
	}
	subs = append(subs, sub)
	all := []func(ctx context.Context) (any, error){}
	for _, s := range subs {
		all = append(all, func(ctx context.Context) (any, error) {
			return svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: "r" + s.ID.String(), SubscriptionID: s.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
		})
	}
	got := jammed(t, db, o).together(2, all)
	_, err = svc.Commitments.ReceiveContribution(t.Context(), db, investments.ReceiveContributionParams{IdempotencyKey: "alone", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrBehindTransfer)
	require.ErrorIs(t, got[3].Err, investments.ErrBehindTransfer)
	verified(t, db)
}

// A receipt whose hook panics or whose period is closed is refused alone; the others have come in.
func TestReceive_togetherSomeFail(t *testing.T) {
	t.Parallel()
	c := receipts(t, 7, false)
	svc := investments.New(investments.Config{Horizon: 3650, Hooks: []store.Hook{func(ctx context.Context, _ bun.IDB, _ []store.Emission) error {
		if ctx.Value(callerKey{}) == 4 {
			panic("the host's")
		}
		return nil
	}}, Now: func() time.Time { return time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC) }})
	c.svc = svc
	_, err := c.db.NewRaw("UPDATE financials.books SET closed_through = '2026-01-31'").Exec(t.Context())
	require.NoError(t, err)
	for i := range 7 {
		c.pay(i, "10", func(p *investments.ReceiveContributionParams) {
			if i == 3 {
				p.Date = date.MustParse("2026-01-31")
			}
		})
	}
	var panicked any
	fifth := c.all[4]
	c.all[4] = func(ctx context.Context) (any, error) {
		defer func() { panicked = recover() }()
		return fifth(ctx)
	}
	got := jammed(t, c.db, c.offering).together(2, c.all)
	for i, g := range got {
		switch i {
		case 3:
			require.ErrorIs(t, g.Err, ledger.ErrPeriodClosed)
		case 4:
			require.Equal(t, "the host's", panicked)
		default:
			require.NoError(t, g.Err)
		}
	}
	require.Equal(t, "50.00", balanceOf(t, c.db, c.offering, investments.AccountCash))
	verified(t, c.db)
}

// All that happens to an offering happens at once, by two services with a pool each: nothing is
// sold twice, lost or done twice.
func TestTogether_storm(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o := raise(t, db, "1000000")
	other, err := pgtest.Open(pgtest.DSN(t, db))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	pools, svcs := []*bun.DB{db, other}, []*investments.Services{newService(), newService()}
	ps := committers(t, db, o, 24, "50000") // there is room for 20
	for i := range ps {
		ps[i].JoinWaitlist = i%2 == 0
		if i > 0 && i%6 == 0 { // somebody commits twice
			ps[i].InvestorID, ps[i].ActorID = ps[i-1].InvestorID, ps[i-1].ActorID
		}
	}
	var wg sync.WaitGroup
	rounds := func(i int, do func(svc *investments.Services, db *bun.DB) error) {
		for k := range pools { // each sends everything
			wg.Go(func() {
				if err := do(svcs[k], pools[k]); err != nil && (fault.KindOf(err) == fault.Unavailable || store.Retryable(err)) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
	}
	for i, p := range ps {
		rounds(i, func(svc *investments.Services, db *bun.DB) error {
			sub, err := svc.Commitments.Commit(t.Context(), db, p)
			if err != nil {
				return err
			}
			if i%5 == 4 {
				_, err := svc.Commitments.CancelSubscription(t.Context(), db, investments.CancelSubscriptionParams{IdempotencyKey: "cancel " + p.IdempotencyKey, SubscriptionID: sub.ID, Reason: "so", ActorID: staff})
				return err
			}
			for k := range 2 {
				_, err = svc.Commitments.ReceiveContribution(t.Context(), db, investments.ReceiveContributionParams{IdempotencyKey: fmt.Sprint(p.IdempotencyKey, k), SubscriptionID: sub.ID,
					Amount: money.MustParse("25000"), Date: date.MustParse("2026-01-15"), ActorID: staff})
				if err != nil && fault.KindOf(err) == fault.Unavailable {
					return err
				}
			}
			return nil
		})
	}
	wg.Wait()
	var held struct {
		Committed, Taken, Received string
		Overpaid, Gaps             int
	}
	require.NoError(t, db.NewRaw(`SELECT o.committed_amount AS committed, sum(s.amount - s.refunded) FILTER (WHERE s.status IN ('open', 'funded')) AS taken,
			sum(s.received) AS received, count(*) FILTER (WHERE s.received > s.amount) AS overpaid,
			o.next_waitlist_number - 1 - count(DISTINCT s.waitlist_number) AS gaps
		FROM investments.opportunities o JOIN investments.subscriptions s ON s.opportunity_id = o.id WHERE o.id = ? GROUP BY o.id`, o.ID).Scan(t.Context(), &held))
	require.Equal(t, held.Committed, held.Taken)
	require.False(t, money.MustParse("1000000").Less(money.MustParse(held.Taken)))
	require.Zero(t, held.Overpaid)
	require.Zero(t, held.Gaps)
	require.Equal(t, held.Received, balanceOf(t, db, o, investments.AccountCash))
	verified(t, db)
}

// Whoever's papers somebody else works on waits for them alone: those who came at once go on.
func TestCommit_togetherWaitsForNoPapers(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE public.papers (investor uuid PRIMARY KEY)")
	require.NoError(t, err)
	svc := investments.New(investments.Config{Horizon: 3650, Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) },
		Evidence: func(ctx context.Context, tx bun.IDB, r investments.EvidenceRequest) (investments.Evidence, error) {
			_, err := tx.ExecContext(ctx, "SELECT 1 FROM public.papers WHERE investor = '"+r.InvestorID.String()+"' FOR SHARE")
			return accredited, err
		}})
	o, u := raise(t, db, "1000000"), people(t, db, 4)
	for _, who := range u {
		_, err := db.ExecContext(t.Context(), "INSERT INTO public.papers VALUES (?)", who)
		require.NoError(t, err)
	}
	officer, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = officer.ExecContext(t.Context(), "SELECT 1 FROM public.papers WHERE investor = '"+u[1].String()+"' FOR UPDATE")
	require.NoError(t, err)

	j, got, others := jammed(t, db, o), make([]error, 4), sync.WaitGroup{}
	others.Add(3)
	commit := func(i int) func(context.Context) {
		return func(ctx context.Context) {
			_, got[i] = svc.Commitments.Commit(ctx, db, commitment(o, u[i], "25000"))
			if i != 1 {
				others.Done()
			}
		}
	}
	j.alone(1, commit(0))
	for i := 1; i < 4; i++ {
		j.behind(commit(i))
	}
	require.NoError(t, j.held.Rollback())
	done := make(chan struct{})
	go func() { others.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("the others wait for the papers of one")
	}
	require.NoError(t, officer.Rollback())
	j.wg.Wait()
	for i, err := range got {
		require.NoError(t, err, i)
	}
}
