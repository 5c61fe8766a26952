-- Cases: the heart. Status moves along psa.machine_arrows only; closed is final (0008 has the guard).

CREATE TABLE psa.queues (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, name)
);
CALL psa.governed('psa.queues', 'queue', 'id', 'id');
GRANT INSERT ON psa.queues TO psa;

CREATE TABLE psa.cases (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    number          bigint NOT NULL CHECK (number > 0),
    case_type       text NOT NULL CHECK (case_type IN ('incident', 'problem', 'change', 'audit')),
    source_system   text NOT NULL CHECK (source_system IN
        ('rmm', 'siem', 'edr', 'vulnerability', 'pentest', 'compliance', 'manual')),
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    confidence      integer CHECK (confidence BETWEEN 0 AND 100),
    status          text NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'in_progress', 'resolved', 'closed')),
    summary         text NOT NULL CHECK (length(summary) BETWEEN 1 AND 4000),
    opened_at       timestamptz NOT NULL,
    responded_at    timestamptz,
    resolved_at     timestamptz,
    closed_at       timestamptz,
    opened_by       uuid NOT NULL,
    resolved_by     uuid,
    closed_by       uuid,
    queue_id        uuid,
    owner_id        uuid,
    correlation_id  uuid NOT NULL,
    finding_id      uuid,
    policy_name     text,
    policy_version  integer,
    policy_sha256   text CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, number),
    UNIQUE (organisation_id, finding_id),
    FOREIGN KEY (organisation_id, queue_id) REFERENCES psa.queues (organisation_id, id),
    FOREIGN KEY (organisation_id, owner_id) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, resolved_by) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, closed_by) REFERENCES psa.users (organisation_id, id),
    CHECK ((status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)),
    CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)),
    CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((policy_name IS NULL) = (policy_sha256 IS NULL))
);
CREATE INDEX ON psa.cases (organisation_id, status, opened_at);
CALL access.mutable('psa.cases', ARRAY['status', 'responded_at', 'resolved_at', 'resolved_by',
    'closed_at', 'closed_by'], 'the machine moves the case, along its arrows, and stamps the step');
CALL access.mutable('psa.cases', ARRAY['queue_id', 'owner_id'],
    'who owns the case changes; the audit log keeps every owner');
CALL psa.governed('psa.cases', 'case', 'id', 'id', 'status', 'responded_at', 'resolved_at',
    'resolved_by', 'closed_at', 'closed_by', 'queue_id', 'owner_id');
GRANT INSERT, UPDATE (status, responded_at, resolved_at, resolved_by, closed_at, closed_by, queue_id,
    owner_id) ON psa.cases TO psa;
GRANT SELECT (id, organisation_id, status, opened_at, responded_at, resolved_at) ON psa.cases TO jobs;
CALL access.across_organisations('psa.cases', 'jobs', 'clocks run for everybody');
CALL access.across_organisations('psa.cases', 'sentinel_owner', 'a refusal locks the case it tells of');

