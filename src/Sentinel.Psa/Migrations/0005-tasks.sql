-- Tasks, what was done in them, approvals, and who has worked in a case.

CREATE TABLE psa.tasks (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    assigned_to     uuid,
    task_type       text NOT NULL CHECK (task_type ~ '^[a-z_]{1,50}$'),
    description     text NOT NULL CHECK (length(description) BETWEEN 1 AND 4000),
    status          text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'done', 'cancelled')),
    result          text CHECK (length(result) <= 4000),
    cancel_reason   text CHECK (length(btrim(cancel_reason)) BETWEEN 1 AND 2000),
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    started_by      uuid,
    started_at      timestamptz,
    completed_by    uuid,
    completed_at    timestamptz,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, case_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, assigned_to) REFERENCES psa.users (organisation_id, id),
    CHECK ((status IN ('done', 'cancelled')) = (completed_at IS NOT NULL)),
    CHECK ((completed_at IS NULL) = (completed_by IS NULL)),
    CHECK ((started_at IS NULL) = (started_by IS NULL)),
    CHECK (status NOT IN ('running', 'done') OR started_at IS NOT NULL),
    CHECK ((status = 'cancelled') = (cancel_reason IS NOT NULL))
);
CREATE INDEX ON psa.tasks (organisation_id, assigned_to) WHERE status IN ('pending', 'running');
CALL access.mutable('psa.tasks', ARRAY['assigned_to'],
    'a task changes hands; the audit log keeps every hand');
CALL access.mutable('psa.tasks', ARRAY['status', 'result', 'cancel_reason', 'started_by', 'started_at',
    'completed_by', 'completed_at'], 'the machine moves the task, along its arrows, and stamps the step');
CALL psa.governed('psa.tasks', 'task', 'id', 'case_id', 'assigned_to', 'status', 'result',
    'cancel_reason', 'started_by', 'started_at', 'completed_by', 'completed_at');
GRANT INSERT, UPDATE (assigned_to, status, result, cancel_reason, started_by, started_at, completed_by,
    completed_at) ON psa.tasks TO psa;

CREATE TABLE psa.task_actions (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    task_id         uuid NOT NULL,
    action_type     text NOT NULL CHECK (action_type ~ '^[a-z_]{1,50}$'),
    description     text NOT NULL CHECK (length(description) BETWEEN 1 AND 4000),
    performed_by    uuid NOT NULL,
    performed_at    timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id, task_id)
        REFERENCES psa.tasks (organisation_id, case_id, id)
);
CREATE INDEX ON psa.task_actions (organisation_id, task_id);
CALL psa.governed('psa.task_actions', 'task_action', 'id', 'case_id');
GRANT INSERT ON psa.task_actions TO psa;

CREATE TABLE psa.approvals (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    task_id         uuid,
    request         text NOT NULL CHECK (length(btrim(request)) BETWEEN 1 AND 2000),
    status          text NOT NULL DEFAULT 'asked'
        CHECK (status IN ('asked', 'approved', 'refused', 'withdrawn')),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    decided_by      uuid,
    decided_at      timestamptz,
    reason          text CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id, task_id)
        REFERENCES psa.tasks (organisation_id, case_id, id),
    CHECK ((status = 'asked') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (status = 'asked' OR reason IS NOT NULL)
);
CREATE INDEX ON psa.approvals (organisation_id, case_id);
CALL access.mutable('psa.approvals', ARRAY['status', 'decided_by', 'decided_at', 'reason'],
    'decided once, along the machine''s arrows');
CALL psa.governed('psa.approvals', 'approval', 'id', 'case_id', 'status', 'decided_by', 'decided_at',
    'reason');
GRANT INSERT, UPDATE (status, decided_by, decided_at, reason) ON psa.approvals TO psa;

-- Who did what kind of work in a case, under which identity. Written by triggers alone; assignments
-- are read from the tasks, since a task that was handed on before it began is nobody's work.
CREATE TABLE psa.case_work (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    identity        uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN
        ('task_started', 'task_done', 'task_action', 'approval_asked', 'case_resolved')),
    PRIMARY KEY (case_id, identity, kind),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL access.tenant('psa.case_work');
CALL access.append_only('psa.case_work');
CALL access.across_organisations('psa.case_work', 'sentinel_owner', 'work triggers write as the owner');
CALL access.across_organisations('psa.case_work', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.case_work TO psa, auditor, backup;

CREATE FUNCTION psa.note_work() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    after jsonb := to_jsonb(NEW);
    kind  text := TG_ARGV[0];
BEGIN
    IF TG_TABLE_NAME = 'tasks' THEN
        IF after ->> 'status' = to_jsonb(OLD) ->> 'status' THEN
            RETURN NULL;
        END IF;
        kind := CASE after ->> 'status' WHEN 'running' THEN 'task_started' WHEN 'done' THEN 'task_done' END;
    ELSIF TG_TABLE_NAME = 'cases' THEN
        IF after ->> 'status' = to_jsonb(OLD) ->> 'status' OR after ->> 'status' <> 'resolved' THEN
            RETURN NULL;
        END IF;
    END IF;
    IF kind IS NOT NULL THEN
        INSERT INTO psa.case_work
        SELECT NEW.organisation_id,
            (CASE TG_TABLE_NAME WHEN 'cases' THEN after ->> 'id' ELSE after ->> 'case_id' END)::uuid,
            identity, kind
        FROM unnest(ARRAY[access.actor_id(), access.on_behalf_of()]) AS identity
        WHERE identity IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_work AFTER UPDATE ON psa.tasks FOR EACH ROW EXECUTE FUNCTION psa.note_work();
CREATE TRIGGER note_work AFTER UPDATE ON psa.cases
    FOR EACH ROW EXECUTE FUNCTION psa.note_work('case_resolved');
CREATE TRIGGER note_work AFTER INSERT ON psa.task_actions
    FOR EACH ROW EXECUTE FUNCTION psa.note_work('task_action');
CREATE TRIGGER note_work AFTER INSERT ON psa.approvals
    FOR EACH ROW EXECUTE FUNCTION psa.note_work('approval_asked');
ALTER TABLE psa.tasks ENABLE ALWAYS TRIGGER note_work;
ALTER TABLE psa.cases ENABLE ALWAYS TRIGGER note_work;
ALTER TABLE psa.task_actions ENABLE ALWAYS TRIGGER note_work;
ALTER TABLE psa.approvals ENABLE ALWAYS TRIGGER note_work;
