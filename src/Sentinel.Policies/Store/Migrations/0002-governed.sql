-- Why a version was published and approved, what its text was compiled to, and that its tests are green.
-- PostgreSQL cannot run the tests of a policy. It can hold that somebody who may publish or approve has
-- recorded, under their own credential, that they ran them over exactly this text.

ALTER TABLE policy.policy_versions ADD COLUMN reason text CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    ADD COLUMN logic_sha256 text CHECK (logic_sha256 ~ '^[0-9a-f]{64}$');
ALTER TABLE policy.policy_approvals ADD COLUMN reason text CHECK (length(btrim(reason)) BETWEEN 1 AND 2000);
COMMENT ON COLUMN policy.policy_versions.logic_sha256 IS 'of logic as canonical JSON';
ALTER TABLE policy.policy_versions DISABLE TRIGGER append_only_columns;
UPDATE policy.policy_versions
SET logic_sha256 = encode(sha256(convert_to(access.canonical_json(logic), 'UTF8')), 'hex');
ALTER TABLE policy.policy_versions ENABLE ALWAYS TRIGGER append_only_columns;
ALTER TABLE policy.policy_versions ALTER COLUMN logic_sha256 SET NOT NULL;
GRANT INSERT (reason) ON policy.policy_versions TO psa;
GRANT INSERT (reason) ON policy.policy_approvals TO psa;

CREATE TABLE policy.policy_test_runs (
    organisation_id   uuid NOT NULL,
    id                uuid NOT NULL,
    policy_version_id uuid NOT NULL,
    sha256            text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    set_sha256        text NOT NULL CHECK (set_sha256 ~ '^[0-9a-f]{64}$'),
    tests             integer NOT NULL CHECK (tests >= 0),
    failed            integer NOT NULL CHECK (failed BETWEEN 0 AND tests),
    rules_untested    integer NOT NULL CHECK (rules_untested >= 0),
    run_by            uuid NOT NULL,
    ran_at            timestamptz NOT NULL,
    position          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    PRIMARY KEY (organisation_id, id),
    FOREIGN KEY (organisation_id, policy_version_id)
        REFERENCES policy.policy_versions (organisation_id, id)
);
COMMENT ON COLUMN policy.policy_test_runs.set_sha256 IS
    'of the hashes of all texts that were loaded together';
CREATE INDEX ON policy.policy_test_runs (organisation_id, policy_version_id);

CREATE FUNCTION policy.guard_test_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('policy.test');
    IF NOT access.permitted('policy.publish') THEN
        PERFORM psa.require('policy.approve');
    END IF;
    PERFORM psa.require_self('run_by', NEW.run_by);
    IF NOT EXISTS (SELECT FROM policy.policy_versions
        WHERE organisation_id = NEW.organisation_id AND id = NEW.policy_version_id
          AND sha256 = NEW.sha256) THEN
        PERFORM psa.refuse('policy.test.text', 'the tests that ran are those of another text',
            'whoever runs the tests of this very text');
    END IF;
    RETURN NEW;
END $$;

-- A claim about the compiled form is checked when it is loaded; its hash is made here, whoever writes.
CREATE OR REPLACE FUNCTION policy.guard_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.logic_sha256 := encode(sha256(convert_to(access.canonical_json(NEW.logic), 'UTF8')), 'hex');
    IF current_user = 'sentinel_owner' THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('policy.publish');
    PERFORM psa.require('policy.publish');
    PERFORM psa.require_self('author', NEW.author);
    NEW.author_on_behalf_of := access.on_behalf_of();
    IF NEW.reason IS NULL THEN
        PERFORM psa.refuse('policy.publish.reason', 'a reason is missing', 'say why');
    ELSIF NEW.version <> 1 + coalesce((SELECT max(version) FROM policy.policy_versions
        WHERE organisation_id = NEW.organisation_id AND path = NEW.path), 0) THEN
        PERFORM psa.refuse('policy.publish.version', 'somebody published this file meanwhile',
            'look at their version, then publish again');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION policy.guard_approval() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    published record;
BEGIN
    PERFORM psa.require_person('policy.approve');
    PERFORM psa.require('policy.approve');
    PERFORM psa.require_self('approver', NEW.approver);
    NEW.on_behalf_of := access.on_behalf_of();
    IF NEW.reason IS NULL THEN
        PERFORM psa.refuse('policy.approve.reason', 'a reason is missing', 'say why');
    END IF;
    SELECT author, author_on_behalf_of INTO published FROM policy.policy_versions
    WHERE organisation_id = NEW.organisation_id AND id = NEW.policy_version_id;
    IF psa.my_identities() && (psa.identities(NEW.organisation_id, published.author)
        || published.author_on_behalf_of) THEN
        PERFORM psa.refuse('policy.approve.own_work', 'this person wrote it, under one identity or another',
            'somebody else with policy.approve');
    END IF;
    RETURN NEW;
END $$;

-- Who approves makes active, once. An older text comes back as a new version, which is approved anew.
CREATE OR REPLACE FUNCTION policy.guard_activation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    approval record;
    run      record;
BEGIN
    IF current_user = 'sentinel_owner' THEN
        RETURN NEW;
    END IF;
    PERFORM psa.require_person('policy.activate');
    PERFORM psa.require('policy.approve');
    PERFORM psa.require_self('activated_by', NEW.activated_by);
    SELECT approver INTO approval FROM policy.policy_approvals
    WHERE organisation_id = NEW.organisation_id AND policy_version_id = NEW.policy_version_id;
    IF approval IS NULL THEN
        PERFORM psa.refuse('policy.activate.unapproved', 'nobody has approved this version',
            'somebody with policy.approve who did not write it');
    ELSIF approval.approver <> NEW.activated_by THEN
        PERFORM psa.refuse('policy.activate.approver', 'somebody else has approved this version',
            'whoever approved it');
    ELSIF EXISTS (SELECT FROM policy.policy_activations
        WHERE organisation_id = NEW.organisation_id AND policy_version_id = NEW.policy_version_id) THEN
        PERFORM psa.refuse('policy.activate.again', 'this version was active before',
            'whoever publishes its text as a new version');
    END IF;
    SELECT failed, rules_untested INTO run FROM policy.policy_test_runs
    WHERE organisation_id = NEW.organisation_id AND policy_version_id = NEW.policy_version_id
    ORDER BY position DESC LIMIT 1;
    IF run IS NULL THEN
        PERFORM psa.refuse('policy.activate.untested', 'nobody has run the tests of this version',
            'whoever runs them');
    ELSIF run.failed > 0 OR run.rules_untested > 0 THEN
        PERFORM psa.refuse('policy.activate.red',
            format('%s tests fail and %s rules have none', run.failed, run.rules_untested),
            'whoever publishes a version whose rules all have tests, and green ones');
    END IF;
    RETURN NEW;
END $$;

CALL policy.governed('policy.policy_test_runs', 'policy.guard_test_run', 'tested');
GRANT INSERT (organisation_id, id, policy_version_id, sha256, set_sha256, tests, failed, rules_untested,
    run_by, ran_at) ON policy.policy_test_runs TO psa;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA policy FROM PUBLIC;
