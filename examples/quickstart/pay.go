package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// distribute declares, approves and pays the distributions. Each is declared by
// the manager and approved by another person; each of the three is a
// transaction of its own, as the days of a real one are.
func (q *quickstart) distribute(ctx context.Context) (string, error) {
	var t tally
	paid := money.Zero
	for i := range q.deal.Distributions {
		x := &q.deal.Distributions[i]
		d, err := q.pay(ctx, x)
		if err != nil {
			return "", fmt.Errorf("%s, %s: %w", deal.DistributionsFile, x.Date, err)
		}
		t.count(q.fresh(d.ProcessedAt))
		if paid, err = paid.Add(d.TotalAmount); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s; %s paid", t, screen.Dollars(paid)), nil
}

func (q *quickstart) pay(ctx context.Context, x *deal.Distribution) (d *investments.Distribution, err error) {
	o := &q.deal.Offering
	for _, verb := range []func(bun.IDB) (*investments.Distribution, error){
		func(tx bun.IDB) (*investments.Distribution, error) {
			return q.Investments.Declare(ctx, tx, investments.DeclareParams{
				IdempotencyKey: keyOf(o.Slug, "declare", x.Date.String()), OfferingID: q.offering, Type: x.Type, Date: x.Date,
				RecordDate: x.Record, Amount: x.Amount, Method: investments.MethodProRata, CreatedBy: q.user(o.Manager), Notes: x.Note,
			})
		},
		func(tx bun.IDB) (*investments.Distribution, error) {
			return q.Investments.Approve(ctx, tx, d.ID, q.user(o.Approver))
		},
		func(tx bun.IDB) (*investments.Distribution, error) {
			return q.Investments.Pay(ctx, tx, investments.PayParams{
				IdempotencyKey: keyOf(o.Slug, "pay", x.Date.String()), DistributionID: d.ID, Date: x.Date, Method: investments.PayACH,
			})
		},
	} {
		if err = q.do(ctx, func(tx bun.IDB) (err error) { d, err = verb(tx); return err }); err != nil {
			return nil, err
		}
		q.steps.Advance()
	}
	if q.fresh(d.ProcessedAt) {
		q.made++
	}
	return d, nil
}

// refreshPortfolios brings the portfolios up to date of the investors whose
// money has moved since they were last computed.
func (q *quickstart) refreshPortfolios(ctx context.Context) (string, error) {
	var t tally
	var stale []id.Of[auth.User]
	for _, investor := range q.investors() {
		is, err := q.stale(ctx, investor)
		if err != nil {
			return "", err
		}
		if t.count(is); is {
			stale = append(stale, investor)
			q.made++
		}
	}
	if len(stale) > 0 {
		err := q.do(ctx, func(tx bun.IDB) error { return q.Investments.RefreshPortfolios(ctx, tx, stale, q.asOf()) })
		if err != nil {
			return "", err
		}
	}
	q.steps.Advance()
	return fmt.Sprintf("%d brought up to date, %d were", t.made, t.there), nil
}

// stale reports whether an investor's money has moved since the portfolio was
// last computed.
func (q *quickstart) stale(ctx context.Context, investor id.Of[auth.User]) (bool, error) {
	p, err := q.Investments.Portfolio(ctx, q.db, investor)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return true, nil
	case err != nil:
		return false, err
	case p.LastCalculatedAt == nil:
		return true, nil
	}
	for t, err := range q.Investments.AllTransactions(ctx, q.db, investor) {
		if err != nil || t.CreatedAt.After(*p.LastCalculatedAt) {
			return true, err
		}
	}
	return false, nil
}

// investors are the owners of the accounts, each once, in the order of the
// file.
func (q *quickstart) investors() []id.Of[auth.User] {
	var list []id.Of[auth.User]
	for i := range q.deal.Commitments {
		if u := q.user(q.deal.Commitments[i].Account.Owner); !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	return list
}

// asOf is the last day on which money moved.
func (q *quickstart) asOf() (day date.Date) {
	later := func(d date.Date) {
		if d.After(day) {
			day = d
		}
	}
	for i := range q.deal.Commitments {
		later(q.deal.Commitments[i].Committed)
		if f := q.deal.Commitments[i].Funded; f != nil {
			later(*f)
		}
	}
	for i := range q.deal.Distributions {
		later(q.deal.Distributions[i].Date)
	}
	return day
}
