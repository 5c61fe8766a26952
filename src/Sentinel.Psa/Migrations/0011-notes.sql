-- What people put on a case: comments, tags, watchers, what its severity really is. All of it is
-- append-only; what is taken back gets a tombstone and stays readable.

-- A tombstone belongs to a case's story, and says which row it is for.
ALTER TABLE psa.tombstones ADD COLUMN case_id uuid;
ALTER TABLE psa.tombstones ADD UNIQUE (organisation_id, id);
ALTER TABLE psa.tombstones ADD FOREIGN KEY (organisation_id, case_id)
    REFERENCES psa.cases (organisation_id, id);
DROP TRIGGER audited ON psa.tombstones;
CALL access.audited('psa.tombstones', 'tombstone', 'id', 'case_id');
GRANT INSERT ON psa.tombstones TO psa;

CREATE FUNCTION psa.is_gone(organisation uuid, entity text, entity_id uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT EXISTS (SELECT FROM psa.tombstones t WHERE t.organisation_id = organisation
        AND t.entity_type = entity AND t.entity_id = is_gone.entity_id)
$$;

-- As in the first migrations: row-level security, append-only, audited, readable.
CREATE PROCEDURE psa.governed(target regclass, entity text, id_column text, subject_column text)
LANGUAGE plpgsql AS $$
BEGIN
    CALL access.tenant(target);
    CALL access.append_only(target);
    CALL access.audited(target, entity, id_column, subject_column);
    CALL access.across_organisations(target, 'backup', 'a dump holds every organisation');
    EXECUTE format('GRANT SELECT ON %s TO psa, auditor, backup', target);
    EXECUTE format('GRANT INSERT ON %s TO psa', target);
END $$;

CREATE PROCEDURE psa.guarded(target regclass, guard text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON %s
        FOR EACH ROW EXECUTE FUNCTION %s()', target, guard);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_guard', target);
END $$;

CREATE TABLE psa.case_comments (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('comment', 'correction', 'handover')),
    body            text NOT NULL CHECK (length(btrim(body)) > 0 AND length(body) <= 20000),
    corrects        uuid,
    written_by      uuid NOT NULL,
    written_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    UNIQUE (organisation_id, case_id, id),
    UNIQUE (organisation_id, corrects),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id, corrects)
        REFERENCES psa.case_comments (organisation_id, case_id, id),
    CHECK ((kind = 'correction') = (corrects IS NOT NULL))
);
COMMENT ON COLUMN psa.case_comments.corrects IS 'the comment that this one replaces; both stay';
CALL psa.governed('psa.case_comments', 'comment', 'id', 'case_id');
CREATE FUNCTION psa.guard_case_comment() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.comment');
    PERFORM psa.require_self('written_by', NEW.written_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF NEW.corrects IS NOT NULL AND NOT EXISTS (SELECT FROM psa.case_comments
        WHERE organisation_id = NEW.organisation_id AND id = NEW.corrects
          AND written_by = NEW.written_by) THEN
        PERFORM psa.refuse('comment.correct.author', 'only who wrote a comment corrects it',
            'its author; anybody else writes a comment of their own');
    ELSIF EXISTS (SELECT FROM psa.case_comments
        WHERE organisation_id = NEW.organisation_id AND corrects = NEW.corrects) THEN
        PERFORM psa.refuse('comment.correct.twice', 'the comment was corrected before',
            'its author corrects the correction');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_comments', 'psa.guard_case_comment');

CREATE TABLE psa.case_tags (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    tag             text NOT NULL CHECK (tag ~ '^[a-z0-9][a-z0-9_.:/-]{0,63}$'),
    added_by        uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id)
);
CREATE INDEX ON psa.case_tags (organisation_id, case_id);
CREATE INDEX ON psa.case_tags (organisation_id, tag);
CALL psa.governed('psa.case_tags', 'case_tag', 'id', 'case_id');
CREATE FUNCTION psa.guard_case_tag() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.tag');
    PERFORM psa.require_self('added_by', NEW.added_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF EXISTS (SELECT FROM psa.case_tags t WHERE t.organisation_id = NEW.organisation_id
        AND t.case_id = NEW.case_id AND t.tag = NEW.tag
        AND NOT psa.is_gone(t.organisation_id, 'case_tag', t.id)) THEN
        PERFORM psa.refuse('case_tag.twice', 'the case has this tag already', 'nobody need do it');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_tags', 'psa.guard_case_tag');

CREATE TABLE psa.case_watchers (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    user_id         uuid NOT NULL,
    added_by        uuid NOT NULL,
    added_at        timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, user_id) REFERENCES psa.users (organisation_id, id)
);
CREATE INDEX ON psa.case_watchers (organisation_id, case_id);
CREATE INDEX ON psa.case_watchers (organisation_id, user_id);
CALL psa.governed('psa.case_watchers', 'case_watcher', 'id', 'case_id');
CREATE FUNCTION psa.guard_case_watcher() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('case.watch');
    PERFORM psa.require_self('added_by', NEW.added_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    PERFORM psa.require_active_user(NEW.organisation_id, NEW.user_id);
    IF EXISTS (SELECT FROM psa.case_watchers w WHERE w.organisation_id = NEW.organisation_id
        AND w.case_id = NEW.case_id AND w.user_id = NEW.user_id
        AND NOT psa.is_gone(w.organisation_id, 'case_watcher', w.id)) THEN
        PERFORM psa.refuse('case_watcher.twice', 'this person watches the case already',
            'nobody need do it');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_watchers', 'psa.guard_case_watcher');

-- What people made of the severity that the case was opened with. That one stays what was proposed;
-- the latest row here is what holds.
CREATE TABLE psa.case_severities (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    case_id         uuid NOT NULL,
    severity        integer NOT NULL CHECK (severity BETWEEN 0 AND 10),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    decided_by      uuid NOT NULL,
    decided_at      timestamptz NOT NULL,
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, case_id) REFERENCES psa.cases (organisation_id, id),
    FOREIGN KEY (organisation_id, decided_by) REFERENCES psa.users (organisation_id, id)
);
CREATE INDEX ON psa.case_severities (case_id, decided_at DESC, id DESC);
CALL psa.governed('psa.case_severities', 'severity', 'id', 'case_id');
CREATE FUNCTION psa.guard_case_severity() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_person('case.set_severity');
    PERFORM psa.require('case.set_severity');
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    RETURN NEW;
END $$;
CALL psa.guarded('psa.case_severities', 'psa.guard_case_severity');

