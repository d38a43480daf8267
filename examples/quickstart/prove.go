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

// patience is how long others are waited for. Sealing goes no further than the
// oldest transaction in flight on the server, and events that another relay has
// under lease come when it is over.
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
	var made bool
	for began := time.Now(); ; {
		var link *ledger.Seal
		if err := q.do(ctx, func(tx bun.IDB) (err error) {
			link, err = q.Ledger.Seal(ctx, tx, ledger.SealParams{BookID: *o.BookID})
			return err
		}); err != nil {
			return "", err
		}
		if link != nil {
			made = true
			continue
		}
		report, err := q.Ledger.Verify(ctx, q.db, *o.BookID)
		if err != nil {
			return "", err
		}
		q.sealed = report.Sealed
		said := fmt.Sprintf("%d journals, chain head %d:%x", report.Sealed, report.Seals, report.Head[:min(8, len(report.Head))])
		switch {
		case report.Unsealed == 0:
			return q.said(made, said), nil
		case time.Since(began) > patience:
			return fmt.Sprintf("%s; %d wait for transactions that others have in flight", said, report.Unsealed), nil
		}
		if err := pause(ctx); err != nil {
			return "", err
		}
	}
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
