-- What is derived from positions stays true after whatever changes them.

-- A stored ownership_percentage is of the holdings that it was computed from. When those of an offering
-- change, all of its stored ones are forgotten (NULL) until RefreshOwnership computes them again: that is
-- linear, where computing all of them anew after each funding would be quadratic. The index finds the
-- offerings that have any.
CREATE INDEX idx_property_investments_opportunity_id ON investments.property_investments (opportunity_id)
    WHERE ownership_percentage IS NOT NULL;

CREATE FUNCTION freehold.forget_ownership() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    touched UUID[];
    changed UUID[];
    bypass TEXT := COALESCE(current_setting('freehold.bypass', TRUE), '');
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO touched FROM new_rows
        WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO touched FROM old_rows
        WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL;
    ELSE
        SELECT array_agg(DISTINCT opportunity_id) INTO touched
        FROM (SELECT opportunity_id FROM new_rows UNION SELECT opportunity_id FROM old_rows) both_sides
        WHERE opportunity_id IS NOT NULL;
    END IF;
    PERFORM set_config('freehold.bypass', 'on', TRUE);
    SELECT array_agg(o.id) INTO touched FROM unnest(touched) AS o (id)
    WHERE EXISTS (SELECT FROM investments.property_investments p
                  WHERE p.opportunity_id = o.id AND p.ownership_percentage IS NOT NULL);
    IF touched IS NOT NULL THEN
        IF TG_OP = 'UPDATE' THEN
            SELECT array_agg(DISTINCT opportunity_id) INTO changed
            FROM (SELECT opportunity_id, id, investment_amount, units, sum(n) AS n
                  FROM (SELECT opportunity_id, id, investment_amount, units, 1 AS n FROM new_rows
                        WHERE opportunity_id = ANY (touched) AND status IN ('funded', 'exited') AND deleted_at IS NULL
                        UNION ALL
                        SELECT opportunity_id, id, investment_amount, units, -1 FROM old_rows
                        WHERE opportunity_id = ANY (touched) AND status IN ('funded', 'exited') AND deleted_at IS NULL) both_sides
                  GROUP BY 1, 2, 3, 4) net
            WHERE n <> 0;
        ELSE
            changed := touched;
        END IF;
        IF changed IS NOT NULL THEN
            UPDATE investments.property_investments SET ownership_percentage = NULL
            WHERE opportunity_id = ANY (changed) AND ownership_percentage IS NOT NULL;
        END IF;
    END IF;
    PERFORM set_config('freehold.bypass', bypass, TRUE);
    RETURN NULL;
END;
$$;

CREATE TRIGGER ownership_trigger_insert AFTER INSERT ON investments.property_investments
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.forget_ownership();
CREATE TRIGGER ownership_trigger_update AFTER UPDATE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.forget_ownership();
CREATE TRIGGER ownership_trigger_delete AFTER DELETE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.forget_ownership();

-- The total return of a position that has left with its offering is its distributions less its capital.
-- What is paid or comes back afterwards, such as an escrow released, counts there too.
CREATE FUNCTION freehold.add_late_distribution() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    NEW.total_returns := NEW.total_returns + NEW.total_distributions - OLD.total_distributions;
    RETURN NEW;
END;
$$;
CREATE TRIGGER late_distribution BEFORE UPDATE ON investments.property_investments
    FOR EACH ROW WHEN (OLD.status = 'exited' AND NEW.status = 'exited' AND OLD.investment_amount > 0 AND NEW.investment_amount > 0
        AND NEW.total_distributions <> OLD.total_distributions AND NEW.total_returns = OLD.total_returns)
    EXECUTE FUNCTION freehold.add_late_distribution();
