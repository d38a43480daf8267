DROP FUNCTION freehold.post_journals(UUID[], UUID[], DATE[], TEXT[], TEXT[], UUID[], UUID[], BOOLEAN[], UUID[], TEXT[], TEXT[],
    BYTEA[], TIMESTAMPTZ, INTEGER[], INTEGER[], UUID[], UUID[], NUMERIC[], UUID[], TEXT[]);
DROP FUNCTION freehold.add_to_balances(UUID[], UUID[], UUID[], NUMERIC[], UUID[]);
DROP TRIGGER lock_account_close ON financials.accounts;
DROP FUNCTION freehold.lock_account_close();

CREATE OR REPLACE FUNCTION freehold.guard_journal() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    book UUID;
    late RECORD;
BEGIN
    FOR book IN SELECT DISTINCT book_id FROM new_rows ORDER BY book_id LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('freehold.book:' || book, 0));
    END LOOP;
    SELECT n.id, n.effective_date, b.closed_through INTO late
    FROM new_rows n JOIN financials.books b ON b.id = n.book_id
    WHERE n.effective_date <= b.closed_through AND NOT n.adjusting
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is dated %, the book is closed through %', late.id, late.effective_date, late.closed_through
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'chk_journals_closed_period';
    END IF;
    RETURN NULL;
END;
$$;
CREATE OR REPLACE FUNCTION freehold.guard_posting() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    foreign_journal UUID;
BEGIN
    SELECT j.id INTO foreign_journal
    FROM (SELECT DISTINCT journal_id FROM new_rows) n
    JOIN financials.journals j ON j.id = n.journal_id
    WHERE j.tx_id <> pg_current_xact_id()::text::bigint
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is posted and takes no more lines', foreign_journal
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'chk_postings_posted_journal';
    END IF;
    RETURN NULL;
END;
$$;

DROP INDEX financials.idx_accounts_book_id;
DROP INDEX financials.idx_journals_book_id_tx_id;
CREATE INDEX idx_journals_book_id_tx_id ON financials.journals (book_id, tx_id);
DROP INDEX financials.idx_postings_credit_account_statement;
DROP INDEX financials.idx_postings_debit_account_statement;
CREATE INDEX idx_postings_debit_account_book_id_effective_date
    ON financials.postings (debit_account, book_id, effective_date);
CREATE INDEX idx_postings_credit_account_book_id_effective_date
    ON financials.postings (credit_account, book_id, effective_date);
