-- Identities, their sessions and the traces of how they signed in. auth.users is the root that most
-- other schemas refer to.
CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE auth.users (
    id                  UUID         NOT NULL DEFAULT gen_random_uuid(),
    -- In the one spelling that addresses are compared in; see auth.NormalizeEmail.
    email               VARCHAR(255) NOT NULL CONSTRAINT chk_users_email
                        CHECK (email ~ '^[^A-Z[:space:][:cntrl:]]+@[^A-Z[:space:][:cntrl:]]+$'),
    email_verified      BOOLEAN      NOT NULL DEFAULT FALSE,
    email_verified_at   TIMESTAMPTZ  CONSTRAINT chk_users_email_verified_at CHECK (isfinite(email_verified_at)),
    phone               VARCHAR(20),
    phone_verified      BOOLEAN      NOT NULL DEFAULT FALSE,
    phone_verified_at   TIMESTAMPTZ  CONSTRAINT chk_users_phone_verified_at CHECK (isfinite(phone_verified_at)),
    -- '!' marks an account whose identity lives with the host: no password ever matches it.
    password_hash       VARCHAR(255) NOT NULL CONSTRAINT chk_users_password_hash CHECK (password_hash <> ''),
    mfa_enabled         BOOLEAN      NOT NULL DEFAULT FALSE,
    mfa_type            VARCHAR(20)  CONSTRAINT chk_users_mfa_type CHECK (mfa_type IN ('sms', 'authenticator', 'email')),
    -- Ciphertext with its key id, hence TEXT. The pending one waits for its first code.
    mfa_secret          TEXT         CONSTRAINT chk_users_mfa_secret CHECK (mfa_secret ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    mfa_pending_secret  TEXT         CONSTRAINT chk_users_mfa_pending_secret
                        CHECK (mfa_pending_secret ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    mfa_pending_at      TIMESTAMPTZ  CONSTRAINT chk_users_mfa_pending_at CHECK (isfinite(mfa_pending_at)),
    -- Codes by text message are accepted beside an authenticator.
    mfa_sms             BOOLEAN      NOT NULL DEFAULT FALSE,
    -- The last time step of a one-time code that was accepted: each code works once.
    last_totp_step      BIGINT       CONSTRAINT chk_users_last_totp_step CHECK (last_totp_step >= 0),
    status              VARCHAR(20)  NOT NULL DEFAULT 'active'
                        CONSTRAINT chk_users_status CHECK (status IN ('active', 'suspended', 'deleted')),
    last_login_at       TIMESTAMPTZ  CONSTRAINT chk_users_last_login_at CHECK (isfinite(last_login_at)),
    password_changed_at TIMESTAMPTZ  CONSTRAINT chk_users_password_changed_at CHECK (isfinite(password_changed_at)),
    created_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_users_created_at CHECK (isfinite(created_at)),
    updated_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_users_updated_at CHECK (isfinite(updated_at)),
    deleted_at          TIMESTAMPTZ  CONSTRAINT chk_users_deleted_at CHECK (isfinite(deleted_at)),
    -- A person whose data the law asks to keep is not erased meanwhile.
    erasure_hold        VARCHAR(100) CONSTRAINT chk_users_erasure_hold CHECK (erasure_hold <> ''),
    erased_at           TIMESTAMPTZ  CONSTRAINT chk_users_erased_at CHECK (isfinite(erased_at)),
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT chk_users_deletion CHECK ((status = 'deleted') = (deleted_at IS NOT NULL)),
    CONSTRAINT chk_users_mfa CHECK (NOT mfa_enabled OR mfa_type IS NOT NULL),
    CONSTRAINT chk_users_erasure CHECK (erased_at IS NULL OR status = 'deleted')
);
-- Addresses differ by more than case, and a deleted account frees its address.
CREATE UNIQUE INDEX uk_users_email ON auth.users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_status ON auth.users (status);
CREATE INDEX idx_users_last_login_at ON auth.users (last_login_at);
-- Who is deleted and not erased yet.
CREATE INDEX idx_users_deleted_at ON auth.users (deleted_at) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.users
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
CREATE TRIGGER soft_delete_user BEFORE DELETE ON auth.users
    FOR EACH ROW EXECUTE FUNCTION freehold.soft_delete();
COMMENT ON TABLE auth.users IS 'The identity table of the platform.';

-- Tokens are random bytes that only the client holds; the table knows their SHA-256 in hexadecimal.
-- A refresh makes a new session of the same family; a refresh token used twice revokes the family.
CREATE TABLE auth.sessions (
    id                 UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id            UUID         NOT NULL,
    family_id          UUID         NOT NULL,
    parent_id          UUID,
    token_hash         VARCHAR(255) NOT NULL CONSTRAINT chk_sessions_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    refresh_token_hash VARCHAR(255) CONSTRAINT chk_sessions_refresh_token_hash CHECK (refresh_token_hash ~ '^[0-9a-f]{64}$'),
    -- With the refresh token that a client shows again because the answer was lost, the salt gives
    -- the same new tokens once more.
    rotation_salt      BYTEA        CONSTRAINT chk_sessions_rotation_salt CHECK (octet_length(rotation_salt) = 32),
    ip_address         INET,
    place              VARCHAR(100),
    user_agent         TEXT         CONSTRAINT chk_sessions_user_agent CHECK (length(user_agent) <= 500),
    device_id          VARCHAR(100),
    device_type        VARCHAR(20)  CONSTRAINT chk_sessions_device_type CHECK (device_type IN ('web', 'ios', 'android')),
    auth_level         VARCHAR(20)  NOT NULL DEFAULT 'password'
                       CONSTRAINT chk_sessions_auth_level CHECK (auth_level IN ('password', 'mfa', 'elevated')),
    -- When the user last proved who they are.
    authenticated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_sessions_authenticated_at CHECK (isfinite(authenticated_at)),
    expires_at         TIMESTAMPTZ  NOT NULL CONSTRAINT chk_sessions_expires_at CHECK (isfinite(expires_at)),
    -- The end of the family, which no refresh moves.
    family_expires_at  TIMESTAMPTZ  NOT NULL DEFAULT now() + INTERVAL '1 day' CONSTRAINT chk_sessions_family_expires_at CHECK (isfinite(family_expires_at)),
    refresh_expires_at TIMESTAMPTZ  CONSTRAINT chk_sessions_refresh_expires_at CHECK (isfinite(refresh_expires_at)),
    refresh_used_at    TIMESTAMPTZ  CONSTRAINT chk_sessions_refresh_used_at CHECK (isfinite(refresh_used_at)),
    last_seen_at       TIMESTAMPTZ  CONSTRAINT chk_sessions_last_seen_at CHECK (isfinite(last_seen_at)),
    revoked_at         TIMESTAMPTZ  CONSTRAINT chk_sessions_revoked_at CHECK (isfinite(revoked_at)),
    revoked_reason     VARCHAR(20)  CONSTRAINT chk_sessions_revoked_reason CHECK (revoked_reason IN ('signed_out', 'revoked',
                       'replayed', 'password_changed', 'email_changed', 'suspended', 'deleted')),
    created_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_sessions_created_at CHECK (isfinite(created_at)),
    updated_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_sessions_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_sessions_parent_id FOREIGN KEY (parent_id) REFERENCES auth.sessions (id) ON DELETE SET NULL,
    CONSTRAINT uk_sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT uk_sessions_refresh_token_hash UNIQUE (refresh_token_hash),
    CONSTRAINT chk_sessions_revocation CHECK (revoked_reason IS NULL OR revoked_at IS NOT NULL)
);
CREATE INDEX idx_sessions_user_id ON auth.sessions (user_id);
CREATE INDEX idx_sessions_family_id ON auth.sessions (family_id);
CREATE INDEX idx_sessions_parent_id ON auth.sessions (parent_id);
CREATE INDEX idx_sessions_expires_at ON auth.sessions (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.sessions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.sessions IS 'Signed-in devices; tokens are stored as hashes only.';

-- The live session of a token, as every request asks for it: NULL for none. It is a function, so that a
-- session of the server keeps the plan, which costs more than the read.
CREATE FUNCTION auth.live_session(hash TEXT, seen_every INTERVAL) RETURNS JSON
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT row_to_json(live) FROM (
        SELECT s.id, s.user_id, s.family_id, s.parent_id, host(s.ip_address) AS ip_address, s.place, s.user_agent, s.device_id, s.device_type,
               s.auth_level, s.authenticated_at, s.expires_at, s.refresh_expires_at, s.refresh_used_at, s.family_expires_at, s.last_seen_at,
               s.created_at, s.updated_at, coalesce(s.last_seen_at + seen_every <= now(), true) AS unseen
        FROM auth.sessions s
        WHERE s.token_hash = hash AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND s.family_expires_at > clock_timestamp()
          AND (SELECT u.status FROM auth.users u WHERE u.id = s.user_id) = 'active') live);
END $$;

CREATE TABLE auth.password_resets (
    id         UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id    UUID         NOT NULL,
    token_hash VARCHAR(255) NOT NULL CONSTRAINT chk_password_resets_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    expires_at TIMESTAMPTZ  NOT NULL CONSTRAINT chk_password_resets_expires_at CHECK (isfinite(expires_at)),
    used_at    TIMESTAMPTZ  CONSTRAINT chk_password_resets_used_at CHECK (isfinite(used_at)),
    created_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_password_resets_created_at CHECK (isfinite(created_at)),
    updated_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_password_resets_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_password_resets PRIMARY KEY (id),
    CONSTRAINT fk_password_resets_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_password_resets_token_hash UNIQUE (token_hash)
);
CREATE INDEX idx_password_resets_user_id ON auth.password_resets (user_id);
CREATE INDEX idx_password_resets_expires_at ON auth.password_resets (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.password_resets
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.password_resets IS 'Requests to set a new password; the token is stored as its hash.';

CREATE TABLE auth.recovery_codes (
    id         UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id    UUID         NOT NULL,
    code_hash  VARCHAR(255) NOT NULL CONSTRAINT chk_recovery_codes_code_hash CHECK (code_hash <> ''),
    used_at    TIMESTAMPTZ  CONSTRAINT chk_recovery_codes_used_at CHECK (isfinite(used_at)),
    created_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_recovery_codes_created_at CHECK (isfinite(created_at)),
    updated_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_recovery_codes_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_recovery_codes PRIMARY KEY (id),
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_recovery_codes_user_id_code_hash UNIQUE (user_id, code_hash)
);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.recovery_codes
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.recovery_codes IS 'One-time codes for a lost second factor, stored as hashes.';

-- Append-heavy, therefore one partition per month, made by the library. What no month claims goes to
-- the default partition: an attempt is never refused for want of a partition. The address is kept in
-- lower case, so that attempts on one account count together.
CREATE TABLE auth.login_attempts (
    id             UUID         NOT NULL DEFAULT gen_random_uuid(),
    email          VARCHAR(255) CONSTRAINT chk_login_attempts_email CHECK (email ~ '^[^A-Z[:space:][:cntrl:]]+@[^A-Z[:space:][:cntrl:]]+$'),
    -- Of the account that was tried, if there is one; without a foreign key, as the rows come fast.
    user_id        UUID,
    kind           VARCHAR(20)  NOT NULL DEFAULT 'password'
                   CONSTRAINT chk_login_attempts_kind CHECK (kind IN ('password', 'second_factor', 'passkey', 'identity', 'step_up', 'password_change', 'password_reset')),
    ip_address     INET,
    user_agent     TEXT         CONSTRAINT chk_login_attempts_user_agent CHECK (length(user_agent) <= 500),
    success        BOOLEAN      NOT NULL DEFAULT FALSE,
    failure_reason VARCHAR(100),
    created_at     TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_login_attempts_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_login_attempts PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE auth.login_attempts_default PARTITION OF auth.login_attempts DEFAULT;
CREATE INDEX idx_login_attempts_email_created_at ON auth.login_attempts (email, created_at);
CREATE INDEX idx_login_attempts_user_id_created_at ON auth.login_attempts (user_id, created_at);
CREATE INDEX idx_login_attempts_ip_address_created_at ON auth.login_attempts (ip_address, created_at);
-- Finds what is old enough to be purged, and the month of the oldest.
CREATE INDEX idx_login_attempts_created_at ON auth.login_attempts (created_at);
COMMENT ON TABLE auth.login_attempts IS 'Every attempt to sign in, counted per account and per address before a password is verified.';

-- How often something was tried in the present window. The id is the beginning of the SHA-256 of what
-- is counted (an account, an address, a code), so that accounts that exist and those that don't count alike.
CREATE TABLE auth.attempt_counters (
    id                UUID        NOT NULL DEFAULT gen_random_uuid(),
    attempts          INTEGER     NOT NULL CONSTRAINT chk_attempt_counters_attempts CHECK (attempts > 0),
    window_started_at TIMESTAMPTZ NOT NULL CONSTRAINT chk_attempt_counters_window_started_at CHECK (isfinite(window_started_at)),
    -- Counted on until a success, whatever the window: attempts in a row at an account that exists.
    lasting           BOOLEAN     NOT NULL DEFAULT FALSE,
    CONSTRAINT pk_attempt_counters PRIMARY KEY (id)
);
CREATE INDEX idx_attempt_counters_window_started_at ON auth.attempt_counters (window_started_at);
COMMENT ON TABLE auth.attempt_counters IS 'Attempts per account, address and code in the present window, and in a row; limits that parallel attempts cannot pass.';

-- Codes and links that are sent to a person and come back once. Short codes are stored as a keyed
-- hash, since all of them could be tried; links as the SHA-256 of their 256 bits.
CREATE TABLE auth.one_time_codes (
    id         UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id    UUID         NOT NULL,
    purpose    VARCHAR(20)  NOT NULL CONSTRAINT chk_one_time_codes_purpose
               CHECK (purpose IN ('verify_email', 'change_email', 'verify_phone', 'sms_factor', 'email_factor')),
    -- The challenge or the family of sessions at which alone a short code counts; without a foreign
    -- key, as it is of either table.
    asked_by   UUID,
    code_hash  VARCHAR(64)  NOT NULL CONSTRAINT chk_one_time_codes_code_hash CHECK (code_hash ~ '^[0-9a-f]{64}$'),
    target     VARCHAR(255) NOT NULL,
    attempts   INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_one_time_codes_attempts CHECK (attempts >= 0),
    expires_at TIMESTAMPTZ  NOT NULL CONSTRAINT chk_one_time_codes_expires_at CHECK (isfinite(expires_at)),
    used_at    TIMESTAMPTZ  CONSTRAINT chk_one_time_codes_used_at CHECK (isfinite(used_at)),
    created_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_one_time_codes_created_at CHECK (isfinite(created_at)),
    updated_at TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_one_time_codes_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_one_time_codes PRIMARY KEY (id),
    CONSTRAINT fk_one_time_codes_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);
CREATE INDEX idx_one_time_codes_user_id_purpose ON auth.one_time_codes (user_id, purpose);
CREATE INDEX idx_one_time_codes_code_hash ON auth.one_time_codes (code_hash);
CREATE INDEX idx_one_time_codes_expires_at ON auth.one_time_codes (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.one_time_codes
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.one_time_codes IS 'Codes and links that prove an address or a phone, or serve as a second factor; stored as hashes.';

-- Ceremonies that have begun: a sign-in that waits for its second factor, a passkey being made or shown.
CREATE TABLE auth.challenges (
    id          UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id     UUID,
    purpose     VARCHAR(20)  NOT NULL CONSTRAINT chk_challenges_purpose
                CHECK (purpose IN ('second_factor', 'passkey_enrolment', 'passkey_sign_in', 'passkey_step_up')),
    token_hash  VARCHAR(64)  NOT NULL CONSTRAINT chk_challenges_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    data        JSONB,
    expires_at  TIMESTAMPTZ  NOT NULL CONSTRAINT chk_challenges_expires_at CHECK (isfinite(expires_at)),
    used_at     TIMESTAMPTZ  CONSTRAINT chk_challenges_used_at CHECK (isfinite(used_at)),
    created_at  TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_challenges_created_at CHECK (isfinite(created_at)),
    updated_at  TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_challenges_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_challenges PRIMARY KEY (id),
    CONSTRAINT fk_challenges_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_challenges_token_hash UNIQUE (token_hash)
);
CREATE INDEX idx_challenges_user_id ON auth.challenges (user_id);
CREATE INDEX idx_challenges_expires_at ON auth.challenges (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.challenges
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.challenges IS 'Sign-ins that wait for a second factor and passkey ceremonies; used once, short-lived.';

CREATE TABLE auth.trusted_devices (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id      UUID         NOT NULL,
    token_hash   VARCHAR(64)  NOT NULL CONSTRAINT chk_trusted_devices_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    name         VARCHAR(100),
    -- Without it the device is only known: its attempts count by themselves.
    skips_factor BOOLEAN      NOT NULL DEFAULT TRUE,
    expires_at   TIMESTAMPTZ  NOT NULL CONSTRAINT chk_trusted_devices_expires_at CHECK (isfinite(expires_at)),
    last_used_at TIMESTAMPTZ  CONSTRAINT chk_trusted_devices_last_used_at CHECK (isfinite(last_used_at)),
    revoked_at   TIMESTAMPTZ  CONSTRAINT chk_trusted_devices_revoked_at CHECK (isfinite(revoked_at)),
    created_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_trusted_devices_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_trusted_devices_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_trusted_devices PRIMARY KEY (id),
    CONSTRAINT fk_trusted_devices_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_trusted_devices_token_hash UNIQUE (token_hash)
);
CREATE INDEX idx_trusted_devices_user_id ON auth.trusted_devices (user_id);
CREATE INDEX idx_trusted_devices_expires_at ON auth.trusted_devices (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.trusted_devices
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.trusted_devices IS 'Devices from which a user has signed in: attempts there count by themselves, and the second factor may be left out for a while.';

CREATE TABLE auth.passkeys (
    id            UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id       UUID         NOT NULL,
    credential_id BYTEA        NOT NULL CONSTRAINT chk_passkeys_credential_id CHECK (octet_length(credential_id) BETWEEN 16 AND 1023),
    -- What the protocol keeps of the authenticator: the public key and its counters, no secret.
    credential    JSONB        NOT NULL,
    name          VARCHAR(100),
    last_used_at  TIMESTAMPTZ  CONSTRAINT chk_passkeys_last_used_at CHECK (isfinite(last_used_at)),
    created_at    TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_passkeys_created_at CHECK (isfinite(created_at)),
    updated_at    TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_passkeys_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_passkeys PRIMARY KEY (id),
    CONSTRAINT fk_passkeys_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_passkeys_credential_id UNIQUE (credential_id)
);
CREATE INDEX idx_passkeys_user_id ON auth.passkeys (user_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.passkeys
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.passkeys IS 'Public keys of the authenticators of a user (WebAuthn).';

CREATE TABLE auth.api_keys (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id      UUID         NOT NULL,
    name         VARCHAR(100) NOT NULL,
    hint         VARCHAR(12)  NOT NULL,
    key_hash     VARCHAR(64)  NOT NULL CONSTRAINT chk_api_keys_key_hash CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    scopes       TEXT[]       NOT NULL,
    replaces_id  UUID,
    created_by   UUID,
    expires_at   TIMESTAMPTZ  NOT NULL CONSTRAINT chk_api_keys_expires_at CHECK (isfinite(expires_at)),
    last_used_at TIMESTAMPTZ  CONSTRAINT chk_api_keys_last_used_at CHECK (isfinite(last_used_at)),
    revoked_at   TIMESTAMPTZ  CONSTRAINT chk_api_keys_revoked_at CHECK (isfinite(revoked_at)),
    created_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_api_keys_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_api_keys_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT fk_api_keys_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_api_keys_replaces_id FOREIGN KEY (replaces_id) REFERENCES auth.api_keys (id) ON DELETE SET NULL,
    CONSTRAINT fk_api_keys_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT uk_api_keys_key_hash UNIQUE (key_hash),
    CONSTRAINT uk_api_keys_replaces_id UNIQUE (replaces_id)
);
CREATE INDEX idx_api_keys_user_id ON auth.api_keys (user_id);
CREATE INDEX idx_api_keys_created_by ON auth.api_keys (created_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.api_keys
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.api_keys IS 'Keys of machines that act for a user, within scopes; stored as hashes.';

CREATE TABLE auth.identities (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    user_id      UUID         NOT NULL,
    issuer       VARCHAR(255) NOT NULL CONSTRAINT chk_identities_issuer CHECK (issuer <> ''),
    subject      VARCHAR(255) NOT NULL CONSTRAINT chk_identities_subject CHECK (subject <> ''),
    last_used_at TIMESTAMPTZ  CONSTRAINT chk_identities_last_used_at CHECK (isfinite(last_used_at)),
    created_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_identities_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_identities_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_identities PRIMARY KEY (id),
    CONSTRAINT fk_identities_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uk_identities_issuer_subject UNIQUE (issuer, subject)
);
CREATE INDEX idx_identities_user_id ON auth.identities (user_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.identities
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.identities IS 'Identities at OpenID providers that are linked to a user; the host speaks the protocol.';

-- Who may do what: a role, of those that the policy in the host's configuration describes, over
-- everything or over one object. A grant is revoked, not removed.
CREATE TABLE auth.role_grants (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    user_id     UUID        NOT NULL,
    role        VARCHAR(50) NOT NULL CONSTRAINT chk_role_grants_role CHECK (role ~ '^[a-z][a-z_]*$'),
    object_kind VARCHAR(50),
    object_id   UUID,
    granted_by  UUID,
    expires_at  TIMESTAMPTZ CONSTRAINT chk_role_grants_expires_at CHECK (isfinite(expires_at)),
    revoked_at  TIMESTAMPTZ CONSTRAINT chk_role_grants_revoked_at CHECK (isfinite(revoked_at)),
    revoked_by  UUID,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_role_grants_created_at CHECK (isfinite(created_at)),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_role_grants_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_role_grants PRIMARY KEY (id),
    CONSTRAINT fk_role_grants_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_role_grants_granted_by FOREIGN KEY (granted_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT fk_role_grants_revoked_by FOREIGN KEY (revoked_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_role_grants_object CHECK ((object_kind IS NULL) = (object_id IS NULL))
);
CREATE UNIQUE INDEX uk_role_grants_open ON auth.role_grants
    (user_id, role, coalesce(object_kind, ''), coalesce(object_id, '00000000-0000-0000-0000-000000000000')) WHERE revoked_at IS NULL;
CREATE INDEX idx_role_grants_user_id ON auth.role_grants (user_id);
CREATE INDEX idx_role_grants_role ON auth.role_grants (role) WHERE revoked_at IS NULL;
CREATE INDEX idx_role_grants_granted_by ON auth.role_grants (granted_by);
CREATE INDEX idx_role_grants_revoked_by ON auth.role_grants (revoked_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.role_grants
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.role_grants IS 'The roles that users hold, over everything or over one object.';

-- People are named without foreign keys: the list outlives whom it is about.
CREATE TABLE auth.audit_entries (
    id         UUID        NOT NULL DEFAULT gen_random_uuid(),
    user_id    UUID        NOT NULL,
    actor_id   UUID,
    session_id UUID,
    action     VARCHAR(50) NOT NULL CONSTRAINT chk_audit_entries_action CHECK (action ~ '^[a-z][a-z_]*$'),
    detail     VARCHAR(200),
    ip_address INET,
    user_agent TEXT        CONSTRAINT chk_audit_entries_user_agent CHECK (length(user_agent) <= 500),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_audit_entries_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);
CREATE INDEX idx_audit_entries_user_id_created_at ON auth.audit_entries (user_id, created_at);
CREATE INDEX idx_audit_entries_actor_id_created_at ON auth.audit_entries (actor_id, created_at);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON auth.audit_entries
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON auth.audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE auth.audit_entries IS 'What happened to an identity, from where and by whom; append-only.';
