-- Breaking the glass: a permission that one's role lacks, for hours, with a reason, and looked at by
-- somebody else afterwards. It lends hands, never judgement: nothing is decided under broken glass.

CREATE TABLE psa.glass_breaks (
    id              uuid PRIMARY KEY,
    organisation_id uuid NOT NULL,
    broken_by       uuid NOT NULL,
    permission      text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    reason          text NOT NULL CHECK (length(btrim(reason)) BETWEEN 1 AND 2000),
    minutes         integer NOT NULL CHECK (minutes BETWEEN 1 AND 240),
    broken_at       timestamptz NOT NULL,
    mended_at       timestamptz,
    reviewed_by     uuid,
    reviewed_at     timestamptz,
    verdict         text CHECK (verdict IN ('justified', 'unjustified')),
    review          text CHECK (length(btrim(review)) BETWEEN 1 AND 2000),
    UNIQUE (organisation_id, id),
    FOREIGN KEY (organisation_id, broken_by) REFERENCES psa.users (organisation_id, id),
    FOREIGN KEY (organisation_id, reviewed_by) REFERENCES psa.users (organisation_id, id),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL) AND (reviewed_at IS NULL) = (verdict IS NULL)
        AND (reviewed_at IS NULL) = (review IS NULL))
);
CREATE INDEX ON psa.glass_breaks (organisation_id, broken_by);
CREATE UNIQUE INDEX one_unreviewed ON psa.glass_breaks (organisation_id, broken_by)
    WHERE reviewed_at IS NULL;
CALL access.tenant('psa.glass_breaks');
CALL access.mutable('psa.glass_breaks', ARRAY['mended_at'], 'the glass is mended early, once');
CALL access.mutable('psa.glass_breaks', ARRAY['reviewed_by', 'reviewed_at', 'verdict', 'review'],
    'somebody else looks at it afterwards, once');
CALL access.append_only('psa.glass_breaks', 'mended_at', 'reviewed_by', 'reviewed_at', 'verdict', 'review');
CALL access.audited('psa.glass_breaks', 'glass', 'id', 'broken_by');
CALL access.across_organisations('psa.glass_breaks', 'backup', 'a dump holds every organisation');
CALL access.across_organisations('psa.glass_breaks', 'sentinel_owner',
    'access.permitted asks for what broken glass lends');
GRANT SELECT ON psa.glass_breaks TO psa, auditor, backup;
GRANT INSERT, UPDATE (mended_at, reviewed_by, reviewed_at, verdict, review) ON psa.glass_breaks TO psa;

CREATE FUNCTION psa.guard_glass() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require_decider('glass.break');
        PERFORM psa.require('glass.break');
        PERFORM psa.require_self('broken_by', NEW.broken_by);
        IF access.on_behalf_of() IS NOT NULL THEN
            PERFORM psa.refuse('glass.break.deputy', 'nobody breaks the glass in another''s name',
                'whoever needs it, under their own credential');
        ELSIF psa.is_decision(NEW.permission) THEN
            PERFORM psa.refuse('glass.break.decision', NEW.permission || ' is a decision',
                'somebody whose role has ' || NEW.permission);
        ELSIF EXISTS (SELECT FROM psa.glass_breaks WHERE organisation_id = NEW.organisation_id
            AND broken_by = NEW.broken_by AND reviewed_at IS NULL) THEN
            PERFORM psa.refuse('glass.break.unreviewed', 'the last time has not been reviewed yet',
                'somebody with glass.review reviews it first');
        ELSIF NOT EXISTS (SELECT FROM psa.glass_reviewers(NEW.organisation_id, NEW.broken_by)) THEN
            PERFORM psa.refuse('glass.break.no_reviewer', 'nobody else could review it afterwards',
                'an administrator gives glass.review to another person first');
        END IF;
        NEW.broken_at := clock_timestamp();
        IF NEW.mended_at IS NOT NULL OR NEW.reviewed_at IS NOT NULL THEN
            PERFORM psa.refuse('glass.break', 'it begins neither mended nor reviewed', 'nobody');
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.mended_at IS DISTINCT FROM OLD.mended_at THEN
        IF OLD.mended_at IS NOT NULL OR NEW.reviewed_at IS DISTINCT FROM OLD.reviewed_at THEN
            PERFORM psa.refuse('glass.mend', 'it is mended once, and reviewed afterwards', 'nobody');
        END IF;
        PERFORM psa.require_self('broken_by', NEW.broken_by);
        NEW.mended_at := clock_timestamp();
        RETURN NEW;
    END IF;
    PERFORM psa.require_decider('glass.review');
    PERFORM psa.require('glass.review');
    PERFORM psa.require_self('reviewed_by', NEW.reviewed_by);
    IF OLD.reviewed_at IS NOT NULL THEN
        PERFORM psa.refuse('glass.review.final', 'it was reviewed before', 'nobody need do it');
    ELSIF OLD.mended_at IS NULL AND clock_timestamp() < OLD.broken_at + OLD.minutes * interval '1 minute' THEN
        PERFORM psa.refuse('glass.review.early', 'it is not over yet',
            'whoever broke it mends it first, or it runs out');
    ELSIF psa.my_identities() && psa.identities(NEW.organisation_id, NEW.broken_by) THEN
        PERFORM psa.refuse('glass.review.own', 'this person broke it, under one identity or another',
            'somebody else with glass.review');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON psa.glass_breaks
    FOR EACH ROW EXECUTE FUNCTION psa.guard_glass();
