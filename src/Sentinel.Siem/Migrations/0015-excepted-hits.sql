-- A final match that an exception of its rule means to be so: found, counted and listed, and no finding.
CREATE TABLE siem.excepted_hits (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    rule_id         uuid NOT NULL,
    triggered_at    timestamptz NOT NULL,
    key             jsonb NOT NULL,
    reason          text NOT NULL,
    -- The hit as canonical JSON, with its completing event.
    canonical       text NOT NULL,
    batch_number    bigint NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, rule_id) REFERENCES siem.correlation_rules (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number)
);
CREATE INDEX ON siem.excepted_hits (organisation_id, triggered_at);
CALL access.tenant('siem.excepted_hits');
CALL access.append_only('siem.excepted_hits');
GRANT SELECT, INSERT ON siem.excepted_hits TO siem;
GRANT SELECT ON siem.excepted_hits TO auditor, backup;
CALL access.across_organisations('siem.excepted_hits'::regclass, 'backup',
    'a dump holds every organisation');
