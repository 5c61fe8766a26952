-- What is passed on: the sealed package, the decision, the outbox, the receipt.

CREATE TABLE siem.evidence_packages (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    finding_id      uuid NOT NULL,
    package_uri     text NOT NULL,
    hash            text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    size_bytes      bigint NOT NULL CHECK (size_bytes > 0),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, finding_id, hash),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id)
);
CALL access.tenant('siem.evidence_packages');
CALL access.append_only('siem.evidence_packages');
CALL access.audited('siem.evidence_packages', 'evidence_package', 'id', 'finding_id');
GRANT SELECT, INSERT ON siem.evidence_packages TO siem;

-- What the escalation policies said, once for each finding: a finding without a row is still to be judged.
CREATE TABLE siem.escalation_decisions (
    organisation_id uuid NOT NULL,
    finding_id      uuid NOT NULL,
    escalation      text,
    policy_sha256   text NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    decided_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, finding_id),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id)
);
CALL access.tenant('siem.escalation_decisions');
CALL access.append_only('siem.escalation_decisions');
CALL access.audited('siem.escalation_decisions', 'escalation_decision', 'finding_id', 'finding_id');
GRANT SELECT, INSERT ON siem.escalation_decisions TO siem;

CREATE TABLE siem.outbox (
    organisation_id uuid NOT NULL,
    escalation_id   uuid NOT NULL,
    finding_id      uuid NOT NULL,
    package_id      uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('finding', 'follow_up')),
    -- The escalation of the contract, whole: what is delivered is what was decided.
    escalation      jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error      text,
    next_attempt_at timestamptz NOT NULL,
    delivered_at    timestamptz,
    PRIMARY KEY (organisation_id, escalation_id),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id),
    FOREIGN KEY (organisation_id, package_id) REFERENCES siem.evidence_packages (organisation_id, id)
);
CREATE UNIQUE INDEX ON siem.outbox (organisation_id, finding_id) WHERE kind = 'finding';
CREATE INDEX ON siem.outbox (next_attempt_at) WHERE delivered_at IS NULL;
CALL access.tenant('siem.outbox');
CALL access.mutable('siem.outbox', ARRAY['attempts', 'last_error', 'next_attempt_at', 'delivered_at'],
    'the state of delivery');
CALL access.append_only('siem.outbox', 'attempts', 'last_error', 'next_attempt_at', 'delivered_at');
CREATE TRIGGER audited AFTER INSERT ON siem.outbox
    FOR EACH ROW EXECUTE FUNCTION access.audit_row('escalation', 'escalation_id', 'finding_id');
ALTER TABLE siem.outbox ENABLE ALWAYS TRIGGER audited;
GRANT SELECT, INSERT, UPDATE (delivered_at) ON siem.outbox TO siem;

CREATE TABLE siem.escalation_receipts (
    organisation_id uuid NOT NULL,
    escalation_id   uuid NOT NULL,
    finding_id      uuid NOT NULL,
    psa_case_id     uuid NOT NULL,
    received_at     timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, escalation_id),
    FOREIGN KEY (organisation_id, escalation_id)
        REFERENCES siem.outbox (organisation_id, escalation_id),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id)
);
CALL access.tenant('siem.escalation_receipts');
CALL access.append_only('siem.escalation_receipts');
CALL access.audited('siem.escalation_receipts', 'receipt', 'escalation_id', 'finding_id');
GRANT SELECT, INSERT ON siem.escalation_receipts TO siem;

-- Delivery is woken when a transaction with a new outbox row commits.
CREATE FUNCTION siem.wake_delivery() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('siem_outbox', '');
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION siem.wake_delivery() FROM PUBLIC;
CREATE TRIGGER wake AFTER INSERT ON siem.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION siem.wake_delivery();

-- A finding is born new, cannot skip a state, cannot go back, and once escalated never changes again.
-- Each step needs its paper: the outbox row to leave new, the receipt to become escalated.
CREATE FUNCTION siem.guard_finding() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'new' THEN
            RAISE EXCEPTION 'a finding begins as new' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status = 'new' AND NEW.status = 'escalating' THEN
        IF NOT EXISTS (
            SELECT FROM siem.outbox o WHERE o.organisation_id = NEW.organisation_id
                AND o.finding_id = NEW.id AND o.kind = 'finding') THEN
            RAISE EXCEPTION 'finding % has no escalation in the outbox', NEW.id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.status = 'escalating' AND NEW.status = 'escalated' THEN
        IF NOT EXISTS (
            SELECT FROM siem.escalation_receipts r WHERE r.organisation_id = NEW.organisation_id
                AND r.finding_id = NEW.id AND r.psa_case_id = NEW.psa_case_id) THEN
            RAISE EXCEPTION 'finding % has no receipt for case %', NEW.id, NEW.psa_case_id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSE
        RAISE EXCEPTION 'a finding that is % never becomes %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION siem.guard_finding() FROM PUBLIC;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON siem.siem_findings
    FOR EACH ROW EXECUTE FUNCTION siem.guard_finding();
ALTER TABLE siem.siem_findings ENABLE ALWAYS TRIGGER guard;
