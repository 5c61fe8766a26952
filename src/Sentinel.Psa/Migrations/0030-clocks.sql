-- Clocks that stand still, change their policy and say what they did. psa.sla_entries is the log of a
-- case's clocks: all else about them (what is due, warned of, breached) is computed from it, and what
-- is stored of that is a copy to search by.

CREATE TABLE psa.sla_entries (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    sequence        integer NOT NULL CHECK (sequence > 0),
    at              timestamptz NOT NULL,
    kind            text NOT NULL CHECK (kind IN
        ('started', 'changed', 'paused', 'resumed', 'responded', 'resolved')),
    sla_id          uuid,
    terms           jsonb,
    cause           text CHECK (length(cause) BETWEEN 1 AND 200),
    reason          text CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    created_by      uuid NOT NULL,
    PRIMARY KEY (case_id, sequence),
    UNIQUE (organisation_id, case_id, sequence),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, sla_id) REFERENCES psa.sla_policies (organisation_id, id),
    CHECK ((kind IN ('started', 'changed')) = (terms IS NOT NULL)),
    CHECK ((terms IS NULL) = (sla_id IS NULL)),
    CHECK ((kind IN ('paused', 'resumed')) = (cause IS NOT NULL)),
    CHECK (reason IS NOT NULL OR kind <> 'changed' AND cause IS DISTINCT FROM 'person')
);
COMMENT ON COLUMN psa.sla_entries.terms IS
    'all that the policy promises, with the calendar: nothing else is needed to compute the clocks';
COMMENT ON COLUMN psa.sla_entries.cause IS
    'person, or what the policy names: approval, or task and its type';

-- What happened to a clock, at the very moment, whenever it was noticed.
CREATE TABLE psa.sla_marks (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    entry_sequence  integer NOT NULL,
    mark            text NOT NULL CHECK (mark IN ('warned', 'response_breached', 'resolution_breached')
        OR mark ~ '^(respond|resolve) [0-9]{1,4}%$'),
    at              timestamptz NOT NULL,
    noticed_at      timestamptz NOT NULL CHECK (noticed_at >= at),
    created_by      uuid NOT NULL,
    PRIMARY KEY (case_id, entry_sequence, mark),
    FOREIGN KEY (organisation_id, case_id, entry_sequence)
        REFERENCES psa.sla_entries (organisation_id, case_id, sequence)
);
COMMENT ON COLUMN psa.sla_marks.entry_sequence IS 'the entry with the terms that were in force';

