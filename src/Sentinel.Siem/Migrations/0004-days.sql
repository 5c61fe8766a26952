-- Days. There is no default partition: a row in it would make creating its day fail.

-- Where an archived day went, so that links to its events still resolve.
CREATE TABLE siem.archived_days (
    organisation_id uuid NOT NULL,
    day             date NOT NULL,
    archive_uri     text NOT NULL,
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    raw_events      bigint NOT NULL CHECK (raw_events >= 0),
    archived_at     timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, day)
);
CALL access.tenant('siem.archived_days');
CALL access.append_only('siem.archived_days');
GRANT SELECT ON siem.archived_days TO siem;

-- The one way in which a day comes to be, called before the batch's transaction opens. LIKE, then
-- ATTACH: that needs no exclusive lock on the parent. Partitions get no grants and are reached through
-- their parents only, since they inherit neither row-level security nor its force.
-- What belongs together has the same key_time, so the references between the partitioned tables hold from
-- day to day of the same date: the same guarantee as between the parents, whose check would lock and look
-- through every day that there is for each row.
CREATE FUNCTION siem.create_days(days date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '10s' AS $$
DECLARE
    wanted    date;
    parent    text;
    partition text;
    reference record;
    created   integer := 0;
BEGIN
    IF cardinality(days) > 1000 THEN
        RAISE EXCEPTION 'at most 1000 days at once' USING ERRCODE = 'program_limit_exceeded';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('siem.create_days', 0));
    FOR wanted IN SELECT DISTINCT d FROM unnest(days) AS d ORDER BY d LOOP
        FOREACH parent IN ARRAY ARRAY['raw_events', 'ingest_failures', 'events', 'event_tags',
            'event_enrichment'] LOOP
            partition := parent || '_' || to_char(wanted, 'YYYYMMDD');
            CONTINUE WHEN EXISTS (
                SELECT FROM pg_inherits i
                JOIN pg_class c ON c.oid = i.inhrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'siem' AND c.relname = partition);
            EXECUTE format('CREATE TABLE siem.%I (LIKE siem.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                partition, parent);
            EXECUTE format('ALTER TABLE siem.%I ATTACH PARTITION siem.%I FOR VALUES FROM (%L) TO (%L)',
                parent, partition,
                to_char(wanted, 'YYYY-MM-DD') || ' 00:00:00+00',
                to_char(wanted + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
            created := created + 1;
        END LOOP;
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_constraint c
            WHERE c.contype = 'f' AND c.conname = 'of_raw_event'
              AND c.conrelid = to_regclass('siem.events_' || to_char(wanted, 'YYYYMMDD')));
        FOR reference IN SELECT * FROM (VALUES
            ('ingest_failures', 'of_raw_event', 'raw_event_id', 'raw_events'),
            ('events', 'of_raw_event', 'raw_event_id', 'raw_events'),
            ('event_tags', 'of_event', 'event_id', 'events'),
            ('event_enrichment', 'of_event', 'event_id', 'events')) AS r (source, name, key, target) LOOP
            EXECUTE format('ALTER TABLE siem.%I ADD CONSTRAINT %I FOREIGN KEY (organisation_id, %I, key_time)
                REFERENCES siem.%I (organisation_id, id, key_time)',
                reference.source || '_' || to_char(wanted, 'YYYYMMDD'), reference.name, reference.key,
                reference.target || '_' || to_char(wanted, 'YYYYMMDD'));
        END LOOP;
    END LOOP;
    RETURN created;
END $$;
REVOKE EXECUTE ON FUNCTION siem.create_days(date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION siem.create_days(date[]) TO siem;

-- Which of these days are not there yet: the question of every batch, answered without a lock.
CREATE FUNCTION siem.missing_days(days date[]) RETURNS date[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(d ORDER BY d), '{}')
    FROM (SELECT DISTINCT d FROM unnest(days) AS d) AS wanted
    WHERE NOT EXISTS (
        SELECT FROM pg_inherits i
        JOIN pg_class c ON c.oid = i.inhrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'siem' AND c.relname = 'event_enrichment_' || to_char(d, 'YYYYMMDD'))
$$;
REVOKE EXECUTE ON FUNCTION siem.missing_days(date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION siem.missing_days(date[]) TO siem;
