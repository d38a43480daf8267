-- Roles, as functions that a host switches on. Nothing here changes who may do what until they are
-- called.

-- A view reads with the rights of whoever asks, from PostgreSQL 15 on; before, with its owner's.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER VIEW investments.investments SET (security_invoker = TRUE);
        ALTER VIEW investments.portfolios SET (security_invoker = TRUE);
        ALTER VIEW shared.investor_summary SET (security_invoker = TRUE);
        ALTER VIEW shared.active_opportunities SET (security_invoker = TRUE);
    END IF;
END;
$$;

-- The view belongs to the owner, who alone may refresh it; freehold_analytics may run this. Readers go on
-- meanwhile, but not those of a view that was restored without its data.
CREATE FUNCTION analytics.refresh_portfolio_performance() RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT relispopulated FROM pg_class WHERE oid = 'analytics.portfolio_performance'::regclass) THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.portfolio_performance;
    ELSE
        REFRESH MATERIALIZED VIEW analytics.portfolio_performance;
    END IF;
END;
$$;

-- The names of the group roles, as in freehold.create_roles().
CREATE FUNCTION freehold.role_names() RETURNS TEXT[]
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY['freehold_core', 'freehold_auth', 'freehold_users', 'freehold_properties', 'freehold_investments',
        'freehold_financials', 'freehold_renovations', 'freehold_media', 'freehold_market', 'freehold_events',
        'freehold_documents', 'freehold_communications', 'freehold_analytics', 'freehold_shared', 'freehold_investor',
        'freehold_platform']
$$;

-- Creates the group roles and grants them what they need here. Roles belong to the whole cluster and
-- privileges to one database: call it once in each. Calling it again repairs the privileges, after a
-- later migration for example.
--
--   freehold_<schema>   reads and writes the tables of its schema; freehold_core those of freehold
--   freehold_shared     reads the views of shared, and no more of the tables below than they show
--   freehold_investor   reads the tables of which an investor has rows; switch row-level security on first
--   freehold_platform   all of these: what a program needs that runs the library, migrations and the
--                       partitions of its monthly tables excepted, which are their owner's
--
-- No role may change or delete a row of an append-only table, insert into a history, delete a transaction,
-- or read the key of row-level security.
CREATE FUNCTION freehold.create_roles() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_name TEXT;
    t RECORD;
