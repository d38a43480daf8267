-- The history of capital: what positions put in, got, passed on and were allocated, as dated movements from
-- which everything else about them is derived.

CREATE TABLE investments.capital_movements (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id  UUID NOT NULL,
    position_id     UUID NOT NULL,
    kind            VARCHAR(20) NOT NULL,
    -- The day of the books and the cash, and the day from which it counts as capital.
    effective_date  DATE NOT NULL,
    counts_on       DATE NOT NULL,
    -- Below zero in a reversal. What is capital of it, and for a transfer the capital account that went
    -- along, the unrealized gains in it, and the flow of the rate of return.
    amount          NUMERIC(15,2) NOT NULL,
    capital         NUMERIC(15,2) NOT NULL DEFAULT 0,
    carrying        NUMERIC(15,2) NOT NULL DEFAULT 0,
    unrealized      NUMERIC(15,2) NOT NULL DEFAULT 0,
    consideration   NUMERIC(15,2) NOT NULL DEFAULT 0,
    units           NUMERIC(20,6),
    -- What it belongs to
    subscription_id UUID,
    transfer_id     UUID,
    line_id         UUID,
    reverses_id     UUID,
    book_id         UUID NOT NULL,
    journal_id      UUID NOT NULL,
    recorded_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_capital_movements PRIMARY KEY (id),
    CONSTRAINT fk_capital_movements_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_position_id FOREIGN KEY (position_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_subscription_id FOREIGN KEY (subscription_id)
        REFERENCES investments.subscriptions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_transfer_id FOREIGN KEY (transfer_id)
        REFERENCES investments.transfers (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_line_id FOREIGN KEY (line_id)
        REFERENCES investments.investor_distributions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_reverses_id FOREIGN KEY (reverses_id)
        REFERENCES investments.capital_movements (id) ON DELETE RESTRICT,
    -- Carries the book, as everything does that is of one.
    CONSTRAINT fk_capital_movements_journal_id FOREIGN KEY (journal_id, book_id)
        REFERENCES financials.journals (id, book_id) ON DELETE RESTRICT,
    -- Once.
    CONSTRAINT uk_capital_movements_reverses_id UNIQUE (reverses_id),
    CONSTRAINT chk_capital_movements_self_reversal CHECK (reverses_id <> id),
    CONSTRAINT chk_capital_movements_source CHECK (
        (subscription_id IS NOT NULL) = (kind IN ('contribution', 'refund'))
        AND (transfer_id IS NOT NULL) = (kind IN ('transfer_out', 'transfer_in', 'conversion'))
        AND (line_id IS NOT NULL) = (kind IN ('distribution', 'payment', 'recovery', 'write_off'))),
    -- What moves nothing is not written down.
    CONSTRAINT chk_capital_movements_something CHECK (amount <> 0 OR capital <> 0 OR carrying <> 0),
    CONSTRAINT chk_capital_movements_sign CHECK (
        kind IN ('income', 'unrealized', 'realized', 'adjustment', 'transfer_out', 'transfer_in', 'conversion')
        OR CASE WHEN reverses_id IS NULL THEN amount >= 0 ELSE amount <= 0 END),
    CONSTRAINT chk_capital_movements_parts CHECK (
        kind IN ('transfer_out', 'transfer_in', 'conversion') OR (carrying = 0 AND unrealized = 0 AND consideration = 0
            AND (capital = 0 OR kind IN ('distribution', 'payment')))),
    CONSTRAINT chk_capital_movements_kind CHECK (kind IN ('contribution', 'refund', 'distribution', 'payment', 'transfer_out', 'transfer_in',
        'conversion', 'income', 'unrealized', 'fee', 'realized', 'recovery', 'write_off', 'adjustment')),
    CONSTRAINT chk_capital_movements_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_capital_movements_counts_on CHECK (isfinite(counts_on)),
    CONSTRAINT chk_capital_movements_amount CHECK (amount < 'NaN'),
    CONSTRAINT chk_capital_movements_capital CHECK (capital < 'NaN'),
    CONSTRAINT chk_capital_movements_carrying CHECK (carrying < 'NaN'),
    CONSTRAINT chk_capital_movements_unrealized CHECK (unrealized < 'NaN'),
    CONSTRAINT chk_capital_movements_consideration CHECK (consideration < 'NaN'),
    CONSTRAINT chk_capital_movements_units CHECK (units < 'NaN'),
    CONSTRAINT chk_capital_movements_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE investments.capital_movements IS 'The dated history of the capital of positions, each row of a journal; append-only, undone by a row that reverses.';
CREATE INDEX idx_capital_movements_opportunity_id_kind_counts_on ON investments.capital_movements (opportunity_id, kind, counts_on);
CREATE INDEX idx_capital_movements_position_id_effective_date ON investments.capital_movements (position_id, effective_date);
CREATE INDEX idx_capital_movements_journal_id_book_id ON investments.capital_movements (journal_id, book_id);
CREATE INDEX idx_capital_movements_subscription_id ON investments.capital_movements (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX idx_capital_movements_transfer_id ON investments.capital_movements (transfer_id) WHERE transfer_id IS NOT NULL;
CREATE INDEX idx_capital_movements_line_id ON investments.capital_movements (line_id) WHERE line_id IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.capital_movements
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.capital_movements
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- What the receiver paid, where it is known; else the rate of return takes the unreturned capital.
ALTER TABLE investments.transfers
    ADD COLUMN price NUMERIC(15,2),
    ADD CONSTRAINT chk_transfers_price CHECK (price >= 0 AND price < 'NaN');

-- Whether the rate of return is the only one that the flows have.
-- The day is the one that the figures are of.
ALTER TABLE investments.investor_portfolios
    ADD COLUMN irr_unique BOOLEAN,
    ADD COLUMN as_of DATE,
    ADD CONSTRAINT chk_investor_portfolios_as_of CHECK (isfinite(as_of));

-- Total returns are written with the payments, by the verbs.
DROP TRIGGER late_distribution ON investments.property_investments;
DROP FUNCTION investments.add_late_distribution();

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
        ('investments', 'capital_movements',
            'EXISTS (SELECT 1 FROM investments.property_investments p WHERE p.id = position_id)'),
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
