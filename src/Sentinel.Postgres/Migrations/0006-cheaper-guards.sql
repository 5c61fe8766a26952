-- Who is asking is looked up by every policy of every statement. The body of an SQL function is parsed and
-- planned at each call (65 µs of 90 here); PL/pgSQL keeps the plan for the session.
CREATE OR REPLACE FUNCTION access.organisation_id() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT p.organisation_id FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id_if_assigned());
END $$;

CREATE OR REPLACE FUNCTION access.actor_id() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT p.actor_id FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id_if_assigned());
END $$;

CREATE OR REPLACE FUNCTION access.actor_kind() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT p.actor_kind FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id_if_assigned());
END $$;

CREATE OR REPLACE FUNCTION access.on_behalf_of() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT p.on_behalf_of FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id_if_assigned());
END $$;

CREATE OR REPLACE FUNCTION access.credential_id() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog AS $$
BEGIN
    RETURN (SELECT p.credential_id FROM access.presented p
        WHERE p.backend = pg_backend_pid() AND p.transaction_id = pg_current_xact_id_if_assigned());
END $$;

-- Whether a column changed that never may is asked by comparing those columns, in place: rendering both rows
-- as JSON took 130 µs for each. The function is called only where one did, and says which.
CREATE PROCEDURE access.guard_columns(target regclass, mutable text[]) LANGUAGE plpgsql AS $$
DECLARE
    fixed text[];
BEGIN
    -- json has no equality of its own; a generated column follows the others.
    SELECT array_agg(quote_ident(attname) || CASE atttypid WHEN 'json'::regtype THEN '::text' ELSE '' END
        ORDER BY attnum) INTO fixed
    FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      AND NOT attname = ANY (mutable);
    EXECUTE format('DROP TRIGGER IF EXISTS append_only_columns ON %s', target);
    EXECUTE format(
        'CREATE TRIGGER append_only_columns BEFORE UPDATE ON %s
         FOR EACH ROW WHEN ((%s) IS DISTINCT FROM (%s))
         EXECUTE FUNCTION access.refuse_other_columns(%s)', target,
        (SELECT string_agg('OLD.' || name, ', ') FROM unnest(fixed) AS name),
        (SELECT string_agg('NEW.' || name, ', ') FROM unnest(fixed) AS name),
        (SELECT string_agg(quote_literal(name), ', ') FROM unnest(mutable) AS name));
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_columns', target);
END $$;

-- For a migration that adds a column to a table of this schema: the new one is guarded like the others.
CREATE PROCEDURE access.guard_columns(schema_name text) LANGUAGE plpgsql AS $$
DECLARE
    guarded record;
BEGIN
    FOR guarded IN
        SELECT g.tgrelid::regclass AS target, array_remove(
            string_to_array(replace(encode(g.tgargs, 'escape'), '\000', ','), ','), '') AS mutable
        FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
        WHERE g.tgname = 'append_only_columns' AND g.tgparentid = 0
          AND c.relnamespace = schema_name::regnamespace
    LOOP
        CALL access.guard_columns(guarded.target, guarded.mutable);
    END LOOP;
END $$;

CREATE OR REPLACE PROCEDURE access.append_only(target regclass, VARIADIC mutable text[] DEFAULT '{}')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER append_only_rows BEFORE DELETE ON %s
         FOR EACH ROW EXECUTE FUNCTION access.refuse_removal()', target);
    EXECUTE format(
        'CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %s
         FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_removal()', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_rows', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_table', target);
    CALL access.guard_columns(target, mutable);
END $$;
CALL access.guard_columns('access');
