-- Who may change who may what. Without these guards the psa role could grant itself anything.

ALTER TABLE psa.credentials ADD COLUMN issued_by uuid;
COMMENT ON COLUMN psa.credentials.issued_by IS 'null for the bootstrap entry alone';

GRANT SELECT (issued_by) ON psa.credentials TO psa, auditor;

-- Whoever may become the owner writes when an organisation is founded: no application role may.
CREATE FUNCTION psa.guard_people() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF pg_has_role(current_user, 'sentinel_owner', 'MEMBER') THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('user.manage');
    PERFORM psa.require('user.manage');
    IF TG_TABLE_NAME = 'user_roles'
        AND (to_jsonb(NEW) ->> 'user_id')::uuid = ANY (psa.my_identities()) THEN
        PERFORM psa.refuse('role.own_grant', 'nobody gives a role to themselves',
            'another administrator');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.organisations', 'psa.guard_people');
CALL psa.guarded('psa.users', 'psa.guard_people');
CALL psa.guarded('psa.roles', 'psa.guard_people');
CALL psa.guarded('psa.role_permissions', 'psa.guard_people');
CALL psa.guarded('psa.user_roles', 'psa.guard_people');
CALL psa.guarded('psa.machines', 'psa.guard_people');
CALL psa.guarded('psa.machine_permissions', 'psa.guard_people');

-- One's own further token needs no administrator; every other credential does, and a delegate's
-- needs the delegation and ends with it.
CREATE FUNCTION psa.guard_credential() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF pg_has_role(current_user, 'sentinel_owner', 'MEMBER') THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('credential.issue');
    PERFORM psa.require_self('issued_by', NEW.issued_by);
    IF NEW.user_id IS DISTINCT FROM access.actor_id() THEN
        PERFORM psa.require('credential.issue');
    END IF;
    IF NEW.on_behalf_of IS NOT NULL AND NOT EXISTS (
        SELECT FROM psa.delegations
        WHERE organisation_id = NEW.organisation_id AND delegator_id = NEW.on_behalf_of
          AND delegate_id = NEW.user_id AND ended_at IS NULL AND valid_until >= NEW.expires_at) THEN
        PERFORM psa.refuse('credential.delegation', 'no delegation covers it until it expires',
            'the delegator delegates first');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.credentials', 'psa.guard_credential');

CREATE FUNCTION psa.guard_revocation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT pg_has_role(current_user, 'sentinel_owner', 'MEMBER') AND NOT EXISTS (
        SELECT FROM psa.credentials WHERE organisation_id = NEW.organisation_id
          AND id = NEW.credential_id AND access.actor_id() IN (user_id, on_behalf_of)) THEN
        PERFORM psa.require('credential.issue');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.credential_revocations', 'psa.guard_revocation');

CREATE FUNCTION psa.guard_queue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT pg_has_role(current_user, 'sentinel_owner', 'MEMBER') THEN
        PERFORM psa.require('case.open');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.queues', 'psa.guard_queue');
CALL psa.guarded('psa.sla_policies', 'psa.guard_queue');

-- A delegate has the delegator's permissions too, for as long as the delegation is in force.
CREATE OR REPLACE FUNCTION access.permitted(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM psa.user_roles u JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE u.organisation_id = access.organisation_id() AND p.permission = wanted
          AND (u.user_id = access.actor_id()
            OR u.user_id = access.on_behalf_of() AND EXISTS (
                SELECT FROM psa.delegations d JOIN psa.users owner
                  ON owner.organisation_id = d.organisation_id AND owner.id = d.delegator_id
                WHERE d.organisation_id = u.organisation_id AND owner.status = 'active'
                  AND d.delegator_id = u.user_id AND d.delegate_id = access.actor_id()
                  AND d.ended_at IS NULL AND d.valid_from <= clock_timestamp()
                  AND d.valid_until > clock_timestamp()))
        UNION ALL
        SELECT FROM psa.machine_permissions m
        WHERE m.organisation_id = access.organisation_id() AND m.machine_id = access.actor_id()
          AND m.permission = wanted)
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
DROP PROCEDURE psa.governed, psa.guarded;
