-- What add_to_balances does for sums that the client has made and put into the order of account and
-- subledger, in which rows are locked everywhere: for a hundred thousand lines the server need neither
-- group nor sort. places tell where in accounts the account of a sum stands. A sum without a subledger is
-- its account's; those of subledgers count on the accounts that keep them.
CREATE FUNCTION freehold.add_sums_to_balances(books UUID[], accounts UUID[], places INTEGER[], subledgers UUID[], debits NUMERIC[], credits NUMERIC[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
SET work_mem = '64MB'
AS $$
DECLARE
    control UUID[];
BEGIN
    SELECT array_agg(id) INTO control FROM financials.accounts WHERE book_id = ANY (books) AND subledgered;
    INSERT INTO financials.subledger_balances AS b (account_id, subledger_id, debits, credits)
    SELECT accounts[r.place], r.subledger, r.debit, r.credit
    FROM unnest(places, subledgers, debits, credits) WITH ORDINALITY AS r (place, subledger, debit, credit, n)
    WHERE r.subledger IS NOT NULL AND accounts[r.place] = ANY (control) ORDER BY r.n
    ON CONFLICT (account_id, subledger_id)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
    INSERT INTO financials.account_balances AS b (account_id, shard, debits, credits)
    SELECT accounts[r.place], pg_backend_pid() % 8, r.debit, r.credit
    FROM unnest(places, subledgers, debits, credits) WITH ORDINALITY AS r (place, subledger, debit, credit, n)
    WHERE r.subledger IS NULL ORDER BY r.n
    ON CONFLICT (account_id, shard)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
END;
$$;
