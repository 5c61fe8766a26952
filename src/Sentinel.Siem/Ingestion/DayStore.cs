using Npgsql;

namespace Sentinel.Siem.Ingestion;

/// <summary>The days that rows need, made before the transaction that writes them opens.</summary>
static class DayStore
{
    // A writer of an older day may hold the parents for as long as its batch takes.
    const int LockAttemptsMax = 5;

    public static async Task PrepareAsync(
        NpgsqlDataSource database,
        IEnumerable<DateTimeOffset> keyTimes,
        CancellationToken cancellation
    )
    {
        const string missing = "SELECT siem.missing_days($1)";
        const string create = "SELECT siem.create_days($1)";
        var wanted = keyTimes
            .Select(time => DateOnly.FromDateTime(time.UtcDateTime))
            .Distinct()
            .ToArray();
        await using var command = database.CreateCommand(missing);
        command.Parameters.AddWithValue(wanted);
        var days = (DateOnly[]?)await command.ExecuteScalarAsync(cancellation) ?? [];
        if (days.Length == 0)
            return;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var creation = database.CreateCommand(create);
                creation.Parameters.AddWithValue(days);
                await creation.ExecuteNonQueryAsync(cancellation);
                return;
            }
            catch (PostgresException busy)
                when (attempt < LockAttemptsMax
                    && busy.SqlState
                        is PostgresErrorCodes.LockNotAvailable
                            or PostgresErrorCodes.DeadlockDetected
                )
            {
                // Tried again: the lock timeout has been the pause.
            }
        }
    }
}
