-- A statement that sets none of the columns that may never change is not asked about them: PostgreSQL looks at
-- the columns that it sets, and takes the comparison in hand, which it reads anew for each statement, only where
-- one of those is among them. What a trigger sets is ours, and sets none of them.
CREATE OR REPLACE PROCEDURE access.guard_columns(target regclass, mutable text[]) LANGUAGE plpgsql AS $$
DECLARE
    fixed text[];
    compared text[];
BEGIN
    -- json has no equality of its own; a generated column follows the others.
    SELECT array_agg(quote_ident(attname) ORDER BY attnum),
        array_agg(quote_ident(attname) || CASE atttypid WHEN 'json'::regtype THEN '::text' ELSE '' END
            ORDER BY attnum)
    INTO fixed, compared
    FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      AND NOT attname = ANY (mutable);
    EXECUTE format('DROP TRIGGER IF EXISTS append_only_columns ON %s', target);
    EXECUTE format(
        'CREATE TRIGGER append_only_columns BEFORE UPDATE OF %s ON %s
         FOR EACH ROW WHEN ((%s) IS DISTINCT FROM (%s))
         EXECUTE FUNCTION access.refuse_other_columns(%s)',
        array_to_string(fixed, ', '), target,
        (SELECT string_agg('OLD.' || name, ', ') FROM unnest(compared) AS name),
        (SELECT string_agg('NEW.' || name, ', ') FROM unnest(compared) AS name),
        (SELECT string_agg(quote_literal(name), ', ') FROM unnest(mutable) AS name));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_columns', target);
END $$;
DO $$
DECLARE
    guarded name;
BEGIN
    FOR guarded IN
        SELECT DISTINCT c.relnamespace::regnamespace::name
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE g.tgname = 'append_only_columns'
    LOOP
        CALL access.guard_columns(guarded::text);
    END LOOP;
END $$;

-- Every policy of every statement asks which organisation has presented a credential. A view is made part of the
-- statement, and its owner reads for it; a call of access.organisation_id(), which does the same, costs twice as much.
CREATE VIEW access.presentation WITH (security_barrier) AS
    SELECT credential_id, organisation_id, actor_id, actor_kind, on_behalf_of FROM access.presented
    WHERE backend = pg_backend_pid() AND transaction_id = pg_current_xact_id_if_assigned();
GRANT SELECT ON access.presentation TO siem, psa, auditor;

CREATE PROCEDURE access.organisation_policy(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP POLICY IF EXISTS organisation ON %s', target);
    EXECUTE format(
        'CREATE POLICY organisation ON %s TO siem, psa, auditor
         USING (organisation_id = (SELECT p.organisation_id FROM access.presentation p))
         WITH CHECK (organisation_id = (SELECT p.organisation_id FROM access.presentation p))', target);
END $$;

CREATE OR REPLACE PROCEDURE access.tenant(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    CALL access.organisation_policy(target);
END $$;

DO $$
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN
        SELECT polrelid::regclass FROM pg_policy
        WHERE polname = 'organisation' AND polrelid IN (
            SELECT attrelid FROM pg_attribute WHERE attname = 'organisation_id' AND NOT attisdropped)
    LOOP
        CALL access.organisation_policy(guarded);
    END LOOP;
END $$;
