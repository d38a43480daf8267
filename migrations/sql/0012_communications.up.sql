-- E-mail campaigns, the single messages sent, and notifications inside the platform.
CREATE SCHEMA IF NOT EXISTS communications;

CREATE TABLE communications.email_templates (
    id           UUID         NOT NULL DEFAULT gen_random_uuid(),
    name         VARCHAR(255) NOT NULL CONSTRAINT chk_email_templates_name CHECK (name <> ''),
    description  TEXT,
    subject      VARCHAR(255) NOT NULL,
    html_content TEXT,
    text_content TEXT,
    -- The names that the contents may use.
    variables    TEXT[],
    active       BOOLEAN      NOT NULL DEFAULT TRUE,
    created_by   UUID,
    version      BIGINT       NOT NULL DEFAULT 1,
    created_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_templates_created_at CHECK (isfinite(created_at)),
    updated_at   TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_templates_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_email_templates PRIMARY KEY (id),
    CONSTRAINT fk_email_templates_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT uk_email_templates_name UNIQUE (name)
);
CREATE INDEX idx_email_templates_created_by ON communications.email_templates (created_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON communications.email_templates
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE communications.email_templates IS 'Reusable subjects and bodies of e-mails.';

CREATE TABLE communications.email_campaigns (
    id                UUID         NOT NULL DEFAULT gen_random_uuid(),
    name              VARCHAR(255) NOT NULL,
    subject           VARCHAR(255) NOT NULL,
    html_content      TEXT,
    text_content      TEXT,
    template_id       UUID,
    recipient_filter  JSONB,
    recipient_count   INTEGER      CONSTRAINT chk_email_campaigns_recipient_count CHECK (recipient_count >= 0),
    scheduled_at      TIMESTAMPTZ  CONSTRAINT chk_email_campaigns_scheduled_at CHECK (isfinite(scheduled_at)),
    sent_at           TIMESTAMPTZ  CONSTRAINT chk_email_campaigns_sent_at CHECK (isfinite(sent_at)),
    status            VARCHAR(20)  NOT NULL DEFAULT 'draft' CONSTRAINT chk_email_campaigns_status
                      CHECK (status IN ('draft', 'scheduled', 'sending', 'sent')),
    sent_count        INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_campaigns_sent_count CHECK (sent_count >= 0),
    open_count        INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_campaigns_open_count CHECK (open_count >= 0),
    click_count       INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_campaigns_click_count CHECK (click_count >= 0),
    bounce_count      INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_campaigns_bounce_count CHECK (bounce_count >= 0),
    unsubscribe_count INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_campaigns_unsubscribe_count CHECK (unsubscribe_count >= 0),
    created_by        UUID,
    version           BIGINT       NOT NULL DEFAULT 1,
    created_at        TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_campaigns_created_at CHECK (isfinite(created_at)),
    updated_at        TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_campaigns_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_email_campaigns PRIMARY KEY (id),
    CONSTRAINT fk_email_campaigns_template_id FOREIGN KEY (template_id) REFERENCES communications.email_templates (id) ON DELETE SET NULL,
    CONSTRAINT fk_email_campaigns_created_by FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT chk_email_campaigns_schedule CHECK (status <> 'scheduled' OR scheduled_at IS NOT NULL)
);
CREATE INDEX idx_email_campaigns_status ON communications.email_campaigns (status);
CREATE INDEX idx_email_campaigns_scheduled_at ON communications.email_campaigns (scheduled_at);
CREATE INDEX idx_email_campaigns_template_id ON communications.email_campaigns (template_id);
CREATE INDEX idx_email_campaigns_created_by ON communications.email_campaigns (created_by);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON communications.email_campaigns
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE communications.email_campaigns IS 'One e-mail to many recipients, with the counts of what came of it.';

CREATE TABLE communications.email_sends (
    id                  UUID         NOT NULL DEFAULT gen_random_uuid(),
    campaign_id         UUID,
    recipient_id        UUID         NOT NULL,
    to_email            VARCHAR(255) NOT NULL,
    from_email          VARCHAR(255) NOT NULL,
    subject             VARCHAR(255),
    status              VARCHAR(20)  NOT NULL DEFAULT 'pending' CONSTRAINT chk_email_sends_status
                        CHECK (status IN ('pending', 'sent', 'delivered', 'bounced', 'failed')),
    sent_at             TIMESTAMPTZ  CONSTRAINT chk_email_sends_sent_at CHECK (isfinite(sent_at)),
    delivered_at        TIMESTAMPTZ  CONSTRAINT chk_email_sends_delivered_at CHECK (isfinite(delivered_at)),
    opened_at           TIMESTAMPTZ  CONSTRAINT chk_email_sends_opened_at CHECK (isfinite(opened_at)),
    clicked_at          TIMESTAMPTZ  CONSTRAINT chk_email_sends_clicked_at CHECK (isfinite(clicked_at)),
    bounced_at          TIMESTAMPTZ  CONSTRAINT chk_email_sends_bounced_at CHECK (isfinite(bounced_at)),
    unsubscribed_at     TIMESTAMPTZ  CONSTRAINT chk_email_sends_unsubscribed_at CHECK (isfinite(unsubscribed_at)),
    error_message       TEXT,
    retry_count         INTEGER      NOT NULL DEFAULT 0 CONSTRAINT chk_email_sends_retry_count CHECK (retry_count >= 0),
    provider            VARCHAR(50),
    provider_message_id VARCHAR(255),
    created_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_sends_created_at CHECK (isfinite(created_at)),
    updated_at          TIMESTAMPTZ  NOT NULL DEFAULT now() CONSTRAINT chk_email_sends_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_email_sends PRIMARY KEY (id),
    CONSTRAINT fk_email_sends_campaign_id FOREIGN KEY (campaign_id) REFERENCES communications.email_campaigns (id) ON DELETE SET NULL,
    CONSTRAINT fk_email_sends_recipient_id FOREIGN KEY (recipient_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    -- A campaign reaches nobody twice, even when its sender is killed and starts again.
    CONSTRAINT uk_email_sends_campaign_id_recipient_id UNIQUE (campaign_id, recipient_id)
);
CREATE INDEX idx_email_sends_recipient_id ON communications.email_sends (recipient_id);
CREATE INDEX idx_email_sends_status ON communications.email_sends (status);
-- Finds what is old enough to be purged.
CREATE INDEX idx_email_sends_created_at ON communications.email_sends (created_at);
-- Delivery reports name a message by the provider's id.
CREATE INDEX idx_email_sends_provider_message_id ON communications.email_sends (provider_message_id)
    WHERE provider_message_id IS NOT NULL;
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON communications.email_sends
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE communications.email_sends IS 'One e-mail to one recipient and what became of it.';

CREATE TABLE communications.notifications (
    id          UUID        NOT NULL DEFAULT gen_random_uuid(),
    user_id     UUID        NOT NULL,
    type        VARCHAR(50),
    title       VARCHAR(255),
    message     TEXT,
    channels    TEXT[]      CONSTRAINT chk_notifications_channels
                CHECK (channels <@ ARRAY['email', 'sms', 'push', 'in_app']),
    read        BOOLEAN     NOT NULL DEFAULT FALSE,
    read_at     TIMESTAMPTZ CONSTRAINT chk_notifications_read_at CHECK (isfinite(read_at)),
    action_type VARCHAR(50),
    action_url  VARCHAR(500),
    action_data JSONB,
    priority    VARCHAR(20) NOT NULL DEFAULT 'normal' CONSTRAINT chk_notifications_priority
                CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    expires_at  TIMESTAMPTZ CONSTRAINT chk_notifications_expires_at CHECK (isfinite(expires_at)),
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_notifications_created_at CHECK (isfinite(created_at)),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now() CONSTRAINT chk_notifications_updated_at CHECK (isfinite(updated_at)),
    CONSTRAINT pk_notifications PRIMARY KEY (id),
    CONSTRAINT fk_notifications_user_id FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT chk_notifications_reading CHECK (read OR read_at IS NULL)
);
CREATE INDEX idx_notifications_user_id_read ON communications.notifications (user_id, read);
CREATE INDEX idx_notifications_type ON communications.notifications (type);
CREATE INDEX idx_notifications_created_at ON communications.notifications (created_at DESC);
CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON communications.notifications
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
COMMENT ON TABLE communications.notifications IS 'What the platform tells a user, and whether he has read it.';
