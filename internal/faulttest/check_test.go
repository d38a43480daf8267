package faulttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
)

// mark is how the database shows an order.
func (o *order) mark() string {
	switch o.Kind {
	case kindCommit:
		return o.Amount.String()
	case kindApprove, kindAllow, kindComplete, kindFail, kindConfirm:
		return o.Subject
	}
	return o.Mark
}

// check compares the journals with the database, order by order: what was
// acknowledged is there once, what was refused is not there, and what has no
// answer is there once or not at all; and each with its events. It returns what
// is otherwise.
func check(ctx context.Context, db bun.IDB, j *journal) (wrong []string, err error) {
	seen := map[kind][]map[string]int{}
	for k, queries := range effects {
		for _, query := range queries {
			var rows []struct {
				Mark  string
				Times int
			}
			if err := db.NewRaw("SELECT COALESCE(mark, '') AS mark, times FROM ("+query+") AS e (mark, times)").Scan(ctx, &rows); err != nil {
				return nil, fmt.Errorf("effects of %s: %w", k, err)
			}
			times := map[string]int{}
			for _, r := range rows {
				times[r.Mark] = r.Times
			}
			seen[k] = append(seen[k], times)
		}
	}
	for n, o := range j.orders {
		times, a := seen[o.Kind][0][o.mark()], j.answers[n]
		switch {
		case a == nil && times <= 1, a != nil && a.Refused != "" && times == 0, a != nil && a.Refused == "" && a.Lost == "" && times == 1:
		case a == nil:
			wrong = append(wrong, fmt.Sprintf("%s %d has no answer and was done %d times", o.Kind, n, times))
		default:
			wrong = append(wrong, fmt.Sprintf("%s %d was answered %+v and done %d times", o.Kind, n, *a, times))
		}
		for i, also := range seen[o.Kind][1:] {
			if told := also[o.mark()]; told != times {
				wrong = append(wrong, fmt.Sprintf("%s %d was done %d times, and effect %d is there %d times", o.Kind, n, times, i+1, told))
			}
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// sums compares the offerings' caches and the books with what the clients have
// in mind when every order is answered.
func sums(t *testing.T, db *bun.DB, p *plan, j *journal) {
	t.Helper()
	w := (&world{&recipes.World{T: t, DB: db, P: platform()}})
	committed, cash, own := make([]money.Amount, len(p.Deals)), make([]money.Amount, len(p.Deals)), make([]money.Amount, len(p.Deals))
	add := func(to *money.Amount, v money.Amount) {
		var err error
		*to, err = to.Add(v)
		require.NoError(t, err)
	}
	for i, d := range p.Deals {
		if !d.Tight {
			add(&committed[i], money.MustParse("75000"))
			add(&cash[i], money.MustParse("75000"))
		}
	}
	for n, o := range j.orders {
		a := j.answers[n]
		require.NotNil(t, a, "order %d has no answer", n)
		if a.Refused != "" {
			continue
		}
		switch o.Kind {
		case kindCommit:
			add(&committed[o.Deal], o.Amount)
		case kindCancel:
			add(&committed[o.Deal], o.Amount.Neg())
		case kindFund, kindReceipts:
			add(&cash[o.Deal], o.Amount)
		case kindRefund:
			add(&committed[o.Deal], o.Amount.Neg())
			add(&cash[o.Deal], o.Amount.Neg())
		case kindPay, kindConfirm, kindReissue:
			add(&cash[o.Deal], o.Amount.Neg())
		case kindFail:
			add(&cash[o.Deal], a.Amount)
		case kindPost:
			add(&own[o.Deal], o.Amount)
		}
	}
	for i, d := range p.Deals {
		o, err := w.P.Offerings.Offering(t.Context(), db, d.Offering)
		require.NoError(t, err)
		require.Equal(t, committed[i].String(), o.CommittedAmount.String(), "committed to deal %d", i)
		w.balance(o, investments.AccountCash, cash[i].String())
		w.balance(o, "9000", own[i].String())
	}
}

// tally counts the orders of each kind that were done and that were refused.
func tally(j *journal) (done, refused map[kind]int, lost []string) {
	done, refused = map[kind]int{}, map[kind]int{}
	for n, a := range j.answers {
		switch k := j.orders[n].Kind; {
		case a.Lost != "":
			lost = append(lost, fmt.Sprintf("%s %d: %s", k, n, a.Lost))
		case a.Refused != "":
			refused[k]++
		default:
			done[k]++
		}
	}
	return done, refused, lost
}

// settled requires of a load that has come to its end that all is as the
// journals say, once, in sums and in every invariant, and every journal sealed.
func settled(t *testing.T, db *bun.DB, p *plan) {
	t.Helper()
	j, err := readJournals(p.Dir)
	require.NoError(t, err)
	done, refused, lost := tally(j)
	t.Log(len(j.answers), "commands; done", done, "refused", refused)
	require.Empty(t, lost, "errors that are no answer")
	wrong, err := check(t.Context(), db, j)
	require.NoError(t, err)
	require.Empty(t, wrong)
	for k := range effects {
		require.Positive(t, done[k], "%s was never done", k)
	}
	sums(t, db, p, j)
	tellsNoMore(t, db, p, done)
	w := &world{&recipes.World{T: t, DB: db, P: platform()}}
	for _, d := range p.Deals { // what the load has left
		for more := true; more; {
			s, err := w.P.Ledger.Seal(t.Context(), db, ledger.SealParams{BookID: d.Book})
			require.NoError(t, err)
			more = s != nil
		}
		r, err := w.P.Ledger.Verify(t.Context(), db, d.Book)
		require.NoError(t, err)
		require.True(t, r.OK(), "%+v", r)
		require.Zero(t, r.Unsealed)
		var journals int // a deal may have seen no money
		require.NoError(t, db.NewRaw("SELECT count(*) FROM financials.journals WHERE book_id = ?", d.Book).Scan(t.Context(), &journals))
		require.Equal(t, journals > 0, r.Sealed > 0)
	}
	w.verify()
}
