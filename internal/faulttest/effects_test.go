package faulttest

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// effects finds what orders have done, by kind, as (mark, times), and then the
// events that tell of it, by the same mark: an order that was done once has each
// of them once. Where a verb has no text of the caller's to keep, the mark is the
// subject's id, or an amount that no other order has.
var effects = map[kind][]string{
	kindCommit: {"SELECT requested_amount::text, count(*) FROM investments.subscriptions GROUP BY 1",
		"SELECT payload->>'amount', count(*) FROM freehold.outbox WHERE type = 'investments.subscription_committed' GROUP BY 1"},
	kindCancel: {"SELECT cancel_reason, count(*) FROM investments.subscriptions WHERE status = 'cancelled' GROUP BY 1",
		"SELECT s.cancel_reason, count(*) FROM freehold.outbox e JOIN investments.subscriptions s ON s.id = e.aggregate_id WHERE e.type = 'investments.subscription_cancelled' GROUP BY 1"},
	kindFund: {"SELECT reference_number, count(*) FROM investments.transactions WHERE type = 'investment' GROUP BY 1",
		contributionTold("investment", "received")},
	kindRefund: {"SELECT reference_number, count(*) FROM investments.transactions WHERE type = 'refund' GROUP BY 1",
		contributionTold("refund", "refunded")},
	kindReceipts: {receiptUnder(parts[0]), receiptUnder(parts[1]),
		"SELECT t.mark, count(*) FROM freehold.outbox e JOIN (SELECT DISTINCT command_id, left(reference_number, -2) AS mark FROM investments.transactions) t ON t.command_id::text = e.payload->>'command_id' WHERE e.type = 'investments.contributions_received' GROUP BY 1"},
	kindDeclare: {"SELECT notes, count(*) FROM investments.distributions GROUP BY 1",
		"SELECT d.notes, count(*) FROM freehold.outbox e JOIN investments.distributions d ON d.id = e.aggregate_id WHERE e.type = 'investments.distribution_declared' GROUP BY 1"},
	kindApprove: {"SELECT source_id::text, count(*) FROM financials.journals WHERE description = 'distribution declared' AND reverses_id IS NULL GROUP BY 1",
		told("distribution_approval_given"), told("distribution_approved")},
	kindPay: {paidUnder, paidTold("DISTINCT e.id"), paidTold("c.id")},
	kindProcess: {"SELECT payment_reference, count(DISTINCT distribution_id) FROM investments.investor_distributions GROUP BY 1",
		"SELECT l.payment_reference, count(DISTINCT e.id) FROM freehold.outbox e JOIN investments.investor_distributions l ON l.distribution_id = e.aggregate_id WHERE e.type = 'investments.payments_submitted' GROUP BY 1"},
	kindConfirm: {"SELECT l.distribution_id::text, count(DISTINCT t.command_id) FROM investments.transactions t JOIN investments.investor_distributions l ON l.id = t.distribution_line_id WHERE t.reverses_id IS NULL GROUP BY 1",
		told("payments_confirmed"), told("distribution_completed")},
	kindReissue: {paidUnder,
		"SELECT l.payment_reference, count(*) FROM freehold.outbox e JOIN investments.investor_distributions l ON l.id::text = e.payload->>'line_id' WHERE e.type = 'investments.payment_reissued' GROUP BY 1"},
	kindFail: {"SELECT l.id::text, count(*) FROM financials.journals j JOIN financials.postings p ON p.journal_id = j.id JOIN investments.investor_distributions l ON l.distribution_id = j.source_id AND l.investment_id = p.subledger_id WHERE j.description = 'payment returned' GROUP BY 1",
		"SELECT payload->>'line_id', count(*) FROM freehold.outbox WHERE type = 'investments.payment_failed' GROUP BY 1"},
	kindReverse: {"SELECT d.status_reason, count(*) FROM investments.distributions d JOIN financials.journals j ON j.source_id = d.id AND j.description = 'distribution reversed' GROUP BY 1",
		"SELECT d.status_reason, count(*) FROM freehold.outbox e JOIN investments.distributions d ON d.id = e.aggregate_id WHERE e.type = 'investments.distribution_reversed' GROUP BY 1"},
	kindRequest: {"SELECT reason, count(*) FROM investments.transfers GROUP BY 1",
		"SELECT t.reason, count(*) FROM freehold.outbox e JOIN investments.transfers t ON t.id = e.aggregate_id WHERE e.type = 'investments.transfer_requested' GROUP BY 1"},
	kindAllow: {"SELECT id::text, count(*) FROM investments.transfers WHERE approved_by IS NOT NULL GROUP BY 1", told("transfer_approved")},
	kindComplete: {"SELECT tr.id::text, count(*) FROM investments.transfers tr JOIN investments.transactions t ON t.journal_id = tr.journal_id AND t.type = 'transfer_in' GROUP BY 1",
		told("transfer_completed")},
	kindAllocate: {"SELECT description, count(*) FROM financials.journals WHERE source_type = 'allocation:net_income' GROUP BY 1",
		"SELECT j.description, count(*) FROM freehold.outbox e JOIN financials.journals j ON j.id::text = e.payload->>'allocation_id' WHERE e.type = 'investments.income_allocated' GROUP BY 1"},
	kindPost: {"SELECT description, count(*) FROM financials.journals GROUP BY 1"},
}

