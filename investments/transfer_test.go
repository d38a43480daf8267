package investments_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// approvedTransfer asks for a transfer and has a second person approve it.
func approvedTransfer(t *testing.T, db bun.IDB, from id.Of[investments.Position], to id.Of[auth.User], fraction, on string) *investments.Transfer {
	t.Helper()
	ctx, svc := t.Context(), newService()
	tr, err := svc.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: from, ToInvestorID: to,
		Fraction: decimal.RequireFromString(fraction), EffectiveDate: date.MustParse(on), ActorID: ownerOf(t, db, from)})
	require.NoError(t, err)
	tr, err = svc.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	return tr
}

// capitalOf is what the ledger holds for a position.
func capitalOf(t *testing.T, db bun.IDB, o *investments.Offering, pos id.Of[investments.Position]) string {
	t.Helper()
	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(t.Context(), db, *o.BookID)
	require.NoError(t, err)
	b, err := books.SubledgerTotals(t.Context(), db, chart[investments.AccountCapital].ID, id.Cast[ledger.Subledger](pos))
	require.NoError(t, err)
	return b.Balance.String()
}

func balanceOf(t *testing.T, db bun.IDB, o *investments.Offering, code string) string {
	t.Helper()
	books := ledger.NewService(ledger.Config{})
	chart, err := books.Chart(t.Context(), db, *o.BookID)
	require.NoError(t, err)
	b, err := books.Balance(t.Context(), db, chart[code].ID)
	require.NoError(t, err)
	return b.Balance.String()
}

func complete(ctx context.Context, db bun.IDB, v id.Of[investments.Transfer], key string) (*investments.Transfer, error) {
	var out *investments.Transfer
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = newService().Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: key, TransferID: v, ActorID: staff})
		return err
	})
	return out, err
}

func TestTransfer_partialThenFull(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, seller, buyer := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx)
	sub := funded(t, tx, o, seller, "100000.01")
	from := *sub.PositionID

	tr := approvedTransfer(t, tx, from, buyer, "0.3333333333", "2026-02-01")
	for range 2 { // the key again changes nothing
		done, err := complete(ctx, tx, tr.ID, "move")
		require.NoError(t, err)
		require.Equal(t, "33333.34", done.Amount.String())
		require.Equal(t, "33.333337", done.Units.String(), "a third of 100.00001 units, to six decimals")
		require.Equal(t, investments.TransferStatusCompleted, done.Status)
		tr = done
	}
	to := *tr.ToPositionID
	giver, err := svc.Positions.Position(ctx, tx, from)
	require.NoError(t, err)
	require.Equal(t, "66666.67", giver.InvestmentAmount.String())
	require.Equal(t, "66.666673", giver.Units.String())
	require.Equal(t, investments.PositionStatusFunded, giver.Status)
	taker, err := svc.Positions.Position(ctx, tx, to)
	require.NoError(t, err)
	require.Equal(t, "33333.34", taker.InvestmentAmount.String())
	require.Equal(t, "2026-02-01", taker.FundingDate.String())
	require.Equal(t, "66666.67", capitalOf(t, tx, o, from))
	require.Equal(t, "33333.34", capitalOf(t, tx, o, to))
	require.Equal(t, "0.00", balanceOf(t, tx, o, investments.AccountTransfers))
	cash, err := svc.Reports.Transactions(ctx, tx, buyer, page.Request{})
	require.NoError(t, err)
	require.Len(t, cash.Items, 1)
	require.Equal(t, investments.TransactionTransferIn, cash.Items[0].Type)

	tr = approvedTransfer(t, tx, from, buyer, "1", "2026-03-01")
	_, err = complete(ctx, tx, tr.ID, "rest")
	require.NoError(t, err)
	giver, err = svc.Positions.Position(ctx, tx, from)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusExited, giver.Status)
	require.Equal(t, "2026-03-01", giver.ActualExitDate.String())
	require.True(t, giver.InvestmentAmount.IsZero() && giver.Units.IsZero())
	taker, err = svc.Positions.Position(ctx, tx, to)
	require.NoError(t, err)
	require.Equal(t, "100000.01", taker.InvestmentAmount.String())
	require.Equal(t, "100.00001", taker.Units.String())
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "100000.01", o.AmountRaised.String())

	back := approvedTransfer(t, tx, to, seller, "0.5", "2026-04-01")
	_, err = complete(ctx, tx, back.ID, "back")
	require.NoError(t, err)
	giver, err = svc.Positions.Position(ctx, tx, from)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusFunded, giver.Status, "the same position comes back to life")
	require.Nil(t, giver.ActualExitDate)
	require.Equal(t, "50000.01", giver.InvestmentAmount.String())
	list, err := svc.Positions.Transfers(ctx, tx, investments.TransferFilter{PositionID: &from, Status: investments.TransferStatusCompleted, OfferingID: &o.ID}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 3)
}

