-- A day whose time is over moves behind tables of its own: detached from what is online, still there,
-- still append-only, and exported. Nothing else ever takes a raw event away, and this does not either.

-- The same columns, keys and guards; no day of theirs is ever written to again.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['raw_events', 'ingest_failures', 'events', 'event_tags',
        'event_enrichment'] LOOP
        EXECUTE format('CREATE TABLE siem.%I (LIKE siem.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS
            INCLUDING INDEXES) PARTITION BY RANGE (key_time)', 'archived_' || name, name);
        EXECUTE format('CALL access.tenant(%L)', 'siem.archived_' || name);
        EXECUTE format('CALL access.append_only(%L)', 'siem.archived_' || name);
        EXECUTE format('CALL access.across_organisations(%L, ''backup'', %L)', 'siem.archived_' || name,
            'a dump holds every organisation');
        EXECUTE format('CALL access.across_organisations(%L, ''replay'', %L)', 'siem.archived_' || name,
            'derives again what any organisation received');
        EXECUTE format('GRANT SELECT ON siem.%I TO siem, auditor, backup, replay', 'archived_' || name);
        -- Online or archived: by id, by batch, for a replay and for verify it makes no difference.
        EXECUTE format('CREATE VIEW siem.%I WITH (security_invoker = true) AS
            SELECT * FROM siem.%I UNION ALL SELECT * FROM siem.%I',
            'all_' || name, name, 'archived_' || name);
        EXECUTE format('GRANT SELECT ON siem.%I TO siem, auditor, backup, replay', 'all_' || name);
    END LOOP;
END $$;

-- The catalogue is written by whoever exported, under the policy that said so; its audit row is the
-- tombstone. One row for each organisation that had something on the day.
ALTER TABLE siem.archived_days
    ADD COLUMN retention text CHECK (length(retention) BETWEEN 1 AND 400);
COMMENT ON COLUMN siem.archived_days.retention IS 'name and SHA-256 of the policy whose time is over';
CALL access.audited('siem.archived_days', 'archived_day', 'organisation_id', 'organisation_id');
CALL access.across_organisations('siem.archived_days', 'sentinel_owner',
    'a day moves when every organisation on it has exported it');
CALL access.across_organisations('siem.archived_days', 'jobs', 'finds days that are exported by all');
CALL access.across_organisations('siem.legal_holds', 'sentinel_owner', 'a legal hold wins');
GRANT SELECT ON siem.archived_days TO jobs;
GRANT INSERT ON siem.archived_days TO siem;

-- As before, and an archived day names the retention that it follows.
CREATE OR REPLACE FUNCTION siem.name_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    organisation uuid := coalesce(access.organisation_id(), NEW.organisation_id);
BEGIN
    IF NEW.metadata ? 'policy_set_sha256' THEN
        NEW.policy_version := 'set sha256:' || left(NEW.metadata ->> 'policy_set_sha256', 100);
        RETURN NEW;
    ELSIF NEW.entity_type = 'archived_day' THEN
        NEW.policy_version := NEW.metadata ->> 'retention';
        RETURN NEW;
    END IF;
    SELECT format('%s@%s sha256:%s', r.policy_name, r.policy_version, r.policy_sha256)
    INTO NEW.policy_version
    FROM siem.siem_findings f
    JOIN siem.correlation_rules r ON r.organisation_id = f.organisation_id AND r.id = f.rule_id
    WHERE f.organisation_id = organisation AND f.id = NEW.subject_id;
    RETURN NEW;
END $$;

CREATE FUNCTION siem.is_held(organisation uuid, wanted date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM siem.legal_holds
        WHERE organisation_id = organisation AND active
          AND held_from < ((wanted + 1)::timestamp AT TIME ZONE 'UTC')
          AND (held_until IS NULL OR held_until > (wanted::timestamp AT TIME ZONE 'UTC')))
$$;

CREATE FUNCTION siem.guard_archived_day() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF siem.is_held(NEW.organisation_id, NEW.day) THEN
        RAISE EXCEPTION 'the day % is under a legal hold', NEW.day
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT ON siem.archived_days
    FOR EACH ROW EXECUTE FUNCTION siem.guard_archived_day();
ALTER TABLE siem.archived_days ENABLE ALWAYS TRIGGER a_guard;

-- Days that are online, the oldest first.
CREATE FUNCTION siem.online_days() RETURNS SETOF date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'siem.raw_events'::regclass ORDER BY 1
$$;

