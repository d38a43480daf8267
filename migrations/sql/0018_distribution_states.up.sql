-- A distribution keeps the state that it was computed from, in a compact binary form, instead of the one
-- that it led to: the closing state follows from it, so that one copy both explains every cent and starts
-- the next computation. The form is dense already, so that the server need not try to compress it.
ALTER TABLE investments.distribution_calculations RENAME COLUMN closing_state TO opening_state;
ALTER TABLE investments.distribution_calculations ALTER COLUMN opening_state SET STORAGE EXTERNAL;

-- The hash of everything on record, at the time of the computation, that it rested on: contributions and
-- transfers by its date, the distributions before it, the terms. While what is on record hashes to the
-- same, nothing of the past needs to be computed again.
ALTER TABLE investments.distribution_calculations ADD COLUMN history_hash BYTEA;
ALTER TABLE investments.distribution_calculations ADD CONSTRAINT chk_distribution_calculations_history_hash
    CHECK (octet_length(history_hash) = 32);
COMMENT ON TABLE investments.distribution_calculations IS 'Frozen inputs, opening state and trace of a distribution; append-only.';
