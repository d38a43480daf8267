-- Roles and row-level security, as functions that a host switches on. Nothing here changes who may do
-- what until one of them is called.

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

-- Creates the group roles and grants them what they need here. Roles belong to the whole cluster and
-- privileges to one database: call it once in each. Calling it again repairs the privileges, after a
-- later migration for example.
--
--   freehold_<schema>   reads and writes the tables of its schema; freehold_core those of freehold
--   freehold_shared     reads the views of shared, and no more of the tables below than they show
--   freehold_investor   reads what row-level security leaves of an investor's private tables
--
-- No role may change or delete a row of an append-only table, or delete a transaction.
CREATE FUNCTION freehold.create_roles() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    role_name TEXT;
    schema_name TEXT;
    t RECORD;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['core', 'auth', 'users', 'properties', 'investments', 'financials', 'renovations',
        'media', 'market', 'events', 'documents', 'communications', 'analytics', 'shared', 'investor'] LOOP
        BEGIN
            IF to_regrole('freehold_' || role_name) IS NULL THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', 'freehold_' || role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- another database of the cluster was faster
        END;
        EXECUTE format('GRANT USAGE ON SCHEMA freehold TO %I', 'freehold_' || role_name);
    END LOOP;

    FOR t IN
        SELECT n.nspname AS schema_name, c.relname AS table_name, c.relkind,
               CASE WHEN n.nspname = 'freehold' THEN 'freehold_core' ELSE 'freehold_' || n.nspname END AS role_name,
               c.relname LIKE '%\_history' OR EXISTS (
                   SELECT 1 FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'refuse_change') AS append_only,
               c.relname = 'migrations' AND n.nspname = 'freehold' AS read_only
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('freehold', 'auth', 'users', 'properties', 'investments', 'financials', 'renovations',
                'media', 'market', 'events', 'documents', 'communications', 'analytics')
          AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
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

    -- The views of shared, and on PostgreSQL 15 and later the columns that they read as their caller.
    GRANT USAGE ON SCHEMA shared, auth, users, investments TO freehold_shared;
    GRANT SELECT ON shared.investor_summary, shared.active_opportunities TO freehold_shared;
    IF current_setting('server_version_num')::int >= 150000 THEN
        GRANT SELECT (id, email, deleted_at) ON auth.users TO freehold_shared;
        GRANT SELECT (user_id, first_name, last_name, company, location_city, location_state)
            ON users.profiles TO freehold_shared;
        GRANT SELECT (id, user_id, type, status, expires_at, created_at) ON users.verifications TO freehold_shared;
        GRANT SELECT (investor_id, total_invested, total_value) ON investments.portfolios TO freehold_shared;
        GRANT SELECT (investor_id, total_invested, current_value, total_distributions, id, weighted_avg_irr,
            total_equity_multiple, last_calculated_at, created_at, updated_at)
            ON investments.investor_portfolios TO freehold_shared;
        GRANT SELECT (opportunity_id, investor_id, investment_amount, status, deleted_at)
            ON investments.property_investments TO freehold_shared;
        GRANT SELECT ON investments.opportunities TO freehold_shared;
    END IF;

    -- An investor's own rows; neither materialized views nor schema shared.
    FOR t IN SELECT p.schema_name, p.table_name FROM freehold.protected_tables() p WHERE p.visible <> 'FALSE' LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO freehold_investor', t.schema_name);
        EXECUTE format('GRANT SELECT ON %I.%I TO freehold_investor', t.schema_name, t.table_name);
    END LOOP;
    GRANT SELECT ON investments.opportunities, investments.share_classes, investments.distributions TO freehold_investor;
    IF current_setting('server_version_num')::int >= 150000 THEN
        GRANT SELECT ON investments.investments, investments.portfolios TO freehold_investor;
    END IF;
END;
$$;

-- Takes the roles' privileges in this database away, and the roles themselves unless another database
-- still grants them something.
CREATE FUNCTION freehold.drop_roles() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    role_name TEXT;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['core', 'auth', 'users', 'properties', 'investments', 'financials', 'renovations',
        'media', 'market', 'events', 'documents', 'communications', 'analytics', 'shared', 'investor'] LOOP
        IF to_regrole('freehold_' || role_name) IS NOT NULL THEN
            EXECUTE format('DROP OWNED BY %I', 'freehold_' || role_name);
            BEGIN
                EXECUTE format('DROP ROLE %I', 'freehold_' || role_name);
            EXCEPTION WHEN dependent_objects_still_exist THEN
                NULL;
            END;
        END IF;
    END LOOP;
END;
$$;

-- The investor that the transaction acts for, by set_config('freehold.investor_id', ..., TRUE). NULL
-- sees nothing.
CREATE FUNCTION freehold.current_investor() RETURNS UUID
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog
AS $$ SELECT NULLIF(current_setting('freehold.investor_id', TRUE), '')::uuid $$;

-- Whether the transaction acts for the platform, by set_config('freehold.bypass', 'on', TRUE).
CREATE FUNCTION freehold.bypasses_row_security() RETURNS BOOLEAN
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog
AS $$ SELECT COALESCE(current_setting('freehold.bypass', TRUE) = 'on', FALSE) $$;

