-- What outside modules deliver. One row for each record that came: a second delivery of the same record
-- finds it and gets the same answer; a record that changed adds to the case of its finding.
CREATE TABLE psa.module_receipts (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    module          text NOT NULL CHECK (module IN
        ('rmm', 'siem', 'edr', 'vulnerability', 'pentest', 'compliance')),
    outside_id      text NOT NULL CHECK (length(outside_id) BETWEEN 1 AND 300),
    record_sha256   text NOT NULL CHECK (record_sha256 ~ '^[0-9a-f]{64}$'),
    case_id         uuid NOT NULL,
    evidence_id     uuid NOT NULL,
    finding_id      uuid NOT NULL,
    finding_type    text NOT NULL CHECK (length(finding_type) BETWEEN 1 AND 200),
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    not_mapped      text[] NOT NULL DEFAULT '{}' CHECK (cardinality(not_mapped) <= 10),
    assets_proposed text[] NOT NULL DEFAULT '{}' CHECK (cardinality(assets_proposed) <= 50),
    mapping_name    text,
    mapping_sha256  text CHECK (mapping_sha256 ~ '^[0-9a-f]{64}$'),
    received_at     timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, module, outside_id, record_sha256),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, evidence_id) REFERENCES psa.evidence_items (organisation_id, id),
    CHECK ((mapping_name IS NULL) = (mapping_sha256 IS NULL))
);
COMMENT ON COLUMN psa.module_receipts.assets_proposed IS
    'named by the finding, but no active asset is called so, or several are: a person decides';
CREATE INDEX ON psa.module_receipts (organisation_id, case_id);
CALL access.tenant('psa.module_receipts');
CALL access.append_only('psa.module_receipts');
CALL access.audited('psa.module_receipts', 'delivery', 'id', 'case_id');
CALL access.across_organisations('psa.module_receipts', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.module_receipts TO psa, auditor, backup;
GRANT INSERT ON psa.module_receipts TO psa;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.module_receipts
    FOR EACH ROW EXECUTE FUNCTION psa.guard_case_row('case.open');
ALTER TABLE psa.module_receipts ENABLE ALWAYS TRIGGER a_guard;
