DROP TABLE market.property_valuations;
DROP TABLE market.market_areas;
DROP SCHEMA market;
