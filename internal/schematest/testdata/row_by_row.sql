# Statements as a cluster takes or refuses them (tried on Citus 13.2.2), for TestRowByRow: transfers and lines are of the deals.
runs: SELECT t.id FROM investments.transfers t LEFT JOIN financials.books b ON b.id = t.book_id WHERE b.id IS NULL
runs: SELECT t.id FROM investments.transfers t LEFT JOIN (SELECT j.book_id, count(*) AS n FROM financials.journals j GROUP BY 1) x ON x.book_id = t.book_id
runs: SELECT j.id FROM financials.journals j FULL JOIN investments.transfers t ON t.journal_id = j.id AND t.book_id = j.book_id
runs: SELECT j.id FROM financials.journals j WHERE j.id IN (SELECT journal_id FROM investments.transfers)
runs: SELECT t.id FROM investments.transfers t WHERE t.journal_id NOT IN (SELECT id FROM financials.journals)
runs: SELECT j.id, (SELECT count(*) FROM investments.transfers) FROM financials.journals j
runs: SELECT j.id, EXISTS (SELECT 1 FROM investments.transfers t WHERE EXISTS (SELECT 1 FROM investments.lines l WHERE l.transfer_id = t.id)) FROM financials.journals j
runs: SELECT t.id FROM investments.transfers t JOIN financials.journals j ON j.id = t.journal_id WHERE NOT EXISTS (SELECT 1 FROM financials.journals r WHERE r.reverses_id = j.id AND r.book_id = j.book_id)
runs: SELECT w.id FROM (SELECT t.id, t.journal_id, x.n FROM investments.transfers t CROSS JOIN LATERAL (SELECT count(*) AS n FROM investments.lines l WHERE l.transfer_id = t.id) x) w JOIN financials.journals j ON j.id = w.journal_id
runs: WITH j AS MATERIALIZED (SELECT id FROM financials.journals) SELECT j.id, x.n FROM j CROSS JOIN LATERAL (SELECT count(*) AS n FROM investments.transfers t WHERE t.journal_id = j.id) x
runs: UPDATE investments.transfers t SET updated_at = now() FROM financials.journals j WHERE j.id = t.journal_id
refused: SELECT j.id FROM financials.journals j WHERE EXISTS (SELECT 1 FROM investments.transfers t WHERE t.journal_id = j.id)
refused: SELECT j.id FROM financials.journals j WHERE j.book_id = '0' AND NOT EXISTS (SELECT 1 FROM investments.transfers t WHERE t.journal_id = j.id)
refused: SELECT j.id, (SELECT count(*) FROM investments.transfers t WHERE t.journal_id = j.id) FROM financials.journals j
refused: SELECT t.id FROM investments.transfers t WHERE NOT EXISTS (SELECT 1 FROM financials.journals j WHERE j.id = t.journal_id)
refused: SELECT t.id, (SELECT count(*) FROM financials.journals j WHERE j.id = t.journal_id) FROM investments.transfers t
refused: SELECT t.id, x.n FROM investments.transfers t CROSS JOIN LATERAL (SELECT count(*) AS n FROM financials.journals j WHERE j.id = t.journal_id) x
refused: SELECT j.id, x.n FROM financials.journals j CROSS JOIN LATERAL (SELECT count(*) AS n FROM investments.transfers t WHERE t.journal_id = j.id) x
refused: SELECT t.id FROM investments.transfers t JOIN financials.journals j ON j.id = t.journal_id WHERE NOT EXISTS (SELECT 1 FROM investments.lines l WHERE l.transfer_id = t.id)
refused: SELECT t.id FROM investments.transfers t JOIN financials.journals j ON j.id = t.journal_id CROSS JOIN LATERAL (SELECT count(*) AS n FROM investments.lines l WHERE l.transfer_id = t.id) x
refused: WITH t AS (SELECT id, journal_id FROM investments.transfers) SELECT t.id, x.n FROM t CROSS JOIN LATERAL (SELECT count(*) AS n FROM financials.journals j WHERE j.id = t.journal_id) x
refused: WITH t AS MATERIALIZED (SELECT id, journal_id FROM investments.transfers) SELECT t.id, x.n FROM t CROSS JOIN LATERAL (SELECT count(*) AS n FROM financials.journals j WHERE j.id = t.journal_id) x
refused: UPDATE investments.transfers t SET updated_at = now() WHERE EXISTS (SELECT 1 FROM financials.journals j WHERE j.id = t.journal_id)
refused: UPDATE investments.transfers t SET amount = m.n FROM (SELECT u.id, x.n FROM investments.transfers u CROSS JOIN LATERAL (SELECT count(*) AS n FROM financials.journals j WHERE j.id = u.journal_id) x) m WHERE m.id = t.id
runs: SELECT t.id, b.id, x.n FROM investments.transfers t LEFT JOIN financials.books b ON b.id = t.book_id LEFT JOIN LATERAL (SELECT count(*) AS n FROM investments.lines l WHERE l.transfer_id = t.id) x ON TRUE
runs: WITH t AS (SELECT id, journal_id FROM investments.transfers) SELECT t.id, (SELECT count(*) FROM t u WHERE u.id = t.id), j.id FROM t JOIN financials.journals j ON j.id = t.journal_id
runs: WITH t AS MATERIALIZED (SELECT id, journal_id FROM investments.transfers) SELECT j.id FROM financials.journals j WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.journal_id = j.id)
runs: SELECT b.id, x.n FROM financials.books b CROSS JOIN LATERAL (SELECT count(*) AS n FROM financials.journals j WHERE j.book_id = b.id) x
refused: SELECT b.id, x.n FROM financials.books b CROSS JOIN LATERAL (SELECT (SELECT count(*) FROM financials.journals j WHERE j.book_id = b.id) AS n) x
