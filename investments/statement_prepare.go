package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrStatementFinal: the statement was made final or sent; it no longer changes.
var ErrStatementFinal = fault.New(fault.Illegal, "investor_statement_final", "the statement is final")

// PrepareStatementParams is a statement to draw up. Both days of the period are
// in it.
type PrepareStatementParams struct {
	InvestorID  id.Of[auth.User]
	Type        StatementType
	PeriodStart date.Date
	PeriodEnd   date.Date
}

// PrepareStatement draws up an investor's statement for a period as a draft,
// or draws a draft up anew: his capital account over the period, his
// transactions in it, what he held at its end, and his performance as the
// portfolio has it. It returns [ErrStatementFinal] when the period has a final
// one, and [ErrStatementPeriod].
//
// Opening and closing capital are contributions less distributions to that
// day; contributions are net of refunds and transfers. What is held is stated as
// it is now, with the distributions to the period's end. Fees are what came off as fees.
func (s *Reports) PrepareStatement(ctx context.Context, db bun.IDB, p PrepareStatementParams) (*Statement, error) {
	var f fault.Fields
	f.Check(!p.InvestorID.IsZero(), "investor_id", "required", "an investor is needed")
	f.Check(p.Type.Valid(), "type", "unknown", "monthly, quarterly, annual or tax")
	f.Check(!p.PeriodStart.IsZero(), "period_start", "required", "a first day is needed")
	if p.PeriodEnd.Before(p.PeriodStart) {
		f.AddErr("", ErrStatementPeriod)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *Statement
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		now := s.now()
		st := &Statement{ID: id.New[Statement](), InvestorID: p.InvestorID, Type: p.Type, PeriodStart: p.PeriodStart,
			PeriodEnd: p.PeriodEnd, Status: StatementStatusDraft, Version: 1, CreatedAt: now, UpdatedAt: now}
		if err := fillStatement(ctx, tx, st); err != nil {
			return err
		}
		res, err := tx.NewInsert().Model(st).On("CONFLICT (investor_id, type, period_start, period_end) DO UPDATE").
			Set("summary = EXCLUDED.summary").Set("transactions = EXCLUDED.transactions").Set("holdings = EXCLUDED.holdings").
			Set("performance = EXCLUDED.performance").Set("version = st.version + 1").
			Where("st.status = ?", StatementStatusDraft).Returning("id, version, created_at").Exec(ctx)
		if err != nil {
			return store.Err(err, constraints)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrStatementFinal
		}
		out = st
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateStatement, st.ID,
			StatementPrepared{st.InvestorID, st.Type, st.PeriodStart, st.PeriodEnd, st.Version}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Statement reads a statement. It returns [ErrStatementNotFound].
func (s *Reports) Statement(ctx context.Context, db bun.IDB, v id.Of[Statement]) (*Statement, error) {
	return statements.Get(ctx, db, v)
}

func fillStatement(ctx context.Context, tx bun.IDB, st *Statement) error {
	cash, err := transactions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("tx.investor_id = ?", st.InvestorID).Where("tx.status = ?", TransactionStatusCompleted).
			Where("tx.effective_date <= ?", st.PeriodEnd).OrderExpr("tx.effective_date, tx.id")
	})
	if err != nil {
		return err
	}
	if st.Summary, st.Transactions, err = summarize(cash, st.PeriodStart); err != nil {
		return err
	}
	if st.Holdings, err = holdingsOf(ctx, tx, st); err != nil {
		return err
	}
	f, err := portfolios.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("f.investor_id = ?", st.InvestorID) })
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err == nil {
		st.Performance = &StatementPerformance{IRR: f.IRR, CashOnCash: f.CashOnCash, EquityMultiple: f.EquityMultiple}
	}
	return err
}

// summarize adds up an investor's transactions, in order of their dates, into
// the capital account of a period that starts on first. It touches no database.
func summarize(cash []Transaction, first date.Date) (*StatementSummary, []StatementTransaction, error) {
	var sum StatementSummary
	list := []StatementTransaction{}
	var err error
	add := func(to *money.Amount, a money.Amount) {
		if err == nil {
			*to, err = to.Add(a)
		}
	}
	for i := range cash {
		t := &cash[i]
		in := !t.EffectiveDate.Before(first)
		if in {
			list = append(list, StatementTransaction{Date: t.EffectiveDate, Type: t.Type, Amount: t.Amount, Position: t.PositionID})
		}
		part, sign := &sum.Opening, t.Amount
		switch t.Type {
		case TransactionInvestment, TransactionTransferIn:
			if in {
				part = &sum.Contributions
			}
		case TransactionRefund, TransactionTransferOut: // contributions that went back or away
			sign = t.Amount.Neg()
			if in {
				part = &sum.Contributions
			}
		case TransactionDistribution, TransactionReturnOfCapital:
			if in {
				part = &sum.Distributions
			} else {
				sign = t.Amount.Neg()
			}
		case TransactionFee:
			if in {
				part = &sum.Fees
			} else {
				sign = t.Amount.Neg()
			}
		default:
			continue // withheld tax is part of the gross distribution
		}
		add(part, sign)
	}
	if err == nil {
		sum.Closing, err = money.Sum(sum.Opening, sum.Contributions, sum.Income, sum.UnrealizedChange, sum.Fees.Neg(), sum.Distributions.Neg())
	}
	return &sum, list, err
}

func holdingsOf(ctx context.Context, tx bun.IDB, st *Statement) ([]StatementHolding, error) {
	rows := []StatementHolding{}
	var found []struct {
		Position `bun:",extend"`
		Name     string       `bun:"offering"`
		Paid     money.Amount `bun:"paid"`
	}
	err := tx.NewSelect().Model((*Position)(nil)).ColumnExpr("pi.*").
		ColumnExpr("COALESCE(o.name, pr.property_name) AS offering").
		ColumnExpr(`COALESCE((SELECT sum(t.amount) FROM investments.transactions t WHERE t.investment_id = pi.id AND t.status = 'completed'
			AND t.type IN ('distribution', 'return_of_capital') AND t.effective_date <= ?), 0) AS paid`, st.PeriodEnd).
		Join("JOIN properties.properties AS pr ON pr.id = pi.property_id").
		Join("LEFT JOIN investments.opportunities AS o ON o.id = pi.opportunity_id").
		Where("pi.investor_id = ?", st.InvestorID).Where("pi.status IN ('funded', 'exited')").Where("pi.deleted_at IS NULL").
		Where("pi.funding_date <= ?", st.PeriodEnd).OrderExpr("pi.created_at, pi.id").Scan(ctx, &found)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	for _, r := range found {
		rows = append(rows, StatementHolding{Position: r.ID, Name: r.Name, ShareClass: r.ShareClass, Invested: r.InvestmentAmount,
			Units: r.Units, Distributed: r.Paid})
	}
	return rows, nil
}
