-- Reading who works here, which roles there are and what assets are registered has permissions of its own.
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT r.organisation_id, r.id, given.permission
FROM psa.roles r JOIN (VALUES ('analyst', 'user.read'), ('incident_manager', 'user.read'),
    ('detection_engineer', 'user.read'), ('process_owner', 'user.read'), ('administrator', 'user.read'),
    ('auditor', 'user.read'), ('analyst', 'asset.read'), ('incident_manager', 'asset.read'),
    ('administrator', 'asset.read'), ('auditor', 'asset.read')) AS given (role, permission)
  ON given.role = r.name
ON CONFLICT DO NOTHING;

-- Whoever manages people could widen a role that they hold: a way to give a role to themselves.
CREATE OR REPLACE FUNCTION psa.guard_people() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    given jsonb := to_jsonb(NEW);
BEGIN
    IF pg_has_role(current_user, 'sentinel_owner', 'MEMBER') THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_decider('user.manage');
    PERFORM psa.require('user.manage');
    IF TG_TABLE_NAME = 'user_roles' AND (given ->> 'user_id')::uuid = ANY (psa.my_identities()) THEN
        PERFORM psa.refuse('role.own_grant', 'nobody gives a role to themselves, or takes it',
            'another administrator');
    ELSIF TG_TABLE_NAME = 'machine_permissions' AND psa.is_decision(given ->> 'permission') THEN
        PERFORM psa.refuse('machine.decides', 'a machine is never permitted to decide',
            'nobody: decisions are for people');
    ELSIF TG_TABLE_NAME = 'role_permissions' AND NOT psa.in_scope((SELECT scope FROM psa.roles
        WHERE organisation_id = NEW.organisation_id AND id = (given ->> 'role_id')::uuid),
        given ->> 'permission') THEN
        PERFORM psa.refuse('role.scope', 'the permission is about other things than the role',
            'an administrator gives it to a role of a wider scope');
    ELSIF TG_TABLE_NAME = 'role_permissions' AND EXISTS (SELECT FROM psa.user_roles
        WHERE organisation_id = NEW.organisation_id AND role_id = (given ->> 'role_id')::uuid
          AND ended_at IS NULL AND user_id = ANY (psa.my_identities())) THEN
        PERFORM psa.refuse('role.own_grant', 'nobody widens a role that they hold',
            'an administrator who does not hold it');
    END IF;
    RETURN NEW;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
