-- Redaction makes a new item from another, checking an object is a touch like reading it, and a legal
-- hold keeps the events of a time from being archived.

ALTER TABLE psa.evidence_items
    ADD COLUMN derived_from uuid,
    ADD COLUMN derivation   text CHECK (length(btrim(derivation)) BETWEEN 1 AND 2000),
    ADD CONSTRAINT derived_with_reason CHECK ((derived_from IS NULL) = (derivation IS NULL)),
    ADD FOREIGN KEY (organisation_id, derived_from) REFERENCES psa.evidence_items (organisation_id, id);
COMMENT ON COLUMN psa.evidence_items.derivation IS 'what was taken out of the original, and why';
CREATE INDEX ON psa.evidence_items (organisation_id, derived_from) WHERE derived_from IS NOT NULL;

CREATE FUNCTION psa.guard_derivation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('evidence.redact');
    IF NOT EXISTS (SELECT FROM psa.evidence_items e WHERE e.organisation_id = NEW.organisation_id
        AND e.id = NEW.derived_from AND e.case_id = NEW.case_id) THEN
        PERFORM psa.refuse('evidence.redact.other_case',
            'what is derived stays in the case of its original', 'a link from the other case');
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION psa.guard_derivation() FROM PUBLIC;
CREATE TRIGGER a_guard_derivation BEFORE INSERT ON psa.evidence_items
    FOR EACH ROW WHEN (NEW.derived_from IS NOT NULL) EXECUTE FUNCTION psa.guard_derivation();
ALTER TABLE psa.evidence_items ENABLE ALWAYS TRIGGER a_guard_derivation;

ALTER TABLE psa.evidence_custody DROP CONSTRAINT evidence_custody_act_check;
ALTER TABLE psa.evidence_custody ADD CONSTRAINT evidence_custody_act_check
    CHECK (act IN ('stored', 'read', 'verified', 'found_changed'));
CREATE OR REPLACE FUNCTION psa.guard_custody() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- Whoever checks seals touches the evidence without being shown it.
    IF NOT (NEW.act IN ('verified', 'found_changed') AND access.permitted('audit.read')) THEN
        PERFORM psa.require(CASE NEW.act WHEN 'stored' THEN 'evidence.attach' ELSE 'evidence.read' END);
    END IF;
    PERFORM psa.require_self('acted_by', NEW.acted_by);
    -- Closed cases are still read. The lock keeps the audit's order against a closing case.
    PERFORM FROM psa.cases WHERE organisation_id = NEW.organisation_id AND id = NEW.case_id FOR UPDATE;
    RETURN NEW;
END $$;

CREATE TABLE psa.legal_holds (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    held_from       timestamptz NOT NULL,
    held_until      timestamptz CHECK (held_until > held_from),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    placed_by       uuid NOT NULL,
    placed_at       timestamptz NOT NULL,
    lifted_by       uuid,
    lifted_at       timestamptz,
    lift_reason     text CHECK (length(btrim(lift_reason)) BETWEEN 1 AND 2000),
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, placed_by) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, lifted_by) REFERENCES psa.users (organisation_id, id),
    CHECK (num_nonnulls(lifted_by, lifted_at, lift_reason) IN (0, 3)),
    CHECK (lifted_by <> placed_by)
);
COMMENT ON TABLE psa.legal_holds IS 'what happened from one time until another (or for good) stays where it is';
CALL access.mutable('psa.legal_holds', ARRAY['lifted_by', 'lifted_at', 'lift_reason'],
    'a hold is lifted once, by another person');
CALL access.tenant('psa.legal_holds');
CALL access.append_only('psa.legal_holds', 'lifted_by', 'lifted_at', 'lift_reason');
CALL access.audited('psa.legal_holds', 'legal_hold', 'id', 'id');
CALL access.across_organisations('psa.legal_holds', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.legal_holds TO psa, auditor, backup;
CALL access.across_organisations('psa.legal_holds', 'jobs', 'detection is told of each hold');
GRANT SELECT ON psa.legal_holds TO jobs;
GRANT INSERT, UPDATE (lifted_by, lifted_at, lift_reason) ON psa.legal_holds TO psa;
CREATE FUNCTION psa.guard_legal_hold() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('hold');
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('hold.place');
        PERFORM psa.require_self('placed_by', NEW.placed_by);
        IF NEW.lifted_at IS NOT NULL THEN
            PERFORM psa.refuse('hold.lift.born', 'a hold is placed before it is lifted', 'another person');
        END IF;
        RETURN NEW;
    END IF;
    PERFORM psa.require('hold.lift');
    PERFORM psa.require_self('lifted_by', NEW.lifted_by);
    IF OLD.lifted_at IS NOT NULL THEN
        PERFORM psa.refuse('hold.lift.twice', 'it was lifted before', 'a new hold');
    ELSIF OLD.placed_by = ANY (psa.my_identities()) THEN
        PERFORM psa.refuse('hold.lift.own', 'nobody lifts a hold that they placed, under any identity',
            'another person with hold.lift');
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION psa.guard_legal_hold() FROM PUBLIC;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.legal_holds
    FOR EACH ROW EXECUTE FUNCTION psa.guard_legal_hold();
ALTER TABLE psa.legal_holds ENABLE ALWAYS TRIGGER a_guard;

CREATE FUNCTION psa.tell_of_hold() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO psa.reference_outbox (organisation_id, kind, entity_id)
    VALUES (NEW.organisation_id, 'legal_hold', NEW.id);
    PERFORM pg_notify('sentinel_reference', NEW.id::text);
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION psa.tell_of_hold() FROM PUBLIC;
CREATE TRIGGER tell_detection AFTER INSERT OR UPDATE ON psa.legal_holds
    FOR EACH ROW EXECUTE FUNCTION psa.tell_of_hold();
ALTER TABLE psa.legal_holds ENABLE ALWAYS TRIGGER tell_detection;
