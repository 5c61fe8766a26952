-- Who is asking, and what nobody may do. Migrator made the roles, the schemas and access.migrations.
-- Everything here belongs to sentinel_owner, which cannot log in.

-- The credential that a transaction presented. Only access.present writes here, so that triggers and
-- policies can believe it; a setting could be forged. Unlogged: after a crash no transaction is left.
CREATE UNLOGGED TABLE access.presented (
    backend         integer PRIMARY KEY,
    transaction_id  xid8 NOT NULL,
    credential_id   uuid NOT NULL,
    organisation_id uuid NOT NULL,
    actor_id        uuid NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('person', 'machine')),
    on_behalf_of    uuid
);
ALTER TABLE access.presented ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.presented FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_alone ON access.presented TO sentinel_owner USING (true) WITH CHECK (true);

CREATE FUNCTION access.organisation_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT organisation_id FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned()
$$;

CREATE FUNCTION access.actor_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT actor_id FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned()
$$;

CREATE FUNCTION access.actor_kind() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT actor_kind FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned()
$$;

CREATE FUNCTION access.on_behalf_of() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT on_behalf_of FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned()
$$;

CREATE FUNCTION access.credential_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT credential_id FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned()
$$;

-- The approved lists. A test compares the catalogue with them; a reason is part of every row.
CREATE TABLE access.mutable_columns (
    table_name  text NOT NULL,
    column_name text NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (table_name, column_name)
);

CREATE TABLE access.cross_organisation_roles (
    table_name text NOT NULL,
    role_name  text NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (table_name, role_name)
);

