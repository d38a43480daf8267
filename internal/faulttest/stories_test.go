package faulttest

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// kind is the verb of an order.
type kind string

// The kinds of orders. A further one needs its row in effects.
const (
	kindCommit   kind = "commit"
	kindCancel   kind = "cancel"
	kindFund     kind = "fund"
	kindRefund   kind = "refund"
	kindDeclare  kind = "declare"
	kindApprove  kind = "approve"
	kindPay      kind = "pay"
	kindFail     kind = "fail"
	kindReissue  kind = "reissue"
	kindReverse  kind = "reverse"
	kindRequest  kind = "request transfer"
	kindAllow    kind = "approve transfer"
	kindComplete kind = "complete transfer"
	kindPost     kind = "post"
	kindReceipts kind = "fund receipts"
	kindProcess  kind = "process"
	kindConfirm  kind = "confirm"
	kindAllocate kind = "allocate"
)

// deal is an offering that the load works on.
type deal struct {
	Offering id.Of[investments.Offering]
	Book     id.Of[ledger.Book]
	Cash     id.Of[ledger.Account]
	Other    id.Of[ledger.Account] // an account of the host's own
	Tight    bool                  // the hard cap is in the way
}

// The deals by what is done with them, since one thing would stand in the way of
// the other: money that had a part in a distribution is not refunded.
const (
	paying    = 4 // deals 0 to 3
	refunding = 2 // 4 and 5
	moving    = 2 // 6 and 7
	tight     = 1 // 8
)

// newPlan makes the people and the deals of a load.
func newPlan(t *testing.T, db *bun.DB, dsn string, clients, commands int) *plan {
	t.Helper()
	ctx, w := t.Context(), newWorld(t, db)
	p := &plan{DSN: dsn, Dir: t.TempDir(), Seed: theSeed(), Clients: clients, Commands: commands, Clerk: w.Clerk, Boss: w.Boss}
	for range 12 {
		p.Investors = append(p.Investors, w.Investor())
	}
	for n := range paying + refunding + moving + tight {
		d, hardCap := deal{Tight: n >= paying+refunding+moving}, "1000000000"
		if d.Tight {
			hardCap = "60000"
		}
		o := w.Offering(hardCap)
		if !d.Tight { // so that there is somebody to be paid from the start
			w.Funded(o, p.Investors[0], "50000")
			w.Funded(o, p.Investors[1], "25000")
		}
		_, err := w.P.Ledger.AddAccounts(ctx, db, ledger.AddAccountsParams{BookID: *o.BookID, Accounts: []ledger.AccountParams{{Code: "9000", Name: "The host's own", Type: ledger.Asset}, {Code: "9001", Name: "Against it", Type: ledger.Equity}}})
		require.NoError(t, err)
		chart, err := w.P.Ledger.Chart(ctx, db, *o.BookID)
		require.NoError(t, err)
		d.Offering, d.Book, d.Cash, d.Other = o.ID, *o.BookID, chart["9000"].ID, chart["9001"].ID
		p.Deals = append(p.Deals, d)
	}
	p.Events = eventsOf(t, db)
	return p
}

// deck is how many stories have each kind among them, in an order of chance: a load of
// some hundred orders would else go without a rare kind now and then.
const deck = 50

// tell carries out a story of a kind that its number decides.
func (s *story) tell(ctx context.Context) error {
	order := rand.New(rand.NewPCG(s.Seed, uint64(1<<32+s.n/deck))).Perm(deck)
	switch n := order[s.n%deck]; {
	case n < 7:
		return s.invest(ctx)
	case n < 11:
		return s.batch(ctx)
	case n < 25:
		return s.distribute(ctx)
	case n < 31:
		return s.refund(ctx)
	case n < 40:
		return s.transfer(ctx)
	case n < 46:
		return s.compete(ctx)
	case n < 48:
		return s.post(ctx)
	}
	return s.seal(ctx)
}

// done reports whether a story can go on behind an answer.
func done(a *answer, err error) bool { return err == nil && a.Refused == "" && a.Lost == "" }

