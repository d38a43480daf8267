-- Offerings, investor accounts, commitments, positions, distributions and the cash of investors.

CREATE SCHEMA IF NOT EXISTS investments;

CREATE TABLE investments.opportunities (
    id                   UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id          UUID NOT NULL,
    name                 VARCHAR(255) NOT NULL,
    slug                 VARCHAR(255) NOT NULL,
    description          TEXT,
    executive_summary    TEXT,
    status               VARCHAR(20) NOT NULL DEFAULT 'draft',
    open_date            DATE,
    close_date           DATE,
    -- Terms of the raise. target_raise is a goal; hard_cap is the limit.
    minimum_investment   NUMERIC(15,2),
    maximum_investment   NUMERIC(15,2),
    minimum_raise        NUMERIC(15,2),
    target_raise         NUMERIC(15,2),
    hard_cap             NUMERIC(15,2),
    currency             VARCHAR(3) NOT NULL DEFAULT 'USD',
    units_offered        NUMERIC(20,6),
    -- Caches: open and funded subscriptions; cash received; investors with a funded position.
    committed_amount     NUMERIC(15,2) NOT NULL DEFAULT 0,
    amount_raised        NUMERIC(15,2) NOT NULL DEFAULT 0,
    investor_count       INTEGER NOT NULL DEFAULT 0,
    -- Drawn under the row's lock, so that waitlists have neither gaps nor ties.
    next_waitlist_number INTEGER NOT NULL DEFAULT 1,
    -- The last day whose capital a distribution by terms was computed from, and how often capital of such
    -- days came, went or changed its class afterwards, or side letters did: while that number is the same,
    -- nobody's balances after a distribution have changed with anybody's capital.
    distributed_through  DATE,
    late_changes         BIGINT NOT NULL DEFAULT 0,
    -- The ledger's book that the offering's money is posted to.
    book_id              UUID,
    -- Whether all cash of the entity is in the book, so that it cannot be below zero.
    cash_complete        BOOLEAN NOT NULL DEFAULT FALSE,
    version              BIGINT NOT NULL DEFAULT 1,
    created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at           TIMESTAMPTZ,

    CONSTRAINT pk_opportunities PRIMARY KEY (id),
    -- The target of the composite foreign keys that keep a position with its offering's property.
    CONSTRAINT uk_opportunities_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_opportunities_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_opportunities_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT chk_investment_amounts CHECK (minimum_investment <= maximum_investment),
    CONSTRAINT chk_dates CHECK (open_date <= close_date),
    CONSTRAINT chk_opportunities_capacity CHECK (committed_amount <= hard_cap),
    CONSTRAINT chk_opportunities_raise_goals CHECK (minimum_raise <= hard_cap AND target_raise <= hard_cap
        AND minimum_raise <= target_raise),
    CONSTRAINT chk_opportunities_name CHECK (name <> ''),
    CONSTRAINT chk_opportunities_slug CHECK (slug <> ''),
    CONSTRAINT chk_opportunities_status CHECK (status IN ('draft', 'open', 'closed', 'funded', 'cancelled')),
    CONSTRAINT chk_opportunities_open_date CHECK (isfinite(open_date)),
    CONSTRAINT chk_opportunities_close_date CHECK (isfinite(close_date)),
    CONSTRAINT chk_opportunities_minimum_investment CHECK (minimum_investment >= 0 AND minimum_investment < 'NaN'),
    CONSTRAINT chk_opportunities_maximum_investment CHECK (maximum_investment >= 0 AND maximum_investment < 'NaN'),
    CONSTRAINT chk_opportunities_minimum_raise CHECK (minimum_raise >= 0 AND minimum_raise < 'NaN'),
    CONSTRAINT chk_opportunities_target_raise CHECK (target_raise >= 0 AND target_raise < 'NaN'),
    CONSTRAINT chk_opportunities_hard_cap CHECK (hard_cap >= 0 AND hard_cap < 'NaN'),
    CONSTRAINT chk_opportunities_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_opportunities_units_offered CHECK (units_offered >= 0 AND units_offered < 'NaN'),
    CONSTRAINT chk_opportunities_committed_amount CHECK (committed_amount >= 0 AND committed_amount < 'NaN'),
    CONSTRAINT chk_opportunities_amount_raised CHECK (amount_raised >= 0 AND amount_raised < 'NaN'),
    CONSTRAINT chk_opportunities_investor_count CHECK (investor_count >= 0),
    CONSTRAINT chk_opportunities_next_waitlist_number CHECK (next_waitlist_number > 0),
    CONSTRAINT chk_opportunities_distributed_through CHECK (isfinite(distributed_through)),
    CONSTRAINT chk_opportunities_late_changes CHECK (late_changes >= 0),
    CONSTRAINT chk_opportunities_version CHECK (version >= 1),
    CONSTRAINT chk_opportunities_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_opportunities_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT chk_opportunities_deleted_at CHECK (isfinite(deleted_at))
);
COMMENT ON TABLE investments.opportunities IS 'Offerings: what investors may commit to.';
-- A deleted offering frees its slug.
CREATE UNIQUE INDEX uk_opportunities_slug ON investments.opportunities (slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_opportunities_property_id ON investments.opportunities (property_id);
CREATE INDEX idx_opportunities_book_id ON investments.opportunities (book_id);
CREATE INDEX idx_opportunities_created_at_id ON investments.opportunities (created_at, id);
CREATE INDEX idx_active_opportunities ON investments.opportunities (status, open_date) WHERE status = 'open';
CREATE INDEX idx_opportunity_search ON investments.opportunities USING GIN (
    to_tsvector('english', COALESCE(name, '') || ' ' || COALESCE(description, '') || ' ' || COALESCE(executive_summary, '')));
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.opportunities
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.share_classes (
    id                 UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id     UUID NOT NULL,
    code               VARCHAR(50) NOT NULL,
    name               VARCHAR(255),
    -- What one unit costs; NULL where the class counts capital only.
    unit_price         NUMERIC(20,10),
    minimum_investment NUMERIC(15,2),
    terms              JSONB,
    sort_order         INTEGER NOT NULL DEFAULT 0,
    version            BIGINT NOT NULL DEFAULT 1,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_share_classes PRIMARY KEY (id),
    CONSTRAINT fk_share_classes_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE CASCADE,
    CONSTRAINT uk_share_classes_opportunity_id_code UNIQUE (opportunity_id, code),
    CONSTRAINT chk_share_classes_code CHECK (code <> ''),
    CONSTRAINT chk_share_classes_unit_price CHECK (unit_price > 0 AND unit_price < 'NaN'),
    CONSTRAINT chk_share_classes_minimum_investment CHECK (minimum_investment >= 0 AND minimum_investment < 'NaN'),
    CONSTRAINT chk_share_classes_version CHECK (version >= 1),
    CONSTRAINT chk_share_classes_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_share_classes_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.share_classes IS 'Share classes of an offering: classes are data.';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.share_classes
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- Every offering has a class 'common', which a position that names no class belongs to.
CREATE FUNCTION investments.create_common_class() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO investments.share_classes (opportunity_id, code, name)
    SELECT id, 'common', 'Common' FROM new_rows
    ON CONFLICT (opportunity_id, code) DO NOTHING;
    RETURN NULL;
END;
$$;
CREATE TRIGGER create_common_class AFTER INSERT ON investments.opportunities
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.create_common_class();

CREATE TABLE investments.offering_terms (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id UUID NOT NULL,
    version        BIGINT NOT NULL DEFAULT 1,
    effective_date DATE NOT NULL,
    terms          JSONB NOT NULL,
    -- Of the canonical form of the terms.
    terms_hash     BYTEA NOT NULL,
    -- What was unusual in them, or worth knowing, as it was said when they were set.
    findings       JSONB,
    created_by     UUID,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_offering_terms PRIMARY KEY (id),
    CONSTRAINT fk_offering_terms_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_offering_terms_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_offering_terms_opportunity_id_version UNIQUE (opportunity_id, version),
    CONSTRAINT uk_offering_terms_id_opportunity_id UNIQUE (id, opportunity_id),
    CONSTRAINT chk_offering_terms_version CHECK (version >= 1),
    CONSTRAINT chk_offering_terms_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_offering_terms_terms_hash CHECK (octet_length(terms_hash) = 32),
    CONSTRAINT chk_offering_terms_created_at CHECK (isfinite(created_at))
);
COMMENT ON TABLE investments.offering_terms IS 'Versions of an offering''s distribution terms; append-only.';
CREATE INDEX idx_offering_terms_created_by ON investments.offering_terms (created_by);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.offering_terms
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.offering_terms
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE investments.investor_accounts (
    id                 UUID NOT NULL DEFAULT gen_random_uuid(),
    investor_id        UUID NOT NULL,
    -- The second owner of a joint account.
    joint_investor_id  UUID,
    account_type       VARCHAR(30) NOT NULL,
    name               VARCHAR(255) NOT NULL,
    -- The sponsor's own: co-investment, promote and fees.
    is_sponsor         BOOLEAN NOT NULL DEFAULT FALSE,
    -- For accounts that a custodian holds, such as an IRA.
    custodian_name     VARCHAR(255),
    tax_classification VARCHAR(30),
    tax_country        VARCHAR(2),
    -- Ciphertext with its key id; the blind index finds an account by tax id without decrypting.
    tax_id             TEXT,
    tax_id_index       BYTEA,
    tax_id_last4       VARCHAR(4),
    status             VARCHAR(20) NOT NULL DEFAULT 'active',
    version            BIGINT NOT NULL DEFAULT 1,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at         TIMESTAMPTZ,

    CONSTRAINT pk_investor_accounts PRIMARY KEY (id),
    -- The target of the composite foreign keys that keep an account with its owner.
    CONSTRAINT uk_investor_accounts_id_investor_id UNIQUE (id, investor_id),
    CONSTRAINT fk_investor_accounts_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_investor_accounts_joint_investor_id FOREIGN KEY (joint_investor_id)
        REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_investor_accounts_owners CHECK (joint_investor_id <> investor_id
        AND (joint_investor_id IS NULL OR account_type = 'joint')),
    CONSTRAINT chk_investor_accounts_tax_id CHECK (tax_id ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    CONSTRAINT chk_investor_accounts_blind_index CHECK ((tax_id IS NULL) = (tax_id_index IS NULL)),
    CONSTRAINT chk_investor_accounts_account_type
        CHECK (account_type IN ('individual', 'joint', 'trust', 'llc', 'partnership', 'corporation', 'ira', 'solo_401k', 'pension', 'estate', 'custodial', 'other')),
    CONSTRAINT chk_investor_accounts_name CHECK (name <> ''),
    CONSTRAINT chk_investor_accounts_tax_classification
        CHECK (tax_classification IN ('individual', 'disregarded', 'partnership', 's_corporation', 'c_corporation', 'trust', 'estate', 'tax_exempt', 'foreign')),
    CONSTRAINT chk_investor_accounts_tax_country CHECK (tax_country ~ '^[A-Z]{2}$'),
    CONSTRAINT chk_investor_accounts_tax_id_index CHECK (octet_length(tax_id_index) = 32),
    CONSTRAINT chk_investor_accounts_tax_id_last4 CHECK (tax_id_last4 ~ '^[0-9A-Z]{1,4}$'),
    CONSTRAINT chk_investor_accounts_status CHECK (status IN ('active', 'suspended', 'closed')),
    CONSTRAINT chk_investor_accounts_version CHECK (version >= 1),
    CONSTRAINT chk_investor_accounts_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_investor_accounts_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT chk_investor_accounts_deleted_at CHECK (isfinite(deleted_at))
);
COMMENT ON TABLE investments.investor_accounts IS 'The names that people invest under: themselves, joint accounts, trusts, companies, retirement accounts.';
CREATE INDEX idx_investor_accounts_investor_id ON investments.investor_accounts (investor_id);
CREATE INDEX idx_investor_accounts_joint_investor_id ON investments.investor_accounts (joint_investor_id);
CREATE INDEX idx_investor_accounts_tax_id_index ON investments.investor_accounts (tax_id_index);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.investor_accounts
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.payment_instructions (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    investor_id    UUID NOT NULL,
    account_id     UUID,
    payment_method VARCHAR(50) NOT NULL,
    -- Bank details or postal address: ciphertext with its key id.
    details        TEXT NOT NULL,
    last4          VARCHAR(4),
    status         VARCHAR(20) NOT NULL DEFAULT 'pending',
    requested_by   UUID NOT NULL,
    decided_by     UUID,
    decided_at     TIMESTAMPTZ,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_payment_instructions PRIMARY KEY (id),
    CONSTRAINT fk_payment_instructions_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_payment_instructions_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_payment_instructions_requested_by FOREIGN KEY (requested_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_payment_instructions_decided_by FOREIGN KEY (decided_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_payment_instructions_second_person CHECK (decided_by <> requested_by),
    CONSTRAINT chk_payment_instructions_decision CHECK ((status = 'pending') = (decided_at IS NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT chk_payment_instructions_details CHECK (details ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    CONSTRAINT chk_payment_instructions_payment_method CHECK (payment_method IN ('ach', 'wire', 'check')),
    CONSTRAINT chk_payment_instructions_status CHECK (status IN ('pending', 'active', 'rejected', 'superseded')),
    CONSTRAINT chk_payment_instructions_decided_at CHECK (isfinite(decided_at)),
    CONSTRAINT chk_payment_instructions_version CHECK (version >= 1),
    CONSTRAINT chk_payment_instructions_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_payment_instructions_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.payment_instructions IS 'Where an investor or account is paid; takes effect with the consent of a second person.';
-- One in force for each account, or for the investor in person.
CREATE UNIQUE INDEX uk_payment_instructions_active ON investments.payment_instructions
    (investor_id, COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE status = 'active';
CREATE INDEX idx_payment_instructions_investor_id ON investments.payment_instructions (investor_id);
CREATE INDEX idx_payment_instructions_account_id_investor_id
    ON investments.payment_instructions (account_id, investor_id);
CREATE INDEX idx_payment_instructions_requested_by ON investments.payment_instructions (requested_by);
CREATE INDEX idx_payment_instructions_decided_by ON investments.payment_instructions (decided_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.payment_instructions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.property_investments (
    id                         UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id                UUID NOT NULL,
    opportunity_id             UUID,
    investor_id                UUID NOT NULL,
    -- NULL is the investor in person.
    account_id                 UUID,
    -- Pending or committed: the amount committed. Funded or exited: the capital contributed so far,
    -- moved by transfers and never reduced by returns of capital.
    investment_amount          NUMERIC(15,2) NOT NULL,
    -- Derived from units, else from capital; for display, never the basis of an allocation.
    ownership_percentage       NUMERIC(12,10),
    share_class                VARCHAR(50) NOT NULL DEFAULT 'common',
    units                      NUMERIC(20,6),
    currency                   VARCHAR(3) NOT NULL DEFAULT 'USD',
    -- Investment dates
    commitment_date            DATE,
    funding_date               DATE,
    expected_exit_date         DATE,
    actual_exit_date           DATE,
    status                     VARCHAR(20) NOT NULL DEFAULT 'pending',
    -- Returns: caches of the ledger
    total_distributions        NUMERIC(15,2) NOT NULL DEFAULT 0,
    total_returns              NUMERIC(15,2) NOT NULL DEFAULT 0,
    realized_gains             NUMERIC(15,2) NOT NULL DEFAULT 0,
    unrealized_gains           NUMERIC(15,2) NOT NULL DEFAULT 0,
    -- Documents
    subscription_agreement_url VARCHAR(500),
    operating_agreement_url    VARCHAR(500),
    k1_documents               JSONB,
    version                    BIGINT NOT NULL DEFAULT 1,
    created_at                 TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                 TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at                 TIMESTAMPTZ,

    CONSTRAINT pk_property_investments PRIMARY KEY (id),
    CONSTRAINT fk_property_investments_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_investment_investor FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    -- Carries the property, so that a position cannot point at the offering of another one.
    CONSTRAINT fk_investment_opportunity FOREIGN KEY (opportunity_id, property_id)
        REFERENCES investments.opportunities (id, property_id),
    CONSTRAINT fk_property_investments_share_class FOREIGN KEY (opportunity_id, share_class)
        REFERENCES investments.share_classes (opportunity_id, code),
    CONSTRAINT fk_property_investments_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT chk_property_investments_exit CHECK (funding_date <= actual_exit_date),
    CONSTRAINT chk_property_investments_investment_amount CHECK (investment_amount >= 0 AND investment_amount < 'NaN'),
    CONSTRAINT chk_property_investments_ownership_percentage CHECK (ownership_percentage BETWEEN 0 AND 1),
    CONSTRAINT chk_property_investments_share_class CHECK (share_class <> ''),
    CONSTRAINT chk_property_investments_units CHECK (units >= 0 AND units < 'NaN'),
    CONSTRAINT chk_property_investments_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_property_investments_commitment_date CHECK (isfinite(commitment_date)),
    CONSTRAINT chk_property_investments_funding_date CHECK (isfinite(funding_date)),
    CONSTRAINT chk_property_investments_expected_exit_date CHECK (isfinite(expected_exit_date)),
    CONSTRAINT chk_property_investments_actual_exit_date CHECK (isfinite(actual_exit_date)),
    CONSTRAINT chk_property_investments_status
        CHECK (status IN ('pending', 'committed', 'funded', 'exited', 'cancelled')),
    CONSTRAINT chk_property_investments_total_distributions CHECK (total_distributions < 'NaN'),
    CONSTRAINT chk_property_investments_total_returns CHECK (total_returns < 'NaN'),
    CONSTRAINT chk_property_investments_realized_gains CHECK (realized_gains < 'NaN'),
    CONSTRAINT chk_property_investments_unrealized_gains CHECK (unrealized_gains < 'NaN'),
    CONSTRAINT chk_property_investments_version CHECK (version >= 1),
    CONSTRAINT chk_property_investments_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_investments_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT chk_property_investments_deleted_at CHECK (isfinite(deleted_at))
);
COMMENT ON TABLE investments.property_investments IS 'Positions: what an investor or account holds in an offering, or in a property without one.';
-- One position per offering, holder and class; a cancelled or deleted one makes room.
CREATE UNIQUE INDEX uk_property_investments_opportunity_holder ON investments.property_investments
    (opportunity_id, investor_id, COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid), share_class)
    WHERE opportunity_id IS NOT NULL AND status <> 'cancelled' AND deleted_at IS NULL;
CREATE UNIQUE INDEX uk_property_investments_property_holder ON investments.property_investments
    (property_id, investor_id, COALESCE(account_id, '00000000-0000-0000-0000-000000000000'::uuid), share_class)
    WHERE opportunity_id IS NULL AND status <> 'cancelled' AND deleted_at IS NULL;
CREATE INDEX idx_property_investments_property_id ON investments.property_investments (property_id);
CREATE INDEX idx_property_investments_status ON investments.property_investments (status);
-- Lists, newest first: no page sorts, however deep. They are read backwards: rows that come at the end of an
-- index fill its pages, those that come at the beginning leave them half empty. The property, which the foreign
-- key carries along, is that of the offering and needs no place in them.
CREATE INDEX idx_property_investments_created_at_id ON investments.property_investments (created_at, id);
CREATE INDEX idx_property_investments_opportunity_id_created_at_id
    ON investments.property_investments (opportunity_id, created_at, id);
CREATE INDEX idx_property_investments_opportunity_id_share_class
    ON investments.property_investments (opportunity_id, share_class);
CREATE INDEX idx_property_investments_account_id_investor_id
    ON investments.property_investments (account_id, investor_id) WHERE account_id IS NOT NULL;
-- Also serves the foreign key on investor_id.
CREATE INDEX idx_user_investments ON investments.property_investments (investor_id, status, created_at DESC);
-- The offerings that have stored ownership (forget_ownership).
CREATE INDEX idx_property_investments_opportunity_id ON investments.property_investments (opportunity_id)
    WHERE ownership_percentage IS NOT NULL;
CREATE INDEX idx_pending_investments ON investments.property_investments (opportunity_id) WHERE status = 'pending';
-- Every distribution changes the totals of its positions. There is room for that on their pages, so that their
-- indexes need no further entries.
ALTER TABLE investments.property_investments SET (fillfactor = 50);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.property_investments
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- The earlier name of a position. Reads and writes go through; a row without property_id takes its
-- offering's (fill_property).
CREATE VIEW investments.investments AS
SELECT id, investor_id, property_id, opportunity_id, investment_amount AS amount, ownership_percentage,
       share_class, currency, units, commitment_date, funding_date, status, created_at, updated_at, version
FROM investments.property_investments
WHERE deleted_at IS NULL;
COMMENT ON VIEW investments.investments IS 'Positions by their earlier name; updatable.';

CREATE FUNCTION investments.fill_property() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT property_id INTO NEW.property_id FROM investments.opportunities WHERE id = NEW.opportunity_id;
    RETURN NEW;
END;
$$;
CREATE TRIGGER fill_property BEFORE INSERT ON investments.property_investments
    FOR EACH ROW WHEN (NEW.property_id IS NULL AND NEW.opportunity_id IS NOT NULL)
    EXECUTE FUNCTION investments.fill_property();

CREATE TABLE investments.investor_portfolios (
    id                           UUID NOT NULL DEFAULT gen_random_uuid(),
    investor_id                  UUID NOT NULL,
    -- Amounts of two currencies are never added: an investor has a portfolio of each.
    currency                     VARCHAR(3) NOT NULL DEFAULT 'USD',
    total_properties             INTEGER NOT NULL DEFAULT 0,
    -- Kept by investment_portfolio_trigger; everything else waits for the next recomputation.
    total_invested               NUMERIC(15,2) NOT NULL DEFAULT 0,
    current_value                NUMERIC(15,2) NOT NULL DEFAULT 0,
    total_distributions          NUMERIC(15,2) NOT NULL DEFAULT 0,
    -- NULL where undefined
    weighted_avg_irr             NUMERIC(18,10),
    -- Whether the rate of return is the only one that the flows have.
    irr_unique                   BOOLEAN,
    weighted_avg_cash_on_cash    NUMERIC(18,10),
    total_equity_multiple        NUMERIC(18,10),
    -- Fractions of the current value by key
    allocation_by_state          JSONB,
    allocation_by_city           JSONB,
    allocation_by_property_type  JSONB,
    allocation_by_property_class JSONB,
    -- The day that the figures are of.
    as_of                        DATE CONSTRAINT chk_investor_portfolios_as_of CHECK (isfinite(as_of)),
    last_calculated_at           TIMESTAMPTZ,
    -- How many movements they were computed from. A clock can't tell what a computation saw of a
    -- transaction that was under way; movements are never taken away, so that their number can.
    movements                    BIGINT NOT NULL DEFAULT 0 CONSTRAINT chk_investor_portfolios_movements CHECK (movements >= 0),
    -- Those movements added up, so that the next computation goes on from them, and by position the
    -- number of the last of them: the movements of a position are written, and so numbered, behind the
    -- lock of its offering. NULL where the next one begins anew.
    folded                       BYTEA,
    folded_numbers               JSONB,
    created_at                   TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                   TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_investor_portfolios PRIMARY KEY (id),
    CONSTRAINT fk_investor_portfolios_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_investor_portfolios_investor_id_currency UNIQUE (investor_id, currency),
    CONSTRAINT chk_investor_portfolios_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_investor_portfolios_goes_on CHECK ((folded IS NULL) = (folded_numbers IS NULL) AND (folded IS NULL OR as_of IS NOT NULL)),
    CONSTRAINT chk_investor_portfolios_total_properties CHECK (total_properties >= 0),
    CONSTRAINT chk_investor_portfolios_total_invested CHECK (total_invested >= 0 AND total_invested < 'NaN'),
    CONSTRAINT chk_investor_portfolios_current_value CHECK (current_value >= 0 AND current_value < 'NaN'),
    CONSTRAINT chk_investor_portfolios_total_distributions CHECK (total_distributions < 'NaN'),
    CONSTRAINT chk_investor_portfolios_weighted_avg_irr CHECK (weighted_avg_irr < 'NaN'),
    CONSTRAINT chk_investor_portfolios_weighted_avg_cash_on_cash CHECK (weighted_avg_cash_on_cash < 'NaN'),
    CONSTRAINT chk_investor_portfolios_total_equity_multiple CHECK (total_equity_multiple < 'NaN'),
    CONSTRAINT chk_investor_portfolios_last_calculated_at CHECK (isfinite(last_calculated_at)),
    CONSTRAINT chk_investor_portfolios_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_investor_portfolios_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.investor_portfolios IS 'One row per investor and currency: a projection of positions and transactions, recomputed by the library.';
-- A portfolio's figures are in no index: with room on its page, a new version needs no new entries.
ALTER TABLE investments.investor_portfolios SET (fillfactor = 60);
-- A long history is written with each payment, and hardly gets smaller.
ALTER TABLE investments.investor_portfolios ALTER COLUMN folded SET STORAGE EXTERNAL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.investor_portfolios
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE VIEW investments.portfolios AS
SELECT id, investor_id, total_invested, current_value AS total_value, total_distributions,
       total_distributions + current_value - total_invested AS total_returns,
       weighted_avg_irr AS irr, total_equity_multiple AS multiple, last_calculated_at, created_at, updated_at, currency
FROM investments.investor_portfolios;
COMMENT ON VIEW investments.portfolios IS 'Portfolios by their earlier name.';

-- The two caches over positions. A position counts once it is funded, and goes on counting after its
-- exit: the cash was received and invested. Both functions collect by how much the counted rows changed,
-- lock the parents in id order (offerings before portfolios in both), and only then add, so that one
-- contribution costs the same in an offering of any size. How many positions an investor has is counted by
-- a statement of its own, whose snapshot sees what a concurrent transaction committed meanwhile; how many
-- there were before follows from the change. Changes go into arrays first: a join with a transition
-- table, of whose rows nothing is known, may be quadratic.
-- A statement may change positions in two ways at once (ON CONFLICT DO UPDATE, MERGE, parts of a WITH, a
-- trigger of a host's that writes positions itself). Each of its triggers would see the work of all and
-- know only its own part, so they count anew there.
-- They run with their owner's rights, since a sum over the rows that a caller may see would be a wrong
-- one, and for their own table alone: on another, whose columns and types its owner chooses, they would
-- run that owner's code.

-- Keeps in freehold.position_statements how many statements (or parts of one) are changing positions, and
-- in freehold.position_overlap whether two of them did at once since there was none.
CREATE FUNCTION investments.count_position_statements() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    running INTEGER := COALESCE(NULLIF(current_setting('freehold.position_statements', TRUE), ''), '0')::integer;
BEGIN
    IF TG_WHEN = 'BEFORE' THEN
        PERFORM set_config('freehold.position_statements', (running + 1)::text, TRUE);
        IF running <> 0 THEN
            PERFORM set_config('freehold.position_overlap', 'on', TRUE);
        END IF;
    ELSE
        PERFORM set_config('freehold.position_statements', (running - 1)::text, TRUE);
        IF running = 1 AND current_setting('freehold.position_overlap', TRUE) = 'on' THEN
            PERFORM set_config('freehold.position_overlap', '', TRUE);
        END IF;
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION investments.update_opportunity_metrics() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- nothing is joined before it is known for how many
AS $$
DECLARE
    changed UUID[];
    offerings UUID[];
    investors UUID[];
    amounts NUMERIC[];
    counts BIGINT[];
BEGIN
    IF TG_RELID <> 'investments.property_investments'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.amount), array_agg(d.n) INTO offerings, investors, amounts, counts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, sum(investment_amount) AS amount, count(*) AS n FROM new_rows
              WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1, 2) d;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.amount), array_agg(d.n) INTO offerings, investors, amounts, counts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, -sum(investment_amount) AS amount, -count(*) AS n FROM old_rows
              WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1, 2) d;
    ELSE
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.amount), array_agg(d.n) INTO offerings, investors, amounts, counts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, sum(amount) AS amount, sum(n) AS n
              FROM (SELECT opportunity_id, investor_id, investment_amount AS amount, 1 AS n FROM new_rows
                    WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL
                    UNION ALL
                    SELECT opportunity_id, investor_id, -investment_amount, -1 FROM old_rows
                    WHERE opportunity_id IS NOT NULL AND status IN ('funded', 'exited') AND deleted_at IS NULL) both_sides
              GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(amount) <> 0) d;
    END IF;
    IF offerings IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(offerings) > 100 THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', TRUE); -- until the function ends
    END IF;
    SELECT array_agg(DISTINCT c.id) INTO changed FROM unnest(offerings) AS c (id);
    PERFORM 1 FROM investments.opportunities WHERE id = ANY (changed) ORDER BY id FOR NO KEY UPDATE;
    IF current_setting('freehold.position_overlap', TRUE) = 'on' THEN
        UPDATE investments.opportunities o
        SET amount_raised = m.raised, investor_count = m.investors
        FROM (SELECT c.id, COALESCE(sum(p.investment_amount), 0) AS raised, count(DISTINCT p.investor_id) AS investors
              FROM unnest(changed) AS c (id)
              LEFT JOIN investments.property_investments p
                  ON p.opportunity_id = c.id AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL
              GROUP BY c.id) m
        WHERE o.id = m.id;
        RETURN NULL;
    END IF;
    UPDATE investments.opportunities o
    SET amount_raised = o.amount_raised + m.amount, investor_count = o.investor_count + m.investors
    FROM (SELECT d.offering, sum(d.amount) AS amount, sum(CASE WHEN d.held > 0 THEN 1 ELSE 0 END - CASE WHEN d.held > d.n THEN 1 ELSE 0 END) AS investors
          FROM (SELECT r.offering, r.amount, r.n,
                       CASE WHEN r.n <> 0 THEN (SELECT count(*) FROM investments.property_investments p
                           WHERE p.opportunity_id = r.offering AND p.investor_id = r.investor
                               AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) END AS held
                FROM unnest(offerings, investors, amounts, counts) AS r (offering, investor, amount, n) OFFSET 0) d -- looked up once
          GROUP BY d.offering) m
    WHERE o.id = m.offering;
    RETURN NULL;
END;
$$;

-- A portfolio that is missing is made with all that counts, any other takes the change. A transaction
-- that counts a position of an investor without a portfolio inserts that row before anything else of the
-- kind can be seen, so that whoever inserts it first has seen all counted positions there are; who comes
-- second finds the row, waits for it and adds after that.
CREATE FUNCTION investments.update_portfolio_on_investment() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- nothing is joined before it is known for how many
AS $$
DECLARE
    offerings UUID[];
    investors UUID[];
    currencies TEXT[];
    amounts NUMERIC[];
    made UUID[];
    made_in TEXT[];
BEGIN
    IF TG_RELID <> 'investments.property_investments'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.currency), array_agg(d.amount) INTO offerings, investors, currencies, amounts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, currency, sum(investment_amount) AS amount FROM new_rows
              WHERE status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1, 2, 3) d;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.currency), array_agg(d.amount) INTO offerings, investors, currencies, amounts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, currency, -sum(investment_amount) AS amount FROM old_rows
              WHERE status IN ('funded', 'exited') AND deleted_at IS NULL GROUP BY 1, 2, 3) d;
    ELSE
        SELECT array_agg(d.offering), array_agg(d.investor), array_agg(d.currency), array_agg(d.amount) INTO offerings, investors, currencies, amounts
        FROM (SELECT opportunity_id AS offering, investor_id AS investor, currency, sum(amount) AS amount
              FROM (SELECT opportunity_id, investor_id, currency, investment_amount AS amount, 1 AS n FROM new_rows
                    WHERE status IN ('funded', 'exited') AND deleted_at IS NULL
                    UNION ALL
                    SELECT opportunity_id, investor_id, currency, -investment_amount, -1 FROM old_rows
                    WHERE status IN ('funded', 'exited') AND deleted_at IS NULL) both_sides
              GROUP BY 1, 2, 3 HAVING sum(n) <> 0 OR sum(amount) <> 0) d;
    END IF;
    IF investors IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(investors) > 100 THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', TRUE); -- until the function ends
    END IF;
    SELECT array_agg(DISTINCT c.id) INTO offerings FROM unnest(offerings) AS c (id);
    PERFORM 1 FROM investments.opportunities WHERE id = ANY (offerings) ORDER BY id FOR NO KEY UPDATE;
    SELECT array_agg(d.investor), array_agg(d.currency), array_agg(d.amount) INTO investors, currencies, amounts
    FROM (SELECT r.investor, r.currency, sum(r.amount) AS amount FROM unnest(investors, currencies, amounts) AS r (investor, currency, amount)
          GROUP BY 1, 2) d;
    WITH fresh AS (
        INSERT INTO investments.investor_portfolios (investor_id, currency, total_invested)
        SELECT d.investor, d.currency, d.invested
        FROM (SELECT r.investor, r.currency,
                     (SELECT sum(p.investment_amount) FROM investments.property_investments p
                      WHERE p.investor_id = r.investor AND p.currency = r.currency AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL) AS invested
              FROM unnest(investors, currencies) AS r (investor, currency)
              WHERE (SELECT f.id FROM investments.investor_portfolios f WHERE f.investor_id = r.investor AND f.currency = r.currency) IS NULL) d
        WHERE d.invested IS NOT NULL
        ORDER BY d.investor, d.currency
        ON CONFLICT (investor_id, currency) DO NOTHING
        RETURNING investor_id, currency)
    SELECT array_agg(investor_id), array_agg(currency) INTO made, made_in FROM fresh;
    IF made IS NOT NULL THEN
        SELECT array_agg(r.investor), array_agg(r.currency), array_agg(r.amount) INTO investors, currencies, amounts
        FROM unnest(investors, currencies, amounts) AS r (investor, currency, amount)
        LEFT JOIN unnest(made, made_in) AS m (investor, currency) ON m.investor = r.investor AND m.currency = r.currency
        WHERE m.investor IS NULL;
        IF investors IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    PERFORM 1 FROM unnest(investors, currencies) AS r (investor, currency)
    JOIN investments.investor_portfolios f ON f.investor_id = r.investor AND f.currency = r.currency
    ORDER BY f.investor_id, f.currency FOR NO KEY UPDATE OF f;
    IF current_setting('freehold.position_overlap', TRUE) = 'on' THEN
        UPDATE investments.investor_portfolios f
        SET total_invested = COALESCE((SELECT sum(p.investment_amount) FROM investments.property_investments p
            WHERE p.investor_id = r.investor AND p.currency = r.currency AND p.status IN ('funded', 'exited') AND p.deleted_at IS NULL), 0)
        FROM unnest(investors, currencies) AS r (investor, currency)
        WHERE f.investor_id = r.investor AND f.currency = r.currency;
    ELSE
        UPDATE investments.investor_portfolios f
        SET total_invested = f.total_invested + r.amount
        FROM unnest(investors, currencies, amounts) AS r (investor, currency, amount)
        WHERE f.investor_id = r.investor AND f.currency = r.currency AND r.amount <> 0;
    END IF;
    RETURN NULL;
END;
$$;

-- The first and the last of the triggers by statement, whatever the event.
CREATE TRIGGER a_position_statements BEFORE INSERT OR UPDATE OR DELETE ON investments.property_investments
    FOR EACH STATEMENT EXECUTE FUNCTION investments.count_position_statements();
CREATE TRIGGER z_position_statements AFTER INSERT OR UPDATE OR DELETE ON investments.property_investments
    FOR EACH STATEMENT EXECUTE FUNCTION investments.count_position_statements();
-- Transition tables forbid one trigger for several events.
CREATE TRIGGER opportunity_metrics_trigger_insert AFTER INSERT ON investments.property_investments
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_opportunity_metrics();
CREATE TRIGGER opportunity_metrics_trigger_update AFTER UPDATE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_opportunity_metrics();
CREATE TRIGGER opportunity_metrics_trigger_delete AFTER DELETE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_opportunity_metrics();
CREATE TRIGGER investment_portfolio_trigger_insert AFTER INSERT ON investments.property_investments
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_portfolio_on_investment();
CREATE TRIGGER investment_portfolio_trigger_update AFTER UPDATE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_portfolio_on_investment();
CREATE TRIGGER investment_portfolio_trigger_delete AFTER DELETE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.update_portfolio_on_investment();

-- A stored ownership_percentage is of the holdings that it was computed from. When those of an offering
-- change, all of its stored ones are forgotten (NULL) until RefreshOwnership computes them again: that is
-- linear, where computing all of them anew after each funding would be quadratic.
CREATE FUNCTION investments.forget_ownership() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- nothing is joined before it is known for how many
AS $$
DECLARE
    touched UUID[];
    changed UUID[];
BEGIN
    IF TG_RELID <> 'investments.property_investments'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
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
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(touched) > 100 THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', TRUE); -- until the function ends
    END IF;
    SELECT array_agg(o.id) INTO touched FROM unnest(touched) AS o (id)
    WHERE (SELECT p.id FROM investments.property_investments p
           WHERE p.opportunity_id = o.id AND p.ownership_percentage IS NOT NULL LIMIT 1) IS NOT NULL;
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
    RETURN NULL;
END;
$$;

CREATE TRIGGER ownership_trigger_insert AFTER INSERT ON investments.property_investments
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.forget_ownership();
CREATE TRIGGER ownership_trigger_update AFTER UPDATE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.forget_ownership();
CREATE TRIGGER ownership_trigger_delete AFTER DELETE ON investments.property_investments
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.forget_ownership();

CREATE TABLE investments.subscriptions (
    id               UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id   UUID NOT NULL,
    investor_id      UUID NOT NULL,
    account_id       UUID,
    share_class      VARCHAR(50) NOT NULL DEFAULT 'common',
    -- The position that the commitment feeds.
    investment_id    UUID,
    requested_amount NUMERIC(15,2) NOT NULL,
    -- What was accepted, after a scale-back.
    amount           NUMERIC(15,2) NOT NULL,
    called           NUMERIC(15,2) NOT NULL DEFAULT 0,
    received         NUMERIC(15,2) NOT NULL DEFAULT 0,
    refunded         NUMERIC(15,2) NOT NULL DEFAULT 0,
    currency         VARCHAR(3) NOT NULL DEFAULT 'USD',
    status           VARCHAR(20) NOT NULL DEFAULT 'open',
    waitlist_number  INTEGER,
    commitment_date  DATE NOT NULL,
    funded_at        TIMESTAMPTZ,
    cancelled_at     TIMESTAMPTZ,
    cancel_reason    TEXT,
    -- The facts that the gates were judged by.
    evidence         JSONB,
    version          BIGINT NOT NULL DEFAULT 1,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_subscriptions PRIMARY KEY (id),
    CONSTRAINT fk_subscriptions_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_subscriptions_share_class FOREIGN KEY (opportunity_id, share_class)
        REFERENCES investments.share_classes (opportunity_id, code),
    CONSTRAINT fk_subscriptions_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_subscriptions_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_subscriptions_investment_id FOREIGN KEY (investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT chk_subscriptions_amounts CHECK (amount <= requested_amount AND called <= amount
        AND received <= amount AND refunded <= received),
    CONSTRAINT chk_subscriptions_funding CHECK (status <> 'funded' OR received = amount),
    CONSTRAINT chk_subscriptions_cancellation CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT chk_subscriptions_waitlist CHECK (status <> 'waitlisted' OR waitlist_number IS NOT NULL),
    CONSTRAINT chk_subscriptions_share_class CHECK (share_class <> ''),
    CONSTRAINT chk_subscriptions_requested_amount CHECK (requested_amount > 0 AND requested_amount < 'NaN'),
    CONSTRAINT chk_subscriptions_amount CHECK (amount >= 0 AND amount < 'NaN'),
    CONSTRAINT chk_subscriptions_called CHECK (called >= 0 AND called < 'NaN'),
    CONSTRAINT chk_subscriptions_received CHECK (received >= 0 AND received < 'NaN'),
    CONSTRAINT chk_subscriptions_refunded CHECK (refunded >= 0 AND refunded < 'NaN'),
    CONSTRAINT chk_subscriptions_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_subscriptions_status CHECK (status IN ('waitlisted', 'open', 'funded', 'cancelled')),
    CONSTRAINT chk_subscriptions_waitlist_number CHECK (waitlist_number > 0),
    CONSTRAINT chk_subscriptions_commitment_date CHECK (isfinite(commitment_date)),
    CONSTRAINT chk_subscriptions_funded_at CHECK (isfinite(funded_at)),
    CONSTRAINT chk_subscriptions_cancelled_at CHECK (isfinite(cancelled_at)),
    CONSTRAINT chk_subscriptions_version CHECK (version >= 1),
    CONSTRAINT chk_subscriptions_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_subscriptions_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.subscriptions IS 'Commitments: what was asked for, accepted, called and received. Many per investor and offering.';
CREATE UNIQUE INDEX uk_subscriptions_opportunity_id_waitlist_number
    ON investments.subscriptions (opportunity_id, waitlist_number) WHERE waitlist_number IS NOT NULL;
-- Nobody looks for the subscriptions that are done by their status; those that wait are few in the end.
CREATE INDEX idx_subscriptions_opportunity_id_status ON investments.subscriptions (opportunity_id, status)
    WHERE status IN ('waitlisted', 'open');
CREATE INDEX idx_subscriptions_opportunity_id_share_class ON investments.subscriptions (opportunity_id, share_class);
-- Lists, newest first: no page sorts, however deep.
CREATE INDEX idx_subscriptions_created_at_id ON investments.subscriptions (created_at, id);
CREATE INDEX idx_subscriptions_investor_id_created_at_id
    ON investments.subscriptions (investor_id, created_at, id);
CREATE INDEX idx_subscriptions_opportunity_id_created_at_id
    ON investments.subscriptions (opportunity_id, created_at, id);
CREATE INDEX idx_subscriptions_account_id_investor_id ON investments.subscriptions (account_id, investor_id)
    WHERE account_id IS NOT NULL;
CREATE INDEX idx_subscriptions_investment_id ON investments.subscriptions (investment_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.subscriptions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.capital_calls (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id UUID NOT NULL,
    number         INTEGER NOT NULL,
    notice_date    DATE,
    due_date       DATE NOT NULL,
    total_amount   NUMERIC(15,2) NOT NULL,
    status         VARCHAR(20) NOT NULL DEFAULT 'draft',
    notes          TEXT,
    created_by     UUID,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_capital_calls PRIMARY KEY (id),
    CONSTRAINT fk_capital_calls_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_calls_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_capital_calls_opportunity_id_number UNIQUE (opportunity_id, number),
    CONSTRAINT chk_capital_calls_schedule CHECK (notice_date <= due_date),
    CONSTRAINT chk_capital_calls_number CHECK (number > 0),
    CONSTRAINT chk_capital_calls_notice_date CHECK (isfinite(notice_date)),
    CONSTRAINT chk_capital_calls_due_date CHECK (isfinite(due_date)),
    CONSTRAINT chk_capital_calls_total_amount CHECK (total_amount > 0 AND total_amount < 'NaN'),
    CONSTRAINT chk_capital_calls_status CHECK (status IN ('draft', 'issued', 'completed', 'cancelled')),
    CONSTRAINT chk_capital_calls_version CHECK (version >= 1),
    CONSTRAINT chk_capital_calls_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_capital_calls_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.capital_calls IS 'Calls for a part of what investors committed to an offering.';
CREATE INDEX idx_capital_calls_created_by ON investments.capital_calls (created_by);
CREATE INDEX idx_capital_calls_due_date ON investments.capital_calls (due_date) WHERE status = 'issued';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.capital_calls
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.capital_call_lines (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    capital_call_id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    investor_id     UUID NOT NULL,
    amount          NUMERIC(15,2) NOT NULL,
    received        NUMERIC(15,2) NOT NULL DEFAULT 0,
    received_date   DATE,
    status          VARCHAR(20) NOT NULL DEFAULT 'open',
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_capital_call_lines PRIMARY KEY (id),
    CONSTRAINT fk_capital_call_lines_capital_call_id FOREIGN KEY (capital_call_id)
        REFERENCES investments.capital_calls (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_call_lines_subscription_id FOREIGN KEY (subscription_id)
        REFERENCES investments.subscriptions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_call_lines_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_capital_call_lines_capital_call_id_subscription_id UNIQUE (capital_call_id, subscription_id),
    CONSTRAINT chk_capital_call_lines_receipt CHECK (received <= amount AND (status <> 'received' OR received = amount)),
    CONSTRAINT chk_capital_call_lines_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_capital_call_lines_received CHECK (received >= 0 AND received < 'NaN'),
    CONSTRAINT chk_capital_call_lines_received_date CHECK (isfinite(received_date)),
    CONSTRAINT chk_capital_call_lines_status CHECK (status IN ('open', 'partial', 'received', 'cancelled')),
    CONSTRAINT chk_capital_call_lines_version CHECK (version >= 1),
    CONSTRAINT chk_capital_call_lines_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_capital_call_lines_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.capital_call_lines IS 'What a capital call asks of each commitment and what came in.';
CREATE INDEX idx_capital_call_lines_subscription_id ON investments.capital_call_lines (subscription_id);
CREATE INDEX idx_capital_call_lines_investor_id ON investments.capital_call_lines (investor_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.capital_call_lines
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.transfers (
    id                 UUID NOT NULL DEFAULT gen_random_uuid(),
    kind               VARCHAR(20) NOT NULL DEFAULT 'transfer',
    opportunity_id     UUID,
    property_id        UUID NOT NULL,
    from_investment_id UUID NOT NULL,
    to_investment_id   UUID,
    to_investor_id     UUID NOT NULL,
    to_account_id      UUID,
    to_share_class     VARCHAR(50),
    -- The part of each balance that moves.
    fraction           NUMERIC(20,10) NOT NULL,
    units              NUMERIC(20,6),
    -- Contributed capital that moved, known when the transfer is done.
    amount             NUMERIC(15,2),
    -- What the receiver paid, where it is known; else the rate of return takes the unreturned capital.
    price              NUMERIC(15,2) CONSTRAINT chk_transfers_price CHECK (price >= 0 AND price < 'NaN'),
    effective_date     DATE NOT NULL,
    status             VARCHAR(20) NOT NULL DEFAULT 'pending',
    reason             TEXT,
    -- Without a foreign key, as the ledger may live elsewhere; Verify finds one that is not there.
    journal_id         UUID,
    created_by         UUID,
    approved_by        UUID,
    completed_at       TIMESTAMPTZ,
    version            BIGINT NOT NULL DEFAULT 1,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_transfers PRIMARY KEY (id),
    CONSTRAINT fk_transfers_opportunity_id FOREIGN KEY (opportunity_id, property_id)
        REFERENCES investments.opportunities (id, property_id),
    CONSTRAINT fk_transfers_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transfers_from_investment_id FOREIGN KEY (from_investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transfers_to_investment_id FOREIGN KEY (to_investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transfers_to_investor_id FOREIGN KEY (to_investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transfers_to_account_id FOREIGN KEY (to_account_id, to_investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_transfers_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transfers_approved_by FOREIGN KEY (approved_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_transfers_ends CHECK (from_investment_id <> to_investment_id),
    CONSTRAINT chk_transfers_completion CHECK (status NOT IN ('completed', 'reversed')
        OR (to_investment_id IS NOT NULL AND amount IS NOT NULL AND completed_at IS NOT NULL)),
    CONSTRAINT chk_transfers_kind CHECK (kind IN ('transfer', 'conversion', 'correction')),
    CONSTRAINT chk_transfers_fraction CHECK (fraction > 0 AND fraction <= 1),
    CONSTRAINT chk_transfers_units CHECK (units >= 0 AND units < 'NaN'),
    CONSTRAINT chk_transfers_amount CHECK (amount >= 0 AND amount < 'NaN'),
    CONSTRAINT chk_transfers_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_transfers_status CHECK (status IN ('pending', 'approved', 'completed', 'cancelled', 'reversed')),
    CONSTRAINT chk_transfers_completed_at CHECK (isfinite(completed_at)),
    CONSTRAINT chk_transfers_version CHECK (version >= 1),
    CONSTRAINT chk_transfers_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_transfers_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.transfers IS 'Moves of a position or a part of it: to another account, to another class, or to put an error right.';
CREATE INDEX idx_transfers_opportunity_id_property_id ON investments.transfers (opportunity_id, property_id);
-- The order in which they were done; see completed_at.
CREATE INDEX idx_transfers_opportunity_id_effective_date ON investments.transfers (opportunity_id, effective_date, completed_at)
    WHERE status = 'completed';
CREATE INDEX idx_transfers_property_id_effective_date ON investments.transfers (property_id, effective_date);
CREATE INDEX idx_transfers_from_investment_id ON investments.transfers (from_investment_id);
CREATE INDEX idx_transfers_to_investment_id ON investments.transfers (to_investment_id);
CREATE INDEX idx_transfers_to_investor_id ON investments.transfers (to_investor_id);
CREATE INDEX idx_transfers_to_account_id_to_investor_id ON investments.transfers (to_account_id, to_investor_id);
CREATE INDEX idx_transfers_journal_id ON investments.transfers (journal_id);
CREATE INDEX idx_transfers_created_by ON investments.transfers (created_by);
CREATE INDEX idx_transfers_approved_by ON investments.transfers (approved_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.transfers
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE investments.distributions (
    id                     UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id            UUID NOT NULL,
    opportunity_id         UUID,
    -- Source or cadence, and tax character: two facts, of which one at least is known.
    distribution_type      VARCHAR(50),
    type                   VARCHAR(50),
    -- payment_date is the earlier name of distribution_date.
    distribution_date      DATE NOT NULL,
    payment_date           DATE,
    record_date            DATE,
    total_amount           NUMERIC(15,2) NOT NULL,
    currency               VARCHAR(3) NOT NULL DEFAULT 'USD',
    -- Informational, the lines are the authority; per_share_amount is the earlier name.
    per_unit_amount        NUMERIC(20,10),
    per_share_amount       NUMERIC(20,10),
    calculation_method     VARCHAR(50),
    terms_id               UUID,
    status                 VARCHAR(20) NOT NULL DEFAULT 'pending',
    status_reason          TEXT,
    -- processed_at is the earlier name of processed_date.
    processed_date         TIMESTAMPTZ,
    processed_at           TIMESTAMPTZ,
    -- Supporting data
    property_noi           NUMERIC(15,2),
    expense_ratio          NUMERIC(18,10),
    notes                  TEXT,
    -- Who asked for it and who let it pass
    created_by             UUID,
    approved_by            UUID,
    approved_at            TIMESTAMPTZ,
    -- The distribution that this one puts right.
    corrects_id            UUID,
    -- What of the property's cash may be distributed, by which this was declared.
    worksheet_id           UUID,
    -- Without foreign keys, as the ledger may live elsewhere; Verify finds what is not there.
    declaration_journal_id UUID,
    reversal_journal_id    UUID,
    reversed_at            TIMESTAMPTZ,
    version                BIGINT NOT NULL DEFAULT 1,
    created_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at             TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_distributions PRIMARY KEY (id),
    -- The target of the composite foreign key that keeps a line with its distribution's property.
    CONSTRAINT uk_distributions_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_distributions_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_distributions_opportunity_id FOREIGN KEY (opportunity_id, property_id)
        REFERENCES investments.opportunities (id, property_id),
    CONSTRAINT fk_distributions_terms_id FOREIGN KEY (terms_id, opportunity_id)
        REFERENCES investments.offering_terms (id, opportunity_id),
    CONSTRAINT fk_distributions_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_distributions_approved_by FOREIGN KEY (approved_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_distributions_corrects_id FOREIGN KEY (corrects_id)
        REFERENCES investments.distributions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_distributions_worksheet_id FOREIGN KEY (worksheet_id, property_id)
        REFERENCES financials.worksheets (id, property_id),
    CONSTRAINT chk_distributions_purpose CHECK (num_nonnulls(distribution_type, type) >= 1),
    -- fill_distribution_aliases copies what one name misses; two names that disagree are an error.
    CONSTRAINT chk_distributions_aliases CHECK (payment_date = distribution_date
        AND per_unit_amount IS NOT DISTINCT FROM per_share_amount
        AND processed_date IS NOT DISTINCT FROM processed_at),
    CONSTRAINT chk_distributions_reversal CHECK ((status = 'reversed') = (reversed_at IS NOT NULL)),
    CONSTRAINT chk_distributions_terms CHECK (terms_id IS NULL OR opportunity_id IS NOT NULL),
    CONSTRAINT chk_distributions_distribution_type
        CHECK (distribution_type IN ('monthly_income', 'quarterly', 'refinance', 'sale_proceeds')),
    CONSTRAINT chk_distributions_type CHECK (type IN ('dividend', 'interest', 'return_of_capital', 'capital_gain')),
    CONSTRAINT chk_distributions_distribution_date CHECK (isfinite(distribution_date)),
    CONSTRAINT chk_distributions_payment_date CHECK (isfinite(payment_date)),
    CONSTRAINT chk_distributions_record_date CHECK (isfinite(record_date)),
    CONSTRAINT chk_distributions_total_amount CHECK (total_amount > 0 AND total_amount < 'NaN'),
    CONSTRAINT chk_distributions_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_distributions_per_unit_amount CHECK (per_unit_amount >= 0 AND per_unit_amount < 'NaN'),
    CONSTRAINT chk_distributions_per_share_amount CHECK (per_share_amount >= 0 AND per_share_amount < 'NaN'),
    CONSTRAINT chk_distributions_calculation_method
        CHECK (calculation_method IN ('pro_rata', 'waterfall', 'preferred')),
    CONSTRAINT chk_distributions_status
        CHECK (status IN ('pending', 'approved', 'processing', 'completed', 'failed', 'cancelled', 'reversed')),
    CONSTRAINT chk_distributions_processed_date CHECK (isfinite(processed_date)),
    CONSTRAINT chk_distributions_processed_at CHECK (isfinite(processed_at)),
    CONSTRAINT chk_distributions_property_noi CHECK (property_noi < 'NaN'),
    CONSTRAINT chk_distributions_expense_ratio CHECK (expense_ratio < 'NaN'),
    CONSTRAINT chk_distributions_approved_at CHECK (isfinite(approved_at)),
    CONSTRAINT chk_distributions_reversed_at CHECK (isfinite(reversed_at)),
    CONSTRAINT chk_distributions_version CHECK (version >= 1),
    CONSTRAINT chk_distributions_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_distributions_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.distributions IS 'Distributions to investors; never deleted, reversed.';
CREATE INDEX idx_distributions_property_id ON investments.distributions (property_id);
CREATE INDEX idx_distributions_opportunity_id_property_id ON investments.distributions (opportunity_id, property_id);
CREATE INDEX idx_distributions_distribution_date ON investments.distributions (distribution_date);
CREATE INDEX idx_distributions_payment_date ON investments.distributions (payment_date);
CREATE INDEX idx_distributions_terms_id_opportunity_id ON investments.distributions (terms_id, opportunity_id);
CREATE INDEX idx_distributions_created_by ON investments.distributions (created_by);
CREATE INDEX idx_distributions_approved_by ON investments.distributions (approved_by);
CREATE INDEX idx_distributions_corrects_id ON investments.distributions (corrects_id);
CREATE INDEX idx_distributions_worksheet_id_property_id ON investments.distributions (worksheet_id, property_id);
CREATE INDEX idx_distributions_declaration_journal_id ON investments.distributions (declaration_journal_id);
CREATE INDEX idx_distributions_reversal_journal_id ON investments.distributions (reversal_journal_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.distributions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- Keeps both names of a fact equal, and takes the property from the offering. On UPDATE the name that
-- changed wins; where both changed, chk_distributions_aliases judges.
CREATE FUNCTION investments.fill_distribution_aliases() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.distribution_date := COALESCE(NEW.distribution_date, NEW.payment_date);
        NEW.payment_date := COALESCE(NEW.payment_date, NEW.distribution_date);
        NEW.per_unit_amount := COALESCE(NEW.per_unit_amount, NEW.per_share_amount);
        NEW.per_share_amount := COALESCE(NEW.per_share_amount, NEW.per_unit_amount);
        NEW.processed_date := COALESCE(NEW.processed_date, NEW.processed_at);
        NEW.processed_at := COALESCE(NEW.processed_at, NEW.processed_date);
        IF NEW.property_id IS NULL THEN
            SELECT property_id INTO NEW.property_id FROM investments.opportunities WHERE id = NEW.opportunity_id;
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.distribution_date IS NOT DISTINCT FROM OLD.distribution_date THEN
        NEW.distribution_date := NEW.payment_date;
    ELSIF NEW.payment_date IS NOT DISTINCT FROM OLD.payment_date THEN
        NEW.payment_date := NEW.distribution_date;
    END IF;
    IF NEW.per_unit_amount IS NOT DISTINCT FROM OLD.per_unit_amount THEN
        NEW.per_unit_amount := NEW.per_share_amount;
    ELSIF NEW.per_share_amount IS NOT DISTINCT FROM OLD.per_share_amount THEN
        NEW.per_share_amount := NEW.per_unit_amount;
    END IF;
    IF NEW.processed_date IS NOT DISTINCT FROM OLD.processed_date THEN
        NEW.processed_date := NEW.processed_at;
    ELSIF NEW.processed_at IS NOT DISTINCT FROM OLD.processed_at THEN
        NEW.processed_at := NEW.processed_date;
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER fill_distribution_aliases BEFORE INSERT OR UPDATE ON investments.distributions
    FOR EACH ROW EXECUTE FUNCTION investments.fill_distribution_aliases();

CREATE TABLE investments.distribution_calculations (
    distribution_id UUID NOT NULL,
    method_version  VARCHAR(50) NOT NULL,
    inputs          JSONB NOT NULL,
    inputs_hash     BYTEA NOT NULL,
    -- Tier by tier: the need, the cash before and after, the rule in words.
    trace           JSONB,
    -- The state that the distribution was computed from, which explains every cent, and the one after it,
    -- from which the next computation and balances go on, in a compact binary form. It is dense already, so
    -- that the server need not try to compress it, and can read a part of it. The index says which part
    -- has which account.
    opening_state   BYTEA,
    closing_state   BYTEA,
    closing_index   BYTEA,
    -- What was adjusted and advanced besides the tiers, and whether it was of the last sale.
    extras          JSONB,
    -- The hash of everything on record, at the time of the computation, that it rested on: contributions
    -- and transfers by its date, the distributions before it, the terms. While what is on record hashes to
    -- the same, nothing of the past needs to be computed again.
    history_hash    BYTEA,
    -- Of that, the hash of what is not capital, and the offering's late changes by then: with both the same,
    -- one account goes on from the closing state without a look at the others.
    terms_hash      BYTEA,
    late_changes    BIGINT,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_distribution_calculations PRIMARY KEY (distribution_id),
    CONSTRAINT fk_distribution_calculations_distribution_id FOREIGN KEY (distribution_id)
        REFERENCES investments.distributions (id) ON DELETE RESTRICT,
    CONSTRAINT chk_distribution_calculations_method_version CHECK (method_version <> ''),
    CONSTRAINT chk_distribution_calculations_inputs_hash CHECK (octet_length(inputs_hash) = 32),
    CONSTRAINT chk_distribution_calculations_history_hash CHECK (octet_length(history_hash) = 32),
    CONSTRAINT chk_distribution_calculations_terms_hash CHECK (octet_length(terms_hash) = 32),
    CONSTRAINT chk_distribution_calculations_late_changes CHECK (late_changes >= 0),
    CONSTRAINT chk_distribution_calculations_closing CHECK ((closing_state IS NULL) = (closing_index IS NULL)
        AND (closing_state IS NULL) = (terms_hash IS NULL) AND (closing_state IS NULL) = (late_changes IS NULL)),
    CONSTRAINT chk_distribution_calculations_created_at CHECK (isfinite(created_at))
);
COMMENT ON TABLE investments.distribution_calculations IS 'Frozen inputs, the states before and after, and the trace of a distribution; append-only.';
ALTER TABLE investments.distribution_calculations ALTER COLUMN opening_state SET STORAGE EXTERNAL;
ALTER TABLE investments.distribution_calculations ALTER COLUMN closing_state SET STORAGE EXTERNAL;
ALTER TABLE investments.distribution_calculations ALTER COLUMN closing_index SET STORAGE EXTERNAL;
-- Few have any; every command asks for those of an offering.
CREATE INDEX idx_distribution_calculations_extras ON investments.distribution_calculations (distribution_id) WHERE extras IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.distribution_calculations
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.distribution_calculations
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE investments.investor_distributions (
    id                  UUID NOT NULL DEFAULT gen_random_uuid(),
    distribution_id     UUID NOT NULL,
    property_id         UUID NOT NULL,
    investor_id         UUID NOT NULL,
    account_id          UUID,
    investment_id       UUID,
    role                VARCHAR(20) NOT NULL DEFAULT 'investor',
    -- Gross, withheld, set off against what the payee owes, net. What is below zero is billed.
    distribution_amount NUMERIC(15,2) NOT NULL,
    tax_withholding     NUMERIC(15,2) NOT NULL DEFAULT 0,
    set_off             NUMERIC(15,2) NOT NULL DEFAULT 0,
    net_distribution    NUMERIC(15,2) NOT NULL,
    -- What goes to lenders of the payee (below zero), or comes from the payee's debtors; and what of the
    -- net is not cash, at its stated value.
    redirected          NUMERIC(15,2) NOT NULL DEFAULT 0,
    in_kind             NUMERIC(15,2) NOT NULL DEFAULT 0,
    -- The part of the gross amount that a person changed, and why.
    adjustment          NUMERIC(15,2) NOT NULL DEFAULT 0,
    adjustment_reason   TEXT,
    -- Payment
    payment_method      VARCHAR(50),
    payment_reference   VARCHAR(100),
    payment_date        DATE,
    payment_status      VARCHAR(20) NOT NULL DEFAULT 'pending',
    -- What an index knows of the status. Were it the status itself, each payment would be a new entry in every index.
    owed_back           BOOLEAN NOT NULL GENERATED ALWAYS AS (payment_status IN ('reversed', 'billed')) STORED,
    payment_attempt     INTEGER NOT NULL DEFAULT 1,
    failure_reason      TEXT,
    version             BIGINT NOT NULL DEFAULT 1,
    created_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_investor_distributions PRIMARY KEY (id),
    -- Carries the property, so that a line cannot name another one than its distribution.
    CONSTRAINT fk_investor_distributions_distribution_id FOREIGN KEY (distribution_id, property_id)
        REFERENCES investments.distributions (id, property_id),
    CONSTRAINT fk_investor_distributions_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_investor_distributions_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_investor_distributions_investment_id FOREIGN KEY (investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT chk_investor_distributions_net CHECK (net_distribution = distribution_amount - tax_withholding - set_off + redirected),
    CONSTRAINT chk_investor_distributions_in_kind CHECK (in_kind >= 0 AND in_kind < 'NaN'),
    CONSTRAINT chk_investor_distributions_means CHECK (in_kind <= GREATEST(net_distribution, 0)),
    CONSTRAINT chk_investor_distributions_billed CHECK (CASE WHEN distribution_amount < 0
        THEN tax_withholding = 0 AND set_off = 0 AND payment_status IN ('pending', 'billed', 'reversed') ELSE payment_status <> 'billed' END),
    CONSTRAINT chk_investor_distributions_explanation CHECK (adjustment = 0 OR adjustment_reason IS NOT NULL),
    CONSTRAINT chk_investor_distributions_role CHECK (role IN ('investor', 'promote', 'fee')),
    CONSTRAINT chk_investor_distributions_distribution_amount CHECK (distribution_amount < 'NaN'),
    CONSTRAINT chk_investor_distributions_tax_withholding CHECK (tax_withholding >= 0 AND tax_withholding < 'NaN'),
    CONSTRAINT chk_investor_distributions_redirected CHECK (redirected < 'NaN'),
    CONSTRAINT chk_investor_distributions_set_off CHECK (set_off >= 0 AND set_off < 'NaN'),
    CONSTRAINT chk_investor_distributions_payable CHECK (net_distribution >= LEAST(distribution_amount, 0)),
    CONSTRAINT chk_investor_distributions_net_distribution CHECK (net_distribution < 'NaN'),
    CONSTRAINT chk_investor_distributions_adjustment CHECK (adjustment < 'NaN'),
    CONSTRAINT chk_investor_distributions_payment_method CHECK (payment_method IN ('ach', 'wire', 'check')),
    CONSTRAINT chk_investor_distributions_payment_date CHECK (isfinite(payment_date)),
    CONSTRAINT chk_investor_distributions_payment_status
        CHECK (payment_status IN ('pending', 'sent', 'completed', 'failed', 'billed', 'reversed')),
    CONSTRAINT chk_investor_distributions_payment_attempt CHECK (payment_attempt > 0),
    CONSTRAINT chk_investor_distributions_version CHECK (version >= 1),
    CONSTRAINT chk_investor_distributions_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_investor_distributions_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.investor_distributions IS 'Lines of a distribution: what each position, promote recipient or fee payee gets.';
CREATE UNIQUE INDEX uk_investor_distributions_distribution_id_investment_id
    ON investments.investor_distributions (distribution_id, investment_id) WHERE investment_id IS NOT NULL;
CREATE UNIQUE INDEX uk_investor_distributions_distribution_id_account_id_role
    ON investments.investor_distributions (distribution_id, account_id, role) WHERE investment_id IS NULL;
-- The lines of a distribution as written, page by page.
CREATE INDEX idx_investor_distributions_distribution_id_id ON investments.investor_distributions (distribution_id, id);
CREATE INDEX idx_investor_distributions_investor_id ON investments.investor_distributions (investor_id);
CREATE INDEX idx_investor_distributions_account_id_investor_id
    ON investments.investor_distributions (account_id, investor_id) WHERE account_id IS NOT NULL;
CREATE INDEX idx_investor_distributions_investment_id ON investments.investor_distributions (investment_id);
-- What is owed back, of which there is little.
CREATE INDEX idx_investor_distributions_distribution_id_owed
    ON investments.investor_distributions (distribution_id) WHERE owed_back;
-- Each line is paid once. There is room for that on its page, so that its indexes need no further entry.
ALTER TABLE investments.investor_distributions SET (fillfactor = 50);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.investor_distributions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- What an approval of a distribution agrees to: its total, dates, type, tax character, method, terms, frozen
-- inputs and lines, and nothing that changes once it is declared.
CREATE FUNCTION investments.distribution_hash(distribution UUID) RETURNS BYTEA
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|%s|', d.id, d.opportunity_id, d.total_amount, d.currency,
                to_char(d.distribution_date, 'YYYY-MM-DD'), to_char(d.record_date, 'YYYY-MM-DD'), d.distribution_type, d.type,
                d.calculation_method, d.terms_id, encode(c.inputs_hash, 'hex')), 'UTF8')
        || COALESCE((
            SELECT string_agg(sha256(convert_to(concat_ws('|', l.id, l.investor_id, COALESCE(l.account_id::text, '-'),
                COALESCE(l.investment_id::text, '-'), l.role, l.distribution_amount, l.tax_withholding,
                l.set_off, l.net_distribution, l.adjustment, l.redirected, l.in_kind), 'UTF8')), ''::bytea ORDER BY l.id)
            FROM investments.investor_distributions l WHERE l.distribution_id = d.id), ''))
    FROM investments.distributions d
    LEFT JOIN investments.distribution_calculations c ON c.distribution_id = d.id
    WHERE d.id = distribution
$$;

CREATE TABLE investments.distribution_tiers (
    line_id UUID NOT NULL,
    tier    SMALLINT NOT NULL,
    kind    VARCHAR(30) NOT NULL,
    amount  NUMERIC(15,2) NOT NULL,
    -- What of it is proceeds of a sale: all of a sale's own, and of a true-up what makes a sale good.
    sale    NUMERIC(15,2) NOT NULL DEFAULT 0,

    CONSTRAINT pk_distribution_tiers PRIMARY KEY (line_id, tier),
    CONSTRAINT fk_distribution_tiers_line_id FOREIGN KEY (line_id)
        REFERENCES investments.investor_distributions (id) ON DELETE RESTRICT,
    CONSTRAINT chk_distribution_tiers_tier CHECK (tier >= 0),
    CONSTRAINT chk_distribution_tiers_kind CHECK (kind <> ''),
    CONSTRAINT chk_distribution_tiers_amount CHECK (amount < 'NaN'),
    CONSTRAINT chk_distribution_tiers_sale CHECK (sale < 'NaN')
);
COMMENT ON TABLE investments.distribution_tiers IS 'What each line got from each tier; append-only.';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.distribution_tiers
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.distribution_tiers
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE investments.transactions (
    id                   UUID NOT NULL DEFAULT gen_random_uuid(),
    investor_id          UUID NOT NULL,
    account_id           UUID,
    investment_id        UUID,
    type                 VARCHAR(50) NOT NULL,
    -- Negative in a reversal.
    amount               NUMERIC(15,2) NOT NULL,
    currency             VARCHAR(3) NOT NULL DEFAULT 'USD',
    effective_date       DATE NOT NULL DEFAULT CURRENT_DATE,
    reference_number     VARCHAR(100),
    description          TEXT,
    status               VARCHAR(20) NOT NULL DEFAULT 'pending',
    completed_at         TIMESTAMPTZ,
    -- What the cash belongs to
    subscription_id      UUID,
    distribution_line_id UUID,
    -- Without a foreign key, as the ledger may live elsewhere; Verify finds one that is not there.
    journal_id           UUID,
    reverses_id          UUID,
    -- One command may write many lines.
    command_id           UUID,
    idempotency_key      VARCHAR(255),
    metadata             JSONB,
    created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_transactions PRIMARY KEY (id),
    CONSTRAINT fk_transactions_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transactions_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_transactions_investment_id FOREIGN KEY (investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transactions_subscription_id FOREIGN KEY (subscription_id)
        REFERENCES investments.subscriptions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transactions_distribution_line_id FOREIGN KEY (distribution_line_id)
        REFERENCES investments.investor_distributions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_transactions_reverses_id FOREIGN KEY (reverses_id)
        REFERENCES investments.transactions (id) ON DELETE RESTRICT,
    -- Once.
    CONSTRAINT uk_transactions_reverses_id UNIQUE (reverses_id),
    CONSTRAINT chk_transactions_completion CHECK (completed_at IS NULL OR status = 'completed'),
    CONSTRAINT chk_transactions_type
        CHECK (type IN ('investment', 'distribution', 'fee', 'return_of_capital', 'refund', 'withholding', 'transfer_in', 'transfer_out', 'adjustment',
            'loan_paid', 'loan_received')),
    CONSTRAINT chk_transactions_amount CHECK (amount <> 0 AND amount < 'NaN'),
    CONSTRAINT chk_transactions_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_transactions_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_transactions_status CHECK (status IN ('pending', 'completed', 'failed')),
    CONSTRAINT chk_transactions_completed_at CHECK (isfinite(completed_at)),
    CONSTRAINT chk_transactions_idempotency_key CHECK (idempotency_key <> ''),
    CONSTRAINT chk_transactions_created_at CHECK (isfinite(created_at))
);
COMMENT ON TABLE investments.transactions IS 'Cash of investors, line by line; append-only: a pending row is settled once, a settled one is reversed by another.';
CREATE UNIQUE INDEX uk_transactions_idempotency_key ON investments.transactions (idempotency_key)
    WHERE idempotency_key IS NOT NULL;
-- Lists of an investor by date; a page sorts the ids of a day or two.
CREATE INDEX idx_transactions_investor_id_effective_date ON investments.transactions (investor_id, effective_date);
CREATE INDEX idx_transactions_account_id_investor_id ON investments.transactions (account_id, investor_id)
    WHERE account_id IS NOT NULL;
CREATE INDEX idx_transactions_investment_id_effective_date ON investments.transactions (investment_id, effective_date);
CREATE INDEX idx_transactions_type ON investments.transactions (type);
CREATE INDEX idx_transactions_created_at ON investments.transactions (created_at DESC);
CREATE INDEX idx_transactions_subscription_id ON investments.transactions (subscription_id);
-- New lines come last then, behind what is of none, and fill their pages. It leaves nothing out: statements join
-- by it, and an index that was empty when it was last looked at would be read whole for each line of the first
-- distribution.
CREATE INDEX idx_transactions_distribution_line_id ON investments.transactions (distribution_line_id NULLS FIRST);
CREATE INDEX idx_transactions_journal_id ON investments.transactions (journal_id);
CREATE INDEX idx_transactions_command_id ON investments.transactions (command_id) WHERE command_id IS NOT NULL;

-- A pending transaction may settle and gain references; what it says about money never changes.
CREATE FUNCTION investments.guard_transaction() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.status <> 'pending'
        OR (NEW.id, NEW.investor_id, NEW.type, NEW.amount, NEW.currency, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.investor_id, OLD.type, OLD.amount, OLD.currency, OLD.created_at)
        OR (NEW.account_id, NEW.investment_id, NEW.reverses_id, NEW.idempotency_key)
            IS DISTINCT FROM (OLD.account_id, OLD.investment_id, OLD.reverses_id, OLD.idempotency_key)
    THEN
        RAISE EXCEPTION 'transaction % is %: % refused', OLD.id, OLD.status, TG_OP
            USING ERRCODE = 'FH001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER guard_transaction BEFORE UPDATE OR DELETE ON investments.transactions
    FOR EACH ROW EXECUTE FUNCTION investments.guard_transaction();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.transactions
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE investments.statements (
    id            UUID NOT NULL DEFAULT gen_random_uuid(),
    investor_id   UUID NOT NULL,
    currency      VARCHAR(3) NOT NULL DEFAULT 'USD',
    type          VARCHAR(20) NOT NULL,
    period_start  DATE NOT NULL,
    period_end    DATE NOT NULL,
    -- Content
    summary       JSONB,
    transactions  JSONB,
    holdings      JSONB,
    performance   JSONB,
    -- Document
    document_url  VARCHAR(500),
    -- SHA-256 in hexadecimal
    document_hash VARCHAR(64),
    status        VARCHAR(20) NOT NULL DEFAULT 'draft',
    sent_at       TIMESTAMPTZ,
    viewed_at     TIMESTAMPTZ,
    version       BIGINT NOT NULL DEFAULT 1,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_statements PRIMARY KEY (id),
    CONSTRAINT fk_statements_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_statements_investor_id_currency_type_period UNIQUE (investor_id, currency, type, period_start, period_end),
    CONSTRAINT chk_statements_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_statements_period CHECK (period_start <= period_end),
    CONSTRAINT chk_statements_type CHECK (type IN ('monthly', 'quarterly', 'annual', 'tax')),
    CONSTRAINT chk_statements_period_start CHECK (isfinite(period_start)),
    CONSTRAINT chk_statements_period_end CHECK (isfinite(period_end)),
    CONSTRAINT chk_statements_document_hash CHECK (document_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT chk_statements_status CHECK (status IN ('draft', 'final', 'sent')),
    CONSTRAINT chk_statements_sent_at CHECK (isfinite(sent_at)),
    CONSTRAINT chk_statements_viewed_at CHECK (isfinite(viewed_at)),
    CONSTRAINT chk_statements_version CHECK (version >= 1),
    CONSTRAINT chk_statements_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_statements_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.statements IS 'Statements to investors; final ones are sent, not changed.';
CREATE INDEX idx_statements_period_start_period_end ON investments.statements (period_start, period_end);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.statements
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- A property's summary of its offerings that are not deleted. Between which amounts one can invest, and whether
-- one can, is that of the open ones; without a bound of every one of them there is none. What is to be raised
-- leaves out drafts and cancelled offerings. An investor of two offerings counts in each. Offerings in another
-- currency than the property's are left out.
CREATE FUNCTION investments.summarize_property() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan -- nothing is joined before it is known for how many
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
    IF cardinality(changed) > 100 THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', TRUE); -- until the function ends
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
          JOIN properties.properties y ON y.id = c.id
          LEFT JOIN investments.opportunities o ON o.property_id = c.id AND o.currency = y.currency AND o.deleted_at IS NULL
          GROUP BY c.id) m
    WHERE p.id = m.id AND (p.investment_open, p.minimum_investment, p.maximum_investment, p.target_raise, p.amount_raised,
        p.investor_count) IS DISTINCT FROM (m.open, m.minimum, m.maximum, m.target, m.raised, m.investors);
    RETURN NULL;
END;
$$;

CREATE TRIGGER property_summary_insert AFTER INSERT ON investments.opportunities
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();
CREATE TRIGGER property_summary_update AFTER UPDATE ON investments.opportunities
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();
CREATE TRIGGER property_summary_delete AFTER DELETE ON investments.opportunities
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.summarize_property();

-- What partners agree on or suffer between each other, and what rates hold from a day on: fixings of indices,
-- defaults of preferences, loans, and dilutions of who did not fund a call.
CREATE TABLE investments.partner_events (
    id                    UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id        UUID NOT NULL,
    kind                  VARCHAR(20) NOT NULL,
    effective_date        DATE NOT NULL,
    -- The index of a fixing, the preference of a default, which ends may end, the term of a side letter.
    name                  VARCHAR(128),
    ends                  BOOLEAN NOT NULL DEFAULT FALSE,
    -- Of a fixing, a loan, or a side letter on the preferred rate.
    rate                  NUMERIC(12,10),
    -- Who lends to whom; a dilution and a side letter have their position only. The amount lent, or missing from the call.
    lender_id             UUID,
    position_id           UUID,
    amount                NUMERIC(15,2),
    compounding           VARCHAR(20),
    day_count             VARCHAR(20),
    -- The loan that was repaid, and what of the amount is interest.
    loan_id               UUID,
    interest_paid         NUMERIC(15,2),
    -- How many times the missing money costs, and whose share of promote falls in the same ratio.
    factor                NUMERIC(12,10),
    promote_account_id    UUID,
    -- Where it is booked; fixings and defaults move nothing.
    book_id               UUID,
    journal_id            UUID,
    created_by            UUID NOT NULL,
    created_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- One that was entered by mistake counts no more, and never did.
    withdrawn_by          UUID,
    withdrawn_at          TIMESTAMPTZ,
    withdrawal_reason     TEXT,
    withdrawal_journal_id UUID,

    CONSTRAINT pk_partner_events PRIMARY KEY (id),
    CONSTRAINT fk_partner_events_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_lender_id FOREIGN KEY (lender_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_position_id FOREIGN KEY (position_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_loan_id FOREIGN KEY (loan_id)
        REFERENCES investments.partner_events (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_promote_account_id FOREIGN KEY (promote_account_id)
        REFERENCES investments.investor_accounts (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_journal_id FOREIGN KEY (journal_id, book_id)
        REFERENCES financials.journals (id, book_id),
    CONSTRAINT fk_partner_events_withdrawal_journal_id FOREIGN KEY (withdrawal_journal_id, book_id)
        REFERENCES financials.journals (id, book_id),
    CONSTRAINT fk_partner_events_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_partner_events_withdrawn_by FOREIGN KEY (withdrawn_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_partner_events_kind CHECK (kind IN ('rate', 'default', 'loan', 'dilution', 'repayment', 'side_letter')),
    -- Each kind has its own columns, and no others.
    CONSTRAINT chk_partner_events_parts CHECK (
        (name IS NOT NULL) = (kind IN ('rate', 'default', 'side_letter')) AND (NOT ends OR kind = 'default')
        AND (rate IS NOT NULL) = (kind IN ('rate', 'loan') OR kind = 'side_letter' AND name = 'pref_rate')
        AND (lender_id IS NOT NULL) = (kind IN ('loan', 'repayment')) AND (compounding IS NOT NULL) = (kind = 'loan') AND (day_count IS NOT NULL) = (kind = 'loan')
        AND (position_id IS NOT NULL) = (kind IN ('loan', 'dilution', 'repayment', 'side_letter'))
        AND (amount IS NOT NULL) = (kind IN ('loan', 'dilution', 'repayment'))
        AND (loan_id IS NOT NULL) = (kind = 'repayment') AND (interest_paid IS NOT NULL) = (kind = 'repayment')
        AND (factor IS NOT NULL) = (kind = 'dilution') AND (promote_account_id IS NULL OR kind = 'dilution')
        AND (journal_id IS NOT NULL) = (kind IN ('loan', 'dilution', 'repayment')) AND (journal_id IS NULL) = (book_id IS NULL)),
    CONSTRAINT chk_partner_events_withdrawal CHECK (
        (withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawal_reason IS NULL)
        AND (withdrawal_journal_id IS NOT NULL) = (withdrawn_at IS NOT NULL AND journal_id IS NOT NULL)),
    CONSTRAINT chk_partner_events_side_letter CHECK (kind <> 'side_letter' OR name IN ('promote_waived', 'pref_rate', 'loan')),
    CONSTRAINT chk_partner_events_lender CHECK (lender_id <> position_id),
    CONSTRAINT chk_partner_events_name CHECK (name <> ''),
    CONSTRAINT chk_partner_events_rate CHECK (rate >= -10 AND rate <= 10 AND rate < 'NaN'),
    CONSTRAINT chk_partner_events_interest CHECK (rate >= 0 OR kind = 'rate'),
    CONSTRAINT chk_partner_events_factor CHECK (factor >= 1 AND factor <= 10),
    CONSTRAINT chk_partner_events_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_partner_events_interest_paid CHECK (interest_paid >= 0 AND interest_paid < 'NaN'),
    CONSTRAINT chk_partner_events_repaid CHECK (interest_paid <= amount),
    CONSTRAINT chk_partner_events_compounding CHECK (compounding IN ('none', 'annual', 'quarterly', 'monthly', 'daily')),
    CONSTRAINT chk_partner_events_day_count CHECK (day_count IN ('ACT/365F', 'ACT/360', '30/360US', '30E/360', 'ACT/ACT-ISDA')),
    CONSTRAINT chk_partner_events_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_partner_events_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_partner_events_withdrawn_at CHECK (isfinite(withdrawn_at))
);
COMMENT ON TABLE investments.partner_events IS 'Loans between partners, dilutions, side letters, fixings of rates and defaults; append-only, but that one can be withdrawn.';
-- An index has one fixing a day, a preference one default, a position one side letter of a term.
CREATE UNIQUE INDEX uk_partner_events_opportunity_id_kind_name_effective_date
    ON investments.partner_events (opportunity_id, kind, name, effective_date) WHERE name IS NOT NULL AND kind <> 'side_letter' AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX uk_partner_events_position_id_name ON investments.partner_events (position_id, name) WHERE kind = 'side_letter' AND withdrawn_at IS NULL;
CREATE INDEX idx_partner_events_opportunity_id_effective_date_id ON investments.partner_events (opportunity_id, effective_date, id);
CREATE INDEX idx_partner_events_lender_id ON investments.partner_events (lender_id) WHERE lender_id IS NOT NULL;
CREATE INDEX idx_partner_events_position_id ON investments.partner_events (position_id) WHERE position_id IS NOT NULL;
CREATE INDEX idx_partner_events_loan_id ON investments.partner_events (loan_id) WHERE loan_id IS NOT NULL;
CREATE INDEX idx_partner_events_promote_account_id ON investments.partner_events (promote_account_id) WHERE promote_account_id IS NOT NULL;
CREATE INDEX idx_partner_events_journal_id_book_id ON investments.partner_events (journal_id, book_id) WHERE journal_id IS NOT NULL;
CREATE INDEX idx_partner_events_withdrawal_journal_id_book_id ON investments.partner_events (withdrawal_journal_id, book_id)
    WHERE withdrawal_journal_id IS NOT NULL;
CREATE INDEX idx_partner_events_created_by ON investments.partner_events (created_by);
CREATE INDEX idx_partner_events_withdrawn_by ON investments.partner_events (withdrawn_by) WHERE withdrawn_by IS NOT NULL;

-- An event is withdrawn once; nothing else of it changes, and none goes.
CREATE FUNCTION investments.guard_partner_event() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL THEN
        OLD.withdrawn_at := NEW.withdrawn_at;
        OLD.withdrawn_by := NEW.withdrawn_by;
        OLD.withdrawal_reason := NEW.withdrawal_reason;
        OLD.withdrawal_journal_id := NEW.withdrawal_journal_id;
        IF NEW IS NOT DISTINCT FROM OLD AND NEW.withdrawn_at IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'partner event %: % refused', OLD.id, TG_OP
        USING ERRCODE = 'FH001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER guard_partner_event BEFORE UPDATE OR DELETE ON investments.partner_events
    FOR EACH ROW EXECUTE FUNCTION investments.guard_partner_event();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.partner_events
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- What distributions paid on loans between partners, out of what they gave the debtors.
CREATE TABLE investments.loan_payments (
    distribution_id UUID NOT NULL,
    loan_id         UUID NOT NULL,
    interest        NUMERIC(15,2) NOT NULL,
    principal       NUMERIC(15,2) NOT NULL,

    CONSTRAINT pk_loan_payments PRIMARY KEY (distribution_id, loan_id),
    CONSTRAINT fk_loan_payments_distribution_id FOREIGN KEY (distribution_id)
        REFERENCES investments.distributions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_loan_payments_loan_id FOREIGN KEY (loan_id) REFERENCES investments.partner_events (id) ON DELETE RESTRICT,
    -- Below zero where a true-up takes back what should not have been paid.
    CONSTRAINT chk_loan_payments_interest CHECK (interest < 'NaN'),
    CONSTRAINT chk_loan_payments_principal CHECK (principal < 'NaN')
);
COMMENT ON TABLE investments.loan_payments IS 'Interest and principal that distributions paid on loans between partners; append-only.';
CREATE INDEX idx_loan_payments_loan_id ON investments.loan_payments (loan_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.loan_payments
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.loan_payments
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- The cash of the entity that a distribution is paid out of: journals of cash that came in.
CREATE TABLE investments.distribution_sources (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    distribution_id UUID NOT NULL,
    -- Without a foreign key, as the ledger may live elsewhere; Verify finds one that is not there.
    journal_id      UUID NOT NULL,
    amount          NUMERIC(15,2) NOT NULL,

    CONSTRAINT pk_distribution_sources PRIMARY KEY (id),
    CONSTRAINT uk_distribution_sources_distribution_id_journal_id UNIQUE (distribution_id, journal_id),
    CONSTRAINT fk_distribution_sources_distribution_id FOREIGN KEY (distribution_id)
        REFERENCES investments.distributions (id) ON DELETE RESTRICT,
    CONSTRAINT chk_distribution_sources_amount CHECK (amount > 0 AND amount < 'NaN')
);
COMMENT ON TABLE investments.distribution_sources IS 'The cash of the entity that distributions are paid out of; append-only.';
CREATE INDEX idx_distribution_sources_journal_id ON investments.distribution_sources (journal_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.distribution_sources
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.distribution_sources
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- What moved the reserves of an offering's entity: held back and released by distributions, set aside and
-- taken out by records of cash. What a distribution that was cancelled or reversed did counts no more, nor
-- does cash that was reversed.
CREATE TABLE investments.reserve_movements (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id  UUID NOT NULL,
    -- The reserve that has no name is ''.
    reserve         VARCHAR(128) NOT NULL,
    kind            VARCHAR(20) NOT NULL,
    -- Above zero is into the reserve.
    amount          NUMERIC(15,2) NOT NULL,
    effective_date  DATE NOT NULL,
    -- Of what a distribution held back or released, with the tier, counted from 0, that held it back.
    distribution_id UUID,
    tier            SMALLINT,
    -- Of a record of cash.
    journal_id      UUID,
    book_id         UUID,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_reserve_movements PRIMARY KEY (id),
    CONSTRAINT fk_reserve_movements_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_reserve_movements_distribution_id FOREIGN KEY (distribution_id)
        REFERENCES investments.distributions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_reserve_movements_journal_id FOREIGN KEY (journal_id, book_id)
        REFERENCES financials.journals (id, book_id),
    CONSTRAINT chk_reserve_movements_kind CHECK (kind IN ('held', 'released', 'set_aside', 'taken_out')),
    CONSTRAINT chk_reserve_movements_amount CHECK (amount < 'NaN'),
    CONSTRAINT chk_reserve_movements_direction CHECK (CASE WHEN kind IN ('held', 'set_aside') THEN amount > 0 ELSE amount < 0 END),
    CONSTRAINT chk_reserve_movements_parts CHECK (
        (distribution_id IS NOT NULL) = (kind IN ('held', 'released')) AND (tier IS NOT NULL) = (kind = 'held')
        AND (journal_id IS NOT NULL) = (kind IN ('set_aside', 'taken_out')) AND (journal_id IS NULL) = (book_id IS NULL)),
    CONSTRAINT chk_reserve_movements_tier CHECK (tier >= 0),
    CONSTRAINT chk_reserve_movements_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_reserve_movements_created_at CHECK (isfinite(created_at))
);
COMMENT ON TABLE investments.reserve_movements IS 'What distributions and records of cash put into reserves and took out of them; append-only.';
CREATE INDEX idx_reserve_movements_opportunity_id_created_at_id
    ON investments.reserve_movements (opportunity_id, created_at, id);
CREATE INDEX idx_reserve_movements_distribution_id ON investments.reserve_movements (distribution_id) WHERE distribution_id IS NOT NULL;
CREATE UNIQUE INDEX uk_reserve_movements_journal_id_book_id ON investments.reserve_movements (journal_id, book_id) WHERE journal_id IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.reserve_movements
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.reserve_movements
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- What is given up of money that a payee of distributions owes back, once somebody else agrees.
CREATE TABLE investments.write_offs (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    opportunity_id UUID NOT NULL,
    -- Who owes it: a position, or the account of a promote or fee.
    investor_id    UUID NOT NULL,
    account_id     UUID,
    investment_id  UUID,
    amount         NUMERIC(15,2) NOT NULL,
    effective_date DATE NOT NULL,
    reason         TEXT NOT NULL,
    status         VARCHAR(20) NOT NULL DEFAULT 'pending',
    requested_by   UUID NOT NULL,
    decided_by     UUID,
    decided_at     TIMESTAMPTZ,
    -- Without a foreign key, as the ledger may live elsewhere; Verify finds one that is not there.
    journal_id     UUID,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_write_offs PRIMARY KEY (id),
    CONSTRAINT fk_write_offs_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_write_offs_investor_id FOREIGN KEY (investor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_write_offs_account_id FOREIGN KEY (account_id, investor_id)
        REFERENCES investments.investor_accounts (id, investor_id),
    CONSTRAINT fk_write_offs_investment_id FOREIGN KEY (investment_id)
        REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_write_offs_requested_by FOREIGN KEY (requested_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_write_offs_decided_by FOREIGN KEY (decided_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_write_offs_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_write_offs_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_write_offs_reason CHECK (reason <> ''),
    CONSTRAINT chk_write_offs_status CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT chk_write_offs_decision CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'pending' THEN 0 ELSE 2 END
        AND (journal_id IS NOT NULL) = (status = 'approved')),
    CONSTRAINT chk_write_offs_decided_at CHECK (isfinite(decided_at)),
    CONSTRAINT chk_write_offs_version CHECK (version >= 1),
    CONSTRAINT chk_write_offs_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_write_offs_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE investments.write_offs IS 'What is given up of what payees of distributions owe back, with who agreed.';
CREATE INDEX idx_write_offs_opportunity_id ON investments.write_offs (opportunity_id);
CREATE INDEX idx_write_offs_investor_id ON investments.write_offs (investor_id);
CREATE INDEX idx_write_offs_account_id_investor_id ON investments.write_offs (account_id, investor_id);
CREATE INDEX idx_write_offs_investment_id ON investments.write_offs (investment_id);
CREATE INDEX idx_write_offs_requested_by ON investments.write_offs (requested_by);
CREATE INDEX idx_write_offs_decided_by ON investments.write_offs (decided_by);
CREATE INDEX idx_write_offs_journal_id ON investments.write_offs (journal_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON investments.write_offs
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

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
    -- Of a distribution or payment what is proceeds of a sale, and the capital in that.
    sale            NUMERIC(15,2) NOT NULL DEFAULT 0,
    sale_capital    NUMERIC(15,2) NOT NULL DEFAULT 0,
    carrying        NUMERIC(15,2) NOT NULL DEFAULT 0,
    unrealized      NUMERIC(15,2) NOT NULL DEFAULT 0,
    consideration   NUMERIC(15,2) NOT NULL DEFAULT 0,
    units           NUMERIC(20,6),
    -- What it belongs to
    subscription_id UUID,
    transfer_id     UUID,
    line_id         UUID,
    partner_event_id UUID,
    reverses_id     UUID,
    book_id         UUID NOT NULL,
    journal_id      UUID NOT NULL,
    -- The order in which they were recorded. It is drawn while the offering is locked, so that within an
    -- offering it is the order of that lock; clocks of hosts disagree.
    number          BIGINT GENERATED ALWAYS AS IDENTITY,
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
    CONSTRAINT fk_capital_movements_partner_event_id FOREIGN KEY (partner_event_id)
        REFERENCES investments.partner_events (id) ON DELETE RESTRICT,
    CONSTRAINT fk_capital_movements_reverses_id FOREIGN KEY (reverses_id)
        REFERENCES investments.capital_movements (id) ON DELETE RESTRICT,
    -- Carries the book, as everything does that is of one.
    CONSTRAINT fk_capital_movements_journal_id FOREIGN KEY (journal_id, book_id)
        REFERENCES financials.journals (id, book_id),
    -- Once.
    CONSTRAINT uk_capital_movements_reverses_id UNIQUE (reverses_id),
    CONSTRAINT chk_capital_movements_self_reversal CHECK (reverses_id <> id),
    CONSTRAINT chk_capital_movements_source CHECK (
        (subscription_id IS NOT NULL) = (kind IN ('contribution', 'refund'))
        AND (transfer_id IS NOT NULL) = (kind IN ('transfer_out', 'transfer_in', 'conversion'))
        AND (line_id IS NOT NULL) = (kind IN ('distribution', 'payment', 'recovery', 'write_off', 'loan_paid', 'loan_received'))
        AND (partner_event_id IS NOT NULL) = (kind IN ('lent', 'borrowed', 'diluted', 'repaid', 'got_back'))),
    -- What moves nothing is not written down.
    CONSTRAINT chk_capital_movements_something CHECK (amount <> 0 OR capital <> 0 OR carrying <> 0 OR sale <> 0 OR sale_capital <> 0),
    CONSTRAINT chk_capital_movements_sign CHECK (
        kind IN ('income', 'unrealized', 'realized', 'adjustment', 'transfer_out', 'transfer_in', 'conversion')
        OR kind IN ('distribution', 'payment') -- a true-up may bill
        OR CASE WHEN reverses_id IS NULL THEN amount >= 0 ELSE amount <= 0 END),
    CONSTRAINT chk_capital_movements_parts CHECK (
        kind IN ('transfer_out', 'transfer_in', 'conversion') OR (carrying = 0 AND unrealized = 0 AND consideration = 0
            AND (capital = 0 OR kind IN ('distribution', 'payment')))),
    CONSTRAINT chk_capital_movements_of_sale CHECK ((sale = 0 AND sale_capital = 0) OR kind IN ('distribution', 'payment')),
    CONSTRAINT chk_capital_movements_kind CHECK (kind IN ('contribution', 'refund', 'distribution', 'payment', 'transfer_out', 'transfer_in',
        'conversion', 'income', 'unrealized', 'fee', 'realized', 'recovery', 'write_off', 'adjustment',
        'lent', 'borrowed', 'loan_paid', 'loan_received', 'diluted', 'repaid', 'got_back')),
    CONSTRAINT chk_capital_movements_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_capital_movements_counts_on CHECK (isfinite(counts_on)),
    CONSTRAINT chk_capital_movements_amount CHECK (amount < 'NaN'),
    CONSTRAINT chk_capital_movements_capital CHECK (capital < 'NaN'),
    CONSTRAINT chk_capital_movements_sale CHECK (sale < 'NaN'),
    CONSTRAINT chk_capital_movements_sale_capital CHECK (sale_capital < 'NaN'),
    CONSTRAINT chk_capital_movements_carrying CHECK (carrying < 'NaN'),
    CONSTRAINT chk_capital_movements_unrealized CHECK (unrealized < 'NaN'),
    CONSTRAINT chk_capital_movements_consideration CHECK (consideration < 'NaN'),
    CONSTRAINT chk_capital_movements_units CHECK (units < 'NaN'),
    CONSTRAINT chk_capital_movements_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE investments.capital_movements IS 'The dated history of the capital of positions, each row of a journal; append-only, undone by a row that reverses.';
CREATE INDEX idx_capital_movements_opportunity_id_kind_counts_on ON investments.capital_movements (opportunity_id, kind, counts_on);
CREATE INDEX idx_capital_movements_position_id_number ON investments.capital_movements (position_id, number);
CREATE INDEX idx_capital_movements_journal_id_book_id ON investments.capital_movements (journal_id, book_id);
CREATE INDEX idx_capital_movements_subscription_id ON investments.capital_movements (subscription_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX idx_capital_movements_transfer_id ON investments.capital_movements (transfer_id) WHERE transfer_id IS NOT NULL;
CREATE INDEX idx_capital_movements_partner_event_id ON investments.capital_movements (partner_event_id) WHERE partner_event_id IS NOT NULL;
CREATE INDEX idx_capital_movements_line_id ON investments.capital_movements (line_id) WHERE line_id IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.capital_movements
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.capital_movements
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- Count what changes the past that a distribution by terms was computed from: a receipt, a refund or a
-- transfer that was recorded behind it, or undone, once for each statement; a side letter; and what no verb
-- does, a position of another class or account and an account that is the sponsor's no more. A refund takes
-- earlier receipts of its commitment off, and a receipt beside one may take the place of an earlier one. Too
-- many are no harm: then the whole past is looked at. A transaction that writes capital holds the offering's
-- row.
CREATE FUNCTION investments.count_late_movements() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    came RECORD;
    through DATE;
    late BOOLEAN;
BEGIN
    IF TG_RELID <> 'investments.capital_movements'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOR came IN SELECT opportunity_id AS offering, min(counts_on) AS first, array_agg(DISTINCT subscription_id) AS commitments FROM new_rows
            WHERE kind IN ('contribution', 'refund', 'transfer_out', 'transfer_in', 'conversion') GROUP BY 1 LOOP
        SELECT distributed_through INTO through FROM investments.opportunities WHERE id = came.offering;
        late := through >= came.first;
        IF NOT late AND EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.opportunity_id = came.offering AND r.kind = 'refund') THEN
            late := EXISTS (SELECT 1 FROM unnest(came.commitments) AS s (id)
                WHERE EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.subscription_id = s.id AND r.kind = 'refund' OFFSET 0)
                    AND EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.subscription_id = s.id
                        AND r.kind = 'contribution' AND r.counts_on <= through OFFSET 0));
        END IF;
        IF late THEN
            UPDATE investments.opportunities SET late_changes = late_changes + 1 WHERE id = came.offering;
        END IF;
    END LOOP;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_late_movements AFTER INSERT ON investments.capital_movements
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION investments.count_late_movements();
CREATE FUNCTION investments.count_side_letter() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_RELID <> 'investments.partner_events'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE investments.opportunities SET late_changes = late_changes + 1
    WHERE id = NEW.opportunity_id AND distributed_through IS NOT NULL;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_side_letter AFTER INSERT OR UPDATE ON investments.partner_events
    FOR EACH ROW WHEN (NEW.kind = 'side_letter')
    EXECUTE FUNCTION investments.count_side_letter();
CREATE FUNCTION investments.count_class_change() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_RELID <> 'investments.property_investments'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE investments.opportunities SET late_changes = late_changes + 1
    WHERE id = NEW.opportunity_id AND distributed_through IS NOT NULL;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_class_change AFTER UPDATE OF share_class, account_id, deleted_at ON investments.property_investments
    FOR EACH ROW WHEN (OLD.share_class <> NEW.share_class OR OLD.account_id IS DISTINCT FROM NEW.account_id
        OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION investments.count_class_change();
CREATE FUNCTION investments.count_sponsor_change() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_RELID <> 'investments.investor_accounts'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE investments.opportunities SET late_changes = late_changes + 1
    WHERE id IN (SELECT p.opportunity_id FROM investments.property_investments p WHERE p.account_id = NEW.id)
        AND distributed_through IS NOT NULL;
    RETURN NULL;
END;
$$;
CREATE TRIGGER count_sponsor_change AFTER UPDATE OF is_sponsor ON investments.investor_accounts
    FOR EACH ROW WHEN (OLD.is_sponsor <> NEW.is_sponsor)
    EXECUTE FUNCTION investments.count_sponsor_change();

-- Only the owner makes triggers of these.
REVOKE ALL ON FUNCTION investments.count_late_movements(), investments.count_side_letter(), investments.count_class_change(),
    investments.count_sponsor_change(), investments.create_common_class(), investments.fill_property(), investments.count_position_statements(),
    investments.update_opportunity_metrics(), investments.update_portfolio_on_investment(), investments.forget_ownership(),
    investments.fill_distribution_aliases(), investments.guard_transaction(), investments.guard_partner_event(),
    investments.summarize_property() FROM PUBLIC;
