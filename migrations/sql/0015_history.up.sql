-- The past of the tables whose past matters: for each, a table of the same name with _history behind
-- it, filled by static triggers. Made by internal/historygen; a test keeps the columns equal.
--
-- A version is what a row said between two changes of its facts. The base row is the present version,
-- valid from its updated_at; a history row is a past version, valid from valid_from until just before
-- valid_to, which is the updated_at of the version that followed, or the time of the DELETE. These
-- are times of recording, not of any effect in the world, and a moment before the COMMIT that lets
-- others see them. op says what ended the version: U an update, D a delete. changed_by is the
-- setting freehold.actor of the transaction that ended it, and tx_id is that transaction.
--
-- Read as of T, exactly one version or none:
--
--     SELECT <columns> FROM s.t WHERE id = $1 AND updated_at <= T
--     UNION ALL
--     SELECT <columns> FROM s.t_history WHERE id = $1 AND valid_from <= T AND T < valid_to
--
-- An update that changes only caches (sums and counters kept elsewhere) or the version makes no
-- history and leaves updated_at as it was, so that the two halves always meet. The trigger that sees
-- to this has a name that sorts last, to judge the row as the other triggers leave it.
--
-- A line of a distribution that was paid straight away, which nearly all are, makes no history by it: a
-- first change from pending to completed, at the first attempt, of a net amount above zero, with nothing
-- changed but the facts of the payment. What it said before is the same with nothing of a payment, from
-- its created_at until the payment; when that was recorded and by whom stands in its journal and its
-- transaction. Every other change of it (sent to the bank, failed, tried again, billed, reversed) makes
-- history as that of any row, and so does everything behind the payment. The statement that reads such a
-- row as of T stands below its triggers.
--
-- No role may insert into a history: its trigger function writes with the owner's rights, and for its own
-- table alone. On another, whose columns and types its owner chooses, it would run that owner's code.

-- Puts updated_at back after an update that changed no fact.
CREATE FUNCTION freehold.keep_updated_at() RETURNS TRIGGER
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := OLD.updated_at;
    RETURN NEW;
END;
$$;
REVOKE ALL ON FUNCTION freehold.keep_updated_at() FROM PUBLIC;

