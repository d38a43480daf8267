package main

// preamble opens the migration that creates all histories.
const preamble = `-- The past of the tables whose past matters: for each, a table of the same name with _history behind
-- it, filled by static triggers. Made by internal/historygen; a test keeps the columns equal.
--
-- A version is what a row said between two changes of its facts. The base row is the present version,
-- valid from its updated_at; a history row is a past version, valid from valid_from until just before
-- valid_to, which is the updated_at of the version that followed, or the time of the DELETE. These
-- are times of recording, not of any effect in the world, and a moment before the COMMIT that lets
-- others see them. op says what ended the version: U an update, D a delete. changed_by is the
-- setting freehold.actor of the transaction that ended it, and tx_id is that transaction.
--
-- Read as of T, exactly one version or none:
--
--     SELECT <columns> FROM s.t WHERE id = $1 AND updated_at <= T
--     UNION ALL
--     SELECT <columns> FROM s.t_history WHERE id = $1 AND valid_from <= T AND T < valid_to
--
-- An update that changes only caches (sums and counters kept elsewhere) or the version makes no
-- history and leaves updated_at as it was, so that the two halves always meet. The trigger that sees
-- to this has a name that sorts last, to judge the row as the other triggers leave it.
--
-- A line of a distribution that was paid straight away, which nearly all are, makes no history by it: a
-- first change from pending to completed, at the first attempt, of a net amount above zero, with nothing
-- changed but the facts of the payment. What it said before is the same with nothing of a payment, from
-- its created_at until the payment; when that was recorded and by whom stands in its journal and its
-- transaction. Every other change of it (sent to the bank, failed, tried again, billed, reversed) makes
-- history as that of any row, and so does everything behind the payment. The statement that reads such a
-- row as of T stands below its triggers.
--
-- No role may insert into a history: its trigger function writes with the owner's rights, and for its own
-- table alone. On another, whose columns and types its owner chooses, it would run that owner's code.

-- Puts updated_at back after an update that changed no fact.
CREATE FUNCTION freehold.keep_updated_at() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := OLD.updated_at;
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION freehold.keep_updated_at() FROM PUBLIC;
`
