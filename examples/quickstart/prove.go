package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
)

// patience is how long events that another relay has under lease are waited for.
const patience = 20 * time.Second

// pause is the time between two looks at what others do.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(100 * time.Millisecond):
		return nil
	}
}

// seal links the journals of the offering's book into its hash chain, and shows
// the head of the chain. Who keeps it elsewhere can tell later whether anybody
// rewrote the book.
func (q *quickstart) seal(ctx context.Context) (string, error) {
	o, err := q.Offerings.Offering(ctx, q.db, q.offering)
	if err != nil {
		return "", err
	}
	made, done := false, false
	for !done {
		if err := q.do(ctx, func(tx bun.IDB) error {
			link, err := q.Ledger.Seal(ctx, tx, ledger.SealParams{BookID: *o.BookID})
			made, done = made || link != nil, link == nil
			return err
		}); err != nil {
			return "", err
		}
	}
	report, err := q.Ledger.Verify(ctx, q.db, *o.BookID)
	if err != nil {
		return "", err
	}
	q.sealed = report.Sealed
	return q.said(made, fmt.Sprintf("%d journals, chain head %d:%x", report.Sealed, report.Seals, report.Head[:min(8, len(report.Head))])), nil
}

// verify proves every invariant of the database, and every book with its chain.
func (q *quickstart) verify(ctx context.Context) (string, error) {
	report, err := q.Verify(ctx, q.db)
	if err != nil {
		return "", err
	}
	if !report.OK() {
		return "", errors.New(strings.ReplaceAll(report.String(), "\n", "\n  "))
	}
	q.verified = report.Invariants
	return fmt.Sprintf("%s, the chain of %d journals among them", report, q.sealed), nil
}
