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
// transaction of its own, as the days of a real one are. One that is wrong is
// reversed instead of paid. Units that pass on by the day of a distribution
// pass on before it.
func (q *quickstart) distribute(ctx context.Context) (string, error) {
	var t tally
	paid, reversed := money.Zero, 0
	for i := range q.deal.Distributions {
		x := &q.deal.Distributions[i]
		if err := q.transferBy(ctx, x.Date); err != nil {
			return "", err
		}
		d, err := q.carryOut(ctx, x)
		if err != nil {
			return "", fmt.Errorf("%s, %s: %w", deal.DistributionsFile, x.Date, err)
		}
		done := d.ProcessedAt
		if x.Reversed != nil {
			reversed++
			done = d.ReversedAt
		} else if paid, err = paid.Add(d.TotalAmount); err != nil {
			return "", err
		}
		if t.count(q.fresh(done)); q.fresh(done) {
			q.made++
		}
	}
	said := t.String()
	if reversed > 0 {
		said += fmt.Sprintf("; %d reversed", reversed)
	}
	return fmt.Sprintf("%s; %s paid", said, screen.Dollars(paid)), nil
}

func (q *quickstart) carryOut(ctx context.Context, x *deal.Distribution) (d *investments.Distribution, err error) {
	o := &q.deal.Offering
	for _, verb := range []func(bun.IDB) (*investments.Distribution, error){
		func(tx bun.IDB) (*investments.Distribution, error) {
			return q.Distributions.Declare(ctx, tx, investments.DeclareParams{
				IdempotencyKey: keyOf(o.Slug, "declare", x.Date.String()), OfferingID: q.offering, Type: x.Type, Date: x.Date,
				RecordDate: x.Record, Amount: x.Amount, Method: x.Method, ActorID: q.user(o.Manager), Notes: x.Note,
			})
		},
		func(tx bun.IDB) (*investments.Distribution, error) {
			return q.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: q.user(o.Approver)})
		},
		func(tx bun.IDB) (*investments.Distribution, error) {
			if x.Reversed != nil {
				if err := q.askForReversal(ctx, tx, d.ID, x); err != nil {
					return nil, err
				}
				return q.Distributions.Reverse(ctx, tx, investments.ReverseDistributionParams{
					IdempotencyKey: keyOf(o.Slug, "reverse", x.Date.String()), DistributionID: d.ID, Date: *x.Reversed,
					Reason: x.Reason, ActorID: q.user(o.Approver),
				})
			}
			return q.Distributions.Pay(ctx, tx, investments.PayParams{
				IdempotencyKey: keyOf(o.Slug, "pay", x.Date.String()), DistributionID: d.ID, Date: x.Date, Method: investments.PayACH,
				ActorID: q.user(o.Approver),
			})
		},
	} {
		var out *investments.Distribution // d stays what is committed while verb is run again
		if err = q.do(ctx, func(tx bun.IDB) (err error) { out, err = verb(tx); return err }); err != nil {
			return nil, err
		}
		d = out
		q.steps.Advance()
	}
	return d, nil
}

// askForReversal is the manager's, before the approver reverses; a distribution that is
// reversed already was asked for.
func (q *quickstart) askForReversal(ctx context.Context, tx bun.IDB, v id.Of[investments.Distribution], x *deal.Distribution) error {
	now, err := q.Distributions.Distribution(ctx, tx, v)
	if err != nil || now.Status == investments.DistributionStatusReversed {
		return err
	}
	_, err = q.Distributions.RequestReversal(ctx, tx, investments.RequestReversalParams{DistributionID: v, Date: *x.Reversed,
		Reason: x.Reason, ActorID: q.user(q.deal.Offering.Manager)})
	return err
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
		err := q.do(ctx, func(tx bun.IDB) error {
			return q.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: stale, AsOf: q.asOf()})
		})
		if err != nil {
			return "", err
		}
	}
	q.steps.Advance()
	switch {
	case t.there == 0:
		return fmt.Sprintf("%d brought up to date", t.made), nil
	case t.made == 0:
		return fmt.Sprintf("%d, up to date already", t.there), nil
	}
	return fmt.Sprintf("%d brought up to date, %d up to date already", t.made, t.there), nil
}

// stale reports whether an investor's money has moved since the portfolio was
// last computed.
func (q *quickstart) stale(ctx context.Context, investor id.Of[auth.User]) (bool, error) {
	p, err := q.Reports.Portfolio(ctx, q.db, investor)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return true, nil
	case err != nil:
		return false, err
	case p.LastCalculatedAt == nil:
		return true, nil
	}
	for t, err := range q.Reports.AllTransactions(ctx, q.db, investor) {
		if err != nil || t.CreatedAt.After(*p.LastCalculatedAt) {
			return true, err
		}
	}
	return false, nil
}

// investors are the owners of the accounts, each once, in the order of the
// files.
func (q *quickstart) investors() []id.Of[auth.User] {
	var list []id.Of[auth.User]
	for _, a := range q.deal.Accounts() {
		if u := q.user(a.Owner); !slices.Contains(list, u) {
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
	for i := range q.deal.Transfers {
		later(q.deal.Transfers[i].Effective)
	}
	for i := range q.deal.Distributions {
		later(q.deal.Distributions[i].Date)
		if r := q.deal.Distributions[i].Reversed; r != nil {
			later(*r)
		}
	}
	return day
}
