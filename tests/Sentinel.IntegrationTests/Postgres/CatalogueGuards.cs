using Npgsql;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>
/// What must hold for every table there will ever be, asked of PostgreSQL's catalogue: each guard is a
/// question whose rows are violations, and a change that it must notice.
/// </summary>
static class CatalogueGuards
{
    public sealed record Guard(string Violations, string Breach);

    // Hangfire's objects are its own. A partition is judged by its parent.
    const string Tables = """
        tables AS (
            SELECT n.nspname || '.' || c.relname AS name, c.*
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
              AND c.relkind IN ('r', 'p') AND NOT c.relispartition),
        owned AS (
            SELECT t.* FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
            WHERE a.attname = 'organisation_id' AND NOT a.attisdropped)
        """;

    public static readonly IReadOnlyDictionary<string, Guard> All = new Dictionary<string, Guard>
    {
        ["row-level security is forced on every table that knows an organisation"] = new(
            $"""
            WITH {Tables}
            SELECT name FROM owned WHERE NOT (relrowsecurity AND relforcerowsecurity)
            """,
            "ALTER TABLE psa.users NO FORCE ROW LEVEL SECURITY"
        ),
        ["whoever passes row-level security is on the approved list"] = new(
            """
            SELECT format('%I.%I lets %s past by %s', schemaname, tablename, roles::text, policyname)
            FROM pg_policies WHERE qual IN ('true', '(true)') AND NOT EXISTS (
                SELECT FROM access.cross_organisation_roles
                WHERE table_name = schemaname || '.' || tablename AND roles = ARRAY[role_name]::name[])
              AND policyname <> 'owner_alone'
            """,
            "CREATE POLICY open ON psa.users TO siem USING (true)"
        ),
        ["foreign keys between an organisation's tables include the organisation"] = new(
            $"""
            WITH {Tables}
            SELECT k.conname FROM pg_constraint k
            JOIN owned a ON a.oid = k.conrelid JOIN owned b ON b.oid = k.confrelid
            WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT (
                -- A column that a CHECK holds to the row's organisation, or to the nil one of what is
                -- shipped to everybody, stands for it.
                EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = a.oid
                    AND o.attnum = ANY (k.conkey) AND (attname = 'organisation_id' OR EXISTS (
                        SELECT FROM pg_constraint c JOIN pg_attribute g ON g.attrelid = c.conrelid
                            AND g.attnum = ANY (c.conkey) AND g.attname = 'organisation_id'
                        WHERE c.conrelid = a.oid AND c.contype = 'c' AND o.attnum = ANY (c.conkey)
                          AND c.conkey <@ ARRAY[o.attnum, g.attnum])))
                AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = b.oid
                    AND attnum = ANY (k.confkey) AND attname = 'organisation_id'))
            """,
            "ALTER TABLE psa.users ADD UNIQUE (id), ADD self uuid REFERENCES psa.users (id)"
        ),
        ["no foreign key crosses schemas"] = new(
            """
            SELECT k.conname FROM pg_constraint k
            JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid
            WHERE k.contype = 'f' AND a.relnamespace <> b.relnamespace
            """,
            "ALTER TABLE siem.sources ADD psa_id uuid REFERENCES psa.organisations (id)"
        ),
        ["rows stay and only approved columns change, on every table"] = new(
            $$"""
            WITH {{Tables}}
            SELECT name FROM tables t WHERE 3 <> (
                SELECT count(*) FROM pg_trigger WHERE tgrelid = t.oid AND tgenabled = 'A'
                  AND tgname IN ('append_only_rows', 'append_only_table', 'append_only_columns'))
              AND EXISTS (
                SELECT FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped
                  AND NOT EXISTS (SELECT FROM access.mutable_columns
                    WHERE table_name = t.name AND column_name = attname))
            """,
            "ALTER TABLE psa.users DISABLE TRIGGER append_only_rows"
        ),
        ["the columns that a table's trigger lets change are those on the list"] = new(
            $$"""
            WITH {{Tables}}, allowed AS (
                SELECT t.name, convert_from(a.argument, 'UTF8') AS column_name
                FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid,
                LATERAL (SELECT decode(argument, 'hex') AS argument
                    FROM regexp_split_to_table(encode(g.tgargs, 'hex'), '(?<=^(?:..)*)00') AS argument) a
                WHERE g.tgname = 'append_only_columns' AND a.argument <> ''),
            listed AS (
                SELECT m.table_name AS name, m.column_name FROM access.mutable_columns m
                JOIN tables t ON t.name = m.table_name
                JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgname = 'append_only_columns')
            (TABLE allowed EXCEPT TABLE listed) UNION ALL (TABLE listed EXCEPT TABLE allowed)
            """,
            "CALL access.mutable('psa.users', ARRAY['email'], 'not really')"
        ),
        ["every column that may never change is compared, also one that was added later"] = new(
            $$"""
            WITH {{Tables}}
            SELECT t.name || '.' || a.attname FROM tables t
            JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgname = 'append_only_columns'
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attgenerated = ''
            WHERE (pg_get_triggerdef(g.oid) !~* ('\mold\."?' || a.attname || '\M')
                OR NOT a.attnum = ANY (g.tgattr))
              AND NOT EXISTS (SELECT FROM access.mutable_columns
                WHERE table_name = t.name AND column_name = a.attname)
            """,
            "ALTER TABLE psa.users ADD unguarded text"
        ),
        // They are compared where a statement sets one, and where some column may change not every statement does.
        [
            "no trigger changes a column that may never change, unless it asks whether the row is new"
        ] = new(
            """
            SELECT g.tgrelid::regclass || '.' || a.attname FROM pg_trigger g
            JOIN pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = ANY (g.tgattr)
            JOIN pg_trigger t ON t.tgrelid = g.tgrelid
            JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE g.tgname = 'append_only_columns' AND g.tgnargs > 0
                  AND pg_get_triggerdef(t.oid) ~ 'BEFORE .*UPDATE'
              AND p.prosrc ~* ('\mnew\.' || a.attname || '\s*:=') AND p.prosrc !~ '\mTG_OP\M'
            """,
            """
            CREATE FUNCTION psa.rename() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN NEW.email := ''other@example.org''; RETURN NEW; END';
            CREATE TRIGGER renaming BEFORE UPDATE ON psa.users FOR EACH ROW EXECUTE FUNCTION psa.rename()
            """
        ),
        // Else a condition of the reader's could be asked of rows that the view leaves out, and tell of them.
        ["a view that its owner reads for others is a barrier"] = new(
            """
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem') AND c.relkind = 'v'
              AND coalesce(array_to_string(c.reloptions, ','), '') !~ 'security_(barrier|invoker)=true'
            """,
            "CREATE VIEW psa.everybody AS SELECT * FROM access.presented"
        ),
        ["every time has a zone"] = new(
            $"""
            WITH {Tables}
            SELECT name || '.' || attname FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
            WHERE attnum > 0 AND atttypid IN ('timestamp'::regtype, 'timestamp[]'::regtype,
                'time'::regtype)
            """,
            "ALTER TABLE psa.users ADD zoneless timestamp"
        ),
        ["everything belongs to an owner who cannot log in and whom nobody may become"] = new(
            $"""
            WITH {Tables}
            SELECT name FROM tables WHERE relowner <> 'sentinel_owner'::regrole
            UNION ALL
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n
                ON n.oid = p.pronamespace
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
              AND proowner <> 'sentinel_owner'::regrole
            UNION ALL
            SELECT nspname FROM pg_namespace WHERE nspowner <> 'sentinel_owner'::regrole
              AND nspname IN ('access', 'psa', 'policy', 'workflow', 'siem', 'hangfire')
            UNION ALL
            SELECT rolname FROM pg_roles WHERE rolname = 'sentinel_owner' AND rolcanlogin
            UNION ALL
            SELECT member::regrole::text FROM pg_auth_members
            WHERE roleid = 'sentinel_owner'::regrole
            """,
            "ALTER TABLE psa.users OWNER TO psa"
        ),
        ["no role of ours is above the rules"] = new(
            """
            SELECT rolname FROM pg_roles
            WHERE rolname IN ('sentinel_owner', 'siem', 'psa', 'jobs', 'replay', 'signer', 'auditor',
                'backup')
              AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
                OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid))
            """,
            "ALTER ROLE psa BYPASSRLS"
        ),
        ["nobody may create objects, and PUBLIC may do nothing"] = new(
            """
            SELECT r.rolname || ' creates in ' || n.nspname FROM pg_roles r, pg_namespace n
            WHERE r.rolname IN ('siem', 'psa', 'jobs', 'replay', 'signer', 'auditor', 'backup')
              AND n.nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
            UNION ALL
            SELECT 'PUBLIC ' || privilege_type || ' ' || c.oid::regclass::text
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl)
            WHERE grantee = 0
              AND n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem', 'hangfire')
            UNION ALL
            SELECT 'PUBLIC executes ' || p.oid::regprocedure::text
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem') AND (proacl IS NULL
                OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))
            """,
            "GRANT SELECT ON psa.users TO PUBLIC"
        ),
        ["a function that acts as the owner chooses where its names lead"] = new(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n
                ON n.oid = p.pronamespace
            WHERE prosecdef AND n.nspname IN ('access', 'psa', 'policy', 'workflow', 'siem')
              AND NOT coalesce(array_to_string(proconfig, ','), '') LIKE '%search_path=%'
            """,
            "ALTER FUNCTION access.actor_id() RESET search_path"
        ),
        ["partitions have no grants of their own, since they have no policies"] = new(
            """
            SELECT c.oid::regclass::text FROM pg_class c, aclexplode(c.relacl)
            WHERE c.relispartition AND grantee <> c.relowner
            """,
            """
            CREATE TABLE public.parent (day date) PARTITION BY LIST (day);
            CREATE TABLE public.part PARTITION OF public.parent DEFAULT;
            GRANT SELECT ON public.part TO siem
            """
        ),
    };

    public static async Task<IReadOnlyList<string>> ViolationsAsync(
        NpgsqlConnection connection,
        string guard
    )
    {
        await using var command = new NpgsqlCommand(All[guard].Violations, connection);
        await using var reader = await command.ExecuteReaderAsync(
            TestContext.Current.CancellationToken
        );
        List<string> violations = [];
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            violations.Add(
                string.Join('.', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue))
            );
        return violations;
    }
}
