package leases

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "no two leases of a unit overlap", Query: `
			SELECT a.id::text, format('overlaps term %s', b.id) FROM financials.lease_terms a
			JOIN financials.lease_terms b ON b.unit_id = a.unit_id AND b.id > a.id AND b.superseded_at IS NULL
				AND (b.last_day IS NULL OR b.last_day >= a.starts_on) AND (a.last_day IS NULL OR a.last_day >= b.starts_on)
			WHERE a.superseded_at IS NULL`},
		{Name: "the last day of a term follows from its days", Query: `
			SELECT t.id::text, format('%s, should be %s', t.last_day, w.day) FROM financials.lease_terms t
			CROSS JOIN LATERAL (SELECT CASE WHEN n.starts_on IS NOT NULL THEN n.starts_on - 1
				ELSE COALESCE(t.moved_out_on, t.leaves_on, CASE WHEN NOT t.month_to_month THEN t.ends_on END) END AS day
				FROM (SELECT min(x.starts_on) AS starts_on FROM financials.lease_terms x
					WHERE x.lease_id = t.lease_id AND x.superseded_at IS NULL AND x.number = t.number + 1) n) w
			WHERE t.superseded_at IS NULL AND t.last_day IS DISTINCT FROM w.day`},
		{Name: "a lease has one rent on a day", Query: `
			SELECT a.id::text, format('overlaps %s', b.id) FROM financials.lease_charges a
			JOIN financials.lease_charges b ON b.lease_id = a.lease_id AND b.id > a.id AND b.kind = 'rent' AND NOT b.once AND b.superseded_at IS NULL
				AND (b.ends_on IS NULL OR b.ends_on >= a.starts_on) AND (a.ends_on IS NULL OR a.ends_on >= b.starts_on)
			WHERE a.kind = 'rent' AND NOT a.once AND a.superseded_at IS NULL`},
		{Name: "a unit says what its leases say", Query: `
			SELECT u.id::text, format('%s %s %s, leases say %s %s %s', u.occupancy_status, u.current_rent, u.lease_start_date, w.status, w.rent, w.starts_on)
			FROM properties.units u
			LEFT JOIN LATERAL (SELECT CASE WHEN t.notice_on <= u.occupancy_as_of THEN 'notice' ELSE 'occupied' END AS status, r.amount AS rent, t.starts_on, t.ends_on,
					CASE WHEN t.notice_on <= u.occupancy_as_of THEN t.notice_on END AS notice_on, COALESCE(f.moved_in_on, f.starts_on) AS moved_in
				FROM financials.lease_terms t JOIN financials.lease_terms f ON f.lease_id = t.lease_id AND f.number = 1 AND f.superseded_at IS NULL
				LEFT JOIN financials.lease_charges r ON r.lease_id = t.lease_id AND r.kind = 'rent' AND NOT r.once AND r.superseded_at IS NULL
					AND r.starts_on <= u.occupancy_as_of AND (r.ends_on IS NULL OR r.ends_on >= u.occupancy_as_of)
				WHERE t.unit_id = u.id AND t.superseded_at IS NULL AND t.starts_on <= u.occupancy_as_of AND (t.last_day IS NULL OR t.last_day >= u.occupancy_as_of)
					AND COALESCE(f.moved_in_on, f.starts_on) <= u.occupancy_as_of) w ON TRUE
			WHERE u.occupancy_basis = 'leases' AND (CASE WHEN u.occupancy_status IN ('vacant', 'renovation') THEN 'none' ELSE u.occupancy_status END,
					u.current_rent, u.lease_start_date, u.lease_end_date, u.notice_date, u.move_in_date)
				IS DISTINCT FROM (COALESCE(w.status, 'none'), w.rent, w.starts_on, w.ends_on, w.notice_on, w.moved_in)`},
		{Name: "the occupancy of a property with leases rests on them", Query: `
			SELECT u.id::text, COALESCE(u.occupancy_basis, 'none') FROM properties.units u
			WHERE u.occupancy_basis IS DISTINCT FROM 'leases' AND EXISTS (SELECT 1 FROM financials.leases l WHERE l.property_id = u.property_id)`},
		{Name: "the book says of each tenant what their ledger says", Query: booksQuery},
		{Name: "payments and charges are applied at most once", Query: `
			SELECT e.id::text, format('%s of %s applied', s.amount, e.amount) FROM financials.lease_entries e
			CROSS JOIN LATERAL (SELECT sum(a.amount) AS amount FROM financials.lease_applications a WHERE a.payment_id = e.id
				UNION ALL SELECT sum(a.amount) FROM financials.lease_applications a WHERE a.charge_id = e.id
					AND NOT EXISTS (SELECT 1 FROM financials.lease_entries r WHERE r.of_id = a.payment_id AND r.kind = 'return')) s
			WHERE s.amount > e.amount`},
		{Name: "what is reversed or returned is at most what was there", Query: `
			SELECT e.id::text, format('%s of %s undone', s.amount, e.amount) FROM financials.lease_entries e
			CROSS JOIN LATERAL (SELECT sum(r.amount) AS amount FROM financials.lease_entries r WHERE r.of_id = e.id AND r.kind IN ('reversal', 'return')) s
			WHERE s.amount > e.amount OR s.amount < e.amount AND e.kind = 'payment'`},
		{Name: "no more of a deposit is settled than was paid", Query: `
			SELECT lease_id::text, format('%s held', sum(CASE kind WHEN 'deposit' THEN amount ELSE -amount END)) FROM financials.lease_entries
			WHERE kind IN ('deposit', 'deposit_applied', 'deposit_refunded') GROUP BY lease_id HAVING sum(CASE kind WHEN 'deposit' THEN amount ELSE -amount END) < 0`},
		{Name: "an approved write-off is a credit of its amount", Query: `
			SELECT w.id::text, format('%s, credited %s', w.amount, e.amount) FROM financials.lease_write_offs w JOIN financials.lease_entries e ON e.id = w.entry_id
			WHERE e.kind <> 'credit' OR e.charge_kind <> 'bad_debt' OR e.amount <> w.amount OR e.effective_on <> w.effective_date`},
	}
}

