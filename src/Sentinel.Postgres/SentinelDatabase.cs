using Npgsql;

namespace Sentinel.Postgres;

/// <summary>
/// The database as each running part sees it: one pool for each role, with that role's password from
/// <c>$SENTINEL_DATA/secrets/&lt;role&gt;</c>. Only <c>migrate</c> uses the user of the connection string.
/// </summary>
public sealed class SentinelDatabase(
    NpgsqlDataSource siem,
    NpgsqlDataSource psa,
    NpgsqlDataSource jobs,
    NpgsqlDataSource replay,
    NpgsqlDataSource signer,
    NpgsqlDataSource auditor
) : IAsyncDisposable
{
    public NpgsqlDataSource Siem { get; } = siem;

    public NpgsqlDataSource Psa { get; } = psa;

    public NpgsqlDataSource Jobs { get; } = jobs;

    public NpgsqlDataSource Replay { get; } = replay;

    public NpgsqlDataSource Signer { get; } = signer;

    public NpgsqlDataSource Auditor { get; } = auditor;

    public async ValueTask DisposeAsync()
    {
        await Siem.DisposeAsync();
        await Psa.DisposeAsync();
        await Jobs.DisposeAsync();
        await Replay.DisposeAsync();
        await Signer.DisposeAsync();
        await Auditor.DisposeAsync();
    }
}