func TestTransfer_refused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, seller, buyer, clerk := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx), investor(t, tx)
	from := *funded(t, tx, o, seller, "100000").PositionID
	ask := func(change func(*investments.RequestTransferParams)) error {
		p := investments.RequestTransferParams{IdempotencyKey: id.New[ledger.Command]().String(), PositionID: from, ToInvestorID: buyer,
			Fraction: decimal.RequireFromString("0.5"), EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, from)}
		change(&p)
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Positions.RequestTransfer(ctx, tx, p); return err })
	}
	require.Len(t, fault.FieldErrors(ask(func(p *investments.RequestTransferParams) {
		*p = investments.RequestTransferParams{IdempotencyKey: "x"}
	})), 5)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.Fraction = decimal.RequireFromString("0.12345678901") }), fault.Invalid)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.Fraction = decimal.RequireFromString("1.1") }), fault.Invalid)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.ToInvestorID = seller }), investments.ErrTransferEnds)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.PositionID = id.New[investments.Position]() }), investments.ErrPositionNotFound)
	stranger, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: clerk, Type: investments.AccountLLC, Name: "Elm LLC", ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.ToAccountID = &stranger.ID }), investments.ErrAccountOwner)
	open, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "30000"))
	require.NoError(t, err)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) {
		p.PositionID, p.ActorID = *open.PositionID, open.InvestorID
	}), investments.ErrPositionNotFunded)
	require.ErrorIs(t, ask(func(p *investments.RequestTransferParams) { p.ActorID = clerk }), investments.ErrActorStranger)

	tr, err := svc.Positions.RequestTransfer(ctx, tx, investments.RequestTransferParams{IdempotencyKey: "t", PositionID: from, ToInvestorID: buyer,
		Fraction: decimal.RequireFromString("0.5"), EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, from)})
	require.NoError(t, err)
	_, err = complete(ctx, tx, tr.ID, "too early")
	require.ErrorIs(t, err, investments.ErrTransferStatus)
	wrong, err := svc.Positions.RequestCorrection(ctx, tx, investments.RequestCorrectionParams{IdempotencyKey: "w", PositionID: from, ToInvestorID: buyer,
		Fraction: decimal.RequireFromString("0.5"), EffectiveDate: date.MustParse("2026-02-01"), Reason: "misread", ActorID: clerk})
	require.NoError(t, err)
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: wrong.ID, ActorID: clerk})
	require.ErrorIs(t, err, investments.ErrTransferSelfApproval)
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: buyer})
	require.ErrorIs(t, err, investments.ErrActorParty, "whoever receives agrees to nothing")
	boss := investor(t, tx)
	for range 2 {
		_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: boss})
		require.NoError(t, err)
	}
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := serviceWith(investments.Evidence{}).Positions.CompleteTransfer(ctx, tx, investments.CompleteTransferParams{IdempotencyKey: "unproved", TransferID: tr.ID, ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrNotAccredited, "the receiver passes the gate too")
	for range 2 {
		_, err = svc.Positions.CancelTransfer(ctx, tx, investments.CancelTransferParams{TransferID: tr.ID, ActorID: staff})
		require.NoError(t, err)
	}
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: boss})
	require.ErrorIs(t, err, investments.ErrTransferStatus)

	early := approvedTransfer(t, tx, from, buyer, "0.5", "2026-01-15")
	_, err = complete(ctx, tx, early.ID, "early")
	require.ErrorIs(t, err, investments.ErrTransferDate, "the day's transfers go before its contributions")
	dust := approvedTransfer(t, tx, from, buyer, "0.00000001", "2026-02-01")
	_, err = complete(ctx, tx, dust.ID, "dust")
	require.ErrorIs(t, err, investments.ErrTransferNothing)
	_, err = svc.Commitments.Commit(ctx, tx, commitment(o, seller, "1000"))
	require.NoError(t, err)
	whole := approvedTransfer(t, tx, from, buyer, "1", "2026-02-01")
	_, err = complete(ctx, tx, whole.ID, "whole")
	require.ErrorIs(t, err, investments.ErrTransferOutstanding)
}

