package investments_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// invariantsHold checks every invariant of this package.
func invariantsHold(t *testing.T, db bun.IDB) {
	t.Helper()
	for _, i := range investments.Invariants() {
		var rows []struct{ Row, Detail string }
		require.NoError(t, db.NewRaw(`SELECT "row", detail FROM (`+i.Query+`) AS v ("row", detail)`).Scan(t.Context(), &rows), i.Name)
		require.Empty(t, rows, i.Name)
	}
}

// owes is what everybody owes of an offering, by position.
func owes(t *testing.T, db bun.IDB, o id.Of[investments.Offering]) map[id.Of[investments.Position]]string {
	t.Helper()
	list, err := newService().Distributions.Recoverables(t.Context(), db, o, page.Request{})
	require.NoError(t, err)
	out := map[id.Of[investments.Position]]string{}
	for _, r := range list.Items {
		if r.PositionID != nil {
			out[*r.PositionID] = r.Owed.String()
		}
	}
	return out
}

// overpaid is a deal whose B was wired for at the same time as A, which was booked
// only after a refinancing of 60,000 had gone to A alone, and A has left since.
func overpaid(t *testing.T) *deal {
	t.Helper()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	d.pay(payout{kind: investments.DistributionRefinance, amount: "60000", day: "2021-03-01"})
	require.NoError(t, d.passes("a", "c", "1", "2021-04-01"))
	d.wires("b", "100000", "2021-01-10")
	return d
}

func (d *deal) bill(p investments.DeclareParams) *investments.Distribution {
	d.Helper()
	p.IdempotencyKey, p.OfferingID, p.ActorID = d.key(), d.o.ID, d.staff[0]
	if p.Type == "" {
		p.Type = investments.DistributionQuarterly
	}
	if p.Amount.IsZero() {
		p.Amount = money.MustParse("0.02") // which who holds get, 0.01 each
	}
	v, err := d.svc.Distributions.Declare(d.Context(), d.db, p)
	require.NoError(d, err)
	require.NoError(d, d.approves(v))
	return v
}

// Who got too much and has left is billed, who got too little is made whole at once,
// and the next distribution knows of nothing to be made good.
func TestBill(t *testing.T) {
	t.Parallel()
	d := overpaid(t)
	_, err := d.declares(payout{amount: "1000", day: "2021-06-01"})
	require.ErrorIs(t, err, investments.ErrHistoryChanged)
	v := d.bill(investments.DeclareParams{Date: date.MustParse("2021-06-01"), Type: investments.DistributionRefinance, TrueUp: true, Bill: true})
	require.Equal(t, "0.02", v.TotalAmount.String())
	lines := d.lines(v)
	require.Equal(t, map[string]string{"a": "-30000.00", "b": "30000.01", "c": "0.01"}, lines)
	require.Equal(t, map[id.Of[investments.Position]]string{d.position("a"): "30000.00"}, owes(t, d.db, d.o.ID))
	require.Equal(t, "30000.00", balances(t, d.db, d.o)[investments.AccountRecovery])
	require.NoError(t, d.pays(v, "2021-06-02"))
	require.Equal(t, "30000.00", positionOf(t, d.db, d.position("a")).TotalDistributions.String())
	review, err := d.svc.Distributions.Review(t.Context(), d.db, d.o.ID)
	require.NoError(t, err)
	require.Empty(t, review.TrueUp)
	invariantsHold(t, d.db)

	next, err := d.declares(payout{amount: "1000", day: "2021-07-01"})
	require.NoError(t, err, "nothing blocks the offering")
	require.Equal(t, "0.00", d.account("a", "2021-01-01", "2021-12-31").Closing.String(), "who has left has no account left")
	require.Equal(t, "69999.99", d.account("c", "2021-01-01", "2021-12-31").Closing.String(), "who holds now takes the place")
	require.Equal(t, "71095.89", d.balance("c", "2021-06-30").Unreturned.String())
	require.Equal(t, "71095.89", d.portfolio("c", "2021-06-30").CurrentValue.String())
	require.Equal(t, map[string]string{"b": "500.00", "c": "500.00"}, d.lines(next))

	// What was billed and paid back in part is not reversed; until then it is.
	reverse := func() error {
		return store.InTx(t.Context(), d.db, func(tx bun.IDB) error {
			_, err := reverse(t.Context(), tx, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: v.ID,
				Date: date.MustParse("2021-07-01"), Reason: "in error", ActorID: d.staff[1]})
			return err
		})
	}
	_, err = d.svc.Distributions.Cancel(t.Context(), d.db, investments.CancelDistributionParams{DistributionID: next.ID, Reason: "x", ActorID: d.staff[0]})
	require.NoError(t, err)
	a := d.position("a")
	_, err = d.svc.Distributions.RecordRecovery(t.Context(), d.db, investments.RecordRecoveryParams{IdempotencyKey: d.key(), ActorID: d.staff[1], OfferingID: d.o.ID, PositionID: &a,
		Amount: money.MustParse("10000"), Date: date.MustParse("2021-06-10")})
	require.NoError(t, err)
	require.ErrorIs(t, reverse(), investments.ErrBillSettled)
	invariantsHold(t, d.db)
}

