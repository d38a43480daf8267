ALTER TABLE freehold.outbox DROP COLUMN skipped;
ALTER TABLE freehold.outbox DROP CONSTRAINT chk_outbox_lease;
ALTER TABLE freehold.outbox DROP COLUMN lease_token;
ALTER TABLE freehold.outbox ADD CONSTRAINT chk_outbox_lease CHECK ((lease_owner IS NULL) = (leased_until IS NULL));
DROP INDEX freehold.idx_outbox_undelivered;
CREATE INDEX idx_outbox_open ON freehold.outbox (aggregate_type, aggregate_id, position) WHERE delivered_at IS NULL AND dead_at IS NULL;
