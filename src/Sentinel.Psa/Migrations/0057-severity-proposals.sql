-- What a workflow thinks of how severe a case is: a proposal, which a person accepts by deciding the same, or
-- answers by deciding otherwise. It changes nothing by itself.
CREATE TABLE psa.severity_proposals (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    proposed_by     uuid NOT NULL,
    proposed_at     timestamptz NOT NULL,
    outcome         text CHECK (outcome IN ('accepted', 'changed', 'withdrawn')),
    settled_at      timestamptz,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
CREATE INDEX ON psa.severity_proposals (case_id) WHERE settled_at IS NULL;
CALL access.mutable('psa.severity_proposals', ARRAY['outcome', 'settled_at'], 'a proposal is settled once');
CALL access.tenant('psa.severity_proposals');
CALL access.append_only('psa.severity_proposals', 'outcome', 'settled_at');
CALL access.audited('psa.severity_proposals', 'severity_proposal', 'id', 'case_id');
CALL access.across_organisations('psa.severity_proposals', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.severity_proposals TO psa, auditor, backup;
GRANT INSERT, UPDATE (outcome, settled_at) ON psa.severity_proposals TO psa;

CREATE FUNCTION psa.guard_severity_proposal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('approval.ask');
        PERFORM psa.require_self('proposed_by', NEW.proposed_by);
        IF NEW.outcome IS NOT NULL THEN
            PERFORM psa.refuse('severity.proposal.new', 'a proposal begins unsettled', 'nobody');
        END IF;
    ELSIF OLD.settled_at IS NOT NULL THEN
        PERFORM psa.refuse('severity.proposal.settled', 'a proposal is settled once', 'nobody: propose again');
    ELSIF NEW.outcome = 'withdrawn' THEN
        PERFORM psa.require_self('proposed_by', NEW.proposed_by);
    ELSE
        PERFORM psa.require_person('case.set_severity');
        PERFORM psa.require('case.set_severity');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.severity_proposals
    FOR EACH ROW EXECUTE FUNCTION psa.guard_severity_proposal();
ALTER TABLE psa.severity_proposals ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
