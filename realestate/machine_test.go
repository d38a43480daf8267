package realestate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

type (
	distributionID = id.Of[investments.Distribution]
	lineID         = id.Of[investments.DistributionLine]
)

// machine is one offering whose distributions get verbs at random, and what they
// must have come to: a model that is told of what was allowed alone.
type machine struct {
	t     *testing.T
	db    bun.IDB
	p     *realestate.Platform
	r     *rand.Rand
	o     *investments.Offering
	terms bool
	gp    id.Of[investments.Account]
	held  []id.Of[investments.Position]
	who   []id.Of[auth.User]
	clerk id.Of[auth.User]
	boss  id.Of[auth.User]
	day   date.Date
	all   []*modelDistribution
	cents map[string]int64 // expected balances by code
	done  map[string]int   // verbs that were allowed, by name
	log   []string
}

type modelDistribution struct {
	id       distributionID
	day      date.Date
	status   investments.DistributionStatus
	lines    []*modelLine
	reversed date.Date
}

type modelLine struct {
	id              lineID
	position        *id.Of[investments.Position]
	role            investments.Role
	gross, net, tax int64
	status          investments.PaymentStatus
	recovered       int64
	wasPaid         bool
	attempt         int
}

func newMachine(t *testing.T, db bun.IDB, seed uint64, terms bool) *machine {
	t.Helper()
	ctx, start := t.Context(), time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	var ticks atomic.Int64
	p, err := realestate.New(realestate.Config{Now: func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Second) }})
	require.NoError(t, err)
	m := &machine{t: t, db: db, p: p, r: rand.New(rand.NewPCG(seed, 7)), terms: terms, day: date.MustParse("2026-03-01"),
		cents: map[string]int64{}, done: map[string]int{}, clerk: person(t, db), boss: person(t, db)}
	m.o = offered(t, db, "")
	if terms {
		gp := realestatetest.Account(t, db, m.clerk, func(p *investments.OpenAccountParams) { p.IsSponsor, p.ActorID = true, staff })
		m.gp = gp.ID
		text, err := waterfall.ParseTerms(fmt.Appendf(nil, `{"promote_recipient": %q, "prefs": {"common": {"rate": "0.08", "compounding": "none"}},
			"tiers": {"capital": [{"name": "fee", "type": "fee", "payee": %q, "amount": "10.00", "unpaid": "lapses"}, {"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split", "promote": "0.2"}],
				"operating": [{"name": "split", "type": "split", "promote": "0.2"}]}}`, gp.ID, gp.ID))
		require.NoError(t, err)
		_, err = p.Offerings.SetTerms(ctx, db, investments.SetTermsParams{OfferingID: m.o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: text, ActorID: m.clerk})
		require.NoError(t, err)
	}
	for _, amount := range []string{"60000", "40000.01", "0.01"} {
		who := accredited(t, db)
		sub, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, InvestorID: who, Amount: money.MustParse(amount), Date: date.MustParse("2026-01-10"), ActorID: who})
		require.NoError(t, err)
		_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: m.key(), SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
		require.NoError(t, err)
		m.held, m.who = append(m.held, *sub.PositionID), append(m.who, who)
		m.cents[investments.AccountCash] += money.MustParse(amount).Cents()
		m.cents[investments.AccountCapital] += money.MustParse(amount).Cents()
	}
	return m
}

func (m *machine) key() string { return id.New[machine]().String() }

// call runs a verb, or runs it twice with one key, which is the same. Where the
// model says that it is not allowed, it has to fail; otherwise to succeed.
func (m *machine) call(name string, allowed bool, verb func(key string) error) bool {
	m.t.Helper()
	m.log = append(m.log, fmt.Sprintf("%s allowed=%t", name, allowed))
	key := m.key()
	err := verb(key)
	if allowed {
		require.NoError(m.t, err, "%v", m.log)
		m.done[name]++
		if m.r.IntN(3) == 0 {
			before := m.rows()
			require.NoError(m.t, verb(key), "again %v", m.log)
			require.Equal(m.t, before, m.rows(), "the same key again: %v", m.log)
		}
		return true
	}
	require.Error(m.t, err, "%v", m.log)
	return false
}

