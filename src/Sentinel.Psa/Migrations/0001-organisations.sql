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

-- Row-level security, the owner's way past it (access.present looks for a credential before anybody has
-- said whose it is), what may change, and the audit of it all.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['users', 'roles', 'role_permissions', 'user_roles', 'machines',
        'machine_permissions', 'credentials', 'credential_revocations'] LOOP
        EXECUTE format('CALL access.tenant(%L)', 'psa.' || name);
        EXECUTE format('CALL access.across_organisations(%L, ''sentinel_owner'', %L)', 'psa.' || name,
            'access.present and access.permitted look up who is asking');
        EXECUTE format('CALL access.across_organisations(%L, ''backup'', %L)', 'psa.' || name,
            'a dump holds every organisation');
    END LOOP;
END $$;

ALTER TABLE psa.organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE psa.organisations FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation ON psa.organisations TO siem, psa, auditor
    USING (id = (SELECT access.organisation_id()))
    WITH CHECK (id = (SELECT access.organisation_id()));
CALL access.across_organisations('psa.organisations', 'sentinel_owner',
    'access.present asks whether it is suspended');
CALL access.across_organisations('psa.organisations', 'jobs', 'recurring work runs for each organisation');
CALL access.across_organisations('psa.organisations', 'backup', 'a dump holds every organisation');

CALL access.mutable('psa.organisations', ARRAY['status'], 'an organisation is suspended and comes back');
CALL access.mutable('psa.users', ARRAY['status', 'display_name'],
    'a person leaves, comes back, or takes another name');
CALL access.append_only('psa.organisations', 'status');
CALL access.append_only('psa.users', 'status', 'display_name');
CALL access.append_only('psa.roles');
CALL access.append_only('psa.role_permissions');
CALL access.append_only('psa.user_roles');
CALL access.append_only('psa.machines');
CALL access.append_only('psa.machine_permissions');
CALL access.append_only('psa.credentials');
CALL access.append_only('psa.credential_revocations');

CALL access.audited('psa.organisations', 'organisation', 'id', 'id');
CALL access.audited('psa.users', 'user', 'id', 'id');
CALL access.audited('psa.roles', 'role', 'id', 'id');
CALL access.audited('psa.role_permissions', 'role_permission', 'role_id', 'role_id');
CALL access.audited('psa.user_roles', 'user_role', 'user_id', 'user_id');
CALL access.audited('psa.machines', 'machine', 'id', 'id');
CALL access.audited('psa.machine_permissions', 'machine_permission', 'machine_id', 'machine_id');
CALL access.audited('psa.credentials', 'credential', 'id', 'id');
CALL access.audited('psa.credential_revocations', 'credential_revocation', 'credential_id',
    'credential_id');

GRANT SELECT ON psa.organisations, psa.users, psa.roles, psa.role_permissions, psa.user_roles,
    psa.machines, psa.machine_permissions, psa.credential_revocations TO psa, auditor, backup;
GRANT SELECT ON psa.organisations TO jobs;
-- Whoever holds a secret's hash still cannot sign in; it is hidden all the same.
GRANT SELECT (id, organisation_id, kind, user_id, machine_id, on_behalf_of, created_at, expires_at)
    ON psa.credentials TO psa, auditor;
GRANT SELECT ON psa.credentials TO backup;
GRANT INSERT ON psa.users, psa.roles, psa.role_permissions, psa.user_roles, psa.machines,
    psa.machine_permissions, psa.credentials, psa.credential_revocations TO psa;
GRANT UPDATE (status, display_name) ON psa.users TO psa;
GRANT UPDATE (status) ON psa.organisations TO psa;

-- Says who is asking, for the rest of this transaction. The one way in; the secret is never stored.
CREATE FUNCTION access.present(secret text)
RETURNS TABLE (credential_id uuid, organisation_id uuid, actor_id uuid, actor_kind text, on_behalf_of uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    holder record;
BEGIN
    SELECT c.id, c.organisation_id, c.kind, coalesce(c.user_id, c.machine_id) AS actor, c.on_behalf_of,
        c.expires_at, o.status AS organisation_status, u.status AS user_status,
        r.credential_id IS NOT NULL AS revoked
    INTO holder
    FROM psa.credentials c
    JOIN psa.organisations o ON o.id = c.organisation_id
    LEFT JOIN psa.users u ON u.id = c.user_id
    LEFT JOIN psa.credential_revocations r ON r.credential_id = c.id
    WHERE c.secret_sha256 = sha256(convert_to(secret, 'UTF8'));
    IF holder.id IS NULL THEN
        RAISE EXCEPTION 'the credential is unknown: sign in again or ask for a new token'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF holder.revoked THEN
        RAISE EXCEPTION 'the credential was revoked: ask for a new token'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF holder.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the credential expired on %: ask for a new token',
            to_char(holder.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF holder.organisation_status = 'suspended' THEN
        RAISE EXCEPTION 'the organisation is suspended: it keeps everything and can do nothing'
            USING ERRCODE = 'invalid_authorization_specification';
    ELSIF holder.user_status = 'disabled' THEN
        RAISE EXCEPTION 'the user is disabled: ask an administrator'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF EXISTS (
        SELECT FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id()
          AND p.credential_id <> holder.id) THEN
        RAISE EXCEPTION 'another credential was presented in this transaction'
            USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    INSERT INTO access.presented AS p
    VALUES (pg_backend_pid(), pg_current_xact_id(), holder.id, holder.organisation_id, holder.actor,
        holder.kind, holder.on_behalf_of)
    ON CONFLICT (backend) DO UPDATE SET transaction_id = excluded.transaction_id,
        credential_id = excluded.credential_id, organisation_id = excluded.organisation_id,
        actor_id = excluded.actor_id, actor_kind = excluded.actor_kind,
        on_behalf_of = excluded.on_behalf_of;
    RETURN QUERY SELECT holder.id, holder.organisation_id, holder.actor, holder.kind, holder.on_behalf_of;
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
