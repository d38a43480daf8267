-- Lists that page at one cost however deep, portfolios that are written once in bulk, and room on their
-- pages for the updates that touch nothing indexed.

-- The order of a list within its filter, so that no page sorts: newest first by creation, or as
-- written. Each takes the place of an index on the same first columns where there was one. Lists of an
-- offering's positions and of a distribution's lines name the property too, which the offering or the
-- distribution determines.
CREATE INDEX idx_property_investments_created_at_id ON investments.property_investments (created_at DESC, id DESC);
DROP INDEX investments.idx_property_investments_opportunity_id_property_id;
CREATE INDEX idx_property_investments_opportunity_id_property_id_created_at
    ON investments.property_investments (opportunity_id, property_id, created_at DESC, id DESC);
CREATE INDEX idx_subscriptions_created_at_id ON investments.subscriptions (created_at DESC, id DESC);
DROP INDEX investments.idx_subscriptions_investor_id_created_at;
CREATE INDEX idx_subscriptions_investor_id_created_at_id
    ON investments.subscriptions (investor_id, created_at DESC, id DESC);
-- Nobody looks for the subscriptions that are done by their status; those that wait are few in the end.
DROP INDEX investments.idx_subscriptions_opportunity_id_status;
CREATE INDEX idx_subscriptions_opportunity_id_status ON investments.subscriptions (opportunity_id, status)
    WHERE status IN ('waitlisted', 'open');
CREATE INDEX idx_subscriptions_opportunity_id_created_at_id
    ON investments.subscriptions (opportunity_id, created_at DESC, id DESC);
DROP INDEX investments.idx_investor_distributions_distribution_id_property_id;
CREATE INDEX idx_investor_distributions_distribution_id_property_id_id
    ON investments.investor_distributions (distribution_id, property_id, id);

-- A portfolio's figures are in no index: with room on its page, a new version needs no new entries.
ALTER TABLE investments.investor_portfolios SET (fillfactor = 60);

-- As before, and writes a portfolio once that is new. A transaction that counts a position of an
-- investor without a portfolio inserts that row before anything else of the kind can be seen, so that
-- whoever inserts it first has seen all counted positions there are; who comes second finds the row,
-- waits for it and aggregates after that, in a statement of its own.
CREATE OR REPLACE FUNCTION freehold.update_portfolio_on_investment() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    changed UUID[];
    offerings UUID[];
    made UUID[];
    bypass TEXT := COALESCE(current_setting('freehold.bypass', TRUE), '');
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT investor_id), array_agg(DISTINCT opportunity_id) INTO changed, offerings FROM new_rows
        WHERE status IN ('funded', 'exited') AND deleted_at IS NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT investor_id), array_agg(DISTINCT opportunity_id) INTO changed, offerings FROM old_rows
        WHERE status IN ('funded', 'exited') AND deleted_at IS NULL;
    ELSE
        SELECT array_agg(DISTINCT investor_id), array_agg(DISTINCT opportunity_id) INTO changed, offerings
        FROM (SELECT opportunity_id, investor_id, investment_amount, sum(n) AS n
              FROM (SELECT opportunity_id, investor_id, investment_amount, 1 AS n FROM new_rows
                    WHERE status IN ('funded', 'exited') AND deleted_at IS NULL
                    UNION ALL
                    SELECT opportunity_id, investor_id, investment_amount, -1 FROM old_rows
                    WHERE status IN ('funded', 'exited') AND deleted_at IS NULL) both_sides
              GROUP BY 1, 2, 3) net
        WHERE n <> 0;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('freehold.bypass', 'on', TRUE);
    PERFORM 1 FROM investments.opportunities WHERE id = ANY (offerings) ORDER BY id FOR NO KEY UPDATE;
    WITH fresh AS (
        INSERT INTO investments.investor_portfolios (investor_id, total_invested)
        SELECT c.id, COALESCE(sum(p.investment_amount), 0)
        FROM unnest(changed) AS c (id)
        LEFT JOIN investments.property_investments p
            ON p.investor_id = c.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
        WHERE NOT EXISTS (SELECT FROM investments.investor_portfolios f WHERE f.investor_id = c.id)
        GROUP BY c.id ORDER BY c.id
        ON CONFLICT (investor_id) DO NOTHING
        RETURNING investor_id)
    SELECT array_agg(investor_id) INTO made FROM fresh;
    IF made IS NOT NULL THEN
        SELECT array_agg(c.id) INTO changed FROM (SELECT unnest(changed) EXCEPT SELECT unnest(made)) AS c (id);
        IF changed IS NULL THEN
            PERFORM set_config('freehold.bypass', bypass, TRUE);
            RETURN NULL;
        END IF;
    END IF;
    PERFORM 1 FROM unnest(changed) AS c (id)
    JOIN investments.investor_portfolios f ON f.investor_id = c.id
    ORDER BY f.investor_id FOR NO KEY UPDATE OF f;
    UPDATE investments.investor_portfolios f
    SET total_invested = m.invested
    FROM (SELECT c.id, COALESCE(sum(p.investment_amount), 0) AS invested
          FROM unnest(changed) AS c (id)
          LEFT JOIN investments.property_investments p
              ON p.investor_id = c.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
          GROUP BY c.id) m
    WHERE f.investor_id = m.id AND f.total_invested <> m.invested;
    PERFORM set_config('freehold.bypass', bypass, TRUE);
    RETURN NULL;
END;
$$;