// commit makes an amount that no other order has, which is its mark.
func (s *story) commit(ctx context.Context, deal int) (o order, a *answer, err error) {
	amount, err := money.FromCents(1000_00 + int64(s.n*stepsOf+s.step))
	o = order{Kind: kindCommit, Deal: deal, Investor: s.rnd.IntN(len(s.Investors)), Amount: amount, Date: recipes.CommittedOn}
	if err == nil {
		a, err = s.do(ctx, o)
	}
	return o, a, err
}

// fund pays a commitment in two parts.
func (s *story) fund(ctx context.Context, deal int, on date.Date) (o order, a *answer, err error) {
	o, a, err = s.commit(ctx, deal)
	if !done(a, err) {
		return o, a, err
	}
	rest, _ := o.Amount.Sub(money.MustParse("400")) // it is more
	for _, part := range []money.Amount{money.MustParse("400"), rest} {
		if got, err := s.do(ctx, order{Kind: kindFund, Deal: deal, Subject: a.ID, Amount: part, Date: on}); !done(got, err) {
			return o, got, err
		}
	}
	return o, a, nil
}

func (s *story) invest(ctx context.Context) error {
	_, _, err := s.fund(ctx, s.rnd.IntN(paying), recipes.FundedOn)
	return err
}

// batch pays two commitments at once, all that is outstanding, and then shares net
// income among all who hold.
func (s *story) batch(ctx context.Context) error {
	deal, o := s.rnd.IntN(paying), order{Kind: kindReceipts, Date: recipes.FundedOn}
	for range 2 {
		c, a, err := s.commit(ctx, deal)
		if !done(a, err) {
			return err
		}
		o.Deal, o.Subject = deal, strings.TrimSpace(o.Subject+" "+a.ID)
		o.Amount, _ = o.Amount.Add(c.Amount) // far from the largest amount
	}
	if a, err := s.do(ctx, o); !done(a, err) {
		return err
	}
	_, err := s.do(ctx, order{Kind: kindAllocate, Deal: deal, Amount: o.Amount, Date: s.day()})
	return err
}

// distribute declares, approves and pays, in some stories through the bank, and in
// some has a payment come back and made again, or all of it reversed.
func (s *story) distribute(ctx context.Context) error {
	deal, variant := s.rnd.IntN(paying), s.rnd.IntN(10)
	amount, _ := money.FromCents(100_00 + s.rnd.Int64N(900_00))
	d, err := s.do(ctx, order{Kind: kindDeclare, Deal: deal, Amount: amount, Date: s.day()})
	if !done(d, err) {
		return err
	}
	about := order{Deal: deal, Subject: d.ID, Amount: amount, Date: s.day()}
	next := func(k kind) (*answer, error) { o := about; o.Kind = k; return s.do(ctx, o) }
	if a, err := next(kindApprove); !done(a, err) {
		return err
	}
	if variant == 0 {
		_, err := next(kindReverse)
		return err
	}
	if variant >= 7 {
		if a, err := next(kindProcess); !done(a, err) {
			return err
		}
		_, err := next(kindConfirm)
		return err
	}
	paid, err := next(kindPay)
	switch {
	case !done(paid, err):
		return err
	case variant < 3:
		_, err = next(kindReverse)
	case variant < 6:
		about.Subject = paid.Other // a line
		failed, ferr := next(kindFail)
		if !done(failed, ferr) {
			return ferr
		}
		about.Amount = failed.Amount
		_, err = next(kindReissue)
	}
	return err
}

func (s *story) refund(ctx context.Context) error {
	deal := paying + s.rnd.IntN(refunding)
	_, a, err := s.fund(ctx, deal, recipes.FundedOn)
	if !done(a, err) {
		return err
	}
	_, err = s.do(ctx, order{Kind: kindRefund, Deal: deal, Subject: a.ID, Amount: money.MustParse("123.45"), Date: recipes.FundedOn})
	return err
}

