package investments_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// lineAsOf is the documented statement that reads a line as of a time: the one of the
// comment in the migration, in whose place a line's id and a time are put.
func lineAsOf(t *testing.T) string {
	t.Helper()
	sql, err := os.ReadFile("../migrations/sql/0015_history.up.sql")
	require.NoError(t, err)
	_, text, found := strings.Cut(string(sql), "what it said before:\n--\n")
	require.True(t, found)
	text, _, _ = strings.Cut(text, "\n\n")
	return strings.NewReplacer("-- ", "", "$1", "?0", "$2", "?1").Replace(text)
}

// A line that is paid straight away leaves no history row, and one that is handed to the
// bank, fails, is tried again, comes back or is reversed does; all are read as they were at
// any time.
func TestLinesAsOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		verbs    string
		versions int
	}{
		"pending":                 {"", 0},
		"paid":                    {"pay", 0},
		"paid and came back":      {"pay fail", 1},
		"paid and reversed":       {"pay reverse", 1},
		"paid again":              {"pay fail again confirm", 3},
		"handed to the bank":      {"process", 1},
		"arrived":                 {"process confirm", 2},
		"refused, and once more":  {"process fail again confirm", 4},
		"reversed before payment": {"reverse", 1},
		"changed, and then paid":  {"change pay", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newLinePast(t)
			seen := []investments.DistributionLine{x.present()}
			for _, verb := range strings.Fields(c.verbs) {
				require.NoError(t, x.do(verb, fmt.Sprint(verb, len(seen))), verb)
				seen = append(seen, x.present())
			}
			require.Equal(t, c.versions, x.versions())
			require.Empty(t, x.at(seen[0].CreatedAt.Add(-time.Microsecond)), "before it was declared")
			for i, v := range seen {
				require.Equal(t, []investments.DistributionLine{v}, x.at(v.UpdatedAt), "version %d", i)
				if i+1 < len(seen) {
					require.Equal(t, []investments.DistributionLine{v}, x.at(seen[i+1].UpdatedAt.Add(-time.Microsecond)), "until %d", i+1)
				}
			}
		})
	}
}

// Nothing is taken for the payment of a line that is none: the change of a line that came with
// its own past, one without a version, one of more than the payment, and one of no cash.
func TestLinesAsOf_otherChanges(t *testing.T) {
	t.Parallel()
	const pay = "payment_status = 'completed', payment_date = '2026-04-16'"
	for name, q := range map[string][2]string{
		"without a version":  {"", pay},
		"with a reason":      {"", pay + ", adjustment_reason = 'x', version = 2"},
		"at another attempt": {"", pay + ", payment_attempt = 2, version = 2"},
		"of what failed":     {"", pay + ", failure_reason = 'x', version = 2"},
		"to another state":   {"", "payment_status = 'sent', version = 2"},
		"of no cash":         {"tax_withholding = distribution_amount, net_distribution = 0", pay + ", version = 2"},
		"second":             {"adjustment_reason = 'x', version = 2", pay + ", version = 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newLinePast(t)
			versions := 1
			if q[0] != "" {
				x.set(q[0])
				versions = 2
			}
			was := x.present()
			x.set(q[1])
			require.Equal(t, versions, x.versions())
			require.Equal(t, []investments.DistributionLine{was}, x.at(was.UpdatedAt))
		})
	}

	x := newLinePast(t)
	_, err := x.tx.ExecContext(t.Context(), `INSERT INTO investments.investor_distributions (distribution_id, property_id, investor_id, role, distribution_amount, net_distribution,
			payment_status, payment_date, created_at)
		SELECT distribution_id, property_id, investor_id, 'fee', 5, 5, 'completed', '2020-01-15', '2020-01-01' FROM investments.investor_distributions WHERE id = ?`, x.line)
	require.NoError(t, err)
	require.NoError(t, x.tx.NewRaw("SELECT id FROM investments.investor_distributions WHERE role = 'fee'").Scan(t.Context(), &x.line))
	require.Empty(t, x.at(date.MustParse("2020-02-01").Time(time.UTC)), "it came as it is")
	require.Len(t, x.at(x.present().UpdatedAt), 1)
}

// linePast is a line of an approved distribution, of which the past is read.
type linePast struct {
	*testing.T
	tx           bun.IDB
	distribution id.Of[investments.Distribution]
	line         id.Of[investments.DistributionLine]
	asOf         string
}

func newLinePast(t *testing.T) *linePast {
	t.Helper()
	tx := pgtest.Tx(t)
	o, _, subs := promoted(t, tx)
	d := approved(t, tx, declaration(o, "past", "2026-04-15", "3000", investor(t, tx)))
	return &linePast{t, tx, d.ID, linesBy(t, tx, d.ID)[subs[0].PositionID.String()].ID, lineAsOf(t)}
}

// present is the line as it stands.
func (x *linePast) present() (l investments.DistributionLine) {
	require.NoError(x, x.tx.NewSelect().Model(&l).Where("id = ?", x.line).Scan(x.Context()))
	return l
}

// at is the line as of a time, if there was one.
func (x *linePast) at(when time.Time) (found []investments.DistributionLine) {
	require.NoError(x, x.tx.NewRaw(x.asOf, x.line, when).Scan(x.Context(), &found))
	return found
}

// versions counts the rows of the line in the history.
func (x *linePast) versions() (n int) {
	require.NoError(x, x.tx.NewRaw("SELECT count(*) FROM investments.investor_distributions_history WHERE id = ?", x.line).Scan(x.Context(), &n))
	return n
}

func (x *linePast) set(what string) {
	_, err := x.tx.ExecContext(x.Context(), "UPDATE investments.investor_distributions SET "+what+" WHERE id = ?", x.line)
	require.NoError(x, err)
}

func (x *linePast) do(verb, key string) error {
	ctx, svc, day := x.Context(), newService().Distributions, date.MustParse("2026-04-19")
	var err error
	switch verb {
	case "pay":
		_, err = svc.Pay(ctx, x.tx, investments.PayParams{IdempotencyKey: key, DistributionID: x.distribution, Date: date.MustParse("2026-04-16"), Method: investments.PayACH, Reference: "batch", ActorID: staff})
	case "process":
		_, err = svc.Process(ctx, x.tx, process(x.distribution, key))
	case "confirm":
		c := confirm(x.distribution, key)
		c.Date = day
		_, err = svc.ConfirmPayments(ctx, x.tx, c)
	case "fail":
		_, err = svc.FailPayment(ctx, x.tx, investments.FailPaymentParams{IdempotencyKey: key, LineID: x.line, Date: day, Reason: "account unknown", ActorID: staff})
	case "again":
		_, err = svc.ReissuePayment(ctx, x.tx, investments.ReissuePaymentParams{IdempotencyKey: key, LineID: x.line, Date: day, Method: investments.PayWire, Sent: true, ActorID: staff})
	case "reverse":
		_, err = reverse(ctx, x.tx, svc, investments.ReverseDistributionParams{ActorID: investor(x.T, x.tx), IdempotencyKey: key, DistributionID: x.distribution, Date: day, Reason: "x"})
	case "change":
		x.set("adjustment_reason = 'rounded', version = version + 1")
	}
	return err
}
