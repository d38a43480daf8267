-- Properties, their units and floor plans, and the comparable properties that
-- a valuation or a rent study leans on.
--
-- property_type, property_subtype, unit_type and data_source are open lists:
-- the values the library names are suggestions, so no CHECK closes them.

CREATE SCHEMA IF NOT EXISTS properties;

CREATE TABLE properties.properties (
    id                     UUID NOT NULL DEFAULT gen_random_uuid(),
    property_name          VARCHAR(255) NOT NULL,
    slug                   VARCHAR(255) NOT NULL,
    property_type          VARCHAR(50),

    -- Location. latitude, longitude and location are one fact: the library
    -- writes all three in one setter, and a CHECK refuses a part of them.
    address_line1          VARCHAR(255) NOT NULL,
    address_line2          VARCHAR(255),
    city                   VARCHAR(100) NOT NULL,
    state                  VARCHAR(50) NOT NULL,
    zip_code               VARCHAR(20) NOT NULL,
    country                VARCHAR(50) NOT NULL DEFAULT 'USA',
    -- Of its amounts, and of its offerings that name no other.
    currency               VARCHAR(3) NOT NULL DEFAULT 'USD' CONSTRAINT chk_properties_currency CHECK (currency ~ '^[A-Z]{3}$'),
    latitude               NUMERIC(10,8),
    longitude              NUMERIC(11,8),
    location               geography(Point,4326),

    -- Physical details
    year_built             INTEGER,
    last_renovated         INTEGER,
    total_units            INTEGER NOT NULL,
    total_buildings        INTEGER NOT NULL DEFAULT 1,
    total_sqft             INTEGER,
    lot_size_acres         NUMERIC(10,4),
    parking_spaces         INTEGER,
    property_class         VARCHAR(10),
    property_subtype       VARCHAR(50),

    -- Financial overview. current_valuation and valuation_date are a cache of
    -- the latest row of market.property_valuations.
    purchase_price         NUMERIC(15,2),
    purchase_date          DATE,
    current_valuation      NUMERIC(15,2),
    valuation_date         DATE,
    target_irr             NUMERIC(9,6),
    target_cash_on_cash    NUMERIC(9,6),

    -- Operations. occupancy_rate is a cache over the units.
    status                 VARCHAR(20) NOT NULL DEFAULT 'active',
    acquisition_status     VARCHAR(20),
    occupancy_rate         NUMERIC(9,6),

    -- Management
    management_company     VARCHAR(255),
    property_manager_name  VARCHAR(255),
    property_manager_phone VARCHAR(20),
    property_manager_email VARCHAR(255),

    -- Rollup cache over the property's opportunities
    investment_open        BOOLEAN NOT NULL DEFAULT FALSE,
    minimum_investment     NUMERIC(15,2),
    maximum_investment     NUMERIC(15,2),
    target_raise           NUMERIC(15,2),
    amount_raised          NUMERIC(15,2) NOT NULL DEFAULT 0,
    investor_count         INTEGER NOT NULL DEFAULT 0,

    -- Features and amenities
    amenities              TEXT[],
    features               JSONB,
    utilities_included     TEXT[],
    pet_policy             VARCHAR(255),

    -- Market data
    market_name            VARCHAR(100),
    submarket_name         VARCHAR(100),
    walk_score             INTEGER,
    transit_score          INTEGER,
    bike_score             INTEGER,

    -- Texts
    description            TEXT,
    investment_thesis      TEXT,
    executive_summary      TEXT,

    version                BIGINT NOT NULL DEFAULT 1,
    created_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at             TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at             TIMESTAMPTZ,

    CONSTRAINT pk_properties PRIMARY KEY (id),
    CONSTRAINT chk_properties_latitude CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT chk_properties_longitude CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT chk_properties_coordinates CHECK (num_nonnulls(latitude, longitude, location) IN (0, 3)),
    CONSTRAINT chk_properties_year_built CHECK (year_built BETWEEN 1000 AND 3000),
    CONSTRAINT chk_properties_last_renovated CHECK (last_renovated BETWEEN 1000 AND 3000),
    CONSTRAINT chk_properties_total_units CHECK (total_units >= 0),
    CONSTRAINT chk_properties_total_buildings CHECK (total_buildings >= 0),
    CONSTRAINT chk_properties_total_sqft CHECK (total_sqft >= 0),
    CONSTRAINT chk_properties_lot_size_acres CHECK (lot_size_acres >= 0 AND lot_size_acres < 'NaN'),
    CONSTRAINT chk_properties_parking_spaces CHECK (parking_spaces >= 0),
    CONSTRAINT chk_properties_property_class CHECK (property_class IN ('A', 'B', 'C', 'D')),
    CONSTRAINT chk_properties_purchase_price CHECK (purchase_price >= 0 AND purchase_price < 'NaN'),
    CONSTRAINT chk_properties_purchase_date CHECK (isfinite(purchase_date)),
    CONSTRAINT chk_properties_current_valuation CHECK (current_valuation >= 0 AND current_valuation < 'NaN'),
    CONSTRAINT chk_properties_valuation_date CHECK (isfinite(valuation_date)),
    CONSTRAINT chk_properties_target_irr CHECK (target_irr > -1 AND target_irr < 'NaN'),
    CONSTRAINT chk_properties_target_cash_on_cash CHECK (target_cash_on_cash < 'NaN'),
    CONSTRAINT chk_properties_status
        CHECK (status IN ('prospect', 'active', 'renovating', 'selling', 'sold')),
    CONSTRAINT chk_properties_acquisition_status
        CHECK (acquisition_status IN ('evaluating', 'under_contract', 'owned')),
    CONSTRAINT chk_properties_occupancy_rate CHECK (occupancy_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_properties_minimum_investment CHECK (minimum_investment >= 0 AND minimum_investment < 'NaN'),
    CONSTRAINT chk_properties_maximum_investment CHECK (maximum_investment >= 0 AND maximum_investment < 'NaN'),
    CONSTRAINT chk_properties_target_raise CHECK (target_raise >= 0 AND target_raise < 'NaN'),
    CONSTRAINT chk_properties_amount_raised CHECK (amount_raised >= 0 AND amount_raised < 'NaN'),
    CONSTRAINT chk_properties_investor_count CHECK (investor_count >= 0),
    CONSTRAINT chk_properties_walk_score CHECK (walk_score BETWEEN 0 AND 100),
    CONSTRAINT chk_properties_transit_score CHECK (transit_score BETWEEN 0 AND 100),
    CONSTRAINT chk_properties_bike_score CHECK (bike_score BETWEEN 0 AND 100),
    CONSTRAINT chk_properties_version CHECK (version >= 1),
    CONSTRAINT chk_properties_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_properties_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT chk_properties_deleted_at CHECK (isfinite(deleted_at))
);

COMMENT ON TABLE properties.properties IS 'Real estate assets, owned or under evaluation.';

-- A deleted property frees its slug.
CREATE UNIQUE INDEX uk_properties_slug ON properties.properties (slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_properties_city_state ON properties.properties (city, state);
CREATE INDEX idx_properties_status ON properties.properties (status);
CREATE INDEX idx_properties_property_type ON properties.properties (property_type);
CREATE INDEX idx_properties_investment_open ON properties.properties (investment_open);
CREATE INDEX idx_properties_created_at_id ON properties.properties (created_at, id);
CREATE INDEX idx_properties_location ON properties.properties USING GIST (location);
CREATE INDEX idx_properties_search ON properties.properties USING GIN (
    to_tsvector('english', property_name || ' ' || COALESCE(description, '') || ' ' || COALESCE(executive_summary, '')));
-- Finds a name by any part of it, which full-text search does not.
CREATE INDEX idx_properties_property_name ON properties.properties USING GIN (property_name gin_trgm_ops);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON properties.properties
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE properties.units (
    id                        UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id               UUID NOT NULL,
    unit_number               VARCHAR(20) NOT NULL,
    building_number           VARCHAR(20),
    floor                     INTEGER,

    unit_type                 VARCHAR(50),
    bedrooms                  INTEGER,
    bathrooms                 NUMERIC(3,1),
    sqft                      INTEGER,

    current_rent              NUMERIC(15,2),
    market_rent               NUMERIC(15,2),
    last_rent_increase        DATE,

    -- What leases, or a reported rent roll, say of the unit on the day occupancy_as_of; where neither is
    -- there, nobody knows. A renovation is the unit's own.
    occupancy_status          VARCHAR(20) NOT NULL DEFAULT 'unknown',
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
    has_balcony               BOOLEAN NOT NULL DEFAULT FALSE,
    has_patio                 BOOLEAN NOT NULL DEFAULT FALSE,
    view_type                 VARCHAR(50),

    notes                     TEXT,
    version                   BIGINT NOT NULL DEFAULT 1,
    created_at                TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at                TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_units PRIMARY KEY (id),
    -- The target of composite foreign keys that keep a unit with its property.
    CONSTRAINT uk_units_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_units_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT chk_units_bedrooms CHECK (bedrooms >= 0),
    CONSTRAINT chk_units_bathrooms CHECK (bathrooms >= 0 AND bathrooms < 'NaN'),
    CONSTRAINT chk_units_sqft CHECK (sqft >= 0),
    CONSTRAINT chk_units_current_rent CHECK (current_rent >= 0 AND current_rent < 'NaN'),
    CONSTRAINT chk_units_market_rent CHECK (market_rent >= 0 AND market_rent < 'NaN'),
    CONSTRAINT chk_units_last_rent_increase CHECK (isfinite(last_rent_increase)),
    CONSTRAINT chk_units_occupancy_status
        CHECK (occupancy_status IN ('occupied', 'vacant', 'notice', 'renovation', 'unknown')),
    CONSTRAINT chk_units_occupancy_basis CHECK (occupancy_basis IN ('leases', 'reported')),
    CONSTRAINT chk_units_occupancy CHECK ((occupancy_basis IS NULL) = (occupancy_as_of IS NULL)
        AND (occupancy_basis IS NOT NULL OR occupancy_status IN ('renovation', 'unknown'))),
    CONSTRAINT chk_units_occupancy_as_of CHECK (isfinite(occupancy_as_of)),
    CONSTRAINT chk_units_lease_start_date CHECK (isfinite(lease_start_date)),
    CONSTRAINT chk_units_lease_end_date CHECK (isfinite(lease_end_date)),
    CONSTRAINT chk_units_lease_dates CHECK (lease_start_date <= lease_end_date),
    CONSTRAINT chk_units_move_in_date CHECK (isfinite(move_in_date)),
    CONSTRAINT chk_units_notice_date CHECK (isfinite(notice_date)),
    CONSTRAINT chk_units_condition_rating CHECK (condition_rating BETWEEN 1 AND 5),
    CONSTRAINT chk_units_last_inspection_date CHECK (isfinite(last_inspection_date)),
    CONSTRAINT chk_units_renovation_status
        CHECK (renovation_status IN ('classic', 'renovated', 'in_progress')),
    CONSTRAINT chk_units_renovation_completed_date CHECK (isfinite(renovation_completed_date)),
    CONSTRAINT chk_units_version CHECK (version >= 1),
    CONSTRAINT chk_units_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_units_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE properties.units IS 'Rentable units of a property.';

-- The same number may exist in two buildings. An absent building counts as
-- one building, so two units without one cannot share a number.
CREATE UNIQUE INDEX uk_units_property_id_building_number_unit_number
    ON properties.units (property_id, COALESCE(building_number, ''), unit_number);
-- The order of a property's list of units; serves the foreign key too.
CREATE INDEX idx_units_property_id_unit_number_id ON properties.units (property_id, unit_number, id);
CREATE INDEX idx_units_occupancy_status ON properties.units (occupancy_status);
CREATE INDEX idx_units_unit_type ON properties.units (unit_type);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON properties.units
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE properties.floor_plans (
    id                   UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id          UUID NOT NULL,
    name                 VARCHAR(100) NOT NULL,
    unit_type            VARCHAR(50),
    bedrooms             INTEGER,
    bathrooms            NUMERIC(3,1),
    sqft_min             INTEGER,
    sqft_max             INTEGER,
    base_rent            NUMERIC(15,2),
    market_rent          NUMERIC(15,2),
    total_units          INTEGER,
    available_units      INTEGER NOT NULL DEFAULT 0,
    floor_plan_image_url VARCHAR(500),
    floor_plan_3d_url    VARCHAR(500),
    virtual_tour_url     VARCHAR(500),
    features             JSONB,
    appliances           TEXT[],
    created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at           TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_floor_plans PRIMARY KEY (id),
    CONSTRAINT fk_floor_plans_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT chk_floor_plans_bedrooms CHECK (bedrooms >= 0),
    CONSTRAINT chk_floor_plans_bathrooms CHECK (bathrooms >= 0 AND bathrooms < 'NaN'),
    CONSTRAINT chk_floor_plans_sqft_min CHECK (sqft_min >= 0),
    CONSTRAINT chk_floor_plans_sqft_max CHECK (sqft_max >= 0),
    CONSTRAINT chk_floor_plans_sqft_range CHECK (sqft_min <= sqft_max),
    CONSTRAINT chk_floor_plans_base_rent CHECK (base_rent >= 0 AND base_rent < 'NaN'),
    CONSTRAINT chk_floor_plans_market_rent CHECK (market_rent >= 0 AND market_rent < 'NaN'),
    CONSTRAINT chk_floor_plans_total_units CHECK (total_units >= 0),
    CONSTRAINT chk_floor_plans_available_units CHECK (available_units >= 0),
    CONSTRAINT chk_floor_plans_availability CHECK (available_units <= total_units),
    CONSTRAINT chk_floor_plans_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_floor_plans_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE properties.floor_plans IS 'Unit layouts that a property offers.';

CREATE INDEX idx_floor_plans_property_id ON properties.floor_plans (property_id);
CREATE INDEX idx_floor_plans_unit_type ON properties.floor_plans (unit_type);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON properties.floor_plans
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE properties.comparable_properties (
    id             UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id    UUID NOT NULL,
    comp_name      VARCHAR(255),
    comp_address   VARCHAR(500),
    distance_miles NUMERIC(8,2),
    total_units    INTEGER,
    year_built     INTEGER,
    -- Open, unlike a property's own class: data vendors grade B+ or A-.
    property_class VARCHAR(10),
    occupancy_rate NUMERIC(9,6),
    average_rent   NUMERIC(15,2),
    rent_per_sqft  NUMERIC(10,4),
    data_source    VARCHAR(50),
    last_updated   DATE,
    created_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at     TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_comparable_properties PRIMARY KEY (id),
    CONSTRAINT fk_comparable_properties_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT chk_comparable_properties_distance_miles CHECK (distance_miles >= 0 AND distance_miles < 'NaN'),
    CONSTRAINT chk_comparable_properties_total_units CHECK (total_units >= 0),
    CONSTRAINT chk_comparable_properties_year_built CHECK (year_built BETWEEN 1000 AND 3000),
    CONSTRAINT chk_comparable_properties_occupancy_rate CHECK (occupancy_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_comparable_properties_average_rent CHECK (average_rent >= 0 AND average_rent < 'NaN'),
    CONSTRAINT chk_comparable_properties_rent_per_sqft CHECK (rent_per_sqft >= 0 AND rent_per_sqft < 'NaN'),
    CONSTRAINT chk_comparable_properties_last_updated CHECK (isfinite(last_updated)),
    CONSTRAINT chk_comparable_properties_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_comparable_properties_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE properties.comparable_properties IS 'Nearby properties that a property is compared with.';

CREATE INDEX idx_comparable_properties_property_id ON properties.comparable_properties (property_id);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON properties.comparable_properties
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
