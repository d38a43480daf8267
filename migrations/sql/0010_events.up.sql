-- Webinars, conferences and meetings, who comes to them and what is said there.
CREATE SCHEMA IF NOT EXISTS events;

CREATE TABLE events.events (
    id                    UUID          NOT NULL DEFAULT gen_random_uuid(),
    title                 VARCHAR(255)  NOT NULL,
    slug                  VARCHAR(255)  NOT NULL CONSTRAINT chk_events_slug CHECK (slug <> ''),
    description           TEXT,
    type                  VARCHAR(50)   CONSTRAINT chk_events_type
                          CHECK (type IN ('webinar', 'conference', 'meetup', 'summit')),
    format                VARCHAR(20)   CONSTRAINT chk_events_format CHECK (format IN ('virtual', 'in_person', 'hybrid')),
    start_datetime        TIMESTAMPTZ   NOT NULL CONSTRAINT chk_events_start_datetime CHECK (isfinite(start_datetime)),
    end_datetime          TIMESTAMPTZ   NOT NULL CONSTRAINT chk_events_end_datetime CHECK (isfinite(end_datetime)),
    -- The IANA name: the local time people are told outlives a change of the zone's rules.
    timezone              VARCHAR(50),
    venue_name            VARCHAR(200),
    venue_address         TEXT,
    venue_city            VARCHAR(100),
    venue_state           VARCHAR(50),
    venue_country         VARCHAR(50),
    -- x is the longitude, y the latitude.
    venue_coordinates     POINT         CONSTRAINT chk_events_venue_coordinates
                          CHECK (venue_coordinates[0] BETWEEN -180 AND 180 AND venue_coordinates[1] BETWEEN -90 AND 90),
    virtual_platform      VARCHAR(50)   CONSTRAINT chk_events_virtual_platform CHECK (virtual_platform IN ('zoom', 'teams', 'custom')),
    virtual_url           VARCHAR(500),
    virtual_meeting_id    VARCHAR(100),
    -- Ciphertext with its key id, hence TEXT.
    -- Sealed by the library's vault.
    virtual_passcode      TEXT          CONSTRAINT chk_events_virtual_passcode
                          CHECK (virtual_passcode ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    max_attendees         INTEGER       CONSTRAINT chk_events_max_attendees CHECK (max_attendees > 0),
    current_attendees     INTEGER       NOT NULL DEFAULT 0 CONSTRAINT chk_events_current_attendees CHECK (current_attendees >= 0),
    waitlist_enabled      BOOLEAN       NOT NULL DEFAULT FALSE,
    -- The last number given out; whoever draws the next one holds this row's lock.
    last_waitlist_number  INTEGER       NOT NULL DEFAULT 0 CONSTRAINT chk_events_last_waitlist_number CHECK (last_waitlist_number >= 0),
    registration_required BOOLEAN       NOT NULL DEFAULT TRUE,
    registration_deadline TIMESTAMPTZ   CONSTRAINT chk_events_registration_deadline CHECK (isfinite(registration_deadline)),
    registration_fee      NUMERIC(15,2) CONSTRAINT chk_events_registration_fee
                          CHECK (registration_fee >= 0 AND registration_fee < 'NaN'),
    agenda                JSONB,
    speakers              JSONB,
    materials             JSONB,
    recording_url         VARCHAR(500),
    status                VARCHAR(20)   NOT NULL DEFAULT 'draft' CONSTRAINT chk_events_status
                          CHECK (status IN ('draft', 'published', 'cancelled', 'completed')),
    visibility            VARCHAR(20)   NOT NULL DEFAULT 'public' CONSTRAINT chk_events_visibility
                          CHECK (visibility IN ('public', 'private', 'invited')),
    created_by            UUID,
    published_at          TIMESTAMPTZ   CONSTRAINT chk_events_published_at CHECK (isfinite(published_at)),
    version               BIGINT        NOT NULL DEFAULT 1,
    created_at            TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_events_created_at CHECK (isfinite(created_at)),
    updated_at            TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_events_updated_at CHECK (isfinite(updated_at)),
    deleted_at            TIMESTAMPTZ   CONSTRAINT chk_events_deleted_at CHECK (isfinite(deleted_at)),
    CONSTRAINT pk_events PRIMARY KEY (id),
    CONSTRAINT fk_events_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_event_times CHECK (start_datetime < end_datetime),
    CONSTRAINT chk_events_capacity CHECK (current_attendees <= max_attendees)
);
CREATE UNIQUE INDEX uk_events_slug ON events.events (slug) WHERE deleted_at IS NULL;
CREATE INDEX idx_events_start_datetime ON events.events (start_datetime);
CREATE INDEX idx_events_type ON events.events (type);
CREATE INDEX idx_events_status ON events.events (status);
CREATE INDEX idx_events_created_by ON events.events (created_by);
-- The query bounds the time; a predicate cannot, because now() moves.
CREATE INDEX idx_upcoming_events ON events.events (start_datetime) WHERE status = 'published';
CREATE INDEX idx_events_search ON events.events
    USING gin (to_tsvector('english', coalesce(title, '') || ' ' || coalesce(description, '')));
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON events.events
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE events.events IS 'Events that users may attend, in person or online.';

CREATE TABLE events.registrations (
    id                   UUID          NOT NULL DEFAULT gen_random_uuid(),
    event_id             UUID          NOT NULL,
    user_id              UUID          NOT NULL,
    status               VARCHAR(20)   NOT NULL DEFAULT 'registered' CONSTRAINT chk_registrations_status
                         CHECK (status IN ('registered', 'waitlisted', 'cancelled')),
    registration_type    VARCHAR(20)   CONSTRAINT chk_registrations_registration_type
                         CHECK (registration_type IN ('attendee', 'speaker', 'sponsor')),
    waitlist_number      INTEGER       CONSTRAINT chk_registrations_waitlist_number CHECK (waitlist_number > 0),
    payment_status       VARCHAR(20)   CONSTRAINT chk_registrations_payment_status
                         CHECK (payment_status IN ('pending', 'paid', 'refunded')),
    payment_amount       NUMERIC(15,2) CONSTRAINT chk_registrations_payment_amount
                         CHECK (payment_amount >= 0 AND payment_amount < 'NaN'),
    payment_reference    VARCHAR(100),
    checked_in           BOOLEAN       NOT NULL DEFAULT FALSE,
    checked_in_at        TIMESTAMPTZ   CONSTRAINT chk_registrations_checked_in_at CHECK (isfinite(checked_in_at)),
    check_in_method      VARCHAR(20)   CONSTRAINT chk_registrations_check_in_method
                         CHECK (check_in_method IN ('qr_code', 'manual', 'virtual')),
    joined_at            TIMESTAMPTZ   CONSTRAINT chk_registrations_joined_at CHECK (isfinite(joined_at)),
    left_at              TIMESTAMPTZ   CONSTRAINT chk_registrations_left_at CHECK (isfinite(left_at)),
    -- In minutes.
    attendance_duration  INTEGER       CONSTRAINT chk_registrations_attendance_duration CHECK (attendance_duration >= 0),
    notes                TEXT,
    dietary_requirements TEXT,
    special_requirements TEXT,
    cancelled_at         TIMESTAMPTZ   CONSTRAINT chk_registrations_cancelled_at CHECK (isfinite(cancelled_at)),
    created_at           TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_registrations_created_at CHECK (isfinite(created_at)),
    updated_at           TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_registrations_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_registrations PRIMARY KEY (id),
    CONSTRAINT fk_registration_event FOREIGN KEY (event_id) REFERENCES events.events (id) ON DELETE CASCADE,
    CONSTRAINT fk_registration_user FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_unique_registration UNIQUE (event_id, user_id),
    -- The target of the composite foreign key of event_interactions.
    CONSTRAINT uk_registrations_id_event_id UNIQUE (id, event_id),
    CONSTRAINT uk_registrations_event_id_waitlist_number UNIQUE (event_id, waitlist_number),
    CONSTRAINT chk_attendance_times CHECK (joined_at <= left_at)
);
CREATE INDEX idx_registrations_event_id_status ON events.registrations (event_id, status);
CREATE INDEX idx_registrations_user_id ON events.registrations (user_id);
CREATE INDEX idx_registrations_status ON events.registrations (status);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON events.registrations
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE events.registrations IS 'Who comes to an event; one row per event and user, cancelled and taken up again in place.';

CREATE TABLE events.event_interactions (
    id              UUID        NOT NULL DEFAULT gen_random_uuid(),
    event_id        UUID        NOT NULL,
    user_id         UUID        NOT NULL,
    registration_id UUID,
    type            VARCHAR(50) CONSTRAINT chk_event_interactions_type
                    CHECK (type IN ('question', 'poll_response', 'chat_message', 'reaction')),
    content         TEXT,
    metadata        JSONB,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_event_interactions_created_at CHECK (isfinite(created_at)),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_event_interactions_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_event_interactions PRIMARY KEY (id),
    CONSTRAINT fk_event_interactions_event_id FOREIGN KEY (event_id) REFERENCES events.events (id) ON DELETE CASCADE,
    CONSTRAINT fk_event_interactions_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    -- A registration for this very event.
    CONSTRAINT fk_event_interactions_registration_id FOREIGN KEY (registration_id, event_id)
        REFERENCES events.registrations (id, event_id)
);
CREATE INDEX idx_event_interactions_event_id ON events.event_interactions (event_id);
CREATE INDEX idx_event_interactions_user_id ON events.event_interactions (user_id);
CREATE INDEX idx_event_interactions_registration_id_event_id ON events.event_interactions (registration_id, event_id);
CREATE INDEX idx_event_interactions_type ON events.event_interactions (type);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON events.event_interactions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE events.event_interactions IS 'Questions, poll answers, chat and reactions during an event.';

-- Who has a seat at an event: neither waiting nor cancelled. The check on events.events refuses more of them
-- than the event holds.
CREATE FUNCTION events.count_attendees() RETURNS TRIGGER
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    changed UUID[];
BEGIN
    IF TG_RELID <> 'events.registrations'::regclass THEN
        RAISE EXCEPTION '% is not for %.%', TG_NAME, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT event_id) INTO changed FROM new_rows WHERE status = 'registered';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT event_id) INTO changed FROM old_rows WHERE status = 'registered';
    ELSE
        SELECT array_agg(event_id) INTO changed
        FROM (SELECT event_id FROM
                  (SELECT event_id, 1 AS n FROM new_rows WHERE status = 'registered'
                   UNION ALL
                   SELECT event_id, -1 FROM old_rows WHERE status = 'registered') both_sides
              GROUP BY event_id HAVING sum(n) <> 0) net;
    END IF;
    IF changed IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM events.events WHERE id = ANY (changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events.events e SET current_attendees = m.attendees
    FROM (SELECT c.id, count(r.id) AS attendees
          FROM unnest(changed) AS c (id)
          LEFT JOIN events.registrations r ON r.event_id = c.id AND r.status = 'registered'
          GROUP BY c.id) m
    WHERE e.id = m.id AND e.current_attendees <> m.attendees;
    RETURN NULL;
END;
$$;
REVOKE EXECUTE ON FUNCTION events.count_attendees() FROM PUBLIC;

CREATE TRIGGER attendee_count_insert AFTER INSERT ON events.registrations
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
CREATE TRIGGER attendee_count_update AFTER UPDATE ON events.registrations
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
CREATE TRIGGER attendee_count_delete AFTER DELETE ON events.registrations
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events.count_attendees();