// The transfers of a day count in the order in which they were done, whoever was asked
// for first and whatever the clock says: here it stands still.
func TestTransfer_orderWithinADay(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, a, b, c := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx), investor(t, tx)
	first, second := *funded(t, tx, o, a, "100000").PositionID, *funded(t, tx, o, b, "100000").PositionID
	asked := approvedTransfer(t, tx, first, b, "0.5", "2026-03-01")
	done := approvedTransfer(t, tx, second, c, "0.5", "2026-03-01")
	tr, err := complete(ctx, tx, done.ID, "done")
	require.NoError(t, err)
	require.Equal(t, "50000.00", tr.Amount.String())
	later, err := complete(ctx, tx, asked.ID, "asked")
	require.NoError(t, err)
	require.True(t, later.CompletedAt.After(*tr.CompletedAt))
	findings, err := svc.Positions.VerifyHistory(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, findings)
}

// A transfer dated before a declared distribution is refused; a correction is
// not, and leaves what was paid where it was paid.
func TestTransfer_behindDistribution(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, seller, buyer, clerk := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx), investor(t, tx)
	from := *funded(t, tx, o, seller, "100000").PositionID
	_, err := svc.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "q", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-04-15"), Amount: money.MustParse("500"), ActorID: clerk})
	require.NoError(t, err)
	for _, on := range []string{"2026-04-01", "2026-04-15"} { // the day's transfers go before its distributions
		tr := approvedTransfer(t, tx, from, buyer, "0.5", on)
		_, err = complete(ctx, tx, tr.ID, on)
		require.ErrorIs(t, err, investments.ErrTransferBehind, on)
	}
	p := investments.RequestCorrectionParams{IdempotencyKey: "fix", PositionID: from, ToInvestorID: buyer, Fraction: decimal.RequireFromString("0.25"),
		EffectiveDate: date.MustParse("2026-01-16"), ActorID: clerk}
	_, err = svc.Positions.RequestCorrection(ctx, tx, p)
	require.ErrorIs(t, err, fault.Invalid, "a correction says why")
	p.Reason = "a quarter was wired by the buyer from the start"
	fix, err := svc.Positions.RequestCorrection(ctx, tx, p)
	require.NoError(t, err)
	again, err := svc.Positions.RequestCorrection(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, fix.ID, again.ID)
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: fix.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	fix, err = complete(ctx, tx, fix.ID, "fix")
	require.NoError(t, err)
	require.Equal(t, "25000.00", fix.Amount.String())
	taker, err := svc.Positions.Position(ctx, tx, *fix.ToPositionID)
	require.NoError(t, err)
	require.Equal(t, "2026-01-16", taker.FundingDate.String())

	later := approvedTransfer(t, tx, from, buyer, "0.5", "2026-04-16")
	_, err = complete(ctx, tx, later.ID, "later")
	require.NoError(t, err)
	between := approvedTransfer(t, tx, taker.ID, seller, "1", "2026-04-16")
	_, err = complete(ctx, tx, between.ID, "same day")
	require.NoError(t, err)
	require.Equal(t, "100000.00", capitalOf(t, tx, o, from))
	p.IdempotencyKey, p.EffectiveDate = "behind", date.MustParse("2026-04-15")
	behind, err := svc.Positions.RequestCorrection(ctx, tx, p)
	require.NoError(t, err)
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: behind.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	_, err = complete(ctx, tx, behind.ID, "behind")
	require.ErrorIs(t, err, investments.ErrTransferBehind, "what moved since was of the balance without it")
}