-- Every row of a case goes through here first. The case is locked, so that closing waits for the
-- row or the row sees the closed case: the seal covers all that came before it.
CREATE FUNCTION psa.require_unclosed(organisation uuid, subject uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    found text;
BEGIN
    SELECT status INTO found FROM psa.cases
    WHERE organisation_id = organisation AND id = subject FOR UPDATE;
    IF found IS NULL THEN
        PERFORM psa.refuse('case.unknown', 'there is no such case in this organisation',
            'a case of your own organisation');
    ELSIF found = 'closed' THEN
        PERFORM psa.refuse('case.closed_is_final', 'a closed case never changes again',
            'open a follow-on case that is linked to it');
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION psa.require_unclosed(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.require_unclosed(uuid, uuid) TO psa;

-- For rows whose only rules are: the case is not closed, and the actor may do what the argument says.
CREATE FUNCTION psa.guard_case_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require(TG_ARGV[0]);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;

CREATE TABLE psa.case_assets (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    asset_id        uuid NOT NULL,
    PRIMARY KEY (case_id, asset_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, asset_id) REFERENCES psa.assets (organisation_id, id)
);
CALL psa.governed('psa.case_assets', 'case_asset', 'asset_id', 'case_id');
GRANT INSERT ON psa.case_assets TO psa;
CREATE FUNCTION psa.guard_case_asset() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.open');
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF EXISTS (
        SELECT FROM psa.assets WHERE organisation_id = NEW.organisation_id AND id = NEW.asset_id
          AND status = 'retired') THEN
        PERFORM psa.refuse('asset.retired', 'a retired asset takes no new work',
            'an asset that is active');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_assets', 'psa.guard_case_asset');

CREATE TABLE psa.case_relationships (
    organisation_id   uuid NOT NULL,
    parent_case_id    uuid NOT NULL,
    child_case_id     uuid NOT NULL,
    relationship_type text NOT NULL
        CHECK (relationship_type IN ('parent', 'related', 'follow_on', 'merged')),
    created_by        uuid NOT NULL,
    created_at        timestamptz NOT NULL,
    PRIMARY KEY (parent_case_id, child_case_id, relationship_type),
    FOREIGN KEY (organisation_id, parent_case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, child_case_id) REFERENCES psa.cases (organisation_id, id),
    CHECK (parent_case_id <> child_case_id)
);
CREATE INDEX ON psa.case_relationships (organisation_id, child_case_id);
-- The subject is the child: a follow-on is its own story, and the parent is sealed.
CALL psa.governed('psa.case_relationships', 'case_relationship', 'parent_case_id', 'child_case_id');
GRANT INSERT ON psa.case_relationships TO psa;
CREATE FUNCTION psa.guard_case_relationship() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.open');
    PERFORM psa.require_self('created_by', NEW.created_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.child_case_id);
    IF NEW.relationship_type <> 'follow_on' THEN
        PERFORM psa.require_unclosed(NEW.organisation_id, NEW.parent_case_id);
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_relationships', 'psa.guard_case_relationship');

-- Which workflow the case started; its rows live in the schema workflow, so there is no foreign key.
CREATE TABLE psa.case_workflows (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    instance_id     uuid NOT NULL,
    definition      text NOT NULL CHECK (length(definition) BETWEEN 1 AND 200),
    started_at      timestamptz NOT NULL,
    PRIMARY KEY (case_id, instance_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL psa.governed('psa.case_workflows', 'case_workflow', 'instance_id', 'case_id');
GRANT INSERT ON psa.case_workflows TO psa;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_workflows
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.case_workflows ENABLE ALWAYS TRIGGER a_guard;

-- What closing asks for, copied from the policy when the case opens: a later policy changes nothing.
CREATE TABLE psa.case_evidence_requirements (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    evidence_type   text NOT NULL CHECK (evidence_type ~ '^[a-z_]{1,50}$'),
    at_least        integer NOT NULL CHECK (at_least BETWEEN 1 AND 1000),
    PRIMARY KEY (case_id, evidence_type),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL psa.governed('psa.case_evidence_requirements', 'closing_requirement', 'case_id', 'case_id');
GRANT INSERT ON psa.case_evidence_requirements TO psa;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_evidence_requirements
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.case_evidence_requirements ENABLE ALWAYS TRIGGER a_guard;

-- The role's name as the policy wrote it. A role that nobody holds must not keep a case from opening.
CREATE TABLE psa.case_attestation_requirements (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    role_name       text NOT NULL CHECK (length(role_name) BETWEEN 1 AND 100),
    PRIMARY KEY (case_id, role_name),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL psa.governed('psa.case_attestation_requirements', 'closing_requirement', 'case_id', 'case_id');
GRANT INSERT ON psa.case_attestation_requirements TO psa;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_attestation_requirements
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.case_attestation_requirements ENABLE ALWAYS TRIGGER a_guard;

-- One row for each escalation that arrived: a second delivery finds it and gets the same receipt.
CREATE TABLE psa.escalation_receipts (
    escalation_id   uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    finding_id      uuid NOT NULL,
    package_id      uuid NOT NULL,
    package_sha256  text NOT NULL CHECK (package_sha256 ~ '^[0-9a-f]{64}$'),
    package_uri     text NOT NULL,
    policy_name     text NOT NULL,
    policy_version  integer NOT NULL,
    policy_sha256   text NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    siem_head       text,
    correlation_id  uuid NOT NULL,
    assets_not_attached uuid[] NOT NULL DEFAULT '{}',
    received_at     timestamptz NOT NULL,
    UNIQUE (organisation_id, escalation_id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
COMMENT ON COLUMN psa.escalation_receipts.assets_not_attached IS
    'named by the finding, but unknown here or retired';
CREATE INDEX ON psa.escalation_receipts (organisation_id, finding_id);
CALL psa.governed('psa.escalation_receipts', 'escalation', 'escalation_id', 'case_id');
GRANT INSERT ON psa.escalation_receipts TO psa;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.escalation_receipts
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.escalation_receipts ENABLE ALWAYS TRIGGER a_guard;

-- What had to go, by whom and why. Nothing is deleted: the row that is meant stays where it was.
CREATE TABLE psa.tombstones (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    entity_type     text NOT NULL,
    entity_id       uuid NOT NULL,
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, entity_type, entity_id)
);
CALL psa.governed('psa.tombstones', 'tombstone', 'id', 'entity_id');
