-- What the library needs for itself: the trigger functions that every schema uses, and the tables
-- behind idempotency, domain events, approvals and sealed books. Nothing here refers to a domain
-- table, so that this schema stays at the bottom of the foreign-key order.
CREATE SCHEMA IF NOT EXISTS freehold;

-- Keeps created_at and updated_at. An import may state both on INSERT; afterwards created_at never
-- changes and updated_at always grows, even between two updates of one transaction: history rows
-- take it as the end of their validity, and an empty range would hide a version.
CREATE FUNCTION freehold.audit_trigger_function() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.created_at := COALESCE(NEW.created_at, clock_timestamp());
        NEW.updated_at := COALESCE(NEW.updated_at, NEW.created_at);
    ELSE
        NEW.created_at := OLD.created_at;
        NEW.updated_at := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    RETURN NEW;
END;
$$;

-- Turns a DELETE into a soft delete on tables whose status knows 'deleted'. Returning NULL skips the
-- DELETE; a transaction that has set freehold.purge to 'on' really deletes.
CREATE FUNCTION freehold.soft_delete() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('freehold.purge', TRUE) = 'on' THEN
        RETURN OLD;
    END IF;
    EXECUTE format(
        'UPDATE %I.%I SET status = ''deleted'', deleted_at = now() WHERE id = $1 AND deleted_at IS NULL',
        TG_TABLE_SCHEMA, TG_TABLE_NAME)
    USING OLD.id;
    RETURN NULL;
END;
$$;

-- The same guard for tables without a 'deleted' status.
CREATE FUNCTION freehold.soft_delete_row() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('freehold.purge', TRUE) = 'on' THEN
        RETURN OLD;
    END IF;
    EXECUTE format(
        'UPDATE %I.%I SET deleted_at = now() WHERE id = $1 AND deleted_at IS NULL',
        TG_TABLE_SCHEMA, TG_TABLE_NAME)
    USING OLD.id;
    RETURN NULL;
END;
$$;

-- Guards append-only tables, per row against UPDATE and DELETE, per statement against TRUNCATE. The
-- SQLSTATE FH001 is ours, so that the library can tell it from every error of the server.
CREATE FUNCTION freehold.refuse_change() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table %.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'FH001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END;
$$;

-- Everybody's triggers run these; only the owner makes triggers of them.
REVOKE ALL ON FUNCTION freehold.audit_trigger_function(), freehold.soft_delete(), freehold.soft_delete_row(),
    freehold.refuse_change() FROM PUBLIC;

-- scope separates callers that choose their keys independently (an account, an integration, a job).
-- The row is inserted first and completed with its result in the same transaction, so whoever can
-- see it sees the result too.
CREATE TABLE freehold.idempotency (
    scope        TEXT        NOT NULL CONSTRAINT chk_idempotency_scope CHECK (length(scope) <= 200),
    verb         TEXT        NOT NULL CONSTRAINT chk_idempotency_verb CHECK (length(verb) BETWEEN 1 AND 100),
    key          TEXT        NOT NULL CONSTRAINT chk_idempotency_key CHECK (length(key) BETWEEN 1 AND 255),
    request_hash BYTEA       NOT NULL CONSTRAINT chk_idempotency_request_hash CHECK (octet_length(request_hash) = 32),
    result_kind  TEXT        CONSTRAINT chk_idempotency_result_kind CHECK (length(result_kind) BETWEEN 1 AND 100),
    result_id    UUID,
    result       JSONB,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_idempotency_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_idempotency PRIMARY KEY (scope, verb, key),
    CONSTRAINT chk_idempotency_result_reference CHECK (result_id IS NULL OR result_kind IS NOT NULL)
);
COMMENT ON TABLE freehold.idempotency IS 'One row per command that moves money: the hash of its request and a reference to its result.';

