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
		{Name: "the account behind a statement is in the ledger", Query: `
			SELECT s.id::text, format('account %s', s.account_id) FROM financials.statement_accounts s
			LEFT JOIN financials.accounts a ON a.id = s.account_id WHERE a.id IS NULL`},
		{Name: "the book of a lease is in the ledger", Query: `
			SELECT l.id::text, format('book %s', l.book_id) FROM financials.leases l
			LEFT JOIN financials.books b ON b.id = l.book_id WHERE b.id IS NULL`},
		{Name: "the book says of each loan what its entries say", Query: loanBookSQL},
		{Name: "the book says of each property's reserves what their entries say", Query: `
			WITH e AS (SELECT property_id, sum(CASE kind WHEN 'set_aside' THEN amount ELSE -amount END) AS held FROM financials.reserve_entries GROUP BY property_id),
				b AS (SELECT b.property_id, sum(CASE WHEN d.code = '` + AccountPropertyReserves + `' THEN p.amount ELSE 0 END - CASE WHEN c.code = '` + AccountPropertyReserves + `' THEN p.amount ELSE 0 END) AS held
					FROM financials.books b JOIN financials.postings p ON p.book_id = b.id AND p.subledger_id = b.property_id
					JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id JOIN financials.accounts c ON c.id = p.credit_account AND c.book_id = p.book_id GROUP BY b.property_id)
			SELECT COALESCE(e.property_id, b.property_id)::text, format('%s set aside, %s in the book', e.held, b.held)
			FROM e FULL JOIN b ON b.property_id = e.property_id WHERE COALESCE(e.held, 0) <> COALESCE(b.held, 0)`},
		{Name: "no loan is drawn beyond its commitment or repaid beyond what was drawn", Query: loanLimitsSQL},
		{Name: "a loan that ended was paid off on its day", Query: loanEndSQL},
		{Name: "a refinanced loan has the one that took its place", Query: `
			SELECT l.id::text, l.status FROM financials.loans l
			WHERE (l.status = 'refinanced') <> EXISTS (SELECT 1 FROM financials.loans n WHERE n.refinances_id = l.id)`},
		{Name: "the rate of a loan is what its index says", Query: `
			SELECT r.id::text, format('%s of %s', r.annual_rate, r.index_value) FROM financials.loan_rates r JOIN financials.loans l ON l.id = r.loan_id
			WHERE r.annual_rate IS DISTINCT FROM LEAST(1, l.rate_cap, GREATEST(0, l.rate_floor, r.index_value + l.margin))
				OR NOT EXISTS (SELECT 1 FROM financials.index_values v WHERE v.rate_index = l.rate_index AND v.value_date = r.index_date AND v.value = r.index_value)`},
		{Name: "a test of a covenant is what its figures say", Query: `
			SELECT t.id::text, format('%s at %s', t.status, t.ratio) FROM financials.covenant_tests t JOIN financials.covenants c ON c.id = t.covenant_id
			WHERE (t.status = 'met') <> CASE c.kind WHEN 'ltv' THEN t.balance <= c.threshold * t.property_value
				WHEN 'dscr' THEN t.debt_service <= 0 OR t.income >= c.threshold * t.debt_service
				ELSE t.balance <= 0 OR t.income >= c.threshold * t.balance END`},
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
	WITH i AS MATERIALIZED (SELECT i.id, i.property_id, i.period_start, i.period_end, i.accounting_basis, to_jsonb(i) AS income
			FROM financials.property_income i WHERE i.source = 'book' AND i.superseded_at IS NULL),
		d AS (SELECT i.*, b.id AS book_id FROM i JOIN financials.books b ON b.property_id = i.property_id),
		k AS (SELECT d.id, a.id AS account_id, a.code, a.type, sum(CASE WHEN p.debit_account = a.id THEN p.amount ELSE -p.amount END) AS net
			FROM d JOIN financials.postings p ON p.book_id = d.book_id AND p.effective_date BETWEEN d.period_start AND d.period_end
			JOIN financials.accounts a ON a.id IN (p.debit_account, p.credit_account) AND a.book_id = p.book_id GROUP BY d.id, a.id, a.code, a.type),
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

