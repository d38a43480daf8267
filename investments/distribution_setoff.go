package investments

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// debtor is who owes: an investor in person, or one of their accounts, whatever the
// position.
type debtor struct {
	investor id.Of[auth.User]
	account  id.Of[Account] // zero is the investor in person
}

func (l *DistributionLine) debtor() debtor { return debtor{l.InvestorID, or(l.AccountID)} }
func (r *Recoverable) debtor() debtor      { return debtor{r.InvestorID, or(r.AccountID)} }

// setOff takes what payees owe of the offering by the day off the net of their
// lines, as far as it goes. What other pending distributions set off already is left
// to them.
func (d *Draft) setOff(ctx context.Context, tx bun.IDB) error {
	owed, err := d.Distribution.debts(ctx, tx)
	if err != nil {
		return err
	}
	left := map[debtor]money.Amount{}
	for i := range owed {
		who := owed[i].debtor()
		if left[who], err = left[who].Add(owed[i].Owed); err != nil {
			return err
		}
	}
	var pending []DistributionLine
	err = store.Read(ctx, tx, tx.NewSelect().Model(&pending).Column("investor_id", "account_id", "set_off").Join("JOIN investments.distributions AS d ON d.id = dl.distribution_id").
		Where("d.opportunity_id = ?", *d.Distribution.OfferingID).Where("d.status = ?", DistributionStatusPending).Where("dl.set_off > 0"), &pending)
	if err != nil {
		return store.Err(err, constraints)
	}
	for i := range pending {
		who := pending[i].debtor()
		if left[who], err = left[who].Sub(pending[i].SetOff); err != nil {
			return err
		}
	}
	for _, l := range d.byPayee() {
		who := l.debtor()
		free, err := l.free()
		if err != nil {
			return err
		}
		part := money.Min(left[who], free)
		if part.Sign() <= 0 {
			continue
		}
		l.SetOff = part
		if l.NetDistribution, err = l.NetDistribution.Sub(part); err != nil {
			return err
		}
		if left[who], err = left[who].Sub(part); err != nil {
			return err
		}
	}
	return nil
}

// byPayee are the lines by ascending id of the payee.
func (d *Draft) byPayee() []*DistributionLine {
	out := make([]*DistributionLine, len(d.Lines))
	for i := range d.Lines {
		out[i] = &d.Lines[i]
	}
	slices.SortStableFunc(out, func(a, b *DistributionLine) int { return strings.Compare(a.partner(), b.partner()) })
	return out
}

// free is what of a line debts of the payee can be set off against: the cash of it
// that does not come from a partner who borrowed.
func (l *DistributionLine) free() (money.Amount, error) {
	free, err := l.NetDistribution.Sub(l.InKind)
	if err != nil {
		return free, err
	}
	return free.Sub(money.Max(l.Redirected, money.Zero))
}

// debts are what is owed of the offering by the day of a distribution, the earliest
// first.
func (d *Distribution) debts(ctx context.Context, tx bun.IDB) ([]Recoverable, error) {
	var owed []Recoverable
	err := store.Read(ctx, tx, recoverables(tx, *d.OfferingID).Where("j.effective_date <= ?", d.DistributionDate).OrderExpr(debtOrder), &owed)
	return owed, store.Err(err, constraints)
}

// setOff is a part of a line that settles a part of a debt.
type setOff struct {
	debt   *Recoverable
	amount money.Amount
}

// settleSetOffs divides what the lines of a distribution set off over debts of their
// payees, and posts it. entries are those of the journal of the declaration.
func (b book) settleSetOffs(ctx context.Context, tx bun.IDB, d *Distribution) (entries []ledger.Entry, parts []setOff, err error) {
	lines, err := distributionLines.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("dl.distribution_id = ?", d.ID).Where("dl.set_off > 0").OrderExpr("dl.id")
	})
	if err != nil || len(lines) == 0 {
		return nil, nil, err
	}
	debts, err := d.debts(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	for i := range lines {
		l := &lines[i]
		left := l.SetOff
		for k := range debts {
			debt := &debts[k]
			part := money.Min(left, debt.Owed)
			if debt.debtor() != l.debtor() || part.Sign() <= 0 {
				continue
			}
			if debt.Owed, err = debt.Owed.Sub(part); err != nil {
				return nil, nil, err
			}
			if left, err = left.Sub(part); err != nil {
				return nil, nil, err
			}
			entries = append(entries, b.setOff(l, debt, part)...)
			parts = append(parts, setOff{debt, part})
		}
		if !left.IsZero() {
			return nil, nil, ErrOverRecovered.With("%s of a line is set off against what is owed no more", left)
		}
	}
	return entries, parts, nil
}

// setOff posts a part of a line against a debt; through the clearing account where
// they are of different positions, since a posting is about one.
func (b book) setOff(l *DistributionLine, debt *Recoverable, part money.Amount) []ledger.Entry {
	from := l.entries(l.equity(b), b.account(AccountRecovery), part)
	owes := DistributionLine{PositionID: debt.PositionID, AccountID: debt.AccountID, InvestorID: debt.InvestorID}
	to := owes.entries(b.account(AccountTransfers), b.account(AccountRecovery), part)
	if from[0].Subledger == to[0].Subledger {
		return from
	}
	from[0].Credit = b.account(AccountTransfers)
	return append(from, to...)
}

// equity is the account that a line is declared out of.
func (l *DistributionLine) equity(b book) id.Of[ledger.Account] {
	if l.Role == RoleInvestor {
		return b.account(AccountDistributions)
	}
	return b.account(AccountPromote)
}

// writeSetOffs writes what the set-offs of a distribution did to debts.
func (s *Distributions) writeSetOffs(ctx context.Context, tx bun.IDB, d *Distribution, at booking, parts []setOff) error {
	settled := make([]settledDebt, len(parts))
	for i := range parts {
		settled[i] = settledDebt{debt: parts[i].debt, amount: parts[i].amount, kind: history.Recovery}
	}
	return s.settleDebts(ctx, tx, d.Currency, at, id.New[ledger.Command](), "set off against a distribution", "", settled)
}

// markBilled lets the lines of a booked distribution that are below zero be owed, and
// reports whether there are any.
func (d *Distribution) markBilled(ctx context.Context, tx bun.IDB, at booking) (bool, error) {
	n, err := store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.investor_distributions SET payment_status = 'billed', payment_date = ?, version = version + 1
		WHERE distribution_id = ? AND payment_status = 'pending' AND distribution_amount < 0`, at.date, d.ID))
	return n > 0, store.Err(err, constraints)
}

// bill writes what follows from lines that are owed: there is nothing to be paid, and what
// they take back counts from the distribution's day.
func (s *Distributions) bill(ctx context.Context, tx bun.IDB, d *Distribution, at booking) error {
	p := settlement{paymentSet: paymentSet{distribution: d.ID, status: PaymentStatusBilled}, date: at.date, command: id.New[ledger.Command]()}
	if err := at.paid(ctx, tx, p.paymentSet); err != nil {
		return err
	}
	if err := s.writePaid(ctx, tx, d, p, &at.journal); err != nil {
		return err
	}
	if err := p.addToPositions(ctx, tx, 1); err != nil {
		return err
	}
	sum, err := p.sum(ctx, tx)
	if err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), distributionEvent(d.ID, DebtsBilled{CommandID: p.command, Date: at.date, Lines: sum.Lines, Total: sum.Net.Neg()}))
}
