-- Leases, and what tenants owe. A lease is one tenancy of a unit by one household or company, with all
-- of its renewals. What it says (terms, parties, scheduled charges) is kept as rows that are superseded and
-- never changed, so that what was known at any time can be read: a row was known from recorded_at until
-- superseded_at. What tenants are charged and pay is append-only, and booked in the property's book.

CREATE TABLE financials.tenants (
    id         UUID NOT NULL DEFAULT gen_random_uuid(),
    kind       VARCHAR(20) NOT NULL,
    name       VARCHAR(255) NOT NULL,
    email      VARCHAR(255),
    phone      VARCHAR(50),
    user_id    UUID,
    -- The tenant's data were erased; the leases stay.
    erased_at  TIMESTAMPTZ,
    version    BIGINT NOT NULL DEFAULT 1,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_tenants PRIMARY KEY (id),
    CONSTRAINT fk_tenants_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_tenants_kind CHECK (kind IN ('person', 'company')),
    CONSTRAINT chk_tenants_name CHECK (name <> ''),
    CONSTRAINT chk_tenants_erased_at CHECK (isfinite(erased_at)),
    CONSTRAINT chk_tenants_version CHECK (version >= 1),
    CONSTRAINT chk_tenants_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_tenants_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.tenants IS 'People and companies that rent or guarantee.';
CREATE INDEX idx_tenants_user_id ON financials.tenants (user_id);
CREATE INDEX idx_tenants_name_id ON financials.tenants (name, id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.tenants
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.leases (
    id          UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id UUID NOT NULL,
    unit_id     UUID NOT NULL,
    -- The property's book, to which charges and payments are posted.
    book_id     UUID NOT NULL,
    kind        VARCHAR(20) NOT NULL,
    -- What the host or another system calls it.
    reference   VARCHAR(100),
    version     BIGINT NOT NULL DEFAULT 1,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_leases PRIMARY KEY (id),
    CONSTRAINT uk_leases_id_property_id_unit_id UNIQUE (id, property_id, unit_id),
    CONSTRAINT fk_leases_unit_id FOREIGN KEY (unit_id, property_id) REFERENCES properties.units (id, property_id),
    CONSTRAINT fk_leases_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT chk_leases_kind CHECK (kind IN ('residential', 'commercial')),
    CONSTRAINT chk_leases_version CHECK (version >= 1),
    CONSTRAINT chk_leases_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_leases_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.leases IS 'Tenancies of units; what they say stands in lease_terms, lease_parties and lease_charges.';
CREATE INDEX idx_leases_property_id_id ON financials.leases (property_id, id);
CREATE INDEX idx_leases_unit_id_property_id ON financials.leases (unit_id, property_id);
CREATE INDEX idx_leases_book_id ON financials.leases (book_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.leases
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.lease_terms (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    lease_id       UUID NOT NULL,
    property_id    UUID NOT NULL,
    unit_id        UUID NOT NULL,
    -- 1 is the first term, each renewal the next.
    number         INTEGER NOT NULL,
    starts_on      DATE NOT NULL,
    -- The agreed end; NULL is month to month from the start.
    ends_on        DATE,
    -- After the agreed end it goes on month to month.
    month_to_month BOOLEAN NOT NULL DEFAULT FALSE,
    moved_in_on    DATE,
    notice_on      DATE,
    -- The day that a notice or an early termination names as the last one.
    leaves_on      DATE,
    moved_out_on   DATE,
    -- The last day of the term as it is known; NULL is open. It follows from the columns before.
    last_day       DATE,
    -- Due day, proration, late fees and commercial terms.
    conditions     JSONB NOT NULL,
    reason         VARCHAR(20) NOT NULL,
    recorded_by    UUID NOT NULL,
    recorded_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    superseded_at  TIMESTAMPTZ,

    CONSTRAINT pk_lease_terms PRIMARY KEY (id),
    CONSTRAINT fk_lease_terms_lease_id FOREIGN KEY (lease_id, property_id, unit_id)
        REFERENCES financials.leases (id, property_id, unit_id),
    CONSTRAINT fk_lease_terms_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_lease_terms_number CHECK (number >= 1),
    CONSTRAINT chk_lease_terms_starts_on CHECK (isfinite(starts_on)),
    CONSTRAINT chk_lease_terms_ends_on CHECK (isfinite(ends_on)),
    CONSTRAINT chk_lease_terms_period CHECK (starts_on <= ends_on),
    CONSTRAINT chk_lease_terms_moved_in_on CHECK (isfinite(moved_in_on)),
    CONSTRAINT chk_lease_terms_notice_on CHECK (isfinite(notice_on)),
    CONSTRAINT chk_lease_terms_leaves_on CHECK (isfinite(leaves_on)),
    CONSTRAINT chk_lease_terms_leaving CHECK (starts_on <= leaves_on),
    CONSTRAINT chk_lease_terms_moved_out_on CHECK (isfinite(moved_out_on)),
    CONSTRAINT chk_lease_terms_moving CHECK (starts_on <= moved_out_on),
    CONSTRAINT chk_lease_terms_last_day CHECK (isfinite(last_day)),
    CONSTRAINT chk_lease_terms_life CHECK (starts_on <= last_day),
    CONSTRAINT chk_lease_terms_reason CHECK (reason IN ('signed', 'renewed', 'notice', 'moved_in', 'moved_out', 'terminated', 'corrected')),
    CONSTRAINT chk_lease_terms_recorded_at CHECK (isfinite(recorded_at)),
    CONSTRAINT chk_lease_terms_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_lease_terms_known CHECK (recorded_at <= superseded_at)
);
COMMENT ON TABLE financials.lease_terms IS 'Terms of leases as they were known from recorded_at until superseded_at. A lease whose terms are all superseded was cancelled.';
CREATE UNIQUE INDEX uk_lease_terms_lease_id_number ON financials.lease_terms (lease_id, number) WHERE superseded_at IS NULL;
CREATE INDEX idx_lease_terms_lease_id_property_id_unit_id ON financials.lease_terms (lease_id, property_id, unit_id);
-- The rent roll of a day, and of a unit.
CREATE INDEX idx_lease_terms_property_id_starts_on ON financials.lease_terms (property_id, starts_on) WHERE superseded_at IS NULL;
CREATE INDEX idx_lease_terms_unit_id_starts_on ON financials.lease_terms (unit_id, starts_on) WHERE superseded_at IS NULL;
CREATE INDEX idx_lease_terms_property_id_recorded_at ON financials.lease_terms (property_id, recorded_at);
CREATE INDEX idx_lease_terms_recorded_by ON financials.lease_terms (recorded_by);

CREATE TABLE financials.lease_parties (
    id            UUID NOT NULL DEFAULT gen_random_uuid(),
    lease_id      UUID NOT NULL,
    tenant_id     UUID NOT NULL,
    role          VARCHAR(20) NOT NULL,
    -- From which day on, and until which; NULL is from the start and to the end.
    starts_on     DATE,
    ends_on       DATE,
    recorded_by   UUID NOT NULL,
    recorded_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    superseded_at TIMESTAMPTZ,

    CONSTRAINT pk_lease_parties PRIMARY KEY (id),
    CONSTRAINT fk_lease_parties_lease_id FOREIGN KEY (lease_id) REFERENCES financials.leases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_parties_tenant_id FOREIGN KEY (tenant_id) REFERENCES financials.tenants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_parties_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_lease_parties_role CHECK (role IN ('tenant', 'guarantor')),
    CONSTRAINT chk_lease_parties_starts_on CHECK (isfinite(starts_on)),
    CONSTRAINT chk_lease_parties_ends_on CHECK (isfinite(ends_on)),
    CONSTRAINT chk_lease_parties_period CHECK ((starts_on IS NULL OR starts_on <= ends_on)),
    CONSTRAINT chk_lease_parties_recorded_at CHECK (isfinite(recorded_at)),
    CONSTRAINT chk_lease_parties_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_lease_parties_known CHECK (recorded_at <= superseded_at)
);
COMMENT ON TABLE financials.lease_parties IS 'Who rents under a lease and who guarantees it, as it was known.';
CREATE INDEX idx_lease_parties_lease_id ON financials.lease_parties (lease_id);
CREATE INDEX idx_lease_parties_tenant_id ON financials.lease_parties (tenant_id);
CREATE INDEX idx_lease_parties_recorded_by ON financials.lease_parties (recorded_by);

CREATE TABLE financials.lease_charges (
    id            UUID NOT NULL DEFAULT gen_random_uuid(),
    lease_id      UUID NOT NULL,
    kind          VARCHAR(20) NOT NULL,
    -- A month's, or once. A concession lowers what is owed.
    amount        NUMERIC(15,2) NOT NULL,
    once          BOOLEAN NOT NULL DEFAULT FALSE,
    starts_on     DATE NOT NULL,
    ends_on       DATE,
    -- How an index step came to its amount.
    source        JSONB,
    recorded_by   UUID NOT NULL,
    recorded_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    superseded_at TIMESTAMPTZ,

    CONSTRAINT pk_lease_charges PRIMARY KEY (id),
    CONSTRAINT fk_lease_charges_lease_id FOREIGN KEY (lease_id) REFERENCES financials.leases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_charges_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_lease_charges_kind CHECK (kind IN ('rent', 'parking', 'pet', 'storage', 'utility', 'laundry', 'application', 'recovery',
        'percentage_rent', 'late_fee', 'returned_fee', 'damage', 'termination', 'other', 'concession', 'bad_debt', 'opening')),
    CONSTRAINT chk_lease_charges_amount CHECK (amount >= 0 AND amount < 'NaN'),
    CONSTRAINT chk_lease_charges_starts_on CHECK (isfinite(starts_on)),
    CONSTRAINT chk_lease_charges_ends_on CHECK (isfinite(ends_on)),
    CONSTRAINT chk_lease_charges_period CHECK (starts_on <= ends_on),
    CONSTRAINT chk_lease_charges_recorded_at CHECK (isfinite(recorded_at)),
    CONSTRAINT chk_lease_charges_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_lease_charges_known CHECK (recorded_at <= superseded_at)
);
COMMENT ON TABLE financials.lease_charges IS 'Scheduled charges of leases: rent with its dated steps, concessions, other charges, as they were known.';
CREATE INDEX idx_lease_charges_lease_id_kind_starts_on ON financials.lease_charges (lease_id, kind, starts_on);
CREATE INDEX idx_lease_charges_recorded_by ON financials.lease_charges (recorded_by);

CREATE TABLE financials.lease_entries (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    lease_id     UUID NOT NULL,
    property_id  UUID NOT NULL,
    kind         VARCHAR(20) NOT NULL,
    charge_kind  VARCHAR(20),
    amount       NUMERIC(15,2) NOT NULL,
    -- When a charge is due, money came or went, a payment returned.
    effective_on DATE NOT NULL,
    -- The month that a scheduled charge is for.
    period       DATE,
    -- The charge that a late fee is for, or that is reversed; the payment that was returned.
    of_id        UUID,
    -- In the property's book; a month's charges share one.
    journal_id   UUID NOT NULL,
    memo         VARCHAR(255),
    recorded_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_lease_entries PRIMARY KEY (id),
    CONSTRAINT uk_lease_entries_id_lease_id UNIQUE (id, lease_id),
    CONSTRAINT fk_lease_entries_lease_id FOREIGN KEY (lease_id) REFERENCES financials.leases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_entries_of_id FOREIGN KEY (of_id, lease_id) REFERENCES financials.lease_entries (id, lease_id),
    CONSTRAINT chk_lease_entries_kind CHECK (kind IN ('charge', 'reversal', 'credit', 'payment', 'return', 'refund',
        'deposit', 'deposit_applied', 'deposit_refunded')),
    CONSTRAINT chk_lease_entries_charge_kind CHECK (charge_kind IN ('rent', 'parking', 'pet', 'storage', 'utility', 'laundry', 'application', 'recovery',
        'percentage_rent', 'late_fee', 'returned_fee', 'damage', 'termination', 'other', 'concession', 'bad_debt', 'opening')),
    CONSTRAINT chk_lease_entries_charge CHECK (kind = 'deposit'
        OR (charge_kind IS NOT NULL) = (kind IN ('charge', 'reversal', 'credit'))),
    CONSTRAINT chk_lease_entries_of CHECK ((kind IN ('reversal', 'return')) <= (of_id IS NOT NULL)),
    CONSTRAINT chk_lease_entries_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_lease_entries_effective_on CHECK (isfinite(effective_on)),
    CONSTRAINT chk_lease_entries_period CHECK (isfinite(period)),
    CONSTRAINT chk_lease_entries_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.lease_entries IS 'The ledgers of tenants: charges, payments, returns, credits and deposits; append-only.';
CREATE INDEX idx_lease_entries_lease_id_effective_on ON financials.lease_entries (lease_id, effective_on);
CREATE INDEX idx_lease_entries_property_id_period ON financials.lease_entries (property_id, period) WHERE period IS NOT NULL;
CREATE INDEX idx_lease_entries_property_id_effective_on ON financials.lease_entries (property_id, effective_on);
CREATE INDEX idx_lease_entries_of_id_lease_id ON financials.lease_entries (of_id, lease_id) WHERE of_id IS NOT NULL;
-- A payment is returned once, and a charge has one late fee a day.
CREATE UNIQUE INDEX uk_lease_entries_return ON financials.lease_entries (of_id) WHERE kind = 'return';
CREATE UNIQUE INDEX uk_lease_entries_late_fee ON financials.lease_entries (of_id, effective_on) WHERE charge_kind = 'late_fee' AND kind = 'charge';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.lease_entries
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.lease_entries
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.lease_applications (
    id         UUID NOT NULL DEFAULT gen_random_uuid(),
    payment_id UUID NOT NULL,
    charge_id  UUID NOT NULL,
    lease_id   UUID NOT NULL,
    amount     NUMERIC(15,2) NOT NULL,

    CONSTRAINT pk_lease_applications PRIMARY KEY (id),
    CONSTRAINT uk_lease_applications_payment_id_charge_id UNIQUE (payment_id, charge_id),
    CONSTRAINT fk_lease_applications_payment_id FOREIGN KEY (payment_id, lease_id) REFERENCES financials.lease_entries (id, lease_id),
    CONSTRAINT fk_lease_applications_charge_id FOREIGN KEY (charge_id, lease_id) REFERENCES financials.lease_entries (id, lease_id),
    CONSTRAINT chk_lease_applications_amount CHECK (amount > 0 AND amount < 'NaN')
);
COMMENT ON TABLE financials.lease_applications IS 'To which charges a payment goes as its payer says; all other money goes by rule. Append-only.';
CREATE INDEX idx_lease_applications_payment_id_lease_id ON financials.lease_applications (payment_id, lease_id);
CREATE INDEX idx_lease_applications_charge_id_lease_id ON financials.lease_applications (charge_id, lease_id);
CREATE INDEX idx_lease_applications_lease_id ON financials.lease_applications (lease_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.lease_applications
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.lease_applications
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.lease_write_offs (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    lease_id       UUID NOT NULL,
    amount         NUMERIC(15,2) NOT NULL,
    effective_date DATE NOT NULL,
    reason         TEXT NOT NULL,
    status         VARCHAR(20) NOT NULL DEFAULT 'pending',
    requested_by   UUID NOT NULL,
    decided_by     UUID,
    decided_at     TIMESTAMPTZ,
    entry_id       UUID,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_lease_write_offs PRIMARY KEY (id),
    CONSTRAINT fk_lease_write_offs_lease_id FOREIGN KEY (lease_id) REFERENCES financials.leases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_write_offs_requested_by FOREIGN KEY (requested_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_write_offs_decided_by FOREIGN KEY (decided_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_write_offs_entry_id FOREIGN KEY (entry_id, lease_id) REFERENCES financials.lease_entries (id, lease_id),
    CONSTRAINT chk_lease_write_offs_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_lease_write_offs_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_lease_write_offs_reason CHECK (reason <> ''),
    CONSTRAINT chk_lease_write_offs_status CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT chk_lease_write_offs_decision CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'pending' THEN 0 ELSE 2 END
        AND (entry_id IS NOT NULL) = (status = 'approved')),
    CONSTRAINT chk_lease_write_offs_decided_at CHECK (isfinite(decided_at)),
    CONSTRAINT chk_lease_write_offs_version CHECK (version >= 1),
    CONSTRAINT chk_lease_write_offs_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_lease_write_offs_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.lease_write_offs IS 'What is given up of what tenants owe, with who asked and who agreed.';
CREATE INDEX idx_lease_write_offs_lease_id ON financials.lease_write_offs (lease_id);
CREATE INDEX idx_lease_write_offs_requested_by ON financials.lease_write_offs (requested_by);
CREATE INDEX idx_lease_write_offs_decided_by ON financials.lease_write_offs (decided_by);
CREATE INDEX idx_lease_write_offs_entry_id_lease_id ON financials.lease_write_offs (entry_id, lease_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.lease_write_offs
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