// rows is how many rows of consequence there are.
func (m *machine) rows() string {
	var out string
	require.NoError(m.t, m.db.NewRaw(`SELECT concat_ws(' ', (SELECT count(*) FROM investments.transactions), (SELECT count(*) FROM financials.postings),
		(SELECT count(*) FROM freehold.outbox), (SELECT sum(version) FROM investments.investor_distributions), (SELECT sum(version) FROM investments.distributions),
		(SELECT count(*) FROM freehold.approvals))`).Scan(m.t.Context(), &out))
	return out
}

// any is a distribution, most often one that fits, where there is one.
func (m *machine) any(fits func(*modelDistribution) bool) *modelDistribution {
	list := slices.DeleteFunc(slices.Clone(m.all), func(d *modelDistribution) bool { return !fits(d) })
	if len(list) == 0 || m.r.IntN(4) == 0 {
		list = m.all
	}
	return list[m.r.IntN(len(list))]
}

func is(s ...investments.DistributionStatus) func(*modelDistribution) bool {
	return func(d *modelDistribution) bool { return slices.Contains(s, d.status) }
}

func hasLine(s ...investments.PaymentStatus) func(*modelDistribution) bool {
	return func(d *modelDistribution) bool {
		return slices.ContainsFunc(d.lines, func(l *modelLine) bool { return slices.Contains(s, l.status) }) && d.status != investments.DistributionStatusPending
	}
}

// some are the ids of a part of the lines; nil is all of them.
func (m *machine) some(d *modelDistribution, of func(*modelLine) bool) []lineID {
	if m.r.IntN(3) == 0 {
		return nil
	}
	var out []lineID
	for _, l := range d.lines {
		if of(l) && m.r.IntN(2) == 0 {
			out = append(out, l.id)
		}
	}
	if m.r.IntN(8) == 0 || len(out) == 0 { // perhaps one of another state
		out = append(out, d.lines[m.r.IntN(len(d.lines))].id)
	}
	return out
}

// chosen are the lines that a command is about, and whether all are in a state.
func (d *modelDistribution) chosen(ids []lineID, in investments.PaymentStatus) (out []*modelLine, ok bool) {
	for _, l := range d.lines {
		switch {
		case ids == nil && l.status == in, slices.Contains(ids, l.id) && l.status == in:
			out = append(out, l)
		case slices.Contains(ids, l.id):
			return nil, false
		}
	}
	return out, len(out) > 0
}

func (d *modelDistribution) follow() {
	n := map[investments.PaymentStatus]int{}
	for _, l := range d.lines {
		n[l.status]++
	}
	switch {
	case n[investments.PaymentStatusPending] == len(d.lines):
		d.status = investments.DistributionStatusApproved
	case n[investments.PaymentStatusPending]+n[investments.PaymentStatusSent] > 0:
		d.status = investments.DistributionStatusProcessing
	case n[investments.PaymentStatusCompleted] > 0:
		d.status = investments.DistributionStatusCompleted
	default:
		d.status = investments.DistributionStatusFailed
	}
}

// last reports whether nothing rests on a distribution.
func (m *machine) last(d *modelDistribution) bool {
	if !m.terms {
		return true
	}
	after := false
	for _, x := range m.all {
		if after && x.status != investments.DistributionStatusCancelled && x.status != investments.DistributionStatusReversed {
			return false
		}
		after = after || x == d
	}
	return true
}

