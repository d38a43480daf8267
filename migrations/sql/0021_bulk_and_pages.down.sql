CREATE OR REPLACE FUNCTION freehold.update_portfolio_on_investment() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    changed UUID[];
    offerings UUID[];
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
    INSERT INTO investments.investor_portfolios (investor_id)
    SELECT c.id FROM unnest(changed) AS c (id) ORDER BY c.id
    ON CONFLICT (investor_id) DO NOTHING;
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

ALTER TABLE investments.investor_portfolios RESET (fillfactor);

DROP INDEX investments.idx_investor_distributions_distribution_id_property_id_id;
CREATE INDEX idx_investor_distributions_distribution_id_property_id
    ON investments.investor_distributions (distribution_id, property_id);
DROP INDEX investments.idx_subscriptions_opportunity_id_created_at_id;
DROP INDEX investments.idx_subscriptions_opportunity_id_status;
CREATE INDEX idx_subscriptions_opportunity_id_status ON investments.subscriptions (opportunity_id, status);
DROP INDEX investments.idx_subscriptions_investor_id_created_at_id;
CREATE INDEX idx_subscriptions_investor_id_created_at
    ON investments.subscriptions (investor_id, created_at DESC);
DROP INDEX investments.idx_subscriptions_created_at_id;
DROP INDEX investments.idx_property_investments_opportunity_id_property_id_created_at;
CREATE INDEX idx_property_investments_opportunity_id_property_id
    ON investments.property_investments (opportunity_id, property_id);
DROP INDEX investments.idx_property_investments_created_at_id;
