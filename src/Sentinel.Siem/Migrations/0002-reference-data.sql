-- What detection knows about the world: read models of what casework owns, and accounts seen in logs.
-- They are the latest state; what an event met is kept with the event as enrichment.

CREATE TABLE siem.assets (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    asset_type      text NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    names           text[] NOT NULL,
    criticality     integer NOT NULL CHECK (criticality BETWEEN 0 AND 10),
    active          boolean NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id)
);
CALL access.tenant('siem.assets');
CALL access.mutable('siem.assets',
    ARRAY['asset_type', 'name', 'names', 'criticality', 'active', 'updated_at'],
    'a read model of psa.assets; the audit log keeps what it was');
CALL access.append_only('siem.assets',
    'asset_type', 'name', 'names', 'criticality', 'active', 'updated_at');
CALL access.audited('siem.assets', 'asset', 'id', 'id');
GRANT SELECT, INSERT, UPDATE (asset_type, name, names, criticality, active, updated_at)
    ON siem.assets TO siem;

-- Accounts, seen in logs or imported. Never the people who work in Sentinel: those are psa.users.
CREATE TABLE siem.identities (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    account_name    text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 1024),
    role            text,
    active          boolean NOT NULL DEFAULT true,
    origin          text NOT NULL CHECK (origin IN ('seen', 'imported')),
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, account_name)
);
CALL access.tenant('siem.identities');
CALL access.mutable('siem.identities', ARRAY['account_name', 'role', 'active', 'origin', 'updated_at'],
    'a read model of what was imported; the audit log keeps what it was');
CALL access.append_only('siem.identities',
    'account_name', 'role', 'active', 'origin', 'updated_at');
-- Seen accounts are covered by their batch: a flood of guessed names must not flood the audit log.
CREATE TRIGGER audited AFTER INSERT OR UPDATE ON siem.identities
    FOR EACH ROW WHEN (NEW.origin = 'imported')
    EXECUTE FUNCTION access.audit_row('identity', 'id', 'id');
ALTER TABLE siem.identities ENABLE ALWAYS TRIGGER audited;
GRANT SELECT, INSERT, UPDATE (account_name, role, active, origin, updated_at)
    ON siem.identities TO siem;

CREATE TABLE siem.legal_holds (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    held_from       timestamptz NOT NULL,
    held_until      timestamptz CHECK (held_until > held_from),
    active          boolean NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id)
);
CALL access.tenant('siem.legal_holds');
CALL access.mutable('siem.legal_holds', ARRAY['held_from', 'held_until', 'active', 'updated_at'],
    'a read model of psa legal holds; the audit log keeps what it was');
CALL access.append_only('siem.legal_holds', 'held_from', 'held_until', 'active', 'updated_at');
CALL access.audited('siem.legal_holds', 'legal_hold', 'id', 'id');
GRANT SELECT, INSERT, UPDATE (held_from, held_until, active, updated_at) ON siem.legal_holds TO siem;
