-- Renovation projects, their units and their progress reports.

CREATE SCHEMA IF NOT EXISTS renovations;

CREATE TABLE renovations.projects (
    id                      UUID NOT NULL DEFAULT gen_random_uuid(),
    property_id             UUID NOT NULL,
    project_name            VARCHAR(255) NOT NULL,
    project_type            VARCHAR(50),
    planned_start_date      DATE,
    actual_start_date       DATE,
    planned_end_date        DATE,
    actual_end_date         DATE,
    estimated_cost          NUMERIC(15,2),
    approved_budget         NUMERIC(15,2),
    actual_cost             NUMERIC(15,2),
    scope_description       TEXT,
    units_affected          INTEGER,
    common_areas_affected   TEXT[],
    status                  VARCHAR(20) NOT NULL DEFAULT 'planning',
    -- Why it is on hold, or was cancelled.
    status_reason           TEXT,
    -- Whole percent, 0 to 100.
    completion_percentage   INTEGER NOT NULL DEFAULT 0,
    projected_noi_increase  NUMERIC(15,2),
    projected_rent_increase NUMERIC(15,2),
    actual_noi_increase     NUMERIC(15,2),
    actual_rent_increase    NUMERIC(15,2),
    version                 BIGINT NOT NULL DEFAULT 1,
    created_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at              TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_projects PRIMARY KEY (id),
    -- What a reference carries that has to be of the same property.
    CONSTRAINT uk_projects_id_property_id UNIQUE (id, property_id),
    CONSTRAINT fk_projects_property_id FOREIGN KEY (property_id)
        REFERENCES properties.properties (id) ON DELETE CASCADE,
    CONSTRAINT chk_projects_planned_dates CHECK (planned_start_date <= planned_end_date),
    CONSTRAINT chk_projects_actual_dates CHECK (actual_start_date <= actual_end_date),
    CONSTRAINT chk_projects_project_type CHECK (project_type IN ('value_add', 'maintenance', 'capital_improvement')),
    CONSTRAINT chk_projects_planned_start_date CHECK (isfinite(planned_start_date)),
    CONSTRAINT chk_projects_actual_start_date CHECK (isfinite(actual_start_date)),
    CONSTRAINT chk_projects_planned_end_date CHECK (isfinite(planned_end_date)),
    CONSTRAINT chk_projects_actual_end_date CHECK (isfinite(actual_end_date)),
    CONSTRAINT chk_projects_estimated_cost CHECK (estimated_cost >= 0 AND estimated_cost < 'NaN'),
    CONSTRAINT chk_projects_approved_budget CHECK (approved_budget >= 0 AND approved_budget < 'NaN'),
    CONSTRAINT chk_projects_actual_cost CHECK (actual_cost >= 0 AND actual_cost < 'NaN'),
    CONSTRAINT chk_projects_units_affected CHECK (units_affected >= 0),
    CONSTRAINT chk_projects_status CHECK (status IN ('planning', 'approved', 'in_progress', 'completed', 'on_hold', 'cancelled')),
    CONSTRAINT chk_projects_hold CHECK ((status_reason IS NOT NULL) = (status IN ('on_hold', 'cancelled'))),
    CONSTRAINT chk_projects_completion_percentage CHECK (completion_percentage BETWEEN 0 AND 100),
    CONSTRAINT chk_projects_projected_noi_increase CHECK (projected_noi_increase < 'NaN'),
    CONSTRAINT chk_projects_projected_rent_increase CHECK (projected_rent_increase < 'NaN'),
    CONSTRAINT chk_projects_actual_noi_increase CHECK (actual_noi_increase < 'NaN'),
    CONSTRAINT chk_projects_actual_rent_increase CHECK (actual_rent_increase < 'NaN'),
    CONSTRAINT chk_projects_version CHECK (version >= 1),
    CONSTRAINT chk_projects_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_projects_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE renovations.projects IS 'Renovation and capital projects of a property.';

CREATE INDEX idx_projects_property_id ON renovations.projects (property_id);
CREATE INDEX idx_projects_status ON renovations.projects (status);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON renovations.projects
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE renovations.unit_renovations (
    id                   UUID NOT NULL DEFAULT gen_random_uuid(),
    project_id           UUID NOT NULL,
    unit_id              UUID NOT NULL,
    renovation_scope     TEXT[],
    start_date           DATE,
    end_date             DATE,
    days_vacant          INTEGER,
    budgeted_cost        NUMERIC(15,2),
    actual_cost          NUMERIC(15,2),
    pre_renovation_rent  NUMERIC(15,2),
    post_renovation_rent NUMERIC(15,2),
    status               VARCHAR(20) NOT NULL DEFAULT 'pending',
    created_at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at           TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_unit_renovations PRIMARY KEY (id),
    CONSTRAINT fk_unit_renovations_project_id FOREIGN KEY (project_id)
        REFERENCES renovations.projects (id) ON DELETE CASCADE,
    CONSTRAINT fk_unit_renovations_unit_id FOREIGN KEY (unit_id)
        REFERENCES properties.units (id) ON DELETE CASCADE,
    CONSTRAINT chk_unit_renovations_dates CHECK (start_date <= end_date),
    CONSTRAINT chk_unit_renovations_start_date CHECK (isfinite(start_date)),
    CONSTRAINT chk_unit_renovations_end_date CHECK (isfinite(end_date)),
    CONSTRAINT chk_unit_renovations_days_vacant CHECK (days_vacant >= 0),
    CONSTRAINT chk_unit_renovations_budgeted_cost CHECK (budgeted_cost >= 0 AND budgeted_cost < 'NaN'),
    CONSTRAINT chk_unit_renovations_actual_cost CHECK (actual_cost >= 0 AND actual_cost < 'NaN'),
    CONSTRAINT chk_unit_renovations_pre_renovation_rent
        CHECK (pre_renovation_rent >= 0 AND pre_renovation_rent < 'NaN'),
    CONSTRAINT chk_unit_renovations_post_renovation_rent
        CHECK (post_renovation_rent >= 0 AND post_renovation_rent < 'NaN'),
    CONSTRAINT chk_unit_renovations_status CHECK (status IN ('pending', 'in_progress', 'completed', 'cancelled')),
    CONSTRAINT chk_unit_renovations_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_unit_renovations_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE renovations.unit_renovations IS 'The part of a project that happens in one unit.';

CREATE INDEX idx_unit_renovations_project_id ON renovations.unit_renovations (project_id);
CREATE INDEX idx_unit_renovations_unit_id ON renovations.unit_renovations (unit_id);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON renovations.unit_renovations
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE renovations.progress_updates (
    id                    UUID NOT NULL DEFAULT gen_random_uuid(),
    project_id            UUID NOT NULL,
    update_date           DATE NOT NULL,
    completion_percentage INTEGER,
    units_completed       INTEGER,
    spent_to_date         NUMERIC(15,2),
    issues_encountered    TEXT,
    change_orders         JSONB,
    photo_urls            TEXT[],
    video_url             VARCHAR(500),
    contractor_notes      TEXT,
    manager_notes         TEXT,
    created_at            TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at            TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_progress_updates PRIMARY KEY (id),
    CONSTRAINT fk_progress_updates_project_id FOREIGN KEY (project_id)
        REFERENCES renovations.projects (id) ON DELETE CASCADE,
    CONSTRAINT chk_progress_updates_update_date CHECK (isfinite(update_date)),
    CONSTRAINT chk_progress_updates_completion_percentage CHECK (completion_percentage BETWEEN 0 AND 100),
    CONSTRAINT chk_progress_updates_units_completed CHECK (units_completed >= 0),
    CONSTRAINT chk_progress_updates_spent_to_date CHECK (spent_to_date >= 0 AND spent_to_date < 'NaN'),
    CONSTRAINT chk_progress_updates_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_progress_updates_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE renovations.progress_updates IS 'Dated reports on the progress of a project.';

CREATE INDEX idx_progress_updates_project_id ON renovations.progress_updates (project_id);
CREATE INDEX idx_progress_updates_update_date ON renovations.progress_updates (update_date);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON renovations.progress_updates
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();

CREATE TABLE renovations.change_orders (
    id           UUID NOT NULL DEFAULT gen_random_uuid(),
    project_id   UUID NOT NULL,
    number       VARCHAR(50),
    description  TEXT NOT NULL,
    -- By how much it changes the budget; below zero where work is dropped.
    amount       NUMERIC(15,2) NOT NULL,
    status       VARCHAR(20) NOT NULL DEFAULT 'pending',
    requested_by UUID NOT NULL,
    decided_by   UUID,
    decided_at   TIMESTAMPTZ,
    version      BIGINT NOT NULL DEFAULT 1,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now(),

    CONSTRAINT pk_change_orders PRIMARY KEY (id),
    CONSTRAINT fk_change_orders_project_id FOREIGN KEY (project_id)
        REFERENCES renovations.projects (id) ON DELETE RESTRICT,
    CONSTRAINT fk_change_orders_requested_by FOREIGN KEY (requested_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_change_orders_decided_by FOREIGN KEY (decided_by) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT chk_change_orders_description CHECK (description <> ''),
    CONSTRAINT chk_change_orders_amount CHECK (amount <> 0 AND amount < 'NaN'),
    CONSTRAINT chk_change_orders_status CHECK (status IN ('pending', 'approved', 'rejected')),
    CONSTRAINT chk_change_orders_decision
        CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'pending' THEN 0 ELSE 2 END),
    CONSTRAINT chk_change_orders_decided_at CHECK (isfinite(decided_at)),
    CONSTRAINT chk_change_orders_version CHECK (version >= 1),
    CONSTRAINT chk_change_orders_created_at CHECK (isfinite(created_at)),
    CONSTRAINT chk_change_orders_updated_at CHECK (isfinite(updated_at))
);

COMMENT ON TABLE renovations.change_orders IS 'Changes to the budget of a project, with who asked and who agreed.';

CREATE INDEX idx_change_orders_project_id ON renovations.change_orders (project_id);
CREATE INDEX idx_change_orders_requested_by ON renovations.change_orders (requested_by);
CREATE INDEX idx_change_orders_decided_by ON renovations.change_orders (decided_by);

CREATE TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON renovations.change_orders
    FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function();
