using Npgsql;

namespace Sentinel.Postgres.Ledger;

/// <summary>What copies, witnesses and stamps of the heads need of the tree.</summary>
sealed partial class LedgerStore
{
    public async Task<MerkleFrontier?> FrontierAtAsync(
        NpgsqlConnection connection,
        long size,
        CancellationToken cancellation
    )
    {
        var sql = In("SELECT frontier FROM {schema}.audit_checkpoints WHERE tree_size = $1");
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(size);
        return await command.ExecuteScalarAsync(cancellation) is byte[] frontier
            ? MerkleFrontier.Read(size, frontier)
            : null;
    }

    /// <summary>The leaves from one index up to another, in order.</summary>
    public async Task<IReadOnlyList<byte[]>> HashesAsync(
        NpgsqlConnection connection,
        long from,
        long to,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT leaf_hash FROM {schema}.audit_leaves
            WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(from);
        command.Parameters.AddWithValue(to);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<byte[]> hashes = [];
        while (await reader.ReadAsync(cancellation))
            hashes.Add(reader.GetFieldValue<byte[]>(0));
        return hashes;
    }

    public sealed record Stamp(long Size, string Note, byte[] Signed);

    public async Task<IReadOnlyList<Stamp>> StampsAsync(
        NpgsqlConnection connection,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            SELECT tree_size, note, token
            FROM {schema}.audit_timestamps JOIN {schema}.audit_checkpoints USING (tree_size)
            ORDER BY tree_size
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<Stamp> stamps = [];
        while (await reader.ReadAsync(cancellation))
            stamps.Add(
                new Stamp(reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2))
            );
        return stamps;
    }

    public async Task<bool> IsStampedAsync(
        NpgsqlConnection connection,
        long size,
        CancellationToken cancellation
    )
    {
        var sql = In("SELECT EXISTS (SELECT FROM {schema}.audit_timestamps WHERE tree_size = $1)");
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(size);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    public async Task AddStampAsync(
        NpgsqlConnection connection,
        long size,
        byte[] token,
        DateTimeOffset at,
        CancellationToken cancellation
    )
    {
        var sql = In(
            """
            INSERT INTO {schema}.audit_timestamps (tree_size, token, stamped_at)
            VALUES ($1, $2, $3)
            """
        );
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue(size);
        command.Parameters.AddWithValue(token);
        command.Parameters.AddWithValue(at.ToUniversalTime());
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
