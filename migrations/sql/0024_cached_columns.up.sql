-- Caches that follow whatever changes their source: a property's summary of its offerings, and how many people
-- an event expects. Each is written by its trigger alone.

-- A property's summary of its offerings that are not deleted. Between which amounts one can invest, and whether
-- one can, is that of the open ones; without a bound of every one of them there is none. What is to be raised
-- leaves out drafts and cancelled offerings. An investor of two offerings counts in each.
CREATE FUNCTION investments.summarize_property() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    changed UUID[];
BEGIN
    IF TG_RELID <> 'investments.opportunities'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT property_id) INTO changed FROM new_rows WHERE deleted_at IS NULL AND status <> 'draft';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT property_id) INTO changed FROM old_rows WHERE deleted_at IS NULL AND status <> 'draft';
    ELSE
        SELECT array_agg(DISTINCT property_id) INTO changed
        FROM (SELECT property_id FROM
                  (SELECT property_id, status, minimum_investment, maximum_investment, target_raise, amount_raised,
                       investor_count, deleted_at IS NULL AS there, 1 AS n FROM new_rows
                   UNION ALL
                   SELECT property_id, status, minimum_investment, maximum_investment, target_raise, amount_raised,
                       investor_count, deleted_at IS NULL, -1 FROM old_rows) both_sides
              GROUP BY property_id, status, minimum_investment, maximum_investment, target_raise, amount_raised,
                  investor_count, there
              HAVING sum(n) <> 0) net;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM properties.properties WHERE id = ANY (changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE properties.properties p
    SET investment_open = m.open, minimum_investment = m.minimum, maximum_investment = m.maximum,
        target_raise = m.target, amount_raised = m.raised, investor_count = m.investors
    FROM (SELECT c.id, count(*) FILTER (WHERE o.status = 'open') > 0 AS open,
              CASE WHEN bool_and(o.minimum_investment IS NOT NULL) FILTER (WHERE o.status = 'open')
                  THEN min(o.minimum_investment) FILTER (WHERE o.status = 'open') END AS minimum,
              CASE WHEN bool_and(o.maximum_investment IS NOT NULL) FILTER (WHERE o.status = 'open')
                  THEN max(o.maximum_investment) FILTER (WHERE o.status = 'open') END AS maximum,
              sum(o.target_raise) FILTER (WHERE o.status IN ('open', 'closed', 'funded')) AS target,
              COALESCE(sum(o.amount_raised), 0) AS raised, COALESCE(sum(o.investor_count), 0) AS investors
          FROM unnest(changed) AS c (id)
          LEFT JOIN investments.opportunities o ON o.property_id = c.id AND o.deleted_at IS NULL
          GROUP BY c.id) m
    WHERE p.id = m.id AND (p.investment_open, p.minimum_investment, p.maximum_investment, p.target_raise, p.amount_raised,
        p.investor_count) IS DISTINCT FROM (m.open, m.minimum, m.maximum, m.target, m.raised, m.investors);
    RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION investments.summarize_property() FROM PUBLIC;

CREATE TRIGGER property_summary_insert AFTER INSERT ON investments.opportunities
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();
CREATE TRIGGER property_summary_update AFTER UPDATE ON investments.opportunities
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();
CREATE TRIGGER property_summary_delete AFTER DELETE ON investments.opportunities
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();

-- Who has a seat at an event: neither waiting nor cancelled. The check on events.events refuses more of them
-- than the event holds.
CREATE FUNCTION events.count_attendees() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    changed UUID[];
BEGIN
    IF TG_RELID <> 'events.registrations'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT event_id) INTO changed FROM new_rows WHERE status = 'registered';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT event_id) INTO changed FROM old_rows WHERE status = 'registered';
    ELSE
        SELECT array_agg(event_id) INTO changed
        FROM (SELECT event_id FROM
                  (SELECT event_id, 1 AS n FROM new_rows WHERE status = 'registered'
                   UNION ALL
                   SELECT event_id, -1 FROM old_rows WHERE status = 'registered') both_sides
              GROUP BY event_id HAVING sum(n) <> 0) net;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM events.events WHERE id = ANY (changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events.events e SET current_attendees = m.attendees
    FROM (SELECT c.id, count(r.id) AS attendees
          FROM unnest(changed) AS c (id)
          LEFT JOIN events.registrations r ON r.event_id = c.id AND r.status = 'registered'
          GROUP BY c.id) m
    WHERE e.id = m.id AND e.current_attendees <> m.attendees;
    RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION events.count_attendees() FROM PUBLIC;

CREATE TRIGGER attendee_count_insert AFTER INSERT ON events.registrations
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
CREATE TRIGGER attendee_count_update AFTER UPDATE ON events.registrations
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
CREATE TRIGGER attendee_count_delete AFTER DELETE ON events.registrations
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
