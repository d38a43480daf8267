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

// The sealing goes no further than the oldest transaction in flight. Where
// others use the server, what they have under way is waited for, up to a point.
const (
	sealPatience = time.Minute
	sealPause    = 100 * time.Millisecond
)

// seal links the journals of the offering's book into its hash chain, and shows
// the head of the chain. Who keeps it elsewhere can tell later whether anybody
// rewrote the book.
func (q *quickstart) seal(ctx context.Context) (string, error) {
	o, err := q.Investments.Offering(ctx, q.db, q.offering)
	if err != nil {
		return "", err
	}
	var made bool
	for began := time.Now(); ; {
		var link *ledger.Seal
		if err := q.do(ctx, func(tx bun.IDB) (err error) { link, err = q.Ledger.Seal(ctx, tx, *o.BookID, 0); return err }); err != nil {
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
		if report.Unsealed == 0 || time.Since(began) > sealPatience {
			q.sealed = report.Sealed
			return q.said(made, fmt.Sprintf("%d of %d journals of the book sealed, chain head %x", report.Sealed, report.Sealed+report.Unsealed, report.Head[:min(8, len(report.Head))])), nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(sealPause):
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