BEGIN
    FOREACH role_name IN ARRAY freehold.role_names() LOOP
        BEGIN
            IF to_regrole(role_name) IS NULL THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of the cluster was faster
        END;
    END LOOP;
    FOREACH role_name IN ARRAY freehold.role_names() LOOP
        BEGIN
            IF role_name <> 'freehold_platform' AND NOT pg_has_role('freehold_platform', role_name, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO freehold_platform', role_name);
            END IF;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
    -- Who owns the tables may act for an investor too (realestate.AsInvestor).
    IF NOT pg_has_role('freehold_investor', 'MEMBER') THEN
        EXECUTE format('GRANT freehold_investor TO %I', current_user);
    END IF;

    FOR t IN
        SELECT n.nspname AS schema_name, c.relname AS table_name, c.relkind,
               CASE WHEN n.nspname = 'freehold' THEN 'freehold_core' ELSE 'freehold_' || n.nspname END AS role_name,
               EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'refuse_change') AS append_only,
               c.relname LIKE '%\_history' OR (n.nspname, c.relname) = ('freehold', 'migrations') AS read_only
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('freehold', 'auth', 'users', 'properties', 'investments', 'financials', 'renovations',
                'media', 'market', 'events', 'documents', 'communications', 'analytics')
          AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
          AND (n.nspname, c.relname) <> ('freehold', 'row_security_keys')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', t.schema_name, t.role_name);
        EXECUTE format('REVOKE ALL ON %I.%I FROM %I', t.schema_name, t.table_name, t.role_name);
        EXECUTE format('GRANT %s ON %I.%I TO %I',
            CASE WHEN t.relkind = 'm' OR t.read_only THEN 'SELECT'
                 WHEN t.append_only THEN 'SELECT, INSERT'
                 WHEN t.schema_name = 'investments' AND t.table_name = 'transactions' THEN 'SELECT, INSERT, UPDATE'
                 ELSE 'SELECT, INSERT, UPDATE, DELETE' END,
            t.schema_name, t.table_name, t.role_name);
    END LOOP;
    GRANT EXECUTE ON FUNCTION analytics.refresh_portfolio_performance() TO freehold_analytics;
    GRANT EXECUTE ON FUNCTION freehold.issue_investor_token(UUID, INTEGER) TO freehold_platform;
    GRANT EXECUTE ON FUNCTION freehold.erase_person(UUID) TO freehold_platform;
    GRANT USAGE ON SCHEMA freehold TO freehold_platform;

    -- The views of shared, and on PostgreSQL 15 and later the columns that they read as their caller.
    GRANT USAGE ON SCHEMA shared TO freehold_shared;
    GRANT SELECT ON shared.investor_summary, shared.active_opportunities TO freehold_shared;
    IF current_setting('server_version_num')::int >= 150000 THEN
        GRANT SELECT (id, email, deleted_at) ON auth.users TO freehold_shared;
        GRANT SELECT (user_id, first_name, last_name, company, location_city, location_state)
            ON users.profiles TO freehold_shared;
        GRANT SELECT (id, user_id, type, status, expires_at, created_at) ON users.verifications TO freehold_shared;
        GRANT SELECT (investor_id, total_invested, total_value, currency) ON investments.portfolios TO freehold_shared;
        GRANT SELECT (investor_id, currency, total_invested, current_value, total_distributions, id, weighted_avg_irr,
            total_equity_multiple, last_calculated_at, created_at, updated_at)
            ON investments.investor_portfolios TO freehold_shared;
        GRANT SELECT (opportunity_id, investor_id, investment_amount, status, deleted_at)
            ON investments.property_investments TO freehold_shared;
        GRANT SELECT ON investments.opportunities TO freehold_shared;
    END IF;

    -- An investor's own rows, and the classes of offerings; neither materialized views nor schema shared.
    FOR t IN SELECT p.schema_name, p.table_name FROM freehold.protected_tables() p WHERE p.visible IS NOT NULL LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO freehold_investor', t.schema_name);
        EXECUTE format('GRANT SELECT %s ON %I.%I TO freehold_investor',
            CASE WHEN (t.schema_name, t.table_name) = ('auth', 'users') THEN '(id, email, status)'
                 WHEN (t.schema_name, t.table_name) = ('auth', 'role_grants') THEN '(user_id, role, object_kind, object_id, expires_at, revoked_at)'
                 ELSE '' END,
            t.schema_name, t.table_name);
    END LOOP;
    GRANT SELECT ON investments.share_classes TO freehold_investor;
    GRANT EXECUTE ON FUNCTION freehold.current_investor(), freehold.joint_accounts() TO freehold_investor;
    IF current_setting('server_version_num')::int >= 150000 THEN
        GRANT SELECT ON investments.investments, investments.portfolios TO freehold_investor;
    END IF;
END;
$$;

-- Takes the roles' privileges in this database away, row-level security with them, whose policies name
-- the roles, and the roles themselves unless another database still grants them something.
CREATE FUNCTION freehold.drop_roles() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_name TEXT;
BEGIN
    PERFORM freehold.disable_row_level_security();
    FOREACH role_name IN ARRAY freehold.role_names() LOOP
        IF to_regrole(role_name) IS NOT NULL THEN
            EXECUTE format('DROP OWNED BY %I', role_name);
            BEGIN
                EXECUTE format('DROP ROLE %I', role_name);
            EXCEPTION WHEN dependent_objects_still_exist THEN
                NULL;
            END;
        END IF;
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION analytics.refresh_portfolio_performance(), freehold.role_names(), freehold.create_roles(),
    freehold.drop_roles() FROM PUBLIC;
