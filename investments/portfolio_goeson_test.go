package investments_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// payer declares, approves and pays one distribution after the other.
type payer struct {
	*testing.T
	o                 *investments.Offering
	creator, approver id.Of[auth.User]
	day               date.Date
	n                 int
}

// approved declares and approves the next distribution.
func (p *payer) approved(db bun.IDB) *investments.Distribution {
	p.Helper()
	p.n++
	p.day = p.day.AddDays(5)
	d, err := newService().Distributions.Declare(p.Context(), db, declaration(p.o, fmt.Sprint("d", p.n), p.day.String(), "1000", p.creator))
	require.NoError(p, err)
	_, err = newService().Distributions.Approve(p.Context(), db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: p.approver})
	require.NoError(p, err)
	return d
}

func (p *payer) pay(ctx context.Context, db bun.IDB, d *investments.Distribution, on date.Date) error {
	_, err := newService().Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: d.ID.String(), DistributionID: d.ID, Date: on, Method: investments.PayACH, Reference: "batch", ActorID: staff})
	return err
}

// A payment reads of the payees' movements what came since the one before, however many
// there were: the thirtieth reads no more than the second.
func TestPay_readsWhatIsNew(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	o, creator := loaded(t, db, 20)
	p := &payer{T: t, o: o, creator: creator, approver: investor(t, db), day: date.MustParse("2026-01-15")}
	read := func() int64 {
		d := p.approved(db)
		var before, after int64
		require.NoError(t, store.InTx(t.Context(), db, func(tx bun.IDB) error {
			const read = `SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'investments.capital_movements'::regclass`
			if _, err := tx.ExecContext(t.Context(), "SET LOCAL enable_seqscan = off"); err != nil { // the plans of a larger table
				return err
			}
			if err := tx.NewRaw(read).Scan(t.Context(), &before); err != nil {
				return err
			}
			if err := p.pay(t.Context(), tx, d, p.day); err != nil {
				return err
			}
			return tx.NewRaw(read).Scan(t.Context(), &after)
		}))
		return after - before
	}
	read()
	second := read()
	for range 27 {
		read()
	}
	require.Equal(t, second, read())
	require.LessOrEqual(t, second, int64(20*7))
	found, err := newService().Reports.VerifyPortfolios(t.Context(), db)
	require.NoError(t, err)
	require.Empty(t, found)
}

// What a portfolio goes on from is what it would begin with anew, whatever came between:
// payments while later distributions are declared, one that is reversed, an earlier day, a
// position that is no longer there, and what can't be read.
func TestPay_goesOn(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, creator := loaded(t, db, 3)
	p := &payer{T: t, o: o, creator: creator, approver: investor(t, db), day: date.MustParse("2026-01-15")}
	dump := func(db bun.IDB) (out []string) {
		require.NoError(t, db.NewRaw(`SELECT (to_jsonb(f) - '{updated_at,last_calculated_at}'::text[])::text FROM investments.investor_portfolios f ORDER BY investor_id`).Scan(ctx, &out))
		return out
	}
	same := func(what string) {
		t.Helper()
		on := dump(db)
		require.Len(t, on, 3)
		var asOf date.Date
		require.NoError(t, db.NewRaw("SELECT max(as_of) FROM investments.investor_portfolios WHERE folded IS NOT NULL").Scan(ctx, &asOf))
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		defer func() { require.NoError(t, tx.Rollback()) }()
		require.NoError(t, svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{AsOf: asOf}))
		require.Equal(t, dump(tx), on, what)
		found, err := svc.Reports.VerifyPortfolios(ctx, tx)
		require.NoError(t, err)
		require.Empty(t, found, what)
	}
	paid := func(d *investments.Distribution) {
		t.Helper()
		require.NoError(t, p.pay(ctx, db, d, d.DistributionDate))
	}
	paid(p.approved(db))
	same("the first")
	second, third := p.approved(db), p.approved(db)
	paid(second)
	same("while a later one is declared")
	paid(third)
	same("the later one")
	_, err := reverse(ctx, db, svc.Distributions, investments.ReverseDistributionParams{ActorID: p.approver, IdempotencyKey: "back", DistributionID: third.ID, Date: third.DistributionDate, Reason: "wrong"})
	require.NoError(t, err)
	paid(p.approved(db))
	same("after a reversal")

	fourth := p.approved(db)
	early := second.DistributionDate
	_, err = svc.Distributions.Pay(ctx, db, investments.PayParams{IdempotencyKey: "early", DistributionID: fourth.ID, Date: fourth.DistributionDate, Method: investments.PayACH,
		Portfolios: investments.Portfolios{AsOf: &early}, ActorID: staff})
	require.NoError(t, err)
	same("as of an earlier day")
	paid(p.approved(db))
	same("and on from there")

	for name, spoil := range map[string]string{
		"what can't be read":                  `UPDATE investments.investor_portfolios SET folded = '\x00'`,
		"numbers that are none":               `UPDATE investments.investor_portfolios SET folded_numbers = '[]'`,
		"what is kept is not there":           `UPDATE investments.investor_portfolios SET folded = NULL, folded_numbers = NULL`,
		"a position that is no longer theirs": `UPDATE investments.investor_portfolios SET folded_numbers = folded_numbers || jsonb_build_object(gen_random_uuid()::text, 1)`,
	} {
		_, err := db.ExecContext(ctx, spoil)
		require.NoError(t, err)
		paid(p.approved(db))
		same(name)
	}
}
