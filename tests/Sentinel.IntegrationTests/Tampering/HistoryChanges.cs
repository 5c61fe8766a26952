using Sentinel.IntegrationTests.Postgres;

namespace Sentinel.IntegrationTests.Tampering;

/// <summary>What a superuser can do to the rows of a log as a whole, each with all that he can adapt.</summary>
static class HistoryChanges
{
    /// <summary>Each by its name, for a tree of that size.</summary>
    public static IEnumerable<(string Name, string Sql)> Of(int size, Random chance)
    {
        var (one, other) = (chance.Next(size - 1), size - 1);
        yield return ("a row deleted", $"DELETE FROM psa.audit_log WHERE id = {Row(one)}");
        yield return ("a leaf deleted", $"DELETE FROM psa.audit_leaves WHERE leaf_index = {one}");
        yield return (
            "a row deleted with its leaf, the later ones moved up",
            $"""
            DELETE FROM psa.audit_log WHERE id = {Row(one)};
            DELETE FROM psa.audit_leaves WHERE leaf_index = {one};
            {Move($"leaf_index > {one}", -1)}
            """
        );
        yield return (
            "the same, and the heads that knew it are gone",
            $"""
            DELETE FROM psa.audit_log WHERE id = {Row(one)};
            DELETE FROM psa.audit_leaves WHERE leaf_index = {one};
            {Move($"leaf_index > {one}", -1)};
            DELETE FROM psa.audit_checkpoints WHERE tree_size > {one}
            """
        );
        yield return (
            "two leaves swapped",
            $"""
            UPDATE psa.audit_leaves SET leaf_index = -1 WHERE leaf_index = {one};
            UPDATE psa.audit_leaves SET leaf_index = {one} WHERE leaf_index = {other};
            UPDATE psa.audit_leaves SET leaf_index = {other} WHERE leaf_index = -1
            """
        );
        yield return (
            "two rows swapped in the order of the log, with fresh leaves",
            $"""
            CREATE TEMP TABLE swapped ON COMMIT DROP AS SELECT id, position FROM psa.audit_log
            WHERE id IN ({Row(one)}, {Row(other)});
            DELETE FROM psa.audit_log WHERE false;
            ALTER TABLE psa.audit_log ALTER position DROP IDENTITY IF EXISTS;
            UPDATE psa.audit_log log SET position = -log.position WHERE id IN (SELECT id FROM swapped);
            UPDATE psa.audit_log log SET position = (SELECT position FROM swapped WHERE id <> log.id)
            WHERE id IN (SELECT id FROM swapped);
            {FreshLeaves}
            """
        );
        foreach (var change in Additions(size, one))
            yield return change;
        foreach (var kept in (int[])[0, one, size - 1])
            yield return ($"cut off after {kept} rows", Cut(kept));
    }

    static IEnumerable<(string Name, string Sql)> Additions(int size, int one)
    {
        yield return ("a row inserted behind the heads", Insert(one));
        yield return (
            "a row inserted into the middle of the tree",
            $"""
            {Insert(one)};
            {Move($"leaf_index > {one}", 1)};
            INSERT INTO psa.audit_leaves SELECT {one} + 1, id, leaf_hash FROM psa.audit_log
            WHERE id NOT IN (SELECT audit_id FROM psa.audit_leaves)
            """
        );
        yield return (
            "a row appended to the tree",
            $"""
            {Insert(one)};
            INSERT INTO psa.audit_leaves SELECT {size}, id, leaf_hash FROM psa.audit_log
            WHERE id NOT IN (SELECT audit_id FROM psa.audit_leaves)
            """
        );
        yield return (
            "a row rewritten with its leaf",
            $"""
            UPDATE psa.audit_log SET actor_id = gen_random_uuid() WHERE id = {Row(one)};
            {FreshLeaves}
            """
        );
        yield return (
            "a row rewritten with its leaf, and no head left",
            $"""
            UPDATE psa.audit_log SET metadata = jsonb_build_object('quiet', true) WHERE id = {Row(
                one
            )};
            {FreshLeaves};
            DELETE FROM psa.audit_checkpoints
            """
        );
    }

    static string Cut(int kept) =>
        $"""
            DELETE FROM psa.audit_log WHERE id NOT IN (
                SELECT audit_id FROM psa.audit_leaves WHERE leaf_index < {kept});
            DELETE FROM psa.audit_leaves WHERE leaf_index >= {kept};
            DELETE FROM psa.audit_checkpoints WHERE tree_size > {kept}
            """;

    static string Row(int index) =>
        $"(SELECT audit_id FROM psa.audit_leaves WHERE leaf_index = {index})";

    // By way of indexes that nothing has: a primary key is asked at each row.
    static string Move(string which, int by) =>
        $"""
            UPDATE psa.audit_leaves SET leaf_index = leaf_index + 1000000 WHERE {which};
            UPDATE psa.audit_leaves SET leaf_index = leaf_index - 1000000 + ({by})
            WHERE leaf_index >= 1000000
            """;

    static string Insert(int like) =>
        $"""
            INSERT INTO psa.audit_log OVERRIDING SYSTEM VALUE
            SELECT (row).* FROM (
                SELECT jsonb_populate_record(log, jsonb_build_object('id', gen_random_uuid(),
                    'position', (SELECT max(position) + 1 FROM psa.audit_log))) AS row
                FROM psa.audit_log log WHERE id = {Row(like)}) AS copy;
            {FreshLeaves}
            """;

    const string FreshLeaves =
        "UPDATE psa.audit_log SET leaf_hash = "
        + AuditSample.LeafOfRow
        + """
            ;
            UPDATE psa.audit_leaves leaf SET leaf_hash = log.leaf_hash
            FROM psa.audit_log log WHERE log.id = audit_id
            """;
}
