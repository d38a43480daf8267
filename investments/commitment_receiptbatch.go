package investments

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// receiptBatch is what a batch of receipts works on, read and locked at once.
type receiptBatch struct {
	offering  *Offering
	books     book
	subRows   []Subscription // by id
	posRows   []Position     // by id
	lineRows  []CapitalCallLine
	subs      map[id.Of[Subscription]]*Subscription
	positions map[id.Of[Position]]*Position
	classes   map[string]*ShareClass
	moved     map[id.Of[Position]]date.Date              // the last day a part of it was transferred
	lines     map[id.Of[Subscription]][]*CapitalCallLine // of issued calls, the first due first
	filled    map[id.Of[CapitalCallLine]]bool            // lines that changed
	amounts   []money.Amount                             // of the receipts
	ended     []id.Of[CapitalCall]                       // calls that wait for nothing since
}

// receiptColumns are those of subscriptions that receipts need.
var receiptColumns = []string{"id", "opportunity_id", "investor_id", "account_id", "share_class", "investment_id", "amount", "called", "received",
	"currency", "status", "commitment_date", "funded_at", "version"}

// loadBatch locks an offering, and the subscriptions and the positions of receipts, and reads
// what else decides about them; of subscriptions the columns, or all without any. A
// subscription that is not the offering's is not found; [receiptBatch.apply] says which. parts
// are other reads behind those locks.
func (s *Commitments) loadBatch(ctx context.Context, tx bun.IDB, offering id.Of[Offering], receipts []Receipt, columns []string, parts ...store.Part) (*receiptBatch, error) {
	b := &receiptBatch{filled: map[id.Of[CapitalCallLine]]bool{}}
	whom := store.TextArray(receipts, func(r *Receipt) string { return r.SubscriptionID.String() })
	held := `ARRAY(SELECT investment_id FROM investments.subscriptions WHERE id = ANY (?::uuid[]) AND opportunity_id = ?)`
	var moved []struct {
		Position id.Of[Position] `bun:"from_investment_id"`
		Day      date.Date       `bun:"day"`
	}
	var classes []ShareClass
	err := store.TogetherFew(ctx, tx, len(receipts), slices.Concat([]store.Part{
		store.Into(&b.offering, func(tx bun.IDB) (*Offering, error) { return lockOffering(ctx, tx, offering) }),
		store.Into(&b.subRows, func(tx bun.IDB) ([]Subscription, error) {
			return subscriptions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Column(columns...).Where("s.id = ANY (?::uuid[])", whom).Where("s.opportunity_id = ?", offering).OrderExpr("s.id").For("NO KEY UPDATE")
			})
		}),
		store.Into(&b.posRows, func(tx bun.IDB) ([]Position, error) {
			return positions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Column("id", "investment_amount", "units", "unrealized_gains", "funding_date", "actual_exit_date", "status").
					Where("pi.id = ANY ("+held+")", whom, offering).OrderExpr("pi.id").For("NO KEY UPDATE")
			})
		}),
		func(tx bun.IDB) error {
			return store.Err(store.Read(ctx, tx, tx.NewRaw(`SELECT t.from_investment_id, max(t.effective_date) AS day FROM investments.transfers t
				WHERE t.from_investment_id = ANY (`+held+`) AND t.status = 'completed' GROUP BY 1`, whom, offering), &moved), constraints)
		},
		store.Into(&classes, func(tx bun.IDB) ([]ShareClass, error) {
			return shareClasses.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("sc.opportunity_id = ?", offering) })
		}),
		store.Into(&b.lineRows, func(tx bun.IDB) ([]CapitalCallLine, error) {
			return capitalCallLines.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Join("JOIN investments.capital_calls AS cc ON cc.id = cl.capital_call_id").Where("cl.subscription_id = ANY (?::uuid[])", whom).
					Where("cc.status = ?", CallStatusIssued).Where("cl.status IN ('open', 'partial')").OrderExpr("cc.due_date, cc.number, cl.id")
			})
		}),
	}, parts)...)
	if err != nil {
		return nil, err
	}
	b.subs, b.positions = make(map[id.Of[Subscription]]*Subscription, len(b.subRows)), make(map[id.Of[Position]]*Position, len(b.posRows))
	for i := range b.subRows {
		b.subs[b.subRows[i].ID] = &b.subRows[i]
	}
	for i := range b.posRows {
		b.positions[b.posRows[i].ID] = &b.posRows[i]
	}
	b.moved, b.classes = make(map[id.Of[Position]]date.Date, len(moved)), make(map[string]*ShareClass, len(classes))
	for _, m := range moved {
		b.moved[m.Position] = m.Day
	}
	for i := range classes {
		b.classes[classes[i].Code] = &classes[i]
	}
	b.lines = make(map[id.Of[Subscription]][]*CapitalCallLine, len(b.lineRows))
	for i := range b.lineRows {
		l := &b.lineRows[i]
		b.lines[l.SubscriptionID] = append(b.lines[l.SubscriptionID], l)
	}
	b.books, err = s.bookOf(ctx, tx, b.offering)
	return b, err
}

