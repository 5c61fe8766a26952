-- What was received, as it was received, and in which order. Nothing here is ever changed or deleted.
-- Keys are (organisation_id, id, key_time): partitions are days of key_time (see 0004), and row-level
-- security needs the organisation in every key. key_time is the event's own time where it lies within
-- 400 days before and one day after receipt, else the time of receipt.

CALL access.create_audit_log('siem');

-- Who sends: the registration whose id goes into every derived id, so that a new name changes nothing.
CREATE TABLE siem.sources (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    source_system   text NOT NULL CHECK (length(source_system) BETWEEN 1 AND 200),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, name)
);
CALL access.tenant('siem.sources');
CALL access.append_only('siem.sources');
CALL access.audited('siem.sources', 'source', 'id', 'id');
GRANT SELECT, INSERT ON siem.sources TO siem;

-- When a source was last heard, by the declaration that read it: silence is found here.
CREATE TABLE siem.source_activity (
    organisation_id  uuid NOT NULL,
    source_id        uuid NOT NULL,
    declaration      text NOT NULL,
    last_event_time  timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL,
    events           bigint NOT NULL CHECK (events > 0),
    PRIMARY KEY (organisation_id, source_id, declaration),
    FOREIGN KEY (organisation_id, source_id) REFERENCES siem.sources (organisation_id, id)
);
CALL access.tenant('siem.source_activity');
CALL access.mutable('siem.source_activity', ARRAY['last_event_time', 'last_received_at', 'events'],
    'the latest sign of life, recomputable from the events');
CALL access.append_only('siem.source_activity', 'last_event_time', 'last_received_at', 'events');
GRANT SELECT, INSERT, UPDATE (last_event_time, last_received_at, events)
    ON siem.source_activity TO siem;

-- How far each input has been committed. A file's position is SHA-256(previous position, payload hash),
-- so that a file that grew goes on and a file given twice adds nothing; an HTTP request is known by its
-- idempotency key.
CREATE TABLE siem.inputs (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    source_id       uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('file', 'http', 'syslog')),
    name            text NOT NULL,
    position        bytea NOT NULL CHECK (length(position) = 32),
    records         bigint NOT NULL CHECK (records >= 0),
    deliveries      integer NOT NULL DEFAULT 1 CHECK (deliveries > 0),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, source_id) REFERENCES siem.sources (organisation_id, id)
);
CREATE INDEX ON siem.inputs (organisation_id, source_id, kind, position);
CREATE UNIQUE INDEX ON siem.inputs (organisation_id, source_id, name) WHERE kind = 'http';
CALL access.tenant('siem.inputs');
CALL access.mutable('siem.inputs', ARRAY['position', 'records', 'deliveries', 'updated_at'],
    'how far the input was committed; the batches keep the history');
CALL access.append_only('siem.inputs', 'position', 'records', 'deliveries', 'updated_at');
GRANT SELECT, INSERT, UPDATE (position, records, deliveries, updated_at) ON siem.inputs TO siem;

-- The policy that was active for some batches, by the hashes of its texts in the schema policy, so that
-- a replay runs what ran. The batches' audit rows name it.
CREATE TABLE siem.policy_sets (
    organisation_id uuid NOT NULL,
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    policy_names    text[] NOT NULL,
    policy_versions integer[] NOT NULL,
    policy_sha256s  text[] NOT NULL,
    first_used_at   timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, sha256),
    CHECK (cardinality(policy_names) = cardinality(policy_sha256s)
        AND cardinality(policy_versions) = cardinality(policy_sha256s))
);
CALL access.tenant('siem.policy_sets');
CALL access.append_only('siem.policy_sets');
GRANT SELECT, INSERT ON siem.policy_sets TO siem;

