-- Read-only views for use across services. Columns are listed one by one, so that a view doesn't
-- change when a table does, and every aggregate stands beside its row, so that no join multiplies it.

CREATE SCHEMA IF NOT EXISTS shared;

-- Of several accreditations the one in force counts, else the latest.
CREATE VIEW shared.investor_summary AS
SELECT u.id, u.email, p.first_name, p.last_name, p.company, p.location_city, p.location_state,
       v.verification_status, f.total_invested, f.total_value, i.investment_count, f.currency
FROM auth.users u
LEFT JOIN users.profiles p ON p.user_id = u.id
LEFT JOIN investments.portfolios f ON f.investor_id = u.id
LEFT JOIN LATERAL (
    SELECT CASE WHEN x.status = 'approved' AND x.expires_at <= now() THEN 'expired' ELSE x.status END AS verification_status
    FROM users.verifications x
    WHERE x.user_id = u.id AND x.type = 'accredited'
    ORDER BY (x.status = 'approved' AND (x.expires_at IS NULL OR x.expires_at > now())) DESC,
             x.created_at DESC, x.id DESC
    LIMIT 1
) v ON TRUE
CROSS JOIN LATERAL (
    SELECT count(*) AS investment_count
    FROM investments.property_investments x
    WHERE x.investor_id = u.id AND x.status <> 'cancelled' AND x.deleted_at IS NULL
) i
WHERE u.deleted_at IS NULL;
COMMENT ON VIEW shared.investor_summary IS 'One row per user, and per currency of their portfolios: who, accreditation, portfolio, number of positions.';

-- An offering without a closing date stays open. total_raised is what its positions say today,
-- amount_raised the cache.
CREATE VIEW shared.active_opportunities AS
SELECT o.id, o.property_id, o.name, o.slug, o.description, o.executive_summary, o.status, o.open_date, o.close_date,
       o.minimum_investment, o.maximum_investment, o.minimum_raise, o.target_raise, o.hard_cap, o.currency,
       o.units_offered, o.committed_amount, o.amount_raised, o.created_at, o.updated_at,
       i.investor_count, i.total_raised, o.target_raise - i.total_raised AS remaining_amount
FROM investments.opportunities o
CROSS JOIN LATERAL (
    SELECT count(DISTINCT x.investor_id) AS investor_count, COALESCE(sum(x.investment_amount), 0) AS total_raised
    FROM investments.property_investments x
    WHERE x.opportunity_id = o.id AND x.status IN ('funded', 'exited') AND x.deleted_at IS NULL
) i
WHERE o.status = 'open' AND (o.close_date IS NULL OR o.close_date >= CURRENT_DATE) AND o.deleted_at IS NULL;
COMMENT ON VIEW shared.active_opportunities IS 'Open offerings with what has been raised and what is missing.';