-- The work list of the sweep. Computed from the log, so there is nothing to audit.
CREATE TABLE psa.sla_due (
    case_id         uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    next_at         timestamptz,
    settled_until   timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
COMMENT ON COLUMN psa.sla_due.next_at IS 'when something happens next, if nobody does anything';
COMMENT ON COLUMN psa.sla_due.settled_until IS 'no entry is older: what was computed up to here stands';
CREATE INDEX ON psa.sla_due (next_at) WHERE next_at IS NOT NULL;

-- Whom the policy wants told, copied when the case opens; and who was.
CREATE TABLE psa.case_notify (
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    moment          text NOT NULL CHECK (moment IN
        ('opened', 'warned', 'breached', 'resolved', 'closed')),
    who             text NOT NULL CHECK (length(who) BETWEEN 1 AND 320),
    PRIMARY KEY (case_id, moment, who),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CREATE TABLE psa.case_notices (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    moment          text NOT NULL CHECK (length(moment) BETWEEN 1 AND 50),
    who             text NOT NULL CHECK (length(who) BETWEEN 1 AND 320),
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CREATE INDEX ON psa.case_notices (organisation_id, who, id);

CALL access.audited('psa.sla_entries', 'sla_entry', 'case_id', 'case_id');
CALL access.audited('psa.sla_marks', 'sla_mark', 'case_id', 'case_id');
CALL access.audited('psa.case_notify', 'case_notify', 'case_id', 'case_id');
CALL access.audited('psa.case_notices', 'case_notice', 'id', 'case_id');
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['psa.sla_entries', 'psa.sla_marks', 'psa.case_notify',
        'psa.case_notices', 'psa.sla_due'] LOOP
        EXECUTE format('CALL access.tenant(%L)', name);
        EXECUTE format('CALL access.across_organisations(%L, ''backup'', %L)', name,
            'a dump holds every organisation');
        EXECUTE format('GRANT SELECT ON %s TO psa, auditor, backup', name);
        EXECUTE format('GRANT INSERT ON %s TO psa', name);
        IF name <> 'psa.sla_due' THEN
            EXECUTE format('CALL access.append_only(%L)', name);
        END IF;
    END LOOP;
END $$;
CALL access.mutable('psa.sla_due', ARRAY['next_at', 'settled_until'],
    'a work list, computed anew from the log whenever it is due');
CALL access.append_only('psa.sla_due', 'next_at', 'settled_until');
CALL access.across_organisations('psa.sla_due', 'jobs', 'clocks run for everybody');
GRANT UPDATE (next_at, settled_until) ON psa.sla_due TO psa;
GRANT SELECT ON psa.sla_due TO jobs;

-- The copy to search by follows the log.
DROP TRIGGER append_only_columns ON psa.case_sla;
CREATE TRIGGER append_only_columns BEFORE UPDATE ON psa.case_sla
    FOR EACH ROW EXECUTE FUNCTION access.refuse_other_columns('breached', 'breached_at',
        'response_breached_at', 'resolution_breached_at', 'sla_id', 'response_due_at',
        'resolution_due_at', 'warn_at');
ALTER TABLE psa.case_sla ENABLE ALWAYS TRIGGER append_only_columns;
ALTER TABLE psa.case_sla ALTER COLUMN response_due_at DROP NOT NULL,
    ALTER COLUMN resolution_due_at DROP NOT NULL;
COMMENT ON COLUMN psa.case_sla.response_due_at IS 'null while nobody can know: the clocks stand still';
CALL access.mutable('psa.case_sla', ARRAY['sla_id', 'response_due_at', 'resolution_due_at', 'warn_at'],
    'a pause or another policy moves what is due; psa.sla_entries keeps every change');
GRANT UPDATE (sla_id, response_due_at, resolution_due_at, warn_at, breached_at, response_breached_at,
    resolution_breached_at) ON psa.case_sla TO psa;
-- The sweep works under the credential of each organisation's own machine.
REVOKE UPDATE (breached, breached_at, response_breached_at, resolution_breached_at)
    ON psa.case_sla FROM jobs;

-- Whoever moves a case settles its clocks on the way; the sweep does it when nobody comes by.
CREATE FUNCTION psa.require_settling() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT (access.permitted('sla.run') OR access.permitted('case.open')
            OR access.permitted('case.take') OR access.permitted('sla.pause')
            OR access.permitted('sla.change')
            OR access.permitted('case.close')) THEN
        PERFORM psa.require('sla.run');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_case_sla() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('case.open');
        PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
        RETURN NEW;
    END IF;
    PERFORM psa.require_settling();
    IF EXISTS (
        SELECT FROM psa.cases
        WHERE organisation_id = NEW.organisation_id AND id = NEW.case_id AND status = 'closed') THEN
        PERFORM psa.refuse('case.closed_is_final', 'a closed case never changes again',
            'open a follow-on case that is linked to it');
    END IF;
    IF OLD.response_breached_at IS NOT NULL
            AND NEW.response_breached_at IS DISTINCT FROM OLD.response_breached_at
        OR OLD.resolution_breached_at IS NOT NULL
            AND NEW.resolution_breached_at IS DISTINCT FROM OLD.resolution_breached_at THEN
        PERFORM psa.refuse('sla.breach_is_final', 'what was breached stays breached', 'nobody');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION psa.guard_sla_mark() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_settling();
    PERFORM psa.require_self('created_by', NEW.created_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;

CREATE FUNCTION psa.guard_case_notice() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.read');
    PERFORM psa.require_self('created_by', NEW.created_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;

-- Whether what the policy names is so now.
CREATE FUNCTION psa.pause_holds(organisation uuid, subject uuid, named text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT CASE named WHEN 'approval' THEN EXISTS (
        SELECT FROM psa.approvals
        WHERE organisation_id = organisation AND case_id = subject AND status = 'asked')
    ELSE EXISTS (
        SELECT FROM psa.tasks
        WHERE organisation_id = organisation AND case_id = subject AND status IN ('pending', 'running')
          AND named = 'task ' || task_type) END
$$;

CREATE FUNCTION psa.paused_by(subject uuid, named text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce((SELECT kind = 'paused' FROM psa.sla_entries
        WHERE case_id = subject AND cause = named ORDER BY sequence DESC LIMIT 1), false)
$$;

CREATE FUNCTION psa.sla_terms(subject uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT terms FROM psa.sla_entries
    WHERE case_id = subject AND terms IS NOT NULL ORDER BY sequence DESC LIMIT 1
$$;

-- The database believes no claim that it can check: a rule pauses only while what it names is so.
CREATE FUNCTION psa.guard_sla_entry() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    last   record;
    stamps record;
    holds  boolean;
BEGIN
    PERFORM psa.require_self('created_by', NEW.created_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    SELECT max(sequence) AS sequence, max(at) AS at, bool_or(kind = 'resolved') AS resolved,
        bool_or(kind = NEW.kind) AS repeated
    INTO last FROM psa.sla_entries WHERE case_id = NEW.case_id;
    SELECT opened_at, responded_at, resolved_at INTO stamps FROM psa.cases
    WHERE organisation_id = NEW.organisation_id AND id = NEW.case_id;
    NEW.sequence := coalesce(last.sequence, 0) + 1;
    -- What was settled stays: an entry that comes late is as late as it comes.
    NEW.at := greatest(NEW.at, stamps.opened_at, last.at,
        (SELECT settled_until FROM psa.sla_due WHERE case_id = NEW.case_id));
    IF (NEW.kind = 'started') <> (last.sequence IS NULL) THEN
        PERFORM psa.refuse('sla.started', 'a clock is started first, and once', 'nobody');
    ELSIF last.resolved THEN
        PERFORM psa.refuse('sla.stopped', 'the case is resolved, and its clocks have stopped', 'nobody');
    END IF;
    CASE NEW.kind
        WHEN 'started' THEN
            PERFORM psa.require('case.open');
        WHEN 'changed' THEN
            PERFORM psa.require_person('sla.change');
            PERFORM psa.require('sla.change');
        WHEN 'responded', 'resolved' THEN
            IF last.repeated OR NEW.kind = 'responded' AND stamps.responded_at IS NULL
                OR NEW.kind = 'resolved' AND stamps.resolved_at IS NULL THEN
                PERFORM psa.refuse('sla.claim', 'the case was not just ' || NEW.kind, 'nobody');
            END IF;
        ELSE
            IF psa.paused_by(NEW.case_id, NEW.cause) = (NEW.kind = 'paused') THEN
                PERFORM psa.refuse('sla.pause', 'the clocks '
                    || CASE NEW.kind WHEN 'paused' THEN 'stand still' ELSE 'do not stand still' END
                    || ' for this cause already', 'nobody');
            ELSIF NEW.cause = 'person' THEN
                PERFORM psa.require_person('sla.pause');
                PERFORM psa.require('sla.pause');
            ELSE
                holds := psa.sla_terms(NEW.case_id) -> 'pauses' ? NEW.cause
                    AND psa.pause_holds(NEW.organisation_id, NEW.case_id, NEW.cause);
                IF holds <> (NEW.kind = 'paused') THEN
                    PERFORM psa.refuse('sla.claim', 'what the policy says of pauses is not so', 'nobody');
                END IF;
            END IF;
    END CASE;
    RETURN NEW;
END $$;

-- Pauses and resumes as the policy's rules say now.
CREATE FUNCTION psa.follow_pauses(organisation uuid, subject uuid, moment timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    named text;
    terms jsonb := psa.sla_terms(subject);
    holds boolean;
BEGIN
    IF terms IS NULL OR EXISTS (
        SELECT FROM psa.sla_entries WHERE case_id = subject AND kind = 'resolved') THEN
        RETURN;
    END IF;
    FOR named IN
        SELECT jsonb_array_elements_text(terms -> 'pauses')
        UNION
        SELECT cause FROM psa.sla_entries WHERE case_id = subject AND cause <> 'person'
    LOOP
        holds := terms -> 'pauses' ? named AND psa.pause_holds(organisation, subject, named);
        IF holds <> psa.paused_by(subject, named) THEN
            INSERT INTO psa.sla_entries
                (organisation_id, case_id, sequence, at, kind, cause, created_by)
            VALUES (organisation, subject, 1, moment,
                CASE WHEN holds THEN 'paused' ELSE 'resumed' END, named, access.actor_id());
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION psa.note_clocks() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    step record;
BEGIN
    IF TG_TABLE_NAME = 'tasks' THEN
        PERFORM psa.follow_pauses(NEW.organisation_id, NEW.case_id,
            coalesce(NEW.completed_at, NEW.started_at, NEW.created_at));
    ELSIF TG_TABLE_NAME = 'approvals' THEN
        PERFORM psa.follow_pauses(NEW.organisation_id, NEW.case_id,
            coalesce(NEW.decided_at, NEW.asked_at));
    ELSIF TG_TABLE_NAME = 'sla_entries' THEN
        INSERT INTO psa.sla_due AS due (case_id, organisation_id, next_at, settled_until)
        VALUES (NEW.case_id, NEW.organisation_id, NEW.at, NEW.at)
        ON CONFLICT (case_id) DO UPDATE SET next_at = excluded.next_at;
        IF NEW.terms IS NOT NULL THEN
            PERFORM psa.follow_pauses(NEW.organisation_id, NEW.case_id, NEW.at);
        END IF;
    ELSIF psa.sla_terms(NEW.id) IS NOT NULL THEN
        FOR step IN
            SELECT * FROM (VALUES (OLD.responded_at, NEW.responded_at, 'responded'),
                (OLD.resolved_at, NEW.resolved_at, 'resolved')) AS s (before, after, kind)
            WHERE before IS NULL AND after IS NOT NULL
        LOOP
            INSERT INTO psa.sla_entries (organisation_id, case_id, sequence, at, kind, created_by)
            VALUES (NEW.organisation_id, NEW.id, 1, step.after, step.kind, access.actor_id());
        END LOOP;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_clocks AFTER INSERT OR UPDATE OF status ON psa.tasks
    FOR EACH ROW EXECUTE FUNCTION psa.note_clocks();
CREATE TRIGGER note_clocks AFTER INSERT OR UPDATE OF status ON psa.approvals
    FOR EACH ROW EXECUTE FUNCTION psa.note_clocks();
CREATE TRIGGER note_clocks AFTER UPDATE OF status ON psa.cases
    FOR EACH ROW EXECUTE FUNCTION psa.note_clocks();
CREATE TRIGGER note_clocks AFTER INSERT ON psa.sla_entries
    FOR EACH ROW EXECUTE FUNCTION psa.note_clocks();
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.sla_entries
    FOR EACH ROW EXECUTE FUNCTION psa.guard_sla_entry();
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.sla_marks
    FOR EACH ROW EXECUTE FUNCTION psa.guard_sla_mark();
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_notices
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_notice();
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.case_notify
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.tasks ENABLE ALWAYS TRIGGER note_clocks;
ALTER TABLE psa.approvals ENABLE ALWAYS TRIGGER note_clocks;
ALTER TABLE psa.cases ENABLE ALWAYS TRIGGER note_clocks;
ALTER TABLE psa.sla_entries ENABLE ALWAYS TRIGGER note_clocks, ENABLE ALWAYS TRIGGER a_guard;
ALTER TABLE psa.sla_marks ENABLE ALWAYS TRIGGER a_guard;
ALTER TABLE psa.case_notices ENABLE ALWAYS TRIGGER a_guard;
ALTER TABLE psa.case_notify ENABLE ALWAYS TRIGGER a_guard;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.require_settling(), psa.pause_holds(uuid, uuid, text),
    psa.paused_by(uuid, text), psa.sla_terms(uuid), psa.follow_pauses(uuid, uuid, timestamptz) TO psa;

-- Organisations that were founded before: whoever works on cases may pause and change their clocks, and
-- the machine that runs workflows runs the clocks too.
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT organisation_id, role_id, wanted
FROM psa.role_permissions, unnest(ARRAY['sla.pause', 'sla.change']) AS wanted
WHERE permission = 'case.work' ON CONFLICT DO NOTHING;
INSERT INTO psa.machine_permissions (organisation_id, machine_id, permission)
SELECT organisation_id, id, wanted
FROM psa.machines, unnest(ARRAY['sla.run', 'case.assign']) AS wanted WHERE name = 'workflow'
ON CONFLICT DO NOTHING;
