-- Market areas and property valuations.

CREATE SCHEMA IF NOT EXISTS market;

CREATE TABLE market.market_areas (
    id                      UUID NOT NULL DEFAULT gen_random_uuid(),
    market_name             VARCHAR(100) NOT NULL,
    state                   VARCHAR(50),
    metro_area              VARCHAR(100),
    population              INTEGER,
    -- A fraction, as every rate; a market may shrink.
    population_growth_rate  NUMERIC(9,6),
    median_household_income NUMERIC(15,2),
    unemployment_rate       NUMERIC(9,6),
    median_home_price       NUMERIC(15,2),
    median_rent             NUMERIC(15,2),
    vacancy_rate            NUMERIC(9,6),
    data_date               DATE,
    data_source             VARCHAR(50),
    created_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at              TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_market_areas PRIMARY KEY (id),
    CONSTRAINT chk_market_areas_population CHECK (population >= 0),
    CONSTRAINT chk_market_areas_population_growth_rate CHECK (population_growth_rate < 'NaN'),
    CONSTRAINT chk_market_areas_median_household_income
        CHECK (median_household_income >= 0 AND median_household_income < 'NaN'),
    CONSTRAINT chk_market_areas_unemployment_rate CHECK (unemployment_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_market_areas_median_home_price CHECK (median_home_price >= 0 AND median_home_price < 'NaN'),
    CONSTRAINT chk_market_areas_median_rent CHECK (median_rent >= 0 AND median_rent < 'NaN'),
    CONSTRAINT chk_market_areas_vacancy_rate CHECK (vacancy_rate BETWEEN 0 AND 1),
    CONSTRAINT chk_market_areas_data_date CHECK (isfinite(data_date)),
    CONSTRAINT chk_market_areas_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_market_areas_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE market.market_areas IS 'Markets and what is known of their people and rents.';

-- An absent state counts as one state, so a market without one is unique too.
CREATE UNIQUE INDEX uk_market_areas_market_name_state ON market.market_areas (market_name, COALESCE(state, ''));

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON market.market_areas
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE market.property_valuations (
    id                UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id       UUID NOT NULL,
    valuation_date    DATE NOT NULL,
    valuation_type    VARCHAR(50),
    valuation_amount  NUMERIC(15,2),
    valuation_method  VARCHAR(50),
    cap_rate_used     NUMERIC(9,6),
    noi_used          NUMERIC(15,2),
    comparable_sales  JSONB,
    appraiser_name    VARCHAR(255),
    appraiser_license VARCHAR(100),
    report_url        VARCHAR(500),
    version           BIGINT NOT NULL DEFAULT 1,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_valuations PRIMARY KEY (id),
    CONSTRAINT fk_property_valuations_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT chk_property_valuations_valuation_date CHECK (isfinite(valuation_date)),
    CONSTRAINT chk_property_valuations_valuation_type
        CHECK (valuation_type IN ('appraisal', 'bpo', 'automated', 'internal')),
    CONSTRAINT chk_property_valuations_valuation_amount CHECK (valuation_amount >= 0 AND valuation_amount < 'NaN'),
    CONSTRAINT chk_property_valuations_valuation_method CHECK (valuation_method IN ('income', 'sales_comp', 'cost')),
    CONSTRAINT chk_property_valuations_cap_rate_used CHECK (cap_rate_used BETWEEN 0 AND 1),
    CONSTRAINT chk_property_valuations_noi_used CHECK (noi_used < 'NaN'),
    CONSTRAINT chk_property_valuations_version CHECK (version >= 1),
    CONSTRAINT chk_property_valuations_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_valuations_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE market.property_valuations IS 'Valuations of a property; never deleted, corrected in place with history.';

CREATE INDEX idx_property_valuations_property_id ON market.property_valuations (property_id);
CREATE INDEX idx_property_valuations_valuation_date ON market.property_valuations (valuation_date);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON market.property_valuations
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
