-- Workflows: what was drawn, and where each instance stands. Rows are the truth, jobs are not.
-- Values are json, not jsonb: a script that prints an object prints its members in their order.

-- What ships with Sentinel, for every organisation. Only a migration writes here.
CREATE TABLE workflow.shipped_definitions (
    id            uuid PRIMARY KEY,
    definition_id text NOT NULL CHECK (length(definition_id) BETWEEN 1 AND 100),
    version       integer NOT NULL CHECK (version > 0),
    json          text NOT NULL,
    sha256        text NOT NULL CHECK (sha256 = encode(sha256(convert_to(json, 'UTF8')), 'hex')),
    created_at    timestamptz NOT NULL,
    UNIQUE (definition_id, version)
);
CALL access.append_only('workflow.shipped_definitions');
GRANT SELECT ON workflow.shipped_definitions TO psa, auditor, backup;

-- What an organisation drew for itself. Versions never change.
CREATE TABLE workflow.workflow_definitions (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    definition_id   text NOT NULL CHECK (length(definition_id) BETWEEN 1 AND 100),
    version         integer NOT NULL CHECK (version > 0),
    json            text NOT NULL,
    sha256          text NOT NULL CHECK (sha256 = encode(sha256(convert_to(json, 'UTF8')), 'hex')),
    author_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, definition_id, version)
);
CALL access.tenant('workflow.workflow_definitions');
CALL access.append_only('workflow.workflow_definitions');

-- A version runs once a second person has approved it.
CREATE TABLE workflow.workflow_publications (
    organisation_id uuid NOT NULL,
    version_id      uuid PRIMARY KEY,
    approver_id     uuid NOT NULL,
    published_at    timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, version_id)
        REFERENCES workflow.workflow_definitions (organisation_id, id)
);
CALL access.tenant('workflow.workflow_publications');
CALL access.append_only('workflow.workflow_publications');

CREATE FUNCTION workflow.guard_definition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT access.permitted('workflow.publish') THEN
        RAISE EXCEPTION 'proposing a workflow needs the permission workflow.publish'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.author_id IS DISTINCT FROM access.actor_id() THEN
        RAISE EXCEPTION 'author_id must be the presented actor'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT ON workflow.workflow_definitions
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_definition();
ALTER TABLE workflow.workflow_definitions ENABLE ALWAYS TRIGGER a_guard;

CREATE FUNCTION workflow.guard_publication() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF access.actor_kind() IS DISTINCT FROM 'person' OR NOT access.permitted('workflow.approve') THEN
        RAISE EXCEPTION 'publishing a workflow needs a person with the permission workflow.approve'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.approver_id IS DISTINCT FROM access.actor_id() THEN
        RAISE EXCEPTION 'approver_id must be the presented actor'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF EXISTS (SELECT FROM workflow.workflow_definitions
        WHERE id = NEW.version_id AND author_id IN (access.actor_id(), access.on_behalf_of())) THEN
        RAISE EXCEPTION 'a workflow is published by somebody who did not propose it'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT ON workflow.workflow_publications
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_publication();
ALTER TABLE workflow.workflow_publications ENABLE ALWAYS TRIGGER a_guard;

CREATE TABLE workflow.workflow_instances (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    version_id      uuid,
    shipped_id      uuid REFERENCES workflow.shipped_definitions (id),
    correlation_id  text CHECK (length(correlation_id) BETWEEN 1 AND 200),
    inputs          json NOT NULL,
    started_by      uuid NOT NULL,
    started_at      timestamptz NOT NULL,
    status          text NOT NULL CHECK
        (status IN ('executing', 'suspended', 'finished', 'faulted', 'cancelled')),
    state           json NOT NULL,
    ready_at        timestamptz,
    signals         bigint NOT NULL DEFAULT 0,
    attempts        integer NOT NULL DEFAULT 0,
    last_error      text CHECK (length(last_error) <= 4000),
    lease_owner     text,
    lease_until     timestamptz,
    fence           bigint NOT NULL DEFAULT 0,
    ended_at        timestamptz,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, version_id)
        REFERENCES workflow.workflow_definitions (organisation_id, id),
    CHECK (num_nonnulls(version_id, shipped_id) = 1),
    CHECK ((status IN ('finished', 'faulted', 'cancelled')) = (ended_at IS NOT NULL))
);
COMMENT ON COLUMN workflow.workflow_instances.ready_at IS
    'from when on there is something to do; null while it waits, and after its end';
