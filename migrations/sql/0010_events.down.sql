DROP TABLE events.event_interactions;
DROP TABLE events.registrations;
DROP TABLE events.events;
DROP SCHEMA events;