// movesSQL is what the entries of loans come to, reversals counted against what they undo.
const movesSQL = `SELECT e.loan_id, COALESCE(o.kind, e.kind) AS kind, CASE WHEN e.of_id IS NULL THEN 1 ELSE -1 END AS sign, e.principal, e.escrow, e.effective_on
	FROM financials.loan_entries e LEFT JOIN financials.loan_entries o ON o.id = e.of_id`

const loanBookSQL = `
	WITH m AS (` + movesSQL + `),
		e AS (SELECT loan_id, sum(sign * CASE WHEN kind = 'draw' THEN principal ELSE -principal END) AS owed,
			sum(sign * CASE WHEN kind = 'escrow_disbursement' THEN -escrow ELSE escrow END) AS escrow FROM m GROUP BY loan_id),
		b AS (SELECT l.id AS loan_id, sum(CASE WHEN c.code IN ('` + AccountMortgages + `', '` + AccountPrincipalPaid + `') THEN p.amount ELSE 0 END - CASE WHEN d.code IN ('` + AccountMortgages + `', '` + AccountPrincipalPaid + `') THEN p.amount ELSE 0 END) AS owed,
			sum(CASE WHEN d.code = '` + AccountEscrow + `' THEN p.amount ELSE 0 END - CASE WHEN c.code = '` + AccountEscrow + `' THEN p.amount ELSE 0 END) AS escrow
			FROM financials.loans l JOIN financials.postings p ON p.subledger_id = l.id JOIN financials.accounts d ON d.id = p.debit_account AND d.book_id = p.book_id
			JOIN financials.accounts c ON c.id = p.credit_account AND c.book_id = p.book_id GROUP BY l.id)
	SELECT COALESCE(e.loan_id, b.loan_id)::text, format('owed %s and %s in the book, escrow %s and %s', e.owed, b.owed, e.escrow, b.escrow)
	FROM e FULL JOIN b ON b.loan_id = e.loan_id
	WHERE COALESCE(e.owed, 0) <> COALESCE(b.owed, 0) OR COALESCE(e.escrow, 0) <> COALESCE(b.escrow, 0)`

const loanLimitsSQL = `
	WITH m AS (` + movesSQL + `),
		s AS (SELECT loan_id, sum(sign * CASE WHEN kind = 'draw' THEN principal ELSE 0 END) OVER w AS drawn,
			sum(sign * CASE WHEN kind = 'draw' THEN principal ELSE -principal END) OVER w AS owed,
			sum(sign * CASE WHEN kind = 'escrow_disbursement' THEN -escrow ELSE escrow END) OVER w AS escrow, effective_on
			FROM m WINDOW w AS (PARTITION BY loan_id ORDER BY effective_on))
	SELECT DISTINCT s.loan_id::text, format('%s drawn, %s owed, %s in escrow on %s', s.drawn, s.owed, s.escrow, s.effective_on)
	FROM s JOIN financials.loans l ON l.id = s.loan_id
	WHERE s.drawn > COALESCE(l.commitment, l.principal) OR s.owed < 0 OR s.escrow < 0`

const loanEndSQL = `
	WITH p AS (SELECT e.loan_id, e.effective_on FROM financials.loan_entries e
		WHERE e.kind = 'payoff' AND NOT EXISTS (SELECT 1 FROM financials.loan_entries r WHERE r.of_id = e.id))
	SELECT l.id::text, format('%s on %s, paid off on %s', l.status, l.payoff_date, p.effective_on)
	FROM financials.loans l LEFT JOIN p ON p.loan_id = l.id
	WHERE p.effective_on IS NOT NULL AND (l.status NOT IN ('paid_off', 'refinanced') OR l.payoff_date IS DISTINCT FROM p.effective_on)
		OR p.effective_on IS NULL AND l.status IN ('paid_off', 'refinanced')`
