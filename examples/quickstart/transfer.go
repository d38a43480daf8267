package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
)

// transfer passes on what is left to pass on after the last distribution.
func (q *quickstart) transfer(ctx context.Context) (string, error) {
	if n := len(q.deal.Transfers); n > 0 {
		if err := q.transferBy(ctx, q.deal.Transfers[n-1].Effective); err != nil {
			return "", err
		}
	}
	q.steps.Advance()
	return q.transfers.String(), nil
}

// transferBy passes on what passes on by a day.
func (q *quickstart) transferBy(ctx context.Context, day date.Date) error {
	for n := q.transfers.made + q.transfers.there; n < len(q.deal.Transfers) && !q.deal.Transfers[n].Effective.After(day); n++ {
		t, err := q.passOn(ctx, &q.deal.Transfers[n])
		if err != nil {
			return fmt.Errorf("%s, %s to an account of type %s: %w", deal.TransfersFile, q.deal.Transfers[n].Effective, q.deal.Transfers[n].To.Type, err)
		}
		if q.transfers.count(q.fresh(t.CompletedAt)); q.fresh(t.CompletedAt) {
			q.made++
		}
	}
	return nil
}

// passOn asks for a transfer, has another person approve it and completes it,
// each in a transaction of its own. Platform.CompleteTransfer loads under lock
// what the receiver is judged by.
func (q *quickstart) passOn(ctx context.Context, x *deal.Transfer) (t *investments.Transfer, err error) {
	o := &q.deal.Offering
	from, err := q.position(ctx, x.From, x.Class)
	if err != nil {
		return nil, err
	}
	key := func(verb string) string {
		return keyOf(o.Slug, verb, accountID(x.From).String(), accountID(x.To).String(), x.Class, x.Effective.String())
	}
	for _, verb := range []func(bun.IDB) (*investments.Transfer, error){
		func(tx bun.IDB) (*investments.Transfer, error) {
			return q.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{
				IdempotencyKey: key("request-transfer"), PositionID: from.ID, ToInvestorID: q.user(x.To.Owner), ToAccountID: accountID(x.To).Ptr(),
				Fraction: x.Fraction, EffectiveDate: x.Effective, Reason: x.Reason, ActorID: q.user(x.From.Owner),
			})
		},
		func(tx bun.IDB) (*investments.Transfer, error) {
			return q.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: t.ID, ActorID: q.user(o.Approver)})
		},
		func(tx bun.IDB) (*investments.Transfer, error) {
			return q.Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: key("complete-transfer"), TransferID: t.ID,
				ActorID: q.user(o.Approver)})
		},
	} {
		if err = q.do(ctx, func(tx bun.IDB) (err error) { t, err = verb(tx); return err }); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// errNoPosition: an account that the files say holds units holds none.
var errNoPosition = errors.New("the account holds nothing of the class")

// position finds what an account holds of a class.
func (q *quickstart) position(ctx context.Context, a *deal.Account, class string) (*investments.Position, error) {
	investor, account := q.user(a.Owner), accountID(a)
	for p, err := range q.Positions.AllPositions(ctx, q.db, investments.PositionFilter{OfferingID: &q.offering, InvestorID: &investor}) {
		if err != nil {
			return nil, err
		}
		if p.AccountID != nil && *p.AccountID == account && p.ShareClass == class {
			return &p, nil
		}
	}
	return nil, errNoPosition
}
