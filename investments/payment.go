package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// paymentSet is lines of one distribution whose payments are in one state. The
// lock of the distribution keeps it what it is.
type paymentSet struct {
	distribution id.Of[Distribution]
	status       PaymentStatus
	lines        []id.Of[DistributionLine] // nil is all of that status
	withoutCash  bool                      // only those of which all was withheld
}

// chosenLines makes the ids of a command unique.
func chosenLines(lines []id.Of[DistributionLine]) []id.Of[DistributionLine] {
	lines = slices.Clone(lines)
	slices.SortFunc(lines, id.Of[DistributionLine].Compare)
	return slices.Compact(lines)
}

// where is the condition on investor_distributions AS dl.
func (p paymentSet) where() schema.QueryAppender {
	which := "dl.distribution_id = ? AND dl.payment_status = ?"
	args := []any{p.distribution, p.status}
	if p.withoutCash {
		which += " AND dl.net_distribution = 0"
	}
	if p.lines != nil {
		which += " AND dl.id = ANY (?::uuid[])"
		args = append(args, store.TextArray(p.lines, func(v *id.Of[DistributionLine]) string { return v.String() }))
	}
	return bun.SafeQuery(which, args...)
}

// paymentSum is what a set of payments comes to.
type paymentSum struct {
	Lines    int          `bun:"lines" json:"lines"`
	Payments int          `bun:"payments" json:"payments"` // of them, those that move cash
	Net      money.Amount `bun:"net" json:"net"`
	Latest   *date.Date   `bun:"latest" json:"latest"` // when the last of them was handed to the bank or paid
}

func (p paymentSet) sum(ctx context.Context, tx bun.IDB) (paymentSum, error) {
	var out paymentSum
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT count(*) AS lines, count(*) FILTER (WHERE dl.net_distribution > 0) AS payments,
			COALESCE(sum(dl.net_distribution), 0) AS net, max(dl.payment_date) AS latest
		FROM investments.investor_distributions AS dl WHERE ?`, p.where()), &out)
	return out, store.Err(err, constraints)
}

// covers reports lines asked for by their ids that are not in the set, and a set
// of none. It touches no database.
func (p paymentSet) covers(sum paymentSum) error {
	switch {
	case p.lines != nil && sum.Lines != len(p.lines):
		return ErrPaymentState.With("%d of %d lines are %s ones of the distribution", sum.Lines, len(p.lines), p.status)
	case sum.Lines == 0:
		return ErrPaymentState.With("no line is %s", p.status)
	}
	return nil
}

// payments are what a set of payments moves, in the order of its lines.
type payments struct {
	list  []payment
	total money.Amount
}

// payment is the net of a line, and what of it is in kind.
type payment struct {
	to          id.Of[ledger.Subledger]
	net, inKind money.Amount
}

// payments reads the lines of the set that move something.
func (p paymentSet) payments(ctx context.Context, tx bun.IDB) (out payments, err error) {
	err = store.NewQuery(tx, constraints, `SELECT COALESCE(dl.investment_id, dl.account_id, dl.investor_id), dl.net_distribution, dl.in_kind
		FROM investments.investor_distributions AS dl WHERE ? AND dl.net_distribution > 0 ORDER BY dl.id`, p.where()).Each(ctx, func(row store.Row) (err error) {
		var x payment
		if err := row.Scan(&x.to, &x.net, &x.inKind); err != nil {
			return err
		}
		out.list = append(out.list, x)
		out.total, err = out.total.Add(x.net)
		return err
	})
	return out, err
}

// entries posts payments. What of a line is in kind is credited elsewhere.
func (p payments) entries(debit, credit, inKind id.Of[ledger.Account]) (entries []ledger.Entry, err error) {
	entries = make([]ledger.Entry, 0, len(p.list))
	for _, x := range p.list {
		cash := x.net
		if x.inKind.Sign() > 0 && credit != inKind {
			entries = append(entries, ledger.Entry{Debit: debit, Credit: inKind, Amount: x.inKind, Subledger: x.to})
			if cash, err = cash.Sub(x.inKind); err != nil {
				return nil, err
			}
		}
		if !cash.IsZero() {
			entries = append(entries, ledger.Entry{Debit: debit, Credit: credit, Amount: cash, Subledger: x.to})
		}
	}
	return entries, nil
}

// addToPositions adds the gross of the set's lines to the positions' totals, or
// takes it off them; of who has left, to the returns too.
func (p paymentSet) addToPositions(ctx context.Context, tx bun.IDB, sign int) error {
	_, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.property_investments AS pi
		SET total_distributions = pi.total_distributions + ?0 * dl.distribution_amount,
			total_returns = pi.total_returns + CASE WHEN pi.status = 'exited' THEN ?0 * dl.distribution_amount ELSE 0 END
		FROM investments.investor_distributions AS dl
		WHERE ?1 AND dl.investment_id = pi.id AND dl.distribution_amount <> 0 AND dl.role <> 'fee'`, sign, p.where()))
	return store.Err(err, constraints)
}

