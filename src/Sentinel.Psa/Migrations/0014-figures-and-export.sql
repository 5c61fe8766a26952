-- Who may read figures, and who may take a case out of the house.
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT r.organisation_id, r.id, given.permission
FROM psa.roles r
JOIN (VALUES ('analyst', 'figures.read'), ('incident_manager', 'figures.read'),
    ('administrator', 'figures.read'), ('auditor', 'figures.read'),
    ('incident_manager', 'case.export'), ('auditor', 'case.export')) AS given (role, permission)
  ON given.role = r.name
ON CONFLICT DO NOTHING;
