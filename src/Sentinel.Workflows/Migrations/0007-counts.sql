-- Workflows that start others are counted, and stopped at a thousand.
CREATE INDEX ON workflow.workflow_instances (root_id) WHERE root_id IS NOT NULL;