// A bill that nobody has paid is undone with its distribution.
func TestBill_reversed(t *testing.T) {
	t.Parallel()
	d := overpaid(t)
	v := d.bill(investments.DeclareParams{Date: date.MustParse("2021-06-01"), TrueUp: true, Bill: true, Amount: money.MustParse("100")})
	_, err := reverse(t.Context(), d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: v.ID,
		Date: date.MustParse("2021-06-02"), Reason: "in error", ActorID: d.staff[1]})
	require.NoError(t, err)
	require.Empty(t, owes(t, d.db, d.o.ID))
	require.Equal(t, "60000.00", positionOf(t, d.db, d.position("a")).TotalDistributions.String())
	require.Equal(t, "40000.00", d.account("a", "2021-01-01", "2021-12-31").TransfersOut.String())
	require.Equal(t, "40000.00", d.account("c", "2021-01-01", "2021-12-31").Closing.String())
	invariantsHold(t, d.db)
}

func TestBill_needsTrueUp(t *testing.T) {
	t.Parallel()
	d := overpaid(t)
	p := investments.DeclareParams{IdempotencyKey: "x", OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-06-01"), ActorID: d.staff[0]}
	for field, change := range map[string]func(*investments.DeclareParams){
		"bill":   func(p *investments.DeclareParams) { p.Bill, p.Amount = true, money.MustParse("1") },
		"amount": func(p *investments.DeclareParams) { p.TrueUp = true },
	} {
		q := p
		change(&q)
		_, err := d.svc.Distributions.Declare(t.Context(), d.db, q)
		require.Contains(t, codes(err), field)
	}
}

// A distribution was declared to the wrong holders; the corrected one sets off what
// they were paid, names what it puts right, and moves no cash that need not move.
func TestSetOff(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	wrong := d.pay(payout{amount: "1000", day: "2021-03-31"})
	d.wires("b", "100000", "2021-01-10")
	standing := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-04-02"),
		Amount: money.MustParse("1"), CorrectsID: &wrong.ID, ActorID: d.staff[0], TrueUp: true}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Distributions.Declare(t.Context(), tx, standing); return err }), investments.ErrCorrects)
	_, err := reverse(t.Context(), d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: wrong.ID,
		Date: date.MustParse("2021-04-01"), Reason: "b was left out", ActorID: d.staff[1]})
	require.NoError(t, err)
	a := d.position("a")
	require.Equal(t, map[id.Of[investments.Position]]string{a: "1000.00"}, owes(t, d.db, d.o.ID))

	right := d.bill(investments.DeclareParams{Date: date.MustParse("2021-04-02"), Amount: money.MustParse("1000"), SetOff: true, CorrectsID: &wrong.ID})
	require.Equal(t, wrong.ID, *right.CorrectsID)
	line := linesBy(t, d.db, right.ID)[a.String()]
	require.Equal(t, []string{"500.00", "500.00", "0.00"}, []string{line.DistributionAmount.String(), line.SetOff.String(), line.NetDistribution.String()})
	require.Equal(t, map[id.Of[investments.Position]]string{a: "500.00"}, owes(t, d.db, d.o.ID))
	require.Equal(t, "500.00", balances(t, d.db, d.o)[investments.AccountRecovery])
	require.NoError(t, d.pays(right, "2021-04-02"))
	require.Equal(t, "198500.00", balances(t, d.db, d.o)[investments.AccountCash], "1,000 and then 500 went out")
	acct := d.account("a", "2021-01-01", "2021-12-31")
	require.Equal(t, []string{"500.00", "500.00"}, []string{acct.Paid.String(), acct.Recovered.String()}, "the gross, and the recovery beside it")
	require.Equal(t, "99500.00", acct.Closing.String())
	invariantsHold(t, d.db)

	// Undone, it is owed again.
	_, err = reverse(t.Context(), d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: right.ID,
		Date: date.MustParse("2021-04-03"), Reason: "again", ActorID: d.staff[1]})
	require.NoError(t, err)
	require.Equal(t, "1500.00", balances(t, d.db, d.o)[investments.AccountRecovery], "1,000 of a, and 500 that b got")
	require.Equal(t, map[id.Of[investments.Position]]string{a: "1000.00", d.position("b"): "500.00"}, owes(t, d.db, d.o.ID))
	invariantsHold(t, d.db)
}

