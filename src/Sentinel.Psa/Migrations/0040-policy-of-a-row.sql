-- Each audit row of a case names the policy under which the case stands: that of the escalation which
-- opened it, else that of its clock. Written by the trigger alone; it fires before the leaf is made.
CREATE INDEX ON psa.escalation_receipts (organisation_id, case_id, received_at);
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['psa.escalation_receipts', 'psa.case_sla', 'psa.sla_policies'] LOOP
        IF NOT EXISTS (SELECT FROM access.cross_organisation_roles
            WHERE table_name = name AND role_name = 'sentinel_owner') THEN
            EXECUTE format('CALL access.across_organisations(%L, ''sentinel_owner'', %L)', name,
                'audit rows name the policy of their case');
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION psa.name_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    organisation uuid := coalesce(access.organisation_id(), NEW.organisation_id);
BEGIN
    SELECT format('%s@%s sha256:%s', policy_name, policy_version, policy_sha256)
    INTO NEW.policy_version
    FROM psa.escalation_receipts
    WHERE organisation_id = organisation AND case_id = NEW.subject_id
    ORDER BY received_at LIMIT 1;
    IF NOT FOUND THEN
        SELECT format('%s sha256:%s', s.name, s.policy_sha256) INTO NEW.policy_version
        FROM psa.case_sla c
        JOIN psa.sla_policies s ON s.organisation_id = c.organisation_id AND s.id = c.sla_id
        WHERE c.organisation_id = organisation AND c.case_id = NEW.subject_id LIMIT 1;
    END IF;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION psa.name_policy() FROM PUBLIC;
CREATE TRIGGER a_policy BEFORE INSERT ON psa.audit_log
    FOR EACH ROW WHEN (NEW.subject_id IS NOT NULL) EXECUTE FUNCTION psa.name_policy();
ALTER TABLE psa.audit_log ENABLE ALWAYS TRIGGER a_policy;

-- A credential that opens nothing any more and is tried all the same: part of the log too. A secret
-- that nobody was ever given has no organisation, and leaves nothing.
CREATE FUNCTION access.note_refused_credential(secret text, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO psa.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
    SELECT c.organisation_id, 'credential.present.refused', 'credential', c.id, c.id,
        jsonb_build_object('reason', left(reason, 400))
    FROM psa.credentials c
    JOIN psa.organisations o ON o.id = c.organisation_id
    LEFT JOIN psa.users u ON u.id = c.user_id
    WHERE c.secret_sha256 = sha256(convert_to(secret, 'UTF8'))
      AND (c.expires_at <= clock_timestamp() OR o.status = 'suspended' OR u.status = 'disabled'
        OR EXISTS (SELECT FROM psa.credential_revocations r WHERE r.credential_id = c.id));
END $$;
REVOKE EXECUTE ON FUNCTION access.note_refused_credential(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.note_refused_credential(text, text) TO siem, psa, auditor;
