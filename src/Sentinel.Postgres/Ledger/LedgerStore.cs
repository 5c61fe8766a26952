using Npgsql;

namespace Sentinel.Postgres.Ledger;

/// <summary>The tree beside one audit log, in its tables.</summary>
sealed partial class LedgerStore
{
    readonly string schema;

    public LedgerStore(string schema)
    {
        // The schema becomes part of the text of statements.
        if (!schema.All(character => char.IsAsciiLetterLower(character) || character == '_'))
            throw new ArgumentException("not the name of a schema", nameof(schema));
        this.schema = schema;
    }

    // Only the name of the schema, checked above, becomes part of a statement's text.
    string In(string sql) =>
        sql.Replace("{schema}", schema, StringComparison.Ordinal)
            .Replace("{columns}", AuditEntry.Columns, StringComparison.Ordinal);

    public sealed record NewLeaf(Guid AuditId, byte[] Hash);

    public sealed record NewHead(long Size, byte[] Root, string Note, byte[] Frontier);

    public sealed record LastCheckpoint(string Note, MerkleFrontier Frontier, string Horizon);

    public static async Task<IReadOnlyList<string>> SchemasAsync(
        NpgsqlDataSource database,
        CancellationToken cancellation
    )
    {
        const string sql = """
            SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE relname = 'audit_checkpoints' AND nspowner = 'sentinel_owner'::regrole
            ORDER BY nspname
            """;
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<string> schemas = [];
        while (await reader.ReadAsync(cancellation))
            schemas.Add(reader.GetString(0));
        return schemas;
    }