func (m *machine) declare() {
	p := investments.DeclareParams{OfferingID: m.o.ID, Type: investments.DistributionQuarterly, Date: m.day, ActorID: m.clerk,
		Amount: money.MustParse([]string{"1000", "0.01", "333.33", "90000"}[m.r.IntN(4)]), Withholding: map[id.Of[investments.Position]]decimal.Decimal{}}
	if m.r.IntN(3) == 0 {
		p.Type = investments.DistributionRefinance
		c := investments.CharacterReturnOfCapital
		p.Character = &c
	}
	draft, err := m.p.Distributions.Preview(m.t.Context(), m.db, p)
	require.NoError(m.t, err)
	var zero *investments.DistributionLine // is adjusted to nothing
	for i := range draft.Lines {
		l := &draft.Lines[i]
		if l.Role == investments.RoleInvestor && m.terms && zero == nil && m.r.IntN(6) == 0 && !l.DistributionAmount.IsZero() && len(draft.Lines) > 1 {
			zero = l
			continue
		}
		if l.PositionID != nil && m.r.IntN(3) == 0 {
			p.Withholding[*l.PositionID] = decimal.RequireFromString([]string{"0.24", "1", "0"}[m.r.IntN(3)])
		}
	}
	if zero != nil {
		for i := range draft.Lines {
			if l := &draft.Lines[i]; l != zero && l.Role == investments.RoleInvestor {
				p.Adjustments = []waterfall.Adjustment{{Account: zero.PositionID.String(), Delta: zero.DistributionAmount.Neg(), Reason: "agreed"},
					{Account: l.PositionID.String(), Delta: zero.DistributionAmount, Reason: "agreed"}}
				m.done["adjusted to zero"]++
				break
			}
		}
	}
	var d *investments.Distribution
	m.call("declare", true, func(key string) error {
		p.IdempotencyKey = key
		d, err = m.p.Distributions.Declare(m.t.Context(), m.db, p)
		return err
	})
	lines, err := m.p.Distributions.DistributionLines(m.t.Context(), m.db, d.ID, page.Request{Limit: 100})
	require.NoError(m.t, err)
	model := &modelDistribution{id: d.ID, day: m.day, status: investments.DistributionStatusPending}
	for _, l := range lines.Items {
		model.lines = append(model.lines, &modelLine{id: l.ID, position: l.PositionID, role: l.Role, gross: l.DistributionAmount.Cents(),
			net: l.NetDistribution.Cents(), tax: l.TaxWithholding.Cents(), status: investments.PaymentStatusPending, attempt: 1})
	}
	m.all = append(m.all, model)
}

func (m *machine) decide() {
	ctx, d := m.t.Context(), m.any(is(investments.DistributionStatusPending))
	pending := d.status == investments.DistributionStatusPending
	switch m.r.IntN(8) {
	case 0:
		m.call("self-approval", false, func(string) error {
			_, err := m.p.Distributions.Approve(ctx, m.db, investments.ApproveDistributionParams{DistributionID: d.id, ActorID: m.clerk})
			return err
		})
	case 1:
		if !pending {
			return // where it is that already, nothing happens
		}
		if m.call("reject", m.last(d), func(string) error {
			_, err := m.p.Distributions.Reject(ctx, m.db, investments.RejectDistributionParams{DistributionID: d.id, ActorID: m.boss, Reason: "wrong quarter"})
			return err
		}) {
			d.status = investments.DistributionStatusCancelled
		}
	case 2:
		if d.status == investments.DistributionStatusCancelled {
			return
		}
		if m.call("cancel", pending && m.last(d), func(string) error {
			_, err := m.p.Distributions.Cancel(ctx, m.db, investments.CancelDistributionParams{DistributionID: d.id, Reason: "x", ActorID: staff})
			return err
		}) {
			d.status = investments.DistributionStatusCancelled
		}
	default:
		if !pending {
			return
		}
		m.call("approve", true, func(string) error {
			_, err := m.p.Distributions.Approve(ctx, m.db, investments.ApproveDistributionParams{DistributionID: d.id, ActorID: m.boss})
			return err
		})
		d.status = investments.DistributionStatusApproved
	}
}

func (m *machine) pay() {
	d := m.any(is(investments.DistributionStatusApproved))
	m.call("pay", d.status == investments.DistributionStatusApproved, func(key string) error {
		_, err := m.p.Distributions.Pay(m.t.Context(), m.db, investments.PayParams{IdempotencyKey: key, DistributionID: d.id, Date: m.day, Method: investments.PayACH, ActorID: staff})
		return err
	})
	if d.status == investments.DistributionStatusApproved {
		for _, l := range d.lines {
			l.status = investments.PaymentStatusCompleted
		}
		d.follow()
	}
}