-- The last position given out per aggregate. Its row lock is held to the end of the transaction, so
-- positions become visible in order and without gaps, without any sequence.
CREATE TABLE freehold.outbox_heads (
    aggregate_type TEXT   NOT NULL CONSTRAINT chk_outbox_heads_aggregate_type CHECK (length(aggregate_type) BETWEEN 1 AND 100),
    aggregate_id   UUID   NOT NULL,
    position       BIGINT NOT NULL CONSTRAINT chk_outbox_heads_position CHECK (position > 0),
    CONSTRAINT pk_outbox_heads PRIMARY KEY (aggregate_type, aggregate_id)
);
COMMENT ON TABLE freehold.outbox_heads IS 'The last event position given out per aggregate; survives the pruning of delivered events.';

CREATE TABLE freehold.outbox (
    id             UUID        NOT NULL DEFAULT gen_random_uuid(),
    aggregate_type TEXT        NOT NULL CONSTRAINT chk_outbox_aggregate_type CHECK (length(aggregate_type) BETWEEN 1 AND 100),
    aggregate_id   UUID        NOT NULL,
    position       BIGINT      NOT NULL CONSTRAINT chk_outbox_position CHECK (position > 0),
    type           TEXT        NOT NULL CONSTRAINT chk_outbox_type CHECK (length(type) BETWEEN 1 AND 100),
    version        INTEGER     NOT NULL DEFAULT 1 CONSTRAINT chk_outbox_version CHECK (version > 0),
    payload        JSONB       NOT NULL,
    actor          TEXT        NOT NULL CONSTRAINT chk_outbox_actor CHECK (actor <> ''),
    occurred_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_outbox_occurred_at CHECK (isfinite(occurred_at)),
    available_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_outbox_available_at CHECK (isfinite(available_at)),
    attempts       INTEGER     NOT NULL DEFAULT 0 CONSTRAINT chk_outbox_attempts CHECK (attempts >= 0),
    -- Each lease has a token of its own, so that one that ran out and was given to another cannot be ended
    -- by whoever had it first, also when both bear one name.
    lease_owner    TEXT,
    lease_token    UUID,
    leased_until   TIMESTAMPTZ CONSTRAINT chk_outbox_leased_until CHECK (isfinite(leased_until)),
    delivered_at   TIMESTAMPTZ CONSTRAINT chk_outbox_delivered_at CHECK (isfinite(delivered_at)),
    dead_at        TIMESTAMPTZ CONSTRAINT chk_outbox_dead_at CHECK (isfinite(dead_at)),
    -- A dead event that somebody decided not to deliver counts as delivered, and says so.
    skipped        BOOLEAN     NOT NULL DEFAULT FALSE,
    last_error     TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT uk_outbox_aggregate_type_aggregate_id_position UNIQUE (aggregate_type, aggregate_id, position),
    CONSTRAINT chk_outbox_outcome CHECK (delivered_at IS NULL OR dead_at IS NULL),
    CONSTRAINT chk_outbox_skip CHECK (NOT skipped OR delivered_at IS NOT NULL),
    CONSTRAINT chk_outbox_lease
        CHECK ((lease_owner IS NULL) = (leased_until IS NULL) AND (lease_owner IS NULL) = (lease_token IS NULL))
);
-- What is due.
CREATE INDEX idx_outbox_due ON freehold.outbox (available_at, id) WHERE delivered_at IS NULL AND dead_at IS NULL;
-- Whether an earlier event of the same aggregate is not delivered yet. A dead one counts: it holds back
-- what comes after it until somebody retries or skips it.
CREATE INDEX idx_outbox_undelivered ON freehold.outbox (aggregate_type, aggregate_id, position) WHERE delivered_at IS NULL;
CREATE INDEX idx_outbox_dead_at ON freehold.outbox (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX idx_outbox_delivered_at ON freehold.outbox (delivered_at) WHERE delivered_at IS NOT NULL;
COMMENT ON TABLE freehold.outbox IS 'Domain events, written with the change they tell of and delivered at least once, in order per aggregate.';

-- subject_hash freezes what is being approved: a subject that changes afterwards needs a new request.
-- People are named without foreign keys, because this schema refers to no other.
CREATE TABLE freehold.approval_requests (
    id            UUID        NOT NULL DEFAULT gen_random_uuid(),
    subject_kind  TEXT        NOT NULL CONSTRAINT chk_approval_requests_subject_kind CHECK (length(subject_kind) BETWEEN 1 AND 100),
    subject_id    UUID        NOT NULL,
    action        TEXT        NOT NULL CONSTRAINT chk_approval_requests_action CHECK (length(action) BETWEEN 1 AND 100),
    subject_hash  BYTEA       NOT NULL CONSTRAINT chk_approval_requests_subject_hash CHECK (octet_length(subject_hash) = 32),
    required      INTEGER     NOT NULL DEFAULT 1 CONSTRAINT chk_approval_requests_required CHECK (required BETWEEN 1 AND 100),
    -- Whether who asked for it may agree to it: small amounts may pass without a second person.
    self_approval BOOLEAN     NOT NULL DEFAULT FALSE,
    requested_by  UUID        NOT NULL,
    status        TEXT        NOT NULL DEFAULT 'pending'
                  CONSTRAINT chk_approval_requests_status CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn')),
    expires_at    TIMESTAMPTZ CONSTRAINT chk_approval_requests_expires_at CHECK (isfinite(expires_at)),
    decided_at    TIMESTAMPTZ CONSTRAINT chk_approval_requests_decided_at CHECK (isfinite(decided_at)),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_approval_requests_created_at CHECK (isfinite(created_at)),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_approval_requests_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_approval_requests PRIMARY KEY (id),
    CONSTRAINT chk_approval_requests_alone CHECK (required = 1 OR NOT self_approval),
    CONSTRAINT chk_approval_requests_decision CHECK ((status = 'pending') = (decided_at IS NULL))
);
-- One open request per subject and action.
CREATE UNIQUE INDEX uk_approval_requests_pending ON freehold.approval_requests (subject_kind, subject_id, action)
    WHERE status = 'pending';
CREATE INDEX idx_approval_requests_subject_kind_subject_id ON freehold.approval_requests (subject_kind, subject_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON freehold.approval_requests
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE freehold.approval_requests IS 'What waits for the consent of how many people, frozen by its hash.';

CREATE TABLE freehold.approvals (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    request_id  UUID        NOT NULL,
    approver_id UUID        NOT NULL,
    decision    TEXT        NOT NULL CONSTRAINT chk_approvals_decision CHECK (decision IN ('approved', 'rejected')),
    note        TEXT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_approvals_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_approvals PRIMARY KEY (id),
    CONSTRAINT fk_approvals_request_id FOREIGN KEY (request_id) REFERENCES freehold.approval_requests (id) ON DELETE RESTRICT,
    CONSTRAINT uk_approvals_request_id_approver_id UNIQUE (request_id, approver_id)
);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON freehold.approvals
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON freehold.approvals
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE freehold.approvals IS 'One decision of one person on one request; append-only.';

-- A seal links the journals that were committed and not yet sealed to the seal before it. book_id is
-- the ledger's book, without a foreign key: this schema refers to no other.
CREATE TABLE freehold.ledger_seals (
    id                UUID        NOT NULL DEFAULT gen_random_uuid(),
    book_id           UUID        NOT NULL,
    position          BIGINT      NOT NULL CONSTRAINT chk_ledger_seals_position CHECK (position > 0),
    first_journal_id  UUID        NOT NULL,
    last_journal_id   UUID        NOT NULL,
    first_recorded_at TIMESTAMPTZ NOT NULL CONSTRAINT chk_ledger_seals_first_recorded_at CHECK (isfinite(first_recorded_at)),
    last_recorded_at  TIMESTAMPTZ NOT NULL CONSTRAINT chk_ledger_seals_last_recorded_at CHECK (isfinite(last_recorded_at)),
    journal_count     BIGINT      NOT NULL CONSTRAINT chk_ledger_seals_journal_count CHECK (journal_count > 0),
    previous_hash     BYTEA       CONSTRAINT chk_ledger_seals_previous_hash CHECK (octet_length(previous_hash) = 32),
    hash              BYTEA       NOT NULL CONSTRAINT chk_ledger_seals_hash CHECK (octet_length(hash) = 32),
    sealed_at         TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_ledger_seals_sealed_at CHECK (isfinite(sealed_at)),
    CONSTRAINT pk_ledger_seals PRIMARY KEY (id, book_id),
    CONSTRAINT uk_ledger_seals_book_id_position UNIQUE (book_id, position),
    CONSTRAINT chk_ledger_seals_chain CHECK ((position = 1) = (previous_hash IS NULL)),
    CONSTRAINT chk_ledger_seals_span CHECK (first_recorded_at <= last_recorded_at)
);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON freehold.ledger_seals
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON freehold.ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE freehold.ledger_seals IS 'The hash chain of each book, one link per batch of sealed journals; append-only.';

-- Which journals a seal covers, in chain order. Membership is explicit, because a range of times or
-- transaction numbers can gain members late (a slow transaction) or move (a dump and restore).
CREATE TABLE freehold.sealed_journals (
    journal_id   UUID   NOT NULL,
    book_id      UUID   NOT NULL,
    position     BIGINT NOT NULL,
    ordinal      BIGINT NOT NULL CONSTRAINT chk_sealed_journals_ordinal CHECK (ordinal > 0),
    content_hash BYTEA  NOT NULL CONSTRAINT chk_sealed_journals_content_hash CHECK (octet_length(content_hash) = 32),
    CONSTRAINT pk_sealed_journals PRIMARY KEY (journal_id, book_id),
    CONSTRAINT fk_sealed_journals_position FOREIGN KEY (book_id, position) REFERENCES freehold.ledger_seals (book_id, position),
    CONSTRAINT uk_sealed_journals_book_id_position_ordinal UNIQUE (book_id, position, ordinal)
);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON freehold.sealed_journals
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON freehold.sealed_journals
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE freehold.sealed_journals IS 'The journals of each seal with the content hash they had when sealed; append-only.';

-- How far a book was proved, and what it came to there, so that the next proof begins where this one
-- ended. The marks of a book are a chain like its seals.
CREATE TABLE freehold.ledger_marks (
    book_id       UUID        NOT NULL,
    number        BIGINT      NOT NULL CONSTRAINT chk_ledger_marks_number CHECK (number > 0),
    position      BIGINT      NOT NULL,
    seal_hash     BYTEA       NOT NULL CONSTRAINT chk_ledger_marks_seal_hash CHECK (octet_length(seal_hash) = 32),
    journal_count BIGINT      NOT NULL CONSTRAINT chk_ledger_marks_journal_count CHECK (journal_count > 0),
    balances_hash BYTEA       NOT NULL CONSTRAINT chk_ledger_marks_balances_hash CHECK (octet_length(balances_hash) = 32),
    previous_hash BYTEA       CONSTRAINT chk_ledger_marks_previous_hash CHECK (octet_length(previous_hash) = 32),
    hash          BYTEA       NOT NULL CONSTRAINT chk_ledger_marks_hash CHECK (octet_length(hash) = 32),
    verified_at   TIMESTAMPTZ NOT NULL CONSTRAINT chk_ledger_marks_verified_at CHECK (isfinite(verified_at)),
    CONSTRAINT pk_ledger_marks PRIMARY KEY (book_id, number),
    CONSTRAINT fk_ledger_marks_position FOREIGN KEY (book_id, position) REFERENCES freehold.ledger_seals (book_id, position),
    CONSTRAINT chk_ledger_marks_chain CHECK ((number = 1) = (previous_hash IS NULL))
);
CREATE INDEX idx_ledger_marks_book_id_position ON freehold.ledger_marks (book_id, position);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON freehold.ledger_marks
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON freehold.ledger_marks
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE freehold.ledger_marks IS 'How far each book was proved, as a hash chain; append-only.';
