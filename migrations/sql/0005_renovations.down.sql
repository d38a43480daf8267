DROP TABLE renovations.change_orders;
DROP TABLE renovations.progress_updates;
DROP TABLE renovations.unit_renovations;
DROP TABLE renovations.projects;
DROP SCHEMA renovations;
