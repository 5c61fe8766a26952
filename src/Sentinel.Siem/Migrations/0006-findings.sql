-- What detection concludes: hits, and the findings they raise or add to.

CREATE TABLE siem.siem_findings (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    finding_type    text NOT NULL CHECK (length(finding_type) BETWEEN 1 AND 200),
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    confidence      integer NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    status          text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'escalating', 'escalated')),
    created_at      timestamptz NOT NULL,
    psa_case_id     uuid,
    summary         text NOT NULL,
    fields          jsonb NOT NULL,
    asset_ids       uuid[] NOT NULL,
    -- The rule version and hit that raised it.
    rule_id         uuid NOT NULL,
    hit_id          uuid NOT NULL,
    policy_sha256   text NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    correlation_id  uuid NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, rule_id) REFERENCES siem.correlation_rules (organisation_id, id),
    CHECK ((psa_case_id IS NOT NULL) = (status = 'escalated'))
);
CREATE INDEX ON siem.siem_findings (organisation_id, status, created_at);
CALL access.tenant('siem.siem_findings');
CALL access.mutable('siem.siem_findings', ARRAY['status', 'psa_case_id'],
    'new, escalating, escalated, once and in this order; then the PSA owns the clock');
CALL access.append_only('siem.siem_findings', 'status', 'psa_case_id');
CALL access.audited('siem.siem_findings', 'finding', 'id', 'id');
GRANT SELECT, INSERT, UPDATE (status, psa_case_id) ON siem.siem_findings TO siem;

-- One match of one rule version. The later matches under a finding's "once per" point to it too.
CREATE TABLE siem.correlation_hits (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    rule_id         uuid NOT NULL,
    triggered_at    timestamptz NOT NULL,
    -- All of the match for the hit that raised its finding; of a later match the completing event, since
    -- its window holds what the ones before it held. None where the finding is that nothing came.
    event_ids       uuid[] NOT NULL,
    confidence      integer NOT NULL CHECK (confidence BETWEEN 0 AND 100),
    -- Provisional when its completing event arrived; final when only the watermark could tell.
    stage           text NOT NULL CHECK (stage IN ('provisional', 'final')),
    key             jsonb NOT NULL,
    first_time      timestamptz NOT NULL,
    last_time       timestamptz NOT NULL CHECK (last_time >= first_time),
    event_count     bigint NOT NULL CHECK (event_count >= 0),
    reasons         jsonb NOT NULL,
    -- The hit as canonical JSON, byte for byte what a replay must give.
    canonical       text NOT NULL,
    batch_number    bigint NOT NULL,
    finding_id      uuid NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, rule_id) REFERENCES siem.correlation_rules (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id)
);
CREATE INDEX ON siem.correlation_hits (organisation_id, finding_id, triggered_at);
CALL access.tenant('siem.correlation_hits');
CALL access.append_only('siem.correlation_hits');
GRANT SELECT, INSERT ON siem.correlation_hits TO siem;

ALTER TABLE siem.siem_findings ADD FOREIGN KEY (organisation_id, hit_id)
    REFERENCES siem.correlation_hits (organisation_id, id) DEFERRABLE INITIALLY DEFERRED;

-- What the watermark made of a provisional hit: the same, another, or none.
CREATE TABLE siem.hit_settlements (
    organisation_id uuid NOT NULL,
    hit_id          uuid NOT NULL,
    outcome         text NOT NULL CHECK (outcome IN ('confirmed', 'corrected', 'withdrawn')),
    canonical       text,
    batch_number    bigint NOT NULL,
    settled_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, hit_id),
    FOREIGN KEY (organisation_id, hit_id) REFERENCES siem.correlation_hits (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number),
    CHECK ((canonical IS NOT NULL) = (outcome = 'corrected'))
);
CALL access.tenant('siem.hit_settlements');
CALL access.append_only('siem.hit_settlements');
GRANT SELECT, INSERT ON siem.hit_settlements TO siem;

-- No foreign key to events: a day of events can be archived, the link resolves through archived_days.
CREATE TABLE siem.finding_events (
    organisation_id uuid NOT NULL,
    finding_id      uuid NOT NULL,
    event_id        uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, finding_id, event_id),
    FOREIGN KEY (organisation_id, finding_id) REFERENCES siem.siem_findings (organisation_id, id)
);
CALL access.tenant('siem.finding_events');
CALL access.append_only('siem.finding_events');
GRANT SELECT, INSERT ON siem.finding_events TO siem;