func (m *machine) process() {
	d := m.any(hasLine(investments.PaymentStatusPending))
	ids := m.some(d, func(l *modelLine) bool { return l.status == investments.PaymentStatusPending })
	lines, ok := d.chosen(ids, investments.PaymentStatusPending)
	ok = ok && (d.status == investments.DistributionStatusApproved || d.status == investments.DistributionStatusProcessing)
	if m.call("process", ok, func(key string) error {
		_, err := m.p.Distributions.Process(m.t.Context(), m.db, investments.ProcessDistributionParams{IdempotencyKey: key, DistributionID: d.id, Lines: ids, Date: m.day, Method: investments.PayACH, ActorID: staff})
		return err
	}) {
		for _, l := range lines {
			if l.status = investments.PaymentStatusSent; l.net == 0 {
				l.status = investments.PaymentStatusCompleted
			}
		}
		d.follow()
	}
}

func (m *machine) confirm() {
	d := m.any(hasLine(investments.PaymentStatusSent))
	ids := m.some(d, func(l *modelLine) bool { return l.status == investments.PaymentStatusSent })
	lines, ok := d.chosen(ids, investments.PaymentStatusSent)
	ok = ok && d.status == investments.DistributionStatusProcessing
	if m.call("confirm", ok, func(key string) error {
		_, err := m.p.Distributions.ConfirmPayments(m.t.Context(), m.db, investments.ConfirmPaymentsParams{IdempotencyKey: key, DistributionID: d.id, Lines: ids, Date: m.day, ActorID: staff})
		return err
	}) {
		for _, l := range lines {
			l.status = investments.PaymentStatusCompleted
		}
		d.follow()
	}
}

// begun reports whether the payments of a distribution are decided one by one.
func (d *modelDistribution) begun() bool {
	return d.status == investments.DistributionStatusProcessing || d.status == investments.DistributionStatusCompleted || d.status == investments.DistributionStatusFailed
}

func (m *machine) fail() {
	d := m.any(hasLine(investments.PaymentStatusSent, investments.PaymentStatusCompleted))
	l := d.lines[m.r.IntN(len(d.lines))]
	if m.call("fail", d.begun() && l.net > 0 && (l.status == investments.PaymentStatusSent || l.status == investments.PaymentStatusCompleted), func(key string) error {
		_, err := m.p.Distributions.FailPayment(m.t.Context(), m.db, investments.FailPaymentParams{IdempotencyKey: key, LineID: l.id, Date: m.day, Reason: "refused", ActorID: staff})
		return err
	}) {
		l.status = investments.PaymentStatusFailed
		d.follow()
	}
}

func (m *machine) reissue() {
	d := m.any(hasLine(investments.PaymentStatusFailed))
	l, sent := d.lines[m.r.IntN(len(d.lines))], m.r.IntN(2) == 0
	if i := slices.IndexFunc(d.lines, func(l *modelLine) bool { return l.status == investments.PaymentStatusFailed }); i >= 0 {
		l = d.lines[i]
	}
	if m.call("reissue", d.begun() && l.status == investments.PaymentStatusFailed, func(key string) error {
		_, err := m.p.Distributions.ReissuePayment(m.t.Context(), m.db, investments.ReissuePaymentParams{IdempotencyKey: key, LineID: l.id, Date: m.day, Method: investments.PayWire, Sent: sent, ActorID: staff})
		return err
	}) {
		l.attempt++
		if l.status = investments.PaymentStatusCompleted; sent {
			l.status = investments.PaymentStatusSent
		}
		d.follow()
	}
}

