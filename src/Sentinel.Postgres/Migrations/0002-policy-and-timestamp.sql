-- Each audit row also names the policy under which it came about, and heads may carry the time of an
-- authority that is not ours.

-- As before, and the policy where there is one: rows from before it keep their leaves.
CREATE OR REPLACE FUNCTION access.complete_audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    asking access.presented;
BEGIN
    SELECT * INTO asking FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned();
    NEW.actor_id := coalesce(asking.actor_id, '00000000-0000-0000-0000-000000000000');
    NEW.actor_kind := coalesce(asking.actor_kind, 'system');
    NEW.on_behalf_of := asking.on_behalf_of;
    NEW.credential_id := asking.credential_id;
    NEW.organisation_id := coalesce(asking.organisation_id, NEW.organisation_id);
    NEW.timestamp := clock_timestamp();
    NEW.transaction_id := pg_current_xact_id();
    NEW.leaf_hash := sha256('\x00'::bytea || convert_to(access.canonical_json(jsonb_build_object(
        'id', NEW.id, 'organisation_id', NEW.organisation_id, 'actor_id', NEW.actor_id,
        'actor_kind', NEW.actor_kind, 'on_behalf_of', NEW.on_behalf_of,
        'credential_id', NEW.credential_id, 'action', NEW.action,
        'entity_type', NEW.entity_type, 'entity_id', NEW.entity_id, 'subject_id', NEW.subject_id,
        'timestamp', access.canonical_time(NEW.timestamp), 'position', NEW.position,
        'metadata', NEW.metadata)
        || CASE WHEN NEW.policy_version IS NULL THEN '{}'
            ELSE jsonb_build_object('policy_version', NEW.policy_version) END), 'UTF8'));
    RETURN NEW;
END $$;

CREATE PROCEDURE access.extend_audit_log(schema_name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($ddl$
        ALTER TABLE %1$I.audit_log
            ADD COLUMN policy_version text CHECK (length(policy_version) BETWEEN 1 AND 400);

        -- RFC 3161: a time-stamp authority's token over a checkpoint's note.
        CREATE TABLE %1$I.audit_timestamps (
            tree_size  bigint PRIMARY KEY REFERENCES %1$I.audit_checkpoints (tree_size),
            token      bytea NOT NULL CHECK (length(token) BETWEEN 1 AND 65536),
            stamped_at timestamptz NOT NULL
        );
        GRANT SELECT ON %1$I.audit_timestamps TO signer, auditor, backup;
        GRANT INSERT ON %1$I.audit_timestamps TO signer;
    $ddl$, schema_name);
    EXECUTE format('CALL access.append_only(%L)', schema_name || '.audit_timestamps');
END $$;

ALTER PROCEDURE access.create_audit_log(text) RENAME TO create_first_audit_log;
CREATE PROCEDURE access.create_audit_log(schema_name text) LANGUAGE plpgsql AS $$
BEGIN
    CALL access.create_first_audit_log(schema_name);
    CALL access.extend_audit_log(schema_name);
END $$;
REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA access FROM PUBLIC;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = 'audit_log' AND n.nspowner = 'sentinel_owner'::regrole LOOP
        CALL access.extend_audit_log(name);
    END LOOP;
END $$;
