-- The same events, readable: what analysts query. An event has the key_time of its raw event, so that
-- whatever belongs together lies in the same day; 0004 ties the days together.

CREATE TABLE siem.events (
    organisation_id uuid NOT NULL,
    id              uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    raw_event_id    uuid NOT NULL,
    declaration     text NOT NULL,
    event_category  text NOT NULL,
    event_type      text NOT NULL,
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    asset_id        uuid,
    user_id         uuid,
    source_ip       inet,
    destination_ip  inet,
    event_time      timestamptz NOT NULL,
    repeated        integer NOT NULL DEFAULT 1 CHECK (repeated > 0),
    fields          jsonb NOT NULL,
    PRIMARY KEY (organisation_id, id, key_time),
    FOREIGN KEY (organisation_id, asset_id) REFERENCES siem.assets (organisation_id, id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES siem.identities (organisation_id, id)
) PARTITION BY RANGE (key_time);
CREATE INDEX ON siem.events (organisation_id, raw_event_id);
CALL access.tenant('siem.events');
CALL access.append_only('siem.events');
GRANT SELECT, INSERT ON siem.events TO siem;

CREATE TABLE siem.event_tags (
    organisation_id uuid NOT NULL,
    event_id        uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    tag             text NOT NULL CHECK (length(tag) BETWEEN 1 AND 200),
    PRIMARY KEY (organisation_id, event_id, key_time, tag)
) PARTITION BY RANGE (key_time);
CALL access.tenant('siem.event_tags');
CALL access.append_only('siem.event_tags');
GRANT SELECT, INSERT ON siem.event_tags TO siem;

-- What was known about the event's address, asset and account when it came, and from where we knew:
-- the member provenance of the data.
CREATE TABLE siem.event_enrichment (
    organisation_id uuid NOT NULL,
    event_id        uuid NOT NULL,
    key_time        timestamptz NOT NULL,
    place           integer NOT NULL CHECK (place >= 0),
    enrichment_type text NOT NULL CHECK (length(enrichment_type) BETWEEN 1 AND 100),
    enrichment_data jsonb NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, event_id, key_time, place)
) PARTITION BY RANGE (key_time);
CALL access.tenant('siem.event_enrichment');
CALL access.append_only('siem.event_enrichment');
GRANT SELECT, INSERT ON siem.event_enrichment TO siem;
