-- Row-level security, as functions that a host switches on. The policies name the roles of
-- freehold.create_roles(): a schema's role sees all rows of its tables, freehold_investor those of one
-- investor, and any other role none. The owner of the tables is not limited.
--
-- Whose rows freehold_investor sees stands in the setting freehold.investor_token: an investor, the second
-- until which it holds, and an HMAC of both. The key lies in a table that only the owner reads, and only
-- freehold_platform may have a token made. So a role that may only be an investor can set the setting as
-- it likes and see nothing but what somebody who may see everything has let it see.

CREATE TABLE freehold.row_security_keys (
    id         UUID        NOT NULL DEFAULT gen_random_uuid(),
    -- The key, combined with the two constants of HMAC (RFC 2104) for its inner and its outer hash.
    inner_pad  BYTEA       NOT NULL CONSTRAINT chk_row_security_keys_inner_pad CHECK (octet_length(inner_pad) = 64),
    outer_pad  BYTEA       NOT NULL CONSTRAINT chk_row_security_keys_outer_pad CHECK (octet_length(outer_pad) = 64),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_row_security_keys_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_row_security_keys PRIMARY KEY (id)
);
-- Without a policy nobody but the owner reads it, whatever a host grants.
ALTER TABLE freehold.row_security_keys ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE freehold.row_security_keys IS 'The secret key of investor tokens; for the owner alone.';

-- Makes a new key. Every token that is out ends with the old one.
CREATE FUNCTION freehold.renew_row_security_key() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- A UUID of version 4 has 122 random bits; each half of the key is a hash of four.
    secret BYTEA := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
        || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    inner_pad BYTEA := secret;
    outer_pad BYTEA := secret;
BEGIN
    FOR i IN 0..63 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(secret, i) # 54);
        outer_pad := set_byte(outer_pad, i, get_byte(secret, i) # 92);
    END LOOP;
    DELETE FROM freehold.row_security_keys;
    INSERT INTO freehold.row_security_keys (inner_pad, outer_pad) VALUES (inner_pad, outer_pad);
END;
$$;

-- HMAC-SHA256 of what a token says; NULL where there is no key.
CREATE FUNCTION freehold.investor_mac(investor UUID, expires BIGINT) RETURNS BYTEA
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(format('freehold investor|%s|%s', investor, expires), 'UTF8')))
    FROM freehold.row_security_keys k ORDER BY k.created_at DESC LIMIT 1
$$;

-- A token that lets its bearer read one investor's rows for up to an hour. Where row-level security is off
-- it would limit nobody, so that there is none: NULL.
CREATE FUNCTION freehold.issue_investor_token(investor UUID, seconds INTEGER) RETURNS TEXT
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expires BIGINT := floor(extract(epoch FROM clock_timestamp()))::bigint + seconds;
    mac BYTEA := freehold.investor_mac(investor, expires);
BEGIN
    IF investor IS NULL OR seconds IS NULL OR seconds NOT BETWEEN 1 AND 3600 THEN
        RAISE EXCEPTION 'a token is for one investor and 1 to 3600 seconds' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF mac IS NULL OR EXISTS (
        SELECT 1 FROM freehold.protected_tables() p
        LEFT JOIN pg_namespace n ON n.nspname = p.schema_name
        LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.table_name
        WHERE c.relrowsecurity IS NOT TRUE) THEN
        RETURN NULL;
    END IF;
    RETURN investor || '.' || expires || '.' || encode(mac, 'hex');
END;
$$;

-- The investor that the transaction acts for, NULL where it names none. A token that is no longer good, or
-- never was, is an error: rows that are missing in silence would be worse.
CREATE FUNCTION freehold.current_investor() RETURNS UUID
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token TEXT := COALESCE(current_setting('freehold.investor_token', TRUE), '');
    part TEXT[];
BEGIN
    IF token = '' THEN
        RETURN NULL;
    END IF;
    part := regexp_match(token, '^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9]{1,15})\.([0-9a-f]{64})$');
    -- Hashes are compared, whose bytes tell nothing of how far a guess was right.
    IF part IS NULL OR part[2]::bigint < extract(epoch FROM clock_timestamp())
        OR sha256(decode(part[3], 'hex')) IS DISTINCT FROM sha256(freehold.investor_mac(part[1]::uuid, part[2]::bigint))
    THEN
        RAISE EXCEPTION 'the investor token has expired or is not genuine' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN part[1]::uuid;
