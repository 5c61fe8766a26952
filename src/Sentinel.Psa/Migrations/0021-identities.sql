-- One person, many names: accounts that several people use, second accounts, deputies, impersonation.
-- What any of them did is own work; and a decision is made under one's own account alone.

-- Who stands behind an account that is nobody's own. Never ended: what was once theirs stays their work.
CREATE TABLE psa.account_holders (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    account_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    added_by        uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, account_id, person_id),
    FOREIGN KEY (organisation_id, account_id) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, person_id) REFERENCES psa.users (organisation_id, id),
    CHECK (account_id <> person_id)
);
CREATE INDEX ON psa.account_holders (organisation_id, person_id);
CALL access.tenant('psa.account_holders');
CALL access.append_only('psa.account_holders');
CALL access.audited('psa.account_holders', 'account_holder', 'id', 'account_id');
CALL access.across_organisations('psa.account_holders', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.account_holders TO psa, auditor, backup;
GRANT INSERT ON psa.account_holders TO psa;

CREATE FUNCTION psa.is_shared(organisation uuid, account uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM psa.account_holders
        WHERE organisation_id = organisation AND account_id = account)
$$;

-- Acting in another's name without being named by them: for support, hours and not days.
ALTER TABLE psa.delegations ADD COLUMN kind text NOT NULL DEFAULT 'delegation'
    CHECK (kind IN ('delegation', 'impersonation'));
ALTER TABLE psa.delegations ADD CONSTRAINT time_boxed CHECK (valid_until <= valid_from
    + CASE kind WHEN 'delegation' THEN interval '90 days' ELSE interval '8 hours' END);
ALTER TABLE psa.credentials ADD CONSTRAINT time_boxed
    CHECK (kind = 'machine' OR expires_at <= created_at + interval '400 days');

CREATE FUNCTION psa.is_impersonating() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT access.on_behalf_of() IS NOT NULL AND NOT EXISTS (
        SELECT FROM psa.delegations
        WHERE organisation_id = access.organisation_id() AND kind = 'delegation'
          AND delegator_id = access.on_behalf_of() AND delegate_id = access.actor_id()
          AND ended_at IS NULL AND valid_from <= clock_timestamp() AND valid_until > clock_timestamp())
$$;

-- What keeps the presented actor from deciding, whatever is decided; no row where nothing does.
CREATE FUNCTION psa.unfit_to_decide(action text) RETURNS TABLE (rule text, missing text, instead text)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT action || '.person_only', 'only a person may do this, never a machine''s credential',
        'a person with the permission, under their own credential'
    WHERE access.actor_kind() IS DISTINCT FROM 'person'
    UNION ALL
    SELECT action || '.shared_account', 'an account behind which others stand decides nothing',
        'one of the people behind it who did none of the work, under their own account'
    WHERE psa.is_shared(access.organisation_id(), access.actor_id())
    UNION ALL
    SELECT action || '.impersonated', 'whoever only impersonates another decides nothing',
        'that person, or a deputy whom they named'
    WHERE psa.is_impersonating()
    LIMIT 1
$$;

CREATE FUNCTION psa.require_decider(action text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    unfit record;
BEGIN
    SELECT * INTO unfit FROM psa.unfit_to_decide(action);
    IF FOUND THEN
        PERFORM psa.refuse(unfit.rule, unfit.missing, unfit.instead);
    END IF;
END $$;

-- A person, everybody in whose name they may act now, the accounts behind which any of these stands, and
-- whoever stands behind this one.
CREATE OR REPLACE FUNCTION psa.identities(organisation uuid, person uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH names AS (
        SELECT person AS id
        UNION
        SELECT delegator_id FROM psa.delegations
        WHERE organisation_id = organisation AND delegate_id = person AND ended_at IS NULL
          AND valid_from <= clock_timestamp() AND valid_until > clock_timestamp()
        UNION
        SELECT person_id FROM psa.account_holders
        WHERE organisation_id = organisation AND account_id = person)
    SELECT array_agg(id) FROM (
        SELECT id FROM names
        UNION
        SELECT h.account_id FROM psa.account_holders h JOIN names ON names.id = h.person_id
        WHERE h.organisation_id = organisation) AS every
$$;

CREATE OR REPLACE FUNCTION psa.my_identities() RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT psa.identities(access.organisation_id(), access.actor_id())
        || CASE WHEN access.on_behalf_of() IS NULL THEN '{}'::uuid[]
           ELSE psa.identities(access.organisation_id(), access.on_behalf_of()) END
$$;

CREATE FUNCTION psa.guard_account_holder() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_decider('account.hold');
    PERFORM psa.require('user.manage');
    PERFORM psa.require_self('added_by', NEW.added_by);
    IF psa.is_shared(NEW.organisation_id, NEW.person_id) OR EXISTS (
        SELECT FROM psa.account_holders
        WHERE organisation_id = NEW.organisation_id AND person_id = NEW.account_id) THEN
        PERFORM psa.refuse('account.hold.chain', 'behind an account stand people, not accounts',
            'somebody who names the people themselves');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.account_holders
    FOR EACH ROW EXECUTE FUNCTION psa.guard_account_holder();
ALTER TABLE psa.account_holders ENABLE ALWAYS TRIGGER a_guard;

-- A role is taken away and given back; the audit log keeps when and by whom.
DROP TRIGGER append_only_rows ON psa.user_roles;
DROP TRIGGER append_only_table ON psa.user_roles;
DROP TRIGGER append_only_columns ON psa.user_roles;
ALTER TABLE psa.user_roles ADD COLUMN ended_at timestamptz;
CALL access.mutable('psa.user_roles', ARRAY['ended_at'], 'a role is taken away and given back');
CALL access.append_only('psa.user_roles', 'ended_at');
GRANT UPDATE (ended_at) ON psa.user_roles TO psa;

CREATE OR REPLACE FUNCTION psa.unbiased(organisation uuid, subject uuid, wanted text, wanted_role text,
    added uuid[])
RETURNS SETOF uuid LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT u.id FROM psa.users u
    WHERE u.organisation_id = organisation AND u.status = 'active'
      AND NOT psa.is_shared(organisation, u.id)
      AND EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE ur.organisation_id = organisation AND ur.user_id = u.id AND ur.ended_at IS NULL
          AND p.permission = wanted)
      AND (wanted_role IS NULL OR EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.roles r ON r.organisation_id = ur.organisation_id
          AND r.id = ur.role_id
        WHERE ur.organisation_id = organisation AND ur.user_id = u.id AND ur.ended_at IS NULL
          AND r.name = wanted_role))
      AND NOT psa.identities(organisation, u.id) && (psa.workers(organisation, subject) || added)
$$;

CREATE OR REPLACE FUNCTION psa.guard_attestation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_decider('case.attest');
    PERFORM psa.require('case.attest');
    PERFORM psa.require_self('attested_by', NEW.attested_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF NOT EXISTS (SELECT FROM psa.cases
        WHERE organisation_id = NEW.organisation_id AND id = NEW.case_id AND status = 'resolved') THEN
        PERFORM psa.refuse('case.attest.not_resolved', 'only a resolved case can be attested',
            'whoever works on the case resolves it first');
    ELSIF psa.my_identities() && psa.workers(NEW.organisation_id, NEW.case_id) THEN
        PERFORM psa.refuse('case.attest.own_work', 'this person worked in the case, under one identity '
            'or another', 'somebody who did none of the work');
    ELSIF NOT EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.roles r ON r.organisation_id = ur.organisation_id
          AND r.id = ur.role_id
        WHERE ur.organisation_id = NEW.organisation_id AND r.name = NEW.as_role
          AND ur.ended_at IS NULL AND ur.user_id IN (access.actor_id(), access.on_behalf_of())) THEN
        PERFORM psa.refuse('case.attest.role', 'the role ' || NEW.as_role || ' is not held',
            'somebody with the role ' || NEW.as_role);
    END IF;
    NEW.on_behalf_of := access.on_behalf_of();
    NEW.progress := psa.case_progress(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_delegation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person(NEW.kind);
    IF TG_OP = 'UPDATE' THEN
        IF access.actor_id() NOT IN (NEW.delegator_id, NEW.delegate_id) THEN
            PERFORM psa.require('user.manage');
        END IF;
        IF OLD.ended_at IS NOT NULL THEN
            PERFORM psa.refuse(NEW.kind || '.ended', 'it was ended before', 'nobody need do it');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM psa.require_decider(NEW.kind);
    IF access.on_behalf_of() IS NOT NULL THEN
        PERFORM psa.refuse(NEW.kind || '.chain', 'what was delegated is not passed on',
            'the person themselves, under their own credential');
    ELSIF NEW.kind = 'impersonation' THEN
        PERFORM psa.require('user.impersonate');
        PERFORM psa.require_self('delegate_id', NEW.delegate_id);
    ELSE
        PERFORM psa.require_self('delegator_id', NEW.delegator_id);
    END IF;
    PERFORM psa.require_active_user(NEW.organisation_id, NEW.delegator_id);
    PERFORM psa.require_active_user(NEW.organisation_id, NEW.delegate_id);
    RETURN NEW;
END $$;

CREATE FUNCTION psa.is_decision(permission text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT permission IN ('case.attest', 'case.close', 'case.merge', 'approval.decide', 'task.cancel',
        'policy.approve', 'workflow.approve', 'user.manage', 'user.impersonate', 'credential.issue',
        'glass.break', 'glass.review')
$$;

-- What a role of a narrower scope may hold, by the kind of object that the permission names.
CREATE FUNCTION psa.in_scope(scope text, permission text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE scope WHEN 'organisation' THEN true
        WHEN 'case' THEN split_part(permission, '.', 1) IN ('case', 'approval')
        ELSE split_part(permission, '.', 1) = scope END
$$;

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
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION access.permitted(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM psa.user_roles u JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE u.organisation_id = access.organisation_id() AND p.permission = wanted
          AND u.ended_at IS NULL AND (u.user_id = access.actor_id()
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

INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT organisation_id, id, 'user.impersonate' FROM psa.roles WHERE name = 'administrator'
ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.is_shared(uuid, uuid), psa.is_impersonating(), psa.unfit_to_decide(text),
    psa.require_decider(text), psa.is_decision(text), psa.in_scope(text, text) TO psa;