-- One transaction of ingestion. Its audit row carries the Merkle root over its raw events: the RFC 6962
-- tree whose leaves are the 16 bytes of the id followed by the 32 bytes of payload_hash, in order. That is
-- how the audit log covers them. Numbers are the order of acceptance. A tick brought no records: time
-- passed, and something came of it.
CREATE TABLE siem.batches (
    organisation_id   uuid NOT NULL,
    number            bigint NOT NULL CHECK (number > 0),
    id                uuid NOT NULL,
    kind              text NOT NULL CHECK (kind IN ('records', 'tick')),
    source_id         uuid,
    input_id          uuid,
    correlation_id    uuid NOT NULL,
    ingestion_node    text NOT NULL CHECK (length(ingestion_node) BETWEEN 1 AND 255),
    received_at       timestamptz NOT NULL,
    live              boolean NOT NULL,
    delivery          integer NOT NULL DEFAULT 0 CHECK (delivery >= 0),
    -- How its lines were read: the source they were said to be of, the year and zone they lack.
    reading           jsonb NOT NULL DEFAULT '{}',
    first_index       bigint CHECK (first_index >= 0),
    first_position    bytea CHECK (length(first_position) = 32),
    last_position     bytea CHECK (length(last_position) = 32),
    payload_bytes     bigint NOT NULL CHECK (payload_bytes >= 0),
    raw_events        integer NOT NULL CHECK (raw_events >= 0),
    events            integer NOT NULL CHECK (events >= 0),
    unparsed          integer NOT NULL CHECK (unparsed >= 0),
    duplicates        integer NOT NULL CHECK (duplicates >= 0),
    policy_set_sha256 text NOT NULL,
    merkle_root       text NOT NULL CHECK (merkle_root ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (organisation_id, number),
    UNIQUE (organisation_id, id),
    -- A position is accepted once for each delivery, whoever else is reading the same file.
    UNIQUE (organisation_id, source_id, first_position, delivery),
    FOREIGN KEY (organisation_id, source_id) REFERENCES siem.sources (organisation_id, id),
    FOREIGN KEY (organisation_id, input_id) REFERENCES siem.inputs (organisation_id, id),
    FOREIGN KEY (organisation_id, policy_set_sha256)
        REFERENCES siem.policy_sets (organisation_id, sha256),
    CHECK (raw_events = events + unparsed + duplicates),
    CHECK ((kind = 'records') = (raw_events > 0)),
    CHECK (num_nulls(source_id, input_id, first_index, first_position, last_position)
        = CASE kind WHEN 'records' THEN 0 ELSE 5 END)
);
CREATE INDEX ON siem.batches (organisation_id, input_id, number);
CALL access.tenant('siem.batches');
CALL access.append_only('siem.batches');
CALL access.audited('siem.batches', 'batch', 'id', 'id');
GRANT SELECT, INSERT ON siem.batches TO siem;

CREATE TABLE siem.raw_events (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    source_id       uuid NOT NULL,
    source_system   text NOT NULL,
    received_at     timestamptz NOT NULL,
    event_time      timestamptz,
    payload         jsonb,
    payload_bytes   bytea NOT NULL,
    payload_hash    text NOT NULL,
    ingestion_node  text NOT NULL,
    batch_number    bigint NOT NULL,
    batch_index     integer NOT NULL CHECK (batch_index >= 0),
    input_index     bigint NOT NULL CHECK (input_index >= 0),
    line            bigint NOT NULL CHECK (line >= 0),
    position        bytea NOT NULL CHECK (length(position) = 32),
    delivery        integer NOT NULL DEFAULT 0 CHECK (delivery >= 0),
    duplicate_of    uuid,
    -- Why nobody can read it, whatever the source: binary, too long.
    defect          text,
    PRIMARY KEY (organisation_id, id, key_time),
    FOREIGN KEY (organisation_id, source_id) REFERENCES siem.sources (organisation_id, id),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number),
    CHECK (payload_hash = encode(sha256(payload_bytes), 'hex')),
    CHECK (key_time = received_at OR event_time IS NOT NULL AND key_time = event_time),
    CHECK (key_time - received_at BETWEEN interval '-400 days' AND interval '1 day'),
    CHECK ((duplicate_of IS NULL) = (delivery = 0))
) PARTITION BY RANGE (key_time);
CREATE INDEX ON siem.raw_events (organisation_id, batch_number, batch_index);
CALL access.tenant('siem.raw_events');
CALL access.append_only('siem.raw_events');
GRANT SELECT, INSERT ON siem.raw_events TO siem;

-- What could not be read: the reason stands here, the bytes in the raw event.
CREATE TABLE siem.ingest_failures (
    organisation_id uuid NOT NULL,
    raw_event_id    uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    batch_number    bigint NOT NULL,
    declaration     text,
    reason          text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, raw_event_id, key_time),
    FOREIGN KEY (organisation_id, batch_number) REFERENCES siem.batches (organisation_id, number)
) PARTITION BY RANGE (key_time);
CALL access.tenant('siem.ingest_failures');
CALL access.append_only('siem.ingest_failures');
GRANT SELECT, INSERT ON siem.ingest_failures TO siem;
