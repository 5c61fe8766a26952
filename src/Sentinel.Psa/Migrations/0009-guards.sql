-- The guards of tasks, approvals and cases.

CREATE FUNCTION psa.guard_task() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    me uuid[] := array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL);
BEGIN
    PERFORM psa.require(CASE TG_OP WHEN 'INSERT' THEN 'task.create' ELSE 'task.work' END);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require_self('created_by', NEW.created_by);
        IF NEW.status <> 'pending' OR NEW.started_by IS NOT NULL OR NEW.result IS NOT NULL THEN
            PERFORM psa.refuse('task.arrow', 'a task begins as pending', 'nobody');
        END IF;
    ELSIF OLD.status IN ('done', 'cancelled') THEN
        PERFORM psa.refuse('task.final', 'a task that is ' || OLD.status || ' never changes again',
            'a new task');
    ELSIF NEW.status <> OLD.status THEN
        PERFORM psa.require_arrow('task', OLD.status, NEW.status);
        PERFORM psa.guard_task_step(OLD, NEW, me);
    ELSIF (NEW.result, NEW.started_by, NEW.started_at) IS DISTINCT FROM
          (OLD.result, OLD.started_by, OLD.started_at) THEN
        PERFORM psa.refuse('task.arrow', 'who did what changes only with the status', 'nobody');
    END IF;
    IF NEW.assigned_to IS NOT NULL
        AND (TG_OP = 'INSERT' OR NEW.assigned_to IS DISTINCT FROM OLD.assigned_to) THEN
        PERFORM psa.require_active_user(NEW.organisation_id, NEW.assigned_to);
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id, ARRAY[NEW.assigned_to]);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION psa.guard_task_step(before psa.tasks, after psa.tasks, me uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF after.status = 'cancelled' THEN
        PERFORM psa.require_person('task.cancel');
    ELSIF access.actor_kind() = 'person' AND NOT coalesce(after.assigned_to = ANY (me), false) THEN
        PERFORM psa.refuse('task.not_assigned', 'the task is not assigned to this person',
            'the assignee; or assign the task first');
    ELSIF access.actor_kind() = 'machine' AND after.assigned_to IS NOT NULL THEN
        PERFORM psa.refuse('task.not_assigned', 'the task is assigned to a person',
            'the assignee, under their own credential');
    END IF;
    IF after.status = 'running' THEN
        PERFORM psa.require_self('started_by', after.started_by);
    ELSE
        PERFORM psa.require_self('completed_by', after.completed_by);
        IF (after.started_by, after.started_at) IS DISTINCT FROM
           (before.started_by, before.started_at) THEN
            PERFORM psa.refuse('task.arrow', 'who began the task never changes', 'nobody');
        END IF;
    END IF;
    IF after.status <> 'cancelled' THEN
        PERFORM psa.require_attestable(after.organisation_id, after.case_id, me);
    END IF;
END $$;
CALL psa.guarded('psa.tasks', 'psa.guard_task');

CREATE FUNCTION psa.guard_task_action() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('task.work');
    PERFORM psa.require_self('performed_by', NEW.performed_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF NOT EXISTS (SELECT FROM psa.tasks
        WHERE organisation_id = NEW.organisation_id AND id = NEW.task_id AND status = 'running') THEN
        PERFORM psa.refuse('task_action.not_running', 'actions are recorded while the task is running',
            'the assignee starts the task first');
    END IF;
    PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id,
        array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    RETURN NEW;
END $$;
CALL psa.guarded('psa.task_actions', 'psa.guard_task_action');

CREATE FUNCTION psa.guard_approval() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('approval.ask');
        PERFORM psa.require_self('asked_by', NEW.asked_by);
        IF NEW.status <> 'asked' THEN
            PERFORM psa.refuse('approval.arrow', 'an approval begins as asked', 'nobody');
        END IF;
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
        RETURN NEW;
    END IF;
    PERFORM psa.require_arrow('approval', OLD.status, NEW.status);
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    IF NEW.status = 'withdrawn' THEN
        PERFORM psa.require('approval.ask');
        IF NEW.asked_by <> access.actor_id() THEN
            PERFORM psa.refuse('approval.withdraw', 'only who asked may withdraw', 'who asked');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('approval.decide');
    PERFORM psa.require('approval.decide');
    IF psa.my_identities() && (NEW.asked_by || psa.workers(NEW.organisation_id, NEW.case_id)) THEN
        PERFORM psa.refuse('approval.own_work', 'this person asked for it or worked in the case, under '
            'one identity or another', 'somebody who did none of the work');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.approvals', 'psa.guard_approval');

-- What stands between a case and its end, all of it. The actor's own fitness is asked elsewhere.
CREATE FUNCTION psa.closing_obstacles(organisation uuid, subject uuid)
RETURNS TABLE (rule text, missing text, instead text)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT 'case.close.disposition', 'no disposition says whether it was resolved correctly',
        'whoever works on the case decides it'
    WHERE NOT EXISTS (SELECT FROM psa.case_dispositions
        WHERE organisation_id = organisation AND case_id = subject)
    UNION ALL
    SELECT 'case.close.open_task', format('%s open task(s), the first: %s', count(*), min(description)),
        'the assignees complete them, or a person cancels them with a reason'
    FROM psa.tasks
    WHERE organisation_id = organisation AND case_id = subject AND status IN ('pending', 'running')
    HAVING count(*) > 0
    UNION ALL
    SELECT 'case.close.open_approval', format('%s undecided approval(s)', count(*)),
        'somebody who did none of the work decides them, or who asked withdraws them'
    FROM psa.approvals
    WHERE organisation_id = organisation AND case_id = subject AND status = 'asked'
    HAVING count(*) > 0
    UNION ALL
    SELECT 'case.close.evidence', format('%s of %s evidence items of type %s', count(e.id), r.at_least,
        r.evidence_type), 'anybody with evidence.attach attaches them'
    FROM psa.case_evidence_requirements r
    LEFT JOIN (
        SELECT id, organisation_id, case_id, evidence_type FROM psa.evidence_items
        UNION ALL
        SELECT e.id, l.organisation_id, l.case_id, e.evidence_type
        FROM psa.evidence_links l JOIN psa.evidence_items e
          ON e.organisation_id = l.organisation_id AND e.id = l.evidence_id
        WHERE l.linked_entity = 'case' AND e.case_id <> l.case_id) AS e
      USING (organisation_id, case_id, evidence_type)
    WHERE organisation_id = organisation AND case_id = subject
    GROUP BY r.evidence_type, r.at_least
    HAVING count(e.id) < r.at_least
    UNION ALL
    SELECT 'case.close.attestation', 'no attestation by '
        || coalesce('the role ' || role_name, 'somebody who may attest')
        || ' who did none of the work and saw all of it',
        'a person with ' || coalesce('the role ' || role_name, 'case.attest') || ' who did none of it'
    FROM (
        SELECT role_name FROM psa.case_attestation_requirements
        WHERE organisation_id = organisation AND case_id = subject
        UNION ALL
        SELECT NULL WHERE NOT EXISTS (SELECT FROM psa.case_attestation_requirements
            WHERE organisation_id = organisation AND case_id = subject)) AS required
    WHERE NOT EXISTS (
        SELECT FROM psa.attestations a
        WHERE a.organisation_id = organisation AND a.case_id = subject
          AND (role_name IS NULL OR a.as_role = role_name)
          AND a.progress = psa.case_progress(organisation, subject)
          AND NOT array_remove(psa.identities(organisation, a.attested_by) || a.on_behalf_of, NULL)
              && psa.workers(organisation, subject))
$$;

CREATE FUNCTION psa.guard_case_step(before psa.cases, after psa.cases) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    obstacles text;
    rule      text;
    instead   text;
BEGIN
    PERFORM psa.require_person('case.' || CASE after.status WHEN 'in_progress' THEN 'take'
        WHEN 'resolved' THEN 'resolve' ELSE 'close' END);
    PERFORM psa.require_arrow('case', before.status, after.status);
    IF after.status = 'in_progress' THEN
        PERFORM psa.require('case.take');
        IF after.responded_at IS NULL THEN
            PERFORM psa.refuse('case.arrow', 'taking a case stamps responded_at', 'nobody');
        END IF;
    ELSIF after.status = 'resolved' THEN
        PERFORM psa.require('case.work');
        PERFORM psa.require_self('resolved_by', after.resolved_by);
        PERFORM psa.require_attestable(after.organisation_id, after.id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    ELSE
        PERFORM psa.require('case.close');
        PERFORM psa.require_self('closed_by', after.closed_by);
        PERFORM FROM psa.case_sla
        WHERE organisation_id = after.organisation_id AND case_id = after.id FOR UPDATE;
        IF psa.my_identities() && psa.workers(after.organisation_id, after.id) THEN
            PERFORM psa.refuse('case.close.own_work', 'this person worked in the case, under one '
                'identity or another', 'somebody with case.close who did none of the work');
        END IF;
        SELECT min(o.rule), string_agg(o.missing, '; '), string_agg(o.instead, '; ')
        INTO rule, obstacles, instead
        FROM psa.closing_obstacles(after.organisation_id, after.id) o;
        IF obstacles IS NOT NULL THEN
            PERFORM psa.refuse(rule, obstacles, instead);
        END IF;
    END IF;
END $$;

CREATE FUNCTION psa.guard_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('case.open');
        PERFORM psa.require_self('opened_by', NEW.opened_by);
        IF NEW.status <> 'open' OR NEW.responded_at IS NOT NULL THEN
            PERFORM psa.refuse('case.arrow', 'a case begins as open', 'nobody');
        END IF;
        -- The number that people say: dense, one after the other within the organisation.
        PERFORM pg_advisory_xact_lock(hashtextextended('psa.case_number' || NEW.organisation_id, 0));
        SELECT coalesce(max(number), 0) + 1 INTO NEW.number FROM psa.cases
        WHERE organisation_id = NEW.organisation_id;
    ELSIF OLD.status = 'closed' THEN
        PERFORM psa.refuse('case.closed_is_final', 'a closed case never changes again',
            'open a follow-on case that is linked to it');
    ELSIF NEW.status <> OLD.status THEN
        PERFORM psa.guard_case_step(OLD, NEW);
    ELSE
        PERFORM psa.require('case.take');
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.responded_at IS NOT NULL AND NEW.responded_at IS DISTINCT FROM OLD.responded_at
            OR OLD.resolved_at IS NOT NULL AND (NEW.resolved_at, NEW.resolved_by)
                IS DISTINCT FROM (OLD.resolved_at, OLD.resolved_by)
            OR NEW.status = OLD.status AND NEW.responded_at IS DISTINCT FROM OLD.responded_at THEN
            PERFORM psa.refuse('case.arrow', 'what was stamped stays stamped', 'nobody');
        END IF;
    END IF;
    IF NEW.owner_id IS NOT NULL THEN
        PERFORM psa.require_active_user(NEW.organisation_id, NEW.owner_id);
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.cases', 'psa.guard_case');

-- The seal of a closed case. Its leaves are the case's audit rows up to the one that closed it.
CREATE TABLE psa.case_seals (
    case_id           uuid PRIMARY KEY,
    organisation_id   uuid NOT NULL,
    leaf_count        bigint NOT NULL CHECK (leaf_count > 0),
    leaf_hashes       bytea[] NOT NULL,
    root_hash         bytea NOT NULL CHECK (length(root_hash) = 32),
    closing_position  bigint NOT NULL,
    evidence_manifest jsonb NOT NULL,
    policy_hashes     jsonb NOT NULL,
    note              text NOT NULL,
    sealed_by         uuid NOT NULL,
    sealed_at         timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    CHECK (leaf_count = cardinality(leaf_hashes))
);
COMMENT ON COLUMN psa.case_seals.note IS 'the seal as a signed note: what it says and who signed it';
CALL psa.governed('psa.case_seals', 'case_seal', 'case_id', 'case_id');
GRANT INSERT ON psa.case_seals TO psa;

CREATE FUNCTION psa.case_leaves(organisation uuid, subject uuid)
RETURNS TABLE (audit_position bigint, leaf bytea)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT position, leaf_hash FROM psa.audit_log
    WHERE organisation_id = organisation AND subject_id = subject AND position <= (
        SELECT max(position) FROM psa.audit_log
        WHERE organisation_id = organisation AND subject_id = subject AND action = 'case.closed')
    ORDER BY position
$$;

CREATE FUNCTION psa.guard_case_seal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('case.close');
    PERFORM psa.require('case.close');
    PERFORM psa.require_self('sealed_by', NEW.sealed_by);
    IF NOT EXISTS (SELECT FROM psa.cases WHERE organisation_id = NEW.organisation_id
        AND id = NEW.case_id AND status = 'closed' AND closed_by = NEW.sealed_by) THEN
        PERFORM psa.refuse('case.seal.not_closed', 'only the person who closes a case seals it',
            'the person who closes the case');
    ELSIF (NEW.leaf_hashes, NEW.closing_position) IS DISTINCT FROM (
        SELECT (array_agg(leaf ORDER BY audit_position), max(audit_position))
        FROM psa.case_leaves(NEW.organisation_id, NEW.case_id)) THEN
        PERFORM psa.refuse('case.seal.leaves', 'the seal does not cover the audit rows of the case',
            'nobody: a seal is taken from the log');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_seals', 'psa.guard_case_seal');

CREATE FUNCTION psa.require_seal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.status = 'closed' AND NOT EXISTS (SELECT FROM psa.case_seals
        WHERE organisation_id = NEW.organisation_id AND case_id = NEW.id) THEN
        PERFORM psa.refuse('case.close.unsealed', 'a case closes only together with its seal',
            'the use case that closes and seals');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sealed AFTER INSERT OR UPDATE ON psa.cases
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION psa.require_seal();
ALTER TABLE psa.cases ENABLE ALWAYS TRIGGER sealed;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.identities(uuid, uuid), psa.my_identities(), psa.workers(uuid, uuid),
    psa.unbiased(uuid, uuid, text, text, uuid[]), psa.require_attestable(uuid, uuid, uuid[]),
    psa.case_progress(uuid, uuid), psa.require_active_user(uuid, uuid),
    psa.closing_obstacles(uuid, uuid), psa.case_leaves(uuid, uuid),
    psa.guard_task_step(psa.tasks, psa.tasks, uuid[]), psa.guard_case_step(psa.cases, psa.cases)
    TO psa;
