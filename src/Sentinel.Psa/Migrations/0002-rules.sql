-- What every table of casework shares: how a rule refuses, and which arrows the machines have.
-- The guards are triggers, so that SQL typed by hand as the psa role meets them too.

-- A refusal carries the rule's name (CONSTRAINT), what is missing (MESSAGE) and who could (HINT).
CREATE FUNCTION psa.refuse(rule text, missing text, instead text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'SNR01', CONSTRAINT = rule, HINT = instead,
        MESSAGE = rule || ': ' || missing;
END $$;

CREATE FUNCTION psa.require(permission text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF access.actor_id() IS NULL THEN
        PERFORM psa.refuse('actor.unknown', 'no credential was presented in this transaction',
            'present a credential first');
    ELSIF NOT access.permitted(permission) THEN
        PERFORM psa.refuse('permission.missing', 'this needs the permission ' || permission,
            'somebody whose role has ' || permission);
    END IF;
END $$;

-- Tools, workflows, timers and imports never decide: settled in the order itself.
CREATE FUNCTION psa.require_person(action text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF access.actor_kind() IS DISTINCT FROM 'person' THEN
        PERFORM psa.refuse(action || '.person_only', 'only a person may do this',
            'a person with the permission, under their own credential');
    END IF;
END $$;

-- Nobody writes another's name.
CREATE FUNCTION psa.require_self(column_name text, named uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF named IS DISTINCT FROM access.actor_id() THEN
        PERFORM psa.refuse('actor.forged', column_name || ' must be the presented actor',
            'the person or machine that is named, under their own credential');
    END IF;
END $$;

-- The machines as rows. A test compares them with CaseMachine, CaseTaskMachine and ApprovalMachine.
CREATE TABLE psa.machine_arrows (
    machine    text NOT NULL CHECK (machine IN ('case', 'task', 'approval')),
    from_state text NOT NULL,
    trigger    text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (machine, from_state, trigger)
);
INSERT INTO psa.machine_arrows VALUES
    ('case', 'open', 'take', 'in_progress'),
    ('case', 'in_progress', 'resolve', 'resolved'),
    ('case', 'resolved', 'close', 'closed'),
    ('task', 'pending', 'start', 'running'),
    ('task', 'running', 'complete', 'done'),
    ('task', 'pending', 'cancel', 'cancelled'),
    ('task', 'running', 'cancel', 'cancelled'),
    ('approval', 'asked', 'approve', 'approved'),
    ('approval', 'asked', 'refuse', 'refused'),
    ('approval', 'asked', 'withdraw', 'withdrawn');
CALL access.append_only('psa.machine_arrows');
GRANT SELECT ON psa.machine_arrows TO psa, auditor, backup;

CREATE FUNCTION psa.require_arrow(machine_name text, before text, after text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM psa.machine_arrows
        WHERE machine = machine_name AND from_state = before AND to_state = after) THEN
        PERFORM psa.refuse(machine_name || '.arrow',
            format('a %s that is %s does not become %s', machine_name, before, after),
            'nobody: the machine has no such arrow');
    END IF;
END $$;

-- Everything that a table of casework has in common. Grants to write stand beside each table.
CREATE PROCEDURE psa.governed(target regclass, entity text, id_column text, subject_column text,
    VARIADIC mutable text[] DEFAULT '{}')
LANGUAGE plpgsql AS $$
BEGIN
    CALL access.tenant(target);
    CALL access.append_only(target, VARIADIC mutable);
    CALL access.audited(target, entity, id_column, subject_column);
    CALL access.across_organisations(target, 'backup', 'a dump holds every organisation');
    EXECUTE format('GRANT SELECT ON %s TO psa, auditor, backup', target);
END $$;

-- Fires before everything else (triggers fire by name), whoever writes.
CREATE PROCEDURE psa.guarded(target regclass, guard text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON %s
        FOR EACH ROW EXECUTE FUNCTION %s()', target, guard);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_guard', target);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.refuse(text, text, text), psa.require(text), psa.require_person(text),
    psa.require_self(text, uuid), psa.require_arrow(text, text, text) TO psa, jobs;

-- A refused attempt is part of the story. It is written in a transaction of its own, since the
-- attempt's was rolled back; the action always ends in '.refused', so nothing else can be claimed:
-- the psa role may not write other rows, or a seal could be made to cover an invented story.
REVOKE INSERT (organisation_id, action, entity_type, entity_id, subject_id, metadata)
    ON psa.audit_log FROM psa;
CREATE FUNCTION psa.note_refusal(attempted text, entity text, entity_id uuid, subject uuid, detail jsonb)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF access.actor_id() IS NULL THEN
        PERFORM psa.refuse('actor.unknown', 'no credential was presented in this transaction',
            'present a credential first');
    END IF;
    -- The lock keeps the log's order against a closing case, whose seal covers what came before it.
    PERFORM FROM psa.cases WHERE organisation_id = access.organisation_id() AND id = subject FOR UPDATE;
    INSERT INTO psa.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
    VALUES (access.organisation_id(), attempted || '.refused', entity, entity_id, subject, detail);
END $$;
REVOKE EXECUTE ON FUNCTION psa.note_refusal(text, text, uuid, uuid, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.note_refusal(text, text, uuid, uuid, jsonb) TO psa;
