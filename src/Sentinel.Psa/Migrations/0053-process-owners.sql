-- Who says how work is done has a role of their own, also in organisations that were founded before.
INSERT INTO psa.roles (id, organisation_id, name, scope)
SELECT gen_random_uuid(), id, 'process_owner', 'organisation' FROM psa.organisations
ON CONFLICT DO NOTHING;
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT organisation_id, id, wanted
FROM psa.roles, unnest(ARRAY['workflow.publish', 'workflow.approve', 'finding.read', 'case.read', 'case.open',
    'task.read', 'figures.read']) AS wanted
WHERE name = 'process_owner' ON CONFLICT DO NOTHING;
