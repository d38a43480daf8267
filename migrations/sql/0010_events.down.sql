DROP TABLE events.event_interactions;
DROP TABLE events.registrations;
DROP TABLE events.events;
DROP FUNCTION events.count_attendees();
DROP SCHEMA events;