// booksQuery compares what tenants owe, and their deposits, by the entries and by the
// postings of the property's book.
const booksQuery = `
	SELECT COALESCE(e.lease_id, p.lease_id)::text, format('account %s: entries %s, book %s', COALESCE(e.code, p.code), COALESCE(e.amount, 0), COALESCE(p.amount, 0))
	FROM (SELECT n.lease_id, x.code, sum(x.amount) AS amount FROM financials.lease_entries n
			LEFT JOIN financials.lease_entries o ON o.id = n.of_id
			CROSS JOIN LATERAL (VALUES ('` + AccountReceivable + `', ` + billedSQL + ` + CASE WHEN n.kind IN ('refund', 'return') THEN n.amount
					WHEN n.kind IN ('payment', 'deposit_applied') THEN -n.amount ELSE 0 END),
				('` + AccountDeposits + `', CASE n.kind WHEN 'deposit' THEN -n.amount WHEN 'deposit_applied' THEN n.amount WHEN 'deposit_refunded' THEN n.amount ELSE 0 END)) x (code, amount)
			GROUP BY 1, 2) e
	FULL JOIN (SELECT l.id AS lease_id, a.code, sum(CASE WHEN p.debit_account = a.id THEN p.amount ELSE -p.amount END) AS amount FROM financials.leases l
			JOIN financials.accounts a ON a.book_id = l.book_id AND a.code IN ('` + AccountReceivable + `', '` + AccountDeposits + `')
			JOIN financials.postings p ON p.subledger_id = l.id AND p.book_id = l.book_id AND a.id IN (p.debit_account, p.credit_account) GROUP BY 1, 2) p
		ON p.lease_id = e.lease_id AND p.code = e.code
	WHERE COALESCE(e.amount, 0) <> COALESCE(p.amount, 0)`
