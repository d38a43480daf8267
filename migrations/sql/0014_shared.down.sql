DROP VIEW shared.active_opportunities;
DROP VIEW shared.investor_summary;
DROP SCHEMA shared;