CREATE TABLE users.verifications_history (
    id                UUID NOT NULL,
    user_id           UUID,
    type              VARCHAR(50),
    status            VARCHAR(20),
    method            VARCHAR(50),
    provider          VARCHAR(50),
    verification_data TEXT,
    documents         JSONB,
    rejection_reason  TEXT,
    expires_at        TIMESTAMPTZ,
    submitted_at      TIMESTAMPTZ,
    reviewed_at       TIMESTAMPTZ,
    reviewed_by       UUID,
    created_at        TIMESTAMPTZ,
    updated_at        TIMESTAMPTZ,
    valid_from        TIMESTAMPTZ NOT NULL,
    valid_to          TIMESTAMPTZ NOT NULL,
    op                CHAR(1) NOT NULL,
    changed_by        TEXT,
    tx_id             BIGINT NOT NULL,

    CONSTRAINT pk_verifications_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_verifications_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_verifications_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_verifications_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_verifications_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE users.verifications_history IS
    'Past versions of users.verifications; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON users.verifications_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON users.verifications_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON users.verifications_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION users.record_verifications_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'users.verifications'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO users.verifications_history (
        id, user_id, type, status, method, provider, verification_data, documents, rejection_reason, expires_at,
        submitted_at, reviewed_at, reviewed_by, created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.user_id, OLD.type, OLD.status, OLD.method, OLD.provider, OLD.verification_data, OLD.documents,
        OLD.rejection_reason, OLD.expires_at, OLD.submitted_at, OLD.reviewed_at, OLD.reviewed_by, OLD.created_at,
        OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION users.record_verifications_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON users.verifications
    FOR EACH ROW WHEN ((
        NEW.user_id, NEW.type, NEW.status, NEW.method, NEW.provider, NEW.verification_data, NEW.documents,
        NEW.rejection_reason, NEW.expires_at, NEW.submitted_at, NEW.reviewed_at, NEW.reviewed_by)
        IS NOT DISTINCT FROM (
        OLD.user_id, OLD.type, OLD.status, OLD.method, OLD.provider, OLD.verification_data, OLD.documents,
        OLD.rejection_reason, OLD.expires_at, OLD.submitted_at, OLD.reviewed_at, OLD.reviewed_by))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON users.verifications
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION users.record_verifications_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON users.verifications
    FOR EACH ROW EXECUTE FUNCTION users.record_verifications_history();

CREATE TABLE properties.properties_history (
    id                     UUID NOT NULL,
    property_name          VARCHAR(255),
    slug                   VARCHAR(255),
    property_type          VARCHAR(50),
    address_line1          VARCHAR(255),
    address_line2          VARCHAR(255),
    city                   VARCHAR(100),
    state                  VARCHAR(50),
    zip_code               VARCHAR(20),
    country                VARCHAR(50),
    currency               VARCHAR(3),
    latitude               NUMERIC(10,8),
    longitude              NUMERIC(11,8),
    location               geography(Point,4326),
    year_built             INTEGER,
    last_renovated         INTEGER,
    total_units            INTEGER,
    total_buildings        INTEGER,
    total_sqft             INTEGER,
    lot_size_acres         NUMERIC(10,4),
    parking_spaces         INTEGER,
    property_class         VARCHAR(10),
    property_subtype       VARCHAR(50),
    purchase_price         NUMERIC(15,2),
    purchase_date          DATE,
    current_valuation      NUMERIC(15,2),
    valuation_date         DATE,
    target_irr             NUMERIC(9,6),
    target_cash_on_cash    NUMERIC(9,6),
    status                 VARCHAR(20),
    acquisition_status     VARCHAR(20),
    occupancy_rate         NUMERIC(9,6),
    management_company     VARCHAR(255),
    property_manager_name  VARCHAR(255),
    property_manager_phone VARCHAR(20),
    property_manager_email VARCHAR(255),
    investment_open        BOOLEAN,
    minimum_investment     NUMERIC(15,2),
    maximum_investment     NUMERIC(15,2),
    target_raise           NUMERIC(15,2),
    amount_raised          NUMERIC(15,2),
    investor_count         INTEGER,
    amenities              TEXT[],
    features               JSONB,
    utilities_included     TEXT[],
    pet_policy             VARCHAR(255),
    market_name            VARCHAR(100),
    submarket_name         VARCHAR(100),
    walk_score             INTEGER,
    transit_score          INTEGER,
    bike_score             INTEGER,
    description            TEXT,
    investment_thesis      TEXT,
    executive_summary      TEXT,
    version                BIGINT,
    created_at             TIMESTAMPTZ,
    updated_at             TIMESTAMPTZ,
    deleted_at             TIMESTAMPTZ,
    valid_from             TIMESTAMPTZ NOT NULL,
    valid_to               TIMESTAMPTZ NOT NULL,
    op                     CHAR(1) NOT NULL,
    changed_by             TEXT,
    tx_id                  BIGINT NOT NULL,

    CONSTRAINT pk_properties_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_properties_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_properties_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_properties_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_properties_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE properties.properties_history IS
    'Past versions of properties.properties; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON properties.properties_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON properties.properties_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON properties.properties_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION properties.record_properties_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'properties.properties'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO properties.properties_history (
        id, property_name, slug, property_type, address_line1, address_line2, city, state, zip_code, country,
        currency, latitude, longitude, location, year_built, last_renovated, total_units, total_buildings,
        total_sqft, lot_size_acres, parking_spaces, property_class, property_subtype, purchase_price, purchase_date,
        current_valuation, valuation_date, target_irr, target_cash_on_cash, status, acquisition_status,
        occupancy_rate, management_company, property_manager_name, property_manager_phone, property_manager_email,
        investment_open, minimum_investment, maximum_investment, target_raise, amount_raised, investor_count,
        amenities, features, utilities_included, pet_policy, market_name, submarket_name, walk_score, transit_score,
        bike_score, description, investment_thesis, executive_summary, version, created_at, updated_at, deleted_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_name, OLD.slug, OLD.property_type, OLD.address_line1, OLD.address_line2, OLD.city,
        OLD.state, OLD.zip_code, OLD.country, OLD.currency, OLD.latitude, OLD.longitude, OLD.location,
        OLD.year_built, OLD.last_renovated, OLD.total_units, OLD.total_buildings, OLD.total_sqft,
        OLD.lot_size_acres, OLD.parking_spaces, OLD.property_class, OLD.property_subtype, OLD.purchase_price,
        OLD.purchase_date, OLD.current_valuation, OLD.valuation_date, OLD.target_irr, OLD.target_cash_on_cash,
        OLD.status, OLD.acquisition_status, OLD.occupancy_rate, OLD.management_company, OLD.property_manager_name,
        OLD.property_manager_phone, OLD.property_manager_email, OLD.investment_open, OLD.minimum_investment,
        OLD.maximum_investment, OLD.target_raise, OLD.amount_raised, OLD.investor_count, OLD.amenities,
        OLD.features, OLD.utilities_included, OLD.pet_policy, OLD.market_name, OLD.submarket_name, OLD.walk_score,
        OLD.transit_score, OLD.bike_score, OLD.description, OLD.investment_thesis, OLD.executive_summary,
        OLD.version, OLD.created_at, OLD.updated_at, OLD.deleted_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION properties.record_properties_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON properties.properties
    FOR EACH ROW WHEN ((
        NEW.property_name, NEW.slug, NEW.property_type, NEW.address_line1, NEW.address_line2, NEW.city, NEW.state,
        NEW.zip_code, NEW.country, NEW.currency, NEW.latitude, NEW.longitude, NEW.location::text, NEW.year_built,
        NEW.last_renovated, NEW.total_units, NEW.total_buildings, NEW.total_sqft, NEW.lot_size_acres,
        NEW.parking_spaces, NEW.property_class, NEW.property_subtype, NEW.purchase_price, NEW.purchase_date,
        NEW.current_valuation, NEW.valuation_date, NEW.target_irr, NEW.target_cash_on_cash, NEW.status,
        NEW.acquisition_status, NEW.management_company, NEW.property_manager_name, NEW.property_manager_phone,
        NEW.property_manager_email, NEW.amenities, NEW.features, NEW.utilities_included, NEW.pet_policy,
        NEW.market_name, NEW.submarket_name, NEW.walk_score, NEW.transit_score, NEW.bike_score, NEW.description,
        NEW.investment_thesis, NEW.executive_summary, NEW.deleted_at)
        IS NOT DISTINCT FROM (
        OLD.property_name, OLD.slug, OLD.property_type, OLD.address_line1, OLD.address_line2, OLD.city, OLD.state,
        OLD.zip_code, OLD.country, OLD.currency, OLD.latitude, OLD.longitude, OLD.location::text, OLD.year_built,
        OLD.last_renovated, OLD.total_units, OLD.total_buildings, OLD.total_sqft, OLD.lot_size_acres,
        OLD.parking_spaces, OLD.property_class, OLD.property_subtype, OLD.purchase_price, OLD.purchase_date,
        OLD.current_valuation, OLD.valuation_date, OLD.target_irr, OLD.target_cash_on_cash, OLD.status,
        OLD.acquisition_status, OLD.management_company, OLD.property_manager_name, OLD.property_manager_phone,
        OLD.property_manager_email, OLD.amenities, OLD.features, OLD.utilities_included, OLD.pet_policy,
        OLD.market_name, OLD.submarket_name, OLD.walk_score, OLD.transit_score, OLD.bike_score, OLD.description,
        OLD.investment_thesis, OLD.executive_summary, OLD.deleted_at))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON properties.properties
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION properties.record_properties_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON properties.properties
    FOR EACH ROW EXECUTE FUNCTION properties.record_properties_history();

CREATE TABLE properties.units_history (
    id                        UUID NOT NULL,
    property_id               UUID,
    unit_number               VARCHAR(20),
    building_number           VARCHAR(20),
    floor                     INTEGER,
    unit_type                 VARCHAR(50),
    bedrooms                  INTEGER,
    bathrooms                 NUMERIC(3,1),
    sqft                      INTEGER,
    current_rent              NUMERIC(15,2),
    market_rent               NUMERIC(15,2),
    last_rent_increase        DATE,
    occupancy_status          VARCHAR(20),
    occupancy_basis           VARCHAR(20),
    occupancy_as_of           DATE,
    lease_start_date          DATE,
    lease_end_date            DATE,
    move_in_date              DATE,
    notice_date               DATE,
    condition_rating          INTEGER,
    last_inspection_date      DATE,
    renovation_status         VARCHAR(20),
    renovation_completed_date DATE,
    appliances                TEXT[],
    flooring_type             VARCHAR(50),
    has_balcony               BOOLEAN,
    has_patio                 BOOLEAN,
    view_type                 VARCHAR(50),
    notes                     TEXT,
    version                   BIGINT,
    created_at                TIMESTAMPTZ,
    updated_at                TIMESTAMPTZ,
    valid_from                TIMESTAMPTZ NOT NULL,
    valid_to                  TIMESTAMPTZ NOT NULL,
    op                        CHAR(1) NOT NULL,
    changed_by                TEXT,
    tx_id                     BIGINT NOT NULL,

    CONSTRAINT pk_units_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_units_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_units_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_units_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_units_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE properties.units_history IS
    'Past versions of properties.units; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON properties.units_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON properties.units_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON properties.units_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION properties.record_units_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'properties.units'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO properties.units_history (
        id, property_id, unit_number, building_number, floor, unit_type, bedrooms, bathrooms, sqft, current_rent,
        market_rent, last_rent_increase, occupancy_status, occupancy_basis, occupancy_as_of, lease_start_date,
        lease_end_date, move_in_date, notice_date, condition_rating, last_inspection_date, renovation_status,
        renovation_completed_date, appliances, flooring_type, has_balcony, has_patio, view_type, notes, version,
        created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.unit_number, OLD.building_number, OLD.floor, OLD.unit_type, OLD.bedrooms,
        OLD.bathrooms, OLD.sqft, OLD.current_rent, OLD.market_rent, OLD.last_rent_increase, OLD.occupancy_status,
        OLD.occupancy_basis, OLD.occupancy_as_of, OLD.lease_start_date, OLD.lease_end_date, OLD.move_in_date,
        OLD.notice_date, OLD.condition_rating, OLD.last_inspection_date, OLD.renovation_status,
        OLD.renovation_completed_date, OLD.appliances, OLD.flooring_type, OLD.has_balcony, OLD.has_patio,
        OLD.view_type, OLD.notes, OLD.version, OLD.created_at, OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION properties.record_units_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON properties.units
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.unit_number, NEW.building_number, NEW.floor, NEW.unit_type, NEW.bedrooms,
        NEW.bathrooms, NEW.sqft, NEW.current_rent, NEW.market_rent, NEW.last_rent_increase, NEW.occupancy_status,
        NEW.occupancy_basis, NEW.lease_start_date, NEW.lease_end_date, NEW.move_in_date, NEW.notice_date,
        NEW.condition_rating, NEW.last_inspection_date, NEW.renovation_status, NEW.renovation_completed_date,
        NEW.appliances, NEW.flooring_type, NEW.has_balcony, NEW.has_patio, NEW.view_type, NEW.notes)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.unit_number, OLD.building_number, OLD.floor, OLD.unit_type, OLD.bedrooms,
        OLD.bathrooms, OLD.sqft, OLD.current_rent, OLD.market_rent, OLD.last_rent_increase, OLD.occupancy_status,
        OLD.occupancy_basis, OLD.lease_start_date, OLD.lease_end_date, OLD.move_in_date, OLD.notice_date,
        OLD.condition_rating, OLD.last_inspection_date, OLD.renovation_status, OLD.renovation_completed_date,
        OLD.appliances, OLD.flooring_type, OLD.has_balcony, OLD.has_patio, OLD.view_type, OLD.notes))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON properties.units
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION properties.record_units_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON properties.units
    FOR EACH ROW EXECUTE FUNCTION properties.record_units_history();

