package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/investments"
)

// allocateIncome shares the year's net income among the capital accounts of who
// held at its end. It moves no cash.
func (q *quickstart) allocateIncome(ctx context.Context) (string, error) {
	first, last := q.year()
	year, err := q.yearStatement(ctx)
	if err != nil {
		return "", err
	}
	totals, err := year.Totals()
	if err != nil {
		return "", err
	}
	income, err := totals.NOI.Sub(year.Expenses.MortgageInterest)
	if err != nil {
		return "", err
	}
	if income.IsZero() {
		q.steps.Advance()
		return "none", nil
	}
	var a *investments.Allocation
	err = q.do(ctx, func(tx bun.IDB) (err error) {
		a, err = q.Capital.Allocate(ctx, tx, investments.AllocateParams{
			IdempotencyKey: keyOf(q.deal.Offering.Slug, "allocate", last.String()), OfferingID: q.offering, Kind: investments.AllocationIncome,
			Amount: income, Date: last, Description: fmt.Sprintf("Net income from %s to %s", first, last), ActorID: q.user(q.deal.Offering.Manager),
		})
		return err
	})
	switch {
	case errors.Is(err, investments.ErrNoPositions):
		q.steps.Advance()
		return fmt.Sprintf("none allocated, nobody was invested on %s", last), nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", deal.OperatingFile, err)
	}
	return q.said(q.fresh(&a.RecordedAt), fmt.Sprintf("%s net of interest, allocated to %d positions", screen.Dollars(a.Amount), a.Positions)), nil
}

// yearStatement sums the months up that are on record.
func (q *quickstart) yearStatement(ctx context.Context) (financials.OperatingStatement, error) {
	first, last := q.year()
	stated, err := q.Financials.Statements(ctx, q.db, financials.StatementsParams{PropertyID: q.property, First: first, Last: last})
	if err != nil {
		return financials.OperatingStatement{}, err
	}
	months := make([]financials.OperatingStatement, len(stated))
	for i := range stated {
		if months[i], err = stated[i].Operating(); err != nil {
			return financials.OperatingStatement{}, err
		}
	}
	return financials.SumStatements(months)
}

// exit closes the positions after the proceeds of the sale were paid, and
// realizes what each gained by it. When proceeds come later too, such as an
// escrow, it realizes the difference.
func (q *quickstart) exit(ctx context.Context) (string, error) {
	if !slices.ContainsFunc(q.deal.Distributions, func(d deal.Distribution) bool {
		return d.Type == investments.DistributionSaleProceeds && d.Reversed == nil
	}) {
		q.steps.Advance()
		return "none, the property is not sold", nil
	}
	before, err := q.readExit(ctx)
	if err != nil {
		return "", err
	}
	err = q.do(ctx, func(tx bun.IDB) error {
		_, err := q.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{
			IdempotencyKey: keyOf(q.deal.Offering.Slug, "exit", q.asOf().String()), OfferingID: q.offering, Date: q.asOf(), ActorID: q.user(q.deal.Offering.Manager),
		})
		return err
	})
	switch {
	case errors.Is(err, investments.ErrExitOpen):
		q.steps.Advance()
		return "not yet, a commitment still waits for its money", nil
	case err != nil && !errors.Is(err, investments.ErrNothingToExit): // it may have been told of already
		return "", err
	}
	after, err := q.readExit(ctx)
	if err != nil {
		return "", err
	}
	if after == nil {
		return "", investments.ErrNotExited
	}
	return q.said(before == nil || *before != *after, fmt.Sprintf("%d positions on %s; realized gain %s",
		after.Positions, after.Date, screen.Dollars(after.RealizedGains))), nil
}

// readExit returns nil while the positions are held.
func (q *quickstart) readExit(ctx context.Context) (*investments.Exit, error) {
	x, err := q.Capital.Exit(ctx, q.db, q.offering)
	if errors.Is(err, investments.ErrNotExited) {
		return nil, nil
	}
	return x, err
}
