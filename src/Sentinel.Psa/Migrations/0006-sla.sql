-- Clocks. A policy version gives one row; a case keeps the clock that it started with.

CREATE TABLE psa.sla_policies (
    id                 uuid PRIMARY KEY,
    organisation_id    uuid NOT NULL REFERENCES psa.organisations (id),
    name               text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    response_minutes   integer NOT NULL CHECK (response_minutes > 0),
    resolution_minutes integer NOT NULL CHECK (resolution_minutes >= response_minutes),
    warn_at_percent    integer CHECK (warn_at_percent BETWEEN 1 AND 99),
    calendar           text NOT NULL,
    policy_sha256      text NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    created_at         timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, name, policy_sha256)
);
CALL psa.governed('psa.sla_policies', 'sla_policy', 'id', 'id');
GRANT INSERT ON psa.sla_policies TO psa;

CREATE TABLE psa.case_sla (
    case_id                uuid PRIMARY KEY,
    organisation_id        uuid NOT NULL,
    sla_id                 uuid NOT NULL,
    started_at             timestamptz NOT NULL,
    response_due_at        timestamptz NOT NULL,
    resolution_due_at      timestamptz NOT NULL,
    warn_at                timestamptz,
    breached               boolean NOT NULL DEFAULT false,
    breached_at            timestamptz,
    response_breached_at   timestamptz,
    resolution_breached_at timestamptz,
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, sla_id) REFERENCES psa.sla_policies (organisation_id, id),
    CHECK (breached = (breached_at IS NOT NULL)),
    CHECK (breached_at IS NOT DISTINCT FROM least(response_breached_at, resolution_breached_at))
);
CREATE INDEX ON psa.case_sla (response_due_at) WHERE response_breached_at IS NULL;
CREATE INDEX ON psa.case_sla (resolution_due_at) WHERE resolution_breached_at IS NULL;
CALL access.mutable('psa.case_sla',
    ARRAY['breached', 'breached_at', 'response_breached_at', 'resolution_breached_at'],
    'a live clock is breached once and stays breached');
CALL psa.governed('psa.case_sla', 'case_sla', 'case_id', 'case_id', 'breached', 'breached_at',
    'response_breached_at', 'resolution_breached_at');
GRANT INSERT ON psa.case_sla TO psa;
-- Closing locks the clock, and PostgreSQL wants the right to change for the right to lock.
GRANT UPDATE (breached) ON psa.case_sla TO psa;
GRANT SELECT, UPDATE (breached, breached_at, response_breached_at, resolution_breached_at)
    ON psa.case_sla TO jobs;
CALL access.across_organisations('psa.case_sla', 'jobs', 'clocks run for everybody');

CREATE FUNCTION psa.guard_case_sla() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('case.open');
        PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
        RETURN NEW;
    END IF;
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
CALL psa.guarded('psa.case_sla', 'psa.guard_case_sla');