func (m *machine) reverse() {
	d := m.any(func(d *modelDistribution) bool {
		return d.begun() && !hasLine(investments.PaymentStatusSent)(d) && m.last(d)
	})
	ok := (d.begun() || d.status == investments.DistributionStatusApproved) && m.last(d)
	for _, l := range d.lines {
		ok = ok && l.status != investments.PaymentStatusSent
	}
	if m.call("reverse", ok, func(key string) error {
		_, err := reverse(m.t.Context(), m.db, m.p.Distributions, investments.ReverseDistributionParams{ActorID: m.boss, IdempotencyKey: key, DistributionID: d.id, Date: m.day, Reason: "wrong deal"})
		return err
	}) {
		d.status, d.reversed = investments.DistributionStatusReversed, m.day
		for _, l := range d.lines {
			l.wasPaid, l.status = l.status == investments.PaymentStatusCompleted, investments.PaymentStatusReversed
		}
	}
}

// recover pays back some of what a payee owes, all of it, or a cent too much.
func (m *machine) recover() {
	n := m.r.IntN(len(m.held) + 1)
	if d := m.any(is(investments.DistributionStatusReversed)); m.r.IntN(3) > 0 { // of somebody who may owe something
		if l := d.lines[m.r.IntN(len(d.lines))]; l.position != nil {
			n = slices.Index(m.held, *l.position)
		}
	}
	p := investments.RecordRecoveryParams{OfferingID: m.o.ID, Date: m.day, ActorID: staff}
	var owes []*modelLine
	if n < len(m.held) {
		p.PositionID = &m.held[n]
	} else {
		p.AccountID = &m.gp
	}
	due := int64(0)
	for _, d := range m.reversedInOrder() {
		for _, l := range d.lines {
			if l.wasPaid && l.net > l.recovered && (p.PositionID == nil) == (l.position == nil) && (p.PositionID == nil || *l.position == *p.PositionID) {
				owes, due = append(owes, l), due+l.net-l.recovered
			}
		}
	}
	amount := []int64{due, due/2 + 1, due + 1}[m.r.IntN(3)]
	p.Amount, _ = money.FromCents(max(amount, 1))
	if m.call("recover", due > 0 && amount <= due, func(key string) error {
		p.IdempotencyKey = key
		_, err := m.p.Distributions.RecordRecovery(m.t.Context(), m.db, p)
		return err
	}) {
		m.cents["came back"] += amount
		for _, l := range owes {
			part := min(amount, l.net-l.recovered)
			l.recovered, amount = l.recovered+part, amount-part
		}
	}
}

func (m *machine) reversedInOrder() []*modelDistribution {
	var out []*modelDistribution
	for _, d := range m.all {
		if d.status == investments.DistributionStatusReversed {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *modelDistribution) int { return a.reversed.Compare(b.reversed) })
	return out
}

func (m *machine) remit() {
	due := m.expected()[investments.AccountWithholdingPayable]
	amount := []int64{due, due / 2, due + 1}[m.r.IntN(3)]
	if amount <= 0 {
		amount = 1
	}
	if m.call("remit", amount <= due, func(key string) error {
		sum, _ := money.FromCents(amount)
		_, err := m.p.Distributions.RemitWithholding(m.t.Context(), m.db, investments.RemitWithholdingParams{IdempotencyKey: key, OfferingID: m.o.ID, Amount: sum, Date: m.day, ActorID: staff})
		return err
	}) {
		m.cents["remitted"] += amount
	}
}

func (m *machine) refresh() {
	if len(m.all) == 0 || m.r.IntN(2) == 0 {
		require.NoError(m.t, m.p.Reports.RefreshPortfolios(m.t.Context(), m.db, investments.RefreshPortfoliosParams{InvestorIDs: m.who, AsOf: m.day}))
	} else {
		require.NoError(m.t, m.p.Reports.RefreshPortfolios(m.t.Context(), m.db, investments.RefreshPortfoliosParams{DistributionID: new(m.any(hasLine(investments.PaymentStatusCompleted)).id), AsOf: m.day}))
	}
}

