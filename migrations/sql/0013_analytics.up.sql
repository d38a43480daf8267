-- What users do on the platform, and aggregates for reports.
--
-- user_events and page_views grow without end. They are partitioned by month, the library makes the
-- months, and the default partition takes whatever no month claims: an event is never refused.

CREATE SCHEMA IF NOT EXISTS analytics;

CREATE TABLE analytics.user_events (
    id                UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id           UUID,
    -- Without foreign key: sessions are purged.
    session_id        UUID,
    -- Event
    event_name        VARCHAR(100) NOT NULL,
    event_category    VARCHAR(50),
    event_action      VARCHAR(50),
    event_label       VARCHAR(100),
    event_value       NUMERIC(10,2),
    -- Context
    page_url          VARCHAR(500),
    referrer_url      VARCHAR(500),
    user_agent        TEXT,
    ip_address        INET,
    -- Device
    device_type       VARCHAR(20),
    os                VARCHAR(50),
    browser           VARCHAR(50),
    screen_resolution VARCHAR(20),
    -- Place
    country           VARCHAR(50),
    region            VARCHAR(50),
    city              VARCHAR(50),
    properties        JSONB,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_user_events PRIMARY KEY (id, created_at),
    CONSTRAINT fk_user_events_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_user_events_event_name CHECK (event_name <> ''),
    CONSTRAINT chk_user_events_event_value CHECK (event_value < 'NaN'),
    CONSTRAINT chk_user_events_created_at CHECK (isfinite(created_at))
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE analytics.user_events IS 'What users do, event by event; append-only, partitioned by month.';
CREATE TABLE analytics.user_events_default PARTITION OF analytics.user_events DEFAULT;
CREATE INDEX idx_user_events_user_id ON analytics.user_events (user_id);
CREATE INDEX idx_user_events_event_name ON analytics.user_events (event_name);
CREATE INDEX idx_user_events_created_at ON analytics.user_events (created_at);
CREATE INDEX idx_user_events_session_id ON analytics.user_events (session_id);

-- The archive takes whole months: a partition is detached from user_events and attached here, which
-- moves no row. It needs the same columns, and checks of the archive's names: between the two steps
-- its three checks are renamed from chk_user_events_... to chk_user_events_archive_....
CREATE TABLE analytics.user_events_archive (
    id                UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id           UUID,
    -- Without foreign key: sessions are purged.
    session_id        UUID,
    -- Event
    event_name        VARCHAR(100) NOT NULL,
    event_category    VARCHAR(50),
    event_action      VARCHAR(50),
    event_label       VARCHAR(100),
    event_value       NUMERIC(10,2),
    -- Context
    page_url          VARCHAR(500),
    referrer_url      VARCHAR(500),
    user_agent        TEXT,
    ip_address        INET,
    -- Device
    device_type       VARCHAR(20),
    os                VARCHAR(50),
    browser           VARCHAR(50),
    screen_resolution VARCHAR(20),
    -- Place
    country           VARCHAR(50),
    region            VARCHAR(50),
    city              VARCHAR(50),
    properties        JSONB,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_user_events_archive PRIMARY KEY (id, created_at),
    CONSTRAINT fk_user_events_archive_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_user_events_archive_event_name CHECK (event_name <> ''),
    CONSTRAINT chk_user_events_archive_event_value CHECK (event_value < 'NaN'),
    CONSTRAINT chk_user_events_archive_created_at CHECK (isfinite(created_at))
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE analytics.user_events_archive IS 'Events of past months, out of the way of the current ones.';
CREATE TABLE analytics.user_events_archive_default PARTITION OF analytics.user_events_archive DEFAULT;
CREATE INDEX idx_user_events_archive_user_id ON analytics.user_events_archive (user_id);
CREATE INDEX idx_user_events_archive_created_at ON analytics.user_events_archive (created_at);

CREATE TABLE analytics.page_views (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id      UUID,
    session_id   UUID,
    -- Page
    page_path    VARCHAR(500),
    page_title   VARCHAR(255),
    -- Timing; seconds
    time_on_page INTEGER,
    bounce       BOOLEAN NOT NULL DEFAULT FALSE,
    -- Entry and exit
    is_entrance  BOOLEAN NOT NULL DEFAULT FALSE,
    is_exit      BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_page_views PRIMARY KEY (id, created_at),
    CONSTRAINT fk_page_views_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_page_views_time_on_page CHECK (time_on_page >= 0),
    CONSTRAINT chk_page_views_created_at CHECK (isfinite(created_at))
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE analytics.page_views IS 'Pages that users look at; append-only, partitioned by month.';
CREATE TABLE analytics.page_views_default PARTITION OF analytics.page_views DEFAULT;
CREATE INDEX idx_page_views_user_id ON analytics.page_views (user_id);
CREATE INDEX idx_page_views_page_path ON analytics.page_views (page_path);
CREATE INDEX idx_page_views_session_id ON analytics.page_views (session_id);
CREATE INDEX idx_page_views_created_at ON analytics.page_views (created_at);

CREATE TABLE analytics.investment_funnel (
    id                    UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id               UUID NOT NULL,
    opportunity_id        UUID NOT NULL,
    -- Stages
    viewed_at             TIMESTAMPTZ,
    clicked_details_at    TIMESTAMPTZ,
    downloaded_docs_at    TIMESTAMPTZ,
    expressed_interest_at TIMESTAMPTZ,
    committed_at          TIMESTAMPTZ,
    funded_at             TIMESTAMPTZ,
    -- Where the user dropped off
    drop_off_stage        VARCHAR(50),
    drop_off_at           TIMESTAMPTZ,
    source                VARCHAR(50),
    created_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at            TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_investment_funnel PRIMARY KEY (id),
    CONSTRAINT fk_investment_funnel_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_investment_funnel_opportunity_id FOREIGN KEY (opportunity_id)
        REFERENCES investments.opportunities (id) ON DELETE CASCADE,
    -- One row per user and offering, whose stages fill up.
    CONSTRAINT uk_investment_funnel_user_id_opportunity_id UNIQUE (user_id, opportunity_id),
    CONSTRAINT chk_investment_funnel_drop_off CHECK ((drop_off_stage IS NULL) = (drop_off_at IS NULL)),
    CONSTRAINT chk_investment_funnel_viewed_at CHECK (isfinite(viewed_at)),
    CONSTRAINT chk_investment_funnel_clicked_details_at CHECK (isfinite(clicked_details_at)),
    CONSTRAINT chk_investment_funnel_downloaded_docs_at CHECK (isfinite(downloaded_docs_at)),
    CONSTRAINT chk_investment_funnel_expressed_interest_at CHECK (isfinite(expressed_interest_at)),
    CONSTRAINT chk_investment_funnel_committed_at CHECK (isfinite(committed_at)),
    CONSTRAINT chk_investment_funnel_funded_at CHECK (isfinite(funded_at)),
    CONSTRAINT chk_investment_funnel_drop_off_at CHECK (isfinite(drop_off_at)),
    CONSTRAINT chk_investment_funnel_source CHECK (source IN ('email', 'platform', 'referral')),
    CONSTRAINT chk_investment_funnel_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_investment_funnel_updated_at CHECK (isfinite(updated_at))
);
COMMENT ON TABLE analytics.investment_funnel IS 'How far each user came with each offering.';
CREATE INDEX idx_investment_funnel_opportunity_id ON analytics.investment_funnel (opportunity_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON analytics.investment_funnel
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- Aggregates beside each portfolio, not over a join: a second position never doubles a portfolio.
-- The holding period runs from the funding to the exit, or to the day of the refresh (as_of).
CREATE MATERIALIZED VIEW analytics.portfolio_performance AS
SELECT p.investor_id, p.total_invested, p.total_value, p.total_returns, p.irr, p.multiple,
       i.investment_count, i.avg_holding_period, CURRENT_DATE AS as_of
FROM investments.portfolios p
CROSS JOIN LATERAL (
    SELECT count(DISTINCT COALESCE(x.opportunity_id, x.property_id)) AS investment_count,
           avg(COALESCE(x.actual_exit_date, CURRENT_DATE) - x.funding_date) AS avg_holding_period
    FROM investments.property_investments x
    WHERE x.investor_id = p.investor_id AND x.status IN ('funded', 'exited') AND x.deleted_at IS NULL
) i
WHERE i.investment_count > 0;
COMMENT ON MATERIALIZED VIEW analytics.portfolio_performance IS 'Performance per investor as of the last refresh; refresh it every hour, concurrently.';
-- Unique, as REFRESH CONCURRENTLY asks.
CREATE UNIQUE INDEX idx_portfolio_performance_investor ON analytics.portfolio_performance (investor_id);