CREATE TABLE renovations.projects_history (
    id                      UUID NOT NULL,
    property_id             UUID,
    project_name            VARCHAR(255),
    project_type            VARCHAR(50),
    planned_start_date      DATE,
    actual_start_date       DATE,
    planned_end_date        DATE,
    actual_end_date         DATE,
    estimated_cost          NUMERIC(15,2),
    approved_budget         NUMERIC(15,2),
    actual_cost             NUMERIC(15,2),
    scope_description       TEXT,
    units_affected          INTEGER,
    common_areas_affected   TEXT[],
    status                  VARCHAR(20),
    status_reason           TEXT,
    completion_percentage   INTEGER,
    projected_noi_increase  NUMERIC(15,2),
    projected_rent_increase NUMERIC(15,2),
    actual_noi_increase     NUMERIC(15,2),
    actual_rent_increase    NUMERIC(15,2),
    version                 BIGINT,
    created_at              TIMESTAMPTZ,
    updated_at              TIMESTAMPTZ,
    valid_from              TIMESTAMPTZ NOT NULL,
    valid_to                TIMESTAMPTZ NOT NULL,
    op                      CHAR(1) NOT NULL,
    changed_by              TEXT,
    tx_id                   BIGINT NOT NULL,

    CONSTRAINT pk_projects_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_projects_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_projects_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_projects_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_projects_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE renovations.projects_history IS
    'Past versions of renovations.projects; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON renovations.projects_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON renovations.projects_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON renovations.projects_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION renovations.record_projects_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'renovations.projects'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO renovations.projects_history (
        id, property_id, project_name, project_type, planned_start_date, actual_start_date, planned_end_date,
        actual_end_date, estimated_cost, approved_budget, actual_cost, scope_description, units_affected,
        common_areas_affected, status, status_reason, completion_percentage, projected_noi_increase,
        projected_rent_increase, actual_noi_increase, actual_rent_increase, version, created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.project_name, OLD.project_type, OLD.planned_start_date, OLD.actual_start_date,
        OLD.planned_end_date, OLD.actual_end_date, OLD.estimated_cost, OLD.approved_budget, OLD.actual_cost,
        OLD.scope_description, OLD.units_affected, OLD.common_areas_affected, OLD.status, OLD.status_reason,
        OLD.completion_percentage, OLD.projected_noi_increase, OLD.projected_rent_increase, OLD.actual_noi_increase,
        OLD.actual_rent_increase, OLD.version, OLD.created_at, OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION renovations.record_projects_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON renovations.projects
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.project_name, NEW.project_type, NEW.planned_start_date, NEW.actual_start_date,
        NEW.planned_end_date, NEW.actual_end_date, NEW.estimated_cost, NEW.approved_budget, NEW.actual_cost,
        NEW.scope_description, NEW.units_affected, NEW.common_areas_affected, NEW.status, NEW.status_reason,
        NEW.completion_percentage, NEW.projected_noi_increase, NEW.projected_rent_increase, NEW.actual_noi_increase,
        NEW.actual_rent_increase)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.project_name, OLD.project_type, OLD.planned_start_date, OLD.actual_start_date,
        OLD.planned_end_date, OLD.actual_end_date, OLD.estimated_cost, OLD.approved_budget, OLD.actual_cost,
        OLD.scope_description, OLD.units_affected, OLD.common_areas_affected, OLD.status, OLD.status_reason,
        OLD.completion_percentage, OLD.projected_noi_increase, OLD.projected_rent_increase, OLD.actual_noi_increase,
        OLD.actual_rent_increase))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON renovations.projects
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION renovations.record_projects_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON renovations.projects
    FOR EACH ROW EXECUTE FUNCTION renovations.record_projects_history();

