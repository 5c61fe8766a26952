-- The case itself says which policy opened it: one look by its key, and its first row knows it too.
CREATE OR REPLACE FUNCTION psa.name_policy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    organisation uuid := coalesce(access.organisation_id(), NEW.organisation_id);
    found_case   psa.cases;
BEGIN
    SELECT * INTO found_case FROM psa.cases WHERE organisation_id = organisation AND id = NEW.subject_id;
    IF found_case.policy_name IS NOT NULL THEN
        NEW.policy_version := format('%s@%s sha256:%s', found_case.policy_name,
            found_case.policy_version, found_case.policy_sha256);
    ELSIF found_case.id IS NOT NULL THEN
        SELECT format('%s sha256:%s', s.name, s.policy_sha256) INTO NEW.policy_version
        FROM psa.case_sla c
        JOIN psa.sla_policies s ON s.organisation_id = c.organisation_id AND s.id = c.sla_id
        WHERE c.organisation_id = organisation AND c.case_id = NEW.subject_id LIMIT 1;
    END IF;
    RETURN NEW;
END $$;
