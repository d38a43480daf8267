package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return slices.Concat(offeringInvariants(), capitalInvariants(), calculationInvariants(), distributionInvariants(), positionInvariants(), historyInvariants(), statementInvariants(), cashInvariants(), debtInvariants(),
		partnerInvariants(), reserveInvariants(), propertyInvariants(), ledgerInvariants())
}

// CalculatedDistributions lists the distributions that can be computed again, of an
// offering, or of all for nil.
func CalculatedDistributions(ctx context.Context, db bun.IDB, offering *id.Of[Offering]) ([]id.Of[Distribution], error) {
	var all []id.Of[Distribution]
	err := store.Read(ctx, db, db.NewRaw(`SELECT c.distribution_id FROM investments.distribution_calculations c JOIN investments.distributions d ON d.id = c.distribution_id
		WHERE d.opportunity_id = ?0 OR ?0::uuid IS NULL ORDER BY 1`, offering), &all)
	return all, store.Err(err, constraints)
}

// offeringInvariants are about offerings, positions and distributions.
func offeringInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a distribution's lines sum to its total", Query: `
			SELECT d.id::text, format('lines %s, total %s', COALESCE(sum(l.distribution_amount), 0), d.total_amount)
			FROM investments.distributions d LEFT JOIN investments.investor_distributions l ON l.distribution_id = d.id
			GROUP BY d.id HAVING COALESCE(sum(l.distribution_amount), 0) <> d.total_amount`},
		{Name: "a line's tiers sum to its gross amount", Query: `
			SELECT l.id::text, format('tiers %s, gross %s', t.amount, l.distribution_amount)
			FROM investments.investor_distributions l
			LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM investments.distribution_tiers GROUP BY 1) t ON t.line_id = l.id
			WHERE COALESCE(t.amount, 0) <> l.distribution_amount`},
		{Name: "a line is paid at most once, and only out of a paid distribution", Query: `
			SELECT l.id::text, format('paid %s of %s, distribution is %s', COALESCE(sum(t.amount), 0), l.distribution_amount, d.status)
			FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
			LEFT JOIN investments.transactions t ON t.distribution_line_id = l.id AND t.status = 'completed' AND t.type IN ('distribution', 'fee', 'return_of_capital')
			GROUP BY l.id, d.status
			HAVING COALESCE(sum(t.amount), 0) NOT IN (0, l.distribution_amount)
				OR (COALESCE(sum(t.amount), 0) <> 0 AND d.status NOT IN ('processing', 'completed', 'failed') AND l.payment_status <> 'billed')
				OR (COALESCE(sum(t.amount), 0) <> l.distribution_amount AND l.payment_status IN ('completed', 'billed'))`},
		{Name: "committed_amount is the open and funded subscriptions", Query: `
			SELECT o.id::text, format('cached %s, subscriptions %s', o.committed_amount, COALESCE(sum(s.amount - s.refunded), 0))
			FROM investments.opportunities o
			LEFT JOIN investments.subscriptions s ON s.opportunity_id = o.id AND s.status IN ('open', 'funded')
			GROUP BY o.id HAVING o.committed_amount <> COALESCE(sum(s.amount - s.refunded), 0)`},
		{Name: "no offering is sold beyond its hard cap", Query: `
			SELECT id::text, format('committed %s, cap %s', committed_amount, hard_cap)
			FROM investments.opportunities WHERE committed_amount > hard_cap`},
		{Name: "amount_raised and investor_count are the counted positions", Query: `
			SELECT o.id::text, format('cached %s of %s investors, positions %s of %s', o.amount_raised, o.investor_count, m.raised, m.investors)
			FROM investments.opportunities o
			CROSS JOIN LATERAL (SELECT COALESCE(sum(investment_amount), 0) AS raised, count(DISTINCT investor_id) AS investors
				FROM investments.property_investments p
				WHERE p.opportunity_id = o.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) m
			WHERE o.amount_raised <> m.raised OR o.investor_count <> m.investors`},
		{Name: "a subscription's received amount is its contributions", Query: `
			SELECT s.id::text, format('received %s, transactions %s', s.received, COALESCE(sum(t.amount), 0))
			FROM investments.subscriptions s
			LEFT JOIN investments.transactions t ON t.subscription_id = s.id AND t.status = 'completed' AND t.type = 'investment'
			GROUP BY s.id HAVING s.received <> COALESCE(sum(t.amount), 0)`},
		{Name: "a position's distributions are its transactions", Query: `
			SELECT p.id::text, format('cached %s, transactions %s', p.total_distributions, COALESCE(sum(t.amount), 0))
			FROM investments.property_investments p
			LEFT JOIN investments.transactions t ON t.investment_id = p.id AND t.status = 'completed' AND t.type IN ('distribution', 'return_of_capital')
			GROUP BY p.id HAVING p.total_distributions <> COALESCE(sum(t.amount), 0)`},
		{Name: "a position's capital is what the ledger holds for it", Query: `
			SELECT p.id::text, format('position %s, ledger %s', p.investment_amount, COALESCE(b.credits - b.debits, 0))
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			LEFT JOIN financials.accounts a ON a.book_id = o.book_id AND a.code = '` + AccountCapital + `'
			LEFT JOIN financials.subledger_balances b ON b.account_id = a.id AND b.book_id = a.book_id AND b.subledger_id = p.id
			WHERE CASE WHEN p.status IN ('funded', 'exited') AND p.deleted_at IS NULL THEN p.investment_amount ELSE 0 END
				<> COALESCE(b.credits - b.debits, 0)`},
		{Name: "what is payable in a book is its approved and failed lines", Query: `
			SELECT o.id::text, format('payable %s, lines %s', COALESCE(b.payable, 0), COALESCE(l.net, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.credits - x.debits) AS payable FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id AND x.book_id = a.book_id WHERE a.code = '` + AccountDistributionsPayable + `' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(l.net_distribution) AS net FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE d.status IN ('approved', 'processing', 'completed', 'failed') AND l.payment_status IN ('pending', 'sent', 'failed') GROUP BY 1) l ON l.opportunity_id = o.id
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.net, 0)`},
		{Name: "a portfolio's total_distributions are within its transactions", Query: `
			SELECT f.id::text, format('cached %s, transactions %s', f.total_distributions, t.most)
			FROM investments.investor_portfolios f
			CROSS JOIN LATERAL (SELECT GREATEST(max(d.amount), 0) AS most -- a portfolio is as of a day, which may be an earlier one
				FROM (SELECT sum(sum(amount)) OVER (ORDER BY effective_date) AS amount FROM investments.transactions
					WHERE investor_id = f.investor_id AND currency = f.currency AND investment_id IS NOT NULL AND status = 'completed' AND type IN ('distribution', 'return_of_capital')
					GROUP BY effective_date) d) t
			WHERE f.last_calculated_at IS NOT NULL AND f.total_distributions > COALESCE(t.most, 0) AND ` + seenAll},
		{Name: "a portfolio's total_invested is its counted positions", Query: `
			SELECT f.id::text, format('cached %s, positions %s', f.total_invested, COALESCE(sum(p.investment_amount), 0))
			FROM investments.investor_portfolios f
			LEFT JOIN investments.property_investments p ON p.investor_id = f.investor_id AND p.currency = f.currency AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
			GROUP BY f.id HAVING f.total_invested <> COALESCE(sum(p.investment_amount), 0)`},
	}
}

// capitalInvariants are about capital that is called, refunded, waited for and
// transferred.
func capitalInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a subscription's refunded amount is its refunds", Query: `
			SELECT s.id::text, format('refunded %s, transactions %s', s.refunded, COALESCE(sum(t.amount), 0))
			FROM investments.subscriptions s
			LEFT JOIN investments.transactions t ON t.subscription_id = s.id AND t.status = 'completed' AND t.type = 'refund'
			GROUP BY s.id HAVING s.refunded <> COALESCE(sum(t.amount), 0)`},
		{Name: "an ended subscription holds no money", Query: `
			SELECT id::text, format('received %s, refunded %s', received, refunded)
			FROM investments.subscriptions WHERE status IN ('cancelled', 'waitlisted') AND received <> refunded`},
		{Name: "a waitlist number was drawn from its offering", Query: `
			SELECT s.id::text, format('number %s, the next is %s', s.waitlist_number, o.next_waitlist_number)
			FROM investments.subscriptions s JOIN investments.opportunities o ON o.id = s.opportunity_id
			WHERE s.waitlist_number >= o.next_waitlist_number`},
		{Name: "a capital call's lines sum to its total", Query: `
			SELECT c.id::text, format('lines %s, total %s', COALESCE(sum(l.amount), 0), c.total_amount)
			FROM investments.capital_calls c LEFT JOIN investments.capital_call_lines l ON l.capital_call_id = c.id
			GROUP BY c.id HAVING COALESCE(sum(l.amount), 0) <> c.total_amount`},
		{Name: "what is called and not received is what issued calls wait for", Query: `
			SELECT s.id::text, format('called %s, received %s, lines wait for %s', s.called, s.received, COALESCE(sum(l.amount - l.received), 0))
			FROM investments.subscriptions s
			LEFT JOIN (investments.capital_call_lines l JOIN investments.capital_calls c ON c.id = l.capital_call_id AND c.status = 'issued')
				ON l.subscription_id = s.id AND l.status IN ('open', 'partial')
			WHERE s.status IN ('open', 'funded')
			GROUP BY s.id HAVING s.called - s.received <> COALESCE(sum(l.amount - l.received), 0)`},
		{Name: "what came in on capital calls was received", Query: `
			SELECT s.id::text, format('received %s, lines %s', s.received, sum(l.received))
			FROM investments.subscriptions s JOIN investments.capital_call_lines l ON l.subscription_id = s.id
			GROUP BY s.id HAVING s.received < sum(l.received)`},
		{Name: "a completed transfer moved its amount once, out of one position and into the other", Query: `
			SELECT r.id::text, format('amount %s, out %s, in %s', r.amount, m.gone, m.come)
			FROM investments.transfers r
			CROSS JOIN LATERAL (SELECT COALESCE(sum(amount) FILTER (WHERE type = 'transfer_out' AND investment_id = r.from_investment_id), 0) AS gone,
				COALESCE(sum(amount) FILTER (WHERE type = 'transfer_in' AND investment_id = r.to_investment_id), 0) AS come
				FROM investments.transactions t WHERE t.journal_id = r.journal_id AND t.status = 'completed') m
			WHERE r.status = 'completed' AND (r.amount <> m.gone OR r.amount <> m.come)`},
		{Name: "nothing stays in transfers clearing", Query: `
			SELECT a.id::text, format('debits %s, credits %s', sum(b.debits), sum(b.credits))
			FROM financials.accounts a JOIN investments.opportunities o ON o.book_id = a.book_id
			JOIN financials.account_balances b ON b.account_id = a.id AND b.book_id = a.book_id
			WHERE a.code = '` + AccountTransfers + `' GROUP BY a.id HAVING sum(b.debits) <> sum(b.credits)`},
		{Name: "a committed position carries what its open subscriptions come to", Query: `
			SELECT p.id::text, format('position %s, subscriptions %s', p.investment_amount, s.amount)
			FROM investments.property_investments p
			JOIN (SELECT investment_id, COALESCE(sum(amount - refunded) FILTER (WHERE status = 'open'), 0) AS amount
				FROM investments.subscriptions GROUP BY 1) s ON s.investment_id = p.id
			WHERE p.status = 'committed' AND p.deleted_at IS NULL AND p.investment_amount <> s.amount`},
		{Name: "a position that does not count holds no capital in the ledger", Query: `
			SELECT p.id::text, format('it is %s, ledger %s', p.status, b.credits - b.debits)
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			JOIN financials.accounts a ON a.book_id = o.book_id AND a.code = '` + AccountCapital + `'
			JOIN financials.subledger_balances b ON b.account_id = a.id AND b.book_id = a.book_id AND b.subledger_id = p.id
			WHERE (p.status NOT IN ('funded', 'exited') OR p.deleted_at IS NOT NULL) AND b.credits <> b.debits`},
	}
}

// calculationInvariants are about what was frozen with each distribution.
func calculationInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a distribution's frozen inputs are what their hashes say", Query: `
			SELECT distribution_id::text, CASE WHEN inputs_hash <> sha256(convert_to(inputs::text, 'UTF8')) THEN 'the inputs differ'
				WHEN inputs->>'opening_hash' IS DISTINCT FROM encode(sha256(opening_state), 'hex') THEN 'the opening state differs' ELSE 'the closing state differs' END
			FROM investments.distribution_calculations
			WHERE inputs_hash <> sha256(convert_to(inputs::text, 'UTF8'))
				OR inputs->>'opening_hash' IS DISTINCT FROM encode(sha256(opening_state), 'hex')
				OR inputs->>'closing_hash' IS DISTINCT FROM encode(sha256(closing_state), 'hex')`},
		{Name: "an offering knows through which day its capital was distributed", Query: `
			SELECT o.id::text, format('through %s with %s late changes, a distribution through %s with %s', o.distributed_through, o.late_changes,
				(c.inputs->>'place')::date - COALESCE((c.inputs->>'first')::boolean, FALSE)::int, c.late_changes)
			FROM investments.distribution_calculations c
			JOIN investments.distributions d ON d.id = c.distribution_id JOIN investments.opportunities o ON o.id = d.opportunity_id
			WHERE c.late_changes > o.late_changes OR (c.late_changes IS NOT NULL AND o.distributed_through IS NULL)
				OR o.distributed_through < (c.inputs->>'place')::date - COALESCE((c.inputs->>'first')::boolean, FALSE)::int`},
	}
}

// distributionInvariants are about distributions after their declaration: who
// approved them, what was paid and undone, recovered and withheld.
func distributionInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a completed line has exactly one live payment, and no other line has one", Query: `
			SELECT l.id::text, format('it is %s, live payments %s', l.payment_status, m.live)
			FROM investments.investor_distributions l
			CROSS JOIN LATERAL (SELECT count(DISTINCT COALESCE(t.command_id, t.id)) AS live
				FROM (SELECT * FROM investments.transactions t WHERE t.distribution_line_id = l.id OFFSET 0) t -- by the line, whatever the server knows
				WHERE t.status = 'completed' AND t.type IN ('distribution', 'fee', 'return_of_capital')
					AND t.reverses_id IS NULL AND (SELECT r.id FROM investments.transactions r WHERE r.reverses_id = t.id) IS NULL) m
			WHERE m.live <> CASE WHEN l.payment_status IN ('completed', 'billed') AND (l.distribution_amount <> 0 OR EXISTS (SELECT 1 FROM investments.capital_movements x WHERE x.line_id = l.id AND x.kind IN ('distribution', 'payment'))) THEN 1 ELSE 0 END`},
		{Name: "a distribution's status agrees with its lines", Query: `
			SELECT d.id::text, format('it is %s with %s pending, %s sent, %s completed, %s failed and %s reversed lines',
				d.status, m.pending, m.sent, m.completed, m.failed, m.reversed)
			FROM investments.distributions d
			CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE payment_status = 'pending') AS pending, count(*) FILTER (WHERE payment_status = 'sent') AS sent,
				count(*) FILTER (WHERE payment_status = 'completed') AS completed, count(*) FILTER (WHERE payment_status = 'failed') AS failed,
				count(*) FILTER (WHERE payment_status = 'reversed') AS reversed
				FROM investments.investor_distributions WHERE distribution_id = d.id) m
			WHERE NOT CASE
				WHEN d.status IN ('pending', 'cancelled', 'approved') THEN m.sent + m.completed + m.failed + m.reversed = 0
				WHEN d.status = 'processing' THEN m.pending + m.sent > 0 AND m.sent + m.completed + m.failed > 0 AND m.reversed = 0
				WHEN d.status = 'completed' THEN m.pending + m.sent + m.reversed = 0 AND m.completed > 0
				WHEN d.status = 'failed' THEN m.pending + m.sent + m.completed + m.reversed = 0
				ELSE m.pending + m.sent + m.completed + m.failed = 0 END`},
		{Name: "a distribution that was let pass is booked, one that is reversed is booked back", Query: `
			SELECT id::text, format('it is %s, booked by %s, booked back by %s', status, declaration_journal_id, reversal_journal_id)
			FROM investments.distributions
			WHERE (declaration_journal_id IS NULL) <> (status IN ('pending', 'cancelled')) OR (reversal_journal_id IS NULL) <> (status <> 'reversed')`},
		{Name: "a distribution that was let pass had enough people agree, its creator only where he may", Query: `
			SELECT d.id::text, format('%s of %s people agreed, the creator %s', m.people, COALESCE(r.required, 1), CASE WHEN m.creator THEN 'among them' ELSE 'not' END)
			FROM investments.distributions d
			LEFT JOIN freehold.approval_requests r ON r.subject_kind = 'distribution' AND r.subject_id = d.id AND r.action = 'approve' AND r.status = 'approved'
			CROSS JOIN LATERAL (
				SELECT count(DISTINCT a.approver_id) AS people, COALESCE(bool_or(a.approver_id = d.created_by), FALSE) AS creator
				FROM freehold.approvals a WHERE a.request_id = r.id AND a.decision = 'approved'
				HAVING r.id IS NOT NULL
				UNION ALL -- before there were rounds of approval
				SELECT CASE WHEN d.approved_by IS NULL THEN 0 ELSE 1 END, COALESCE(d.approved_by = d.created_by, FALSE) WHERE r.id IS NULL) m
			WHERE d.status NOT IN ('pending', 'cancelled')
				AND (m.people < COALESCE(r.required, 1) OR (m.creator AND NOT COALESCE(r.self_approval, FALSE)))`},
		{Name: "what was agreed to is what was declared", Query: `
			SELECT d.id::text, format('agreed to %s, it is %s', encode(r.subject_hash, 'hex'), encode(investments.distribution_hash(d.id), 'hex'))
			FROM investments.distributions d
			JOIN freehold.approval_requests r ON r.subject_kind = 'distribution' AND r.subject_id = d.id AND r.action = 'approve'
			WHERE r.status IN ('pending', 'approved') AND r.subject_hash <> investments.distribution_hash(d.id)`},
		{Name: "what is payable to a position is its unpaid lines", Query: `
			SELECT COALESCE(l.investment_id, b.subledger_id)::text, format('payable %s, lines %s', COALESCE(b.payable, 0), COALESCE(l.net, 0))
			FROM (SELECT x.subledger_id, x.credits - x.debits AS payable FROM financials.accounts a
				JOIN financials.subledger_balances x ON x.account_id = a.id AND x.book_id = a.book_id
				JOIN investments.property_investments p ON p.id = x.subledger_id WHERE a.code = '` + AccountDistributionsPayable + `') b
			FULL JOIN (SELECT l.investment_id, sum(l.net_distribution) AS net FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE l.investment_id IS NOT NULL AND d.status IN ('approved', 'processing', 'completed', 'failed')
					AND l.payment_status IN ('pending', 'sent', 'failed') GROUP BY 1) l ON l.investment_id = b.subledger_id
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.net, 0)`},
		{Name: "withholding payable is what was withheld and not remitted", Query: `
			SELECT o.id::text, format('payable %s, withheld %s, remitted %s', COALESCE(b.payable, 0), COALESCE(l.withheld, 0), COALESCE(m.remitted, 0))
			FROM investments.opportunities o
			LEFT JOIN (SELECT a.book_id, sum(x.credits - x.debits) AS payable FROM financials.accounts a
				JOIN financials.account_balances x ON x.account_id = a.id AND x.book_id = a.book_id WHERE a.code = '` + AccountWithholdingPayable + `' GROUP BY 1) b ON b.book_id = o.book_id
			LEFT JOIN (SELECT d.opportunity_id, sum(l.tax_withholding) AS withheld FROM investments.investor_distributions l
				JOIN investments.distributions d ON d.id = l.distribution_id
				WHERE d.status IN ('approved', 'processing', 'completed', 'failed') GROUP BY 1) l ON l.opportunity_id = o.id
			LEFT JOIN (SELECT p.book_id, sum(CASE d.code WHEN '` + AccountWithholdingPayable + `' THEN p.amount ELSE -p.amount END) AS remitted FROM financials.postings p
				JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id JOIN financials.accounts c ON c.id = p.credit_account AND c.book_id = p.book_id
				WHERE (d.code, c.code) IN (('` + AccountWithholdingPayable + `', '` + AccountCash + `'), ('` + AccountCash + `', '` + AccountWithholdingPayable + `')) GROUP BY 1) m ON m.book_id = o.book_id -- less what came back
			WHERE COALESCE(b.payable, 0) <> COALESCE(l.withheld, 0) - COALESCE(m.remitted, 0)`},
	}
}

// positionInvariants are about what is allocated to positions, what they own, and
// their exit.
func positionInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a position's gains are what the ledger holds for it", Query: `
			SELECT p.id::text, format('realized %s, ledger %s; unrealized %s, ledger %s', p.realized_gains, COALESCE(m.realized, 0),
				p.unrealized_gains, COALESCE(m.unrealized, 0))
			FROM investments.property_investments p
			JOIN investments.opportunities o ON o.id = p.opportunity_id
			LEFT JOIN (SELECT a.book_id, b.subledger_id, sum(b.credits - b.debits) FILTER (WHERE a.code = '` + AccountRealized + `') AS realized,
					sum(b.credits - b.debits) FILTER (WHERE a.code = '` + AccountUnrealized + `') AS unrealized
				FROM financials.accounts a JOIN financials.subledger_balances b ON b.account_id = a.id AND b.book_id = a.book_id
				WHERE a.code IN ('` + AccountUnrealized + `', '` + AccountRealized + `') GROUP BY 1, 2) m ON m.book_id = o.book_id AND m.subledger_id = p.id
			WHERE p.realized_gains <> COALESCE(m.realized, 0) OR p.unrealized_gains <> COALESCE(m.unrealized, 0)`},
		{Name: "only a funded position has unrealized gains", Query: `
			SELECT id::text, format('it is %s, unrealized %s', status, unrealized_gains)
			FROM investments.property_investments WHERE status <> 'funded' AND unrealized_gains <> 0`},
		{Name: "what capital accounts consist of is posted by position", Query: `
			SELECT a.id::text, format('account %s/%s, positions %s/%s', x.debits, x.credits, y.debits, y.credits)
			FROM financials.accounts a JOIN investments.opportunities o ON o.book_id = a.book_id
			LEFT JOIN (SELECT account_id, book_id, sum(debits) AS debits, sum(credits) AS credits
				FROM financials.account_balances GROUP BY 1, 2) x ON x.account_id = a.id AND x.book_id = a.book_id
			LEFT JOIN (SELECT b.account_id, b.book_id, p.opportunity_id, sum(b.debits) AS debits, sum(b.credits) AS credits
				FROM financials.subledger_balances b JOIN investments.property_investments p ON p.id = b.subledger_id
				GROUP BY 1, 2, 3) y ON y.account_id = a.id AND y.book_id = a.book_id AND y.opportunity_id = o.id
			WHERE a.code IN ('` + AccountCapital + `', '` + AccountDistributions + `', '` + AccountIncome + `', '` + AccountUnrealized + `', '` + AccountRealized + `', '` + AccountFees + `', '` + AccountCarried + `') 
				AND (COALESCE(x.debits, 0) <> COALESCE(y.debits, 0) OR COALESCE(x.credits, 0) <> COALESCE(y.credits, 0))`},
		{Name: "a stored ownership is units, else capital, over all of the offering's", Query: `
			SELECT p.id::text, format('stored %s, derived %s', p.ownership_percentage, w.fraction)
			FROM investments.property_investments p
			LEFT JOIN (SELECT h.id, round(CASE WHEN t.by_units THEN COALESCE(h.units, 0) / t.units ELSE h.investment_amount / NULLIF(t.capital, 0) END, 10) AS fraction
				FROM investments.property_investments h
				JOIN (SELECT opportunity_id, sum(units) AS units, sum(investment_amount) AS capital,
						bool_and(units IS NOT NULL) FILTER (WHERE investment_amount > 0) AND sum(units) > 0 AS by_units
					FROM investments.property_investments WHERE status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1) t
					ON t.opportunity_id = h.opportunity_id
				WHERE h.status IN ('funded', 'exited') AND h.deleted_at IS NULL) w ON w.id = p.id
			WHERE p.opportunity_id IS NOT NULL AND p.ownership_percentage IS NOT NULL AND p.ownership_percentage <> COALESCE(w.fraction, 0)`},
		{Name: "the returns of a position that left are its distributions less the capital that it put in or took over", Query: `
			SELECT p.id::text, format('cached %s, distributions %s, capital %s', p.total_returns, p.total_distributions, COALESCE(c.capital, 0))
			FROM investments.property_investments p
			LEFT JOIN (SELECT position_id, sum(CASE WHEN kind = 'contribution' THEN amount WHEN kind = 'refund' THEN -amount WHEN kind = 'transfer_out' THEN -capital ELSE capital END) AS capital
				FROM investments.capital_movements WHERE kind IN ('contribution', 'refund', 'transfer_in', 'transfer_out', 'conversion') GROUP BY 1) c ON c.position_id = p.id
			WHERE p.opportunity_id IS NOT NULL AND p.total_returns <> CASE WHEN p.status = 'exited' THEN p.total_distributions - COALESCE(c.capital, 0) ELSE 0 END`},
	}
}

// propertyInvariants are about what a property's row says of its offerings.
func propertyInvariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a property's summary is that of its offerings", Query: `
			SELECT p.id::text, format('cached %s, offerings %s',
				(p.investment_open, p.minimum_investment, p.maximum_investment, p.target_raise, p.amount_raised, p.investor_count),
				(m.open, m.minimum, m.maximum, m.target, m.raised, m.investors))
			FROM properties.properties p
			CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE o.status = 'open') > 0 AS open,
				CASE WHEN bool_and(o.minimum_investment IS NOT NULL) FILTER (WHERE o.status = 'open')
					THEN min(o.minimum_investment) FILTER (WHERE o.status = 'open') END AS minimum,
				CASE WHEN bool_and(o.maximum_investment IS NOT NULL) FILTER (WHERE o.status = 'open')
					THEN max(o.maximum_investment) FILTER (WHERE o.status = 'open') END AS maximum,
				sum(o.target_raise) FILTER (WHERE o.status IN ('open', 'closed', 'funded')) AS target,
				COALESCE(sum(o.amount_raised), 0) AS raised, COALESCE(sum(o.investor_count), 0) AS investors
				FROM investments.opportunities o WHERE o.property_id = p.id AND o.currency = p.currency AND o.deleted_at IS NULL) m
			WHERE (p.investment_open, p.minimum_investment, p.maximum_investment, p.target_raise, p.amount_raised, p.investor_count)
				IS DISTINCT FROM (m.open, m.minimum, m.maximum, m.target, m.raised, m.investors)`},
	}
}