func mustTransfer(t *testing.T, db bun.IDB, v id.Of[investments.Transfer]) *investments.Transfer {
	t.Helper()
	tr, err := newService().Positions.Transfer(t.Context(), db, v)
	require.NoError(t, err)
	return tr
}

func TestTransfer_conversion(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "1000000"), investor(t, tx)
	from := *funded(t, tx, o, who, "100000").PositionID
	p := investments.RequestConversionParams{IdempotencyKey: "c", PositionID: from, ToShareClass: "common", Fraction: decimal.RequireFromString("0.25"),
		EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, tx, from)}
	try := func() error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Positions.RequestConversion(ctx, tx, p); return err })
	}
	require.ErrorIs(t, try(), investments.ErrTransferClass)
	p.ToShareClass = "gold"
	require.ErrorIs(t, try(), investments.ErrShareClassNotFound)
	p.ToShareClass = "preferred"
	tr, err := svc.Positions.RequestConversion(ctx, tx, p)
	require.NoError(t, err)
	_, err = svc.Positions.ApproveTransfer(ctx, tx, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: investor(t, tx)})
	require.NoError(t, err)
	tr, err = complete(ctx, tx, tr.ID, "convert")
	require.NoError(t, err)
	to, err := svc.Positions.Position(ctx, tx, *tr.ToPositionID)
	require.NoError(t, err)
	require.Equal(t, "preferred", to.ShareClass)
	require.Equal(t, "25000.00", to.InvestmentAmount.String())
	require.Equal(t, "25", to.Units.String())
	require.Equal(t, "75000.00", capitalOf(t, tx, o, from))
}

// Half of the capital was returned before the transfer: the receiver's is half
// returned too, and the portfolios of both say so.
func TestTransfer_unreturnedCapital(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, seller, buyer := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx)
	from := *funded(t, tx, o, seller, "100000").PositionID
	terms, err := waterfall.ParseTerms([]byte(`{"tiers": {"capital": [{"name": "capital", "type": "return_of_capital"}, {"name": "split", "type": "split"}]}}`))
	require.NoError(t, err)
	_, err = svc.Offerings.SetTerms(ctx, tx, investments.SetTermsParams{OfferingID: o.ID, EffectiveDate: date.MustParse("2026-01-01"), Terms: terms, ActorID: staff})
	require.NoError(t, err)
	payOut(t, tx, o, "refinance", investments.DistributionRefinance, nil, "50000.01", "2026-01-20")
	tr := approvedTransfer(t, tx, from, buyer, "0.4", "2026-02-01")
	_, err = complete(ctx, tx, tr.ID, "move")
	require.NoError(t, err)
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	for who, want := range map[id.Of[auth.User]][2]string{seller: {"60000.00", "29999.99"}, buyer: {"40000.00", "20000.00"}} {
		f, err := svc.Reports.Portfolio(ctx, tx, who)
		require.NoError(t, err)
		require.Equal(t, want, [2]string{f.TotalInvested.String(), f.CurrentValue.String()})
	}
	back := approvedTransfer(t, tx, *mustTransfer(t, tx, tr.ID).ToPositionID, seller, "1", "2026-03-01")
	_, err = complete(ctx, tx, back.ID, "back")
	require.NoError(t, err)
	require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{InvestorIDs: nil, AsOf: date.MustParse("2026-12-31")}))
	f, err := svc.Reports.Portfolio(ctx, tx, seller)
	require.NoError(t, err)
	require.Equal(t, "49999.99", f.CurrentValue.String(), "nothing was lost on the way")
}

