-- How cases belong together. A merged case keeps its rows and its story; a link is taken back by a
-- tombstone. Own work counts across cases that are merged, in every direction.

ALTER TABLE psa.case_relationships ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE psa.case_relationships DROP CONSTRAINT case_relationships_pkey;
ALTER TABLE psa.case_relationships ADD PRIMARY KEY (id);
ALTER TABLE psa.case_relationships ADD UNIQUE (organisation_id, id);
ALTER TABLE psa.case_relationships ADD COLUMN reason text
    CHECK (length(btrim(reason)) BETWEEN 1 AND 2000);
ALTER TABLE psa.case_relationships
    ADD CHECK (relationship_type <> 'merged' OR reason IS NOT NULL);
CREATE INDEX ON psa.case_relationships (organisation_id, parent_case_id);
DROP TRIGGER audited ON psa.case_relationships;
CALL access.audited('psa.case_relationships', 'case_relationship', 'id', 'child_case_id');

-- The case and all that it is merged with, over links in force.
CREATE FUNCTION psa.merged_cases(organisation uuid, subject uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE ROWS 1 SET search_path = pg_catalog AS $$
    WITH RECURSIVE same (id) AS (
        SELECT subject
        UNION
        SELECT other.id FROM same, LATERAL (
            SELECT r.child_case_id AS id, r.id AS relationship FROM psa.case_relationships r
            WHERE r.organisation_id = organisation AND r.parent_case_id = same.id
              AND r.relationship_type = 'merged'
            UNION ALL
            SELECT r.parent_case_id, r.id FROM psa.case_relationships r
            WHERE r.organisation_id = organisation AND r.child_case_id = same.id
              AND r.relationship_type = 'merged') AS other
        WHERE NOT psa.is_gone(organisation, 'case_relationship', other.relationship))
    SELECT id FROM same
$$;

CREATE OR REPLACE FUNCTION psa.workers(organisation uuid, subject uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(array_agg(DISTINCT worker), '{}')
    FROM psa.merged_cases(organisation, subject) AS same, LATERAL (
        SELECT identity AS worker FROM psa.case_work
        WHERE organisation_id = organisation AND case_id = same
        UNION ALL
        SELECT assigned_to FROM psa.tasks
        WHERE organisation_id = organisation AND case_id = same AND status <> 'cancelled'
          AND assigned_to IS NOT NULL) AS work
$$;

-- One at a time, where one case's work counts in another.
CREATE FUNCTION psa.lock_relationships(organisation uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('psa.case_relationships' || organisation, 0))
$$;

-- As before, for every open case in which the work would count.
CREATE OR REPLACE FUNCTION psa.require_attestable(organisation uuid, subject uuid, added uuid[])
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    same    uuid;
    lacking text;
BEGIN
    IF (SELECT count(*) > 1 FROM psa.merged_cases(organisation, subject)) THEN
        PERFORM psa.lock_relationships(organisation);
    END IF;
    IF added <@ psa.workers(organisation, subject) THEN
        RETURN;
    END IF;
    FOR same IN
        SELECT m FROM psa.merged_cases(organisation, subject) AS m
        JOIN psa.cases c ON c.organisation_id = organisation AND c.id = m AND c.status <> 'closed'
    LOOP
        SELECT string_agg(coalesce('the role ' || role_name, 'the permission case.attest'), ', ')
        INTO lacking
        FROM (
            SELECT role_name FROM psa.case_attestation_requirements
            WHERE organisation_id = organisation AND case_id = same
            UNION ALL
            SELECT NULL WHERE NOT EXISTS (
                SELECT FROM psa.case_attestation_requirements
                WHERE organisation_id = organisation AND case_id = same)) AS required
        WHERE NOT EXISTS (
            SELECT FROM psa.unbiased(organisation, same, 'case.attest', role_name, added));
        IF lacking IS NOT NULL THEN
            PERFORM psa.refuse('work.leaves_no_attestor',
                'nobody with ' || lacking || ' would be left who did none of the work and could attest',
                'somebody without ' || lacking || ', or an administrator who gives it to another person');
        ELSIF NOT EXISTS (SELECT FROM psa.unbiased(organisation, same, 'case.close', NULL, added)) THEN
            PERFORM psa.refuse('work.leaves_no_closer',
                'nobody with the permission case.close would be left who did none of the work',
                'somebody without it, or an administrator who gives it to another person');
        END IF;
    END LOOP;
END $$;

-- Whether the second case is reached from the first, downwards over links of one type.
CREATE FUNCTION psa.is_above(organisation uuid, kind text, above uuid, below uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    WITH RECURSIVE reached (id) AS (
        SELECT above
        UNION
        SELECT r.child_case_id FROM reached JOIN psa.case_relationships r
          ON r.organisation_id = organisation AND r.parent_case_id = reached.id
        WHERE r.relationship_type = kind
          AND NOT psa.is_gone(organisation, 'case_relationship', r.id))
    SELECT EXISTS (SELECT FROM reached WHERE id = below)
$$;

CREATE OR REPLACE FUNCTION psa.guard_case_relationship() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require(CASE NEW.relationship_type WHEN 'follow_on' THEN 'case.open'
        WHEN 'merged' THEN 'case.merge' ELSE 'case.link' END);
    IF NEW.relationship_type = 'merged' THEN
        PERFORM psa.require_person('case.merge');
    END IF;
    PERFORM psa.require_self('created_by', NEW.created_by);
    -- In one order, so that two links never wait for each other in a ring.
    PERFORM FROM psa.cases WHERE organisation_id = NEW.organisation_id
        AND id IN (NEW.parent_case_id, NEW.child_case_id) ORDER BY id FOR UPDATE;
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.child_case_id);
    -- A sealed case is followed and referred to; nothing is hung on it or merged into it.
    IF NEW.relationship_type IN ('parent', 'merged') THEN
        PERFORM psa.require_unclosed(NEW.organisation_id, NEW.parent_case_id);
    END IF;
    PERFORM psa.lock_relationships(NEW.organisation_id);
    IF EXISTS (SELECT FROM psa.case_relationships r
        WHERE r.organisation_id = NEW.organisation_id AND r.relationship_type = NEW.relationship_type
          AND ((r.parent_case_id, r.child_case_id) = (NEW.parent_case_id, NEW.child_case_id)
            OR r.relationship_type = 'related'
              AND (r.child_case_id, r.parent_case_id) = (NEW.parent_case_id, NEW.child_case_id))
          AND NOT psa.is_gone(r.organisation_id, 'case_relationship', r.id)) THEN
        PERFORM psa.refuse('case_relationship.twice', 'the cases are linked in this way already',
            'nobody need do it');
    ELSIF NEW.relationship_type <> 'related' AND psa.is_above(NEW.organisation_id,
        NEW.relationship_type, NEW.child_case_id, NEW.parent_case_id)
        OR NEW.relationship_type = 'merged' AND NEW.parent_case_id IN (
            SELECT psa.merged_cases(NEW.organisation_id, NEW.child_case_id)) THEN
        PERFORM psa.refuse('case_relationship.cycle', 'the link would close a circle of cases',
            'somebody who takes back one of the links first');
    END IF;
    RETURN NEW;
END $$;

-- Once merged, each case's work counts in all of them: somebody has to be left who can attest.
CREATE FUNCTION psa.require_merge_attestable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    nobody CONSTANT uuid[] := ARRAY['00000000-0000-0000-0000-000000000000'::uuid];
BEGIN
    IF NEW.relationship_type = 'merged' THEN
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.child_case_id, nobody);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attestable AFTER INSERT ON psa.case_relationships
    FOR EACH ROW EXECUTE FUNCTION psa.require_merge_attestable();
ALTER TABLE psa.case_relationships ENABLE ALWAYS TRIGGER attestable;

-- Who may take back what. Taking back a merger frees people from work done in the other case, so it is
-- for somebody who did none of it.
CREATE FUNCTION psa.guard_tombstone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    link psa.case_relationships;
    its_case uuid;
BEGIN
    PERFORM psa.require_self('created_by', NEW.created_by);
    SELECT * INTO link FROM psa.case_relationships WHERE NEW.entity_type = 'case_relationship'
        AND organisation_id = NEW.organisation_id AND id = NEW.entity_id;
    its_case := CASE NEW.entity_type
        WHEN 'case_relationship' THEN link.child_case_id
        WHEN 'case_tag' THEN (SELECT case_id FROM psa.case_tags
            WHERE organisation_id = NEW.organisation_id AND id = NEW.entity_id)
        WHEN 'case_watcher' THEN (SELECT case_id FROM psa.case_watchers
            WHERE organisation_id = NEW.organisation_id AND id = NEW.entity_id)
        WHEN 'case_asset' THEN (SELECT case_id FROM psa.case_assets
            WHERE organisation_id = NEW.organisation_id AND id = NEW.entity_id) END;
    IF its_case IS NULL OR its_case IS DISTINCT FROM NEW.case_id THEN
        PERFORM psa.refuse('tombstone.unknown', 'there is nothing of that kind to take back there',
            'nobody: only links, tags, watchers and assets of a case are taken back');
    END IF;
    PERFORM psa.require(CASE NEW.entity_type WHEN 'case_tag' THEN 'case.tag'
        WHEN 'case_watcher' THEN 'case.watch' WHEN 'case_asset' THEN 'asset.link'
        ELSE CASE link.relationship_type WHEN 'merged' THEN 'case.merge' ELSE 'case.link' END END);
    IF link.id IS NOT NULL THEN
        PERFORM FROM psa.cases WHERE organisation_id = NEW.organisation_id
            AND id IN (link.parent_case_id, link.child_case_id) ORDER BY id FOR UPDATE;
    END IF;
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF link.relationship_type = 'follow_on' THEN
        PERFORM psa.refuse('case_relationship.follow_on', 'a case that follows on a sealed one stays so',
            'nobody: that is how the sealed case is found to go on');
    ELSIF link.relationship_type = 'merged' THEN
        PERFORM psa.require_person('case.unmerge');
        PERFORM psa.require_unclosed(NEW.organisation_id, link.parent_case_id);
        PERFORM psa.lock_relationships(NEW.organisation_id);
        IF psa.my_identities() && psa.workers(NEW.organisation_id, NEW.case_id) THEN
            PERFORM psa.refuse('case.unmerge.own_work', 'this person worked in one of the cases, under '
                'one identity or another', 'somebody with case.merge who did none of the work');
        END IF;
    END IF;
    IF psa.is_gone(NEW.organisation_id, NEW.entity_type, NEW.entity_id) THEN
        PERFORM psa.refuse('tombstone.twice', 'it was taken back before', 'nobody need do it');
    END IF;
    RETURN NEW;
END $$;
CALL psa.guarded('psa.tombstones', 'psa.guard_tombstone');

-- Organisations that are there already get what new ones are founded with.
INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT r.organisation_id, r.id, permission
FROM psa.roles r, unnest(ARRAY['case.comment', 'case.tag', 'case.watch', 'case.link', 'case.merge',
    'case.set_severity', 'asset.link', 'evidence.link']) AS permission
WHERE r.name IN ('analyst', 'incident_manager') ON CONFLICT DO NOTHING;
INSERT INTO psa.machine_permissions (organisation_id, machine_id, permission)
SELECT m.organisation_id, m.id, 'case.comment' FROM psa.machines m
WHERE m.name IN ('siem', 'workflow') ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.merged_cases(uuid, uuid), psa.lock_relationships(uuid),
    psa.is_above(uuid, text, uuid, uuid) TO psa;
DROP PROCEDURE psa.governed, psa.guarded;