// expected are the balances that the model comes to, each on its normal side.
func (m *machine) expected() map[string]int64 {
	out := map[string]int64{investments.AccountCash: m.cents[investments.AccountCash] - m.cents["remitted"], investments.AccountCapital: m.cents[investments.AccountCapital],
		investments.AccountWithholdingPayable: -m.cents["remitted"]}
	for _, d := range m.all {
		for _, l := range d.lines {
			switch {
			case d.status == investments.DistributionStatusReversed && l.wasPaid:
				out[investments.AccountCash] -= l.net - l.recovered
				out[investments.AccountRecovery] += l.net - l.recovered
			case d.status == investments.DistributionStatusApproved || d.begun():
				out[investments.AccountWithholdingPayable] += l.tax
				if l.role == investments.RoleInvestor {
					out[investments.AccountDistributions] -= l.gross
				} else {
					out[investments.AccountPromote] -= l.gross
				}
				if l.status == investments.PaymentStatusCompleted {
					out[investments.AccountCash] -= l.net
				} else {
					out[investments.AccountDistributionsPayable] += l.net
				}
			}
		}
	}
	return out
}

// check compares everything with the model, and has Verify look.
func (m *machine) check() {
	m.t.Helper()
	ctx := m.t.Context()
	chart, err := m.p.Ledger.Chart(ctx, m.db, *m.o.BookID)
	require.NoError(m.t, err)
	want := m.expected()
	for code, a := range chart {
		b, err := m.p.Ledger.Balance(ctx, m.db, a.ID)
		require.NoError(m.t, err)
		require.Equal(m.t, want[code], b.Balance.Cents(), "account %s: %v", code, m.log)
	}
	paid := map[id.Of[investments.Position]]int64{}
	for _, d := range m.all {
		got, err := m.p.Distributions.Distribution(ctx, m.db, d.id)
		require.NoError(m.t, err)
		require.Equal(m.t, d.status, got.Status, "%v", m.log)
		lines, err := m.p.Distributions.DistributionLines(ctx, m.db, d.id, page.Request{Limit: 100})
		require.NoError(m.t, err)
		for i, l := range lines.Items {
			require.Equal(m.t, d.lines[i].status, l.PaymentStatus, "%v", m.log)
			require.Equal(m.t, d.lines[i].attempt, l.PaymentAttempt, "%v", m.log)
			if l.PaymentStatus == investments.PaymentStatusCompleted && l.PositionID != nil {
				paid[*l.PositionID] += d.lines[i].gross
			}
		}
	}
	for i, v := range m.held {
		pos, err := m.p.Positions.Position(ctx, m.db, v)
		require.NoError(m.t, err)
		require.Equal(m.t, paid[v], pos.TotalDistributions.Cents(), "position: %v", m.log)
		if f, err := m.p.Reports.Portfolio(ctx, m.db, m.who[i]); err == nil && f.LastCalculatedAt != nil && m.log[len(m.log)-1] == "refresh all" {
			require.Equal(m.t, paid[v], f.TotalDistributions.Cents(), "portfolio: %v", m.log)
		}
	}
	r, err := m.p.Verify(ctx, m.db)
	require.NoError(m.t, err)
	require.True(m.t, r.OK(), "%s after %v", r, m.log)
}

// Payments in any order of any verbs, allowed and not, with keys used again:
// every line is paid once or not at all, books and totals are what a model in
// memory says, and Verify agrees after each step. `make fault` plays more of them, and
// sees that each verb is allowed in some.
func TestPayments_anyOrder(t *testing.T) {
	t.Parallel()
	long := os.Getenv("FREEHOLD_FAULT") == "long"
	seeds, steps := 1, 25
	if long {
		seeds, steps = 3, 60
	}
	seen := map[string]int{}
	for seed := range seeds {
		for _, terms := range []bool{false, true} {
			tx := pgtest.Tx(t)
			m := newMachine(t, tx, uint64(seed), terms)
			m.declare()
			for range steps {
				verbs := []func(){m.declare, m.declare, m.decide, m.decide, m.decide, m.pay, m.process, m.process, m.confirm, m.confirm, m.fail, m.fail, m.reissue, m.reissue,
					m.reverse, m.recover, m.recover, m.remit, m.refresh}
				verbs[m.r.IntN(len(verbs))]()
				if m.r.IntN(4) == 0 {
					m.day = m.day.AddDays(m.r.IntN(20))
				}
				m.check()
			}
			require.NoError(t, m.p.Reports.RefreshPortfolios(t.Context(), tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: m.day}))
			m.log = append(m.log, "refresh all")
			m.check()
			for name, n := range m.done {
				seen[name] += n
			}
			require.NoError(t, tx.Rollback())
		}
	}
	for _, name := range []string{"declare", "approve"} {
		require.NotZero(t, seen[name], "%s was never allowed: %v", name, seen)
	}
	if long {
		for _, name := range []string{"declare", "adjusted to zero", "approve", "reject", "cancel", "pay", "process", "confirm", "fail", "reissue", "reverse", "recover", "remit"} {
			require.NotZero(t, seen[name], "%s was never allowed: %v", name, seen)
		}
	}
}

