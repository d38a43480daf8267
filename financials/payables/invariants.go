package payables

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/internal/store"
)

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "a bill is paid at most once, and only when it was approved", Query: `
			SELECT b.id::text, format('%s of %s paid, %s', s.amount, b.amount, b.status) FROM financials.bills b
			CROSS JOIN LATERAL (SELECT sum(CASE p.kind WHEN 'payment' THEN p.amount ELSE -p.amount END) AS amount
				FROM financials.bill_payments p WHERE p.bill_id = b.id) s
			WHERE s.amount > b.amount OR s.amount < 0 OR s.amount > 0 AND b.status <> 'approved'`},
		{Name: "a payment of a bill is returned whole and once", Query: `
			SELECT p.id::text, format('%s of %s returned', sum(r.amount), p.amount) FROM financials.bill_payments p
			JOIN financials.bill_payments r ON r.of_id = p.id
			GROUP BY p.id HAVING sum(r.amount) <> p.amount OR p.kind <> 'payment' OR min(r.paid_on) < p.paid_on`},
		{Name: "a bill is approved by somebody else than who entered it, as often as was needed", Query: `
			SELECT b.id::text, format('%s agreed', count(a.id)) FROM financials.bills b
			LEFT JOIN freehold.approval_requests r ON r.subject_kind = 'bill' AND r.subject_id = b.id AND r.status = 'approved'
			LEFT JOIN freehold.approvals a ON a.request_id = r.id AND a.decision = 'approved' AND a.approver_id <> b.entered_by
			WHERE b.status IN ('approved', 'voided') GROUP BY b.id HAVING count(a.id) < COALESCE(max(r.required), 1)`},
		{Name: "the book of a property has each payment of a bill as it is", Query: bookedQuery()},
	}
}

// bookedQuery compares each payment with its journal in the property's book, and finds
// journals about bills that are no payment's.
func bookedQuery() string {
	lines := make([]string, len(expenses))
	for i, e := range expenses {
		lines[i] = fmt.Sprintf("('%s', '%s')", e.line, e.code)
	}
	return `
	WITH booked AS (SELECT j.id, j.effective_date, k.property_id, sum(p.amount) AS amount, count(*) AS n, min(d.code) AS debit, min(c.code) AS credit
			FROM financials.journals j JOIN financials.books k ON k.id = j.book_id JOIN financials.postings p ON p.journal_id = j.id AND p.book_id = j.book_id
			JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id JOIN financials.accounts c ON c.id = p.credit_account AND c.book_id = p.book_id
			WHERE j.source_type = '` + aggregateBill + `' GROUP BY j.id, j.effective_date, k.property_id),
		due AS (SELECT m.journal_id AS id, m.id AS payment_id, m.property_id, m.paid_on, m.amount, CASE m.kind WHEN 'payment' THEN l.code ELSE '` + AccountCash + `' END AS debit,
				CASE m.kind WHEN 'payment' THEN '` + AccountCash + `' ELSE l.code END AS credit
			FROM financials.bill_payments m JOIN financials.bills b ON b.id = m.bill_id
			JOIN (VALUES ` + strings.Join(lines, ", ") + `) l (line, code) ON l.line = b.line)
	SELECT COALESCE(d.payment_id, k.id)::text, format('payment %s, book %s', d.amount, k.amount) FROM due d FULL JOIN booked k ON k.id = d.id
	WHERE (d.property_id, d.paid_on, d.amount, d.debit, d.credit, 1) IS DISTINCT FROM (k.property_id, k.effective_date, k.amount, k.debit, k.credit, k.n)`
}
