-- Posting in one call, closed accounts, and statements of account that page at one cost.

-- The order of a statement: by date, then journal, then line, so that a page is found where the last one
-- ended, also within a day of a hundred thousand lines.
DROP INDEX financials.idx_postings_debit_account_book_id_effective_date;
DROP INDEX financials.idx_postings_credit_account_book_id_effective_date;
CREATE INDEX idx_postings_debit_account_statement
    ON financials.postings (debit_account, book_id, effective_date, journal_id, line);
CREATE INDEX idx_postings_credit_account_statement
    ON financials.postings (credit_account, book_id, effective_date, journal_id, line);

-- Sealing's way to the journals of a book. The predicate holds for every row; it keeps the index out of
-- the foreign-key checks of postings, whose plan a session makes once, perhaps while the table is small,
-- when an index on the book alone looks as good as one on the id, and then goes through the whole book
-- for each line.
DROP INDEX financials.idx_journals_book_id_tx_id;
CREATE INDEX idx_journals_book_id_tx_id ON financials.journals (book_id, tx_id) WHERE tx_id > 0;

-- The few accounts that a posting must not touch.
CREATE INDEX idx_accounts_book_id ON financials.accounts (book_id) WHERE status = 'closed';

-- Refuses a journal in a closed period. The shared lock on the book's name waits for a closing in
-- flight, and a closing (lock_book_close) waits for the journals in flight, so that neither misses the
-- other. Advisory locks queue fairly: a busy book can still be closed.
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
    -- A transaction that looks at the past would not see a closing since its first statement; the row
    -- lock makes it fail to serialize instead.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM FROM financials.books WHERE id IN (SELECT book_id FROM new_rows) ORDER BY id FOR SHARE;
    END IF;
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

-- Refuses a line for a journal that another transaction wrote (a posted journal gains no lines), and a
-- line on a closed account. The transaction holds the lock of its journals' books, for which the closing
-- of an account waits.
CREATE OR REPLACE FUNCTION freehold.guard_posting() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    found_one UUID;
BEGIN
    SELECT j.id INTO found_one
    FROM (SELECT DISTINCT journal_id FROM new_rows) n
    JOIN financials.journals j ON j.id = n.journal_id
    WHERE j.tx_id <> pg_current_xact_id()::text::bigint
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is posted and takes no more lines', found_one
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'chk_postings_posted_journal';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM FROM financials.accounts
        WHERE id IN (SELECT debit_account FROM new_rows UNION SELECT credit_account FROM new_rows) ORDER BY id FOR SHARE;
    END IF;
    SELECT a.id INTO found_one
    FROM (SELECT DISTINCT book_id FROM new_rows) n
    JOIN financials.accounts a ON a.book_id = n.book_id AND a.status = 'closed'
    WHERE EXISTS (SELECT FROM new_rows p WHERE a.id IN (p.debit_account, p.credit_account))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % is closed', found_one
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  CONSTRAINT = 'chk_postings_closed_account';
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION freehold.lock_account_close() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('freehold.book:' || OLD.book_id, 0));
    RETURN NEW;
END;
$$;
CREATE TRIGGER lock_account_close BEFORE UPDATE ON financials.accounts
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION freehold.lock_account_close();

-- Adds lines to the balances of their accounts, and of the subledgers of those accounts that keep them.
-- Rows are locked in one order everywhere, subledgers before accounts: those of accounts are the hot
-- ones and come last. Each connection adds to one of eight rows per account.
CREATE FUNCTION freehold.add_to_balances(books UUID[], debits UUID[], credits UUID[], amounts NUMERIC[], subledgers UUID[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    control UUID[];
BEGIN
    IF array_remove(subledgers, NULL) <> '{}' THEN
        SELECT array_agg(id) INTO control FROM financials.accounts WHERE book_id = ANY (books) AND subledgered;
        INSERT INTO financials.subledger_balances AS b (account_id, subledger_id, debits, credits)
        SELECT s.account, s.subledger, sum(s.debit), sum(s.credit)
        FROM (SELECT d AS account, s AS subledger, a AS debit, 0 AS credit
              FROM unnest(debits, amounts, subledgers) AS r (d, a, s) WHERE d = ANY (control)
              UNION ALL
              SELECT c, s, 0, a FROM unnest(credits, amounts, subledgers) AS r (c, a, s) WHERE c = ANY (control)) s
        WHERE s.subledger IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (account_id, subledger_id)
            DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
    END IF;
    INSERT INTO financials.account_balances AS b (account_id, shard, debits, credits)
    SELECT s.account, pg_backend_pid() % 8, sum(s.debit), sum(s.credit)
    FROM (SELECT d AS account, a AS debit, 0 AS credit FROM unnest(debits, amounts) AS r (d, a)
          UNION ALL
          SELECT c, 0, a FROM unnest(credits, amounts) AS r (c, a)) s
    GROUP BY 1 ORDER BY 1
    ON CONFLICT (account_id, shard)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
END;
$$;

-- Writes journals with their lines and balances: one round trip, and plans that the session keeps. A
-- line names its journal by its place among the journals, from 1.
CREATE FUNCTION freehold.post_journals(
    ids UUID[], books UUID[], days DATE[], descriptions TEXT[], source_types TEXT[], source_ids UUID[], reverses UUID[],
    adjusting BOOLEAN[], commands UUID[], keys TEXT[], actors TEXT[], hashes BYTEA[], recorded TIMESTAMPTZ,
    heads INTEGER[], lines INTEGER[], debits UUID[], credits UUID[], amounts NUMERIC[], subledgers UUID[], memos TEXT[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO financials.journals (id, book_id, effective_date, description, source_type, source_id, reverses_id,
        adjusting, command_id, idempotency_key, actor, content_hash, recorded_at)
    SELECT r.*, recorded
    FROM unnest(ids, books, days, descriptions, source_types, source_ids, reverses,
        adjusting, commands, keys, actors, hashes) AS r;
    INSERT INTO financials.postings (journal_id, line, book_id, effective_date, debit_account, credit_account, amount,
        subledger_id, memo)
    SELECT ids[h], l, books[h], days[h], d, c, a, s, m
    FROM unnest(heads, lines, debits, credits, amounts, subledgers, memos) AS r (h, l, d, c, a, s, m);
    PERFORM freehold.add_to_balances(books, debits, credits, amounts, subledgers);
END;
$$;