ALTER TABLE psa.glass_breaks ENABLE ALWAYS TRIGGER a_guard;

CREATE FUNCTION psa.glass_reviewers(organisation uuid, breaker uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT u.id FROM psa.users u
    WHERE u.organisation_id = organisation AND u.status = 'active'
      AND NOT psa.is_shared(organisation, u.id)
      AND NOT psa.identities(organisation, u.id) && psa.identities(organisation, breaker)
      AND EXISTS (
        SELECT FROM psa.user_roles ur JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE ur.organisation_id = organisation AND ur.user_id = u.id AND ur.ended_at IS NULL
          AND p.permission = 'glass.review')
$$;

-- Who acted in the case under broken glass that nobody has reviewed yet: read from the audit log.
CREATE FUNCTION psa.unreviewed_in(organisation uuid, subject uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT g.broken_by FROM psa.glass_breaks g
    WHERE g.organisation_id = organisation AND g.reviewed_at IS NULL AND EXISTS (
        SELECT FROM psa.audit_log a
        WHERE a.organisation_id = organisation AND a.subject_id = subject
          AND a.actor_id = g.broken_by AND a.timestamp BETWEEN g.broken_at
            AND least(g.mended_at, g.broken_at + g.minutes * interval '1 minute'))
$$;

CREATE OR REPLACE FUNCTION psa.guard_case_step(before psa.cases, after psa.cases) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    obstacles text;
    rule      text;
    instead   text;
BEGIN
    CASE psa.require_arrow('case', before.status, after.status)
    WHEN 'none' THEN
        IF after.responded_at IS NULL THEN
            PERFORM psa.refuse('case.arrow', 'taking a case stamps responded_at', 'nobody');
        END IF;
    WHEN 'leaves_somebody' THEN
        PERFORM psa.require_self('resolved_by', after.resolved_by);
        PERFORM psa.require_attestable(after.organisation_id, after.id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
    WHEN 'nothing_missing' THEN
        PERFORM psa.require_decider('case.close');
        PERFORM psa.require_self('closed_by', after.closed_by);
        PERFORM FROM psa.case_sla
        WHERE organisation_id = after.organisation_id AND case_id = after.id FOR UPDATE;
        IF psa.my_identities() && psa.workers(after.organisation_id, after.id) THEN
            PERFORM psa.refuse('case.close.own_work', 'this person worked in the case, under one '
                'identity or another', 'somebody with case.close who did none of the work');
        END IF;
        SELECT min(o.rule), string_agg(o.missing, '; '), string_agg(o.instead, '; ')
        INTO rule, obstacles, instead
        FROM psa.closing_obstacles(after.organisation_id, after.id) o;
        IF obstacles IS NOT NULL THEN
            PERFORM psa.refuse(rule, obstacles, instead);
        ELSIF EXISTS (SELECT FROM psa.unreviewed_in(after.organisation_id, after.id)) THEN
            PERFORM psa.refuse('case.close.glass', 'somebody acted in it under broken glass, and nobody '
                'has reviewed that yet', 'somebody with glass.review reviews it');
        END IF;
    END CASE;
END $$;

CREATE OR REPLACE FUNCTION psa.guard_approval() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM psa.require_unclosed(NEW.organisation_id, NEW.case_id);
    IF TG_OP = 'INSERT' THEN
        PERFORM psa.require('approval.ask');
        PERFORM psa.require_self('asked_by', NEW.asked_by);
        IF NEW.status <> 'asked' THEN
            PERFORM psa.refuse('approval.arrow', 'an approval begins as asked', 'nobody');
        END IF;
        PERFORM psa.require_attestable(NEW.organisation_id, NEW.case_id,
            array_remove(ARRAY[access.actor_id(), access.on_behalf_of()], NULL));
        RETURN NEW;
    END IF;
    CASE psa.require_arrow('approval', OLD.status, NEW.status)
    WHEN 'asked_for_it' THEN
        IF NEW.asked_by <> access.actor_id() THEN
            PERFORM psa.refuse('approval.withdraw', 'only who asked may withdraw', 'who asked');
        END IF;
    WHEN 'none_of_the_work' THEN
        PERFORM psa.require_decider('approval.decide');
        IF psa.my_identities() && (NEW.asked_by || psa.workers(NEW.organisation_id, NEW.case_id)) THEN
            PERFORM psa.refuse('approval.own_work', 'this person asked for it or worked in the case, '
                'under one identity or another', 'somebody who did none of the work');
        END IF;
    END CASE;
    PERFORM psa.require_self('decided_by', NEW.decided_by);
    RETURN NEW;
END $$;

-- Broken glass lends its permission to whoever broke it, under their own name.
CREATE OR REPLACE FUNCTION access.permitted(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM psa.user_roles u JOIN psa.role_permissions p USING (organisation_id, role_id)
        WHERE u.organisation_id = access.organisation_id() AND p.permission = wanted
          AND u.ended_at IS NULL AND (u.user_id = access.actor_id()
            OR u.user_id = access.on_behalf_of() AND EXISTS (
                SELECT FROM psa.delegations d JOIN psa.users owner
                  ON owner.organisation_id = d.organisation_id AND owner.id = d.delegator_id
                WHERE d.organisation_id = u.organisation_id AND owner.status = 'active'
                  AND d.delegator_id = u.user_id AND d.delegate_id = access.actor_id()
                  AND d.ended_at IS NULL AND d.valid_from <= clock_timestamp()
                  AND d.valid_until > clock_timestamp()))
        UNION ALL
        SELECT FROM psa.machine_permissions m
        WHERE m.organisation_id = access.organisation_id() AND m.machine_id = access.actor_id()
          AND m.permission = wanted
        UNION ALL
        SELECT FROM psa.glass_breaks g
        WHERE g.organisation_id = access.organisation_id() AND g.broken_by = access.actor_id()
          AND access.on_behalf_of() IS NULL AND g.permission = wanted AND g.mended_at IS NULL
          AND clock_timestamp() < g.broken_at + g.minutes * interval '1 minute')
$$;

INSERT INTO psa.role_permissions (organisation_id, role_id, permission)
SELECT r.organisation_id, r.id, given.permission
FROM psa.roles r JOIN (VALUES ('analyst', 'glass.break'), ('incident_manager', 'glass.break'),
    ('detection_engineer', 'glass.break'), ('incident_manager', 'glass.review'),
    ('administrator', 'glass.review')) AS given (role, permission) ON given.role = r.name
ON CONFLICT DO NOTHING;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA psa FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.glass_reviewers(uuid, uuid), psa.unreviewed_in(uuid, uuid) TO psa;
