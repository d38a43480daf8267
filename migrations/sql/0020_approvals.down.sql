DROP FUNCTION freehold.distribution_hash(UUID);

ALTER TABLE freehold.approval_requests
    DROP CONSTRAINT chk_approval_requests_alone,
    DROP COLUMN self_approval;
