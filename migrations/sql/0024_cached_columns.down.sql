DROP TRIGGER attendee_count_delete ON events.registrations;
DROP TRIGGER attendee_count_update ON events.registrations;
DROP TRIGGER attendee_count_insert ON events.registrations;
DROP FUNCTION events.count_attendees();
DROP TRIGGER property_summary_delete ON investments.opportunities;
DROP TRIGGER property_summary_update ON investments.opportunities;
DROP TRIGGER property_summary_insert ON investments.opportunities;
DROP FUNCTION investments.summarize_property();
