-- Photos, videos and virtual tours: where their files are, and what they show. Files in the
-- library's own storage are rows of media.files, which stands behind documents.uploads.

CREATE SCHEMA IF NOT EXISTS media;

CREATE TABLE media.property_photos (
    id            UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id   UUID NOT NULL,
    unit_id       UUID,
    -- The room that it shows, such as kitchen.
    room          VARCHAR(100),
    -- The building work that it shows.
    project_id    UUID,
    file_name     VARCHAR(255),
    file_url      VARCHAR(500),
    cdn_url       VARCHAR(500),
    thumbnail_url VARCHAR(500),
    photo_type    VARCHAR(50),
    category      VARCHAR(50),
    caption       TEXT,
    tags          TEXT[],
    width         INTEGER,
    height        INTEGER,
    -- Bytes; an INTEGER would end at 2 GiB.
    file_size     BIGINT,
    mime_type     VARCHAR(50),
    display_order INTEGER,
    is_primary    BOOLEAN NOT NULL DEFAULT FALSE,
    status        VARCHAR(20) NOT NULL DEFAULT 'active',
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_photos PRIMARY KEY (id),
    CONSTRAINT fk_property_photos_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    -- A photo of a unit is a photo of that unit's property. No ON DELETE: a
    -- verb that deletes a unit clears unit_id first.
    CONSTRAINT fk_property_photos_unit_id FOREIGN KEY (unit_id, property_id)
        REFERENCES properties.units (id, property_id),
    CONSTRAINT fk_property_photos_project_id FOREIGN KEY (project_id, property_id)
        REFERENCES renovations.projects (id, property_id),
    CONSTRAINT chk_property_photos_photo_type
        CHECK (photo_type IN ('exterior', 'interior', 'amenity', 'unit', 'aerial')),
    CONSTRAINT chk_property_photos_category CHECK (category IN ('hero', 'gallery', 'floorplan', 'renovation')),
    CONSTRAINT chk_property_photos_width CHECK (width >= 0),
    CONSTRAINT chk_property_photos_height CHECK (height >= 0),
    CONSTRAINT chk_property_photos_file_size CHECK (file_size >= 0),
    CONSTRAINT chk_property_photos_status CHECK (status IN ('active', 'archived')),
    CONSTRAINT chk_property_photos_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_photos_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE media.property_photos IS 'Photographs of a property or of one of its units.';

CREATE INDEX idx_property_photos_property_id ON media.property_photos (property_id);
CREATE INDEX idx_property_photos_unit_id_property_id ON media.property_photos (unit_id, property_id);
CREATE INDEX idx_property_photos_project_id_property_id ON media.property_photos (project_id, property_id);
CREATE INDEX idx_property_photos_photo_type ON media.property_photos (photo_type);
CREATE INDEX idx_property_photos_display_order ON media.property_photos (display_order);
CREATE INDEX idx_property_photos_tags ON media.property_photos USING GIN (tags);
-- A property shows one primary photo.
CREATE UNIQUE INDEX uk_property_photos_primary ON media.property_photos (property_id) WHERE is_primary;

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON media.property_photos
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE media.property_videos (
    id               UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id      UUID NOT NULL,
    title            VARCHAR(255),
    description      TEXT,
    file_url         VARCHAR(500),
    streaming_url    VARCHAR(500),
    thumbnail_url    VARCHAR(500),
    video_type       VARCHAR(50),
    duration_seconds INTEGER,
    resolution       VARCHAR(20),
    -- Bytes; an INTEGER would end at 2 GiB.
    file_size        BIGINT,
    status           VARCHAR(20) NOT NULL DEFAULT 'processing',
    created_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at       TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_property_videos PRIMARY KEY (id),
    CONSTRAINT fk_property_videos_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT chk_property_videos_video_type CHECK (video_type IN ('walkthrough', 'aerial', 'testimonial', 'update')),
    CONSTRAINT chk_property_videos_duration_seconds CHECK (duration_seconds >= 0),
    CONSTRAINT chk_property_videos_file_size CHECK (file_size >= 0),
    CONSTRAINT chk_property_videos_status CHECK (status IN ('processing', 'active', 'archived')),
    CONSTRAINT chk_property_videos_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_property_videos_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE media.property_videos IS 'Videos of a property.';

CREATE INDEX idx_property_videos_property_id ON media.property_videos (property_id);
CREATE INDEX idx_property_videos_video_type ON media.property_videos (video_type);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON media.property_videos
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE media.virtual_tours (
    id                 UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id        UUID NOT NULL,
    floor_plan_id      UUID,
    tour_type          VARCHAR(50),
    tour_url           VARCHAR(500),
    embed_code         TEXT,
    matterport_id      VARCHAR(100),
    -- Sealed by the library's vault: wider than the key that it hides.
    matterport_sdk_key TEXT CONSTRAINT chk_virtual_tours_matterport_sdk_key
                       CHECK (matterport_sdk_key ~ '^fv1\.[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]+$'),
    has_measurements   BOOLEAN NOT NULL DEFAULT FALSE,
    has_floor_plan     BOOLEAN NOT NULL DEFAULT FALSE,
    has_dollhouse      BOOLEAN NOT NULL DEFAULT FALSE,
    view_count         INTEGER NOT NULL DEFAULT 0,
    -- Seconds: all views together, and on the average.
    view_seconds       BIGINT NOT NULL DEFAULT 0,
    avg_view_duration  INTEGER,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_virtual_tours PRIMARY KEY (id),
    CONSTRAINT fk_virtual_tours_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT fk_virtual_tours_floor_plan_id FOREIGN KEY (floor_plan_id)
        REFERENCES properties.floor_plans (id) ON DELETE SET NULL,
    CONSTRAINT chk_virtual_tours_tour_type CHECK (tour_type IN ('matterport', '360_photos', 'video')),
    CONSTRAINT chk_virtual_tours_view_count CHECK (view_count >= 0),
    CONSTRAINT chk_virtual_tours_view_seconds CHECK (view_seconds >= 0),
    CONSTRAINT chk_virtual_tours_avg_view_duration CHECK (avg_view_duration >= 0),
    CONSTRAINT chk_virtual_tours_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_virtual_tours_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE media.virtual_tours IS 'Walk-through tours of a property or of a floor plan.';

CREATE INDEX idx_virtual_tours_property_id ON media.virtual_tours (property_id);
CREATE INDEX idx_virtual_tours_floor_plan_id ON media.virtual_tours (floor_plan_id);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON media.virtual_tours
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

-- Views that are not yet in the row of their tour: a row for each batch that a host counted,
-- so that a tour which many look at is no row that they wait for.
CREATE TABLE media.tour_views (
    id         UUID NOT NULL DEFAULT gen_random_uuid(),
    tour_id    UUID NOT NULL,
    views      INTEGER NOT NULL,
    seconds    BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_tour_views PRIMARY KEY (id),
    CONSTRAINT fk_tour_views_tour_id FOREIGN KEY (tour_id) REFERENCES media.virtual_tours (id) ON DELETE CASCADE,
    CONSTRAINT chk_tour_views_views CHECK (views > 0),
    CONSTRAINT chk_tour_views_seconds CHECK (seconds >= 0),
    CONSTRAINT chk_tour_views_created_at CHECK (isfinite(created_at))
);

COMMENT ON TABLE media.tour_views IS 'Views of tours that are not yet added up.';

CREATE INDEX idx_tour_views_tour_id ON media.tour_views (tour_id);
