package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PayParams is a distribution to record as paid.
type PayParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	Date           date.Date // the day the money left
	Method         PaymentMethod
	Reference      string // of the batch at the bank
}

// Pay records that all lines of an approved distribution were paid: it books
// what was payable against cash, writes each investor's transaction, and
// completes the lines, the distribution and the positions' totals.
//
// It locks the offering and the distribution. It returns [ErrDistributionState],
// [ledger.ErrPeriodClosed] or [ErrDistributionNotFound]. The same key and
// request again change nothing.
func (s *Service) Pay(ctx context.Context, db bun.IDB, p PayParams) (*Distribution, error) {
	var f fault.Fields
	f.Check(!p.DistributionID.IsZero(), "distribution_id", "required", "a distribution is needed")
	f.Check(!p.Date.IsZero(), "payment_date", "required", "a date is needed")
	f.Check(p.Method.Valid(), "payment_method", "unknown", "ach, wire or check")
	if err := f.Err(); err != nil {
		return nil, err
	}
	request := p
	request.IdempotencyKey = ""
	return onceOf(ctx, db, s.command("investments.pay", p.IdempotencyKey), request, "distribution", p.DistributionID, distributions,
		func(tx bun.IDB) (*Distribution, error) { return s.pay(ctx, tx, p) })
}

func (s *Service) pay(ctx context.Context, tx bun.IDB, p PayParams) (*Distribution, error) {
	d, err := lockDistribution(ctx, tx, p.DistributionID)
	if err != nil {
		return nil, err
	}
	if d.Status != DistributionApproved {
		return nil, ErrDistributionState.With("it is %s", d.Status)
	}
	lines, err := linesOf(ctx, tx, d.ID)
	if err != nil {
		return nil, err
	}
	if err := s.bookPayment(ctx, tx, d, lines, p); err != nil {
		return nil, err
	}
	if err := completeLines(ctx, tx, d, p); err != nil {
		return nil, err
	}
	now := s.now()
	d.Status, d.ProcessedDate, d.ProcessedAt, d.UpdatedAt = DistributionCompleted, &now, &now, now
	d.Version++
	return d, distributions.Update(ctx, tx, d, "status", "processed_date", "processed_at", "version")
}

// bookPayment posts the payment and writes the investors' transactions.
func (s *Service) bookPayment(ctx context.Context, tx bun.IDB, d *Distribution, lines []DistributionLine, p PayParams) error {
	b, err := s.bookOfDistribution(ctx, tx, d)
	if err != nil {
		return err
	}
	returned, err := returnedBy(ctx, tx, d)
	if err != nil {
		return err
	}
	now, command := s.now(), id.New[ledger.Command]()
	var entries []ledger.Entry
	var cash []Transaction
	for i := range lines {
		l := &lines[i]
		entries = append(entries, l.entries(b.account(AccountDistributionsPayable), b.account(AccountCash), l.NetDistribution)...)
		parts, err := l.parts(d, returned[l.ID])
		if err != nil {
			return err
		}
		for _, part := range parts {
			cash = append(cash, Transaction{
				ID: id.New[Transaction](), InvestorID: l.InvestorID, AccountID: l.AccountID, PositionID: l.PositionID, Type: part.kind,
				Amount: part.amount, Currency: d.Currency, EffectiveDate: p.Date, ReferenceNumber: optional(p.Reference),
				Status: TransactionCompleted, CompletedAt: &now, DistributionLineID: &l.ID, CommandID: &command, CreatedAt: now,
			})
		}
	}
	if len(entries) == 0 { // all of it was withheld
		return transactions.InsertAll(ctx, tx, cash)
	}
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{
		BookID: b.id, EffectiveDate: p.Date, Description: "distribution paid", SourceType: "distribution",
		SourceID: id.Cast[ledger.Source](d.ID), CommandID: command, Entries: entries,
	})
	if err != nil {
		return err
	}
	for i := range cash {
		cash[i].JournalID = &j.ID
	}
	return transactions.InsertAll(ctx, tx, cash)
}

// part is the share of a line that is one kind of transaction.
type part struct {
	kind   TransactionType
	amount money.Amount
}

// parts divides a line's gross amount into return of capital and the rest, and
// adds the tax withheld out of it. It touches no database.
func (l *DistributionLine) parts(d *Distribution, returned money.Amount) ([]part, error) {
	kind := TransactionDistribution
	switch {
	case l.Role == RoleFee:
		kind = TransactionFee
	case l.Role == RoleInvestor && d.Character != nil && *d.Character == CharacterReturnOfCapital:
		returned = l.DistributionAmount
	}
	returned = money.Min(returned, l.DistributionAmount) // an adjustment may have taken some of it
	rest, err := l.DistributionAmount.Sub(returned)
	if err != nil {
		return nil, err
	}
	var out []part
	for _, x := range []part{{kind, rest}, {TransactionReturnOfCapital, returned}, {TransactionWithholding, l.TaxWithholding}} {
		if !x.amount.IsZero() {
			out = append(out, x)
		}
	}
	return out, nil
}

// returnedBy reads what each line got from tiers that return capital.
func returnedBy(ctx context.Context, tx bun.IDB, d *Distribution) (map[id.Of[DistributionLine]]money.Amount, error) {
	var rows []LineTier
	err := tx.NewRaw(`SELECT t.line_id, sum(t.amount) AS amount FROM investments.distribution_tiers t
		JOIN investments.investor_distributions l ON l.id = t.line_id
		WHERE l.distribution_id = ? AND t.kind = ? GROUP BY 1`, d.ID, string(waterfall.TierReturnOfCapital)).Scan(ctx, &rows)
	out := make(map[id.Of[DistributionLine]]money.Amount, len(rows))
	for _, r := range rows {
		out[r.LineID] = r.Amount
	}
	return out, store.Err(err, constraints)
}

// completeLines marks the lines as paid and brings the positions' caches up to
// date, one statement each.
func completeLines(ctx context.Context, tx bun.IDB, d *Distribution, p PayParams) error {
	_, err := tx.NewUpdate().Model((*DistributionLine)(nil)).
		Set("payment_status = ?", PaymentCompleted).Set("payment_method = ?", p.Method).Set("payment_date = ?", p.Date).
		Set("payment_reference = ?", optional(p.Reference)).Set("version = version + 1").
		Where("distribution_id = ?", d.ID).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	_, err = tx.NewRaw(`UPDATE investments.property_investments pi
		SET total_distributions = pi.total_distributions + l.amount
		FROM (SELECT investment_id, sum(distribution_amount) AS amount FROM investments.investor_distributions
			WHERE distribution_id = ? AND investment_id IS NOT NULL GROUP BY 1) l
		WHERE pi.id = l.investment_id AND l.amount <> 0`, d.ID).Exec(ctx)
	return store.Err(err, constraints)
}