func (s *story) transfer(ctx context.Context) error {
	deal := paying + refunding + s.rnd.IntN(moving)
	o, a, err := s.fund(ctx, deal, s.day())
	if !done(a, err) {
		return err
	}
	to := (o.Investor + 1 + s.rnd.IntN(len(s.Investors)-1)) % len(s.Investors)
	tr, err := s.do(ctx, order{Kind: kindRequest, Deal: deal, Investor: to, Subject: a.Other, Date: s.day().AddDays(1)})
	if !done(tr, err) {
		return err
	}
	if a, err := s.do(ctx, order{Kind: kindAllow, Deal: deal, Subject: tr.ID}); !done(a, err) {
		return err
	}
	_, err = s.do(ctx, order{Kind: kindComplete, Deal: deal, Investor: to, Subject: tr.ID})
	return err
}

// compete commits where there is little room, and mostly gives the place up.
func (s *story) compete(ctx context.Context) error {
	deal := paying + refunding + moving
	o, a, err := s.commit(ctx, deal)
	if !done(a, err) || s.rnd.IntN(10) == 0 {
		return err
	}
	_, err = s.do(ctx, order{Kind: kindCancel, Deal: deal, Subject: a.ID, Amount: o.Amount})
	return err
}

// post books two journals of the host's own, each in a single statement.
func (s *story) post(ctx context.Context) error {
	for range 2 {
		amount, _ := money.FromCents(1 + s.rnd.Int64N(900_00))
		if _, err := s.do(ctx, order{Kind: kindPost, Deal: s.rnd.IntN(len(s.Deals)), Amount: amount, Date: s.day()}); err != nil {
			return err
		}
	}
	return nil
}

// seal is no order: who seals again seals what is left.
func (s *story) seal(ctx context.Context) error {
	_, err := s.p.Ledger.Seal(ctx, s.db, ledger.SealParams{BookID: s.Deals[s.rnd.IntN(len(s.Deals))].Book})
	if errors.Is(err, fault.Unavailable) || errors.Is(err, fault.Unknown) {
		return nil
	}
	return err
}

// verb calls the verb of an order.
func (s *story) verb(ctx context.Context, db bun.IDB, o order) (a answer, err error) {
	deal, inv := s.Deals[o.Deal], s.p
	switch o.Kind {
	case kindCommit:
		sub, err := s.p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: o.Key, OfferingID: deal.Offering, InvestorID: s.Investors[o.Investor], Amount: o.Amount, Date: o.Date, ActorID: s.Investors[o.Investor]})
		if err != nil {
			return a, err
		}
		return answer{ID: sub.ID.String(), Other: sub.PositionID.String()}, nil
	case kindCancel:
		_, err = inv.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: o.Key, SubscriptionID: subject[investments.Subscription](o), Reason: o.Mark, ActorID: recipes.Staff})
	case kindFund:
		_, err = s.p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: o.Key, SubscriptionID: subject[investments.Subscription](o), Amount: o.Amount, Date: o.Date, Reference: o.Mark, ActorID: recipes.Staff})
	case kindRefund:
		_, err = inv.Commitments.RefundContribution(ctx, db, investments.RefundContributionParams{IdempotencyKey: o.Key, SubscriptionID: subject[investments.Subscription](o), Amount: o.Amount, Date: o.Date, Reference: o.Mark, ActorID: recipes.Staff})
	case kindRequest:
		from, err := inv.Positions.Position(ctx, db, subject[investments.Position](o))
		if err != nil {
			return a, err
		}
		tr, err := inv.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: o.Key, PositionID: from.ID, ToInvestorID: s.Investors[o.Investor],
			Fraction: *recipes.Rate("0.25"), EffectiveDate: o.Date, Reason: o.Mark, ActorID: from.InvestorID})
		if err != nil {
			return a, err
		}
		return answer{ID: tr.ID.String()}, nil
	case kindAllow:
		_, err = inv.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: subject[investments.Transfer](o), ActorID: s.Boss})
	case kindComplete:
		_, err = s.p.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: o.Key, TransferID: subject[investments.Transfer](o), ActorID: recipes.Staff})
	case kindReceipts:
		p := investments.ReceiveContributionsParams{IdempotencyKey: o.Key, OfferingID: deal.Offering, ActorID: recipes.Staff}
		for i, v := range strings.Fields(o.Subject) {
			p.Receipts = append(p.Receipts, investments.Receipt{SubscriptionID: id.MustParse[investments.Subscription](v), Date: o.Date, Reference: o.Mark + parts[i]})
		}
		_, err = s.p.Commitments.ReceiveContributions(ctx, db, p)
	case kindAllocate:
		_, err = inv.Capital.Allocate(ctx, db, investments.AllocateParams{IdempotencyKey: o.Key, OfferingID: deal.Offering, Kind: investments.AllocationIncome, Amount: o.Amount, Date: o.Date, Description: o.Mark, ActorID: recipes.Staff})
	case kindPost:
		_, err = s.p.Ledger.Post(ctx, db, ledger.PostParams{Actor: "clerk", IdempotencyKey: o.Key, BookID: deal.Book, EffectiveDate: o.Date, Description: o.Mark,
			Entries: []ledger.Entry{{Debit: deal.Cash, Credit: deal.Other, Amount: o.Amount}}})
	default:
		return s.distribution(ctx, db, o)
	}
	return a, err
}

