-- The machines as rows, with everything that an arrow asks for. They are printed from the tables in
-- CaseMachine, CaseTaskMachine and ApprovalMachine; a test compares them, and tries every other change.

DROP TABLE psa.machine_arrows;
CREATE TABLE psa.machine_arrows (
    machine    text NOT NULL CHECK (machine IN ('case', 'task', 'approval')),
    from_state text NOT NULL,
    trigger    text NOT NULL,
    to_state   text NOT NULL,
    who        text NOT NULL CHECK (who IN ('person', 'anybody')),
    permission text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    guard      text NOT NULL,
    PRIMARY KEY (machine, from_state, trigger),
    UNIQUE (machine, from_state, to_state)
);
COMMENT ON COLUMN psa.machine_arrows.guard IS
    'the rule beyond actor and permission, which the table''s guard asks by name';
INSERT INTO psa.machine_arrows VALUES
    ('case', 'open', 'take', 'in_progress', 'person', 'case.take', 'none'),
    ('case', 'in_progress', 'resolve', 'resolved', 'person', 'case.resolve', 'leaves_somebody'),
    ('case', 'resolved', 'close', 'closed', 'person', 'case.close', 'nothing_missing'),
    ('task', 'pending', 'start', 'running', 'anybody', 'task.start', 'its_own'),
    ('task', 'pending', 'cancel', 'cancelled', 'person', 'task.cancel', 'reason'),
    ('task', 'running', 'complete', 'done', 'anybody', 'task.complete', 'its_own'),
    ('task', 'running', 'cancel', 'cancelled', 'person', 'task.cancel', 'reason'),
    ('approval', 'asked', 'approve', 'approved', 'person', 'approval.decide', 'none_of_the_work'),
    ('approval', 'asked', 'refuse', 'refused', 'person', 'approval.decide', 'none_of_the_work'),
    ('approval', 'asked', 'withdraw', 'withdrawn', 'anybody', 'approval.withdraw', 'asked_for_it');
CALL access.append_only('psa.machine_arrows');
GRANT SELECT ON psa.machine_arrows TO psa, auditor, backup;