// What is set off may have come back in cash before the approval.
func TestSetOff_paidBackSince(t *testing.T) {
	t.Parallel()
	d := open(t, standardTerms)
	d.wires("a", "100000", "2021-01-10")
	wrong := d.pay(payout{amount: "1000", day: "2021-03-31"})
	_, err := reverse(t.Context(), d.db, d.svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: d.key(), DistributionID: wrong.ID,
		Date: date.MustParse("2021-04-01"), Reason: "in error", ActorID: d.staff[1]})
	require.NoError(t, err)
	p := investments.DeclareParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, Type: investments.DistributionQuarterly, Date: date.MustParse("2021-04-02"),
		Amount: money.MustParse("600"), SetOff: true, ActorID: d.staff[0]}
	first, err := d.svc.Distributions.Declare(t.Context(), d.db, p)
	require.NoError(t, err)
	p.IdempotencyKey = d.key()
	second, err := d.svc.Distributions.Declare(t.Context(), d.db, p)
	require.NoError(t, err)
	a := d.position("a")
	require.Equal(t, "600.00", linesBy(t, d.db, first.ID)[a.String()].SetOff.String())
	require.Equal(t, "400.00", linesBy(t, d.db, second.ID)[a.String()].SetOff.String(), "the other has claimed the rest")
	_, err = d.svc.Distributions.RecordRecovery(t.Context(), d.db, investments.RecordRecoveryParams{IdempotencyKey: d.key(), ActorID: d.staff[1], OfferingID: d.o.ID, PositionID: &a,
		Amount: money.MustParse("1000"), Date: date.MustParse("2021-04-02")})
	require.NoError(t, err)
	require.ErrorIs(t, d.approves(first), investments.ErrOverRecovered)
	invariantsHold(t, d.db)
}

// The sponsor pays in the place of who has left.
func TestRecordRecovery_borneBySponsor(t *testing.T) {
	t.Parallel()
	d := overpaid(t)
	d.bill(investments.DeclareParams{Date: date.MustParse("2021-06-01"), TrueUp: true, Bill: true})
	a := d.position("a")
	sponsor, other := heldBy(t, d.db, investor(t, d.db), true), heldBy(t, d.db, investor(t, d.db), false)
	p := investments.RecordRecoveryParams{IdempotencyKey: d.key(), ActorID: d.staff[1], OfferingID: d.o.ID, PositionID: &a, BorneBy: &other.ID, Amount: money.MustParse("30000"), Date: date.MustParse("2021-06-10")}
	require.ErrorIs(t, attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Distributions.RecordRecovery(t.Context(), tx, p); return err }), investments.ErrBearer)
	p.BorneBy = &sponsor.ID
	got, err := d.svc.Distributions.RecordRecovery(t.Context(), d.db, p)
	require.NoError(t, err)
	require.Len(t, got.Lines, 1)
	require.Empty(t, owes(t, d.db, d.o.ID))
	var told struct {
		Account     id.Of[investments.Account]
		Description string
	}
	require.NoError(t, d.db.NewRaw(`SELECT account_id AS account, description FROM investments.transactions WHERE command_id = ?`, got.ID).Scan(t.Context(), &told))
	require.Equal(t, sponsor.ID, told.Account)
	require.Equal(t, "borne by the sponsor: paid back of a distribution", told.Description)
	invariantsHold(t, d.db)
}