// apply decides about the receipts one after the other and counts them. It
// touches no database. All that is wrong comes back at once.
func (b *receiptBatch) apply(receipts []Receipt, at time.Time) error {
	var f fault.Fields
	b.amounts = make([]money.Amount, len(receipts))
	for i := range receipts {
		amount, err := b.receive(&receipts[i], nil, at)
		if err != nil {
			f.AddErr(receiptAt(i), err)
		}
		b.amounts[i] = amount
	}
	return f.Err()
}

// receive is what [Commitments.ReceiveContribution] does, in memory; for the line of a call
// that it names first, what [Commitments.ReceiveCall] does.
func (b *receiptBatch) receive(r *Receipt, named *CapitalCallLine, at time.Time) (amount money.Amount, err error) {
	sub := b.subs[r.SubscriptionID]
	if sub == nil {
		return r.Amount, ErrSubscriptionNotFound.On("subscription_id")
	}
	amount = r.Amount
	var lines []*CapitalCallLine
	if named != nil {
		if amount, err = named.receives(amount); err != nil {
			return amount, err
		}
		lines = append(lines, named)
	}
	if amount, err = sub.receives(b.offering, amount, r.Date); err != nil {
		return amount, err
	}
	class, pos := b.classes[sub.ShareClass], b.positions[*sub.PositionID] // foreign keys hold both
	if day, ok := b.moved[pos.ID]; ok && pos.Status.Counts() && day.After(r.Date) {
		return amount, ErrBehindTransfer
	}
	if sub.Received.Less(sub.Called) {
		rest := amount
		for _, l := range append(lines, b.lines[sub.ID]...) {
			if rest.IsZero() {
				break
			}
			left, err := l.Outstanding()
			if err != nil {
				return amount, err
			}
			if left.IsZero() {
				continue // an earlier receipt of the batch filled it
			}
			if rest, err = l.fill(rest, r.Date, at); err != nil {
				return amount, err
			}
			b.filled[l.ID] = true
		}
	}
	if err := sub.credit(amount, at); err != nil {
		return amount, err
	}
	return amount, pos.contribute(class, amount, r.Date)
}

// completed counts the subscriptions that wait for nothing more.
func (b *receiptBatch) completed() (n int) {
	for i := range b.subRows {
		if b.subRows[i].Status == SubscriptionStatusFunded {
			n++
		}
	}
	return n
}

// writes are the parts that bring what changed to the database, a statement for each table.
func (b *receiptBatch) writes(ctx context.Context) []store.Part {
	parts := []store.Part{
		func(tx bun.IDB) error { return b.storeSubscriptions(ctx, tx) },
		func(tx bun.IDB) error { return storeHoldings(ctx, tx, b.posRows) },
	}
	if len(b.filled) == 0 {
		return parts
	}
	return append(parts, func(tx bun.IDB) error { return b.storeLines(ctx, tx) },
		store.Into(&b.ended, func(tx bun.IDB) ([]id.Of[CapitalCall], error) { return completeCalls(ctx, tx, b.offering.ID) }))
}

func (b *receiptBatch) storeSubscriptions(ctx context.Context, tx bun.IDB) error {
	subs := func(of func(*Subscription) string) string { return store.TextArray(b.subRows, of) }
	return store.Err(store.Exec(ctx, tx, `UPDATE investments.subscriptions s
		SET received = r.received, called = r.called, status = r.status, funded_at = r.funded_at, version = r.version
		FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::text[], $5::timestamptz[], $6::bigint[])
			AS r (id, received, called, status, funded_at, version) WHERE s.id = r.id`,
		subs(func(v *Subscription) string { return v.ID.String() }),
		subs(func(v *Subscription) string { return v.Received.String() }),
		subs(func(v *Subscription) string { return v.Called.String() }),
		subs(func(v *Subscription) string { return string(v.Status) }),
		subs(func(v *Subscription) string {
			if v.FundedAt == nil {
				return ""
			}
			return store.TimeKey(*v.FundedAt)
		}),
		subs(func(v *Subscription) string { return strconv.FormatInt(v.Version, 10) })), constraints)
}

func (b *receiptBatch) storeLines(ctx context.Context, tx bun.IDB) error {
	rows := make([]CapitalCallLine, 0, len(b.filled))
	for i := range b.lineRows { // in one order, for the locks
		if b.filled[b.lineRows[i].ID] {
			rows = append(rows, b.lineRows[i])
		}
	}
	column := func(of func(*CapitalCallLine) string) string { return store.TextArray(rows, of) }
	return store.Err(store.Exec(ctx, tx, `UPDATE investments.capital_call_lines cl
		SET received = r.received, received_date = r.day, status = r.status, version = r.version
		FROM unnest($1::uuid[], $2::numeric[], $3::date[], $4::text[], $5::bigint[]) AS r (id, received, day, status, version) WHERE cl.id = r.id`,
		column(func(l *CapitalCallLine) string { return l.ID.String() }),
		column(func(l *CapitalCallLine) string { return l.Received.String() }),
		column(func(l *CapitalCallLine) string { return l.ReceivedDate.String() }),
		column(func(l *CapitalCallLine) string { return string(l.Status) }),
		column(func(l *CapitalCallLine) string { return strconv.FormatInt(l.Version, 10) })), constraints)
}
