-- What the relay needs to deliver events in order.

-- Whether an earlier event of the same aggregate is not delivered yet. A dead one counts: it holds back
-- what comes after it until somebody retries or skips it.
DROP INDEX freehold.idx_outbox_open;
CREATE INDEX idx_outbox_undelivered ON freehold.outbox (aggregate_type, aggregate_id, position) WHERE delivered_at IS NULL;

-- Each lease has a token of its own, so that one that ran out and was given to another cannot be ended
-- by whoever had it first, also when both bear one name.
ALTER TABLE freehold.outbox ADD COLUMN lease_token UUID;
ALTER TABLE freehold.outbox DROP CONSTRAINT chk_outbox_lease;
ALTER TABLE freehold.outbox ADD CONSTRAINT chk_outbox_lease
    CHECK ((lease_owner IS NULL) = (leased_until IS NULL) AND (lease_owner IS NULL) = (lease_token IS NULL));

-- A dead event that somebody decided not to deliver counts as delivered, and says so.
ALTER TABLE freehold.outbox ADD COLUMN skipped BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE freehold.outbox ADD CONSTRAINT chk_outbox_skip CHECK (NOT skipped OR delivered_at IS NOT NULL);
