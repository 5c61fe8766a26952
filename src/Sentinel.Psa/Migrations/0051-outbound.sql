-- What Sentinel asks of other systems: where they are, and each thing that was asked of one. The request
-- is sent outside any transaction, so the row says how far it came; its id is the idempotency key.
CREATE TABLE psa.connectors (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    name            text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,49}$'),
    kind            text NOT NULL CHECK (kind IN ('rmm', 'edr', 'scan')),
    url             text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 500),
    allow_private   boolean NOT NULL,
    registered_by   uuid NOT NULL,
    registered_at   timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, name),
    FOREIGN KEY (organisation_id, registered_by) REFERENCES psa.users (organisation_id, id)
);
COMMENT ON COLUMN psa.connectors.allow_private IS
    'its address may lie in a private network, and it may be spoken to without TLS there';
CALL access.tenant('psa.connectors');
CALL access.append_only('psa.connectors');
CALL access.audited('psa.connectors', 'connector', 'id', 'id');
CALL access.across_organisations('psa.connectors', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.connectors TO psa, auditor, backup;
GRANT INSERT ON psa.connectors TO psa;
CREATE FUNCTION psa.guard_connector() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('connector.manage');
    PERFORM psa.require('connector.manage');
    PERFORM psa.require_self('registered_by', NEW.registered_by);
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION psa.guard_connector() FROM PUBLIC;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.connectors
    FOR EACH ROW EXECUTE FUNCTION psa.guard_connector();
ALTER TABLE psa.connectors ENABLE ALWAYS TRIGGER a_guard;

ALTER TABLE psa.machine_arrows DROP CONSTRAINT machine_arrows_machine_check;
ALTER TABLE psa.machine_arrows ADD CONSTRAINT machine_arrows_machine_check
    CHECK (machine IN ('case', 'task', 'approval', 'outbound'));
INSERT INTO psa.machine_arrows VALUES
    ('outbound', 'asked', 'send', 'sent', 'anybody', 'task.act', 'none'),
    ('outbound', 'asked', 'fail', 'failed', 'anybody', 'task.act', 'none'),
    ('outbound', 'asked', 'expire', 'timed_out', 'anybody', 'task.act', 'none'),
    ('outbound', 'sent', 'succeed', 'succeeded', 'anybody', 'task.act', 'none'),
    ('outbound', 'sent', 'fail', 'failed', 'anybody', 'task.act', 'none'),
    ('outbound', 'sent', 'expire', 'timed_out', 'anybody', 'task.act', 'none');

CREATE TABLE psa.outbound_actions (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    task_id         uuid NOT NULL,
    connector_id    uuid NOT NULL,
    action          text NOT NULL CHECK (action ~ '^[a-z_]{1,50}$'),
    arguments       jsonb NOT NULL CHECK (jsonb_typeof(arguments) = 'object'
        AND octet_length(arguments::text) <= 65536),
    status          text NOT NULL DEFAULT 'asked'
        CHECK (status IN ('asked', 'sent', 'succeeded', 'failed', 'timed_out')),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    deadline_at     timestamptz NOT NULL CHECK (deadline_at > asked_at),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 1000),
    next_attempt_at timestamptz NOT NULL,
    sent_at         timestamptz,
    ended_at        timestamptz,
    outcome         text CHECK (length(outcome) BETWEEN 1 AND 4000),
    evidence_id     uuid,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id, task_id)
        REFERENCES psa.tasks (organisation_id, case_id, id),
    FOREIGN KEY (organisation_id, connector_id) REFERENCES psa.connectors (organisation_id, id),
    FOREIGN KEY (organisation_id, evidence_id) REFERENCES psa.evidence_items (organisation_id, id),
    CHECK ((status IN ('succeeded', 'failed', 'timed_out')) = (ended_at IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CHECK (status NOT IN ('sent', 'succeeded') OR sent_at IS NOT NULL)
);
CREATE INDEX ON psa.outbound_actions (organisation_id, case_id);
CREATE INDEX ON psa.outbound_actions (next_attempt_at) WHERE ended_at IS NULL;
CALL access.mutable('psa.outbound_actions', ARRAY['status', 'attempts', 'next_attempt_at', 'sent_at',
    'ended_at', 'outcome', 'evidence_id'], 'the machine moves what was asked, along its arrows');
CALL access.tenant('psa.outbound_actions');
CALL access.append_only('psa.outbound_actions', 'status', 'attempts', 'next_attempt_at', 'sent_at',
    'ended_at', 'outcome', 'evidence_id');
CALL access.audited('psa.outbound_actions', 'outbound', 'id', 'case_id');
CALL access.across_organisations('psa.outbound_actions', 'backup', 'a dump holds every organisation');
CALL access.across_organisations('psa.outbound_actions', 'jobs', 'requests are sent for everybody');
GRANT SELECT ON psa.outbound_actions TO psa, auditor, backup;
GRANT SELECT (id, organisation_id, case_id, next_attempt_at, ended_at) ON psa.outbound_actions TO jobs;
GRANT INSERT, UPDATE (status, attempts, next_attempt_at, sent_at, ended_at, outcome, evidence_id)
    ON psa.outbound_actions TO psa;
CREATE FUNCTION psa.guard_outbound() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('task.act');
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'UPDATE' THEN
        IF NEW.status <> OLD.status THEN
            PERFORM psa.require_arrow('outbound', OLD.status, NEW.status);
        ELSIF OLD.ended_at IS NOT NULL THEN
            PERFORM psa.refuse('outbound.ended', 'what has ended does not change', 'nobody: ask again');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM psa.require_self('asked_by', NEW.asked_by);
    IF NEW.status <> 'asked' THEN
        PERFORM psa.refuse('outbound.arrow', 'what is asked of a connector begins as asked', 'nobody');
    ELSIF NOT EXISTS (SELECT FROM psa.tasks
        WHERE organisation_id = NEW.organisation_id AND id = NEW.task_id AND status = 'running') THEN
        PERFORM psa.refuse('outbound.not_running', 'a connector is asked while the task is running',
            'the assignee starts the task first');
    END IF;
    -- Who asks a tool to act has acted: it is work of theirs.
    PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id,
        array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    PERFORM pg_notify('sentinel_outbound', NEW.id::text);
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION psa.guard_outbound() FROM PUBLIC;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.outbound_actions
    FOR EACH ROW EXECUTE FUNCTION psa.guard_outbound();
ALTER TABLE psa.outbound_actions ENABLE ALWAYS TRIGGER a_guard;
CREATE TRIGGER note_work AFTER INSERT ON psa.outbound_actions
    FOR EACH ROW EXECUTE FUNCTION psa.note_work('task_action');
ALTER TABLE psa.outbound_actions ENABLE ALWAYS TRIGGER note_work;
