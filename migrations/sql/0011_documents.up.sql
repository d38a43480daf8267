-- Documents, with whom they are shared and who signed them. Documents and signatures are legal
-- records: nothing here is deleted along with a user.
CREATE SCHEMA IF NOT EXISTS documents;

CREATE TABLE documents.documents (
    id                 UUID         NOT NULL DEFAULT gen_random_uuid(),
    owner_id           UUID         NOT NULL,
    name               VARCHAR(255) NOT NULL,
    type               VARCHAR(50)  CONSTRAINT chk_documents_type
                       CHECK (type IN ('contract', 'report', 'presentation', 'tax_form')),
    category           VARCHAR(50)  CONSTRAINT chk_documents_category
                       CHECK (category IN ('investment', 'legal', 'financial', 'marketing')),
    file_name          VARCHAR(255),
    file_size          BIGINT       CONSTRAINT chk_documents_file_size CHECK (file_size >= 0),
    file_type          VARCHAR(255),
    -- SHA-256 of the file's bytes in hexadecimal.
    file_hash          VARCHAR(64)  CONSTRAINT chk_documents_file_hash CHECK (file_hash ~ '^[0-9a-f]{64}$'),
    storage_url        VARCHAR(500),
    version            INTEGER      NOT NULL DEFAULT 1 CONSTRAINT chk_documents_version CHECK (version > 0),
    -- The first version, on all later ones; NULL on the first version itself.
    parent_document_id UUID,
    is_latest_version  BOOLEAN      NOT NULL DEFAULT TRUE,
    visibility         VARCHAR(20)  NOT NULL DEFAULT 'private' CONSTRAINT chk_documents_visibility
                       CHECK (visibility IN ('public', 'private', 'shared')),
    requires_signature BOOLEAN      NOT NULL DEFAULT FALSE,
    -- The offering whose paper it is; what requires a signature there is required of its investors.
    opportunity_id     UUID,
    -- What the paper is about, beside an offering.
    property_id        UUID,
    account_id         UUID,
    position_id        UUID,
    statement_id       UUID,
    -- A path of names between slashes; '' is the top.
    folder             VARCHAR(500) NOT NULL DEFAULT '' CONSTRAINT chk_documents_folder
                       CHECK (folder !~ '(^/|/$|//)'),
    -- Not deleted before this day's end, nor while there is a hold, whose reason this is.
    retain_until       DATE         CONSTRAINT chk_documents_retain_until CHECK (isfinite(retain_until)),
    hold_reason        VARCHAR(500),
    description        TEXT,
    tags               TEXT[],
    metadata           JSONB,
    uploaded_at        TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_documents_uploaded_at CHECK (isfinite(uploaded_at)),
    modified_at        TIMESTAMPTZ  CONSTRAINT chk_documents_modified_at CHECK (isfinite(modified_at)),
    created_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_documents_created_at CHECK (isfinite(created_at)),
    updated_at         TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_documents_updated_at CHECK (isfinite(updated_at)),
    deleted_at         TIMESTAMPTZ  CONSTRAINT chk_documents_deleted_at CHECK (isfinite(deleted_at)),
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT fk_documents_owner_id FOREIGN KEY (owner_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_opportunity_id FOREIGN KEY (opportunity_id) REFERENCES investments.opportunities (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_property_id FOREIGN KEY (property_id) REFERENCES properties.properties (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_account_id FOREIGN KEY (account_id) REFERENCES investments.investor_accounts (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_position_id FOREIGN KEY (position_id) REFERENCES investments.property_investments (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_statement_id FOREIGN KEY (statement_id) REFERENCES investments.statements (id) ON DELETE RESTRICT,
    CONSTRAINT fk_documents_parent_document_id FOREIGN KEY (parent_document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    -- The first version may carry any number: histories are imported from the middle.
    CONSTRAINT chk_documents_lineage CHECK (parent_document_id IS NULL OR (version > 1 AND parent_document_id <> id))
);
-- One latest version per document, and each version number once.
CREATE UNIQUE INDEX uk_documents_latest_version ON documents.documents ((COALESCE(parent_document_id, id)))
    WHERE is_latest_version AND deleted_at IS NULL;
CREATE UNIQUE INDEX uk_documents_version ON documents.documents ((COALESCE(parent_document_id, id)), version)
    WHERE deleted_at IS NULL;
CREATE INDEX idx_documents_owner_id ON documents.documents (owner_id);
CREATE INDEX idx_documents_opportunity_id ON documents.documents (opportunity_id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX idx_documents_property_id ON documents.documents (property_id) WHERE property_id IS NOT NULL;
CREATE INDEX idx_documents_account_id ON documents.documents (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX idx_documents_position_id ON documents.documents (position_id) WHERE position_id IS NOT NULL;
CREATE INDEX idx_documents_statement_id ON documents.documents (statement_id) WHERE statement_id IS NOT NULL;
CREATE INDEX idx_documents_parent_document_id ON documents.documents (parent_document_id);
-- What no row names may be removed from storage.
CREATE INDEX idx_documents_storage_url ON documents.documents (storage_url);
CREATE INDEX idx_documents_type ON documents.documents (type);
CREATE INDEX idx_documents_category ON documents.documents (category);
CREATE INDEX idx_documents_tags ON documents.documents USING gin (tags);
CREATE INDEX idx_documents_search ON documents.documents
    USING gin (to_tsvector('english', coalesce(name, '') || ' ' || coalesce(description, '')));
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.documents
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.documents IS 'Documents and their versions; the bytes lie in a storage backend.';

-- Files on their way into storage. The row is there before the object, and the object before it is
-- complete: what no row names may be removed from storage, and nothing else.
CREATE TABLE documents.uploads (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    uploader_id  UUID         NOT NULL,
    object_key   VARCHAR(400) NOT NULL,
    file_name    VARCHAR(255) NOT NULL,
    file_type    VARCHAR(255) NOT NULL,
    file_size    BIGINT       NOT NULL CONSTRAINT chk_uploads_file_size CHECK (file_size >= 0),
    file_hash    VARCHAR(64)  NOT NULL CONSTRAINT chk_uploads_file_hash CHECK (file_hash ~ '^[0-9a-f]{64}$'),
    status       VARCHAR(20)  NOT NULL DEFAULT 'pending' CONSTRAINT chk_uploads_status
                 CHECK (status IN ('pending', 'complete', 'abandoned')),
    -- The version whose bytes these are.
    document_id  UUID,
    -- Since when another row of the library's names it, such as one of media.files.
    taken_at     TIMESTAMPTZ  CONSTRAINT chk_uploads_taken_at CHECK (isfinite(taken_at)),
    expires_at   TIMESTAMPTZ  NOT NULL CONSTRAINT chk_uploads_expires_at CHECK (isfinite(expires_at)),
    completed_at TIMESTAMPTZ  CONSTRAINT chk_uploads_completed_at CHECK (isfinite(completed_at)),
    removed_at   TIMESTAMPTZ  CONSTRAINT chk_uploads_removed_at CHECK (isfinite(removed_at)),
    created_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_uploads_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_uploads_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_uploads PRIMARY KEY (id),
    CONSTRAINT uk_uploads_object_key UNIQUE (object_key),
    CONSTRAINT uk_uploads_document_id UNIQUE (document_id),
    CONSTRAINT fk_uploads_uploader_id FOREIGN KEY (uploader_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_uploads_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT chk_uploads_attached CHECK (document_id IS NULL OR status = 'complete'),
    CONSTRAINT chk_uploads_taken CHECK (taken_at IS NULL OR (status = 'complete' AND document_id IS NULL)),
    CONSTRAINT chk_uploads_completed CHECK (status <> 'complete' OR completed_at IS NOT NULL),
    CONSTRAINT chk_uploads_removed CHECK (removed_at IS NULL OR status = 'abandoned')
);
CREATE INDEX idx_uploads_uploader_id ON documents.uploads (uploader_id);
CREATE INDEX idx_uploads_expires_at ON documents.uploads (expires_at)
    WHERE document_id IS NULL AND taken_at IS NULL AND removed_at IS NULL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.uploads
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.uploads IS 'Files on their way into storage, and the objects that are there.';

-- The files of photos, videos and tours. It stands here because it refers to uploads. A verb
-- that deletes what it belongs to takes it away first, and gives its upload up.
CREATE TABLE media.files (
    id         UUID        NOT NULL DEFAULT gen_random_uuid(),
    photo_id   UUID,
    video_id   UUID,
    tour_id    UUID,
    upload_id  UUID        NOT NULL,
    variant    VARCHAR(20) NOT NULL CONSTRAINT chk_files_variant
               CHECK (variant IN ('original', 'full', 'large', 'medium', 'thumbnail')),
    -- Of a picture, in pixels.
    width      INTEGER     CONSTRAINT chk_files_width CHECK (width > 0),
    height     INTEGER     CONSTRAINT chk_files_height CHECK (height > 0),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_files_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_files PRIMARY KEY (id),
    CONSTRAINT uk_files_upload_id UNIQUE (upload_id),
    CONSTRAINT fk_files_photo_id FOREIGN KEY (photo_id) REFERENCES media.property_photos (id) ON DELETE RESTRICT,
    CONSTRAINT fk_files_video_id FOREIGN KEY (video_id) REFERENCES media.property_videos (id) ON DELETE RESTRICT,
    CONSTRAINT fk_files_tour_id FOREIGN KEY (tour_id) REFERENCES media.virtual_tours (id) ON DELETE RESTRICT,
    CONSTRAINT fk_files_upload_id FOREIGN KEY (upload_id) REFERENCES documents.uploads (id) ON DELETE RESTRICT,
    CONSTRAINT chk_files_one_owner CHECK (num_nonnulls(photo_id, video_id, tour_id) = 1)
);
CREATE UNIQUE INDEX uk_files_photo_id_variant ON media.files (photo_id, variant) WHERE photo_id IS NOT NULL;
CREATE UNIQUE INDEX uk_files_video_id_variant ON media.files (video_id, variant) WHERE video_id IS NOT NULL;
CREATE UNIQUE INDEX uk_files_tour_id_variant ON media.files (tour_id, variant) WHERE tour_id IS NOT NULL;
COMMENT ON TABLE media.files IS 'Files of photos, videos and tours in the library''s storage.';

-- A share is of a document with all of its versions, and names the first.
CREATE TABLE documents.document_shares (
    id           UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id  UUID        NOT NULL,
    shared_by    UUID        NOT NULL,
    shared_with  UUID        NOT NULL,
    can_view     BOOLEAN     NOT NULL DEFAULT TRUE,
    can_download BOOLEAN     NOT NULL DEFAULT FALSE,
    can_edit     BOOLEAN     NOT NULL DEFAULT FALSE,
    can_share    BOOLEAN     NOT NULL DEFAULT FALSE,
    expires_at   TIMESTAMPTZ CONSTRAINT chk_document_shares_expires_at CHECK (isfinite(expires_at)),
    accessed_at  TIMESTAMPTZ CONSTRAINT chk_document_shares_accessed_at CHECK (isfinite(accessed_at)),
    access_count INTEGER     NOT NULL DEFAULT 0 CONSTRAINT chk_document_shares_access_count CHECK (access_count >= 0),
    shared_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_document_shares_shared_at CHECK (isfinite(shared_at)),
    revoked_at   TIMESTAMPTZ CONSTRAINT chk_document_shares_revoked_at CHECK (isfinite(revoked_at)),
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_document_shares_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_document_shares_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_document_shares PRIMARY KEY (id),
    CONSTRAINT fk_document_shares_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE CASCADE,
    CONSTRAINT fk_document_shares_shared_by FOREIGN KEY (shared_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_document_shares_shared_with FOREIGN KEY (shared_with) REFERENCES auth.users (id) ON DELETE RESTRICT
);
-- A revoked share stays as a record; sharing again makes a new one.
CREATE UNIQUE INDEX uk_unique_share ON documents.document_shares (document_id, shared_with) WHERE revoked_at IS NULL;
CREATE INDEX idx_document_shares_document_id ON documents.document_shares (document_id);
CREATE INDEX idx_document_shares_shared_by ON documents.document_shares (shared_by);
CREATE INDEX idx_document_shares_shared_with ON documents.document_shares (shared_with);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.document_shares
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.document_shares IS 'Who may see a document of somebody else, and do what with it.';

CREATE TABLE documents.signatures (
    id                  UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id         UUID        NOT NULL,
    signer_id           UUID        NOT NULL,
    signature_type      VARCHAR(20) CONSTRAINT chk_signatures_signature_type CHECK (signature_type IN ('electronic', 'digital')),
    signature_data      TEXT,
    signature_image_url VARCHAR(500),
    ip_address          INET,
    user_agent          TEXT,
    verification_method VARCHAR(50) CONSTRAINT chk_signatures_verification_method
                        CHECK (verification_method IN ('email', 'sms', 'id_verification')),
    verification_data   JSONB,
    status              VARCHAR(20) NOT NULL DEFAULT 'pending' CONSTRAINT chk_signatures_status
                        CHECK (status IN ('pending', 'signed', 'declined')),
    requested_at        TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signatures_requested_at CHECK (isfinite(requested_at)),
    signed_at           TIMESTAMPTZ CONSTRAINT chk_signatures_signed_at CHECK (isfinite(signed_at)),
    declined_at         TIMESTAMPTZ CONSTRAINT chk_signatures_declined_at CHECK (isfinite(declined_at)),
    created_at          TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signatures_created_at CHECK (isfinite(created_at)),
    updated_at          TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signatures_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_signatures PRIMARY KEY (id),
    CONSTRAINT fk_signatures_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signatures_signer_id FOREIGN KEY (signer_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_signatures_signing CHECK ((status = 'signed') = (signed_at IS NOT NULL)),
    CONSTRAINT chk_signatures_declining CHECK ((status = 'declined') = (declined_at IS NOT NULL))
);
-- A signer who declined may be asked again.
CREATE UNIQUE INDEX uk_signatures_document_id_signer_id ON documents.signatures (document_id, signer_id)
    WHERE status <> 'declined';
CREATE INDEX idx_signatures_document_id ON documents.signatures (document_id);
CREATE INDEX idx_signatures_signer_id ON documents.signatures (signer_id);
CREATE INDEX idx_signatures_status ON documents.signatures (status);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.signatures
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.signatures IS 'Requests to sign a document and their outcome.';

-- Links that let whoever holds one, and knows the passcode, at a document without an account. Tokens are
-- kept as their SHA-256, passcodes as an HMAC whose key is the token.
CREATE TABLE documents.links (
    id            UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id   UUID        NOT NULL,
    created_by    UUID        NOT NULL,
    token_hash    VARCHAR(64) NOT NULL CONSTRAINT chk_links_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    passcode_hash VARCHAR(64) CONSTRAINT chk_links_passcode_hash CHECK (passcode_hash ~ '^[0-9a-f]{64}$'),
    can_download  BOOLEAN     NOT NULL DEFAULT FALSE,
    failures      INTEGER     NOT NULL DEFAULT 0 CONSTRAINT chk_links_failures CHECK (failures >= 0),
    expires_at    TIMESTAMPTZ NOT NULL CONSTRAINT chk_links_expires_at CHECK (isfinite(expires_at)),
    accessed_at   TIMESTAMPTZ CONSTRAINT chk_links_accessed_at CHECK (isfinite(accessed_at)),
    access_count  INTEGER     NOT NULL DEFAULT 0 CONSTRAINT chk_links_access_count CHECK (access_count >= 0),
    revoked_at    TIMESTAMPTZ CONSTRAINT chk_links_revoked_at CHECK (isfinite(revoked_at)),
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_links_created_at CHECK (isfinite(created_at)),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_links_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_links PRIMARY KEY (id),
    CONSTRAINT uk_links_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_links_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT fk_links_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE RESTRICT
);
CREATE INDEX idx_links_document_id ON documents.links (document_id);
CREATE INDEX idx_links_created_by ON documents.links (created_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.links
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.links IS 'Links to documents for people without an account.';

-- One ask for signatures under the exact bytes of one version.
CREATE TABLE documents.envelopes (
    id               UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id      UUID        NOT NULL,
    document_version INTEGER     NOT NULL CONSTRAINT chk_envelopes_document_version CHECK (document_version > 0),
    document_hash    VARCHAR(64) NOT NULL CONSTRAINT chk_envelopes_document_hash CHECK (document_hash ~ '^[0-9a-f]{64}$'),
    requested_by     UUID        NOT NULL,
    in_order         BOOLEAN     NOT NULL DEFAULT FALSE,
    message          TEXT,
    status           VARCHAR(20) NOT NULL DEFAULT 'open' CONSTRAINT chk_envelopes_status
                     CHECK (status IN ('open', 'completed', 'declined', 'voided', 'expired')),
    expires_at       TIMESTAMPTZ NOT NULL CONSTRAINT chk_envelopes_expires_at CHECK (isfinite(expires_at)),
    closed_at        TIMESTAMPTZ CONSTRAINT chk_envelopes_closed_at CHECK (isfinite(closed_at)),
    closed_reason    TEXT,
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_envelopes_created_at CHECK (isfinite(created_at)),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_envelopes_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_envelopes PRIMARY KEY (id),
    CONSTRAINT fk_envelopes_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT fk_envelopes_requested_by FOREIGN KEY (requested_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_envelopes_closing CHECK ((status = 'open') = (closed_at IS NULL))
);
CREATE INDEX idx_envelopes_document_id ON documents.envelopes (document_id);
CREATE INDEX idx_envelopes_requested_by ON documents.envelopes (requested_by);
CREATE INDEX idx_envelopes_expires_at ON documents.envelopes (expires_at) WHERE status = 'open';
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.envelopes
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.envelopes IS 'Asks for signatures under the exact bytes of one version of a document.';

-- What one signer is asked. A user's signature is the row of documents.signatures that this one names; an
-- outsider has a name and an address, and a link whose token is kept as its SHA-256.
CREATE TABLE documents.signature_requests (
    id                  UUID         NOT NULL DEFAULT gen_random_uuid(),
    envelope_id         UUID         NOT NULL,
    position            INTEGER      NOT NULL CONSTRAINT chk_signature_requests_position CHECK (position > 0),
    countersigner       BOOLEAN      NOT NULL DEFAULT FALSE,
    signer_id           UUID,
    signature_id        UUID,
    signer_name         VARCHAR(255),
    signer_email        VARCHAR(255),
    token_hash          VARCHAR(64)  CONSTRAINT chk_signature_requests_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    status              VARCHAR(20)  NOT NULL DEFAULT 'pending' CONSTRAINT chk_signature_requests_status
                        CHECK (status IN ('pending', 'signed', 'declined', 'voided', 'expired')),
    signature_type      VARCHAR(20)  CONSTRAINT chk_signature_requests_signature_type CHECK (signature_type IN ('electronic', 'digital')),
    signature_data      TEXT,
    signature_image_url VARCHAR(500),
    viewed_at           TIMESTAMPTZ  CONSTRAINT chk_signature_requests_viewed_at CHECK (isfinite(viewed_at)),
    answered_at         TIMESTAMPTZ  CONSTRAINT chk_signature_requests_answered_at CHECK (isfinite(answered_at)),
    decline_reason      TEXT,
    reminded_at         TIMESTAMPTZ  CONSTRAINT chk_signature_requests_reminded_at CHECK (isfinite(reminded_at)),
    created_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_signature_requests_created_at CHECK (isfinite(created_at)),
    updated_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_signature_requests_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_signature_requests PRIMARY KEY (id),
    CONSTRAINT uk_signature_requests_token_hash UNIQUE (token_hash),
    CONSTRAINT fk_signature_requests_envelope_id FOREIGN KEY (envelope_id) REFERENCES documents.envelopes (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_requests_signer_id FOREIGN KEY (signer_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_requests_signature_id FOREIGN KEY (signature_id) REFERENCES documents.signatures (id) ON DELETE RESTRICT,
    CONSTRAINT chk_signature_requests_signer CHECK ((signer_id IS NULL) = (signature_id IS NULL)
        AND (signer_id IS NULL) = (signer_name IS NOT NULL) AND (signer_id IS NULL) = (signer_email IS NOT NULL)
        AND (signer_id IS NULL) = (token_hash IS NOT NULL)),
    CONSTRAINT chk_signature_requests_answer CHECK ((status IN ('signed', 'declined')) = (answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX uk_signature_requests_envelope_id_signer_id ON documents.signature_requests (envelope_id, signer_id);
CREATE INDEX idx_signature_requests_signer_id ON documents.signature_requests (signer_id);
-- Finds an address that is erased.
CREATE INDEX idx_signature_requests_signer_email ON documents.signature_requests ((lower(signer_email))) WHERE signer_id IS NULL;
CREATE INDEX idx_signature_requests_signature_id ON documents.signature_requests (signature_id);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.signature_requests
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.signature_requests IS 'What each signer is asked in an envelope, and what they answered.';

-- Every opening of a document's bytes.
CREATE TABLE documents.access_log (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id UUID        NOT NULL,
    viewer_id   UUID,
    share_id    UUID,
    link_id     UUID,
    request_id  UUID,
    access      VARCHAR(20) NOT NULL CONSTRAINT chk_access_log_access CHECK (access IN ('view', 'download')),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_access_log_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_access_log PRIMARY KEY (id),
    CONSTRAINT fk_access_log_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT fk_access_log_viewer_id FOREIGN KEY (viewer_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_access_log_share_id FOREIGN KEY (share_id) REFERENCES documents.document_shares (id) ON DELETE RESTRICT,
    CONSTRAINT fk_access_log_link_id FOREIGN KEY (link_id) REFERENCES documents.links (id) ON DELETE RESTRICT,
    CONSTRAINT fk_access_log_request_id FOREIGN KEY (request_id) REFERENCES documents.signature_requests (id) ON DELETE RESTRICT
);
CREATE INDEX idx_access_log_document_id_created_at ON documents.access_log (document_id, created_at);
CREATE INDEX idx_access_log_viewer_id ON documents.access_log (viewer_id);
CREATE INDEX idx_access_log_share_id ON documents.access_log (share_id);
CREATE INDEX idx_access_log_link_id ON documents.access_log (link_id);
CREATE INDEX idx_access_log_request_id ON documents.access_log (request_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents.access_log
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE documents.access_log IS 'Who opened the bytes of a document, when and by what right; append-only.';

-- What happened to the signatures of a document, in one hash chain over all of its versions. A link holds
-- ids and digests and no personal data; what a signer said stands in documents.signature_evidence, whose
-- salted digest the link carries.
CREATE TABLE documents.signature_events (
    id               UUID        NOT NULL DEFAULT gen_random_uuid(),
    document_id      UUID        NOT NULL,
    position         INTEGER     NOT NULL CONSTRAINT chk_signature_events_position CHECK (position > 0),
    type             VARCHAR(20) NOT NULL CONSTRAINT chk_signature_events_type
                     CHECK (type IN ('requested', 'viewed', 'consented', 'signed', 'declined', 'reminded', 'voided', 'expired', 'completed')),
    envelope_id      UUID        NOT NULL,
    request_id       UUID,
    actor_id         UUID,
    document_version INTEGER     NOT NULL CONSTRAINT chk_signature_events_document_version CHECK (document_version > 0),
    -- SHA-256 of the exact bytes shown, in hexadecimal.
    document_hash    VARCHAR(64) NOT NULL CONSTRAINT chk_signature_events_document_hash CHECK (document_hash ~ '^[0-9a-f]{64}$'),
    evidence_hash    BYTEA       CONSTRAINT chk_signature_events_evidence_hash CHECK (octet_length(evidence_hash) = 32),
    previous_hash    BYTEA       CONSTRAINT chk_signature_events_previous_hash CHECK (octet_length(previous_hash) = 32),
    hash             BYTEA       NOT NULL CONSTRAINT chk_signature_events_hash CHECK (octet_length(hash) = 32),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signature_events_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_signature_events PRIMARY KEY (id),
    CONSTRAINT fk_signature_events_document_id FOREIGN KEY (document_id) REFERENCES documents.documents (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_events_envelope_id FOREIGN KEY (envelope_id) REFERENCES documents.envelopes (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_events_request_id FOREIGN KEY (request_id) REFERENCES documents.signature_requests (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_events_actor_id FOREIGN KEY (actor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_signature_events_document_id_position UNIQUE (document_id, position),
    CONSTRAINT chk_signature_events_chain CHECK ((position = 1) = (previous_hash IS NULL)),
    CONSTRAINT chk_signature_events_evidence CHECK (type NOT IN ('consented', 'signed', 'declined') OR evidence_hash IS NOT NULL)
);
CREATE INDEX idx_signature_events_envelope_id ON documents.signature_events (envelope_id);
CREATE INDEX idx_signature_events_request_id ON documents.signature_events (request_id);
CREATE INDEX idx_signature_events_actor_id ON documents.signature_events (actor_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents.signature_events
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents.signature_events
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE documents.signature_events IS 'What happened to the signatures of each document, in a hash chain per document; append-only.';

CREATE TABLE documents.signature_evidence (
    id         UUID        NOT NULL DEFAULT gen_random_uuid(),
    event_id   UUID        NOT NULL,
    salt       BYTEA       NOT NULL CONSTRAINT chk_signature_evidence_salt CHECK (octet_length(salt) = 32),
    -- The words agreed to, and what the signer meant to do.
    consent    TEXT,
    intent     TEXT,
    ip_address INET,
    user_agent TEXT,
    -- JSON as text: the very bytes are part of the digest.
    details    TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signature_evidence_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_signature_evidence PRIMARY KEY (id),
    CONSTRAINT uk_signature_evidence_event_id UNIQUE (event_id),
    CONSTRAINT fk_signature_evidence_event_id FOREIGN KEY (event_id) REFERENCES documents.signature_events (id) ON DELETE RESTRICT
);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents.signature_evidence
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents.signature_evidence
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE documents.signature_evidence IS 'What signers said and how they proved who they are; append-only.';
