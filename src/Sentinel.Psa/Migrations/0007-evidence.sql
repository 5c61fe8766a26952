-- Evidence is immutable once stored: objects by their hash, items in cases, and every touch of them.

CREATE TABLE psa.evidence_objects (
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    hash            text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    size_bytes      bigint NOT NULL CHECK (size_bytes >= 0),
    stored_uri      text NOT NULL CHECK (length(stored_uri) BETWEEN 1 AND 2000),
    stored_at       timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, hash)
);
CALL access.tenant('psa.evidence_objects');
CALL access.append_only('psa.evidence_objects');
CALL access.across_organisations('psa.evidence_objects', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.evidence_objects TO psa, auditor, backup;
GRANT INSERT ON psa.evidence_objects TO psa;

CREATE TABLE psa.evidence_items (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    evidence_type   text NOT NULL CHECK (evidence_type ~ '^[a-z_]{1,50}$'),
    source_system   text NOT NULL CHECK (source_system IN
        ('rmm', 'siem', 'edr', 'vulnerability', 'pentest', 'compliance', 'manual')),
    title           text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    hash            text NOT NULL,
    stored_uri      text NOT NULL,
    attached_by     uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, hash) REFERENCES psa.evidence_objects (organisation_id, hash)
);
CREATE INDEX ON psa.evidence_items (organisation_id, case_id);
CALL psa.governed('psa.evidence_items', 'evidence', 'id', 'case_id');
GRANT INSERT ON psa.evidence_items TO psa;
CREATE FUNCTION psa.guard_evidence_item() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('evidence.attach');
    PERFORM psa.require_self('attached_by', NEW.attached_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.evidence_items', 'psa.guard_evidence_item');

CREATE TABLE psa.evidence_links (
    evidence_id     uuid NOT NULL,
    organisation_id uuid NOT NULL,
    linked_entity   text NOT NULL CHECK (linked_entity IN ('case', 'task', 'approval', 'attestation')),
    linked_id       uuid NOT NULL,
    case_id         uuid NOT NULL,
    linked_by       uuid NOT NULL,
    linked_at       timestamptz NOT NULL,
    PRIMARY KEY (evidence_id, linked_entity, linked_id),
    FOREIGN KEY (organisation_id, evidence_id) REFERENCES psa.evidence_items (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
COMMENT ON COLUMN psa.evidence_links.case_id IS 'the case of the linked entity';
CREATE INDEX ON psa.evidence_links (organisation_id, linked_id);
CALL psa.governed('psa.evidence_links', 'evidence_link', 'evidence_id', 'case_id');
GRANT INSERT ON psa.evidence_links TO psa;
CREATE FUNCTION psa.guard_evidence_link() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('evidence.attach');
    PERFORM psa.require_self('linked_by', NEW.linked_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.evidence_links', 'psa.guard_evidence_link');

-- Chain of custody: who put it there, who read it, and what its hash was at that moment.
CREATE TABLE psa.evidence_custody (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    evidence_id     uuid NOT NULL,
    act             text NOT NULL CHECK (act IN ('stored', 'read', 'found_changed')),
    hash_seen       text CHECK (hash_seen ~ '^[0-9a-f]{64}$'),
    acted_by        uuid NOT NULL,
    acted_at        timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, evidence_id) REFERENCES psa.evidence_items (organisation_id, id)
);
CREATE INDEX ON psa.evidence_custody (organisation_id, evidence_id);
CALL psa.governed('psa.evidence_custody', 'custody', 'evidence_id', 'case_id');
GRANT INSERT ON psa.evidence_custody TO psa;
CREATE FUNCTION psa.guard_custody() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require(CASE NEW.act WHEN 'stored' THEN 'evidence.attach' ELSE 'evidence.read' END);
    PERFORM psa.require_self('acted_by', NEW.acted_by);
    -- Closed cases are still read. The lock keeps the audit's order against a closing case.
    PERFORM FROM psa.cases WHERE organisation_id = NEW.organisation_id AND id = NEW.case_id FOR UPDATE;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.evidence_custody', 'psa.guard_custody');
