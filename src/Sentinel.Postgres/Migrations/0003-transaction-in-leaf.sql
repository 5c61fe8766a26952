-- The transaction of an audit row decides when the signer takes it: the leaf covers it as well, so that
-- no column of a row can change unnoticed. Rows from before keep their leaves.
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
        'transaction_id', NEW.transaction_id::text, 'metadata', NEW.metadata)
        || CASE WHEN NEW.policy_version IS NULL THEN '{}'
            ELSE jsonb_build_object('policy_version', NEW.policy_version) END), 'UTF8'));
    RETURN NEW;
END $$;