-- Row-level security, forced: the siem, psa and auditor roles see the presented organisation only.
CREATE PROCEDURE access.tenant(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY organisation ON %s TO siem, psa, auditor
         USING (organisation_id = (SELECT access.organisation_id()))
         WITH CHECK (organisation_id = (SELECT access.organisation_id()))', target);
END $$;

-- Lets a role that works for every organisation (jobs, signer, replay, backup, the owner) past it.
CREATE PROCEDURE access.across_organisations(target regclass, role_name text, reason text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE POLICY across_%s ON %s TO %I USING (true) WITH CHECK (true)',
        role_name, target, role_name);
    INSERT INTO access.cross_organisation_roles VALUES (target::text, role_name, reason);
END $$;

CREATE FUNCTION access.refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: nothing is deleted, what must go leaves a tombstone',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION access.refuse_other_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(after.key, ', ' ORDER BY after.key) INTO changed
    FROM jsonb_each(to_jsonb(NEW)) AS after
    JOIN jsonb_each(to_jsonb(OLD)) AS before ON before.key = after.key
    WHERE before.value IS DISTINCT FROM after.value AND NOT after.key = ANY (TG_ARGV);
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'UPDATE on %.% is refused: % may never change', TG_TABLE_SCHEMA,
            TG_TABLE_NAME, changed USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Append-only but for the named columns. Triggers fire ALWAYS: session_replication_role is no way round.
CREATE PROCEDURE access.append_only(target regclass, VARIADIC mutable text[] DEFAULT '{}')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER append_only_rows BEFORE DELETE ON %s
         FOR EACH ROW EXECUTE FUNCTION access.refuse_removal()', target);
    EXECUTE format(
        'CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %s
         FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_removal()', target);
    EXECUTE format(
        'CREATE TRIGGER append_only_columns BEFORE UPDATE ON %s
         FOR EACH ROW EXECUTE FUNCTION access.refuse_other_columns(%s)', target,
        (SELECT string_agg(quote_literal(name), ', ') FROM unnest(mutable) AS name));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_rows', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_table', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_columns', target);
END $$;

-- Puts columns on the approved list of what may change, with the reason; call before append_only.
CREATE PROCEDURE access.mutable(target regclass, columns text[], reason text) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO access.mutable_columns SELECT target::text, name, reason FROM unnest(columns) AS name;
END $$;

-- A number as ECMAScript writes it (RFC 8785) where it has up to 15 digits, which every double keeps;
-- a longer one is written in full, so that two numbers never share a text.
CREATE FUNCTION access.canonical_number(value numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
DECLARE
    plain    text := trim_scale(abs(value))::text;
    whole    text := ltrim(split_part(plain, '.', 1), '0');
    fraction text := split_part(plain, '.', 2);
    digits   text := trim(BOTH '0' FROM whole || fraction);
    point    integer := CASE WHEN whole <> '' THEN length(whole)
        ELSE length(ltrim(fraction, '0')) - length(fraction) END;
    sign     text := CASE WHEN value < 0 THEN '-' ELSE '' END;
BEGIN
    IF value = 0 THEN
        RETURN '0';
    ELSIF point BETWEEN -5 AND 21 OR length(digits) > 15 THEN
        RETURN sign || plain;
    END IF;
    RETURN sign || left(digits, 1) || CASE WHEN length(digits) > 1 THEN '.' || substr(digits, 2)
        ELSE '' END || 'e' || CASE WHEN point > 0 THEN '+' ELSE '-' END || abs(point - 1);
END $$;

-- RFC 8785. Keys sort by UTF-16 code units: UTF-8 bytes in which the lead bytes of U+E000 to U+FFFF
-- move behind those of the supplementary planes.
CREATE FUNCTION access.canonical_json(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
BEGIN
    CASE jsonb_typeof(value)
        WHEN 'object' THEN
            RETURN '{' || coalesce((
                SELECT string_agg(to_json(key)::text || ':' || access.canonical_json(member), ','
                    ORDER BY translate(convert_from(convert_to(key, 'UTF8'), 'LATIN1'),
                        U&'\00EE\00EF', U&'\00F5\00F6') COLLATE "C")
                FROM jsonb_each(value) AS members(key, member)), '') || '}';
        WHEN 'array' THEN
            RETURN '[' || coalesce((
                SELECT string_agg(access.canonical_json(element), ',' ORDER BY place)
                FROM jsonb_array_elements(value) WITH ORDINALITY AS elements(element, place)), '')
                || ']';
        WHEN 'string' THEN RETURN to_json(value #>> '{}')::text;
        WHEN 'number' THEN RETURN access.canonical_number(value::numeric);
        ELSE RETURN value::text;
    END CASE;
END $$;

CREATE FUNCTION access.canonical_time(value timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT to_char(value AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- Fills in what the writer may not choose: actor, credential, time, place in the log and leaf.
-- The leaf hash is RFC 6962's: SHA-256 over 0x00 and the row as canonical JSON.
CREATE FUNCTION access.complete_audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    NEW.actor_id := coalesce(access.actor_id(), '00000000-0000-0000-0000-000000000000');
    NEW.actor_kind := coalesce(access.actor_kind(), 'system');
    NEW.on_behalf_of := access.on_behalf_of();
    NEW.credential_id := access.credential_id();
    NEW.organisation_id := coalesce(access.organisation_id(), NEW.organisation_id);
    NEW.timestamp := clock_timestamp();
    NEW.transaction_id := pg_current_xact_id();
    NEW.leaf_hash := sha256('\x00'::bytea || convert_to(access.canonical_json(jsonb_build_object(
        'id', NEW.id, 'organisation_id', NEW.organisation_id, 'actor_id', NEW.actor_id,
        'actor_kind', NEW.actor_kind, 'on_behalf_of', NEW.on_behalf_of,
        'credential_id', NEW.credential_id, 'action', NEW.action,
        'entity_type', NEW.entity_type, 'entity_id', NEW.entity_id, 'subject_id', NEW.subject_id,
        'timestamp', access.canonical_time(NEW.timestamp), 'position', NEW.position,
        'metadata', NEW.metadata)), 'UTF8'));
    RETURN NEW;
END $$;

-- Both audit logs are this table, under their schemas. subject_id is the case (psa) or the finding or
-- batch (siem) whose story the row belongs to.
CREATE PROCEDURE access.create_audit_log(schema_name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($ddl$
        CREATE TABLE %1$I.audit_log (
            id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            organisation_id uuid NOT NULL,
            actor_id        uuid NOT NULL,
            actor_kind      text NOT NULL CHECK (actor_kind IN ('person', 'machine', 'system')),
            on_behalf_of    uuid,
            credential_id   uuid,
            action          text NOT NULL,
            entity_type     text NOT NULL,
            entity_id       uuid,
            subject_id      uuid,
            timestamp       timestamptz NOT NULL,
            metadata        jsonb NOT NULL DEFAULT '{}',
            position        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
            transaction_id  xid8 NOT NULL,
            leaf_hash       bytea NOT NULL CHECK (length(leaf_hash) = 32),
            UNIQUE (id, leaf_hash)
        );
        CREATE INDEX ON %1$I.audit_log (organisation_id, subject_id, position);
        CREATE INDEX ON %1$I.audit_log (transaction_id);
        CREATE TRIGGER complete BEFORE INSERT ON %1$I.audit_log
            FOR EACH ROW EXECUTE FUNCTION access.complete_audit_row();
        ALTER TABLE %1$I.audit_log ENABLE ALWAYS TRIGGER complete;

        -- The tree beside the log: leaves in the order in which the signer took them. A checkpoint holds
        -- all rows of transactions before its horizon, when none of them was running any more; from its
        -- frontier (the roots of the tree's full subtrees) the tree goes on.
        CREATE TABLE %1$I.audit_leaves (
            leaf_index  bigint PRIMARY KEY CHECK (leaf_index >= 0),
            audit_id    uuid NOT NULL UNIQUE,
            leaf_hash   bytea NOT NULL,
            FOREIGN KEY (audit_id, leaf_hash) REFERENCES %1$I.audit_log (id, leaf_hash)
        );
        CREATE TABLE %1$I.audit_checkpoints (
            tree_size   bigint PRIMARY KEY CHECK (tree_size > 0),
            root_hash   bytea NOT NULL CHECK (length(root_hash) = 32),
            note        text NOT NULL,
            frontier    bytea NOT NULL,
            horizon     xid8 NOT NULL,
            created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
        );
    $ddl$, schema_name);
    EXECUTE format('CALL access.append_only(%L)', schema_name || '.audit_log');
    EXECUTE format('CALL access.append_only(%L)', schema_name || '.audit_leaves');
    EXECUTE format('CALL access.append_only(%L)', schema_name || '.audit_checkpoints');
    EXECUTE format('CALL access.tenant(%L)', schema_name || '.audit_log');
    EXECUTE format('CALL access.across_organisations(%L, ''sentinel_owner'', %L)',
        schema_name || '.audit_log', 'audit triggers write as the owner');
    EXECUTE format('CALL access.across_organisations(%L, ''signer'', %L)',
        schema_name || '.audit_log', 'one tree covers every organisation');
    EXECUTE format('CALL access.across_organisations(%L, ''backup'', %L)',
        schema_name || '.audit_log', 'a dump holds every organisation');
    EXECUTE format('GRANT SELECT ON %1$I.audit_log, %1$I.audit_leaves, %1$I.audit_checkpoints
        TO signer, auditor, backup', schema_name);
    EXECUTE format('GRANT INSERT ON %1$I.audit_leaves, %1$I.audit_checkpoints TO signer', schema_name);
    -- A context reads its own log, and notes there what changes no row (a refusal, a sign-in, a reading);
    -- it names neither actor, nor time, nor place.
    IF schema_name IN ('siem', 'psa') THEN
        EXECUTE format('GRANT SELECT ON %1$I.audit_log, %1$I.audit_leaves, %1$I.audit_checkpoints TO %1$I',
            schema_name);
        EXECUTE format('GRANT INSERT (organisation_id, action, entity_type, entity_id, subject_id, metadata)
            ON %1$I.audit_log TO %1$I', schema_name);
    END IF;
END $$;

-- The row's own audit, in the row's own transaction, whoever writes it.
-- Arguments: the entity's name; the column that holds its id; the column that holds the subject's id.
CREATE FUNCTION access.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    -- The hash of a secret is nobody's to read, in the log as elsewhere.
    after  jsonb := to_jsonb(NEW) - 'secret_sha256';
    before jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
    verb   text := 'created';
    detail jsonb;
BEGIN
    IF TG_OP = 'INSERT' THEN
        detail := jsonb_strip_nulls(after - ARRAY['id', 'organisation_id']);
    ELSE
        SELECT jsonb_object_agg(key, jsonb_build_array(before -> key, value)) INTO detail
        FROM jsonb_each(after) WHERE value IS DISTINCT FROM before -> key;
        IF detail IS NULL THEN
            RETURN NULL;
        END IF;
        verb := CASE WHEN detail ? 'status' THEN after ->> 'status' ELSE 'changed' END;
    END IF;
    EXECUTE format(
        'INSERT INTO %I.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
         VALUES ($1, $2, $3, $4, $5, $6)', TG_TABLE_SCHEMA)
    USING coalesce(after ->> 'organisation_id', after ->> 'id')::uuid, TG_ARGV[0] || '.' || verb, TG_ARGV[0],
        (after ->> TG_ARGV[1])::uuid, (after ->> TG_ARGV[2])::uuid, detail;
    RETURN NULL;
END $$;

CREATE PROCEDURE access.audited(target regclass, entity text, id_column text, subject_column text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER audited AFTER INSERT OR UPDATE ON %s
        FOR EACH ROW EXECUTE FUNCTION access.audit_row(%L, %L, %L)',
        target, entity, id_column, subject_column);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audited', target);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;
REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.organisation_id(), access.actor_id(), access.actor_kind(),
    access.on_behalf_of(), access.credential_id(), access.canonical_json(jsonb),
    access.canonical_number(numeric), access.canonical_time(timestamptz)
    TO siem, psa, jobs, replay, signer, auditor, backup;
GRANT SELECT ON access.mutable_columns, access.cross_organisation_roles TO auditor, backup;

CALL access.mutable('access.presented', ARRAY['backend', 'transaction_id', 'credential_id',
    'organisation_id', 'actor_id', 'actor_kind', 'on_behalf_of'],
    'one row a backend, written anew by each transaction; only access.present reaches it');
CALL access.append_only('access.mutable_columns');
CALL access.append_only('access.cross_organisation_roles');
CALL access.append_only('access.migrations');
