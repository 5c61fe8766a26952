-- The case's story says, too, who had a workflow go on in a newer version.
ALTER TABLE psa.case_workflow_requests
    DROP CONSTRAINT case_workflow_requests_kind_check,
    ADD CONSTRAINT case_workflow_requests_kind_check CHECK (kind IN ('cancel', 'retry', 'migrate'));