func (d *deal) writeOff(amount string) investments.RequestWriteOffParams {
	a := d.position("a")
	return investments.RequestWriteOffParams{IdempotencyKey: d.key(), OfferingID: d.o.ID, PositionID: &a, Amount: money.MustParse(amount), Date: date.MustParse("2021-06-20"),
		Reason: "cannot be found", ActorID: d.staff[0]}
}

// What is written off is agreed to by somebody else, booked as an expense, and in
// the history of the position.
func TestWriteOff(t *testing.T) {
	t.Parallel()
	d := overpaid(t)
	ctx := t.Context()
	d.bill(investments.DeclareParams{Date: date.MustParse("2021-06-01"), TrueUp: true, Bill: true})
	request := func(p investments.RequestWriteOffParams) error {
		return attempt(t, d.db, func(tx bun.IDB) error { _, err := d.svc.Capital.RequestWriteOff(ctx, tx, p); return err })
	}
	p := d.writeOff("30000.01")
	require.ErrorIs(t, request(p), investments.ErrOverRecovered)
	p.Amount, p.Date = money.MustParse("20000"), date.MustParse("2021-05-31")
	require.ErrorIs(t, request(p), investments.ErrReversalDate)
	p.Date, p.ActorID = date.MustParse("2021-06-20"), d.person("a")
	require.ErrorIs(t, request(p), investments.ErrActorParty, "who owes asks for nothing")
	p.ActorID = d.staff[0]
	w, err := d.svc.Capital.RequestWriteOff(ctx, d.db, p)
	require.NoError(t, err)
	again, err := d.svc.Capital.RequestWriteOff(ctx, d.db, p)
	require.NoError(t, err)
	require.Equal(t, w.ID, again.ID)
	require.Equal(t, "30000.00", balances(t, d.db, d.o)[investments.AccountRecovery], "nothing is given up yet")

	approve := func(by id.Of[auth.User]) error {
		return attempt(t, d.db, func(tx bun.IDB) error {
			_, err := d.svc.Capital.ApproveWriteOff(ctx, tx, investments.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: by})
			return err
		})
	}
	require.ErrorIs(t, approve(d.staff[0]), investments.ErrSecondPerson)
	require.ErrorIs(t, approve(d.person("a")), investments.ErrActorParty)
	require.NoError(t, approve(d.staff[1]))
	require.NoError(t, approve(d.staff[1]), "the same again changes nothing")
	require.ErrorIs(t, approve(investor(t, d.db)), investments.ErrWriteOffDecided)
	books := balances(t, d.db, d.o)
	require.Equal(t, []string{"10000.00", "20000.00"}, []string{books[investments.AccountRecovery], books[investments.AccountWrittenOff]})
	require.Equal(t, "20000.00", d.account("a", "2021-01-01", "2021-12-31").WrittenOff.String())
	require.Equal(t, map[id.Of[investments.Position]]string{d.position("a"): "10000.00"}, owes(t, d.db, d.o.ID))

	second, err := d.svc.Capital.RequestWriteOff(ctx, d.db, d.writeOff("10000"))
	require.NoError(t, err)
	second, err = d.svc.Capital.RejectWriteOff(ctx, d.db, investments.RejectWriteOffParams{WriteOffID: second.ID, ActorID: d.staff[1], Reason: "they were found"})
	require.NoError(t, err)
	require.Equal(t, investments.WriteOffRejected, second.Status)
	list, err := d.svc.Capital.WriteOffs(ctx, d.db, investments.WriteOffFilter{OfferingID: &d.o.ID, Status: investments.WriteOffApproved}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	invariantsHold(t, d.db)
}