// A portfolio as of yesterday, brought up to date after what was paid then has
// been reversed today, holds more than all transactions come to, and rightly so.
func TestVerify_portfolioOfAnEarlierDay(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	m := newMachine(t, tx, 1, false)
	d, err := m.p.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Type: investments.DistributionQuarterly,
		Date: m.day, ActorID: m.clerk, Amount: money.MustParse("1000")})
	require.NoError(t, err)
	_, err = m.p.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: m.boss})
	require.NoError(t, err)
	_, err = m.p.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: m.key(), DistributionID: d.ID, Date: m.day, Method: investments.PayACH, ActorID: staff})
	require.NoError(t, err)
	_, err = reverse(ctx, tx, m.p.Distributions, investments.ReverseDistributionParams{ActorID: m.boss, IdempotencyKey: m.key(), DistributionID: d.ID, Date: m.day.AddDays(1), Reason: "wrong deal"})
	require.NoError(t, err)
	require.NoError(t, m.p.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{DistributionID: new(d.ID), AsOf: m.day}))
	f, err := m.p.Reports.Portfolio(ctx, tx, m.who[0])
	require.NoError(t, err)
	require.Equal(t, "600.00", f.TotalDistributions.String())
	r, err := m.p.Verify(ctx, tx)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
	_, err = tx.ExecContext(ctx, "UPDATE investments.investor_portfolios SET total_distributions = 600.01 WHERE investor_id = ?", m.who[0])
	require.NoError(t, err)
	r, err = m.p.Verify(ctx, tx)
	require.NoError(t, err)
	require.Len(t, r.Findings, 2, "on no day was it so much")
}

// A remittance that the authority sent back is reversed in the ledger, the only
// way there is, and the tax is payable again.
func TestVerify_remittanceReversed(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	m := newMachine(t, tx, 1, false)
	d, err := m.p.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Type: investments.DistributionQuarterly,
		Date: m.day, ActorID: m.clerk, Amount: money.MustParse("1000"), Withholding: map[id.Of[investments.Position]]decimal.Decimal{m.held[0]: decimal.NewFromInt(1)}})
	require.NoError(t, err)
	_, err = m.p.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: m.boss})
	require.NoError(t, err)
	for range 2 {
		r, err := m.p.Distributions.RemitWithholding(ctx, tx, investments.RemitWithholdingParams{IdempotencyKey: m.key(), OfferingID: m.o.ID, Amount: money.MustParse("600"), Date: m.day, ActorID: staff})
		require.NoError(t, err)
		_, err = m.p.Ledger.Reverse(ctx, tx, ledger.ReverseParams{Actor: "clerk", JournalID: r.ID, EffectiveDate: m.day, IdempotencyKey: m.key(), Description: "sent back"})
		require.NoError(t, err)
		due, err := m.p.Distributions.WithholdingPayable(ctx, tx, m.o.ID)
		require.NoError(t, err)
		require.Equal(t, "600.00", due.String())
		found, err := m.p.Verify(ctx, tx)
		require.NoError(t, err)
		require.True(t, found.OK(), found.String())
	}
}
