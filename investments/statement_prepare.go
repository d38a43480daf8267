package investments

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/properties"
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
	Currency    string // "" is the only one that the investor holds
	Type        StatementType
	PeriodStart date.Date
	PeriodEnd   date.Date
	ActorID     id.Of[auth.User]
}

// PrepareStatement draws up an investor's statement for a period as a draft,
// or draws a draft up anew, which stays as it is where it says the same: their capital account over the period, their
// transactions in it, each described, and what they held and how it had performed at
// its end, all from the history as of then, of one currency. It returns
// [ErrSeveralCurrencies] where they hold several and none is named,
// [ErrStatementFinal] when the period has a final one, and [ErrStatementPeriod].
func (s *Reports) PrepareStatement(ctx context.Context, db bun.IDB, p PrepareStatementParams) (*Statement, error) {
	if err := p.validate(s.days(), true); err != nil {
		return nil, err
	}
	var out *Statement
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		now := s.now()
		st := p.statement(now)
		if err := s.acts(ctx, tx, VerbPrepareStatement, p.ActorID, ofHolder(st.ID, p.InvestorID, nil)); err != nil {
			return err
		}
		if err := st.drawUp(ctx, tx); err != nil {
			return err
		}
		made, err := statements.InsertParams(ctx, tx, st, `ON CONFLICT (investor_id, currency, type, period_start, period_end) DO UPDATE
			SET summary = EXCLUDED.summary, transactions = EXCLUDED.transactions, holdings = EXCLUDED.holdings, performance = EXCLUDED.performance,
				version = statements.version + 1 WHERE statements.status = 'draft' AND (statements.summary, statements.transactions, statements.holdings, statements.performance)
				IS DISTINCT FROM (EXCLUDED.summary, EXCLUDED.transactions, EXCLUDED.holdings, EXCLUDED.performance)`)
		if err != nil {
			return err
		}
		if st, err = statements.OneParams(ctx, tx, "st.investor_id = $1 AND st.currency = $2 AND st.type = $3 AND st.period_start = $4 AND st.period_end = $5",
			st.InvestorID.String(), string(st.Currency), string(st.Type), st.PeriodStart.String(), st.PeriodEnd.String()); err != nil {
			return err
		}
		out = st
		switch {
		case st.Status != StatementStatusDraft:
			return ErrStatementFinal
		case !made: // it says the same
			return nil
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateStatement, st.ID,
			StatementPrepared{st.InvestorID, st.Type, st.PeriodStart, st.PeriodEnd, st.Version}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// PreviewStatement draws a statement up as [Reports.PrepareStatement] would. It writes
// and locks nothing, so that a standby serves it, and given the pool it sees one
// moment. The actor may be missing. It returns the errors of PrepareStatement, but for
// those about the actor and [ErrStatementFinal].
func (s *Reports) PreviewStatement(ctx context.Context, db bun.IDB, p PrepareStatementParams) (*Statement, error) {
	if err := p.validate(s.days(), false); err != nil {
		return nil, err
	}
	st := p.statement(s.now())
	if err := store.Snapshot(ctx, db, func(tx bun.IDB) error { return st.drawUp(ctx, tx) }); err != nil {
		return nil, err
	}
	return st, nil
}

func (p *PrepareStatementParams) validate(days check.Days, stored bool) error {
	var f check.Fields
	f.Given("investor_id", p.InvestorID)
	check.One(&f, "type", p.Type)
	f.Given("period_start", p.PeriodStart)
	f.GivenWithin("period_end", p.PeriodEnd, days)
	f.Check(p.Currency == "" || properties.ValidCurrency(p.Currency), "currency", check.NotAllowed, "a currency is named by its ISO code and has two decimals")
	if stored {
		f.Given("actor_id", p.ActorID)
	}
	if p.PeriodEnd.Before(p.PeriodStart) {
		f.AddErr("", ErrStatementPeriod)
	}
	return f.Err()
}

// statement is the draft that nothing has been filled into.
func (p *PrepareStatementParams) statement(now time.Time) *Statement {
	return &Statement{ID: id.New[Statement](), InvestorID: p.InvestorID, Currency: p.Currency, Type: p.Type, PeriodStart: p.PeriodStart,
		PeriodEnd: p.PeriodEnd, Status: StatementStatusDraft, Version: 1, CreatedAt: now, UpdatedAt: now}
}

// Statement reads a statement. It returns [ErrStatementNotFound].
func (s *Reports) Statement(ctx context.Context, db bun.IDB, v id.Of[Statement]) (*Statement, error) {
	return statements.Get(ctx, db, v)
}

// choose finds the currency of a statement that names none.
func (st *Statement) choose(ctx context.Context, tx bun.IDB) error {
	if st.Currency != "" {
		return nil
	}
	var held []string
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT DISTINCT currency FROM investments.property_investments WHERE investor_id = ? AND deleted_at IS NULL`, st.InvestorID), &held)
	switch {
	case err != nil:
		return store.Err(err, constraints)
	case len(held) > 1:
		return ErrSeveralCurrencies.With("%d of them", len(held))
	case len(held) == 1:
		st.Currency = held[0]
	default:
		st.Currency = properties.DefaultCurrency // of nothing
	}
	return nil
}

// drawUp fills a draft in.
func (st *Statement) drawUp(ctx context.Context, tx bun.IDB) error {
	if err := st.choose(ctx, tx); err != nil {
		return err
	}
	ms, err := loadHistory(ctx, tx, `WHERE cm.position_id IN (SELECT id FROM investments.property_investments WHERE investor_id = ? AND currency = ? AND deleted_at IS NULL)
		ORDER BY cm.position_id, cm.number`, st.InvestorID, st.Currency)
	if err != nil {
		return err
	}
	if st.Summary, err = summarize(ms, st.PeriodStart, st.PeriodEnd); err != nil {
		return err
	}
	if st.Transactions, err = transactionsOf(ctx, tx, st); err != nil {
		return err
	}
	return st.asOfEnd(ctx, tx, ms)
}

// summarize is the capital account of an investor's movements over a period. It
// touches no database.
func summarize(ms []history.Movement, from, to date.Date) (*StatementSummary, error) {
	a, err := history.RollForward(ms, from, to)
	if err != nil {
		return nil, err
	}
	out, err := a.Distributions.Total()
	if err != nil {
		return nil, err
	}
	back, err := a.Reversed.Total()
	if err != nil {
		return nil, err
	}
	s := &StatementSummary{Opening: a.Opening, Fees: a.Fees, Income: a.Income, UnrealizedChange: a.UnrealizedChange, RealizedGains: a.RealizedGains,
		Adjustments: a.Adjustments, Closing: a.Closing, Paid: a.Paid, OpeningNotPaid: a.OpeningNotPaid, DeclaredNotPaid: a.DeclaredNotPaid,
		Recovered: a.Recovered, WrittenOff: a.WrittenOff}
	for _, x := range []struct {
		to         *money.Amount
		plus, less money.Amount
	}{{&s.Contributions, a.Contributions, a.Refunds}, {&s.Transfers, a.TransfersIn, a.TransfersOut}, {&s.Distributions, out, back}} {
		if *x.to, err = x.plus.Sub(x.less); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// transactionsOf lists the cash of a statement's period, each line described.
func transactionsOf(ctx context.Context, tx bun.IDB, st *Statement) ([]StatementTransaction, error) {
	cash, err := transactions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("tx.investor_id = ?", st.InvestorID).Where("tx.currency = ?", st.Currency).Where("tx.status = ?", TransactionStatusCompleted).
			Where("tx.effective_date BETWEEN ? AND ?", st.PeriodStart, st.PeriodEnd).OrderExpr("tx.effective_date, tx.id")
	})
	if err != nil {
		return nil, err
	}
	list := make([]StatementTransaction, len(cash))
	for i := range cash {
		t := &cash[i]
		list[i] = StatementTransaction{Date: t.EffectiveDate, Type: t.Type, Amount: t.Amount, Position: t.PositionID, Description: t.describe()}
	}
	return list, nil
}

// asOfEnd fills in what was held at the end of the period and how it had performed.
func (st *Statement) asOfEnd(ctx context.Context, tx bun.IDB, ms []history.Movement) error {
	holdings, err := history.Holdings(ms, st.PeriodEnd)
	if err != nil {
		return err
	}
	var found []struct {
		ID     id.Of[Position] `bun:"id"`
		Class  string          `bun:"share_class"`
		Exited *date.Date      `bun:"actual_exit_date"`
		Name   string          `bun:"offering"`

		Reserves *money.Amount `bun:"reserves"`
	}
	reserves, undone := "NULL::numeric", ""
	all, err := seesAll(ctx, tx)
	if err != nil {
		return err
	}
	if all {
		undone = undoneReserves("m.opportunity_id IN (SELECT pi.opportunity_id FROM investments.property_investments pi WHERE pi.investor_id = ?0)")
		reserves = `COALESCE((SELECT sum(rm.amount) FROM investments.reserve_movements rm LEFT JOIN investments.distributions d ON d.id = rm.distribution_id
			WHERE rm.opportunity_id = pi.opportunity_id AND rm.effective_date <= ?2 AND ` + reserveBooked + `), 0)`
	}
	err = store.Read(ctx, tx, tx.NewRaw(undone+`SELECT pi.id, pi.share_class, CASE WHEN pi.status = 'exited' THEN pi.actual_exit_date END AS actual_exit_date, COALESCE(o.name, pr.property_name) AS offering, `+reserves+` AS reserves
		FROM investments.property_investments pi JOIN properties.properties pr ON pr.id = pi.property_id
		LEFT JOIN investments.opportunities o ON o.id = pi.opportunity_id
		WHERE pi.investor_id = ?0 AND pi.currency = ?1 AND pi.deleted_at IS NULL ORDER BY pi.created_at, pi.id`, st.InvestorID, st.Currency, st.PeriodEnd), &found)
	if err != nil {
		return store.Err(err, constraints)
	}
	held := map[id.Of[history.Position]]bool{}
	for i := range found {
		held[id.Cast[history.Position](found[i].ID)] = found[i].Exited == nil || found[i].Exited.After(st.PeriodEnd)
	}
	f, err := history.FiguresOf(ms, st.PeriodEnd, func(p id.Of[history.Position]) bool { return held[p] })
	if err != nil {
		return err
	}
	st.Holdings = []StatementHolding{}
	for _, p := range found {
		key := id.Cast[history.Position](p.ID)
		i, ok := slices.BinarySearchFunc(holdings, key, func(h history.Holding, v id.Of[history.Position]) int { return h.Position.Compare(v) })
		if !ok {
			continue
		}
		own, err := history.Sum(ms, func(m *history.Movement) bool { return m.Position == key && !m.Date.After(st.PeriodEnd) })
		if err != nil {
			return err
		}
		worth := f.Values[key]
		st.Holdings = append(st.Holdings, StatementHolding{Position: p.ID, Name: p.Name, ShareClass: p.Class, Invested: holdings[i].Contributed,
			Unreturned: own.Unreturned, Units: holdings[i].Units, Distributed: own.Distributed, CurrentValue: &worth, Reserves: p.Reserves})
	}
	return st.perform(&f)
}

// perform states how an investor's holdings had performed by figures at the end of
// the period.
func (st *Statement) perform(f *history.Figures) error {
	multiple, err := f.Multiple()
	if err != nil {
		return err
	}
	st.Performance = &StatementPerformance{EquityMultiple: storable(multiple)}
	if rate := f.Rate(st.PeriodEnd); rate != nil {
		st.Performance.IRR, st.Performance.IRRUnique = &rate.IRR, rate.Unique
	}
	if yield, ok := f.LastYear.Ratio(f.Contributed, 10); ok {
		st.Performance.CashOnCash = storable(&yield)
	}
	return nil
}