CREATE TABLE market.property_valuations_history (
    id                UUID NOT NULL,
    property_id       UUID,
    valuation_date    DATE,
    valuation_type    VARCHAR(50),
    valuation_amount  NUMERIC(15,2),
    valuation_method  VARCHAR(50),
    cap_rate_used     NUMERIC(9,6),
    noi_used          NUMERIC(15,2),
    comparable_sales  JSONB,
    appraiser_name    VARCHAR(255),
    appraiser_license VARCHAR(100),
    report_url        VARCHAR(500),
    version           BIGINT,
    created_at        TIMESTAMPTZ,
    updated_at        TIMESTAMPTZ,
    valid_from        TIMESTAMPTZ NOT NULL,
    valid_to          TIMESTAMPTZ NOT NULL,
    op                CHAR(1) NOT NULL,
    changed_by        TEXT,
    tx_id             BIGINT NOT NULL,

    CONSTRAINT pk_property_valuations_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_property_valuations_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_property_valuations_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_property_valuations_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_property_valuations_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE market.property_valuations_history IS
    'Past versions of market.property_valuations; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON market.property_valuations_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON market.property_valuations_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON market.property_valuations_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION market.record_property_valuations_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'market.property_valuations'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO market.property_valuations_history (
        id, property_id, valuation_date, valuation_type, valuation_amount, valuation_method, cap_rate_used,
        noi_used, comparable_sales, appraiser_name, appraiser_license, report_url, version, created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.valuation_date, OLD.valuation_type, OLD.valuation_amount, OLD.valuation_method,
        OLD.cap_rate_used, OLD.noi_used, OLD.comparable_sales, OLD.appraiser_name, OLD.appraiser_license,
        OLD.report_url, OLD.version, OLD.created_at, OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION market.record_property_valuations_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON market.property_valuations
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.valuation_date, NEW.valuation_type, NEW.valuation_amount, NEW.valuation_method,
        NEW.cap_rate_used, NEW.noi_used, NEW.comparable_sales, NEW.appraiser_name, NEW.appraiser_license,
        NEW.report_url)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.valuation_date, OLD.valuation_type, OLD.valuation_amount, OLD.valuation_method,
        OLD.cap_rate_used, OLD.noi_used, OLD.comparable_sales, OLD.appraiser_name, OLD.appraiser_license,
        OLD.report_url))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON market.property_valuations
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION market.record_property_valuations_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON market.property_valuations
    FOR EACH ROW EXECUTE FUNCTION market.record_property_valuations_history();

