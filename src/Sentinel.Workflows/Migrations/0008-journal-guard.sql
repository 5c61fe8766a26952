-- One statement for all instances of a checkpoint instead of one for each. Asked in an expression and not joined:
-- the plan of a join that was made when there were few instances would read them all.
CREATE OR REPLACE FUNCTION workflow.guard_journal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT organisation_id, instance_id FROM added) AS told
        WHERE (SELECT i.organisation_id FROM workflow.workflow_instances i WHERE i.id = told.instance_id)
            IS DISTINCT FROM told.organisation_id) THEN
        RAISE EXCEPTION 'the journal tells of an instance that does not exist'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