// Several clients carry out the same transfer under different keys, while
// others refund and distribute: the capital moves once.
func TestCompleteTransfer_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, seller, buyer := raise(t, db, "1000000"), investor(t, db), investor(t, db)
	from := *funded(t, db, o, seller, "100000").PositionID
	tr := approvedTransfer(t, db, from, buyer, "0.5", "2026-02-01")
	other := approvedTransfer(t, db, from, buyer, "0.5", "2026-02-01")
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 6 {
		wg.Go(func() { _, err := complete(ctx, db, tr.ID, fmt.Sprint("k", i)); errs <- err })
	}
	wg.Go(func() { _, err := complete(ctx, db, other.ID, "other"); errs <- err })
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, investments.ErrTransferStatus)
	}
	require.Equal(t, 2, won, "one of the six, and the other one")
	pos, err := svc.Positions.Position(ctx, db, from)
	require.NoError(t, err)
	require.Equal(t, "25000.00", pos.InvestmentAmount.String())
	require.Equal(t, "25000.00", capitalOf(t, db, o, from))
}

// Money dated before a transfer would have changed what the fraction moved.
func TestFund_behindTransfer(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, seller, buyer := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx)
	first := funded(t, tx, o, seller, "100000")
	more, err := svc.Commitments.Commit(ctx, tx, commitment(o, seller, "50000"))
	require.NoError(t, err)
	tr := approvedTransfer(t, tx, *first.PositionID, buyer, "0.5", "2026-02-10")
	_, err = complete(ctx, tx, tr.ID, "move")
	require.NoError(t, err)
	fund := func(on string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: on, SubscriptionID: more.ID, Date: date.MustParse(on), ActorID: staff})
			return err
		})
	}
	require.ErrorIs(t, fund("2026-02-09"), investments.ErrBehindTransfer)
	require.NoError(t, fund("2026-02-10"), "the day's transfers go before its contributions")
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.RefundContribution(ctx, tx, refund(first, "behind", "1"))
		return err
	})
	require.ErrorIs(t, err, investments.ErrBehindTransfer, "a half of it has passed on")
	_, err = svc.Commitments.RefundContribution(ctx, tx, refund(more, "fresh", "1"))
	require.NoError(t, err, "this came after the transfer")
	late := approvedTransfer(t, tx, *first.PositionID, buyer, "0.5", "2026-02-10")
	_, err = complete(ctx, tx, late.ID, "behind")
	require.ErrorIs(t, err, investments.ErrTransferBehind, "capital came in since")
}

// Two hosts whose clocks disagree by an hour take turns. What is decided by order, such
// as which receipt of a day a refund undoes first, goes by the turns.
func TestHistory_clocksDisagree(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	at := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	host := func(ahead time.Duration) *investments.Services {
		return investments.New(investments.Config{Evidence: says(accredited), Horizon: 3650, Now: func() time.Time { return at.Add(ahead) }})
	}
	fast, slow := host(time.Hour), host(0)
	o := raise(t, tx, "1000000")
	_, err := tx.NewRaw("UPDATE investments.share_classes SET unit_price = 3 WHERE opportunity_id = ? AND code = 'common'", o.ID).Exec(ctx)
	require.NoError(t, err)
	sub, err := slow.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "50000"))
	require.NoError(t, err)
	receive := func(by *investments.Services, key, amount string) {
		_, err := by.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID,
			Amount: money.MustParse(amount), Date: date.MustParse("2026-01-15"), ActorID: staff})
		require.NoError(t, err)
	}
	receive(fast, "first", "100")
	receive(slow, "second", "200")
	back := refund(sub, "back", "150")
	back.Date = date.MustParse("2026-01-20")
	_, err = slow.Commitments.RefundContribution(ctx, tx, back)
	require.NoError(t, err)
	pos, err := slow.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	// 33.333333 of the first are left whole, and 16.666666 are what 50 of the second buys.
	require.Equal(t, "49.999999", pos.Units.String())
	findings, err := slow.Positions.VerifyHistory(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Empty(t, findings)

	// Two distributions of a day: the later one goes on from the earlier.
	paid := func(by *investments.Services, key string) *investments.Distribution {
		p := declaration(o, key, "2026-01-31", "30", staff)
		d, err := by.Distributions.Declare(ctx, tx, p)
		require.NoError(t, err)
		return d
	}
	require.True(t, paid(fast, "one").CreatedAt.Before(paid(slow, "two").CreatedAt))
}