CREATE TABLE investments.opportunities_history (
    id                   UUID NOT NULL,
    property_id          UUID,
    name                 VARCHAR(255),
    slug                 VARCHAR(255),
    description          TEXT,
    executive_summary    TEXT,
    status               VARCHAR(20),
    open_date            DATE,
    close_date           DATE,
    minimum_investment   NUMERIC(15,2),
    maximum_investment   NUMERIC(15,2),
    minimum_raise        NUMERIC(15,2),
    target_raise         NUMERIC(15,2),
    hard_cap             NUMERIC(15,2),
    currency             VARCHAR(3),
    units_offered        NUMERIC(20,6),
    committed_amount     NUMERIC(15,2),
    amount_raised        NUMERIC(15,2),
    investor_count       INTEGER,
    next_waitlist_number INTEGER,
    distributed_through  DATE,
    late_changes         BIGINT,
    book_id              UUID,
    cash_complete        BOOLEAN,
    version              BIGINT,
    created_at           TIMESTAMPTZ,
    updated_at           TIMESTAMPTZ,
    deleted_at           TIMESTAMPTZ,
    valid_from           TIMESTAMPTZ NOT NULL,
    valid_to             TIMESTAMPTZ NOT NULL,
    op                   CHAR(1) NOT NULL,
    changed_by           TEXT,
    tx_id                BIGINT NOT NULL,

    CONSTRAINT pk_opportunities_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_opportunities_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_opportunities_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_opportunities_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_opportunities_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE investments.opportunities_history IS
    'Past versions of investments.opportunities; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON investments.opportunities_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.opportunities_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.opportunities_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION investments.record_opportunities_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'investments.opportunities'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO investments.opportunities_history (
        id, property_id, name, slug, description, executive_summary, status, open_date, close_date,
        minimum_investment, maximum_investment, minimum_raise, target_raise, hard_cap, currency, units_offered,
        committed_amount, amount_raised, investor_count, next_waitlist_number, distributed_through, late_changes,
        book_id, cash_complete, version, created_at, updated_at, deleted_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.name, OLD.slug, OLD.description, OLD.executive_summary, OLD.status,
        OLD.open_date, OLD.close_date, OLD.minimum_investment, OLD.maximum_investment, OLD.minimum_raise,
        OLD.target_raise, OLD.hard_cap, OLD.currency, OLD.units_offered, OLD.committed_amount, OLD.amount_raised,
        OLD.investor_count, OLD.next_waitlist_number, OLD.distributed_through, OLD.late_changes, OLD.book_id,
        OLD.cash_complete, OLD.version, OLD.created_at, OLD.updated_at, OLD.deleted_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION investments.record_opportunities_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON investments.opportunities
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.name, NEW.slug, NEW.description, NEW.executive_summary, NEW.status, NEW.open_date,
        NEW.close_date, NEW.minimum_investment, NEW.maximum_investment, NEW.minimum_raise, NEW.target_raise,
        NEW.hard_cap, NEW.currency, NEW.units_offered, NEW.book_id, NEW.cash_complete, NEW.deleted_at)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.name, OLD.slug, OLD.description, OLD.executive_summary, OLD.status, OLD.open_date,
        OLD.close_date, OLD.minimum_investment, OLD.maximum_investment, OLD.minimum_raise, OLD.target_raise,
        OLD.hard_cap, OLD.currency, OLD.units_offered, OLD.book_id, OLD.cash_complete, OLD.deleted_at))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON investments.opportunities
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION investments.record_opportunities_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON investments.opportunities
    FOR EACH ROW EXECUTE FUNCTION investments.record_opportunities_history();

CREATE TABLE investments.property_investments_history (
    id                         UUID NOT NULL,
    property_id                UUID,
    opportunity_id             UUID,
    investor_id                UUID,
    account_id                 UUID,
    investment_amount          NUMERIC(15,2),
    ownership_percentage       NUMERIC(12,10),
    share_class                VARCHAR(50),
    units                      NUMERIC(20,6),
    currency                   VARCHAR(3),
    commitment_date            DATE,
    funding_date               DATE,
    expected_exit_date         DATE,
    actual_exit_date           DATE,
    status                     VARCHAR(20),
    total_distributions        NUMERIC(15,2),
    total_returns              NUMERIC(15,2),
    realized_gains             NUMERIC(15,2),
    unrealized_gains           NUMERIC(15,2),
    subscription_agreement_url VARCHAR(500),
    operating_agreement_url    VARCHAR(500),
    k1_documents               JSONB,
    version                    BIGINT,
    created_at                 TIMESTAMPTZ,
    updated_at                 TIMESTAMPTZ,
    deleted_at                 TIMESTAMPTZ,
    valid_from                 TIMESTAMPTZ NOT NULL,
    valid_to                   TIMESTAMPTZ NOT NULL,
    op                         CHAR(1) NOT NULL,
    changed_by                 TEXT,
    tx_id                      BIGINT NOT NULL,

    CONSTRAINT pk_property_investments_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_property_investments_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_property_investments_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_property_investments_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_property_investments_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE investments.property_investments_history IS
    'Past versions of investments.property_investments; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON investments.property_investments_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.property_investments_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.property_investments_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION investments.record_property_investments_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'investments.property_investments'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO investments.property_investments_history (
        id, property_id, opportunity_id, investor_id, account_id, investment_amount, ownership_percentage,
        share_class, units, currency, commitment_date, funding_date, expected_exit_date, actual_exit_date, status,
        total_distributions, total_returns, realized_gains, unrealized_gains, subscription_agreement_url,
        operating_agreement_url, k1_documents, version, created_at, updated_at, deleted_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.opportunity_id, OLD.investor_id, OLD.account_id, OLD.investment_amount,
        OLD.ownership_percentage, OLD.share_class, OLD.units, OLD.currency, OLD.commitment_date, OLD.funding_date,
        OLD.expected_exit_date, OLD.actual_exit_date, OLD.status, OLD.total_distributions, OLD.total_returns,
        OLD.realized_gains, OLD.unrealized_gains, OLD.subscription_agreement_url, OLD.operating_agreement_url,
        OLD.k1_documents, OLD.version, OLD.created_at, OLD.updated_at, OLD.deleted_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION investments.record_property_investments_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON investments.property_investments
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.opportunity_id, NEW.investor_id, NEW.account_id, NEW.investment_amount,
        NEW.share_class, NEW.units, NEW.currency, NEW.commitment_date, NEW.funding_date, NEW.expected_exit_date,
        NEW.actual_exit_date, NEW.status, NEW.subscription_agreement_url, NEW.operating_agreement_url,
        NEW.k1_documents, NEW.deleted_at)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.opportunity_id, OLD.investor_id, OLD.account_id, OLD.investment_amount,
        OLD.share_class, OLD.units, OLD.currency, OLD.commitment_date, OLD.funding_date, OLD.expected_exit_date,
        OLD.actual_exit_date, OLD.status, OLD.subscription_agreement_url, OLD.operating_agreement_url,
        OLD.k1_documents, OLD.deleted_at))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON investments.property_investments
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION investments.record_property_investments_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON investments.property_investments
    FOR EACH ROW EXECUTE FUNCTION investments.record_property_investments_history();

