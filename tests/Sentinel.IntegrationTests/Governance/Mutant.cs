using System.Text.RegularExpressions;
using Npgsql;

namespace Sentinel.IntegrationTests.Governance;

/// <summary>One guard of the database that is taken away.</summary>
/// <param name="Name">What is gone, as the report says it.</param>
/// <param name="Sql">What takes it away.</param>
/// <param name="Tables">Those that it guards; none for what many guards call.</param>
sealed partial record Mutant(string Name, string Sql, IReadOnlyList<string> Tables)
{
    /// <summary>All that there are, from the catalogue: a new guard is a new mutant.</summary>
    public static async Task<IReadOnlyList<Mutant>> AllAsync(NpgsqlConnection connection)
    {
        List<Mutant> mutants = [.. await AskAsync(connection, Declared)];
        foreach (var function in await AskAsync(connection, Functions))
            mutants.AddRange(Without(function));
        return mutants;
    }

    static async Task<IReadOnlyList<Mutant>> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<Mutant> found = [];
        while (await reader.ReadAsync())
            found.Add(
                new Mutant(
                    reader.GetString(0),
                    reader.GetString(1),
                    reader.GetFieldValue<string[]>(2)
                )
            );
        return found;
    }

    const string Declared = """
        WITH tables AS (
            SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'psa' AND c.relkind IN ('r', 'p') AND NOT c.relispartition)
        SELECT name, sql, ARRAY[target::text] FROM (
            SELECT format('trigger %s on %s', tgname, t.oid::regclass) AS name,
                format('DROP TRIGGER %I ON %s', tgname, t.oid::regclass) AS sql, t.oid::regclass AS target
            FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid WHERE NOT tgisinternal
            UNION ALL
            SELECT format('%s %s on %s', CASE contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key'
                    WHEN 'u' THEN 'unique' ELSE 'primary key' END, conname, t.oid::regclass),
                format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', t.oid::regclass, conname), t.oid::regclass
            FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid WHERE contype IN ('c', 'f', 'u', 'p')
              -- What a narrower key implies is there for foreign keys to point at, and refuses nothing.
              AND NOT (contype = 'u' AND EXISTS (SELECT FROM pg_constraint narrower
                WHERE narrower.conrelid = t.oid AND narrower.contype IN ('u', 'p')
                  AND narrower.oid <> k.oid AND narrower.conkey <@ k.conkey))
            UNION ALL
            SELECT format('unique index %s', i.indexrelid::regclass), format('DROP INDEX %s', i.indexrelid::regclass),
                t.oid::regclass
            FROM tables t JOIN pg_index i ON i.indrelid = t.oid WHERE indisunique
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
            UNION ALL
            SELECT format('not null %s.%s', t.oid::regclass, attname),
                format('ALTER TABLE %s ALTER %I DROP NOT NULL', t.oid::regclass, attname), t.oid::regclass
            FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
            WHERE attnum > 0 AND attnotnull AND NOT attisdropped AND attidentity = '' AND NOT EXISTS (
                SELECT FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p' AND attnum = ANY (conkey))
            UNION ALL
            SELECT format('policy %s on %s', polname, t.oid::regclass),
                format('ALTER POLICY %I ON %s USING (true) WITH CHECK (true)', polname, t.oid::regclass),
                t.oid::regclass
            FROM tables t JOIN pg_policy p ON p.polrelid = t.oid WHERE polname = 'organisation'
            UNION ALL
            SELECT format('row-level security on %s', oid::regclass),
                format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', oid::regclass), oid::regclass
            FROM tables WHERE relrowsecurity
            UNION ALL
            SELECT format('forced row-level security on %s', oid::regclass),
                format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', oid::regclass), oid::regclass
            FROM tables WHERE relforcerowsecurity
            UNION ALL
            SELECT format('revoked %s on %s from %s', privilege_type, t.oid::regclass, grantee::regrole),
                format('REVOKE %s ON %s FROM %s', privilege_type, t.oid::regclass, grantee::regrole),
                t.oid::regclass
            FROM tables t, aclexplode(t.relacl) WHERE grantee <> t.relowner AND grantee <> 0) AS mutants
        ORDER BY name COLLATE "C"
        """;

    const string Functions = """
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), ARRAY(
            SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = p.oid)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
        WHERE n.nspname IN ('psa', 'access') AND l.lanname = 'plpgsql' AND p.prokind = 'f'
        ORDER BY p.oid::regprocedure::text COLLATE "C"
        """;

    /// <summary>The function once for each statement that refuses or requires something, without it.</summary>
    static IEnumerable<Mutant> Without(Mutant function)
    {
        var text = function.Sql;
        var counts = new Dictionary<string, int>();
        foreach (Match start in RefusalPattern().Matches(text))
        {
            var end = EndOfStatement(text, start.Index);
            var statement = SpacePattern().Replace(text[start.Index..end], " ");
            var place = counts[statement] = counts.GetValueOrDefault(statement) + 1;
            yield return new Mutant(
                $"{function.Name}: {statement}{(place > 1 ? $" ({place})" : "")}",
                text[..start.Index] + "NULL" + text[end..],
                function.Tables
            );
        }
    }

    // To the semicolon that no quote holds.
    static int EndOfStatement(string text, int from)
    {
        var quoted = false;
        for (var at = from; at < text.Length; at++)
            if (text[at] == '\'')
                quoted = !quoted;
            else if (text[at] == ';' && !quoted)
                return at;
        throw new InvalidOperationException(text[from..]);
    }

    [GeneratedRegex(@"PERFORM\s+psa\.(require|refuse)\w*\(|RAISE EXCEPTION")]
    private static partial Regex RefusalPattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex SpacePattern();
}