// distribution calls the verb of an order about a distribution.
func (s *story) distribution(ctx context.Context, db bun.IDB, o order) (a answer, err error) {
	inv := s.p
	switch o.Kind {
	case kindDeclare:
		d, err := inv.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: o.Key, OfferingID: s.Deals[o.Deal].Offering, Type: investments.DistributionQuarterly,
			Date: o.Date, Amount: o.Amount, ActorID: s.Clerk, Notes: o.Mark})
		if err != nil {
			return a, err
		}
		return answer{ID: d.ID.String()}, nil
	case kindApprove:
		_, err = inv.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: subject[investments.Distribution](o), ActorID: s.Boss})
	case kindPay:
		d := subject[investments.Distribution](o)
		if _, err := inv.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: o.Key, DistributionID: d, Date: o.Date, Method: investments.PayACH, Reference: o.Mark, ActorID: recipes.Staff}); err != nil {
			return a, err
		}
		lines, err := inv.Distributions.DistributionLines(ctx, db, d, page.Request{Limit: 1})
		if err != nil {
			return a, err
		}
		return answer{Other: lines.Items[0].ID.String()}, nil
	case kindProcess:
		_, err = inv.Distributions.Process(ctx, db, investments.ProcessDistributionParams{IdempotencyKey: o.Key, DistributionID: subject[investments.Distribution](o), Date: o.Date, Method: investments.PayACH, Reference: o.Mark, ActorID: recipes.Staff})
	case kindConfirm:
		_, err = inv.Distributions.ConfirmPayments(ctx, db, investments.ConfirmPaymentsParams{IdempotencyKey: o.Key, DistributionID: subject[investments.Distribution](o), Date: o.Date, ActorID: recipes.Staff})
	case kindReverse:
		d := subject[investments.Distribution](o)
		_, err = inv.Distributions.RequestReversal(ctx, db, investments.RequestReversalParams{DistributionID: d, Date: o.Date, Reason: o.Mark, ActorID: s.Clerk})
		if err != nil && fault.KindOf(err) != fault.Illegal { // which it is once it is reversed
			return a, err
		}
		_, err = inv.Distributions.Reverse(ctx, db, investments.ReverseDistributionParams{IdempotencyKey: o.Key, DistributionID: d, Date: o.Date, Reason: o.Mark, ActorID: s.Boss})
	case kindFail:
		l, err := inv.Distributions.FailPayment(ctx, db, investments.FailPaymentParams{IdempotencyKey: o.Key, LineID: subject[investments.DistributionLine](o), Date: o.Date, Reason: o.Mark, ActorID: recipes.Staff})
		if err != nil {
			return a, err
		}
		return answer{Amount: l.NetDistribution}, nil
	case kindReissue:
		_, err = inv.Distributions.ReissuePayment(ctx, db, investments.ReissuePaymentParams{IdempotencyKey: o.Key, LineID: subject[investments.DistributionLine](o), Date: o.Date, Method: investments.PayWire, Reference: o.Mark, ActorID: recipes.Staff})
	default:
		err = errors.New("no such order: " + string(o.Kind))
	}
	return a, err
}

// parts mark the receipts of a batch.
var parts = []string{" a", " b"}

func subject[T any](o order) id.Of[T] { return id.MustParse[T](o.Subject) }
