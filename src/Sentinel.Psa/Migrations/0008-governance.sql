-- Who may do what to a case, whoever writes: people decide, nobody judges their own work, and closed
-- is final. The service says the same with more words; this holds when the service is not asked.

CREATE TABLE psa.delegations (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    delegator_id    uuid NOT NULL,
    delegate_id     uuid NOT NULL,
    valid_from      timestamptz NOT NULL,
    valid_until     timestamptz NOT NULL CHECK (valid_until > valid_from),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    ended_at        timestamptz,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, delegator_id) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, delegate_id) REFERENCES psa.users (organisation_id, id),
    CHECK (delegator_id <> delegate_id)
);
CREATE INDEX ON psa.delegations (organisation_id, delegate_id);
CALL access.mutable('psa.delegations', ARRAY['ended_at'], 'a delegation may be ended early, once');
CALL psa.governed('psa.delegations', 'delegation', 'id', 'delegator_id', 'ended_at');
CALL access.across_organisations('psa.delegations', 'sentinel_owner',
    'access.permitted asks for the delegator''s roles');
GRANT INSERT, UPDATE (ended_at) ON psa.delegations TO psa;

CREATE FUNCTION psa.guard_delegation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('delegation');
    PERFORM psa.require_self('delegator_id', NEW.delegator_id);
    IF access.on_behalf_of() IS NOT NULL THEN
        PERFORM psa.refuse('delegation.chain', 'what was delegated is not passed on',
            'the delegator, under their own credential');
    ELSIF TG_OP = 'UPDATE' AND OLD.ended_at IS NOT NULL THEN
        PERFORM psa.refuse('delegation.ended', 'it was ended before', 'a new delegation');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.delegations', 'psa.guard_delegation');

-- A person, and everybody in whose name that person may act now.
CREATE FUNCTION psa.identities(organisation uuid, person uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT person || coalesce(array_agg(delegator_id), '{}') FROM psa.delegations
    WHERE organisation_id = organisation AND delegate_id = person AND ended_at IS NULL
      AND valid_from <= clock_timestamp() AND valid_until > clock_timestamp()
$$;

CREATE FUNCTION psa.my_identities() RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT array_remove(psa.identities(access.organisation_id(), access.actor_id())
        || access.on_behalf_of(), NULL)
$$;

CREATE FUNCTION psa.workers(organisation uuid, subject uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(DISTINCT worker), '{}') FROM (
        SELECT identity AS worker FROM psa.case_work
        WHERE organisation_id = organisation AND case_id = subject
        UNION ALL
        SELECT assigned_to FROM psa.tasks
        WHERE organisation_id = organisation AND case_id = subject AND status <> 'cancelled'
          AND assigned_to IS NOT NULL) AS work
$$;

-- Active people with the permission (and the role, where one is named) who did none of the work,
-- also if those in added had done some.
CREATE FUNCTION psa.unbiased(organisation uuid, subject uuid, wanted text, wanted_role text, added uuid[])
RETURNS SETOF uuid LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT u.id FROM psa.users u
    WHERE u.organisation_id = organisation AND u.status = 'active'
      AND EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE ur.organisation_id = organisation AND ur.user_id = u.id AND p.permission = wanted)
      AND (wanted_role IS NULL OR EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.roles r ON r.organisation_id = ur.organisation_id
          AND r.id = ur.role_id
        WHERE ur.organisation_id = organisation AND ur.user_id = u.id AND r.name = wanted_role))
      AND NOT psa.identities(organisation, u.id) && (psa.workers(organisation, subject) || added)
$$;

