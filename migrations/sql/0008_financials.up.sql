-- What a property earns, costs and owes, and the double-entry books.
--
-- A money line that is NULL counts as 0. Deductions (vacancy, concessions, bad debt) are stored as
-- positive numbers; any line may be negative where a correction makes it so.

CREATE SCHEMA IF NOT EXISTS financials;

CREATE TABLE financials.property_income (
    id                      UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id             UUID NOT NULL,
    period_start            DATE NOT NULL,
    period_end              DATE NOT NULL,
    -- When income and costs count: as they are due, or as money moves. Of a statement out of the book of the
    -- property, statement_accounts has the accounts behind its lines.
    accounting_basis        VARCHAR(20) NOT NULL DEFAULT 'accrual',
    source                  VARCHAR(20) NOT NULL DEFAULT 'reported',
    -- Rental income
    gross_rental_income     NUMERIC(15,2),
    loss_to_lease           NUMERIC(15,2),
    vacancy_loss            NUMERIC(15,2),
    concessions             NUMERIC(15,2),
    bad_debt                NUMERIC(15,2),
    effective_rental_income NUMERIC(15,2),
    -- Other income
    parking_income          NUMERIC(15,2),
    laundry_income          NUMERIC(15,2),
    pet_income              NUMERIC(15,2),
    application_fees        NUMERIC(15,2),
    late_fees               NUMERIC(15,2),
    other_income            NUMERIC(15,2),
    -- Total, the effective gross income
    total_income            NUMERIC(15,2),
    -- The statement in force has no superseded_at; its correction carries the next version.
    version                 BIGINT NOT NULL DEFAULT 1,
    superseded_at           TIMESTAMPTZ,
    created_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at              TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_income PRIMARY KEY (id),
    CONSTRAINT fk_property_income_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT uk_property_income_property_id_period_version
        UNIQUE (property_id, period_start, period_end, accounting_basis, version),
    CONSTRAINT chk_property_income_period CHECK (period_start <= period_end),
    -- A total that is present is the sum of its parts.
    CONSTRAINT chk_property_income_effective_rent CHECK (effective_rental_income
        = COALESCE(gross_rental_income, 0) - COALESCE(loss_to_lease, 0) - COALESCE(vacancy_loss, 0)
        - COALESCE(concessions, 0) - COALESCE(bad_debt, 0)),
    CONSTRAINT chk_property_income_total CHECK (total_income
        = COALESCE(gross_rental_income, 0) - COALESCE(loss_to_lease, 0) - COALESCE(vacancy_loss, 0)
        - COALESCE(concessions, 0) - COALESCE(bad_debt, 0)
        + COALESCE(parking_income, 0) + COALESCE(laundry_income, 0) + COALESCE(pet_income, 0)
        + COALESCE(application_fees, 0) + COALESCE(late_fees, 0) + COALESCE(other_income, 0)),
    CONSTRAINT chk_property_income_period_start CHECK (isfinite(period_start)),
    CONSTRAINT chk_property_income_period_end CHECK (isfinite(period_end)),
    CONSTRAINT chk_property_income_accounting_basis CHECK (accounting_basis IN ('accrual', 'cash')),
    CONSTRAINT chk_property_income_source CHECK (source IN ('reported', 'book')),
    CONSTRAINT chk_property_income_gross_rental_income CHECK (gross_rental_income < 'NaN'),
    CONSTRAINT chk_property_income_loss_to_lease CHECK (loss_to_lease < 'NaN'),
    CONSTRAINT chk_property_income_vacancy_loss CHECK (vacancy_loss < 'NaN'),
    CONSTRAINT chk_property_income_concessions CHECK (concessions < 'NaN'),
    CONSTRAINT chk_property_income_bad_debt CHECK (bad_debt < 'NaN'),
    CONSTRAINT chk_property_income_effective_rental_income CHECK (effective_rental_income < 'NaN'),
    CONSTRAINT chk_property_income_parking_income CHECK (parking_income < 'NaN'),
    CONSTRAINT chk_property_income_laundry_income CHECK (laundry_income < 'NaN'),
    CONSTRAINT chk_property_income_pet_income CHECK (pet_income < 'NaN'),
    CONSTRAINT chk_property_income_application_fees CHECK (application_fees < 'NaN'),
    CONSTRAINT chk_property_income_late_fees CHECK (late_fees < 'NaN'),
    CONSTRAINT chk_property_income_other_income CHECK (other_income < 'NaN'),
    CONSTRAINT chk_property_income_total_income CHECK (total_income < 'NaN'),
    CONSTRAINT chk_property_income_version CHECK (version >= 1),
    CONSTRAINT chk_property_income_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_property_income_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_income_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.property_income IS 'Income statement of a property for one period; a correction is a new version.';
-- One statement in force per period and basis.
CREATE UNIQUE INDEX uk_property_income_property_id_period_start_period_end
    ON financials.property_income (property_id, period_start, period_end, accounting_basis) WHERE superseded_at IS NULL;
CREATE INDEX idx_property_income_period_start_period_end ON financials.property_income (period_start, period_end);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.property_income
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.property_expenses (
    id                       UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id              UUID NOT NULL,
    period_start             DATE NOT NULL,
    period_end               DATE NOT NULL,
    -- When income and costs count: as they are due, or as money moves. Of a statement out of the book of the
    -- property, statement_accounts has the accounts behind its lines.
    accounting_basis         VARCHAR(20) NOT NULL DEFAULT 'accrual',
    source                   VARCHAR(20) NOT NULL DEFAULT 'reported',
    -- Operating expenses
    property_management      NUMERIC(15,2),
    maintenance_repairs      NUMERIC(15,2),
    utilities                NUMERIC(15,2),
    insurance                NUMERIC(15,2),
    property_taxes           NUMERIC(15,2),
    payroll                  NUMERIC(15,2),
    advertising              NUMERIC(15,2),
    legal_professional       NUMERIC(15,2),
    landscaping              NUMERIC(15,2),
    office_administrative    NUMERIC(15,2),
    other_operating          NUMERIC(15,2),
    -- Capital expenses
    capital_improvements     NUMERIC(15,2),
    -- Debt service
    mortgage_principal       NUMERIC(15,2),
    mortgage_interest        NUMERIC(15,2),
    -- Set aside below net operating income; in neither total
    replacement_reserves     NUMERIC(15,2),
    -- Totals
    total_operating_expenses NUMERIC(15,2),
    total_expenses           NUMERIC(15,2),
    version                  BIGINT NOT NULL DEFAULT 1,
    superseded_at            TIMESTAMPTZ,
    created_at               TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at               TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_expenses PRIMARY KEY (id),
    CONSTRAINT fk_property_expenses_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT uk_property_expenses_property_id_period_version
        UNIQUE (property_id, period_start, period_end, accounting_basis, version),
    CONSTRAINT chk_property_expenses_period CHECK (period_start <= period_end),
    CONSTRAINT chk_property_expenses_operating_total CHECK (total_operating_expenses
        = COALESCE(property_management, 0) + COALESCE(maintenance_repairs, 0) + COALESCE(utilities, 0)
        + COALESCE(insurance, 0) + COALESCE(property_taxes, 0) + COALESCE(payroll, 0)
        + COALESCE(advertising, 0) + COALESCE(legal_professional, 0) + COALESCE(landscaping, 0)
        + COALESCE(office_administrative, 0) + COALESCE(other_operating, 0)),
    CONSTRAINT chk_property_expenses_total CHECK (total_expenses
        = COALESCE(property_management, 0) + COALESCE(maintenance_repairs, 0) + COALESCE(utilities, 0)
        + COALESCE(insurance, 0) + COALESCE(property_taxes, 0) + COALESCE(payroll, 0)
        + COALESCE(advertising, 0) + COALESCE(legal_professional, 0) + COALESCE(landscaping, 0)
        + COALESCE(office_administrative, 0) + COALESCE(other_operating, 0)
        + COALESCE(capital_improvements, 0) + COALESCE(mortgage_principal, 0) + COALESCE(mortgage_interest, 0)),
    CONSTRAINT chk_property_expenses_period_start CHECK (isfinite(period_start)),
    CONSTRAINT chk_property_expenses_period_end CHECK (isfinite(period_end)),
    CONSTRAINT chk_property_expenses_accounting_basis CHECK (accounting_basis IN ('accrual', 'cash')),
    CONSTRAINT chk_property_expenses_source CHECK (source IN ('reported', 'book')),
    CONSTRAINT chk_property_expenses_property_management CHECK (property_management < 'NaN'),
    CONSTRAINT chk_property_expenses_maintenance_repairs CHECK (maintenance_repairs < 'NaN'),
    CONSTRAINT chk_property_expenses_utilities CHECK (utilities < 'NaN'),
    CONSTRAINT chk_property_expenses_insurance CHECK (insurance < 'NaN'),
    CONSTRAINT chk_property_expenses_property_taxes CHECK (property_taxes < 'NaN'),
    CONSTRAINT chk_property_expenses_payroll CHECK (payroll < 'NaN'),
    CONSTRAINT chk_property_expenses_advertising CHECK (advertising < 'NaN'),
    CONSTRAINT chk_property_expenses_legal_professional CHECK (legal_professional < 'NaN'),
    CONSTRAINT chk_property_expenses_landscaping CHECK (landscaping < 'NaN'),
    CONSTRAINT chk_property_expenses_office_administrative CHECK (office_administrative < 'NaN'),
    CONSTRAINT chk_property_expenses_other_operating CHECK (other_operating < 'NaN'),
    CONSTRAINT chk_property_expenses_capital_improvements CHECK (capital_improvements < 'NaN'),
    CONSTRAINT chk_property_expenses_mortgage_principal CHECK (mortgage_principal < 'NaN'),
    CONSTRAINT chk_property_expenses_mortgage_interest CHECK (mortgage_interest < 'NaN'),
    CONSTRAINT chk_property_expenses_replacement_reserves CHECK (replacement_reserves < 'NaN'),
    CONSTRAINT chk_property_expenses_total_operating_expenses CHECK (total_operating_expenses < 'NaN'),
    CONSTRAINT chk_property_expenses_total_expenses CHECK (total_expenses < 'NaN'),
    CONSTRAINT chk_property_expenses_version CHECK (version >= 1),
    CONSTRAINT chk_property_expenses_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_property_expenses_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_expenses_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.property_expenses IS 'Expense statement of a property for one period; a correction is a new version.';
CREATE UNIQUE INDEX uk_property_expenses_property_id_period_start_period_end
    ON financials.property_expenses (property_id, period_start, period_end, accounting_basis) WHERE superseded_at IS NULL;
CREATE INDEX idx_property_expenses_period_start_period_end ON financials.property_expenses (period_start, period_end);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.property_expenses
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.property_performance (
    id                    UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id           UUID NOT NULL,
    period_start          DATE NOT NULL,
    period_end            DATE NOT NULL,
    period_type           VARCHAR(20) NOT NULL DEFAULT 'monthly',
    -- Key metrics. A ratio is NULL where it is undefined: no debt, no value, no equity.
    noi                   NUMERIC(15,2),
    cap_rate              NUMERIC(18,10),
    cash_on_cash_return   NUMERIC(18,10),
    debt_service_coverage NUMERIC(18,10),
    -- Occupancy
    occupancy_rate        NUMERIC(9,6),
    average_rent          NUMERIC(15,2),
    rent_per_sqft         NUMERIC(20,10),
    -- Collections. Prepayments lift the collection rate above 1, arrears the delinquency rate.
    rent_collected        NUMERIC(15,2),
    collection_rate       NUMERIC(18,10),
    delinquency_rate      NUMERIC(18,10),
    created_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at            TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_performance PRIMARY KEY (id),
    CONSTRAINT fk_property_performance_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT uk_property_performance_period UNIQUE (property_id, period_start, period_end, period_type),
    CONSTRAINT chk_property_performance_period CHECK (period_start <= period_end),
    CONSTRAINT chk_property_performance_period_start CHECK (isfinite(period_start)),
    CONSTRAINT chk_property_performance_period_end CHECK (isfinite(period_end)),
    CONSTRAINT chk_property_performance_period_type CHECK (period_type IN ('monthly', 'quarterly', 'annual')),
    CONSTRAINT chk_property_performance_noi CHECK (noi < 'NaN'),
    CONSTRAINT chk_property_performance_cap_rate CHECK (cap_rate < 'NaN'),
    CONSTRAINT chk_property_performance_cash_on_cash_return CHECK (cash_on_cash_return < 'NaN'),
    CONSTRAINT chk_property_performance_debt_service_coverage CHECK (debt_service_coverage < 'NaN'),
    CONSTRAINT chk_property_performance_occupancy_rate CHECK (occupancy_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_property_performance_average_rent CHECK (average_rent >= 0 AND average_rent < 'NaN'),
    CONSTRAINT chk_property_performance_rent_per_sqft CHECK (rent_per_sqft >= 0 AND rent_per_sqft < 'NaN'),
    CONSTRAINT chk_property_performance_rent_collected CHECK (rent_collected < 'NaN'),
    CONSTRAINT chk_property_performance_collection_rate CHECK (collection_rate < 'NaN'),
    CONSTRAINT chk_property_performance_delinquency_rate CHECK (delinquency_rate < 'NaN'),
    CONSTRAINT chk_property_performance_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_performance_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.property_performance IS 'Metrics of a property for one period, computed from its statements and rent roll.';
CREATE INDEX idx_property_performance_period_start_period_end
    ON financials.property_performance (period_start, period_end);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.property_performance
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- What a property is planned to earn and cost, by month and line of its statements. A budget is never
-- edited: another plan for its months is the next version, and one is in force.
CREATE TABLE financials.budgets (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id    UUID NOT NULL,
    -- Months by their first days, both included.
    first_month    DATE NOT NULL,
    last_month     DATE NOT NULL,
    -- What was planned first, planned anew, or the statements so far with a plan for the rest.
    kind           VARCHAR(20) NOT NULL,
    -- The last month whose figures a reforecast took from statements.
    actual_through DATE,
    version        BIGINT NOT NULL DEFAULT 1,
    superseded_at  TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_budgets PRIMARY KEY (id),
    CONSTRAINT fk_budgets_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT uk_budgets_property_id_first_month_version UNIQUE (property_id, first_month, version),
    CONSTRAINT chk_budgets_first_month CHECK (isfinite(first_month)),
    CONSTRAINT chk_budgets_last_month CHECK (isfinite(last_month)),
    CONSTRAINT chk_budgets_months CHECK (first_month <= last_month AND EXTRACT(DAY FROM first_month) = 1
        AND EXTRACT(DAY FROM last_month) = 1),
    CONSTRAINT chk_budgets_kind CHECK (kind IN ('original', 'revised', 'reforecast')),
    CONSTRAINT chk_budgets_actual_through CHECK (isfinite(actual_through)),
    CONSTRAINT chk_budgets_reforecast CHECK ((actual_through IS NOT NULL) = (kind = 'reforecast')
        AND (actual_through IS NULL OR actual_through >= first_month AND actual_through < last_month)),
    CONSTRAINT chk_budgets_version CHECK (version >= 1),
    CONSTRAINT chk_budgets_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_budgets_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_budgets_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.budgets IS 'Budgets of properties with their versions; what they plan stands in budget_lines.';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.budgets
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.budget_lines (
    id        UUID NOT NULL DEFAULT gen_random_uuid(),
    budget_id UUID NOT NULL,
    month     DATE NOT NULL,
    -- A line of an operating statement, as its column is named; one that is absent is zero.
    line      VARCHAR(50) NOT NULL,
    amount    NUMERIC(15,2) NOT NULL,

    CONSTRAINT pk_budget_lines PRIMARY KEY (id),
    CONSTRAINT uk_budget_lines_budget_id_month_line UNIQUE (budget_id, month, line),
    CONSTRAINT fk_budget_lines_budget_id FOREIGN KEY (budget_id) REFERENCES financials.budgets (id) ON DELETE RESTRICT,
    CONSTRAINT chk_budget_lines_month CHECK (isfinite(month)),
    CONSTRAINT chk_budget_lines_line CHECK (line IN ('gross_rental_income', 'loss_to_lease', 'vacancy_loss', 'concessions', 'bad_debt', 'parking_income',
        'laundry_income', 'pet_income', 'application_fees', 'late_fees', 'other_income',
        'property_management', 'maintenance_repairs', 'utilities', 'insurance', 'property_taxes', 'payroll',
        'advertising', 'legal_professional', 'landscaping', 'office_administrative', 'other_operating',
        'capital_improvements', 'mortgage_principal', 'mortgage_interest', 'replacement_reserves')),
    CONSTRAINT chk_budget_lines_amount CHECK (amount < 'NaN')
);
COMMENT ON TABLE financials.budget_lines IS 'What a version of a budget plans for a month and a line. Append-only.';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.budget_lines
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.budget_lines
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.rent_roll (
    id               UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id      UUID NOT NULL,
    unit_id          UUID NOT NULL,
    as_of_date       DATE NOT NULL,
    -- Tenant
    tenant_name      VARCHAR(255),
    lease_start      DATE,
    lease_end        DATE,
    -- Rent
    monthly_rent     NUMERIC(15,2),
    security_deposit NUMERIC(15,2),
    -- Payment status; a negative balance is a prepayment.
    current_balance  NUMERIC(15,2),
    days_delinquent  INTEGER NOT NULL DEFAULT 0,
    -- What the metrics need, frozen with the row
    occupancy_status VARCHAR(20) NOT NULL DEFAULT 'unknown',
    market_rent      NUMERIC(15,2),
    sqft             INTEGER,
    billed           NUMERIC(15,2),
    collected        NUMERIC(15,2),
    -- What the roll rests on: the leases, or what another system reported. A restated roll is a new version.
    basis            VARCHAR(20) NOT NULL DEFAULT 'reported',
    version          BIGINT NOT NULL DEFAULT 1,
    superseded_at    TIMESTAMPTZ,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_rent_roll PRIMARY KEY (id),
    -- Carries the property, so that a row cannot name a unit of another one.
    CONSTRAINT fk_rent_roll_unit_id FOREIGN KEY (property_id, unit_id)
        REFERENCES properties.units (property_id, id),
    CONSTRAINT uk_rent_roll_version UNIQUE (property_id, unit_id, as_of_date, version),
    CONSTRAINT chk_rent_roll_lease CHECK (lease_start <= lease_end),
    CONSTRAINT chk_rent_roll_as_of_date CHECK (isfinite(as_of_date)),
    CONSTRAINT chk_rent_roll_lease_start CHECK (isfinite(lease_start)),
    CONSTRAINT chk_rent_roll_lease_end CHECK (isfinite(lease_end)),
    CONSTRAINT chk_rent_roll_monthly_rent CHECK (monthly_rent >= 0 AND monthly_rent < 'NaN'),
    CONSTRAINT chk_rent_roll_security_deposit CHECK (security_deposit >= 0 AND security_deposit < 'NaN'),
    CONSTRAINT chk_rent_roll_current_balance CHECK (current_balance < 'NaN'),
    CONSTRAINT chk_rent_roll_days_delinquent CHECK (days_delinquent >= 0),
    CONSTRAINT chk_rent_roll_occupancy_status
        CHECK (occupancy_status IN ('occupied', 'vacant', 'notice', 'renovation', 'unknown')),
    CONSTRAINT chk_rent_roll_basis CHECK (basis IN ('leases', 'reported')),
    CONSTRAINT chk_rent_roll_version CHECK (version >= 1),
    CONSTRAINT chk_rent_roll_superseded_at CHECK (isfinite(superseded_at)),
    CONSTRAINT chk_rent_roll_market_rent CHECK (market_rent >= 0 AND market_rent < 'NaN'),
    CONSTRAINT chk_rent_roll_sqft CHECK (sqft >= 0),
    CONSTRAINT chk_rent_roll_billed CHECK (billed < 'NaN'),
    CONSTRAINT chk_rent_roll_collected CHECK (collected < 'NaN'),
    CONSTRAINT chk_rent_roll_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_rent_roll_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.rent_roll IS 'The rent roll: one row per unit, date and version, frozen when it is closed.';
-- One roll in force per unit and date.
CREATE UNIQUE INDEX uk_rent_roll_property_id_unit_id_as_of_date ON financials.rent_roll (property_id, unit_id, as_of_date)
    WHERE superseded_at IS NULL;
CREATE INDEX idx_rent_roll_property_id_as_of_date ON financials.rent_roll (property_id, as_of_date);
CREATE INDEX idx_rent_roll_unit_id_as_of_date ON financials.rent_roll (unit_id, as_of_date);
CREATE INDEX idx_rent_roll_as_of_date ON financials.rent_roll (as_of_date);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.rent_roll
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.loans (
    id                   UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id          UUID NOT NULL,
    lender               VARCHAR(255) NOT NULL,
    loan_number          VARCHAR(100),
    principal            NUMERIC(15,2) NOT NULL,
    -- A fraction, finer than other rates: notes quote five decimals of a percent.
    annual_rate          NUMERIC(12,10) NOT NULL,
    -- Amortization counts from the end of the interest-only months.
    amortization_months  INTEGER NOT NULL,
    term_months          INTEGER NOT NULL,
    interest_only_months INTEGER NOT NULL DEFAULT 0,
    -- Most loans fix the payment on 30/360 and accrue on actual days.
    payment_basis        VARCHAR(10) NOT NULL DEFAULT '30/360',
    accrual_basis        VARCHAR(10) NOT NULL DEFAULT '30/360',
    accrual_period       VARCHAR(20) NOT NULL DEFAULT 'due_dates',
    -- The level payment of the note, where it is not computed
    payment              NUMERIC(15,2),
    -- Up to which it may be drawn, where that is more than the principal.
    commitment           NUMERIC(15,2),
    -- A rate that follows an index: the index and the margin, within floor and cap, anew every so many months.
    rate_index           VARCHAR(50),
    margin               NUMERIC(12,10),
    rate_floor           NUMERIC(12,10),
    rate_cap             NUMERIC(12,10),
    reset_months         INTEGER,
    -- The loan whose place it took.
    refinances_id        UUID,
    start_date           DATE NOT NULL,
    payoff_date          DATE,
    status               VARCHAR(20) NOT NULL DEFAULT 'active',
    notes                TEXT,
    version              BIGINT NOT NULL DEFAULT 1,
    created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at           TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_loans PRIMARY KEY (id),
    CONSTRAINT fk_loans_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_loans_refinances_id FOREIGN KEY (refinances_id) REFERENCES financials.loans (id) ON DELETE RESTRICT,
    CONSTRAINT uk_loans_refinances_id UNIQUE (refinances_id),
    CONSTRAINT chk_loans_self_refinance CHECK (refinances_id <> id),
    CONSTRAINT chk_loans_commitment CHECK (commitment > 0 AND commitment < 'NaN'),
    CONSTRAINT chk_loans_lending CHECK (commitment >= principal),
    CONSTRAINT chk_loans_rate_index CHECK (rate_index <> ''),
    CONSTRAINT chk_loans_margin CHECK (margin BETWEEN -1 AND 1),
    CONSTRAINT chk_loans_rate_floor CHECK (rate_floor BETWEEN 0 AND 1),
    CONSTRAINT chk_loans_rate_cap CHECK (rate_cap BETWEEN 0 AND 1),
    CONSTRAINT chk_loans_reset_months CHECK (reset_months > 0),
    CONSTRAINT chk_loans_floating CHECK (num_nonnulls(rate_index, margin, reset_months) IN (0, 3)
        AND (rate_index IS NOT NULL OR num_nonnulls(rate_floor, rate_cap) = 0) AND COALESCE(rate_floor <= rate_cap, TRUE)),
    CONSTRAINT chk_loans_months CHECK (interest_only_months <= term_months AND (amortization_months > 0 OR interest_only_months = term_months)),
    CONSTRAINT chk_loans_life CHECK (start_date <= payoff_date),
    CONSTRAINT chk_loans_lender CHECK (lender <> ''),
    CONSTRAINT chk_loans_principal CHECK (principal > 0 AND principal < 'NaN'),
    CONSTRAINT chk_loans_annual_rate CHECK (annual_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_loans_amortization_months CHECK (amortization_months >= 0),
    CONSTRAINT chk_loans_term_months CHECK (term_months > 0),
    CONSTRAINT chk_loans_interest_only_months CHECK (interest_only_months >= 0),
    CONSTRAINT chk_loans_payment_basis CHECK (payment_basis IN ('30/360', 'ACT/360', 'ACT/365F')),
    CONSTRAINT chk_loans_accrual_basis CHECK (accrual_basis IN ('30/360', 'ACT/360', 'ACT/365F')),
    CONSTRAINT chk_loans_accrual_period CHECK (accrual_period IN ('due_dates', 'calendar_month')),
    CONSTRAINT chk_loans_payment CHECK (payment > 0 AND payment < 'NaN'),
    CONSTRAINT chk_loans_start_date CHECK (isfinite(start_date)),
    CONSTRAINT chk_loans_payoff_date CHECK (isfinite(payoff_date)),
    CONSTRAINT chk_loans_status CHECK (status IN ('active', 'paid_off', 'refinanced', 'defaulted')),
    CONSTRAINT chk_loans_version CHECK (version >= 1),
    CONSTRAINT chk_loans_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_loans_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.loans IS 'Mortgages of a property.';
CREATE INDEX idx_loans_property_id ON financials.loans (property_id);
CREATE UNIQUE INDEX uk_loans_property_id_loan_number ON financials.loans (property_id, loan_number)
    WHERE loan_number IS NOT NULL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.loans
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- The ledger. A journal is a set of postings in one book; each posting debits one account and credits
-- another with one positive amount, so that an unbalanced entry cannot be written down. Journals and
-- postings never change; a mistake is reversed.

CREATE TABLE financials.books (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    code           VARCHAR(100) NOT NULL,
    name           VARCHAR(255) NOT NULL,
    kind           VARCHAR(20) NOT NULL DEFAULT 'entity',
    property_id    UUID,
    currency       VARCHAR(3) NOT NULL DEFAULT 'USD',
    -- No journal that is dated on or before this day is taken, adjusting ones excepted.
    closed_through DATE,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_books PRIMARY KEY (id),
    CONSTRAINT fk_books_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT uk_books_code UNIQUE (code),
    CONSTRAINT uk_books_property_id UNIQUE (property_id),
    CONSTRAINT chk_books_subject CHECK ((kind = 'property') = (property_id IS NOT NULL)),
    CONSTRAINT chk_books_code CHECK (code <> ''),
    CONSTRAINT chk_books_name CHECK (name <> ''),
    CONSTRAINT chk_books_kind CHECK (kind IN ('property', 'entity')),
    CONSTRAINT chk_books_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT chk_books_closed_through CHECK (isfinite(closed_through)),
    CONSTRAINT chk_books_version CHECK (version >= 1),
    CONSTRAINT chk_books_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_books_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.books IS 'Books of the ledger: one per property, or one per entity that the host wants.';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.books
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.accounts (
    id          UUID NOT NULL DEFAULT gen_random_uuid(),
    book_id     UUID NOT NULL,
    code        VARCHAR(50) NOT NULL,
    name        VARCHAR(255) NOT NULL,
    type        VARCHAR(20) NOT NULL,
    -- A control account also keeps a balance per subledger (position).
    subledgered BOOLEAN NOT NULL DEFAULT FALSE,
    status      VARCHAR(20) NOT NULL DEFAULT 'active',
    version     BIGINT NOT NULL DEFAULT 1,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    -- The book is part of every key of what is of one: foreign keys keep a posting in one book, and books
    -- can live on different machines.
    CONSTRAINT pk_accounts PRIMARY KEY (id, book_id),
    CONSTRAINT fk_accounts_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT uk_accounts_book_id_code UNIQUE (book_id, code),
    CONSTRAINT chk_accounts_code CHECK (code <> ''),
    CONSTRAINT chk_accounts_name CHECK (name <> ''),
    CONSTRAINT chk_accounts_type CHECK (type IN ('asset', 'liability', 'equity', 'income', 'expense')),
    CONSTRAINT chk_accounts_status CHECK (status IN ('active', 'closed')),
    CONSTRAINT chk_accounts_version CHECK (version >= 1),
    CONSTRAINT chk_accounts_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_accounts_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.accounts IS 'Chart of accounts of a book. Assets and expenses are debit-normal, the others credit-normal.';
-- The few accounts that a posting must not touch.
CREATE INDEX idx_accounts_book_id ON financials.accounts (book_id) WHERE status = 'closed';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.accounts
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- What each account of a property's book came to in the period of a statement that was made out of it, and on
-- which line it stands. The account is named without a foreign key, as the ledger may live elsewhere; Verify
-- finds one that is not there.
CREATE TABLE financials.statement_accounts (
    id         UUID NOT NULL DEFAULT gen_random_uuid(),
    income_id  UUID NOT NULL,
    account_id UUID NOT NULL,
    line       VARCHAR(50) NOT NULL,
    -- As the line counts it: a deduction and an expense are positive.
    amount     NUMERIC(15,2) NOT NULL,

    CONSTRAINT pk_statement_accounts PRIMARY KEY (id),
    CONSTRAINT uk_statement_accounts_income_id_account_id UNIQUE (income_id, account_id),
    CONSTRAINT fk_statement_accounts_income_id FOREIGN KEY (income_id) REFERENCES financials.property_income (id) ON DELETE RESTRICT,
    CONSTRAINT chk_statement_accounts_line CHECK (line IN ('gross_rental_income', 'loss_to_lease', 'vacancy_loss', 'concessions', 'bad_debt', 'parking_income',
        'laundry_income', 'pet_income', 'application_fees', 'late_fees', 'other_income',
        'property_management', 'maintenance_repairs', 'utilities', 'insurance', 'property_taxes', 'payroll',
        'advertising', 'legal_professional', 'landscaping', 'office_administrative', 'other_operating',
        'capital_improvements', 'mortgage_principal', 'mortgage_interest', 'replacement_reserves')),
    CONSTRAINT chk_statement_accounts_amount CHECK (amount < 'NaN')
);
COMMENT ON TABLE financials.statement_accounts IS 'The accounts of a book behind the lines of a statement that was made out of it. Append-only.';
CREATE INDEX idx_statement_accounts_account_id ON financials.statement_accounts (account_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.statement_accounts
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.statement_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.periods (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    book_id      UUID NOT NULL,
    period_start DATE NOT NULL,
    period_end   DATE NOT NULL,
    status       VARCHAR(20) NOT NULL DEFAULT 'open',
    closed_at    TIMESTAMPTZ,
    closed_by    UUID,
    version      BIGINT NOT NULL DEFAULT 1,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_periods PRIMARY KEY (id, book_id),
    CONSTRAINT fk_periods_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT fk_periods_closed_by FOREIGN KEY (closed_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT uk_periods_book_id_period_start UNIQUE (book_id, period_start),
    CONSTRAINT chk_periods_period CHECK (period_start <= period_end),
    CONSTRAINT chk_periods_closing CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT chk_periods_period_start CHECK (isfinite(period_start)),
    CONSTRAINT chk_periods_period_end CHECK (isfinite(period_end)),
    CONSTRAINT chk_periods_status CHECK (status IN ('open', 'closed')),
    CONSTRAINT chk_periods_closed_at CHECK (isfinite(closed_at)),
    CONSTRAINT chk_periods_version CHECK (version >= 1),
    CONSTRAINT chk_periods_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_periods_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.periods IS 'Accounting periods of a book and who closed them.';
CREATE INDEX idx_periods_closed_by ON financials.periods (closed_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.periods
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.journals (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    book_id         UUID NOT NULL,
    effective_date  DATE NOT NULL,
    description     TEXT,
    -- What the journal is about (a distribution, a subscription), named without a foreign key: the
    -- ledger knows nothing of the domains that post to it.
    source_type     VARCHAR(50),
    source_id       UUID,
    reverses_id     UUID,
    -- An explicit exception to a closed period.
    adjusting       BOOLEAN NOT NULL DEFAULT FALSE,
    command_id      UUID,
    idempotency_key VARCHAR(255),
    actor           VARCHAR(255) NOT NULL CONSTRAINT chk_journals_actor CHECK (actor <> ''),
    content_hash    BYTEA NOT NULL,
    recorded_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- How many lines the journal has. Lines state it too, and their numbers end there: a posted journal
    -- has no place for another one.
    line_count      INTEGER NOT NULL,

    CONSTRAINT pk_journals PRIMARY KEY (id, book_id),
    -- One in all books, where one machine has all of them.
    CONSTRAINT uk_journals_id UNIQUE (id),
    -- The target of the foreign key that keeps a posting in its journal's book, on its date and among its
    -- lines.
    CONSTRAINT uk_journals_id_book_id_effective_date_line_count UNIQUE (id, book_id, effective_date, line_count),
    CONSTRAINT fk_journals_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT fk_journals_reverses_id FOREIGN KEY (reverses_id, book_id) REFERENCES financials.journals (id, book_id),
    -- A journal is reversed once.
    CONSTRAINT uk_journals_reverses_id_book_id UNIQUE (reverses_id, book_id),
    CONSTRAINT chk_journals_source CHECK ((source_type IS NULL) = (source_id IS NULL)),
    CONSTRAINT chk_journals_self_reversal CHECK (reverses_id <> id),
    CONSTRAINT chk_journals_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_journals_idempotency_key CHECK (idempotency_key <> ''),
    CONSTRAINT chk_journals_content_hash CHECK (octet_length(content_hash) = 32),
    CONSTRAINT chk_journals_recorded_at CHECK (isfinite(recorded_at)),
    CONSTRAINT chk_journals_line_count CHECK (line_count > 0)
);
COMMENT ON TABLE financials.journals IS 'Posted journals; append-only, corrected by reversal.';
CREATE UNIQUE INDEX uk_journals_book_id_idempotency_key ON financials.journals (book_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX idx_journals_book_id_effective_date_id ON financials.journals (book_id, effective_date, id);
CREATE INDEX idx_journals_source_id ON financials.journals (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX idx_journals_command_id ON financials.journals (command_id) WHERE command_id IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.journals
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.journals
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- The journals that no seal covers yet, in the order in which they are sealed. A journal's transaction
-- adds it, and the one that seals it takes it away, so that sealing finds what is committed and need not
-- know what is in flight: that comes with the next seal. No foreign key: the functions that post are the
-- only writers, and Verify compares.
CREATE TABLE financials.unsealed_journals (
    book_id     UUID NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL CONSTRAINT chk_unsealed_journals_recorded_at CHECK (isfinite(recorded_at)),
    journal_id  UUID NOT NULL,

    CONSTRAINT pk_unsealed_journals PRIMARY KEY (book_id, recorded_at, journal_id)
);
COMMENT ON TABLE financials.unsealed_journals IS 'Journals that no seal covers yet.';

CREATE TABLE financials.postings (
    journal_id     UUID NOT NULL,
    line           INTEGER NOT NULL,
    -- Of the journal.
    line_count     INTEGER NOT NULL,
    book_id        UUID NOT NULL,
    effective_date DATE NOT NULL,
    debit_account  UUID NOT NULL,
    credit_account UUID NOT NULL,
    amount         NUMERIC(15,2) NOT NULL,
    -- The position that the line is about, without a foreign key: positions live above the ledger.
    subledger_id   UUID,
    memo           VARCHAR(255),

    -- Serves the foreign key too: a journal has one date and one count, which it only carries along.
    CONSTRAINT pk_postings PRIMARY KEY (journal_id, book_id, line),
    CONSTRAINT fk_postings_journal_id FOREIGN KEY (journal_id, book_id, effective_date, line_count)
        REFERENCES financials.journals (id, book_id, effective_date, line_count),
    CONSTRAINT fk_postings_debit_account FOREIGN KEY (debit_account, book_id)
        REFERENCES financials.accounts (id, book_id),
    CONSTRAINT fk_postings_credit_account FOREIGN KEY (credit_account, book_id)
        REFERENCES financials.accounts (id, book_id),
    CONSTRAINT chk_postings_sides CHECK (debit_account <> credit_account),
    CONSTRAINT chk_postings_line CHECK (line > 0),
    CONSTRAINT chk_postings_posted_journal CHECK (line <= line_count),
    CONSTRAINT chk_postings_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_postings_amount CHECK (amount > 0 AND amount < 'NaN')
);
COMMENT ON TABLE financials.postings IS 'Lines of posted journals: one debit account, one credit account, one positive amount; append-only.';
-- The order of a statement: by date, then journal, so that a page is found where the last one ended. The line is
-- left out: the lines of a journal, of which a distribution has one for each position, share an entry then, and
-- take a tenth of the room. Within a journal a page is found by the primary key.
CREATE INDEX idx_postings_debit_account_statement
    ON financials.postings (debit_account, book_id, effective_date, journal_id);
CREATE INDEX idx_postings_credit_account_statement
    ON financials.postings (credit_account, book_id, effective_date, journal_id);
CREATE INDEX idx_postings_subledger_id_effective_date ON financials.postings (subledger_id, effective_date)
    WHERE subledger_id IS NOT NULL;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.postings
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.postings
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

-- What must hold of journals that were just inserted, before anybody sees them: they are in the books that are
-- named, none but an adjusting one is dated in a closed period, and an id that a caller chose is not that of
-- another book's journal. It also lists them for sealing. It judges the rows as they are stored, so that what a
-- caller says of them cannot be wrong, and Verify finds those that nobody listed. A function that the verbs call,
-- and no trigger: what a trigger asks of another table, it would ask on another machine.
--
-- The shared lock on the book's row, which the journal's foreign key takes too, waits for a closing in
-- flight, and a closing, which locks the row against all, waits for the journals in flight, so that neither
-- misses the other. A transaction that looks at the past would not see a closing since its first statement;
-- the stronger lock makes it fail to serialize instead.
CREATE FUNCTION financials.admit_journals(ids UUID[], books UUID[], recorded TIMESTAMPTZ, chosen UUID[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    n RECORD;
    is_now RECORD;
    once UUID;
    again BOOLEAN;
BEGIN
    FOR n IN SELECT r.book, array_agg(r.id) AS ids FROM unnest(ids, books) AS r (id, book) GROUP BY 1 ORDER BY 1 LOOP
        -- Each journal is looked up by its whole key, whatever the server knows of how many there are. Their list
        -- is a SELECT, so that a plan for few is one for many and the session keeps it.
        IF current_setting('transaction_isolation') = 'read committed' THEN
            SELECT b.closed_through, s.first, s.found INTO is_now FROM financials.books b
            CROSS JOIN LATERAL (SELECT min(j.effective_date) FILTER (WHERE NOT j.adjusting) AS first, count(*) AS found FROM unnest((SELECT n.ids)) AS g (id)
                CROSS JOIN LATERAL (SELECT x.effective_date, x.adjusting FROM financials.journals x WHERE x.id = g.id AND x.book_id = n.book OFFSET 0) j) s
            WHERE b.id = n.book FOR KEY SHARE OF b;
        ELSE
            SELECT b.closed_through, s.first, s.found INTO is_now FROM financials.books b
            CROSS JOIN LATERAL (SELECT min(j.effective_date) FILTER (WHERE NOT j.adjusting) AS first, count(*) AS found FROM unnest((SELECT n.ids)) AS g (id)
                CROSS JOIN LATERAL (SELECT x.effective_date, x.adjusting FROM financials.journals x WHERE x.id = g.id AND x.book_id = n.book OFFSET 0) j) s
            WHERE b.id = n.book FOR SHARE OF b;
        END IF;
        IF is_now.found IS DISTINCT FROM cardinality(n.ids) THEN
            RAISE EXCEPTION 'the book % has % of % journals that are named of it', n.book, COALESCE(is_now.found, 0), cardinality(n.ids)
                USING ERRCODE = 'foreign_key_violation', SCHEMA = 'financials', TABLE = 'unsealed_journals',
                      CONSTRAINT = 'fk_unsealed_journals_journal_id';
        END IF;
        IF is_now.first <= is_now.closed_through THEN
            RAISE EXCEPTION 'a journal is dated %, the book % is closed through %', is_now.first, n.book, is_now.closed_through
                USING ERRCODE = 'check_violation', SCHEMA = 'financials', TABLE = 'journals',
                      CONSTRAINT = 'chk_journals_closed_period';
        END IF;
    END LOOP;
    -- Of one id, as of most calls, the server keeps the plan; of an array it would make one each time.
    IF cardinality(chosen) = 1 THEN
        once := chosen[1];
        again := (SELECT count(*) FROM financials.journals WHERE id = once) > 1;
    ELSIF chosen <> '{}' THEN
        again := EXISTS (SELECT 1 FROM financials.journals WHERE id = ANY (chosen) GROUP BY id HAVING count(*) > 1);
    END IF;
    IF again THEN
        RAISE EXCEPTION 'a journal of another book has the id'
            USING ERRCODE = 'unique_violation', SCHEMA = 'financials', TABLE = 'journals', CONSTRAINT = 'pk_journals';
    END IF;
    INSERT INTO financials.unsealed_journals (book_id, recorded_at, journal_id)
    SELECT r.book, recorded, r.id FROM unnest(ids, books) AS r (id, book);
END;
$$;

CREATE TABLE financials.pending_journals (
    id              UUID NOT NULL DEFAULT gen_random_uuid(),
    book_id         UUID NOT NULL,
    effective_date  DATE NOT NULL,
    description     TEXT,
    source_type     VARCHAR(50),
    source_id       UUID,
    reverses_id     UUID,
    adjusting       BOOLEAN NOT NULL DEFAULT FALSE,
    command_id      UUID,
    idempotency_key VARCHAR(255),
    actor           VARCHAR(255) NOT NULL CONSTRAINT chk_pending_journals_actor CHECK (actor <> ''),
    status          VARCHAR(20) NOT NULL DEFAULT 'pending',
    -- The posted copy; it keeps the id of its draft.
    journal_id      UUID,
    expires_at      TIMESTAMPTZ,
    void_reason     TEXT,
    version         BIGINT NOT NULL DEFAULT 1,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_pending_journals PRIMARY KEY (id, book_id),
    -- One in all books, where one machine has all of them.
    CONSTRAINT uk_pending_journals_id UNIQUE (id),
    CONSTRAINT fk_pending_journals_book_id FOREIGN KEY (book_id) REFERENCES financials.books (id) ON DELETE RESTRICT,
    CONSTRAINT fk_pending_journals_reverses_id FOREIGN KEY (reverses_id, book_id) REFERENCES financials.journals (id, book_id),
    CONSTRAINT fk_pending_journals_journal_id FOREIGN KEY (journal_id, book_id) REFERENCES financials.journals (id, book_id),
    CONSTRAINT uk_pending_journals_journal_id_book_id UNIQUE (journal_id, book_id),
    CONSTRAINT chk_pending_journals_source CHECK ((source_type IS NULL) = (source_id IS NULL)),
    CONSTRAINT chk_pending_journals_posted_copy CHECK ((status = 'posted') = (journal_id IS NOT NULL)
        AND (journal_id IS NULL OR journal_id = id)),
    CONSTRAINT chk_pending_journals_effective_date CHECK (isfinite(effective_date)),
    CONSTRAINT chk_pending_journals_idempotency_key CHECK (idempotency_key <> ''),
    CONSTRAINT chk_pending_journals_status CHECK (status IN ('pending', 'posted', 'voided')),
    CONSTRAINT chk_pending_journals_expires_at CHECK (isfinite(expires_at)),
    CONSTRAINT chk_pending_journals_version CHECK (version >= 1),
    CONSTRAINT chk_pending_journals_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_pending_journals_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.pending_journals IS 'Journals that wait for posting; posting copies them, voiding discards them.';
CREATE UNIQUE INDEX uk_pending_journals_book_id_idempotency_key ON financials.pending_journals (book_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX idx_pending_journals_book_id_status ON financials.pending_journals (book_id, status);
CREATE INDEX idx_pending_journals_reverses_id_book_id ON financials.pending_journals (reverses_id, book_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.pending_journals
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.pending_postings (
    pending_journal_id UUID NOT NULL,
    line               INTEGER NOT NULL,
    book_id            UUID NOT NULL,
    debit_account      UUID NOT NULL,
    credit_account     UUID NOT NULL,
    amount             NUMERIC(15,2) NOT NULL,
    subledger_id       UUID,
    memo               VARCHAR(255),

    CONSTRAINT pk_pending_postings PRIMARY KEY (pending_journal_id, book_id, line),
    CONSTRAINT fk_pending_postings_pending_journal_id FOREIGN KEY (pending_journal_id, book_id)
        REFERENCES financials.pending_journals (id, book_id) ON DELETE CASCADE,
    CONSTRAINT fk_pending_postings_debit_account FOREIGN KEY (debit_account, book_id)
        REFERENCES financials.accounts (id, book_id),
    CONSTRAINT fk_pending_postings_credit_account FOREIGN KEY (credit_account, book_id)
        REFERENCES financials.accounts (id, book_id),
    CONSTRAINT chk_pending_postings_sides CHECK (debit_account <> credit_account),
    CONSTRAINT chk_pending_postings_line CHECK (line > 0),
    CONSTRAINT chk_pending_postings_amount CHECK (amount > 0 AND amount < 'NaN')
);
COMMENT ON TABLE financials.pending_postings IS 'Lines of pending journals.';
CREATE INDEX idx_pending_postings_debit_account_book_id ON financials.pending_postings (debit_account, book_id);
CREATE INDEX idx_pending_postings_credit_account_book_id ON financials.pending_postings (credit_account, book_id);

-- Balances are caches of the postings, in tables of their own: the rows that foreign keys refer to stay
-- cold. They carry no times, because the postings do, and leave room on each page for updates in place.
CREATE TABLE financials.account_balances (
    account_id UUID NOT NULL,
    book_id    UUID NOT NULL,
    shard      SMALLINT NOT NULL DEFAULT 0,
    debits     NUMERIC(15,2) NOT NULL DEFAULT 0,
    credits    NUMERIC(15,2) NOT NULL DEFAULT 0,

    CONSTRAINT pk_account_balances PRIMARY KEY (account_id, book_id, shard),
    CONSTRAINT fk_account_balances_account_id FOREIGN KEY (account_id, book_id) REFERENCES financials.accounts (id, book_id),
    CONSTRAINT chk_account_balances_shard CHECK (shard >= 0),
    CONSTRAINT chk_account_balances_debits CHECK (debits >= 0 AND debits < 'NaN'),
    CONSTRAINT chk_account_balances_credits CHECK (credits >= 0 AND credits < 'NaN')
);
COMMENT ON TABLE financials.account_balances IS 'Debits and credits of an account so far; a hot account spreads over several shards.';
ALTER TABLE financials.account_balances SET (fillfactor = 50);

CREATE TABLE financials.subledger_balances (
    account_id   UUID NOT NULL,
    book_id      UUID NOT NULL,
    subledger_id UUID NOT NULL,
    debits       NUMERIC(15,2) NOT NULL DEFAULT 0,
    credits      NUMERIC(15,2) NOT NULL DEFAULT 0,

    CONSTRAINT pk_subledger_balances PRIMARY KEY (account_id, book_id, subledger_id),
    CONSTRAINT fk_subledger_balances_account_id FOREIGN KEY (account_id, book_id) REFERENCES financials.accounts (id, book_id),
    CONSTRAINT chk_subledger_balances_debits CHECK (debits >= 0 AND debits < 'NaN'),
    CONSTRAINT chk_subledger_balances_credits CHECK (credits >= 0 AND credits < 'NaN')
);
COMMENT ON TABLE financials.subledger_balances IS 'Debits and credits per control account and position so far.';
CREATE INDEX idx_subledger_balances_subledger_id ON financials.subledger_balances (subledger_id);
ALTER TABLE financials.subledger_balances SET (fillfactor = 50);

-- Refuses lines on a closed account. What adds to balances calls it, and Verify finds lines that nothing added. A
-- transaction that looks at the past locks the accounts, so that one that was closed since makes it fail to
-- serialize; any other holds the book's row, which a closing locks.
CREATE FUNCTION financials.refuse_closed_accounts(books UUID[], touched UUID[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM 1 FROM financials.accounts WHERE book_id = ANY (books) AND id = ANY (touched) ORDER BY id FOR SHARE;
    END IF;
    IF EXISTS (SELECT 1 FROM financials.accounts WHERE book_id = ANY (books) AND status = 'closed' AND id = ANY (touched)) THEN
        RAISE EXCEPTION 'an account is closed'
            USING ERRCODE = 'check_violation', SCHEMA = 'financials', TABLE = 'postings',
                  CONSTRAINT = 'chk_postings_closed_account';
    END IF;
END;
$$;

-- Adds lines to the balances of their accounts, and of the subledgers of those accounts that keep them.
-- Rows are locked in one order everywhere, subledgers before accounts: those of accounts are the hot
-- ones and come last. Each connection adds to one of eight rows per account. heads tell where in books the
-- book of a line stands.
CREATE FUNCTION financials.add_to_balances(
    books UUID[], heads INTEGER[], debits UUID[], credits UUID[], amounts NUMERIC[], subledgers UUID[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    control UUID[];
BEGIN
    PERFORM financials.refuse_closed_accounts(books, debits || credits);
    IF array_remove(subledgers, NULL) <> '{}' THEN
        SELECT array_agg(id) INTO control FROM financials.accounts WHERE book_id = ANY (books) AND subledgered;
        INSERT INTO financials.subledger_balances AS b (account_id, book_id, subledger_id, debits, credits)
        SELECT s.account, s.book, s.subledger, sum(s.debit), sum(s.credit)
        FROM (SELECT books[h] AS book, d AS account, s AS subledger, a AS debit, 0 AS credit
              FROM unnest(heads, debits, amounts, subledgers) AS r (h, d, a, s) WHERE d = ANY (control)
              UNION ALL
              SELECT books[h], c, s, 0, a FROM unnest(heads, credits, amounts, subledgers) AS r (h, c, a, s) WHERE c = ANY (control)) s
        WHERE s.subledger IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (account_id, book_id, subledger_id)
            DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
    END IF;
    INSERT INTO financials.account_balances AS b (account_id, book_id, shard, debits, credits)
    SELECT s.account, s.book, pg_backend_pid() % 8, sum(s.debit), sum(s.credit)
    FROM (SELECT books[h] AS book, d AS account, a AS debit, 0 AS credit FROM unnest(heads, debits, amounts) AS r (h, d, a)
          UNION ALL
          SELECT books[h], c, 0, a FROM unnest(heads, credits, amounts) AS r (h, c, a)) s
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (account_id, book_id, shard)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
END;
$$;

-- Writes journals with their lines and balances: one round trip, and plans that the session keeps. A
-- line names its journal by its place among the journals, from 1. chosen are the ids that callers chose.
CREATE FUNCTION financials.post_journals(
    ids UUID[], books UUID[], days DATE[], descriptions TEXT[], source_types TEXT[], source_ids UUID[], reverses UUID[],
    adjusting BOOLEAN[], commands UUID[], keys TEXT[], actors TEXT[], hashes BYTEA[], counts INTEGER[], recorded TIMESTAMPTZ,
    heads INTEGER[], lines INTEGER[], debits UUID[], credits UUID[], amounts NUMERIC[], subledgers UUID[], memos TEXT[],
    chosen UUID[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO financials.journals (id, book_id, effective_date, description, source_type, source_id, reverses_id,
        adjusting, command_id, idempotency_key, actor, content_hash, line_count, recorded_at)
    SELECT r.*, recorded
    FROM unnest(ids, books, days, descriptions, source_types, source_ids, reverses,
        adjusting, commands, keys, actors, hashes, counts) AS r;
    PERFORM financials.admit_journals(ids, books, recorded, chosen);
    INSERT INTO financials.postings (journal_id, line, line_count, book_id, effective_date, debit_account, credit_account, amount,
        subledger_id, memo)
    SELECT ids[h], l, counts[h], books[h], days[h], d, c, a, s, m
    FROM unnest(heads, lines, debits, credits, amounts, subledgers, memos) AS r (h, l, d, c, a, s, m);
    PERFORM financials.add_to_balances(books, heads, debits, credits, amounts, subledgers);
END;
$$;

-- What add_to_balances does for sums that the client has made and put into the order of account and
-- subledger, in which rows are locked everywhere: for a hundred thousand lines the server need neither
-- group nor sort. places tell where in accounts, and in books, the account of a sum stands. A sum without a
-- subledger is its account's; those of subledgers count on the accounts that keep them.
CREATE FUNCTION financials.add_sums_to_balances(books UUID[], accounts UUID[], places INTEGER[], subledgers UUID[], debits NUMERIC[], credits NUMERIC[])
RETURNS VOID
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET work_mem = '64MB'
AS $$
DECLARE
    control UUID[];
BEGIN
    PERFORM financials.refuse_closed_accounts(books, accounts);
    SELECT array_agg(id) INTO control FROM financials.accounts WHERE book_id = ANY (books) AND subledgered;
    INSERT INTO financials.subledger_balances AS b (account_id, book_id, subledger_id, debits, credits)
    SELECT accounts[r.place], books[r.place], r.subledger, r.debit, r.credit
    FROM unnest(places, subledgers, debits, credits) WITH ORDINALITY AS r (place, subledger, debit, credit, n)
    WHERE r.subledger IS NOT NULL AND accounts[r.place] = ANY (control) ORDER BY r.n
    ON CONFLICT (account_id, book_id, subledger_id)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
    INSERT INTO financials.account_balances AS b (account_id, book_id, shard, debits, credits)
    SELECT accounts[r.place], books[r.place], pg_backend_pid() % 8, r.debit, r.credit
    FROM unnest(places, subledgers, debits, credits) WITH ORDINALITY AS r (place, subledger, debit, credit, n)
    WHERE r.subledger IS NULL ORDER BY r.n
    ON CONFLICT (account_id, book_id, shard)
        DO UPDATE SET debits = b.debits + EXCLUDED.debits, credits = b.credits + EXCLUDED.credits;
END;
$$;

-- Leases, and what tenants owe. A lease is one tenancy of a unit by one household or company, with all
-- of its renewals. What it says (terms, parties, scheduled charges) is kept as rows that are superseded and
-- never changed, so that what was known at any time can be read: a row was known from recorded_at until
-- superseded_at. What tenants are charged and pay is append-only, and booked in the property's book.

-- What an index of interest rates was on a day, such as SOFR. A value never changes.
CREATE TABLE financials.index_values (
    id          UUID NOT NULL DEFAULT gen_random_uuid(),
    rate_index  VARCHAR(50) NOT NULL,
    value_date  DATE NOT NULL,
    -- A fraction; an index may be below zero.
    value       NUMERIC(12,10) NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_index_values PRIMARY KEY (id),
    CONSTRAINT uk_index_values_rate_index_value_date UNIQUE (rate_index, value_date),
    CONSTRAINT chk_index_values_rate_index CHECK (rate_index <> ''),
    CONSTRAINT chk_index_values_value_date CHECK (isfinite(value_date)),
    CONSTRAINT chk_index_values_value CHECK (value BETWEEN -1 AND 1),
    CONSTRAINT chk_index_values_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.index_values IS 'Published values of interest rate indexes; append-only.';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.index_values
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.index_values
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.loan_rates (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    loan_id      UUID NOT NULL,
    effective_on DATE NOT NULL,
    -- The value that the rate was made of.
    index_date   DATE NOT NULL,
    index_value  NUMERIC(12,10) NOT NULL,
    annual_rate  NUMERIC(12,10) NOT NULL,
    recorded_by  UUID NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_loan_rates PRIMARY KEY (id),
    CONSTRAINT uk_loan_rates_loan_id_effective_on UNIQUE (loan_id, effective_on),
    CONSTRAINT fk_loan_rates_loan_id FOREIGN KEY (loan_id) REFERENCES financials.loans (id) ON DELETE RESTRICT,
    CONSTRAINT fk_loan_rates_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_loan_rates_effective_on CHECK (isfinite(effective_on)),
    CONSTRAINT chk_loan_rates_index_date CHECK (isfinite(index_date)),
    CONSTRAINT chk_loan_rates_index_value CHECK (index_value BETWEEN -1 AND 1),
    CONSTRAINT chk_loan_rates_annual_rate CHECK (annual_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_loan_rates_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.loan_rates IS 'Rates of loans that follow an index, from the day that each takes effect; append-only.';
CREATE INDEX idx_loan_rates_recorded_by ON financials.loan_rates (recorded_by);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.loan_rates
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.loan_rates
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.loan_entries (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    loan_id      UUID NOT NULL,
    kind         VARCHAR(20) NOT NULL,
    -- The money that moved is the sum of its parts.
    amount       NUMERIC(15,2) NOT NULL,
    principal    NUMERIC(15,2) NOT NULL DEFAULT 0,
    interest     NUMERIC(15,2) NOT NULL DEFAULT 0,
    escrow       NUMERIC(15,2) NOT NULL DEFAULT 0,
    fees         NUMERIC(15,2) NOT NULL DEFAULT 0,
    effective_on DATE NOT NULL,
    -- What escrow money paid for.
    purpose      VARCHAR(20),
    -- What a reversal undoes.
    of_id        UUID,
    -- In the property's book.
    journal_id   UUID NOT NULL,
    memo         VARCHAR(255),
    recorded_by  UUID NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_loan_entries PRIMARY KEY (id),
    CONSTRAINT uk_loan_entries_id_loan_id UNIQUE (id, loan_id),
    CONSTRAINT fk_loan_entries_loan_id FOREIGN KEY (loan_id) REFERENCES financials.loans (id) ON DELETE RESTRICT,
    CONSTRAINT fk_loan_entries_of_id FOREIGN KEY (of_id, loan_id) REFERENCES financials.loan_entries (id, loan_id),
    CONSTRAINT fk_loan_entries_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_loan_entries_kind CHECK (kind IN ('draw', 'payment', 'escrow_disbursement', 'payoff', 'reversal')),
    CONSTRAINT chk_loan_entries_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_loan_entries_parts CHECK (amount = principal + interest + escrow + fees),
    CONSTRAINT chk_loan_entries_principal CHECK (principal >= 0 AND principal < 'NaN'),
    CONSTRAINT chk_loan_entries_interest CHECK (interest >= 0 AND interest < 'NaN'),
    CONSTRAINT chk_loan_entries_escrow CHECK (escrow >= 0 AND escrow < 'NaN'),
    CONSTRAINT chk_loan_entries_fees CHECK (fees >= 0 AND fees < 'NaN'),
    CONSTRAINT chk_loan_entries_effective_on CHECK (isfinite(effective_on)),
    CONSTRAINT chk_loan_entries_purpose CHECK (purpose IN ('taxes', 'insurance', 'repairs', 'released')),
    CONSTRAINT chk_loan_entries_purposed CHECK ((kind = 'escrow_disbursement') >= (purpose IS NOT NULL)),
    CONSTRAINT chk_loan_entries_of CHECK ((kind = 'reversal') = (of_id IS NOT NULL)),
    CONSTRAINT chk_loan_entries_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.loan_entries IS 'What was drawn on loans and paid, and what went into and out of escrow; append-only.';
CREATE INDEX idx_loan_entries_loan_id_effective_on ON financials.loan_entries (loan_id, effective_on);
CREATE INDEX idx_loan_entries_recorded_by ON financials.loan_entries (recorded_by);
CREATE INDEX idx_loan_entries_of_id_loan_id ON financials.loan_entries (of_id, loan_id) WHERE of_id IS NOT NULL;
-- An entry is reversed once.
CREATE UNIQUE INDEX uk_loan_entries_reversal ON financials.loan_entries (of_id) WHERE kind = 'reversal';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.loan_entries
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.loan_entries
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.covenants (
    id            UUID NOT NULL DEFAULT gen_random_uuid(),
    loan_id       UUID NOT NULL,
    kind          VARCHAR(20) NOT NULL,
    -- The least DSCR or debt yield, the most loan to value.
    threshold     NUMERIC(18,10) NOT NULL,
    metric_basis  VARCHAR(10) NOT NULL DEFAULT 'noi',
    cure_days     INTEGER NOT NULL DEFAULT 0,
    starts_on     DATE NOT NULL,
    ends_on       DATE,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_covenants PRIMARY KEY (id),
    CONSTRAINT uk_covenants_loan_id_kind_starts_on UNIQUE (loan_id, kind, starts_on),
    CONSTRAINT fk_covenants_loan_id FOREIGN KEY (loan_id) REFERENCES financials.loans (id) ON DELETE RESTRICT,
    CONSTRAINT chk_covenants_kind CHECK (kind IN ('dscr', 'ltv', 'debt_yield')),
    CONSTRAINT chk_covenants_threshold CHECK (threshold > 0 AND threshold < 'NaN'),
    CONSTRAINT chk_covenants_metric_basis CHECK (metric_basis IN ('noi', 'ncf')),
    CONSTRAINT chk_covenants_cure_days CHECK (cure_days >= 0),
    CONSTRAINT chk_covenants_starts_on CHECK (isfinite(starts_on)),
    CONSTRAINT chk_covenants_ends_on CHECK (isfinite(ends_on)),
    CONSTRAINT chk_covenants_period CHECK (starts_on <= ends_on),
    CONSTRAINT chk_covenants_created_at CHECK (isfinite(created_at))
);
COMMENT ON TABLE financials.covenants IS 'What lenders ask of a loan''s coverage, value and yield.';

CREATE TABLE financials.covenant_tests (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    covenant_id    UUID NOT NULL,
    as_of_date     DATE NOT NULL,
    -- The figures of the day, and the ratio that they make; NULL is undefined.
    income         NUMERIC(15,2) NOT NULL,
    debt_service   NUMERIC(15,2) NOT NULL,
    balance        NUMERIC(15,2) NOT NULL,
    property_value NUMERIC(15,2),
    ratio          NUMERIC(18,10),
    status         VARCHAR(20) NOT NULL,
    -- Until when a breach may be cured, and how it ended.
    cure_by        DATE,
    ended_on       DATE,
    ended_by       UUID,
    reason         TEXT,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_covenant_tests PRIMARY KEY (id),
    CONSTRAINT uk_covenant_tests_covenant_id_as_of_date UNIQUE (covenant_id, as_of_date),
    CONSTRAINT fk_covenant_tests_covenant_id FOREIGN KEY (covenant_id) REFERENCES financials.covenants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_covenant_tests_ended_by FOREIGN KEY (ended_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_covenant_tests_as_of_date CHECK (isfinite(as_of_date)),
    CONSTRAINT chk_covenant_tests_income CHECK (income < 'NaN'),
    CONSTRAINT chk_covenant_tests_debt_service CHECK (debt_service < 'NaN'),
    CONSTRAINT chk_covenant_tests_balance CHECK (balance >= 0 AND balance < 'NaN'),
    CONSTRAINT chk_covenant_tests_property_value CHECK (property_value >= 0 AND property_value < 'NaN'),
    CONSTRAINT chk_covenant_tests_ratio CHECK (ratio < 'NaN'),
    CONSTRAINT chk_covenant_tests_status CHECK (status IN ('met', 'breached', 'cured', 'waived')),
    CONSTRAINT chk_covenant_tests_cure CHECK ((cure_by IS NOT NULL) = (status <> 'met')),
    CONSTRAINT chk_covenant_tests_end CHECK (num_nonnulls(ended_on, ended_by, reason) = CASE WHEN status IN ('cured', 'waived') THEN 3 ELSE 0 END),
    CONSTRAINT chk_covenant_tests_cure_by CHECK (isfinite(cure_by)),
    CONSTRAINT chk_covenant_tests_ended_on CHECK (isfinite(ended_on)),
    CONSTRAINT chk_covenant_tests_version CHECK (version >= 1),
    CONSTRAINT chk_covenant_tests_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_covenant_tests_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.covenant_tests IS 'What covenants came to as of a day, and how a breach ended.';
CREATE INDEX idx_covenant_tests_ended_by ON financials.covenant_tests (ended_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.covenant_tests
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.reserve_entries (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id  UUID NOT NULL,
    purpose      VARCHAR(50) NOT NULL,
    kind         VARCHAR(20) NOT NULL,
    amount       NUMERIC(15,2) NOT NULL,
    effective_on DATE NOT NULL,
    -- In the property's book.
    journal_id   UUID NOT NULL,
    memo         VARCHAR(255),
    recorded_by  UUID NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_reserve_entries PRIMARY KEY (id),
    CONSTRAINT fk_reserve_entries_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_reserve_entries_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_reserve_entries_purpose CHECK (purpose <> ''),
    CONSTRAINT chk_reserve_entries_kind CHECK (kind IN ('set_aside', 'released')),
    CONSTRAINT chk_reserve_entries_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_reserve_entries_effective_on CHECK (isfinite(effective_on)),
    CONSTRAINT chk_reserve_entries_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.reserve_entries IS 'Cash of properties that was set aside and released; append-only.';
CREATE INDEX idx_reserve_entries_property_id_purpose_effective_on ON financials.reserve_entries (property_id, purpose, effective_on);
CREATE INDEX idx_reserve_entries_recorded_by ON financials.reserve_entries (recorded_by);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.reserve_entries
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.reserve_entries
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE TABLE financials.worksheets (
    id                UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id       UUID NOT NULL,
    as_of_date        DATE NOT NULL,
    cash              NUMERIC(15,2) NOT NULL,
    deposits          NUMERIC(15,2) NOT NULL,
    reserves          NUMERIC(15,2) NOT NULL,
    reserves_required NUMERIC(15,2) NOT NULL,
    debt_service_due  NUMERIC(15,2) NOT NULL,
    minimum_cash      NUMERIC(15,2) NOT NULL,
    -- By the breach of a covenant.
    trapped           BOOLEAN NOT NULL,
    distributable     NUMERIC(15,2) NOT NULL,
    recorded_by       UUID NOT NULL,
    recorded_at       TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_worksheets PRIMARY KEY (id),
    -- The target of the composite foreign key that keeps a distribution with its property's worksheet.
    CONSTRAINT uk_worksheets_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_worksheets_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_worksheets_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_worksheets_as_of_date CHECK (isfinite(as_of_date)),
    CONSTRAINT chk_worksheets_cash CHECK (cash < 'NaN'),
    CONSTRAINT chk_worksheets_deposits CHECK (deposits < 'NaN'),
    CONSTRAINT chk_worksheets_reserves CHECK (reserves < 'NaN'),
    CONSTRAINT chk_worksheets_reserves_required CHECK (reserves_required >= 0 AND reserves_required < 'NaN'),
    CONSTRAINT chk_worksheets_debt_service_due CHECK (debt_service_due >= 0 AND debt_service_due < 'NaN'),
    CONSTRAINT chk_worksheets_minimum_cash CHECK (minimum_cash >= 0 AND minimum_cash < 'NaN'),
    CONSTRAINT chk_worksheets_distributable CHECK (distributable >= 0 AND distributable < 'NaN'),
    CONSTRAINT chk_worksheets_sum CHECK (distributable = CASE WHEN trapped THEN 0 ELSE GREATEST(0,
        cash - deposits - GREATEST(0, reserves_required - reserves) - debt_service_due - minimum_cash) END),
    CONSTRAINT chk_worksheets_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.worksheets IS 'What of a property''s cash may be distributed as of a day; append-only.';
CREATE INDEX idx_worksheets_property_id_as_of_date ON financials.worksheets (property_id, as_of_date);
CREATE INDEX idx_worksheets_recorded_by ON financials.worksheets (recorded_by);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.worksheets
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.worksheets
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

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
    CONSTRAINT uk_leases_id_property_id UNIQUE (id, property_id),
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
    -- Of the term whose termination it is the fee of.
    term_number   INTEGER,
    recorded_by   UUID NOT NULL,
    recorded_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    superseded_at TIMESTAMPTZ,

    CONSTRAINT pk_lease_charges PRIMARY KEY (id),
    CONSTRAINT fk_lease_charges_lease_id FOREIGN KEY (lease_id) REFERENCES financials.leases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_lease_charges_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_lease_charges_kind CHECK (kind IN ('rent', 'parking', 'pet', 'storage', 'utility', 'laundry', 'application', 'recovery',
        'percentage_rent', 'late_fee', 'returned_fee', 'damage', 'termination', 'other', 'concession', 'bad_debt', 'opening')),
    CONSTRAINT chk_lease_charges_amount CHECK (amount >= 0 AND amount < 'NaN'),
    CONSTRAINT chk_lease_charges_termination CHECK (term_number IS NULL OR term_number > 0 AND kind = 'termination' AND once),
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
    -- Carries the property, so that an entry cannot name another one than its lease.
    CONSTRAINT fk_lease_entries_lease_id FOREIGN KEY (lease_id, property_id) REFERENCES financials.leases (id, property_id),
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
CREATE INDEX idx_lease_entries_lease_id_property_id_effective_on ON financials.lease_entries (lease_id, property_id, effective_on);
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

-- Takes the name and the addresses of a tenant out, and their names out of the rent rolls; leases and money
-- stay. A roll out of leases names who was known to rent on its day when it was frozen. Of one that was
-- reported the days tell, or a name that the tenant had on those of the same unit. It tells how many rows of rent rolls it
-- changed. The caller judges whether the tenant may be erased.
CREATE FUNCTION financials.erase_tenant(tenant UUID, at TIMESTAMPTZ) RETURNS BIGINT
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    units UUID[];
    rows_of_days UUID[];
    rolls BIGINT;
BEGIN
    SELECT array_agg(DISTINCT l.unit_id) INTO units
    FROM financials.lease_parties p JOIN financials.leases l ON l.id = p.lease_id WHERE p.tenant_id = tenant;
    SELECT array_agg(r.id) INTO rows_of_days
    FROM financials.rent_roll r
    WHERE r.unit_id = ANY (units) AND r.tenant_name IS NOT NULL AND EXISTS (
        SELECT 1 FROM financials.lease_parties p JOIN financials.lease_terms t ON t.lease_id = p.lease_id
        WHERE p.tenant_id = tenant AND p.role = 'tenant' AND t.unit_id = r.unit_id
            AND GREATEST(t.starts_on, p.starts_on) <= r.as_of_date AND COALESCE(LEAST(t.last_day, p.ends_on) >= r.as_of_date, TRUE)
            AND CASE r.basis WHEN 'leases' THEN t.recorded_at <= r.created_at AND COALESCE(t.superseded_at > r.created_at, TRUE)
                    AND p.recorded_at <= r.created_at AND COALESCE(p.superseded_at > r.created_at, TRUE)
                ELSE t.superseded_at IS NULL AND p.superseded_at IS NULL END);
    UPDATE financials.rent_roll r SET tenant_name = NULL
    WHERE r.id = ANY (rows_of_days) OR r.unit_id = ANY (units) AND r.basis = 'reported' AND (EXISTS (
            SELECT 1 FROM financials.rent_roll d WHERE d.id = ANY (rows_of_days) AND d.unit_id = r.unit_id AND d.tenant_name = r.tenant_name)
        OR (SELECT n.name FROM financials.tenants n WHERE n.id = tenant) = ANY (string_to_array(r.tenant_name, ', ')));
    GET DIAGNOSTICS rolls = ROW_COUNT;
    UPDATE financials.tenants SET name = 'erased', email = NULL, phone = NULL, erased_at = COALESCE(erased_at, at), version = version + 1
        WHERE id = tenant AND erased_at IS NULL;
    RETURN rolls;
END;
$$;

-- What a property owes to others. A bill is approved by somebody else than who entered it, and booked in the
-- property's book when it is paid. Payments are append-only, and undone by returns.

CREATE TABLE financials.vendors (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    kind           VARCHAR(20) NOT NULL,
    name           VARCHAR(255) NOT NULL,
    email          VARCHAR(255),
    phone          VARCHAR(50),
    address        TEXT,
    user_id        UUID,
    -- What is paid is reported to the tax office, on form 1099.
    reported       BOOLEAN NOT NULL DEFAULT FALSE,
    tax_id         TEXT,
    tax_id_index   BYTEA,
    tax_id_last4   VARCHAR(4),
    -- The vendor's data were erased; bills and payments stay.
    erased_at      TIMESTAMPTZ,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_vendors PRIMARY KEY (id),
    CONSTRAINT fk_vendors_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_vendors_kind CHECK (kind IN ('person', 'company')),
    CONSTRAINT chk_vendors_name CHECK (name <> ''),
    CONSTRAINT chk_vendors_tax_id CHECK (tax_id ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    CONSTRAINT chk_vendors_blind_index CHECK ((tax_id IS NULL) = (tax_id_index IS NULL)),
    CONSTRAINT chk_vendors_tax_id_index CHECK (octet_length(tax_id_index) = 32),
    CONSTRAINT chk_vendors_tax_id_last4 CHECK (tax_id_last4 ~ '^[0-9A-Z]{1,4}$'),
    CONSTRAINT chk_vendors_erased_at CHECK (isfinite(erased_at)),
    CONSTRAINT chk_vendors_version CHECK (version >= 1),
    CONSTRAINT chk_vendors_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_vendors_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.vendors IS 'People and companies that properties buy from.';
CREATE INDEX idx_vendors_user_id ON financials.vendors (user_id);
CREATE INDEX idx_vendors_name_id ON financials.vendors (name, id);
CREATE INDEX idx_vendors_tax_id_index ON financials.vendors (tax_id_index);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.vendors
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.maintenance_requests (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id    UUID NOT NULL,
    unit_id        UUID,
    summary        VARCHAR(255) NOT NULL,
    details        TEXT,
    priority       VARCHAR(20) NOT NULL DEFAULT 'normal',
    status         VARCHAR(20) NOT NULL DEFAULT 'open',
    vendor_id      UUID,
    reported_on    DATE NOT NULL,
    scheduled_on   DATE,
    started_on     DATE,
    ended_on       DATE,
    estimated_cost NUMERIC(15,2),
    actual_cost    NUMERIC(15,2),
    -- Why it was cancelled.
    reason         TEXT,
    reported_by    UUID NOT NULL,
    version        BIGINT NOT NULL DEFAULT 1,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_maintenance_requests PRIMARY KEY (id),
    -- The target of the foreign key that keeps a bill at its request's property.
    CONSTRAINT uk_maintenance_requests_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_maintenance_requests_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_maintenance_requests_unit_id FOREIGN KEY (unit_id, property_id)
        REFERENCES properties.units (id, property_id),
    CONSTRAINT fk_maintenance_requests_vendor_id FOREIGN KEY (vendor_id) REFERENCES financials.vendors (id) ON DELETE RESTRICT,
    CONSTRAINT fk_maintenance_requests_reported_by FOREIGN KEY (reported_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_maintenance_requests_summary CHECK (summary <> ''),
    CONSTRAINT chk_maintenance_requests_priority CHECK (priority IN ('low', 'normal', 'high', 'emergency')),
    CONSTRAINT chk_maintenance_requests_status CHECK (status IN ('open', 'assigned', 'in_progress', 'completed', 'cancelled')),
    CONSTRAINT chk_maintenance_requests_state CHECK ((ended_on IS NOT NULL) = (status IN ('completed', 'cancelled'))
        AND (reason IS NOT NULL) = (status = 'cancelled') AND (status NOT IN ('assigned', 'in_progress') OR vendor_id IS NOT NULL)
        AND (status <> 'completed' OR actual_cost IS NOT NULL)),
    CONSTRAINT chk_maintenance_requests_days CHECK (reported_on <= started_on AND reported_on <= ended_on AND started_on <= ended_on),
    CONSTRAINT chk_maintenance_requests_reported_on CHECK (isfinite(reported_on)),
    CONSTRAINT chk_maintenance_requests_scheduled_on CHECK (isfinite(scheduled_on)),
    CONSTRAINT chk_maintenance_requests_started_on CHECK (isfinite(started_on)),
    CONSTRAINT chk_maintenance_requests_ended_on CHECK (isfinite(ended_on)),
    CONSTRAINT chk_maintenance_requests_estimated_cost CHECK (estimated_cost >= 0 AND estimated_cost < 'NaN'),
    CONSTRAINT chk_maintenance_requests_actual_cost CHECK (actual_cost >= 0 AND actual_cost < 'NaN'),
    CONSTRAINT chk_maintenance_requests_version CHECK (version >= 1),
    CONSTRAINT chk_maintenance_requests_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_maintenance_requests_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.maintenance_requests IS 'What is broken at a property, who repairs it, and what it cost.';
CREATE INDEX idx_maintenance_requests_property_id_status ON financials.maintenance_requests (property_id, status);
CREATE INDEX idx_maintenance_requests_unit_id_property_id ON financials.maintenance_requests (unit_id, property_id);
CREATE INDEX idx_maintenance_requests_vendor_id ON financials.maintenance_requests (vendor_id);
CREATE INDEX idx_maintenance_requests_reported_by ON financials.maintenance_requests (reported_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.maintenance_requests
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.bills (
    id          UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id UUID NOT NULL,
    vendor_id   UUID NOT NULL,
    request_id  UUID,
    -- The number that the vendor gave it.
    reference   VARCHAR(100),
    line        VARCHAR(30) NOT NULL,
    amount      NUMERIC(15,2) NOT NULL,
    billed_on   DATE NOT NULL,
    due_on      DATE NOT NULL,
    -- Its payments are reported to the tax office where the vendor's are.
    reported    BOOLEAN NOT NULL DEFAULT TRUE,
    memo        TEXT,
    status      VARCHAR(20) NOT NULL DEFAULT 'pending',
    entered_by  UUID NOT NULL,
    decided_by  UUID,
    decided_at  TIMESTAMPTZ,
    -- The day from which a bill that was taken back is owed no more.
    voided_on   DATE,
    version     BIGINT NOT NULL DEFAULT 1,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_bills PRIMARY KEY (id),
    CONSTRAINT uk_bills_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_bills_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_bills_vendor_id FOREIGN KEY (vendor_id) REFERENCES financials.vendors (id) ON DELETE RESTRICT,
    CONSTRAINT fk_bills_request_id FOREIGN KEY (request_id, property_id) REFERENCES financials.maintenance_requests (id, property_id),
    CONSTRAINT fk_bills_entered_by FOREIGN KEY (entered_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_bills_decided_by FOREIGN KEY (decided_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_bills_line CHECK (line IN ('property_management', 'maintenance_repairs', 'utilities', 'insurance', 'property_taxes',
        'payroll', 'advertising', 'legal_professional', 'landscaping', 'office_administrative', 'other_operating', 'capital_improvements')),
    CONSTRAINT chk_bills_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_bills_billed_on CHECK (isfinite(billed_on)),
    CONSTRAINT chk_bills_due_on CHECK (isfinite(due_on)),
    CONSTRAINT chk_bills_days CHECK (billed_on <= due_on),
    CONSTRAINT chk_bills_status CHECK (status IN ('pending', 'approved', 'rejected', 'voided')),
    CONSTRAINT chk_bills_decision CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'pending' THEN 0 ELSE 2 END),
    CONSTRAINT chk_bills_decided_at CHECK (isfinite(decided_at)),
    CONSTRAINT chk_bills_voided_on CHECK (isfinite(voided_on)),
    CONSTRAINT chk_bills_voided CHECK (CASE WHEN status = 'voided' THEN voided_on IS NOT NULL AND voided_on >= billed_on
        ELSE voided_on IS NULL END),
    CONSTRAINT chk_bills_version CHECK (version >= 1),
    CONSTRAINT chk_bills_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_bills_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE financials.bills IS 'What vendors ask of properties, with who entered it and who agreed.';
-- A vendor's number stands once, what was refused or taken back aside.
CREATE UNIQUE INDEX uk_bills_vendor_id_reference ON financials.bills (vendor_id, reference)
    WHERE reference IS NOT NULL AND status IN ('pending', 'approved');
CREATE INDEX idx_bills_property_id_due_on ON financials.bills (property_id, due_on);
CREATE INDEX idx_bills_vendor_id ON financials.bills (vendor_id);
CREATE INDEX idx_bills_request_id_property_id ON financials.bills (request_id, property_id);
CREATE INDEX idx_bills_entered_by ON financials.bills (entered_by);
CREATE INDEX idx_bills_decided_by ON financials.bills (decided_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON financials.bills
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE financials.bill_payments (
    id          UUID NOT NULL DEFAULT gen_random_uuid(),
    bill_id     UUID NOT NULL,
    property_id UUID NOT NULL,
    kind        VARCHAR(20) NOT NULL,
    amount      NUMERIC(15,2) NOT NULL,
    paid_on     DATE NOT NULL,
    -- The check, the transfer.
    reference   VARCHAR(100),
    -- The payment that a return undoes.
    of_id       UUID,
    journal_id  UUID NOT NULL,
    recorded_by UUID NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_bill_payments PRIMARY KEY (id),
    CONSTRAINT uk_bill_payments_id_bill_id UNIQUE (id, bill_id),
    CONSTRAINT fk_bill_payments_bill_id FOREIGN KEY (bill_id, property_id) REFERENCES financials.bills (id, property_id),
    CONSTRAINT fk_bill_payments_of_id FOREIGN KEY (of_id, bill_id) REFERENCES financials.bill_payments (id, bill_id),
    CONSTRAINT fk_bill_payments_recorded_by FOREIGN KEY (recorded_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_bill_payments_kind CHECK (kind IN ('payment', 'return')),
    CONSTRAINT chk_bill_payments_of CHECK ((kind = 'return') = (of_id IS NOT NULL)),
    CONSTRAINT chk_bill_payments_amount CHECK (amount > 0 AND amount < 'NaN'),
    CONSTRAINT chk_bill_payments_paid_on CHECK (isfinite(paid_on)),
    CONSTRAINT chk_bill_payments_recorded_at CHECK (isfinite(recorded_at))
);
COMMENT ON TABLE financials.bill_payments IS 'Payments of bills and their returns; append-only.';
CREATE INDEX idx_bill_payments_bill_id_property_id ON financials.bill_payments (bill_id, property_id);
CREATE INDEX idx_bill_payments_of_id_bill_id ON financials.bill_payments (of_id, bill_id) WHERE of_id IS NOT NULL;
CREATE INDEX idx_bill_payments_paid_on ON financials.bill_payments (paid_on);
CREATE INDEX idx_bill_payments_recorded_by ON financials.bill_payments (recorded_by);
-- A payment is returned once.
CREATE UNIQUE INDEX uk_bill_payments_return ON financials.bill_payments (of_id) WHERE kind = 'return';
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON financials.bill_payments
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON financials.bill_payments
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
