-- A trigger without arguments has no TG_ARGV at all, and nothing is unlike nothing: tables of which no
-- column may change accepted every change by whoever had the right to make it (no application role has).
CREATE OR REPLACE FUNCTION access.refuse_other_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(after.key, ', ' ORDER BY after.key) INTO changed
    FROM jsonb_each(to_jsonb(NEW)) AS after
    JOIN jsonb_each(to_jsonb(OLD)) AS before ON before.key = after.key
    WHERE before.value IS DISTINCT FROM after.value
      AND NOT after.key = ANY (coalesce(TG_ARGV, '{}'));
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'UPDATE on %.% is refused: % may never change', TG_TABLE_SCHEMA,
            TG_TABLE_NAME, changed USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
