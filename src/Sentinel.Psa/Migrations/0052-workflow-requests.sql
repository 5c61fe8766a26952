-- Who cancelled a workflow of a case, or had it try again, and why; the workflow itself is elsewhere.
CREATE TABLE psa.case_workflow_requests (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    instance_id     uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('cancel', 'retry')),
    reason          text NOT NULL CHECK (length(btrim(reason)) > 0 AND length(reason) <= 2000),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL access.tenant('psa.case_workflow_requests');
CALL access.append_only('psa.case_workflow_requests');
CALL access.audited('psa.case_workflow_requests', 'case_workflow_request', 'id', 'case_id');
CALL access.across_organisations('psa.case_workflow_requests', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.case_workflow_requests TO psa, auditor, backup;
GRANT INSERT ON psa.case_workflow_requests TO psa;

CREATE FUNCTION psa.guard_case_workflow_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('workflow.' || NEW.kind);
    PERFORM psa.require('case.open');
    PERFORM psa.require_self('workflow.' || NEW.kind, NEW.asked_by);
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_workflow_requests
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_workflow_request();
ALTER TABLE psa.case_workflow_requests ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;

-- What a workflow knows and keeps is evidence that it made.
ALTER TABLE psa.evidence_items
    DROP CONSTRAINT evidence_items_source_system_check,
    ADD CONSTRAINT evidence_items_source_system_check CHECK (source_system IN
        ('rmm', 'siem', 'edr', 'vulnerability', 'pentest', 'compliance', 'manual', 'workflow'));
