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
    file_type          VARCHAR(50),
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
CREATE INDEX idx_documents_parent_document_id ON documents.documents (parent_document_id);
CREATE INDEX idx_documents_type ON documents.documents (type);
CREATE INDEX idx_documents_category ON documents.documents (category);
CREATE INDEX idx_documents_tags ON documents.documents USING gin (tags);
CREATE INDEX idx_documents_search ON documents.documents
    USING gin (to_tsvector('english', coalesce(name, '') || ' ' || coalesce(description, '')));
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON documents.documents
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE documents.documents IS 'Documents and their versions; the bytes lie in a storage backend.';

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

-- The evidence of each signature: what exactly was shown, what was consented to, in a hash chain of
-- its own per signature.
CREATE TABLE documents.signature_events (
    id               UUID        NOT NULL DEFAULT gen_random_uuid(),
    signature_id     UUID        NOT NULL,
    position         INTEGER     NOT NULL CONSTRAINT chk_signature_events_position CHECK (position > 0),
    type             VARCHAR(20) NOT NULL CONSTRAINT chk_signature_events_type
                     CHECK (type IN ('requested', 'sent', 'viewed', 'consented', 'signed', 'declined', 'reminded')),
    actor_id         UUID,
    document_version INTEGER     NOT NULL CONSTRAINT chk_signature_events_document_version CHECK (document_version > 0),
    -- SHA-256 of the exact bytes shown, in hexadecimal.
    document_hash    VARCHAR(64) CONSTRAINT chk_signature_events_document_hash CHECK (document_hash ~ '^[0-9a-f]{64}$'),
    consent          TEXT,
    intent           TEXT,
    ip_address       INET,
    user_agent       TEXT,
    metadata         JSONB,
    previous_hash    BYTEA       CONSTRAINT chk_signature_events_previous_hash CHECK (octet_length(previous_hash) = 32),
    hash             BYTEA       NOT NULL CONSTRAINT chk_signature_events_hash CHECK (octet_length(hash) = 32),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_signature_events_created_at CHECK (isfinite(created_at)),
    CONSTRAINT pk_signature_events PRIMARY KEY (id),
    CONSTRAINT fk_signature_events_signature_id FOREIGN KEY (signature_id) REFERENCES documents.signatures (id) ON DELETE RESTRICT,
    CONSTRAINT fk_signature_events_actor_id FOREIGN KEY (actor_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT uk_signature_events_signature_id_position UNIQUE (signature_id, position),
    CONSTRAINT chk_signature_events_chain CHECK ((position = 1) = (previous_hash IS NULL)),
    CONSTRAINT chk_signature_events_evidence
        CHECK (type <> 'signed' OR (document_hash IS NOT NULL AND consent IS NOT NULL AND intent IS NOT NULL))
);
CREATE INDEX idx_signature_events_actor_id ON documents.signature_events (actor_id);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents.signature_events
    FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents.signature_events
    FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change();
COMMENT ON TABLE documents.signature_events IS 'The evidence behind each signature, hash-chained per signature; append-only.';