    public async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        const string sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue($"sentinel {schema}.audit_checkpoints");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<LastCheckpoint?> LastAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT note, tree_size, frontier, root_hash, horizon::text
            FROM {schema}.audit_checkpoints ORDER BY tree_size DESC LIMIT 1
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        var frontier = MerkleFrontier.Read(reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
        if (
            frontier is null
            || !frontier.Root().AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(3))
        )
            throw new OperationFailedException(
                $"The last checkpoint of {schema} contradicts itself: somebody changed it; nothing "
                    + "is signed over it; run ./sentinel verify audit."
            );
        return new LastCheckpoint(reader.GetString(0), frontier, reader.GetString(4));
    }

    public async Task<byte[]?> RootAtAsync(
        NpgsqlConnection connection,
        long size,
        CancellationToken cancellation
    )
    {
        var sql = In("SELECT root_hash FROM {schema}.audit_checkpoints WHERE tree_size = $1");
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(size);
        return await command.ExecuteScalarAsync(cancellation) as byte[];
    }

    /// <summary>Every transaction before it has ended, so that its rows are seen or never will be.</summary>
    public async Task<string> HorizonAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        const string sql = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text";
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public async Task<IReadOnlyList<NewLeaf>> NewLeavesAsync(
        NpgsqlConnection connection,
        string? from,
        string horizon,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT id, leaf_hash FROM {schema}.audit_log
            WHERE transaction_id >= $1::xid8 AND transaction_id < $2::xid8
            ORDER BY position
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(from ?? "0");
        command.Parameters.AddWithValue(horizon);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<NewLeaf> leaves = [];
        while (await reader.ReadAsync(cancellation))
            leaves.Add(new NewLeaf(reader.GetGuid(0), reader.GetFieldValue<byte[]>(1)));
        return leaves;
    }

    public async Task AddAsync(
        NpgsqlConnection connection,
        long first,
        IReadOnlyList<NewLeaf> leaves,
        CancellationToken cancellation
    )
    {
        var copy = In(
            """
            COPY {schema}.audit_leaves (leaf_index, audit_id, leaf_hash) FROM STDIN (FORMAT BINARY)
            """
        );
        await using var writer = await connection.BeginBinaryImportAsync(copy, cancellation);
        for (var index = 0; index < leaves.Count; index++)
        {
            await writer.StartRowAsync(cancellation);
            await writer.WriteAsync(first + index, cancellation);
            await writer.WriteAsync(leaves[index].AuditId, cancellation);
            await writer.WriteAsync(leaves[index].Hash, cancellation);
        }
        await writer.CompleteAsync(cancellation);
    }

    public async Task AddAsync(
        NpgsqlConnection connection,
        IReadOnlyList<NewHead> heads,
        string horizon,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            INSERT INTO {schema}.audit_checkpoints (tree_size, root_hash, note, frontier, horizon)
            SELECT size, root, note, frontier, $5::xid8
            FROM unnest($1, $2, $3, $4) AS heads(size, root, note, frontier)
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(heads.Select(head => head.Size).ToArray());
        command.Parameters.AddWithValue(heads.Select(head => head.Root).ToArray());
        command.Parameters.AddWithValue(heads.Select(head => head.Note).ToArray());
        command.Parameters.AddWithValue(heads.Select(head => head.Frontier).ToArray());
        command.Parameters.AddWithValue(horizon);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Whether every row of one story is in the tree: none waits behind its last horizon.</summary>
    public async Task<bool> CoversAsync(
        NpgsqlDataSource database,
        Guid organisationId,
        Guid subjectId,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT NOT EXISTS (
                SELECT FROM {schema}.audit_log
                WHERE organisation_id = $1 AND subject_id = $2 AND transaction_id >= coalesce((
                    SELECT horizon FROM {schema}.audit_checkpoints ORDER BY tree_size DESC LIMIT 1),
                    '0'))
            """
        );
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue(organisationId);
        command.Parameters.AddWithValue(subjectId);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    /// <summary>The checkpoints in the order of their sizes.</summary>
    public async Task<IReadOnlyList<StoredHead>> HeadsAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT tree_size, root_hash, note, frontier
            FROM {schema}.audit_checkpoints ORDER BY tree_size
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredHead> heads = [];
        while (await reader.ReadAsync(cancellation))
            heads.Add(
                new StoredHead(
                    reader.GetInt64(0),
                    reader.GetFieldValue<byte[]>(1),
                    reader.GetString(2),
                    reader.GetFieldValue<byte[]>(3)
                )
            );
        return heads;
    }

    public sealed record StoredHead(long Size, byte[] Root, string Note, byte[] Frontier);

    /// <summary>Leaves with their rows in the tree's order, then the rows that are in no tree.</summary>
    public async IAsyncEnumerable<LedgerRow> RowsAsync(
        NpgsqlConnection connection,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT {columns}, leaf.leaf_index, leaf.audit_id, leaf.leaf_hash,
                coalesce(log.transaction_id < (
                    SELECT max(horizon::text::numeric)::text::xid8 FROM {schema}.audit_checkpoints),
                    false)
            FROM {schema}.audit_log log
            FULL JOIN {schema}.audit_leaves leaf ON leaf.audit_id = log.id
            ORDER BY leaf.leaf_index NULLS LAST, log.position
            """
        );
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var holds = false;
            yield return new LedgerRow(
                reader.IsDBNull(0) ? null : AuditEntry.Read(reader, out holds),
                holds,
                reader.IsDBNull(15) ? null : reader.GetFieldValue<byte[]>(15),
                reader.IsDBNull(16) ? null : reader.GetInt64(16),
                reader.IsDBNull(17) ? null : reader.GetGuid(17),
                reader.IsDBNull(18) ? null : reader.GetFieldValue<byte[]>(18),
                reader.GetBoolean(19)
            );
        }
    }
}

/// <param name="Entry">Null where the log has lost the row of a leaf.</param>
/// <param name="Holds">Whether the row still gives the leaf hash that it holds.</param>
/// <param name="LogHash">The leaf hash that the log's row holds.</param>
/// <param name="LeafIndex">Null where the row is in no tree.</param>
/// <param name="LeafOf">The row that the leaf was made of.</param>
/// <param name="TreeHash">The leaf hash that the tree holds.</param>
/// <param name="IsBehind">Whether its transaction ended before the last checkpoint was made.</param>
sealed record LedgerRow(
    AuditEntry? Entry,
    bool Holds,
    byte[]? LogHash,
    long? LeafIndex,
    Guid? LeafOf,
    byte[]? TreeHash,
    bool IsBehind
);
