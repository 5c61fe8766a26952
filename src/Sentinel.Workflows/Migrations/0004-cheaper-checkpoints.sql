-- What may never change is compared in place (access/0006), in every table of this schema.
CALL access.guard_columns('workflow');

-- A step of the journal is of an instance that exists: asked once for each checkpoint and no longer once for
-- each of its rows, which took a fifth of the time of a workflow. Instances are never removed.
ALTER TABLE workflow.workflow_journal
    DROP CONSTRAINT workflow_journal_organisation_id_instance_id_fkey;
CREATE FUNCTION workflow.guard_journal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    told record;
BEGIN
    -- One by one: joined, the plan made when there were few instances would read them all.
    FOR told IN SELECT DISTINCT organisation_id, instance_id FROM added LOOP
        IF NOT EXISTS (SELECT FROM workflow.workflow_instances
            WHERE id = told.instance_id AND organisation_id = told.organisation_id) THEN
            RAISE EXCEPTION 'the journal tells of an instance that does not exist'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER a_guard AFTER INSERT ON workflow.workflow_journal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION workflow.guard_journal();
ALTER TABLE workflow.workflow_journal ENABLE ALWAYS TRIGGER a_guard;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA workflow FROM PUBLIC;
