-- What people ask of an instance that runs or has failed, and the workflows that workflows start.
ALTER TABLE workflow.workflow_instances
    ADD COLUMN root_id uuid,
    ADD FOREIGN KEY (organisation_id, root_id) REFERENCES workflow.workflow_instances (organisation_id, id);
COMMENT ON COLUMN workflow.workflow_instances.root_id IS
    'the instance at the top, where another workflow started this one';
-- Whoever cancels the workflows that an instance waits for takes their leases away.
GRANT UPDATE (fence) ON workflow.workflow_instances TO psa;

ALTER TABLE workflow.workflow_journal
    DROP CONSTRAINT workflow_journal_event_check,
    ADD CONSTRAINT workflow_journal_event_check CHECK
        (event IN ('started', 'completed', 'suspended', 'resumed', 'faulted', 'canceled', 'retried'));

CREATE TABLE workflow.workflow_requests (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    instance_id     uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('cancel', 'retry')),
    reason          text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 2000),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    taken_at        timestamptz,
    refused         text CHECK (length(refused) <= 2000),
    FOREIGN KEY (organisation_id, instance_id)
        REFERENCES workflow.workflow_instances (organisation_id, id),
    CHECK (refused IS NULL OR taken_at IS NOT NULL)
);
COMMENT ON COLUMN workflow.workflow_requests.refused IS 'why nothing came of it, as where the instance had ended';
CREATE INDEX ON workflow.workflow_requests (instance_id) WHERE taken_at IS NULL;
CALL access.mutable('workflow.workflow_requests', ARRAY['taken_at', 'refused'], 'a request is taken once');
CALL access.tenant('workflow.workflow_requests');
CALL access.append_only('workflow.workflow_requests', 'taken_at', 'refused');
CALL access.across_organisations('workflow.workflow_requests', 'backup', 'a dump holds every organisation');
GRANT SELECT ON workflow.workflow_requests TO psa, auditor, backup;
GRANT INSERT ON workflow.workflow_requests TO psa;
GRANT UPDATE (taken_at, refused) ON workflow.workflow_requests TO psa;

CREATE FUNCTION workflow.guard_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.taken_at IS NOT NULL THEN
            RAISE EXCEPTION 'a request is taken once' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF access.actor_kind() IS DISTINCT FROM 'person' OR NOT access.permitted('case.open') THEN
        RAISE EXCEPTION 'cancelling or retrying a workflow needs a person with the permission case.open'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.asked_by IS DISTINCT FROM access.actor_id() OR NEW.taken_at IS NOT NULL THEN
        RAISE EXCEPTION 'asked_by must be the presented actor, and a request begins untaken'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON workflow.workflow_requests
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_request();
ALTER TABLE workflow.workflow_requests ENABLE ALWAYS TRIGGER a_guard;

-- What has ended stays so, but for what failed and a person asked to try again.
CREATE OR REPLACE FUNCTION workflow.guard_instance() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.fence < OLD.fence OR NEW.signals < OLD.signals THEN
        RAISE EXCEPTION 'fence and signals only grow' USING ERRCODE = 'insufficient_privilege';
    ELSIF OLD.ended_at IS NOT NULL AND (NEW.status, NEW.state::text, NEW.ended_at)
        IS DISTINCT FROM (OLD.status, OLD.state::text, OLD.ended_at) THEN
        IF OLD.status <> 'faulted' OR NOT EXISTS (SELECT FROM workflow.workflow_requests
            WHERE instance_id = OLD.id AND kind = 'retry' AND taken_at IS NULL) THEN
            RAISE EXCEPTION 'an instance that has ended never goes on, unless it failed and a person asked to retry it'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA workflow FROM PUBLIC;
