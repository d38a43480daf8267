DROP MATERIALIZED VIEW analytics.portfolio_performance;
DROP TABLE analytics.investment_funnel;
DROP TABLE analytics.page_views;
DROP TABLE analytics.user_events_archive;
DROP TABLE analytics.user_events;
DROP SCHEMA analytics;
