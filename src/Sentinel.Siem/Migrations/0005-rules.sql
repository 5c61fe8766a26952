-- The rules that ran, each version for ever, and where their windows stand.

CREATE TABLE siem.correlation_rules (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description     text NOT NULL,
    logic           jsonb NOT NULL,
    enabled         boolean NOT NULL DEFAULT false CHECK (enabled IN (true, false)),
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    policy_name     text NOT NULL,
    policy_version  integer NOT NULL CHECK (policy_version > 0),
    policy_sha256   text NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id)
);
CALL access.tenant('siem.correlation_rules');
CALL access.mutable('siem.correlation_rules', ARRAY['enabled'],
    'follows the latest of siem.rule_activations; only that table''s trigger writes it');
CALL access.append_only('siem.correlation_rules', 'enabled');
CALL access.audited('siem.correlation_rules', 'rule', 'id', 'id');
CALL access.across_organisations('siem.correlation_rules', 'sentinel_owner',
    'the trigger that keeps enabled true runs as the owner');
GRANT SELECT ON siem.correlation_rules TO siem;
GRANT INSERT (organisation_id, id, name, description, logic, severity, policy_name, policy_version,
    policy_sha256, created_at) ON siem.correlation_rules TO siem;

CREATE TABLE siem.rule_activations (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    rule_id         uuid NOT NULL,
    enabled         boolean NOT NULL,
    activated_at    timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, rule_id) REFERENCES siem.correlation_rules (organisation_id, id)
);
CALL access.tenant('siem.rule_activations');
CALL access.append_only('siem.rule_activations');
GRANT SELECT, INSERT ON siem.rule_activations TO siem;

CREATE FUNCTION siem.follow_activation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE siem.correlation_rules SET enabled = NEW.enabled
    WHERE organisation_id = NEW.organisation_id AND id = NEW.rule_id
      AND enabled IS DISTINCT FROM NEW.enabled;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION siem.follow_activation() FROM PUBLIC;
CREATE TRIGGER follow AFTER INSERT ON siem.rule_activations
    FOR EACH ROW EXECUTE FUNCTION siem.follow_activation();
ALTER TABLE siem.rule_activations ENABLE ALWAYS TRIGGER follow;

-- Where the correlator stands, committed with the batch that brought it there.
CREATE TABLE siem.correlation_state (
    organisation_id   uuid NOT NULL,
    partition         integer NOT NULL CHECK (partition >= 0),
    batch_number      bigint NOT NULL,
    policy_set_sha256 text NOT NULL CHECK (policy_set_sha256 ~ '^[0-9a-f]{64}$'),
    state             bytea NOT NULL,
    PRIMARY KEY (organisation_id, partition),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number)
);
CALL access.tenant('siem.correlation_state');
CALL access.mutable('siem.correlation_state', ARRAY['batch_number', 'policy_set_sha256', 'state'],
    'a snapshot of open windows, recomputable from the raw events');
CALL access.append_only('siem.correlation_state', 'batch_number', 'policy_set_sha256', 'state');
GRANT SELECT, INSERT, UPDATE (batch_number, policy_set_sha256, state) ON siem.correlation_state TO siem;
