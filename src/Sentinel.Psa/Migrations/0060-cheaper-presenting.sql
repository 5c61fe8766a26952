-- Every transaction presents a credential first. Whether it opens anything is decided where it is read: each expression
-- of a PL/pgSQL function is made ready once for each transaction, and took longer than the statements.
CREATE OR REPLACE FUNCTION access.present(secret text)
RETURNS TABLE (credential_id uuid, organisation_id uuid, actor_id uuid, actor_kind text, on_behalf_of uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    refusal text;
BEGIN
    SELECT c.id, c.organisation_id, coalesce(c.user_id, c.machine_id), c.kind, c.on_behalf_of,
        CASE
            WHEN r.credential_id IS NOT NULL THEN 'the credential was revoked: ask for a new token'
            WHEN c.expires_at <= clock_timestamp() THEN format('the credential expired on %s: ask for a new token',
                to_char(c.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'))
            WHEN o.status = 'suspended' THEN
                'the organisation is suspended: it keeps everything and can do nothing'
            WHEN u.status = 'disabled' THEN 'the user is disabled: ask an administrator'
        END
    INTO credential_id, organisation_id, actor_id, actor_kind, on_behalf_of, refusal
    FROM psa.credentials c
    JOIN psa.organisations o ON o.id = c.organisation_id
    LEFT JOIN psa.users u ON u.id = c.user_id
    LEFT JOIN psa.credential_revocations r ON r.credential_id = c.id
    WHERE c.secret_sha256 = sha256(convert_to(secret, 'UTF8'));
    IF refusal IS NULL AND FOUND THEN
        INSERT INTO access.presented AS p
        VALUES (pg_backend_pid(), pg_current_xact_id(), credential_id, organisation_id, actor_id, actor_kind,
            on_behalf_of)
        ON CONFLICT (backend) DO UPDATE SET transaction_id = excluded.transaction_id,
            credential_id = excluded.credential_id, organisation_id = excluded.organisation_id,
            actor_id = excluded.actor_id, actor_kind = excluded.actor_kind,
            on_behalf_of = excluded.on_behalf_of
        WHERE p.transaction_id <> excluded.transaction_id OR p.credential_id = excluded.credential_id;
        IF FOUND THEN
            RETURN NEXT;
            RETURN;
        END IF;
        refusal := 'another credential was presented in this transaction';
    END IF;
    RAISE EXCEPTION '%', coalesce(refusal, 'the credential is unknown: sign in again or ask for a new token')
        USING ERRCODE = 'invalid_authorization_specification';
END $$;

-- As in every other table (access/0007).
ALTER POLICY organisation ON psa.organisations
    USING (id = (SELECT p.organisation_id FROM access.presentation p))
    WITH CHECK (id = (SELECT p.organisation_id FROM access.presentation p));