-- Refuses work that would leave nobody to attest or to close.
CREATE FUNCTION psa.require_attestable(organisation uuid, subject uuid, added uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    lacking text;
BEGIN
    IF added <@ psa.workers(organisation, subject) THEN
        RETURN;
    END IF;
    SELECT string_agg(coalesce('the role ' || role_name, 'the permission case.attest'), ', ') INTO lacking
    FROM (
        SELECT role_name FROM psa.case_attestation_requirements
        WHERE organisation_id = organisation AND case_id = subject
        UNION ALL
        SELECT NULL WHERE NOT EXISTS (
            SELECT FROM psa.case_attestation_requirements
            WHERE organisation_id = organisation AND case_id = subject)) AS required
    WHERE NOT EXISTS (
        SELECT FROM psa.unbiased(organisation, subject, 'case.attest', role_name, added));
    IF lacking IS NOT NULL THEN
        PERFORM psa.refuse('work.leaves_no_attestor',
            'nobody with ' || lacking || ' would be left who did none of the work and could attest',
            'somebody without ' || lacking || ', or an administrator who gives it to another person');
    ELSIF NOT EXISTS (SELECT FROM psa.unbiased(organisation, subject, 'case.close', NULL, added)) THEN
        PERFORM psa.refuse('work.leaves_no_closer',
            'nobody with the permission case.close would be left who did none of the work',
            'somebody without it, or an administrator who gives it to another person');
    END IF;
END $$;

CREATE FUNCTION psa.require_active_user(organisation uuid, person uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (SELECT FROM psa.users
        WHERE organisation_id = organisation AND id = person AND status = 'disabled') THEN
        PERFORM psa.refuse('user.disabled', 'a disabled user takes no work', 'an active user');
    END IF;
END $$;

CREATE TABLE psa.case_dispositions (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    disposition     text NOT NULL
        CHECK (disposition IN ('true_positive', 'false_positive', 'benign', 'duplicate')),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 4000),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, decided_by) REFERENCES psa.users (organisation_id, id)
);
CREATE INDEX ON psa.case_dispositions (organisation_id, case_id, decided_at);
CALL psa.governed('psa.case_dispositions', 'disposition', 'id', 'case_id');
GRANT INSERT ON psa.case_dispositions TO psa;
CREATE FUNCTION psa.guard_case_disposition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('case.dispose');
    PERFORM psa.require('case.work');
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_dispositions', 'psa.guard_case_disposition');

-- A finding that a person set aside without a case. The finding itself lives in detection.
CREATE TABLE psa.finding_dispositions (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    finding_id      uuid NOT NULL,
    disposition     text NOT NULL
        CHECK (disposition IN ('true_positive', 'false_positive', 'benign', 'duplicate')),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 4000),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, decided_by) REFERENCES psa.users (organisation_id, id)
);
CREATE INDEX ON psa.finding_dispositions (organisation_id, finding_id, decided_at);
CALL psa.governed('psa.finding_dispositions', 'finding_disposition', 'id', 'finding_id');
GRANT INSERT ON psa.finding_dispositions TO psa;
CREATE FUNCTION psa.guard_finding_disposition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('finding.dispose');
    PERFORM psa.require('finding.escalate');
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.finding_dispositions', 'psa.guard_finding_disposition');

-- Grows with everything that an attestation should have seen: one that saw less does not count.
-- Approvals are no work product, and closing waits for them anyway.
CREATE FUNCTION psa.case_progress(organisation uuid, subject uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT (SELECT coalesce(sum(CASE status WHEN 'pending' THEN 1 WHEN 'running' THEN 2 ELSE 3 END), 0)
            FROM psa.tasks WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.task_actions
            WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.evidence_items
            WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.case_dispositions
            WHERE organisation_id = organisation AND case_id = subject)
$$;

CREATE TABLE psa.attestations (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    attested_by     uuid NOT NULL,
    on_behalf_of    uuid,
    as_role         text NOT NULL,
    statement       text NOT NULL CHECK (length(btrim(statement)) BETWEEN 1 AND 4000),
    progress        bigint NOT NULL DEFAULT 0,
    attested_at     timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, attested_by) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, on_behalf_of) REFERENCES psa.users (organisation_id, id)
);
COMMENT ON COLUMN psa.attestations.progress IS
    'what the attestor saw (psa.case_progress): work that comes later needs a new attestation';
CREATE INDEX ON psa.attestations (organisation_id, case_id);
CALL psa.governed('psa.attestations', 'attestation', 'id', 'case_id');
GRANT INSERT ON psa.attestations TO psa;
CREATE FUNCTION psa.guard_attestation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('case.attest');
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
          AND ur.user_id IN (access.actor_id(), access.on_behalf_of())) THEN
        PERFORM psa.refuse('case.attest.role', 'the role ' || NEW.as_role || ' is not held',
            'somebody with the role ' || NEW.as_role);
    END IF;
    NEW.on_behalf_of := access.on_behalf_of();
    NEW.progress := psa.case_progress(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.attestations', 'psa.guard_attestation');
