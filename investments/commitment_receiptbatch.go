package investments

import (
	"context"
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

// loadBatch locks the offering, the subscriptions and the positions of receipts,
// and reads what else decides about them. A subscription that is not the
// offering's is not found; [receiptBatch.apply] says which.
func loadBatch(ctx context.Context, tx bun.IDB, p ReceiveContributionsParams) (*receiptBatch, error) {
	b := &receiptBatch{filled: map[id.Of[CapitalCallLine]]bool{}}
	var err error
	if b.offering, err = lockOffering(ctx, tx, p.OfferingID); err != nil {
		return nil, err
	}
	whom := store.TextArray(p.Receipts, func(r *Receipt) string { return r.SubscriptionID.String() })
	b.subRows, err = subscriptions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Column("id", "opportunity_id", "investor_id", "account_id", "share_class", "investment_id", "amount", "called", "received",
			"currency", "status", "commitment_date", "funded_at", "version").
			Where("s.id = ANY (?::uuid[])", whom).Where("s.opportunity_id = ?", p.OfferingID).OrderExpr("s.id").For("NO KEY UPDATE")
	})
	if err != nil {
		return nil, err
	}
	b.subs = make(map[id.Of[Subscription]]*Subscription, len(b.subRows))
	called := false
	for i := range b.subRows {
		sub := &b.subRows[i]
		b.subs[sub.ID] = sub
		called = called || sub.Received.Less(sub.Called)
	}
	if err := b.loadPositions(ctx, tx); err != nil {
		return nil, err
	}
	if err := b.loadClasses(ctx, tx); err != nil {
		return nil, err
	}
	if !called {
		return b, nil // no call waits for any of them
	}
	return b, b.loadLines(ctx, tx, whom)
}

func (b *receiptBatch) subscriptionIDs() []id.Of[Subscription] {
	ids := make([]id.Of[Subscription], len(b.subRows))
	for i := range b.subRows {
		ids[i] = b.subRows[i].ID
	}
	return ids
}

func (b *receiptBatch) loadPositions(ctx context.Context, tx bun.IDB) (err error) {
	held := store.TextArray(b.subRows, func(sub *Subscription) string {
		if sub.PositionID == nil {
			return "" // on the waitlist
		}
		return sub.PositionID.String()
	})
	b.posRows, err = positions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Column("id", "investment_amount", "units", "funding_date", "actual_exit_date", "status").
			Where("pi.id = ANY (?::uuid[])", held).OrderExpr("pi.id").For("NO KEY UPDATE")
	})
	if err != nil {
		return err
	}
	b.positions = make(map[id.Of[Position]]*Position, len(b.posRows))
	for i := range b.posRows {
		b.positions[b.posRows[i].ID] = &b.posRows[i]
	}
	var moved []struct {
		Position id.Of[Position] `bun:"from_investment_id"`
		Day      date.Date       `bun:"day"`
	}
	err = store.Read(ctx, tx, tx.NewRaw(`SELECT t.from_investment_id, max(t.effective_date) AS day FROM investments.transfers t
		WHERE t.opportunity_id = ? AND t.status = 'completed' GROUP BY 1`, b.offering.ID), &moved)
	b.moved = make(map[id.Of[Position]]date.Date, len(moved))
	for _, m := range moved {
		b.moved[m.Position] = m.Day
	}
	return store.Err(err, constraints)
}

func (b *receiptBatch) loadClasses(ctx context.Context, tx bun.IDB) error {
	rows, err := shareClasses.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("sc.opportunity_id = ?", b.offering.ID) })
	b.classes = make(map[string]*ShareClass, len(rows))
	for i := range rows {
		b.classes[rows[i].Code] = &rows[i]
	}
	return err
}

func (b *receiptBatch) loadLines(ctx context.Context, tx bun.IDB, whom string) (err error) {
	b.lineRows, err = capitalCallLines.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Join("JOIN investments.capital_calls AS cc ON cc.id = cl.capital_call_id").Where("cl.subscription_id = ANY (?::uuid[])", whom).
			Where("cc.status = ?", CallStatusIssued).Where("cl.status IN ('open', 'partial')").OrderExpr("cc.due_date, cc.number, cl.id")
	})
	b.lines = make(map[id.Of[Subscription]][]*CapitalCallLine, len(b.lineRows))
	for i := range b.lineRows {
		l := &b.lineRows[i]
		b.lines[l.SubscriptionID] = append(b.lines[l.SubscriptionID], l)
	}
	return err
}

