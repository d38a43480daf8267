CREATE OR REPLACE FUNCTION freehold.protected_tables() RETURNS TABLE (schema_name TEXT, table_name TEXT, visible TEXT)
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

CREATE FUNCTION investments.add_late_distribution() RETURNS TRIGGER
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
    EXECUTE FUNCTION investments.add_late_distribution();

ALTER TABLE investments.investor_portfolios DROP COLUMN irr_unique, DROP COLUMN as_of;
ALTER TABLE investments.transfers DROP COLUMN price;
DROP TABLE investments.capital_movements;
