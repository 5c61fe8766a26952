-- Each audit row of detection names its policy: a batch the set that judged it, a finding and what
-- follows from it the rule's text.
CALL access.across_organisations('siem.siem_findings', 'sentinel_owner',
    'audit rows name the policy of their finding');

CREATE FUNCTION siem.name_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    organisation uuid := coalesce(access.organisation_id(), NEW.organisation_id);
BEGIN
    IF NEW.metadata ? 'policy_set_sha256' THEN
        NEW.policy_version := 'set sha256:' || left(NEW.metadata ->> 'policy_set_sha256', 100);
        RETURN NEW;
    END IF;
    SELECT format('%s@%s sha256:%s', r.policy_name, r.policy_version, r.policy_sha256)
    INTO NEW.policy_version
    FROM siem.siem_findings f
    JOIN siem.correlation_rules r ON r.organisation_id = f.organisation_id AND r.id = f.rule_id
    WHERE f.organisation_id = organisation AND f.id = NEW.subject_id;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION siem.name_policy() FROM PUBLIC;
CREATE TRIGGER a_policy BEFORE INSERT ON siem.audit_log
    FOR EACH ROW WHEN (NEW.subject_id IS NOT NULL) EXECUTE FUNCTION siem.name_policy();
ALTER TABLE siem.audit_log ENABLE ALWAYS TRIGGER a_policy;