// apply decides about the receipts one after the other and counts them. It
// touches no database. All that is wrong comes back at once.
func (b *receiptBatch) apply(receipts []Receipt, at time.Time) error {
	var f fault.Fields
	b.amounts = make([]money.Amount, len(receipts))
	for i := range receipts {
		amount, err := b.receive(&receipts[i], at)
		if err != nil {
			f.AddErr(receiptAt(i), err)
		}
		b.amounts[i] = amount
	}
	return f.Err()
}

// receive is what [Commitments.ReceiveContribution] does, in memory.
func (b *receiptBatch) receive(r *Receipt, at time.Time) (amount money.Amount, err error) {
	sub := b.subs[r.SubscriptionID]
	if sub == nil {
		return r.Amount, ErrSubscriptionNotFound.On("subscription_id")
	}
	if amount, err = sub.receives(b.offering, r.Amount, r.Date); err != nil {
		return amount, err
	}
	class, pos := b.classes[sub.ShareClass], b.positions[*sub.PositionID] // foreign keys hold both
	if day, ok := b.moved[pos.ID]; ok && pos.Status.Counts() && day.After(r.Date) {
		return amount, ErrBehindTransfer
	}
	if sub.Received.Less(sub.Called) {
		rest := amount
		for _, l := range b.lines[sub.ID] {
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

// store writes what changed, a statement for each table.
func (b *receiptBatch) store(ctx context.Context, tx bun.IDB) error {
	if err := b.storeLines(ctx, tx); err != nil {
		return err
	}
	subs := func(of func(*Subscription) string) string { return store.TextArray(b.subRows, of) }
	err := store.Exec(ctx, tx, `UPDATE investments.subscriptions s
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
		subs(func(v *Subscription) string { return strconv.FormatInt(v.Version, 10) }))
	if err != nil {
		return store.Err(err, constraints)
	}
	held := func(of func(*Position) string) string { return store.TextArray(b.posRows, of) }
	day := func(d *date.Date) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	err = store.Exec(ctx, tx, `UPDATE investments.property_investments pi
		SET investment_amount = r.amount, units = r.units, funding_date = r.funded, actual_exit_date = r.exited, status = r.status
		FROM unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::date[], $5::date[], $6::text[])
			AS r (id, amount, units, funded, exited, status) WHERE pi.id = r.id`,
		held(func(v *Position) string { return v.ID.String() }),
		held(func(v *Position) string { return v.InvestmentAmount.String() }),
		held(func(v *Position) string {
			if v.Units == nil {
				return ""
			}
			return v.Units.String()
		}),
		held(func(v *Position) string { return day(v.FundingDate) }),
		held(func(v *Position) string { return day(v.ActualExitDate) }),
		held(func(v *Position) string { return string(v.Status) }))
	return store.Err(err, constraints)
}

func (b *receiptBatch) storeLines(ctx context.Context, tx bun.IDB) (err error) {
	if len(b.filled) == 0 {
		if b.lines == nil {
			return nil
		}
		b.ended, err = completeCalls(ctx, tx, b.offering.ID)
		return err
	}
	rows := make([]CapitalCallLine, 0, len(b.filled))
	for i := range b.lineRows { // in one order, for the locks
		if b.filled[b.lineRows[i].ID] {
			rows = append(rows, b.lineRows[i])
		}
	}
	column := func(of func(*CapitalCallLine) string) string { return store.TextArray(rows, of) }
	err = store.Exec(ctx, tx, `UPDATE investments.capital_call_lines cl
		SET received = r.received, received_date = r.day, status = r.status, version = r.version
		FROM unnest($1::uuid[], $2::numeric[], $3::date[], $4::text[], $5::bigint[]) AS r (id, received, day, status, version) WHERE cl.id = r.id`,
		column(func(l *CapitalCallLine) string { return l.ID.String() }),
		column(func(l *CapitalCallLine) string { return l.Received.String() }),
		column(func(l *CapitalCallLine) string { return l.ReceivedDate.String() }),
		column(func(l *CapitalCallLine) string { return string(l.Status) }),
		column(func(l *CapitalCallLine) string { return strconv.FormatInt(l.Version, 10) }))
	if err != nil {
		return store.Err(err, constraints)
	}
	b.ended, err = completeCalls(ctx, tx, b.offering.ID)
	return err
}
