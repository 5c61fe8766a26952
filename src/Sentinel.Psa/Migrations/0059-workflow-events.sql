-- Events that people tell the workflows of a case: who said what happened, and when.
CREATE TABLE psa.case_workflow_events (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    payload         json NOT NULL CHECK (length(payload::text) <= 65536),
    raised_by       uuid NOT NULL,
    raised_at       timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CALL access.tenant('psa.case_workflow_events');
CALL access.append_only('psa.case_workflow_events');
CALL access.audited('psa.case_workflow_events', 'case_workflow_event', 'id', 'case_id');
CALL access.across_organisations('psa.case_workflow_events', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.case_workflow_events TO psa, auditor, backup;
GRANT INSERT ON psa.case_workflow_events TO psa;

CREATE FUNCTION psa.guard_case_workflow_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    PERFORM psa.require_person('workflow.raise');
    PERFORM psa.require('case.open');
    PERFORM psa.require_self('raised_by', NEW.raised_by);
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_workflow_events
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_workflow_event();
ALTER TABLE psa.case_workflow_events ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
