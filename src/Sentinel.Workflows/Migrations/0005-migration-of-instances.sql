-- An instance goes on in a newer version where a person asks for it and nothing stands in the way.
ALTER TABLE workflow.workflow_requests
    DROP CONSTRAINT workflow_requests_kind_check,
    ADD CONSTRAINT workflow_requests_kind_check CHECK (kind IN ('cancel', 'retry', 'migrate')),
    ADD COLUMN to_version_id uuid,
    ADD COLUMN to_shipped_id uuid REFERENCES workflow.shipped_definitions (id),
    ADD FOREIGN KEY (organisation_id, to_version_id)
        REFERENCES workflow.workflow_definitions (organisation_id, id),
    ADD CHECK (num_nonnulls(to_version_id, to_shipped_id) = CASE kind WHEN 'migrate' THEN 1 ELSE 0 END);
COMMENT ON COLUMN workflow.workflow_requests.to_version_id IS
    'the published version in which a migrated instance goes on; to_shipped_id where that is one that ships';
CALL access.guard_columns('workflow');

-- What no worker can do is in the journal as well, where whoever asked looks.
ALTER TABLE workflow.workflow_journal
    DROP CONSTRAINT workflow_journal_event_check,
    ADD CONSTRAINT workflow_journal_event_check CHECK (event IN ('started', 'completed', 'suspended',
        'resumed', 'faulted', 'canceled', 'retried', 'migrated', 'refused'));

CALL access.mutable('workflow.workflow_instances', ARRAY['version_id', 'shipped_id'],
    'a person has it go on in a newer version; the request says who and why');
CALL access.guard_columns('workflow.workflow_instances', ARRAY['status', 'state', 'ended_at', 'ready_at',
    'signals', 'attempts', 'last_error', 'lease_owner', 'lease_until', 'fence', 'version_id', 'shipped_id']);
GRANT UPDATE (version_id, shipped_id) ON workflow.workflow_instances TO psa;

CREATE OR REPLACE FUNCTION workflow.guard_instance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.fence < OLD.fence OR NEW.signals < OLD.signals THEN
        RAISE EXCEPTION 'fence and signals only grow' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.ended_at IS NOT NULL AND (NEW.status, NEW.state::text, NEW.ended_at)
        IS DISTINCT FROM (OLD.status, OLD.state::text, OLD.ended_at) THEN
        IF OLD.status <> 'faulted' OR NOT EXISTS (SELECT FROM workflow.workflow_requests
            WHERE instance_id = OLD.id AND kind IN ('retry', 'migrate') AND taken_at IS NULL) THEN
            RAISE EXCEPTION 'an instance that has ended never goes on, unless it failed and a person asked to retry it'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF coalesce(NEW.version_id, NEW.shipped_id) IS DISTINCT FROM coalesce(OLD.version_id, OLD.shipped_id)
        AND NOT EXISTS (SELECT FROM workflow.workflow_requests
            WHERE instance_id = OLD.id AND kind = 'migrate' AND taken_at IS NULL
              AND (to_version_id, to_shipped_id) IS NOT DISTINCT FROM (NEW.version_id, NEW.shipped_id)) THEN
        RAISE EXCEPTION 'an instance stays on its version, unless a person asked to migrate it to that one'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION workflow.guard_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.taken_at IS NOT NULL THEN
            RAISE EXCEPTION 'a request is taken once' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF access.actor_kind() IS DISTINCT FROM 'person' OR NOT access.permitted('case.open') THEN
        RAISE EXCEPTION 'cancelling, retrying or migrating a workflow needs a person with the permission case.open'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.asked_by IS DISTINCT FROM access.actor_id() OR NEW.taken_at IS NOT NULL THEN
        RAISE EXCEPTION 'asked_by must be the presented actor, and a request begins untaken'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.to_version_id IS NOT NULL AND NOT EXISTS (SELECT FROM workflow.workflow_publications
        WHERE version_id = NEW.to_version_id) THEN
        RAISE EXCEPTION 'a workflow goes on in a version that was published'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.kind = 'migrate' AND NOT EXISTS (
        SELECT FROM (
            SELECT definition_id FROM workflow.workflow_definitions WHERE id = NEW.to_version_id
            UNION ALL
            SELECT definition_id FROM workflow.shipped_definitions WHERE id = NEW.to_shipped_id) AS other
        WHERE other.definition_id = (
            SELECT coalesce(d.definition_id, s.definition_id) FROM workflow.workflow_instances i
            LEFT JOIN workflow.workflow_definitions d ON d.id = i.version_id
            LEFT JOIN workflow.shipped_definitions s ON s.id = i.shipped_id
            WHERE i.id = NEW.instance_id)) THEN
        RAISE EXCEPTION 'a workflow goes on in a version of the same workflow'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA workflow FROM PUBLIC;