-- The one way out. Refuses a day that an organisation has not exported in full, or that is under a legal
-- hold. What arrives late for an archived day gets a new day, which stays online.
CREATE FUNCTION siem.archive_day(wanted date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '10s' AS $$
DECLARE
    suffix   text := to_char(wanted, 'YYYYMMDD');
    parent   text;
    missing  uuid;
    dangling bigint;
    moved    bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('siem.create_days', 0));
    IF NOT EXISTS (SELECT FROM siem.online_days() AS day WHERE day = wanted) THEN
        RAISE EXCEPTION 'the day % is not online', wanted USING ERRCODE = 'no_data_found';
    ELSIF to_regclass('siem.archived_raw_events_' || suffix) IS NOT NULL THEN
        RAISE EXCEPTION 'the day % was archived before; what came late stays online', wanted
            USING ERRCODE = 'duplicate_object';
    END IF;
    -- Nobody writes to the day while it is counted.
    EXECUTE format('LOCK TABLE siem.%I IN ACCESS EXCLUSIVE MODE', 'raw_events_' || suffix);
    EXECUTE format('SELECT c.organisation_id FROM (
            SELECT organisation_id, count(*) AS rows FROM siem.%I GROUP BY organisation_id) AS c
        WHERE siem.is_held(c.organisation_id, $1) OR NOT EXISTS (SELECT FROM siem.archived_days a
            WHERE a.organisation_id = c.organisation_id AND a.day = $1 AND a.raw_events = c.rows)
        LIMIT 1', 'raw_events_' || suffix) INTO missing USING wanted;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'the day % is not exported in full, or held, for organisation %', wanted, missing
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- What points to raw events first, raw events last.
    FOREACH parent IN ARRAY ARRAY['event_enrichment', 'event_tags', 'events', 'ingest_failures'] LOOP
        EXECUTE format('ALTER TABLE siem.%I DROP CONSTRAINT IF EXISTS %I', parent || '_' || suffix,
            CASE WHEN parent LIKE 'event\_%' THEN 'of_event' ELSE 'of_raw_event' END);
    END LOOP;
    FOREACH parent IN ARRAY ARRAY['event_enrichment', 'event_tags', 'events', 'ingest_failures',
        'raw_events'] LOOP
        EXECUTE format('ALTER TABLE siem.%I DETACH PARTITION siem.%I', parent, parent || '_' || suffix);
        EXECUTE format('ALTER TABLE siem.%I RENAME TO %I', parent || '_' || suffix,
            'archived_' || parent || '_' || suffix);
        EXECUTE format('ALTER TABLE siem.%I ATTACH PARTITION siem.%I FOR VALUES FROM (%L) TO (%L)',
            'archived_' || parent, 'archived_' || parent || '_' || suffix,
            to_char(wanted, 'YYYY-MM-DD') || ' 00:00:00+00',
            to_char(wanted + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
        -- Row triggers come with the parent; that against TRUNCATE does not.
        EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON siem.%I
            FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_removal()',
            'archived_' || parent || '_' || suffix);
        EXECUTE format('ALTER TABLE siem.%I ENABLE ALWAYS TRIGGER append_only_table',
            'archived_' || parent || '_' || suffix);
    END LOOP;
    EXECUTE format('SELECT
        (SELECT count(*) FROM siem.%1$I e WHERE NOT EXISTS (SELECT FROM siem.%2$I r
            WHERE (r.organisation_id, r.id, r.key_time) = (e.organisation_id, e.raw_event_id, e.key_time)))
        + (SELECT count(*) FROM siem.%3$I t WHERE NOT EXISTS (SELECT FROM siem.%1$I e
            WHERE (e.organisation_id, e.id, e.key_time) = (t.organisation_id, t.event_id, t.key_time)))
        + (SELECT count(*) FROM siem.%4$I n WHERE NOT EXISTS (SELECT FROM siem.%1$I e
            WHERE (e.organisation_id, e.id, e.key_time) = (n.organisation_id, n.event_id, n.key_time)))
        + (SELECT count(*) FROM siem.%5$I f WHERE NOT EXISTS (SELECT FROM siem.%2$I r
            WHERE (r.organisation_id, r.id, r.key_time) = (f.organisation_id, f.raw_event_id, f.key_time)))',
        'archived_events_' || suffix, 'archived_raw_events_' || suffix,
        'archived_event_tags_' || suffix, 'archived_event_enrichment_' || suffix,
        'archived_ingest_failures_' || suffix) INTO dangling;
    IF dangling > 0 THEN
        RAISE EXCEPTION '% links of the day % would dangle', dangling, wanted
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    EXECUTE format('SELECT count(*) FROM siem.%I', 'archived_raw_events_' || suffix) INTO moved;
    RETURN moved;
END $$;
REVOKE EXECUTE ON FUNCTION siem.is_held(uuid, date), siem.guard_archived_day(), siem.online_days(),
    siem.archive_day(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION siem.is_held(uuid, date) TO siem;
GRANT EXECUTE ON FUNCTION siem.online_days() TO siem, jobs, auditor;
GRANT EXECUTE ON FUNCTION siem.archive_day(date) TO jobs;