-- Refuses a change that is no arrow, an actor whom it is not for, and one without its permission; what
-- is left to ask has the name that comes back.
DROP FUNCTION psa.require_arrow(text, text, text);
CREATE FUNCTION psa.require_arrow(machine_name text, before text, after text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    arrow psa.machine_arrows;
BEGIN
    SELECT * INTO arrow FROM psa.machine_arrows
    WHERE machine = machine_name AND from_state = before AND to_state = after;
    IF NOT FOUND THEN
        PERFORM psa.refuse(machine_name || '.arrow',
            format('a %s that is %s does not become %s', machine_name, before, after),
            'nobody: the machine has no such arrow');
    END IF;
    IF arrow.who = 'person' THEN
        PERFORM psa.require_person(machine_name || '.' || arrow.trigger);
    END IF;
    PERFORM psa.require(arrow.permission);
    RETURN arrow.guard;
END $$;

-- A guard that no branch knows fails: case_not_found refuses what nobody has thought of.
CREATE OR REPLACE FUNCTION psa.guard_case_step(before psa.cases, after psa.cases) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    obstacles text;
    rule      text;
    instead   text;
BEGIN
    CASE psa.require_arrow('case', before.status, after.status)
    WHEN 'none' THEN
        IF after.responded_at IS NULL THEN
            PERFORM psa.refuse('case.arrow', 'taking a case stamps responded_at', 'nobody');
        END IF;
    WHEN 'leaves_somebody' THEN
        PERFORM psa.require_self('resolved_by', after.resolved_by);
        PERFORM psa.require_attestable(after.organisation_id, after.id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    WHEN 'nothing_missing' THEN
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
    END CASE;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_case() RETURNS trigger
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
    ELSE
        IF NEW.status <> OLD.status THEN
            PERFORM psa.guard_case_step(OLD, NEW);
        END IF;
        -- Whoever takes a case owns it; every other change of hands is an assignment.
        IF NEW.queue_id IS DISTINCT FROM OLD.queue_id OR NEW.owner_id IS DISTINCT FROM OLD.owner_id
            AND NOT (OLD.status = 'open' AND NEW.status = 'in_progress'
                AND NEW.owner_id = access.actor_id()) THEN
            PERFORM psa.require('case.assign');
        END IF;
        IF OLD.responded_at IS NOT NULL AND NEW.responded_at IS DISTINCT FROM OLD.responded_at
            OR OLD.resolved_at IS NOT NULL AND (NEW.resolved_at, NEW.resolved_by)
                IS DISTINCT FROM (OLD.resolved_at, OLD.resolved_by)
            OR NEW.status = OLD.status AND NEW.responded_at IS DISTINCT FROM OLD.responded_at THEN
            PERFORM psa.refuse('case.arrow', 'what was stamped stays stamped', 'nobody');
        END IF;
    END IF;
    -- A case whose owner left can still be worked on: only a new owner has to be active.
    IF NEW.owner_id IS NOT NULL
        AND (TG_OP = 'INSERT' OR NEW.owner_id IS DISTINCT FROM OLD.owner_id) THEN
        PERFORM psa.require_active_user(NEW.organisation_id, NEW.owner_id);
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_task() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    me uuid[] := array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL);
BEGIN
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('task.create');
        PERFORM psa.require_self('created_by', NEW.created_by);
        IF NEW.status <> 'pending' OR NEW.started_by IS NOT NULL OR NEW.result IS NOT NULL THEN
            PERFORM psa.refuse('task.arrow', 'a task begins as pending', 'nobody');
        END IF;
    ELSIF OLD.status IN ('done', 'cancelled') THEN
        PERFORM psa.refuse('task.final', 'a task that is ' || OLD.status || ' never changes again',
            'a new task');
    ELSE
        IF NEW.status <> OLD.status THEN
            PERFORM psa.guard_task_step(OLD, NEW, me);
        ELSIF (NEW.result, NEW.started_by, NEW.started_at) IS DISTINCT FROM
              (OLD.result, OLD.started_by, OLD.started_at) THEN
            PERFORM psa.refuse('task.arrow', 'who did what changes only with the status', 'nobody');
        END IF;
        -- Whoever starts an unassigned task has it; every other change of hands is an assignment.
        IF NEW.assigned_to IS DISTINCT FROM OLD.assigned_to
            AND NOT (OLD.assigned_to IS NULL AND OLD.status = 'pending' AND NEW.status = 'running'
                AND NEW.assigned_to = access.actor_id()) THEN
            PERFORM psa.require('task.assign');
        END IF;
    END IF;
    IF NEW.assigned_to IS NOT NULL
        AND (TG_OP = 'INSERT' OR NEW.assigned_to IS DISTINCT FROM OLD.assigned_to) THEN
        PERFORM psa.require_active_user(NEW.organisation_id, NEW.assigned_to);
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id, ARRAY[NEW.assigned_to]);
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_task_step(before psa.tasks, after psa.tasks, me uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    guard text := psa.require_arrow('task', before.status, after.status);
BEGIN
    CASE guard
    WHEN 'its_own' THEN
        IF access.actor_kind() = 'person' AND NOT coalesce(after.assigned_to = ANY (me), false) THEN
            PERFORM psa.refuse('task.not_assigned', 'the task is not assigned to this person',
                'the assignee; or assign the task first');
        ELSIF access.actor_kind() = 'machine' AND after.assigned_to IS NOT NULL THEN
            PERFORM psa.refuse('task.not_assigned', 'the task is assigned to a person',
                'the assignee, under their own credential');
        END IF;
        PERFORM psa.require_attestable(after.organisation_id, after.case_id, me);
    WHEN 'reason' THEN
        IF after.cancel_reason IS NULL THEN
            PERFORM psa.refuse('task.cancel.reason', 'a reason is missing', 'say why');
        END IF;
    END CASE;
    IF after.status = 'running' THEN
        PERFORM psa.require_self('started_by', after.started_by);
    ELSE
        PERFORM psa.require_self('completed_by', after.completed_by);
        IF (after.started_by, after.started_at) IS DISTINCT FROM
           (before.started_by, before.started_at) THEN
            PERFORM psa.refuse('task.arrow', 'who began the task never changes', 'nobody');
        END IF;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_task_action() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('task.act');
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

CREATE OR REPLACE FUNCTION psa.guard_approval() RETURNS trigger
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
    CASE psa.require_arrow('approval', OLD.status, NEW.status)
    WHEN 'asked_for_it' THEN
        IF NEW.asked_by <> access.actor_id() THEN
            PERFORM psa.refuse('approval.withdraw', 'only who asked may withdraw', 'who asked');
        END IF;
    WHEN 'none_of_the_work' THEN
        IF psa.my_identities() && (NEW.asked_by || psa.workers(NEW.organisation_id, NEW.case_id)) THEN
            PERFORM psa.refuse('approval.own_work', 'this person asked for it or worked in the case, '
                'under one identity or another', 'somebody who did none of the work');
        END IF;
    END CASE;
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_case_disposition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('case.dispose');
    PERFORM psa.require('case.dispose');
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;

-- A permission for each verb: whoever had the whole keeps every part of it.
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT p.organisation_id, p.role_id, part.permission
FROM psa.role_permissions p
JOIN (VALUES ('case.take', 'case.assign'), ('case.work', 'case.resolve'), ('case.work', 'case.dispose'),
    ('task.work', 'task.assign'), ('task.work', 'task.start'), ('task.work', 'task.act'),
    ('task.work', 'task.complete'), ('task.work', 'task.cancel'), ('approval.ask', 'approval.withdraw'))
    AS part (whole, permission) ON part.whole = p.permission
ON CONFLICT DO NOTHING;
INSERT INTO psa.machine_permissions (organisation_id, machine_id, permission)
SELECT p.organisation_id, p.machine_id, part.permission
FROM psa.machine_permissions p
JOIN (VALUES ('task.work', 'task.start'), ('task.work', 'task.act'), ('task.work', 'task.complete'),
    ('approval.ask', 'approval.withdraw')) AS part (whole, permission) ON part.whole = p.permission
ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON FUNCTION psa.require_arrow(text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.require_arrow(text, text, text) TO psa, jobs;
