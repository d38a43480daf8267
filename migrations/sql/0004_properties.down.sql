DROP TABLE properties.comparable_properties;
DROP TABLE properties.floor_plans;
DROP TABLE properties.units;
DROP TABLE properties.properties;
DROP SCHEMA properties;
