-- Organisations, the people who work in Sentinel, and the credentials that say who is asking.

CREATE TABLE psa.organisations (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
    type       text NOT NULL CHECK (type IN ('internal', 'customer', 'lab')),
    status     text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    created_at timestamptz NOT NULL
);

CREATE TABLE psa.users (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    email           text NOT NULL CHECK (length(email) BETWEEN 3 AND 320),
    display_name    text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    status          text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, email)
);

CREATE TABLE psa.roles (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    scope           text NOT NULL CHECK (scope IN ('organisation', 'case', 'task', 'evidence')),
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, name)
);

-- What a role may do: 'case.close', 'task.complete', 'evidence.attach', ...
CREATE TABLE psa.role_permissions (
    organisation_id uuid NOT NULL,
    role_id         uuid NOT NULL,
    permission      text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    PRIMARY KEY (role_id, permission),
    FOREIGN KEY (organisation_id, role_id) REFERENCES psa.roles (organisation_id, id)
);

CREATE TABLE psa.user_roles (
    organisation_id uuid NOT NULL,
    user_id         uuid NOT NULL,
    role_id         uuid NOT NULL,
    PRIMARY KEY (user_id, role_id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, role_id) REFERENCES psa.roles (organisation_id, id)
);

-- Programs that act under their own name: collectors, the workflow executor, the dock.
CREATE TABLE psa.machines (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    created_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, name)
);

CREATE TABLE psa.machine_permissions (
    organisation_id uuid NOT NULL,
    machine_id      uuid NOT NULL,
    permission      text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    PRIMARY KEY (machine_id, permission),
    FOREIGN KEY (organisation_id, machine_id) REFERENCES psa.machines (organisation_id, id)
);

CREATE TABLE psa.credentials (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES psa.organisations (id),
    kind            text NOT NULL CHECK (kind IN ('person', 'machine')),
    user_id         uuid,
    machine_id      uuid,
    on_behalf_of    uuid,
    secret_sha256   bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL CHECK (expires_at > created_at),
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, machine_id) REFERENCES psa.machines (organisation_id, id),
    FOREIGN KEY (organisation_id, on_behalf_of) REFERENCES psa.users (organisation_id, id),
    CHECK ((kind = 'person') = (user_id IS NOT NULL) AND (kind = 'machine') = (machine_id IS NOT NULL)),
    CHECK (on_behalf_of IS NULL OR kind = 'person' AND on_behalf_of <> user_id)
);

CREATE TABLE psa.credential_revocations (
    credential_id   uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    revoked_at      timestamptz NOT NULL,
    reason          text NOT NULL,
    FOREIGN KEY (organisation_id, credential_id) REFERENCES psa.credentials (organisation_id, id)
);

CALL access.create_audit_log('psa');

-- Says who is asking, for the rest of this transaction. The one way in; the secret is never stored.
CREATE FUNCTION access.present(secret text)
RETURNS TABLE (credential_id uuid, organisation_id uuid, actor_id uuid, actor_kind text, on_behalf_of uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    found record;
BEGIN
    SELECT c.id, c.organisation_id, c.kind, coalesce(c.user_id, c.machine_id) AS actor, c.on_behalf_of,
        c.expires_at, o.status AS organisation_status, u.status AS user_status,
        r.credential_id IS NOT NULL AS revoked
    INTO found
    FROM psa.credentials c
    JOIN psa.organisations o ON o.id = c.organisation_id
    LEFT JOIN psa.users u ON u.id = c.user_id
    LEFT JOIN psa.credential_revocations r ON r.credential_id = c.id
    WHERE c.secret_sha256 = sha256(convert_to(secret, 'UTF8'));
    IF found IS NULL OR found.id IS NULL THEN
        RAISE EXCEPTION 'the credential is unknown: sign in again or ask for a new token'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF found.revoked THEN
        RAISE EXCEPTION 'the credential was revoked: ask for a new token'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF found.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the credential expired on %: ask for a new token',
            to_char(found.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF found.organisation_status = 'suspended' THEN
        RAISE EXCEPTION 'the organisation is suspended: it keeps everything and can do nothing'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF found.user_status = 'disabled' THEN
        RAISE EXCEPTION 'the user is disabled: ask an administrator'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF EXISTS (
        SELECT FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id()
          AND p.credential_id <> found.id) THEN
        RAISE EXCEPTION 'another credential was presented in this transaction'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    INSERT INTO access.presented AS p
    VALUES (pg_backend_pid(), pg_current_xact_id(), found.id, found.organisation_id, found.actor,
        found.kind, found.on_behalf_of)
    ON CONFLICT (backend) DO UPDATE SET transaction_id = excluded.transaction_id,
        credential_id = excluded.credential_id, organisation_id = excluded.organisation_id,
        actor_id = excluded.actor_id, actor_kind = excluded.actor_kind,
        on_behalf_of = excluded.on_behalf_of;
    RETURN QUERY SELECT found.id, found.organisation_id, found.actor, found.kind, found.on_behalf_of;
END $$;
REVOKE EXECUTE ON FUNCTION access.present(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.present(text) TO siem, psa, auditor;

-- Whether the presented actor may do this: by role for people, by grant for machines.
CREATE FUNCTION access.permitted(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM psa.user_roles u JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE u.organisation_id = access.organisation_id() AND u.user_id = access.actor_id()
          AND p.permission = wanted
        UNION ALL
        SELECT FROM psa.machine_permissions m
        WHERE m.organisation_id = access.organisation_id() AND m.machine_id = access.actor_id()
          AND m.permission = wanted)
$$;
REVOKE EXECUTE ON FUNCTION access.permitted(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.permitted(text) TO siem, psa, auditor;