// told counts events of a type by what they are about.
func told(what string) string {
	return "SELECT aggregate_id::text, count(*) FROM freehold.outbox WHERE type = 'investments." + what + "' GROUP BY 1"
}

// contributionTold finds the transaction that an event tells of by its amount,
// which is another for each of a subscription's.
func contributionTold(kind, event string) string {
	return "SELECT t.reference_number, count(*) FROM freehold.outbox e JOIN investments.transactions t ON t.subscription_id = e.aggregate_id AND t.type = '" + kind +
		"' AND t.amount = (e.payload->>'amount')::numeric WHERE e.type = 'investments.contribution_" + event + "' GROUP BY 1"
}

func receiptUnder(part string) string {
	return "SELECT left(reference_number, -2), count(*) FROM investments.transactions WHERE type = 'investment' AND right(reference_number, 2) = '" + part + "' GROUP BY 1"
}

const paidUnder = "SELECT reference_number, count(DISTINCT command_id) FROM investments.transactions WHERE type = 'distribution' AND reverses_id IS NULL GROUP BY 1"

// paidTold counts the events e of a payment, and c of what it completed.
func paidTold(what string) string {
	return "SELECT t.reference_number, count(" + what + `) FROM freehold.outbox e
		JOIN (SELECT DISTINCT command_id, reference_number FROM investments.transactions WHERE type = 'distribution' AND reverses_id IS NULL) t ON t.command_id::text = e.payload->>'command_id'
		LEFT JOIN freehold.outbox c ON c.aggregate_type = e.aggregate_type AND c.aggregate_id = e.aggregate_id AND c.type = 'investments.distribution_completed'
		WHERE e.type = 'investments.payments_confirmed' GROUP BY 1`
}

// tells is the events of an order of each kind.
var tells = map[kind][]string{
	kindCommit: {"subscription_committed"}, kindCancel: {"subscription_cancelled"}, kindFund: {"contribution_received"}, kindRefund: {"contribution_refunded"},
	kindReceipts: {"contributions_received"}, kindDeclare: {"distribution_declared"}, kindApprove: {"distribution_approval_given", "distribution_approved"},
	kindPay: {"payments_confirmed", "distribution_completed"}, kindProcess: {"payments_submitted"},
	kindConfirm: {"payments_confirmed", "distribution_completed"}, kindReissue: {"payment_reissued"}, kindFail: {"payment_failed"},
	kindReverse: {"reversal_requested", "distribution_reversed"}, kindRequest: {"transfer_requested"}, kindAllow: {"transfer_approved"},
	kindComplete: {"transfer_completed"}, kindAllocate: {"income_allocated"},
}

// eventsOf counts the events in the outbox by type. Seals are no orders.
func eventsOf(t *testing.T, db bun.IDB) map[string]int {
	t.Helper()
	var rows []struct {
		Type  string
		Times int
	}
	require.NoError(t, db.NewRaw("SELECT type, count(*) AS times FROM freehold.outbox WHERE type <> 'ledger.book_sealed' GROUP BY 1").Scan(t.Context(), &rows))
	out := map[string]int{}
	for _, r := range rows {
		out[r.Type] = r.Times
	}
	return out
}

// tellsNoMore requires that the events are those of the plan's making and of the
// orders that were done, and no others.
func tellsNoMore(t *testing.T, db bun.IDB, p *plan, done map[kind]int) {
	t.Helper()
	want := maps.Clone(p.Events)
	for k, n := range done {
		for _, what := range tells[k] {
			want["investments."+what] += n
		}
	}
	require.Equal(t, want, eventsOf(t, db))
}