COMMENT ON COLUMN workflow.workflow_instances.signals IS
    'how often it was resumed: whoever checkpoints sees by it that something came in meanwhile';
COMMENT ON COLUMN workflow.workflow_instances.fence IS
    'grows with each lease: a checkpoint under an older one is refused';
CREATE INDEX ON workflow.workflow_instances (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX ON workflow.workflow_instances (organisation_id, correlation_id);
CALL access.mutable('workflow.workflow_instances', ARRAY['status', 'state', 'ended_at'],
    'where it stands; the journal keeps how it came there');
CALL access.mutable('workflow.workflow_instances',
    ARRAY['ready_at', 'signals', 'attempts', 'last_error', 'lease_owner', 'lease_until', 'fence'],
    'who works on it and when next');
CALL access.tenant('workflow.workflow_instances');
CALL access.append_only('workflow.workflow_instances', 'status', 'state', 'ended_at', 'ready_at',
    'signals', 'attempts', 'last_error', 'lease_owner', 'lease_until', 'fence');

CREATE FUNCTION workflow.guard_instance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.fence < OLD.fence OR NEW.signals < OLD.signals THEN
        RAISE EXCEPTION 'fence and signals only grow' USING ERRCODE = 'insufficient_privilege';
    ELSIF OLD.ended_at IS NOT NULL AND (NEW.status, NEW.state::text, NEW.ended_at)
        IS DISTINCT FROM (OLD.status, OLD.state::text, OLD.ended_at) THEN
        RAISE EXCEPTION 'an instance that has ended never goes on'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE UPDATE ON workflow.workflow_instances
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_instance();
ALTER TABLE workflow.workflow_instances ENABLE ALWAYS TRIGGER a_guard;

-- What instances wait for. Resumed by whoever brings the answer, burned when the instance took it or
-- no longer waits.
CREATE TABLE workflow.workflow_bookmarks (
    organisation_id uuid NOT NULL,
    instance_id     uuid NOT NULL,
    execution       integer NOT NULL,
    activity_id     text NOT NULL,
    name            text NOT NULL,
    key             text NOT NULL,
    payload         json NOT NULL,
    correlation_id  text,
    created_at      timestamptz NOT NULL,
    resumed_at      timestamptz,
    resumed_by      uuid,
    outcome         text,
    outputs         json,
    burned_at       timestamptz,
    PRIMARY KEY (instance_id, execution),
    UNIQUE (organisation_id, instance_id, execution),
    FOREIGN KEY (organisation_id, instance_id)
        REFERENCES workflow.workflow_instances (organisation_id, id),
    CHECK ((resumed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX ON workflow.workflow_bookmarks (organisation_id, name, key)
    WHERE resumed_at IS NULL AND burned_at IS NULL;
CALL access.mutable('workflow.workflow_bookmarks',
    ARRAY['resumed_at', 'resumed_by', 'outcome', 'outputs', 'burned_at'],
    'resumed once and burned once');
CALL access.tenant('workflow.workflow_bookmarks');
CALL access.append_only('workflow.workflow_bookmarks', 'resumed_at', 'resumed_by', 'outcome', 'outputs',
    'burned_at');

CREATE FUNCTION workflow.guard_bookmark() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF OLD.resumed_at IS NOT NULL AND (NEW.resumed_at, NEW.resumed_by, NEW.outcome, NEW.outputs::text)
        IS DISTINCT FROM (OLD.resumed_at, OLD.resumed_by, OLD.outcome, OLD.outputs::text)
        OR OLD.burned_at IS NOT NULL THEN
        RAISE EXCEPTION 'a bookmark is resumed once and burned once'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.resumed_at IS NOT NULL AND OLD.resumed_at IS NULL THEN
        NEW.resumed_by := access.actor_id();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE UPDATE ON workflow.workflow_bookmarks
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_bookmark();
ALTER TABLE workflow.workflow_bookmarks ENABLE ALWAYS TRIGGER a_guard;

CREATE TABLE workflow.workflow_timers (
    organisation_id uuid NOT NULL,
    instance_id     uuid NOT NULL,
    execution       integer NOT NULL,
    due_at          timestamptz NOT NULL,
    outcome         text NOT NULL,
    fired_at        timestamptz,
    PRIMARY KEY (instance_id, execution),
    FOREIGN KEY (organisation_id, instance_id, execution)
        REFERENCES workflow.workflow_bookmarks (organisation_id, instance_id, execution)
);
CREATE INDEX ON workflow.workflow_timers (due_at) WHERE fired_at IS NULL;
CALL access.mutable('workflow.workflow_timers', ARRAY['fired_at'], 'a timer fires once');
CALL access.tenant('workflow.workflow_timers');
CALL access.append_only('workflow.workflow_timers', 'fired_at');

-- One row for each activity with an effect, in the transaction of the effect: a second one clashes.
CREATE TABLE workflow.workflow_executions (
    organisation_id uuid NOT NULL,
    instance_id     uuid NOT NULL,
    execution       integer NOT NULL,
    activity_id     text NOT NULL,
    activity_type   text NOT NULL,
    idempotency_key uuid NOT NULL,
    answer          text NOT NULL CHECK (answer IN ('completed', 'waiting', 'failed')),
    attempt         integer NOT NULL,
    executed_at     timestamptz NOT NULL,
    PRIMARY KEY (instance_id, execution),
    UNIQUE (organisation_id, idempotency_key),
    FOREIGN KEY (organisation_id, instance_id)
        REFERENCES workflow.workflow_instances (organisation_id, id)
);
CALL access.tenant('workflow.workflow_executions');
CALL access.append_only('workflow.workflow_executions');

CREATE TABLE workflow.workflow_journal (
    organisation_id uuid NOT NULL,
    instance_id     uuid NOT NULL,
    number          integer NOT NULL,
    activity_id     text NOT NULL,
    event           text NOT NULL CHECK
        (event IN ('started', 'completed', 'suspended', 'resumed', 'faulted', 'canceled')),
    round           integer NOT NULL,
    outcomes        text[],
    message         text,
    detail          json,
    happened_at     timestamptz NOT NULL,
    PRIMARY KEY (instance_id, number),
    FOREIGN KEY (organisation_id, instance_id)
        REFERENCES workflow.workflow_instances (organisation_id, id)
);
CALL access.tenant('workflow.workflow_journal');
CALL access.append_only('workflow.workflow_journal');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['definitions', 'publications', 'instances', 'bookmarks', 'timers',
        'executions', 'journal']
    LOOP
        CALL access.across_organisations(format('workflow.workflow_%s', name)::regclass, 'backup',
            'a dump holds every organisation');
        EXECUTE format('GRANT SELECT ON workflow.workflow_%s TO psa, auditor, backup', name);
        EXECUTE format('GRANT INSERT ON workflow.workflow_%s TO psa', name);
    END LOOP;
END $$;
GRANT UPDATE (status, state, ended_at, ready_at, signals, attempts, last_error, lease_owner,
    lease_until) ON workflow.workflow_instances TO psa;
GRANT UPDATE (resumed_at, resumed_by, outcome, outputs, burned_at) ON workflow.workflow_bookmarks TO psa;

-- Leasing and timers are for every organisation at once; the work itself is done under its machine.
CALL access.across_organisations('workflow.workflow_instances', 'jobs', 'leases what is ready');
CALL access.across_organisations('workflow.workflow_bookmarks', 'jobs', 'fires timers');
CALL access.across_organisations('workflow.workflow_timers', 'jobs', 'fires timers');
GRANT SELECT (id, organisation_id, ready_at, signals, attempts, lease_owner, lease_until, fence)
    ON workflow.workflow_instances TO jobs;
GRANT UPDATE (ready_at, signals, attempts, last_error, lease_owner, lease_until, fence)
    ON workflow.workflow_instances TO jobs;
GRANT SELECT (organisation_id, instance_id, execution, resumed_at, burned_at)
    ON workflow.workflow_bookmarks TO jobs;
GRANT UPDATE (resumed_at, outcome, outputs) ON workflow.workflow_bookmarks TO jobs;
GRANT SELECT ON workflow.workflow_timers TO jobs;
GRANT UPDATE (fired_at) ON workflow.workflow_timers TO jobs;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA workflow FROM PUBLIC;
