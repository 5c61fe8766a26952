-- Policy text as it was published: immutable versions, approved by a second person, active by
-- derivation. Casework's role writes, since people publish; detection reads.
-- Audit rows go to psa.audit_log: one log of what people decided, one tree, one seal.

CREATE TABLE policy.policy_versions (
    organisation_id     uuid NOT NULL,
    id                  uuid NOT NULL,
    path                text NOT NULL CHECK (length(path) BETWEEN 1 AND 500),
    version             integer NOT NULL CHECK (version > 0),
    text                text NOT NULL CHECK (length(text) <= 65536),
    sha256              text NOT NULL CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
    logic               jsonb NOT NULL,
    author              uuid NOT NULL,
    author_on_behalf_of uuid,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, path, version)
);
COMMENT ON COLUMN policy.policy_versions.author IS 'nil for the bootstrap entry alone';
CREATE INDEX ON policy.policy_versions (organisation_id, sha256);

CREATE TABLE policy.policy_approvals (
    organisation_id   uuid NOT NULL,
    id                uuid NOT NULL,
    policy_version_id uuid NOT NULL,
    approver          uuid NOT NULL,
    on_behalf_of      uuid,
    approved_at       timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, id),
    UNIQUE (organisation_id, policy_version_id),
    FOREIGN KEY (organisation_id, policy_version_id)
        REFERENCES policy.policy_versions (organisation_id, id)
);

-- Of each path the latest activation counts.
CREATE TABLE policy.policy_activations (
    organisation_id   uuid NOT NULL,
    id                uuid NOT NULL,
    policy_version_id uuid NOT NULL,
    activated_by      uuid NOT NULL,
    activated_at      timestamptz NOT NULL,
    position          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, policy_version_id)
        REFERENCES policy.policy_versions (organisation_id, id)
);
CREATE INDEX ON policy.policy_activations (organisation_id, policy_version_id);

-- The owner writes the shipped policies when an organisation is founded; nobody signs in as the owner.
CREATE FUNCTION policy.guard_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF current_user = 'sentinel_owner' THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('policy.publish');
    PERFORM psa.require('policy.publish');
    PERFORM psa.require_self('author', NEW.author);
    NEW.author_on_behalf_of := access.on_behalf_of();
    IF NEW.version <> 1 + coalesce((SELECT max(version) FROM policy.policy_versions
        WHERE organisation_id = NEW.organisation_id AND path = NEW.path), 0) THEN
        PERFORM psa.refuse('policy.publish.version', 'somebody published this file meanwhile',
            'look at their version, then publish again');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION policy.guard_approval() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    published record;
BEGIN
    PERFORM psa.require_person('policy.approve');
    PERFORM psa.require('policy.approve');
    PERFORM psa.require_self('approver', NEW.approver);
    NEW.on_behalf_of := access.on_behalf_of();
    SELECT author, author_on_behalf_of INTO published FROM policy.policy_versions
    WHERE organisation_id = NEW.organisation_id AND id = NEW.policy_version_id;
    IF psa.my_identities() && (psa.identities(NEW.organisation_id, published.author)
        || published.author_on_behalf_of) THEN
        PERFORM psa.refuse('policy.approve.own_work', 'this person wrote it, under one identity or another',
            'somebody else with policy.approve');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION policy.guard_activation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF current_user = 'sentinel_owner' THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('policy.activate');
    PERFORM psa.require('policy.approve');
    PERFORM psa.require_self('activated_by', NEW.activated_by);
    IF NOT EXISTS (SELECT FROM policy.policy_approvals
        WHERE organisation_id = NEW.organisation_id AND policy_version_id = NEW.policy_version_id) THEN
        PERFORM psa.refuse('policy.activate.unapproved', 'nobody has approved this version',
            'somebody with policy.approve who did not write it');
    END IF;
    RETURN NEW;
END $$;

-- The text stays out of the log: its hash says as much, and the version keeps it for ever.
CREATE FUNCTION policy.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    about policy.policy_versions;
BEGIN
    SELECT v.* INTO about FROM policy.policy_versions v WHERE v.organisation_id = NEW.organisation_id
        AND v.id = (CASE WHEN TG_ARGV[0] = 'published' THEN to_jsonb(NEW) ->> 'id'
            ELSE to_jsonb(NEW) ->> 'policy_version_id' END)::uuid;
    INSERT INTO psa.audit_log (organisation_id, action, entity_type, entity_id, subject_id, metadata)
    VALUES (NEW.organisation_id, 'policy.' || TG_ARGV[0], 'policy', about.id, about.id,
        jsonb_build_object('path', about.path, 'version', about.version, 'sha256', about.sha256));
    RETURN NULL;
END $$;

CREATE PROCEDURE policy.governed(target regclass, guard text, verb text) LANGUAGE plpgsql AS $$
DECLARE
    reader record;
BEGIN
    CALL access.tenant(target);
    CALL access.append_only(target);
    EXECUTE format('CREATE TRIGGER a_guard BEFORE INSERT ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
        target, guard);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_guard', target);
    EXECUTE format('CREATE TRIGGER audited AFTER INSERT ON %s
        FOR EACH ROW EXECUTE FUNCTION policy.audit_row(%L)', target, verb);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audited', target);
    FOR reader IN SELECT * FROM (VALUES
        ('sentinel_owner', 'the shipped policies are written when an organisation is founded'),
        ('jobs', 'recurring work asks what each organisation has active'),
        ('replay', 'a replay loads the text that ran, of any organisation'),
        ('backup', 'a dump holds every organisation')) AS readers (name, reason)
    LOOP
        CALL access.across_organisations(target, reader.name, reader.reason);
    END LOOP;
    EXECUTE format('GRANT SELECT ON %s TO siem, psa, jobs, replay, auditor, backup', target);
END $$;

CALL policy.governed('policy.policy_versions', 'policy.guard_version', 'published');
CALL policy.governed('policy.policy_approvals', 'policy.guard_approval', 'approved');
CALL policy.governed('policy.policy_activations', 'policy.guard_activation', 'activated');
GRANT INSERT (organisation_id, id, path, version, text, sha256, logic, author, created_at)
    ON policy.policy_versions TO psa;
GRANT INSERT (organisation_id, id, policy_version_id, approver, approved_at)
    ON policy.policy_approvals TO psa;
GRANT INSERT (organisation_id, id, policy_version_id, activated_by, activated_at)
    ON policy.policy_activations TO psa;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA policy FROM PUBLIC;
REVOKE EXECUTE ON ALL PROCEDURES IN SCHEMA policy FROM PUBLIC;
