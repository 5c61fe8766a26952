-- What somebody is drawing and has not proposed yet. Each person has their own, so that nobody draws over
-- somebody else; what is proposed is a version, and versions never change.
CREATE TABLE workflow.workflow_drafts (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    definition_id   text NOT NULL CHECK (length(definition_id) BETWEEN 1 AND 100),
    person_id       uuid NOT NULL,
    based_on        integer NOT NULL CHECK (based_on >= 0),
    json            text NOT NULL CHECK (octet_length(json) <= 1048576),
    saved_at        timestamptz NOT NULL,
    UNIQUE (organisation_id, definition_id, person_id)
);
COMMENT ON COLUMN workflow.workflow_drafts.based_on IS
    'the newest version when the drawing began: 0 where there was none';
CALL access.mutable('workflow.workflow_drafts', ARRAY['based_on', 'json', 'saved_at'],
    'a draft is overwritten as it is drawn; what is proposed is a version');
CALL access.tenant('workflow.workflow_drafts');
CALL access.append_only('workflow.workflow_drafts', 'based_on', 'json', 'saved_at');
CALL access.across_organisations('workflow.workflow_drafts', 'backup', 'a dump holds every organisation');
GRANT SELECT ON workflow.workflow_drafts TO psa, auditor, backup;
GRANT INSERT ON workflow.workflow_drafts TO psa;
GRANT UPDATE (based_on, json, saved_at) ON workflow.workflow_drafts TO psa;

CREATE FUNCTION workflow.guard_draft() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT access.permitted('workflow.publish') THEN
        RAISE EXCEPTION 'drawing a workflow needs the permission workflow.publish'
            USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.person_id IS DISTINCT FROM access.actor_id() THEN
        RAISE EXCEPTION 'person_id must be the presented actor'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON workflow.workflow_drafts
    FOR EACH ROW EXECUTE FUNCTION workflow.guard_draft();
ALTER TABLE workflow.workflow_drafts ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA workflow FROM PUBLIC;
