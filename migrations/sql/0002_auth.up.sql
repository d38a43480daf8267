-- Identities, their sessions and the traces of how they signed in. auth.users is the root that most
-- other schemas refer to.
CREATE SCHEMA IF NOT EXISTS auth;

CREATE TABLE auth.users (
    id                  UUID         NOT NULL DEFAULT gen_random_uuid(),
    email               VARCHAR(255) NOT NULL CONSTRAINT chk_users_email CHECK (email <> ''),
    email_verified      BOOLEAN      NOT NULL DEFAULT FALSE,
    email_verified_at   TIMESTAMPTZ  CONSTRAINT chk_users_email_verified_at CHECK (isfinite(email_verified_at)),
    phone               VARCHAR(20),
    phone_verified      BOOLEAN      NOT NULL DEFAULT FALSE,
    phone_verified_at   TIMESTAMPTZ  CONSTRAINT chk_users_phone_verified_at CHECK (isfinite(phone_verified_at)),
    -- '!' marks an account whose identity lives with the host: no password ever matches it.
    password_hash       VARCHAR(255) NOT NULL CONSTRAINT chk_users_password_hash CHECK (password_hash <> ''),
    mfa_enabled         BOOLEAN      NOT NULL DEFAULT FALSE,
    mfa_type            VARCHAR(20)  CONSTRAINT chk_users_mfa_type CHECK (mfa_type IN ('sms', 'authenticator', 'email')),
    -- Ciphertext with its key id, hence TEXT.
    mfa_secret          TEXT,
    -- The last time step of a one-time code that was accepted: each code works once.
    last_totp_step      BIGINT       CONSTRAINT chk_users_last_totp_step CHECK (last_totp_step >= 0),
    status              VARCHAR(20)  NOT NULL DEFAULT 'active'
                        CONSTRAINT chk_users_status CHECK (status IN ('active', 'suspended', 'deleted')),
    last_login_at       TIMESTAMPTZ  CONSTRAINT chk_users_last_login_at CHECK (isfinite(last_login_at)),
    password_changed_at TIMESTAMPTZ  CONSTRAINT chk_users_password_changed_at CHECK (isfinite(password_changed_at)),
    created_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_users_created_at CHECK (isfinite(created_at)),
    updated_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_users_updated_at CHECK (isfinite(updated_at)),
    deleted_at          TIMESTAMPTZ  CONSTRAINT chk_users_deleted_at CHECK (isfinite(deleted_at)),
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT chk_users_deletion CHECK ((status = 'deleted') = (deleted_at IS NOT NULL)),
    CONSTRAINT chk_users_mfa CHECK (NOT mfa_enabled OR mfa_type IS NOT NULL)
);
-- Addresses differ by more than case, and a deleted account frees its address.
CREATE UNIQUE INDEX uk_users_email ON auth.users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX idx_users_status ON auth.users (status);
CREATE INDEX idx_users_last_login_at ON auth.users (last_login_at);
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
    ip_address         INET,
    user_agent         TEXT,
    device_id          VARCHAR(100),
    device_type        VARCHAR(20)  CONSTRAINT chk_sessions_device_type CHECK (device_type IN ('web', 'ios', 'android')),
    auth_level         VARCHAR(20)  NOT NULL DEFAULT 'password'
                       CONSTRAINT chk_sessions_auth_level CHECK (auth_level IN ('password', 'mfa', 'elevated')),
    expires_at         TIMESTAMPTZ  NOT NULL CONSTRAINT chk_sessions_expires_at CHECK (isfinite(expires_at)),
    refresh_expires_at TIMESTAMPTZ  CONSTRAINT chk_sessions_refresh_expires_at CHECK (isfinite(refresh_expires_at)),
    refresh_used_at    TIMESTAMPTZ  CONSTRAINT chk_sessions_refresh_used_at CHECK (isfinite(refresh_used_at)),
    last_seen_at       TIMESTAMPTZ  CONSTRAINT chk_sessions_last_seen_at CHECK (isfinite(last_seen_at)),
    revoked_at         TIMESTAMPTZ  CONSTRAINT chk_sessions_revoked_at CHECK (isfinite(revoked_at)),
    created_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_sessions_created_at CHECK (isfinite(created_at)),
    updated_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_sessions_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_sessions_parent_id FOREIGN KEY (parent_id) REFERENCES auth.sessions (id) ON DELETE SET NULL,
    CONSTRAINT uk_sessions_token_hash UNIQUE (token_hash),
    CONSTRAINT uk_sessions_refresh_token_hash UNIQUE (refresh_token_hash)
);
CREATE INDEX idx_sessions_user_id ON auth.sessions (user_id);
CREATE INDEX idx_sessions_family_id ON auth.sessions (family_id);
CREATE INDEX idx_sessions_parent_id ON auth.sessions (parent_id);
CREATE INDEX idx_sessions_expires_at ON auth.sessions (expires_at);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON auth.sessions
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE auth.sessions IS 'Signed-in devices; tokens are stored as hashes only.';

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
    email          VARCHAR(255) CONSTRAINT chk_login_attempts_email CHECK (email = lower(email)),
    ip_address     INET,
    success        BOOLEAN      NOT NULL DEFAULT FALSE,
    failure_reason VARCHAR(100),
    created_at     TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_login_attempts_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_login_attempts PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE auth.login_attempts_default PARTITION OF auth.login_attempts DEFAULT;
CREATE INDEX idx_login_attempts_email_created_at ON auth.login_attempts (email, created_at);
CREATE INDEX idx_login_attempts_ip_address_created_at ON auth.login_attempts (ip_address, created_at);
COMMENT ON TABLE auth.login_attempts IS 'Every attempt to sign in, counted per account and per address before a password is verified.';