// lastMoved is the last day on which cash of a distribution moved, or of one line
// of it: a payment, or one that came back. Nil is that none ever did.
func lastMoved(ctx context.Context, tx bun.IDB, v id.Of[Distribution], line *id.Of[DistributionLine]) (*date.Date, error) {
	var day *date.Date
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT max(t.day) FROM investments.investor_distributions dl
		CROSS JOIN LATERAL (SELECT max(t.effective_date) AS day FROM investments.transactions t WHERE t.distribution_line_id = dl.id AND t.status = 'completed') t
		WHERE dl.distribution_id = ?0 AND (?1::uuid IS NULL OR dl.id = ?1::uuid)`, v, line), &day)
	return day, store.Err(err, constraints)
}

// progress is how many lines of a distribution are in each state that decides on
// the distribution's.
type progress struct {
	Pending   int `bun:"pending" json:"pending"`
	Sent      int `bun:"sent" json:"sent"`
	Completed int `bun:"completed" json:"completed"`
	Failed    int `bun:"failed" json:"failed"`
}

func progressOf(ctx context.Context, tx bun.IDB, v id.Of[Distribution]) (progress, error) {
	var out progress
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT count(*) FILTER (WHERE payment_status = 'pending') AS pending, count(*) FILTER (WHERE payment_status = 'sent') AS sent,
			count(*) FILTER (WHERE payment_status = 'completed') AS completed, count(*) FILTER (WHERE payment_status = 'failed') AS failed
		FROM investments.investor_distributions WHERE distribution_id = ?`, v), &out)
	return out, store.Err(err, constraints)
}

// status is that of a booked distribution whose lines stand so. It touches no
// database.
func (p progress) status() DistributionStatus {
	switch {
	case p.Pending > 0 && p.Sent+p.Completed+p.Failed == 0:
		return DistributionStatusApproved
	case p.Pending+p.Sent > 0:
		return DistributionStatusProcessing
	case p.Completed > 0:
		return DistributionStatusCompleted
	}
	return DistributionStatusFailed
}

// advance brings the distribution's status in line with its lines, and returns
// the event of its completion, if that is what happened.
func (s *Distributions) advance(ctx context.Context, tx bun.IDB, d *Distribution) ([]store.Emission, error) {
	p, err := progressOf(ctx, tx, d.ID)
	if err != nil {
		return nil, err
	}
	events, write := s.follow(ctx, d, p)
	return events, write(tx)
}

// follow gives the distribution the status of its lines, and returns the event of its
// completion, if that is what happened. write brings it to the database.
func (s *Distributions) follow(ctx context.Context, d *Distribution, p progress) (events []store.Emission, write store.Part) {
	was, now := d.Status, s.now()
	if d.Status = p.status(); d.Status == was {
		return nil, func(bun.IDB) error { return nil }
	}
	if d.Status == DistributionStatusCompleted {
		d.ProcessedDate, d.ProcessedAt = &now, &now
		events = append(events, distributionEvent(d.ID, DistributionCompleted{Total: d.TotalAmount}))
	}
	d.UpdatedAt = now
	d.Version++
	return events, func(tx bun.IDB) error {
		return distributions.Update(ctx, tx, d, "status", "processed_date", "processed_at", "version")
	}
}