// billed is an offering on a database of its own whose first position owes 500.
func billed(t *testing.T, db *bun.DB) (o *investments.Offering, who id.Of[investments.Position]) {
	t.Helper()
	o, _, subs := promoted(t, db)
	d := paid(t, db, o, "billed", "2026-04-15", "1000")
	reversed(t, db, d, "2026-04-20")
	return o, *subs[0].PositionID
}

// Ended at every statement inside a caller's transaction they leave nothing.
func TestDebtVerbs_cancelledAtEveryStatement(t *testing.T) {
	t.Parallel()
	db, svc := pgtest.Clone(t), newService()
	o, who := billed(t, db)
	one, two := investor(t, db), investor(t, db)
	p := investments.RequestWriteOffParams{IdempotencyKey: "first", OfferingID: o.ID, PositionID: &who, Amount: money.MustParse("5"), Date: date.MustParse("2026-05-01"), Reason: "x", ActorID: one}
	w, err := svc.Capital.RequestWriteOff(t.Context(), db, p)
	require.NoError(t, err)
	set := declaration(o, "set off", "2026-05-01", "100", one)
	set.SetOff = true
	waits, err := svc.Distributions.Declare(t.Context(), db, set)
	require.NoError(t, err)
	cancelEverywhere(t, db, map[string]func(context.Context, bun.IDB) error{
		"request": func(ctx context.Context, tx bun.IDB) error {
			q := p
			q.IdempotencyKey = "x"
			_, err := svc.Capital.RequestWriteOff(ctx, tx, q)
			return err
		},
		"approve": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.ApproveWriteOff(ctx, tx, investments.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: two})
			return err
		},
		"reject": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Capital.RejectWriteOff(ctx, tx, investments.RejectWriteOffParams{WriteOffID: w.ID, ActorID: two, Reason: "x"})
			return err
		},
		"set off": func(ctx context.Context, tx bun.IDB) error {
			_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: waits.ID, ActorID: two})
			return err
		},
	})
}

// A debt is settled once, whoever is first: cash, a write-off, a set-off.
func TestDebtVerbs_atOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who := billed(t, db)
	one, two := investor(t, db), investor(t, db)
	owed := owes1(t, db, o, who)
	p := investments.RequestWriteOffParams{IdempotencyKey: "x", OfferingID: o.ID, PositionID: &who, Amount: owed, Date: date.MustParse("2026-05-01"), Reason: "x", ActorID: one}
	w, err := svc.Capital.RequestWriteOff(ctx, db, p)
	require.NoError(t, err)
	set := declaration(o, "set off", "2026-05-01", "5000", one)
	set.SetOff = true
	waits, err := svc.Distributions.Declare(ctx, db, set)
	require.NoError(t, err)
	verbs := []func() error{
		func() error {
			_, err := svc.Capital.ApproveWriteOff(ctx, db, investments.ApproveWriteOffParams{WriteOffID: w.ID, ActorID: two})
			return err
		},
		func() error {
			_, err := svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: waits.ID, ActorID: two})
			return err
		},
		func() error {
			_, err := svc.Distributions.RecordRecovery(ctx, db, investments.RecordRecoveryParams{IdempotencyKey: "cash", ActorID: two, OfferingID: o.ID, PositionID: &who, Amount: owed, Date: date.MustParse("2026-05-01")})
			return err
		},
	}
	errs := make([]error, len(verbs))
	var wg sync.WaitGroup
	for i, verb := range verbs {
		wg.Go(func() { errs[i] = verb() })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
			continue
		}
		require.ErrorIs(t, err, investments.ErrOverRecovered)
	}
	require.Equal(t, 1, done)
	_, left := owes(t, db, o.ID)[who]
	require.False(t, left)
}

func owes1(t *testing.T, db bun.IDB, o *investments.Offering, who id.Of[investments.Position]) money.Amount {
	t.Helper()
	list, err := newService().Distributions.Recoverables(t.Context(), db, o.ID, page.Request{})
	require.NoError(t, err)
	for _, r := range list.Items {
		if r.PositionID != nil && *r.PositionID == who {
			return r.Owed
		}
	}
	return money.Zero
}