-- The accounts that the investor owns jointly with somebody else. It reads them with its owner's
-- rights, so that a policy asks no rights on another table of whoever queries.
CREATE FUNCTION freehold.joint_accounts() RETURNS UUID[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog
AS $$
DECLARE
    bypass TEXT := COALESCE(current_setting('freehold.bypass', TRUE), '');
    mine UUID[];
BEGIN
    PERFORM set_config('freehold.bypass', 'on', TRUE);
    SELECT array_agg(id) INTO mine FROM investments.investor_accounts WHERE joint_investor_id = freehold.current_investor();
    PERFORM set_config('freehold.bypass', bypass, TRUE);
    RETURN mine;
END;
$$;

-- The tables that are private to investors, and which of their rows an investor sees. An account is
-- its owner's and its joint owner's.
CREATE FUNCTION freehold.protected_tables() RETURNS TABLE (schema_name TEXT, table_name TEXT, visible TEXT)
LANGUAGE sql STABLE
SET search_path = pg_catalog
AS $$
    WITH me (investor, account) AS (VALUES (
        'investor_id = (SELECT freehold.current_investor())',
        'investor_id = (SELECT freehold.current_investor())'
        ' OR account_id = ANY ((SELECT freehold.joint_accounts())::uuid[])'))
    SELECT v.schema_name, v.table_name, v.visible
    FROM me, LATERAL (VALUES
        ('investments', 'investor_accounts',
            '(SELECT freehold.current_investor()) IN (investor_id, joint_investor_id)'),
        ('investments', 'payment_instructions', me.account),
        ('investments', 'property_investments', me.account),
        ('investments', 'subscriptions', me.account),
        ('investments', 'capital_call_lines', me.investor),
        ('investments', 'transfers',
            'to_investor_id = (SELECT freehold.current_investor()) OR EXISTS (SELECT 1 FROM'
            ' investments.property_investments p WHERE p.id = from_investment_id)'),
        ('investments', 'investor_portfolios', me.investor),
        ('investments', 'investor_distributions', me.account),
        ('investments', 'distribution_tiers',
            'EXISTS (SELECT 1 FROM investments.investor_distributions l WHERE l.id = line_id)'),
        -- The inputs and the trace tell of every investor.
        ('investments', 'distribution_calculations', 'FALSE'),
        ('investments', 'transactions', me.account),
        ('investments', 'statements', me.investor),
        ('documents', 'documents',
            'owner_id = (SELECT freehold.current_investor()) OR visibility = ''public'' OR EXISTS (SELECT 1 FROM'
            ' documents.document_shares s WHERE s.document_id = documents.id AND s.can_view AND s.revoked_at IS NULL'
            ' AND (s.expires_at IS NULL OR s.expires_at > now())'
            ' AND s.shared_with = (SELECT freehold.current_investor()))'),
        ('documents', 'document_shares',
            '(SELECT freehold.current_investor()) IN (shared_by, shared_with)'),
        ('documents', 'signatures', 'signer_id = (SELECT freehold.current_investor())'),
        ('documents', 'signature_events',
            'EXISTS (SELECT 1 FROM documents.signatures s WHERE s.id = signature_id)'),
        -- The past is for the platform.
        ('investments', 'property_investments_history', 'FALSE'),
        ('investments', 'investor_distributions_history', 'FALSE'),
        ('documents', 'documents_history', 'FALSE')
    ) AS v (schema_name, table_name, visible)
$$;

-- Switches row-level security on, for the tables' owner too. From then on a transaction sees and
-- changes private rows only with freehold.bypass, and sees those of one investor with
-- freehold.investor_id; without either it sees none. Superusers and roles with BYPASSRLS aren't
-- limited. Calling it again repairs the policies.
CREATE FUNCTION freehold.enable_row_level_security() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    t RECORD;
BEGIN
    PERFORM freehold.disable_row_level_security();
    FOR t IN SELECT * FROM freehold.protected_tables() LOOP
        EXECUTE format('CREATE POLICY freehold_platform ON %I.%I FOR ALL'
            ' USING ((SELECT freehold.bypasses_row_security()))'
            ' WITH CHECK ((SELECT freehold.bypasses_row_security()))', t.schema_name, t.table_name);
        EXECUTE format('CREATE POLICY freehold_investor ON %I.%I FOR SELECT USING (%s)',
            t.schema_name, t.table_name, t.visible);
        EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
            t.schema_name, t.table_name);
    END LOOP;
END;
$$;

CREATE FUNCTION freehold.disable_row_level_security() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog
SET client_min_messages = warning
AS $$
DECLARE
    t RECORD;
BEGIN
    FOR t IN SELECT * FROM freehold.protected_tables() LOOP
        EXECUTE format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
            t.schema_name, t.table_name);
        EXECUTE format('DROP POLICY IF EXISTS freehold_investor ON %I.%I', t.schema_name, t.table_name);
        EXECUTE format('DROP POLICY IF EXISTS freehold_platform ON %I.%I', t.schema_name, t.table_name);
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION freehold.create_roles() FROM PUBLIC;
REVOKE ALL ON FUNCTION freehold.drop_roles() FROM PUBLIC;
REVOKE ALL ON FUNCTION freehold.enable_row_level_security() FROM PUBLIC;
REVOKE ALL ON FUNCTION freehold.disable_row_level_security() FROM PUBLIC;
