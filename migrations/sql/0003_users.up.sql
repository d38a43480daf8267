-- People behind the identities: profiles, verifications, and how users meet and write to each other.
CREATE SCHEMA IF NOT EXISTS users;

CREATE TABLE users.profiles (
    id                       UUID          NOT NULL DEFAULT gen_random_uuid(),
    user_id                  UUID          NOT NULL,
    first_name               VARCHAR(100),
    last_name                VARCHAR(100),
    display_name             VARCHAR(200),
    avatar_url               VARCHAR(500),
    bio                      TEXT          CONSTRAINT chk_profiles_bio CHECK (length(bio) <= 5000),
    headline                 VARCHAR(200),
    company                  VARCHAR(200),
    position                 VARCHAR(200),
    location_city            VARCHAR(100),
    location_state           VARCHAR(50),
    location_country         VARCHAR(50),
    timezone                 VARCHAR(50),
    linkedin_url             VARCHAR(200),
    website_url              VARCHAR(200),
    phone                    VARCHAR(20),
    -- Ciphertext with its key id, hence TEXT.
    date_of_birth            TEXT          CONSTRAINT chk_profiles_date_of_birth
                             CHECK (date_of_birth ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    investment_interests     TEXT[],
    investment_range_min     NUMERIC(15,2) CONSTRAINT chk_profiles_investment_range_min
                             CHECK (investment_range_min >= 0 AND investment_range_min < 'NaN'),
    investment_range_max     NUMERIC(15,2) CONSTRAINT chk_profiles_investment_range_max
                             CHECK (investment_range_max >= 0 AND investment_range_max < 'NaN'),
    risk_tolerance           VARCHAR(20)   CONSTRAINT chk_profiles_risk_tolerance
                             CHECK (risk_tolerance IN ('conservative', 'moderate', 'aggressive')),
    investment_horizon       VARCHAR(20)   CONSTRAINT chk_profiles_investment_horizon
                             CHECK (investment_horizon IN ('short', 'medium', 'long')),
    sectors_of_interest      TEXT[],
    profile_visibility       VARCHAR(20)   NOT NULL DEFAULT 'public' CONSTRAINT chk_profiles_profile_visibility
                             CHECK (profile_visibility IN ('public', 'connections', 'private')),
    show_email               BOOLEAN       NOT NULL DEFAULT FALSE,
    show_phone               BOOLEAN       NOT NULL DEFAULT FALSE,
    show_investments         BOOLEAN       NOT NULL DEFAULT FALSE,
    profile_completed_at     TIMESTAMPTZ   CONSTRAINT chk_profiles_profile_completed_at CHECK (isfinite(profile_completed_at)),
    profile_completion_score INTEGER       NOT NULL DEFAULT 0 CONSTRAINT chk_profiles_profile_completion_score
                             CHECK (profile_completion_score BETWEEN 0 AND 100),
    version                  BIGINT        NOT NULL DEFAULT 1,
    created_at               TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_profiles_created_at CHECK (isfinite(created_at)),
    updated_at               TIMESTAMPTZ   NOT NULL DEFAULT now() CONSTRAINT chk_profiles_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_profiles PRIMARY KEY (id),
    CONSTRAINT uk_profiles_user_id UNIQUE (user_id),
    CONSTRAINT fk_profile_user FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT chk_investment_range CHECK (investment_range_min <= investment_range_max)
);
CREATE INDEX idx_profiles_location_country_location_state_location_city
    ON users.profiles (location_country, location_state, location_city);
CREATE INDEX idx_profiles_sectors_of_interest ON users.profiles USING gin (sectors_of_interest);
CREATE INDEX idx_profile_search ON users.profiles USING gin (to_tsvector('english',
    coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(bio, '') || ' ' || coalesce(headline, '')));
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON users.profiles
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE users.profiles IS 'What users show of themselves, and how they like to invest.';

CREATE TABLE users.verifications (
    id                UUID        NOT NULL DEFAULT gen_random_uuid(),
    user_id           UUID        NOT NULL,
    type              VARCHAR(50) NOT NULL CONSTRAINT chk_verifications_type
                      CHECK (type IN ('accredited', 'kyc', 'aml', 'identity')),
    status            VARCHAR(20) NOT NULL DEFAULT 'pending' CONSTRAINT chk_verifications_status
                      CHECK (status IN ('pending', 'approved', 'rejected', 'expired')),
    method            VARCHAR(50) CONSTRAINT chk_verifications_method
                      CHECK (method IN ('income', 'net_worth', 'license', 'third_party')),
    provider          VARCHAR(50),
    -- Ciphertext with its key id, hence TEXT.
    verification_data TEXT        CONSTRAINT chk_verifications_verification_data
                      CHECK (verification_data ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    documents         JSONB       CONSTRAINT chk_verifications_documents CHECK (octet_length(documents::text) <= 65536),
    rejection_reason  TEXT        CONSTRAINT chk_verifications_rejection_reason CHECK (length(rejection_reason) <= 2000),
    expires_at        TIMESTAMPTZ CONSTRAINT chk_verifications_expires_at CHECK (isfinite(expires_at)),
    submitted_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_verifications_submitted_at CHECK (isfinite(submitted_at)),
    reviewed_at       TIMESTAMPTZ CONSTRAINT chk_verifications_reviewed_at CHECK (isfinite(reviewed_at)),
    reviewed_by       UUID,
    created_at        TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_verifications_created_at CHECK (isfinite(created_at)),
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_verifications_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_verifications PRIMARY KEY (id),
    CONSTRAINT fk_verification_user FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_verifications_reviewed_by FOREIGN KEY (reviewed_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_verifications_review CHECK (status NOT IN ('approved', 'rejected') OR reviewed_at IS NOT NULL)
);
CREATE UNIQUE INDEX uk_verifications_pending ON users.verifications (user_id, type) WHERE status = 'pending';
CREATE INDEX idx_verifications_user_id_type ON users.verifications (user_id, type);
CREATE INDEX idx_verifications_status ON users.verifications (status);
CREATE INDEX idx_verifications_expires_at ON users.verifications (expires_at);
CREATE INDEX idx_verifications_reviewed_by ON users.verifications (reviewed_by);
CREATE INDEX idx_verified_users ON users.verifications (user_id) WHERE status = 'approved' AND type = 'accredited';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON users.verifications
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE users.verifications IS 'Proofs that a user is who he says and may invest; one pending per user and type.';

CREATE TABLE users.connections (
    id           UUID        NOT NULL DEFAULT gen_random_uuid(),
    requester_id UUID        NOT NULL,
    recipient_id UUID        NOT NULL,
    status       VARCHAR(20) NOT NULL DEFAULT 'pending' CONSTRAINT chk_connections_status
                 CHECK (status IN ('pending', 'accepted', 'rejected', 'blocked')),
    message      TEXT        CONSTRAINT chk_connections_message CHECK (length(message) <= 2000),
    accepted_at  TIMESTAMPTZ CONSTRAINT chk_connections_accepted_at CHECK (isfinite(accepted_at)),
    rejected_at  TIMESTAMPTZ CONSTRAINT chk_connections_rejected_at CHECK (isfinite(rejected_at)),
    blocked_at   TIMESTAMPTZ CONSTRAINT chk_connections_blocked_at CHECK (isfinite(blocked_at)),
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_connections_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_connections_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_connections PRIMARY KEY (id),
    CONSTRAINT fk_connections_requester_id FOREIGN KEY (requester_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_connections_recipient_id FOREIGN KEY (recipient_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT chk_connections_self CHECK (requester_id <> recipient_id)
);
-- Two people have one connection, whoever asked first.
CREATE UNIQUE INDEX uk_unique_connection
    ON users.connections (LEAST(requester_id, recipient_id), GREATEST(requester_id, recipient_id));
CREATE INDEX idx_connections_requester_id_status ON users.connections (requester_id, status);
CREATE INDEX idx_connections_recipient_id_status ON users.connections (recipient_id, status);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON users.connections
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE users.connections IS 'Who is connected to whom; one row per pair of users.';

CREATE TABLE users.conversations (
    id              UUID        NOT NULL DEFAULT gen_random_uuid(),
    type            VARCHAR(20) NOT NULL DEFAULT 'direct' CONSTRAINT chk_conversations_type
                    CHECK (type IN ('direct', 'group')),
    name            VARCHAR(200),
    participants    UUID[],
    last_message_at TIMESTAMPTZ CONSTRAINT chk_conversations_last_message_at CHECK (isfinite(last_message_at)),
    created_by      UUID,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_conversations_created_at CHECK (isfinite(created_at)),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_conversations_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_conversations PRIMARY KEY (id),
    CONSTRAINT fk_conversations_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL
);
CREATE INDEX idx_conversations_participants ON users.conversations USING gin (participants);
CREATE INDEX idx_conversations_last_message_at ON users.conversations (last_message_at DESC);
CREATE INDEX idx_conversations_created_by ON users.conversations (created_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON users.conversations
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE users.conversations IS 'Threads of messages between two users or in a group.';

CREATE TABLE users.messages (
    id              UUID        NOT NULL DEFAULT gen_random_uuid(),
    conversation_id UUID        NOT NULL,
    sender_id       UUID        NOT NULL,
    recipient_id    UUID,
    content         TEXT        NOT NULL CONSTRAINT chk_messages_content CHECK (length(content) <= 20000),
    content_type    VARCHAR(20) NOT NULL DEFAULT 'text' CONSTRAINT chk_messages_content_type
                    CHECK (content_type IN ('text', 'image', 'document')),
    attachments     JSONB       CONSTRAINT chk_messages_attachments CHECK (octet_length(attachments::text) <= 65536),
    read_at         TIMESTAMPTZ CONSTRAINT chk_messages_read_at CHECK (isfinite(read_at)),
    edited_at       TIMESTAMPTZ CONSTRAINT chk_messages_edited_at CHECK (isfinite(edited_at)),
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_messages_created_at CHECK (isfinite(created_at)),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_messages_updated_at CHECK (isfinite(updated_at)),
    deleted_at      TIMESTAMPTZ CONSTRAINT chk_messages_deleted_at CHECK (isfinite(deleted_at)),
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT fk_messages_conversation_id FOREIGN KEY (conversation_id) REFERENCES users.conversations (id) ON DELETE CASCADE,
    CONSTRAINT fk_messages_sender_id FOREIGN KEY (sender_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_messages_recipient_id FOREIGN KEY (recipient_id) REFERENCES auth.users (id) ON DELETE SET NULL
);
CREATE INDEX idx_messages_conversation_id_created_at ON users.messages (conversation_id, created_at);
CREATE INDEX idx_messages_sender_id ON users.messages (sender_id);
CREATE INDEX idx_messages_recipient_id_read_at ON users.messages (recipient_id, read_at);
CREATE INDEX idx_unread_messages ON users.messages (recipient_id, created_at) WHERE read_at IS NULL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON users.messages
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE users.messages IS 'Messages of a conversation; no recipient means the whole group.';
