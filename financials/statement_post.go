package financials

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PostStatementParams is a statement to put in force. Both days of the period
// are in it. Deductions and expenses are positive numbers; totals are computed. A line
// below zero is refused, since it mostly has the wrong sign, unless Negative names it.
type PostStatementParams struct {
	PropertyID  id.Of[properties.Property]
	PeriodStart date.Date
	PeriodEnd   date.Date
	Income      IncomeLines
	Expenses    ExpenseLines
	// ReplacementReserves is what is set aside for replacements, below NOI.
	ReplacementReserves money.Amount
	Basis               AccountingBasis // "" is accrual; a period has a statement of each
	// Negative are the lines that are meant to be below zero, such as rent that was
	// charged too high in the month before.
	Negative []StatementLine
}

func (p *PostStatementParams) operating() OperatingStatement {
	return OperatingStatement{PeriodStart: p.PeriodStart, PeriodEnd: p.PeriodEnd, Income: p.Income, Expenses: p.Expenses, ReplacementReserves: p.ReplacementReserves}
}

func (p *PostStatementParams) validate(days check.Days) error {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("period_start", p.PeriodStart)
	f.Given("period_end", p.PeriodEnd)
	if p.PeriodEnd.Before(p.PeriodStart) {
		f.AddErr("", ErrPeriodReversed)
	}
	days.Today = days.Today.EndOfMonth() // the month that runs may be stated
	f.Happened("period_end", &p.PeriodEnd, days)
	p.Basis = p.Basis.given(&f)
	for i, l := range p.Negative {
		check.One(&f, "negative["+strconv.Itoa(i)+"]", l)
	}
	o := p.operating()
	for _, l := range o.NegativeLines() {
		if !slices.Contains(p.Negative, l) {
			f.AddErr("", ErrStatementLineNegative.On(l.field()))
		}
	}
	return f.Err()
}

// PostStatement puts the statement of a period in force, which ends with the
// month that runs at the latest. Posting the figures
// that are in force already changes nothing and says so in Unchanged; other
// figures for the same period are [ErrStatementExists], since a correction is
// the verb [Service.CorrectStatement].
//
// It locks the property, so that two statements in force never overlap. It
// returns [ErrStatementOverlap], [ErrPeriodReversed],
// [ErrStatementLineNegative] by the field of the line,
// [properties.ErrPropertyNotFound] or [money.ErrOutOfRange] of a total.
func (s *Service) PostStatement(ctx context.Context, db bun.IDB, p PostStatementParams) (*Statement, error) {
	return s.putInForce(ctx, db, draft{PostStatementParams: p, source: SourceReported}, false)
}

// CorrectStatementParams is a statement that replaces the one in force for exactly
// its period.
type CorrectStatementParams PostStatementParams

// CorrectStatement supersedes the statement in force for exactly this period
// with other figures, as its next version. The superseded one stays, with the
// time it went out of force. It returns [ErrStatementNotFound] when none is in
// force, and what [Service.PostStatement] returns.
func (s *Service) CorrectStatement(ctx context.Context, db bun.IDB, p CorrectStatementParams) (*Statement, error) {
	return s.putInForce(ctx, db, draft{PostStatementParams: PostStatementParams(p), source: SourceReported}, true)
}

// draft is a statement on its way to being in force.
type draft struct {
	PostStatementParams
	source   StatementSource
	accounts []StatementAccount // of one out of the book
}

