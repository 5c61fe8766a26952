-- The machine of a finding as rows, printed from FindingMachine; a test compares them.

CREATE TABLE siem.machine_arrows (
    machine    text NOT NULL CHECK (machine = 'finding'),
    from_state text NOT NULL,
    trigger    text NOT NULL,
    to_state   text NOT NULL,
    who        text NOT NULL CHECK (who IN ('person', 'anybody')),
    permission text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    guard      text NOT NULL,
    PRIMARY KEY (machine, from_state, trigger),
    UNIQUE (machine, from_state, to_state)
);
COMMENT ON COLUMN siem.machine_arrows.guard IS
    'the paper that a step needs, which siem.guard_finding asks for by name';
INSERT INTO siem.machine_arrows VALUES
    ('finding', 'new', 'escalate', 'escalating', 'anybody', 'finding.escalate', 'queued'),
    ('finding', 'escalating', 'receipt', 'escalated', 'anybody', 'finding.escalate', 'received');
CALL access.append_only('siem.machine_arrows');
GRANT SELECT ON siem.machine_arrows TO siem, auditor, backup;

-- A finding is born new, cannot skip a state, cannot go back, and once escalated never changes again.
CREATE OR REPLACE FUNCTION siem.guard_finding() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE
    arrow siem.machine_arrows;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'new' THEN
            RAISE EXCEPTION 'a finding begins as new' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT * INTO arrow FROM siem.machine_arrows
    WHERE machine = 'finding' AND from_state = OLD.status AND to_state = NEW.status;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a finding that is % never becomes %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    ELSIF NOT access.permitted(arrow.permission) THEN
        RAISE EXCEPTION 'this needs the permission %', arrow.permission
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    CASE arrow.guard
    WHEN 'queued' THEN
        IF NOT EXISTS (
            SELECT FROM siem.outbox o WHERE o.organisation_id = NEW.organisation_id
                AND o.finding_id = NEW.id AND o.kind = 'finding') THEN
            RAISE EXCEPTION 'finding % has no escalation in the outbox', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
    WHEN 'received' THEN
        IF NOT EXISTS (
            SELECT FROM siem.escalation_receipts r WHERE r.organisation_id = NEW.organisation_id
                AND r.finding_id = NEW.id AND r.psa_case_id = NEW.psa_case_id) THEN
            RAISE EXCEPTION 'finding % has no receipt for case %', NEW.id, NEW.psa_case_id
                USING ERRCODE = 'check_violation';
        END IF;
    END CASE;
    RETURN NEW;
END $$;
