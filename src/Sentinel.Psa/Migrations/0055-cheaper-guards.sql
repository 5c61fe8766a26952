-- What may never change is compared in place (access/0006), in every table of this schema.
CALL access.guard_columns('psa');

-- Asked by every guard: kept as a plan for the session, as who is asking is (access/0006).
CREATE OR REPLACE FUNCTION access.permitted(wanted text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
DECLARE
    organisation uuid := access.organisation_id();
    actor uuid := access.actor_id();
    owner_of_duties uuid := access.on_behalf_of();
BEGIN
    RETURN EXISTS (
        SELECT FROM psa.user_roles u JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE u.organisation_id = organisation AND p.permission = wanted
          AND u.ended_at IS NULL AND (u.user_id = actor
            OR u.user_id = owner_of_duties AND EXISTS (
                SELECT FROM psa.delegations d JOIN psa.users owner
                  ON owner.organisation_id = d.organisation_id AND owner.id = d.delegator_id
                WHERE d.organisation_id = u.organisation_id AND owner.status = 'active'
                  AND d.delegator_id = u.user_id AND d.delegate_id = actor
                  AND d.ended_at IS NULL AND d.valid_from <= clock_timestamp()
                  AND d.valid_until > clock_timestamp()))
        UNION ALL
        SELECT FROM psa.machine_permissions m
        WHERE m.organisation_id = organisation AND m.machine_id = actor AND m.permission = wanted
        UNION ALL
        SELECT FROM psa.glass_breaks g
        WHERE g.organisation_id = organisation AND g.broken_by = actor
          AND owner_of_duties IS NULL AND g.permission = wanted AND g.mended_at IS NULL
          AND clock_timestamp() < g.broken_at + g.minutes * interval '1 minute');
END $$;