CREATE TABLE investments.distributions_history (
    id                     UUID NOT NULL,
    property_id            UUID,
    opportunity_id         UUID,
    distribution_type      VARCHAR(50),
    type                   VARCHAR(50),
    distribution_date      DATE,
    payment_date           DATE,
    record_date            DATE,
    total_amount           NUMERIC(15,2),
    currency               VARCHAR(3),
    per_unit_amount        NUMERIC(20,10),
    per_share_amount       NUMERIC(20,10),
    calculation_method     VARCHAR(50),
    terms_id               UUID,
    status                 VARCHAR(20),
    status_reason          TEXT,
    processed_date         TIMESTAMPTZ,
    processed_at           TIMESTAMPTZ,
    property_noi           NUMERIC(15,2),
    expense_ratio          NUMERIC(18,10),
    notes                  TEXT,
    created_by             UUID,
    approved_by            UUID,
    approved_at            TIMESTAMPTZ,
    corrects_id            UUID,
    worksheet_id           UUID,
    declaration_journal_id UUID,
    reversal_journal_id    UUID,
    reversed_at            TIMESTAMPTZ,
    version                BIGINT,
    created_at             TIMESTAMPTZ,
    updated_at             TIMESTAMPTZ,
    valid_from             TIMESTAMPTZ NOT NULL,
    valid_to               TIMESTAMPTZ NOT NULL,
    op                     CHAR(1) NOT NULL,
    changed_by             TEXT,
    tx_id                  BIGINT NOT NULL,

    CONSTRAINT pk_distributions_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_distributions_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_distributions_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_distributions_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_distributions_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE investments.distributions_history IS
    'Past versions of investments.distributions; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON investments.distributions_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.distributions_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.distributions_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION investments.record_distributions_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'investments.distributions'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO investments.distributions_history (
        id, property_id, opportunity_id, distribution_type, type, distribution_date, payment_date, record_date,
        total_amount, currency, per_unit_amount, per_share_amount, calculation_method, terms_id, status,
        status_reason, processed_date, processed_at, property_noi, expense_ratio, notes, created_by, approved_by,
        approved_at, corrects_id, worksheet_id, declaration_journal_id, reversal_journal_id, reversed_at, version,
        created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.property_id, OLD.opportunity_id, OLD.distribution_type, OLD.type, OLD.distribution_date,
        OLD.payment_date, OLD.record_date, OLD.total_amount, OLD.currency, OLD.per_unit_amount,
        OLD.per_share_amount, OLD.calculation_method, OLD.terms_id, OLD.status, OLD.status_reason,
        OLD.processed_date, OLD.processed_at, OLD.property_noi, OLD.expense_ratio, OLD.notes, OLD.created_by,
        OLD.approved_by, OLD.approved_at, OLD.corrects_id, OLD.worksheet_id, OLD.declaration_journal_id,
        OLD.reversal_journal_id, OLD.reversed_at, OLD.version, OLD.created_at, OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION investments.record_distributions_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON investments.distributions
    FOR EACH ROW WHEN ((
        NEW.property_id, NEW.opportunity_id, NEW.distribution_type, NEW.type, NEW.distribution_date,
        NEW.payment_date, NEW.record_date, NEW.total_amount, NEW.currency, NEW.per_unit_amount,
        NEW.per_share_amount, NEW.calculation_method, NEW.terms_id, NEW.status, NEW.status_reason,
        NEW.processed_date, NEW.processed_at, NEW.property_noi, NEW.expense_ratio, NEW.notes, NEW.created_by,
        NEW.approved_by, NEW.approved_at, NEW.corrects_id, NEW.worksheet_id, NEW.declaration_journal_id,
        NEW.reversal_journal_id, NEW.reversed_at)
        IS NOT DISTINCT FROM (
        OLD.property_id, OLD.opportunity_id, OLD.distribution_type, OLD.type, OLD.distribution_date,
        OLD.payment_date, OLD.record_date, OLD.total_amount, OLD.currency, OLD.per_unit_amount,
        OLD.per_share_amount, OLD.calculation_method, OLD.terms_id, OLD.status, OLD.status_reason,
        OLD.processed_date, OLD.processed_at, OLD.property_noi, OLD.expense_ratio, OLD.notes, OLD.created_by,
        OLD.approved_by, OLD.approved_at, OLD.corrects_id, OLD.worksheet_id, OLD.declaration_journal_id,
        OLD.reversal_journal_id, OLD.reversed_at))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON investments.distributions
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION investments.record_distributions_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON investments.distributions
    FOR EACH ROW EXECUTE FUNCTION investments.record_distributions_history();

CREATE TABLE investments.investor_distributions_history (
    id                  UUID NOT NULL,
    distribution_id     UUID,
    property_id         UUID,
    investor_id         UUID,
    account_id          UUID,
    investment_id       UUID,
    role                VARCHAR(20),
    distribution_amount NUMERIC(15,2),
    tax_withholding     NUMERIC(15,2),
    set_off             NUMERIC(15,2),
    net_distribution    NUMERIC(15,2),
    redirected          NUMERIC(15,2),
    in_kind             NUMERIC(15,2),
    adjustment          NUMERIC(15,2),
    adjustment_reason   TEXT,
    payment_method      VARCHAR(50),
    payment_reference   VARCHAR(100),
    payment_date        DATE,
    payment_status      VARCHAR(20),
    payment_attempt     INTEGER,
    failure_reason      TEXT,
    version             BIGINT,
    created_at          TIMESTAMPTZ,
    updated_at          TIMESTAMPTZ,
    valid_from          TIMESTAMPTZ NOT NULL,
    valid_to            TIMESTAMPTZ NOT NULL,
    op                  CHAR(1) NOT NULL,
    changed_by          TEXT,
    tx_id               BIGINT NOT NULL,

    CONSTRAINT pk_investor_distributions_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_investor_distributions_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_investor_distributions_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_investor_distributions_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_investor_distributions_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE investments.investor_distributions_history IS
    'Past versions of investments.investor_distributions; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON investments.investor_distributions_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON investments.investor_distributions_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON investments.investor_distributions_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION investments.record_investor_distributions_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'investments.investor_distributions'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO investments.investor_distributions_history (
        id, distribution_id, property_id, investor_id, account_id, investment_id, role, distribution_amount,
        tax_withholding, set_off, net_distribution, redirected, in_kind, adjustment, adjustment_reason,
        payment_method, payment_reference, payment_date, payment_status, payment_attempt, failure_reason, version,
        created_at, updated_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.distribution_id, OLD.property_id, OLD.investor_id, OLD.account_id, OLD.investment_id, OLD.role,
        OLD.distribution_amount, OLD.tax_withholding, OLD.set_off, OLD.net_distribution, OLD.redirected,
        OLD.in_kind, OLD.adjustment, OLD.adjustment_reason, OLD.payment_method, OLD.payment_reference,
        OLD.payment_date, OLD.payment_status, OLD.payment_attempt, OLD.failure_reason, OLD.version, OLD.created_at,
        OLD.updated_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION investments.record_investor_distributions_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON investments.investor_distributions
    FOR EACH ROW WHEN ((
        NEW.distribution_id, NEW.property_id, NEW.investor_id, NEW.account_id, NEW.investment_id, NEW.role,
        NEW.distribution_amount, NEW.tax_withholding, NEW.set_off, NEW.net_distribution, NEW.redirected,
        NEW.in_kind, NEW.adjustment, NEW.adjustment_reason, NEW.payment_method, NEW.payment_reference,
        NEW.payment_date, NEW.payment_status, NEW.payment_attempt, NEW.failure_reason)
        IS NOT DISTINCT FROM (
        OLD.distribution_id, OLD.property_id, OLD.investor_id, OLD.account_id, OLD.investment_id, OLD.role,
        OLD.distribution_amount, OLD.tax_withholding, OLD.set_off, OLD.net_distribution, OLD.redirected,
        OLD.in_kind, OLD.adjustment, OLD.adjustment_reason, OLD.payment_method, OLD.payment_reference,
        OLD.payment_date, OLD.payment_status, OLD.payment_attempt, OLD.failure_reason))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON investments.investor_distributions
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at AND NOT (
        OLD.version = 1 AND NEW.version = 2 AND OLD.updated_at = OLD.created_at
        AND OLD.payment_method IS NOT DISTINCT FROM NULL
        AND OLD.payment_reference IS NOT DISTINCT FROM NULL
        AND OLD.payment_date IS NOT DISTINCT FROM NULL
        AND OLD.payment_status IS NOT DISTINCT FROM 'pending'
        AND NEW.payment_status = 'completed' AND NEW.net_distribution > 0
        AND NEW.payment_attempt = 1 AND NEW.failure_reason IS NULL
        AND (
        NEW.distribution_id, NEW.property_id, NEW.investor_id, NEW.account_id, NEW.investment_id, NEW.role,
        NEW.distribution_amount, NEW.tax_withholding, NEW.set_off, NEW.net_distribution, NEW.redirected,
        NEW.in_kind, NEW.adjustment, NEW.adjustment_reason, NEW.payment_attempt, NEW.failure_reason)
        IS NOT DISTINCT FROM (
        OLD.distribution_id, OLD.property_id, OLD.investor_id, OLD.account_id, OLD.investment_id, OLD.role,
        OLD.distribution_amount, OLD.tax_withholding, OLD.set_off, OLD.net_distribution, OLD.redirected,
        OLD.in_kind, OLD.adjustment, OLD.adjustment_reason, OLD.payment_attempt, OLD.failure_reason)))
    EXECUTE FUNCTION investments.record_investor_distributions_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON investments.investor_distributions
    FOR EACH ROW EXECUTE FUNCTION investments.record_investor_distributions_history();
-- The row $1 as of $2. One that was paid straight away has no history row of what it said before:
--
--     WITH kept AS (
--         SELECT
--             id, distribution_id, property_id, investor_id, account_id, investment_id, role, distribution_amount,
--             tax_withholding, set_off, net_distribution, redirected, in_kind, adjustment, adjustment_reason,
--             payment_method, payment_reference, payment_date, payment_status, payment_attempt, failure_reason,
--             version, created_at, updated_at,
--             updated_at AS valid_from, 'infinity'::timestamptz AS valid_to
--         FROM investments.investor_distributions WHERE id = $1
--         UNION ALL
--         SELECT
--             id, distribution_id, property_id, investor_id, account_id, investment_id, role, distribution_amount,
--             tax_withholding, set_off, net_distribution, redirected, in_kind, adjustment, adjustment_reason,
--             payment_method, payment_reference, payment_date, payment_status, payment_attempt, failure_reason,
--             version, created_at, updated_at,
--             valid_from, valid_to
--         FROM investments.investor_distributions_history WHERE id = $1)
--     SELECT
--         id, distribution_id, property_id, investor_id, account_id, investment_id, role, distribution_amount,
--         tax_withholding, set_off, net_distribution, redirected, in_kind, adjustment, adjustment_reason,
--         payment_method, payment_reference, payment_date, payment_status, payment_attempt, failure_reason, version,
--         created_at, updated_at
--     FROM kept WHERE valid_from <= $2 AND $2 < valid_to
--     UNION ALL
--     SELECT
--         id, distribution_id, property_id, investor_id, account_id, investment_id, role, distribution_amount,
--         tax_withholding, set_off, net_distribution, redirected, in_kind, adjustment, adjustment_reason, NULL, NULL,
--         NULL, 'pending', payment_attempt, failure_reason, 1, created_at, created_at
--     FROM (SELECT * FROM kept ORDER BY valid_from LIMIT 1) AS known
--     WHERE version = 2 AND payment_status = 'completed' AND net_distribution > 0
--         AND payment_attempt = 1 AND failure_reason IS NULL
--         AND created_at <= $2 AND $2 < valid_from

CREATE TABLE documents.documents_history (
    id                 UUID NOT NULL,
    owner_id           UUID,
    name               VARCHAR(255),
    type               VARCHAR(50),
    category           VARCHAR(50),
    file_name          VARCHAR(255),
    file_size          BIGINT,
    file_type          VARCHAR(255),
    file_hash          VARCHAR(64),
    storage_url        VARCHAR(500),
    version            INTEGER,
    parent_document_id UUID,
    is_latest_version  BOOLEAN,
    visibility         VARCHAR(20),
    requires_signature BOOLEAN,
    opportunity_id     UUID,
    property_id        UUID,
    account_id         UUID,
    position_id        UUID,
    statement_id       UUID,
    folder             VARCHAR(500),
    retain_until       DATE,
    hold_reason        VARCHAR(500),
    description        TEXT,
    tags               TEXT[],
    metadata           JSONB,
    uploaded_at        TIMESTAMPTZ,
    modified_at        TIMESTAMPTZ,
    created_at         TIMESTAMPTZ,
    updated_at         TIMESTAMPTZ,
    deleted_at         TIMESTAMPTZ,
    valid_from         TIMESTAMPTZ NOT NULL,
    valid_to           TIMESTAMPTZ NOT NULL,
    op                 CHAR(1) NOT NULL,
    changed_by         TEXT,
    tx_id              BIGINT NOT NULL,

    CONSTRAINT pk_documents_history PRIMARY KEY (id, valid_from, valid_to),
    CONSTRAINT chk_documents_history_op CHECK (op IN ('U', 'D')),
    CONSTRAINT chk_documents_history_valid_from CHECK (isfinite(valid_from)),
    CONSTRAINT chk_documents_history_valid_to CHECK (isfinite(valid_to)),
    CONSTRAINT chk_documents_history_validity CHECK (valid_from < valid_to)
);
COMMENT ON TABLE documents.documents_history IS
    'Past versions of documents.documents; append-only.';

CREATE TRIGGER refuse_insert BEFORE INSERT ON documents.documents_history
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents.documents_history
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents.documents_history
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();

CREATE FUNCTION documents.record_documents_history() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended TIMESTAMPTZ;
BEGIN
    IF TG_RELID <> 'documents.documents'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        ended := NEW.updated_at;
    ELSE
        ended := GREATEST(clock_timestamp(), OLD.updated_at + INTERVAL '1 microsecond');
    END IF;
    INSERT INTO documents.documents_history (
        id, owner_id, name, type, category, file_name, file_size, file_type, file_hash, storage_url, version,
        parent_document_id, is_latest_version, visibility, requires_signature, opportunity_id, property_id,
        account_id, position_id, statement_id, folder, retain_until, hold_reason, description, tags, metadata,
        uploaded_at, modified_at, created_at, updated_at, deleted_at,
        valid_from, valid_to, op, changed_by, tx_id)
    VALUES (
        OLD.id, OLD.owner_id, OLD.name, OLD.type, OLD.category, OLD.file_name, OLD.file_size, OLD.file_type,
        OLD.file_hash, OLD.storage_url, OLD.version, OLD.parent_document_id, OLD.is_latest_version, OLD.visibility,
        OLD.requires_signature, OLD.opportunity_id, OLD.property_id, OLD.account_id, OLD.position_id,
        OLD.statement_id, OLD.folder, OLD.retain_until, OLD.hold_reason, OLD.description, OLD.tags, OLD.metadata,
        OLD.uploaded_at, OLD.modified_at, OLD.created_at, OLD.updated_at, OLD.deleted_at,
        OLD.updated_at, ended, left(TG_OP, 1), NULLIF(current_setting('freehold.actor', TRUE), ''), txid_current());
    RETURN NULL;
END;
$$;
REVOKE ALL ON FUNCTION documents.record_documents_history() FROM PUBLIC;

CREATE TRIGGER z_keep_updated_at BEFORE UPDATE ON documents.documents
    FOR EACH ROW WHEN ((
        NEW.owner_id, NEW.name, NEW.type, NEW.category, NEW.file_name, NEW.file_size, NEW.file_type, NEW.file_hash,
        NEW.storage_url, NEW.version, NEW.parent_document_id, NEW.is_latest_version, NEW.visibility,
        NEW.requires_signature, NEW.opportunity_id, NEW.property_id, NEW.account_id, NEW.position_id,
        NEW.statement_id, NEW.folder, NEW.retain_until, NEW.hold_reason, NEW.description, NEW.tags, NEW.metadata,
        NEW.uploaded_at, NEW.modified_at, NEW.deleted_at)
        IS NOT DISTINCT FROM (
        OLD.owner_id, OLD.name, OLD.type, OLD.category, OLD.file_name, OLD.file_size, OLD.file_type, OLD.file_hash,
        OLD.storage_url, OLD.version, OLD.parent_document_id, OLD.is_latest_version, OLD.visibility,
        OLD.requires_signature, OLD.opportunity_id, OLD.property_id, OLD.account_id, OLD.position_id,
        OLD.statement_id, OLD.folder, OLD.retain_until, OLD.hold_reason, OLD.description, OLD.tags, OLD.metadata,
        OLD.uploaded_at, OLD.modified_at, OLD.deleted_at))
    EXECUTE FUNCTION freehold.keep_updated_at();
CREATE TRIGGER history_trigger AFTER UPDATE ON documents.documents
    FOR EACH ROW WHEN (OLD.updated_at IS DISTINCT FROM NEW.updated_at)
    EXECUTE FUNCTION documents.record_documents_history();
CREATE TRIGGER history_trigger_delete AFTER DELETE ON documents.documents
    FOR EACH ROW EXECUTE FUNCTION documents.record_documents_history();