func (s *Service) putInForce(ctx context.Context, db bun.IDB, p draft, correct bool) (*Statement, error) {
	if err := p.validate(s.days()); err != nil {
		return nil, err
	}
	var out *Statement
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := s.properties.LockProperty(ctx, tx, p.PropertyID)
		if err != nil {
			return err
		}
		out, err = s.replace(ctx, tx, p, correct)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// replace puts a statement in force, under the lock of its property.
func (s *Service) replace(ctx context.Context, tx bun.IDB, p draft, correct bool) (*Statement, error) {
	prior, err := inForce(ctx, tx, p.PropertyID, p.PeriodStart, p.PeriodEnd, p.Basis)
	if err != nil {
		return nil, err
	}
	old, err := p.supersedes(prior, correct)
	if err != nil {
		return nil, err
	}
	if old != nil && old.says(&p) {
		old.Unchanged = true
		return old, nil
	}
	return s.write(ctx, tx, p, old)
}

// supersedes decides what a statement replaces: nil for nothing, or the one
// statement in force for the same period. It touches no database.
func (p *draft) supersedes(prior []Statement, correct bool) (*Statement, error) {
	switch {
	case len(prior) == 0 && correct:
		return nil, ErrStatementNotFound
	case len(prior) == 0:
		return nil, nil
	}
	old := &prior[0]
	switch {
	case len(prior) > 1 || old.Income.PeriodStart != p.PeriodStart || old.Income.PeriodEnd != p.PeriodEnd:
		return nil, ErrStatementOverlap.With("%s to %s", old.Income.PeriodStart, old.Income.PeriodEnd)
	case !correct && !old.says(p):
		return nil, ErrStatementExists
	}
	return old, nil
}

// says reports whether the statement carries these figures, of the same source.
func (s *Statement) says(p *draft) bool {
	return s.Income.Source == p.source && s.Expenses.Source == p.source && s.Income.Lines() == p.Income && s.Expenses.Lines() == p.Expenses &&
		orZero(s.Expenses.ReplacementReserves) == p.ReplacementReserves
}

func (s *Service) write(ctx context.Context, tx bun.IDB, p draft, old *Statement) (*Statement, error) {
	now, version := s.now(), int64(1)
	if old != nil {
		version = max(old.Income.Version, old.Expenses.Version) + 1
		old.Income.SupersededAt, old.Expenses.SupersededAt = &now, &now
		if !old.Income.ID.IsZero() { // a host may have written one side alone
			if err := incomeStatements.Update(ctx, tx, old.Income, "superseded_at"); err != nil {
				return nil, err
			}
		}
		if !old.Expenses.ID.IsZero() {
			if err := expenseStatements.Update(ctx, tx, old.Expenses, "superseded_at"); err != nil {
				return nil, err
			}
		}
	}
	in := &IncomeStatement{ID: id.New[IncomeStatement](), PropertyID: p.PropertyID, PeriodStart: p.PeriodStart,
		PeriodEnd: p.PeriodEnd, AccountingBasis: p.Basis, Source: p.source, Version: version, CreatedAt: now, UpdatedAt: now}
	if err := in.SetLines(p.Income); err != nil {
		return nil, err
	}
	ex := &ExpenseStatement{ID: id.New[ExpenseStatement](), PropertyID: p.PropertyID, PeriodStart: p.PeriodStart,
		PeriodEnd: p.PeriodEnd, AccountingBasis: p.Basis, Source: p.source, ReplacementReserves: &p.ReplacementReserves, Version: version, CreatedAt: now, UpdatedAt: now}
	if err := ex.SetLines(p.Expenses); err != nil {
		return nil, err
	}
	if err := incomeStatements.Insert(ctx, tx, in); err != nil {
		return nil, err
	}
	if err := expenseStatements.Insert(ctx, tx, ex); err != nil {
		return nil, err
	}
	for i := range p.accounts {
		p.accounts[i].ID, p.accounts[i].IncomeID = id.New[StatementAccount](), in.ID
	}
	if err := statementAccounts.InsertAll(ctx, tx, p.accounts); err != nil {
		return nil, err
	}
	return &Statement{Income: in, Expenses: ex}, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, p.PropertyID, posted(in, ex)))
}

// posted is the event of a statement that is in force.
func posted(in *IncomeStatement, ex *ExpenseStatement) store.Payload {
	if in.Version == 1 {
		return StatementPosted{in.ID, ex.ID, in.PeriodStart, in.PeriodEnd, in.AccountingBasis, in.Source}
	}
	return StatementCorrected{in.ID, ex.ID, in.PeriodStart, in.PeriodEnd, in.Version, in.AccountingBasis, in.Source}
}