END;
$$;

-- The accounts that the investor owns jointly with somebody else, for the policies of other tables.
CREATE FUNCTION freehold.joint_accounts() RETURNS UUID[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT array_agg(id) FROM investments.investor_accounts WHERE joint_investor_id = freehold.current_investor() $$;

-- The tables with rows of a person or an investor, and which of them an investor sees; NULL is none. An
-- account is its owner's and its joint owner's. Tables that are not here hold nobody's data: SCHEMA.md says
-- so of each.
CREATE FUNCTION freehold.protected_tables() RETURNS TABLE (schema_name TEXT, table_name TEXT, visible TEXT)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH words (me, account) AS (VALUES (
        '(SELECT freehold.current_investor())',
        'investor_id = (SELECT freehold.current_investor())'
        ' OR account_id = ANY ((SELECT freehold.joint_accounts())::uuid[])'))
    SELECT v.schema_name, v.table_name, v.visible
    FROM words, LATERAL (VALUES
        -- An offering that is on offer, or that the investor is in, with its property.
        ('investments', 'opportunities', 'status <> ''draft'' AND deleted_at IS NULL OR EXISTS (SELECT 1 FROM'
            ' investments.property_investments p WHERE p.opportunity_id = opportunities.id)'),
        ('properties', 'properties',
            'EXISTS (SELECT 1 FROM investments.opportunities o WHERE o.property_id = properties.id) OR EXISTS'
            ' (SELECT 1 FROM investments.property_investments p WHERE p.property_id = properties.id)'),
        ('investments', 'investor_accounts', me || ' IN (investor_id, joint_investor_id)'),
        ('investments', 'payment_instructions', account),
        ('investments', 'property_investments', account),
        ('investments', 'subscriptions', account),
        ('investments', 'capital_calls',
            'EXISTS (SELECT 1 FROM investments.capital_call_lines l WHERE l.capital_call_id = capital_calls.id)'),
        ('investments', 'capital_call_lines',
            'EXISTS (SELECT 1 FROM investments.subscriptions s WHERE s.id = subscription_id)'),
        ('investments', 'transfers',
            'to_investor_id = ' || me || ' OR to_account_id = ANY ((SELECT freehold.joint_accounts())::uuid[]) OR EXISTS'
            ' (SELECT 1 FROM investments.property_investments p WHERE p.id = from_investment_id)'),
        ('investments', 'investor_portfolios', 'investor_id = ' || me),
        ('investments', 'distributions',
            'EXISTS (SELECT 1 FROM investments.investor_distributions l WHERE l.distribution_id = distributions.id)'),
        ('investments', 'investor_distributions', account),
        ('investments', 'distribution_tiers',
            'EXISTS (SELECT 1 FROM investments.investor_distributions l WHERE l.id = line_id)'),
        ('investments', 'capital_movements',
            'EXISTS (SELECT 1 FROM investments.property_investments p WHERE p.id = position_id)'),
        ('investments', 'partner_events', 'EXISTS (SELECT 1 FROM investments.property_investments p WHERE p.id IN (lender_id, position_id))'),
        ('investments', 'loan_payments', 'EXISTS (SELECT 1 FROM investments.partner_events e WHERE e.id = loan_id)'),
        ('investments', 'transactions', account),
        ('investments', 'write_offs', NULL),
        ('investments', 'statements', 'investor_id = ' || me),
        -- Terms may name who gets the promote; the inputs and the trace tell of every investor.
        ('investments', 'offering_terms', NULL),
        ('investments', 'distribution_calculations', NULL),
        ('investments', 'distribution_sources', NULL),
        ('investments', 'reserve_movements', NULL),
        ('documents', 'documents',
            'owner_id = ' || me || ' OR deleted_at IS NULL AND (visibility = ''public'' OR EXISTS (SELECT 1 FROM'
            ' documents.document_shares s WHERE s.document_id = COALESCE(documents.parent_document_id, documents.id) AND s.can_view AND s.revoked_at IS NULL'
            ' AND (s.expires_at IS NULL OR s.expires_at > now()) AND s.shared_with = ' || me || ')'
            -- The version that one is asked to sign, or has signed.
            ' OR EXISTS (SELECT 1 FROM documents.envelopes e JOIN documents.signature_requests r ON r.envelope_id = e.id WHERE e.document_id = documents.id'
            ' AND r.status IN (''pending'', ''signed'') AND r.signer_id = ' || me || '))'),
        ('documents', 'document_shares', me || ' IN (shared_by, shared_with)'),
        ('documents', 'signatures', 'signer_id = ' || me),
        ('documents', 'uploads', 'uploader_id = ' || me),
        ('documents', 'links', 'created_by = ' || me),
        ('documents', 'access_log', 'viewer_id = ' || me),
        ('documents', 'envelopes', 'requested_by = ' || me || ' OR EXISTS (SELECT 1 FROM documents.signature_requests r WHERE r.envelope_id = envelopes.id)'),
        ('documents', 'signature_requests', 'signer_id = ' || me),
        ('documents', 'signature_events', 'EXISTS (SELECT 1 FROM documents.signature_requests r WHERE r.id = request_id)'),
        ('documents', 'signature_evidence', 'EXISTS (SELECT 1 FROM documents.signature_events e WHERE e.id = event_id)'),
        ('users', 'profiles', 'user_id = ' || me),
        ('users', 'connections', me || ' IN (requester_id, recipient_id)'),
        -- A message without a recipient is to the whole conversation.
        ('users', 'messages', me || ' IN (sender_id, recipient_id) OR recipient_id IS NULL AND EXISTS'
            ' (SELECT 1 FROM users.conversations c WHERE c.id = conversation_id)'),
        ('users', 'conversations', me || ' = ANY (participants)'),
        ('users', 'verifications', 'user_id = ' || me),
        ('communications', 'notifications', 'user_id = ' || me),
        ('communications', 'email_campaigns', NULL),
        ('communications', 'email_sends', NULL),
        ('events', 'events', 'status <> ''draft'' AND visibility = ''public'' AND deleted_at IS NULL OR EXISTS (SELECT 1 FROM'
            ' events.registrations r WHERE r.event_id = events.id)'),
        ('events', 'registrations', 'user_id = ' || me),
        ('events', 'event_interactions', NULL),
        -- One's own address, whether one is active, and what roles one holds: what a read asks that names its
        -- viewer. The role reads no other column of these (freehold.create_roles).
        ('auth', 'users', 'id = ' || me),
        ('auth', 'role_grants', 'user_id = ' || me),
        ('auth', 'sessions', NULL),
        ('auth', 'password_resets', NULL),
        ('auth', 'recovery_codes', NULL),
        ('auth', 'login_attempts', NULL),
        ('auth', 'attempt_counters', NULL),
        ('auth', 'one_time_codes', NULL),
        ('auth', 'challenges', NULL),
        ('auth', 'trusted_devices', NULL),
        ('auth', 'passkeys', NULL),
        ('auth', 'api_keys', NULL),
        ('auth', 'identities', NULL),
        ('auth', 'audit_entries', NULL),
        ('analytics', 'user_events', NULL),
        ('analytics', 'user_events_archive', NULL),
        ('analytics', 'page_views', NULL),
        ('analytics', 'investment_funnel', NULL),
        -- Tenants, vendors and appraisers are people; books tell of investors.
        ('financials', 'rent_roll', NULL),
        ('financials', 'tenants', NULL),
        ('financials', 'leases', NULL),
        ('financials', 'lease_terms', NULL),
        ('financials', 'lease_parties', NULL),
        ('financials', 'lease_charges', NULL),
        ('financials', 'lease_entries', NULL),
        ('financials', 'lease_applications', NULL),
        ('financials', 'lease_write_offs', NULL),
        ('financials', 'vendors', NULL),
        ('financials', 'maintenance_requests', NULL),
        ('financials', 'bills', NULL),
        ('financials', 'bill_payments', NULL),
        ('financials', 'journals', NULL),
        ('financials', 'postings', NULL),
        ('financials', 'pending_journals', NULL),
        ('financials', 'pending_postings', NULL),
        ('financials', 'account_balances', NULL),
        ('financials', 'subledger_balances', NULL),
        ('market', 'property_valuations', NULL),
        ('renovations', 'change_orders', NULL),
        ('freehold', 'idempotency', NULL),
        ('freehold', 'outbox', NULL),
        ('freehold', 'outbox_heads', NULL),
        ('freehold', 'approval_requests', NULL),
        ('freehold', 'approvals', NULL),
        -- The past is for the platform.
        ('users', 'verifications_history', NULL),
        ('properties', 'properties_history', NULL),
        ('market', 'property_valuations_history', NULL),
        ('investments', 'opportunities_history', NULL),
        ('investments', 'property_investments_history', NULL),
        ('investments', 'distributions_history', NULL),
        ('investments', 'investor_distributions_history', NULL),
        ('documents', 'documents_history', NULL)
    ) AS v (schema_name, table_name, visible)
$$;

-- Switches row-level security on, and makes the roles that the policies name. Superusers, roles with
-- BYPASSRLS and the tables' owner are not limited. Calling it again repairs the policies.
CREATE FUNCTION freehold.enable_row_level_security() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t RECORD;
    part REGCLASS;
BEGIN
    PERFORM freehold.create_roles();
    PERFORM freehold.disable_row_level_security();
    FOR t IN SELECT *, CASE schema_name WHEN 'freehold' THEN 'freehold_core' ELSE 'freehold_' || schema_name END AS role_name
        FROM freehold.protected_tables()
    LOOP
        EXECUTE format('CREATE POLICY freehold_platform ON %I.%I FOR ALL TO %I USING (TRUE) WITH CHECK (TRUE)',
            t.schema_name, t.table_name, t.role_name);
        IF t.visible IS NOT NULL THEN
            EXECUTE format('CREATE POLICY freehold_investor ON %I.%I FOR SELECT TO freehold_investor USING (%s)',
                t.schema_name, t.table_name, t.visible);
        END IF;
        -- What the views of shared read.
        IF (t.schema_name, t.table_name) IN (('auth', 'users'), ('users', 'profiles'), ('users', 'verifications'),
            ('investments', 'opportunities'), ('investments', 'investor_portfolios'), ('investments', 'property_investments'))
        THEN
            EXECUTE format('CREATE POLICY freehold_shared ON %I.%I FOR SELECT TO freehold_shared USING (TRUE)',
                t.schema_name, t.table_name);
        END IF;
        -- A partition is read through its table; by its own name it shows nothing.
        FOR part IN SELECT relid FROM pg_partition_tree(format('%I.%I', t.schema_name, t.table_name)::regclass)
            UNION SELECT format('%I.%I', t.schema_name, t.table_name)::regclass
        LOOP
            EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
        END LOOP;
    END LOOP;
    IF NOT EXISTS (SELECT 1 FROM freehold.row_security_keys) THEN
        PERFORM freehold.renew_row_security_key();
    END IF;
END;
$$;

CREATE FUNCTION freehold.disable_row_level_security() RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
    t RECORD;
    part REGCLASS;
BEGIN
    FOR t IN SELECT * FROM freehold.protected_tables() LOOP
        FOR part IN SELECT relid FROM pg_partition_tree(format('%I.%I', t.schema_name, t.table_name)::regclass)
            UNION SELECT format('%I.%I', t.schema_name, t.table_name)::regclass
        LOOP
            EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', part);
        END LOOP;
        EXECUTE format('DROP POLICY IF EXISTS freehold_platform ON %I.%I', t.schema_name, t.table_name);
        EXECUTE format('DROP POLICY IF EXISTS freehold_investor ON %I.%I', t.schema_name, t.table_name);
        EXECUTE format('DROP POLICY IF EXISTS freehold_shared ON %I.%I', t.schema_name, t.table_name);
    END LOOP;
END;
$$;

-- An investor's role may run what its policies ask, the platform's make tokens (freehold.create_roles); all
-- else is the owner's.
REVOKE ALL ON FUNCTION freehold.renew_row_security_key(), freehold.investor_mac(UUID, BIGINT),
    freehold.issue_investor_token(UUID, INTEGER), freehold.current_investor(), freehold.joint_accounts(),
    freehold.protected_tables(), freehold.enable_row_level_security(), freehold.disable_row_level_security() FROM PUBLIC;
