package financials

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "statements in force do not overlap", Query: `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_income a
			JOIN financials.property_income b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start AND b.accounting_basis = a.accounting_basis
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL
			UNION ALL
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.property_expenses a
			JOIN financials.property_expenses b ON b.property_id = a.property_id AND b.id > a.id
				AND b.period_start <= a.period_end AND b.period_end >= a.period_start AND b.accounting_basis = a.accounting_basis
			WHERE a.superseded_at IS NULL AND b.superseded_at IS NULL`},
		{Name: "a statement out of the book is what the book says", Query: derivedSQL},
		{Name: "budgets in force do not overlap", Query: `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.budgets a
			JOIN financials.budgets b ON b.property_id = a.property_id AND b.id > a.id AND b.superseded_at IS NULL
				AND b.first_month <= a.last_month AND b.last_month >= a.first_month
			WHERE a.superseded_at IS NULL`},
		{Name: "a budget plans its own months", Query: `
			SELECT l.id::text, format('%s is not within %s to %s', l.month, b.first_month, b.last_month) FROM financials.budget_lines l
			JOIN financials.budgets b ON b.id = l.budget_id WHERE l.month NOT BETWEEN b.first_month AND b.last_month OR EXTRACT(DAY FROM l.month) <> 1`},
	}
}

// derivedSQL finds accounts that came to something else than a statement out of the book
// says, those that it leaves out, and lines that are not the sum of their accounts.
const derivedSQL = `
	WITH d AS (SELECT i.id, i.property_id, i.period_start, i.period_end, i.accounting_basis, b.id AS book_id, to_jsonb(i) AS income
			FROM financials.property_income i JOIN financials.books b ON b.property_id = i.property_id
			WHERE i.source = 'book' AND i.superseded_at IS NULL),
		k AS (SELECT d.id, a.id AS account_id, a.code, a.type, sum(CASE WHEN p.debit_account = a.id THEN p.amount ELSE -p.amount END) AS net
			FROM d JOIN financials.postings p ON p.book_id = d.book_id AND p.effective_date BETWEEN d.period_start AND d.period_end
			JOIN financials.accounts a ON a.id IN (p.debit_account, p.credit_account) GROUP BY d.id, a.id, a.code, a.type),
		s AS (SELECT s.* FROM financials.statement_accounts s JOIN d ON d.id = s.income_id)
	SELECT COALESCE(k.id, s.income_id)::text, format('account %s came to %s, stated as %s', COALESCE(k.code, s.account_id::text), k.net, s.amount)
	FROM k FULL JOIN s ON s.income_id = k.id AND s.account_id = k.account_id
	WHERE CASE WHEN s.id IS NULL THEN k.type IN ('income', 'expense') AND k.net <> 0
		WHEN s.line IN ('gross_rental_income', 'parking_income', 'laundry_income', 'pet_income', 'application_fees', 'late_fees', 'other_income')
			THEN s.amount <> -COALESCE(k.net, 0)
		ELSE s.amount <> COALESCE(k.net, 0) END
	UNION ALL
	SELECT d.id::text, format('%s is %s, its accounts come to %s', v.line, v.amount, v.accounts) FROM d
	LEFT JOIN financials.property_expenses e ON e.property_id = d.property_id AND e.period_start = d.period_start AND e.period_end = d.period_end
		AND e.accounting_basis = d.accounting_basis AND e.superseded_at IS NULL
	CROSS JOIN LATERAL (SELECT l.line, COALESCE((d.income ->> l.line)::numeric, (to_jsonb(e) ->> l.line)::numeric, 0) AS amount,
			COALESCE((SELECT sum(s.amount) FROM s WHERE s.income_id = d.id AND s.line = l.line), 0) AS accounts
		FROM unnest(ARRAY['gross_rental_income', 'loss_to_lease', 'vacancy_loss', 'concessions', 'bad_debt', 'parking_income', 'laundry_income', 'pet_income',
			'application_fees', 'late_fees', 'other_income', 'property_management', 'maintenance_repairs', 'utilities', 'insurance', 'property_taxes', 'payroll',
			'advertising', 'legal_professional', 'landscaping', 'office_administrative', 'other_operating', 'capital_improvements', 'mortgage_principal',
			'mortgage_interest', 'replacement_reserves']) AS l (line)) v
	WHERE v.amount <> v.accounts`
