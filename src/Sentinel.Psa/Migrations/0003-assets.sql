-- Assets: a pointer to anything that work can be done to. Casework owns them; detection gets a copy.

CREATE TABLE psa.assets (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    asset_type      text NOT NULL CHECK (asset_type ~ '^[a-z_]{1,50}$'),
    external_ref    text CHECK (length(external_ref) BETWEEN 1 AND 500),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    names           text[] NOT NULL DEFAULT '{}' CHECK (cardinality(names) <= 100),
    criticality     integer NOT NULL CHECK (criticality BETWEEN 0 AND 10),
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'retired')),
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, external_ref)
);
COMMENT ON COLUMN psa.assets.names IS 'host names and addresses by which events know the asset';
CALL access.mutable('psa.assets', ARRAY['status', 'name', 'names', 'criticality'],
    'an asset is renamed, moved and retired; the audit log keeps what it was');
CALL psa.governed('psa.assets', 'asset', 'id', 'id', 'status', 'name', 'names', 'criticality');
GRANT INSERT, UPDATE (status, name, names, criticality) ON psa.assets TO psa;
GRANT SELECT ON psa.assets TO jobs;
CALL access.across_organisations('psa.assets', 'jobs', 'reference data is delivered for everybody');

CREATE FUNCTION psa.guard_asset() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('asset.manage');
    IF TG_OP = 'UPDATE' AND OLD.status = 'retired' THEN
        PERFORM psa.refuse('asset.retired', 'a retired asset does not change',
            'register the asset anew under another reference');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.assets', 'psa.guard_asset');

-- What detection has to be told. A row says which thing changed; delivery sends its latest state.
CREATE TABLE psa.reference_outbox (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    kind            text NOT NULL CHECK (kind IN ('asset', 'identity', 'legal_hold')),
    entity_id       uuid NOT NULL,
    position        bigint GENERATED ALWAYS AS IDENTITY,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    delivered_at    timestamptz,
    UNIQUE (organisation_id, id)
);
CREATE INDEX ON psa.reference_outbox (position) WHERE delivered_at IS NULL;
CALL access.mutable('psa.reference_outbox', ARRAY['delivered_at'], 'set once, when delivered');
CALL access.tenant('psa.reference_outbox');
CALL access.append_only('psa.reference_outbox', 'delivered_at');
CALL access.across_organisations('psa.reference_outbox', 'jobs',
    'reference data is delivered for everybody');
CALL access.across_organisations('psa.reference_outbox', 'backup', 'a dump holds every organisation');
GRANT SELECT ON psa.reference_outbox TO psa, jobs, auditor, backup;
GRANT INSERT ON psa.reference_outbox TO psa;
GRANT UPDATE (delivered_at) ON psa.reference_outbox TO jobs;

CREATE FUNCTION psa.tell_detection() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO psa.reference_outbox (organisation_id, kind, entity_id)
    VALUES (NEW.organisation_id, 'asset', NEW.id);
    PERFORM pg_notify('sentinel_reference', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tell_detection AFTER INSERT OR UPDATE ON psa.assets
    FOR EACH ROW EXECUTE FUNCTION psa.tell_detection();
ALTER TABLE psa.assets ENABLE ALWAYS TRIGGER tell_detection;
