using Npgsql;

namespace Sentinel.Postgres;

/// <summary>
/// LISTEN as a loop. A notification is a hint that there may be work, never the work itself: who misses
/// one finds the same rows a little later.
/// </summary>
public static class Notifications
{
    /// <summary>
    /// Does the work at once, whenever somebody calls, and at least every so often, until it is
    /// cancelled or the connection breaks.
    /// </summary>
    public static async Task ListenAsync(
        NpgsqlDataSource database,
        string channel,
        TimeSpan atLeastEvery,
        Func<CancellationToken, Task> work,
        CancellationToken cancellation
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using (var listen = new NpgsqlCommand("LISTEN " + channel, connection))
            await listen.ExecuteNonQueryAsync(cancellation);
        while (true)
        {
            // Listening began before the first look, so that nothing falls between the two.
            await work(cancellation);
            await connection.WaitAsync(atLeastEvery, cancellation);
        }
    }
}
