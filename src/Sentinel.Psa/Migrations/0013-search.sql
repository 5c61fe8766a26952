-- Full-text search over cases. Matching texts cannot use an index below row-level security, since the
-- operator is not leakproof: the function runs as the owner, and asks for organisation and permissions
-- itself, in every branch.

CREATE INDEX cases_words ON psa.cases USING gin (to_tsvector('pg_catalog.simple', summary));
CREATE INDEX comments_words ON psa.case_comments USING gin (to_tsvector('pg_catalog.simple', body));
CREATE INDEX tasks_words ON psa.tasks USING gin (to_tsvector('pg_catalog.simple', description));
CREATE INDEX actions_words ON psa.task_actions
    USING gin (to_tsvector('pg_catalog.simple', description));
CREATE INDEX evidence_words ON psa.evidence_items USING gin (to_tsvector('pg_catalog.simple', title));
CREATE INDEX dispositions_words ON psa.case_dispositions
    USING gin (to_tsvector('pg_catalog.simple', reason));

CALL access.across_organisations('psa.case_comments', 'sentinel_owner', 'psa.search_cases looks for words');
CALL access.across_organisations('psa.case_tags', 'sentinel_owner', 'psa.search_cases looks for words');
CALL access.across_organisations('psa.tasks', 'sentinel_owner', 'psa.search_cases looks for words');
CALL access.across_organisations('psa.task_actions', 'sentinel_owner', 'psa.search_cases looks for words');
CALL access.across_organisations('psa.evidence_items', 'sentinel_owner', 'psa.search_cases looks for words');
CALL access.across_organisations('psa.case_dispositions', 'sentinel_owner',
    'psa.search_cases looks for words');
CALL access.across_organisations('psa.tombstones', 'sentinel_owner',
    'psa.search_cases leaves out what was taken back');

CREATE FUNCTION psa.search_cases(words text, cases_max integer)
RETURNS TABLE (case_id uuid, place text, said text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH asked AS (
        SELECT websearch_to_tsquery('pg_catalog.simple', words) AS query,
            access.organisation_id() AS organisation
        WHERE access.permitted('case.read')),
    found AS (
        SELECT c.id AS case_id, 'summary' AS place, c.summary AS said
        FROM asked JOIN psa.cases c ON c.organisation_id = organisation
        WHERE to_tsvector('pg_catalog.simple', c.summary) @@ query
        UNION ALL
        SELECT m.case_id, 'comment', m.body
        FROM asked JOIN psa.case_comments m ON m.organisation_id = organisation
        WHERE to_tsvector('pg_catalog.simple', m.body) @@ query
          AND NOT EXISTS (SELECT FROM psa.case_comments later
            WHERE later.organisation_id = organisation AND later.corrects = m.id)
        UNION ALL
        SELECT t.case_id, 'tag', t.tag
        FROM asked JOIN psa.case_tags t ON t.organisation_id = organisation AND t.tag = lower(words)
        WHERE NOT psa.is_gone(organisation, 'case_tag', t.id)
        UNION ALL
        SELECT d.case_id, 'disposition', d.reason
        FROM asked JOIN psa.case_dispositions d ON d.organisation_id = organisation
        WHERE to_tsvector('pg_catalog.simple', d.reason) @@ query
        UNION ALL
        SELECT t.case_id, 'task', t.description
        FROM asked JOIN psa.tasks t ON t.organisation_id = organisation
        WHERE access.permitted('task.read') AND to_tsvector('pg_catalog.simple', t.description) @@ query
        UNION ALL
        SELECT a.case_id, 'task_action', a.description
        FROM asked JOIN psa.task_actions a ON a.organisation_id = organisation
        WHERE access.permitted('task.read') AND to_tsvector('pg_catalog.simple', a.description) @@ query
        UNION ALL
        SELECT e.case_id, 'evidence', e.title
        FROM asked JOIN psa.evidence_items e ON e.organisation_id = organisation
        WHERE access.permitted('evidence.read') AND to_tsvector('pg_catalog.simple', e.title) @@ query),
    best AS (
        SELECT DISTINCT ON (f.case_id) f.case_id, f.place, f.said,
            ts_rank(to_tsvector('pg_catalog.simple', f.said), query) AS rank
        FROM found f, asked ORDER BY f.case_id, rank DESC, f.place)
    SELECT b.case_id, b.place, ts_headline('pg_catalog.simple', left(b.said, 20000), query,
        'MaxWords=24, MinWords=8, StartSel="", StopSel=""')
    FROM (SELECT * FROM best ORDER BY rank DESC, case_id DESC LIMIT cases_max) AS b, asked
    ORDER BY b.rank DESC, b.case_id DESC
$$;
REVOKE EXECUTE ON FUNCTION psa.search_cases(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION psa.search_cases(text, integer) TO psa;
