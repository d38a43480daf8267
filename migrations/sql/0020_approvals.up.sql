-- Whether who asked for it may agree to it: small amounts may pass without a second person.
ALTER TABLE freehold.approval_requests
    ADD COLUMN self_approval BOOLEAN NOT NULL DEFAULT FALSE,
    ADD CONSTRAINT chk_approval_requests_alone CHECK (required = 1 OR NOT self_approval);

-- What an approval of a distribution agrees to: its total, dates, type, tax character, method, terms, frozen
-- inputs and lines, and nothing that changes once it is declared.
CREATE FUNCTION freehold.distribution_hash(distribution UUID) RETURNS BYTEA
LANGUAGE sql STABLE
SET search_path = pg_catalog
AS $$
    SELECT sha256(convert_to(format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|', d.id, d.opportunity_id, d.total_amount, d.currency,
                to_char(d.distribution_date, 'YYYY-MM-DD'), to_char(d.record_date, 'YYYY-MM-DD'), d.distribution_type, d.type,
                d.calculation_method, d.terms_id, encode(c.inputs_hash, 'hex')), 'UTF8')
        || COALESCE((
            SELECT string_agg(sha256(convert_to(concat_ws('|', l.id, l.investor_id, COALESCE(l.account_id::text, '-'),
                COALESCE(l.investment_id::text, '-'), l.role, l.distribution_amount, l.tax_withholding,
                l.net_distribution, l.adjustment), 'UTF8')), ''::bytea ORDER BY l.id)
            FROM investments.investor_distributions l WHERE l.distribution_id = d.id), ''))
    FROM investments.distributions d
    LEFT JOIN investments.distribution_calculations c ON c.distribution_id = d.id
    WHERE d.id = distribution
$$;
