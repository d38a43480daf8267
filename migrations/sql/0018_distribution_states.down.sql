COMMENT ON TABLE investments.distribution_calculations IS 'Frozen inputs, trace and closing state of a distribution; append-only.';
ALTER TABLE investments.distribution_calculations DROP CONSTRAINT chk_distribution_calculations_history_hash;
ALTER TABLE investments.distribution_calculations DROP COLUMN history_hash;
ALTER TABLE investments.distribution_calculations ALTER COLUMN opening_state SET STORAGE EXTENDED;
ALTER TABLE investments.distribution_calculations RENAME COLUMN opening_state TO closing_state;