-- The severity is part of what an attestor saw.
CREATE OR REPLACE FUNCTION psa.case_progress(organisation uuid, subject uuid) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT (SELECT coalesce(sum(CASE status WHEN 'pending' THEN 1 WHEN 'running' THEN 2 ELSE 3 END), 0)
            FROM psa.tasks WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.task_actions
            WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.evidence_items
            WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.case_dispositions
            WHERE organisation_id = organisation AND case_id = subject)
        + (SELECT count(*) FROM psa.case_severities
            WHERE organisation_id = organisation AND case_id = subject)
$$;

-- An asset can join a case later, and leave it with a tombstone.
ALTER TABLE psa.case_assets ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE psa.case_assets DROP CONSTRAINT case_assets_pkey;
ALTER TABLE psa.case_assets ADD PRIMARY KEY (id);
ALTER TABLE psa.case_assets ADD UNIQUE (organisation_id, id);
CREATE INDEX ON psa.case_assets (organisation_id, case_id);
CREATE INDEX ON psa.case_assets (organisation_id, asset_id);
DROP TRIGGER audited ON psa.case_assets;
CALL access.audited('psa.case_assets', 'case_asset', 'id', 'case_id');
CREATE OR REPLACE FUNCTION psa.guard_case_asset() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    -- With the case itself, or afterwards.
    IF NOT access.permitted('asset.link') THEN
        PERFORM psa.require('case.open');
    END IF;
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF EXISTS (
        SELECT FROM psa.assets WHERE organisation_id = NEW.organisation_id AND id = NEW.asset_id
          AND status = 'retired') THEN
        PERFORM psa.refuse('asset.retired', 'a retired asset takes no new work',
            'an asset that is active');
    ELSIF EXISTS (SELECT FROM psa.case_assets a WHERE a.organisation_id = NEW.organisation_id
        AND a.case_id = NEW.case_id AND a.asset_id = NEW.asset_id
        AND NOT psa.is_gone(a.organisation_id, 'case_asset', a.id)) THEN
        PERFORM psa.refuse('case_asset.twice', 'the case names this asset already',
            'nobody need do it');
    END IF;
    RETURN NEW;
END $$;

-- Evidence is linked to what exists, in the case that the link says.
CREATE OR REPLACE FUNCTION psa.guard_evidence_link() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require('evidence.link');
    PERFORM psa.require_self('linked_by', NEW.linked_by);
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF NOT EXISTS (
        SELECT FROM psa.cases WHERE NEW.linked_entity = 'case'
            AND organisation_id = NEW.organisation_id AND id = NEW.linked_id AND id = NEW.case_id
        UNION ALL
        SELECT FROM psa.tasks WHERE NEW.linked_entity = 'task'
            AND organisation_id = NEW.organisation_id AND id = NEW.linked_id AND case_id = NEW.case_id
        UNION ALL
        SELECT FROM psa.approvals WHERE NEW.linked_entity = 'approval'
            AND organisation_id = NEW.organisation_id AND id = NEW.linked_id AND case_id = NEW.case_id
        UNION ALL
        SELECT FROM psa.attestations WHERE NEW.linked_entity = 'attestation'
            AND organisation_id = NEW.organisation_id AND id = NEW.linked_id AND case_id = NEW.case_id)
        THEN
        PERFORM psa.refuse('evidence.link.unknown', 'what it is linked to is not in that case',
            'somebody who names a case, task, approval or attestation of your organisation');
    END IF;
    RETURN NEW;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.is_gone(uuid, text, uuid) TO psa;
