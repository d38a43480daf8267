package faulttest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
)

// effects finds what orders have done, by kind, as (mark, times). Where a verb
// has no text of the caller's to keep, the mark is the subject's id, or an
// amount that no other order has.
var effects = map[kind]string{
	kindCommit:   "SELECT requested_amount::text, count(*) FROM investments.subscriptions GROUP BY 1",
	kindCancel:   "SELECT cancel_reason, count(*) FROM investments.subscriptions WHERE status = 'cancelled' GROUP BY 1",
	kindFund:     "SELECT reference_number, count(*) FROM investments.transactions WHERE type = 'investment' GROUP BY 1",
	kindRefund:   "SELECT reference_number, count(*) FROM investments.transactions WHERE type = 'refund' GROUP BY 1",
	kindDeclare:  "SELECT notes, count(*) FROM investments.distributions GROUP BY 1",
	kindApprove:  "SELECT source_id::text, count(*) FROM financials.journals WHERE description = 'distribution declared' AND reverses_id IS NULL GROUP BY 1",
	kindPay:      paidUnder,
	kindReissue:  paidUnder,
	kindFail:     "SELECT l.id::text, count(*) FROM financials.journals j JOIN financials.postings p ON p.journal_id = j.id JOIN investments.investor_distributions l ON l.distribution_id = j.source_id AND l.investment_id = p.subledger_id WHERE j.description = 'payment returned' GROUP BY 1",
	kindReverse:  "SELECT d.status_reason, count(*) FROM investments.distributions d JOIN financials.journals j ON j.source_id = d.id AND j.description = 'distribution reversed' GROUP BY 1",
	kindRequest:  "SELECT reason, count(*) FROM investments.transfers GROUP BY 1",
	kindAllow:    "SELECT id::text, count(*) FROM investments.transfers WHERE approved_by IS NOT NULL GROUP BY 1",
	kindComplete: "SELECT metadata->>'transfer_id', count(*) FROM investments.transactions WHERE type = 'transfer_in' GROUP BY 1",
	kindPost:     "SELECT description, count(*) FROM financials.journals GROUP BY 1",
}

const paidUnder = "SELECT reference_number, count(DISTINCT command_id) FROM investments.transactions WHERE type = 'distribution' AND reverses_id IS NULL GROUP BY 1"

// mark is how the database shows an order.
func (o *order) mark() string {
	switch o.Kind {
	case kindCommit:
		return o.Amount.String()
	case kindApprove, kindAllow, kindComplete, kindFail:
		return o.Subject
	}
	return o.Mark
}

// check compares the journals with the database, order by order: what was
// acknowledged is there once, what was refused is not there, and what has no
// answer is there once or not at all. It returns what is otherwise.
func check(ctx context.Context, db bun.IDB, j *journal) (wrong []string, err error) {
	seen := map[kind]map[string]int{}
	for k, query := range effects {
		var rows []struct {
			Mark  string
			Times int
		}
		if err := db.NewRaw("SELECT COALESCE(mark, '') AS mark, times FROM ("+query+") AS e (mark, times)").Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("effects of %s: %w", k, err)
		}
		seen[k] = map[string]int{}
		for _, r := range rows {
			seen[k][r.Mark] = r.Times
		}
	}
	for n, o := range j.orders {
		times, a := seen[o.Kind][o.mark()], j.answers[n]
		switch {
		case a == nil && times <= 1, a != nil && a.Refused != "" && times == 0, a != nil && a.Refused == "" && a.Lost == "" && times == 1:
		case a == nil:
			wrong = append(wrong, fmt.Sprintf("%s %d has no answer and was done %d times", o.Kind, n, times))
		default:
			wrong = append(wrong, fmt.Sprintf("%s %d was answered %+v and done %d times", o.Kind, n, *a, times))
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// sums compares the offerings' caches and the books with what the clients have
// in mind when every order is answered.
func sums(t *testing.T, db *bun.DB, p *plan, j *journal) {
	t.Helper()
	w := (&world{t: t, db: db, p: platform()})
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
		case kindFund:
			add(&cash[o.Deal], o.Amount)
		case kindRefund:
			add(&committed[o.Deal], o.Amount.Neg())
			add(&cash[o.Deal], o.Amount.Neg())
		case kindPay, kindReissue:
			add(&cash[o.Deal], o.Amount.Neg())
		case kindFail:
			add(&cash[o.Deal], a.Amount)
		case kindPost:
			add(&own[o.Deal], o.Amount)
		}
	}
	for i, d := range p.Deals {
		o, err := w.p.Investments.Offering(t.Context(), db, d.Offering)
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
// journals say, once, in sums and in every invariant. Nobody else is at work on a
// server that is alone: there every journal can be sealed.
func settled(t *testing.T, db *bun.DB, p *plan, alone bool) {
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
	w := &world{t: t, db: db, p: platform()}
	for _, d := range p.Deals { // what the load has left
		for more := true; more; {
			s, err := w.p.Ledger.Seal(t.Context(), db, d.Book, 0)
			require.NoError(t, err)
			more = s != nil
		}
		r, err := w.p.Ledger.Verify(t.Context(), db, d.Book)
		require.NoError(t, err)
		require.True(t, r.OK(), "%+v", r)
		if alone {
			require.Zero(t, r.Unsealed)
			require.Positive(t, r.Sealed)
		}
	}
	w.verify()
}
