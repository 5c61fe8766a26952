namespace Sentinel.Postgres.Embedded;

/// <summary>
/// Two locks on files of the data directory, both let go by the kernel when a process dies: one taken
/// in turns to start and stop, one shared by all who use the server.
/// </summary>
static class ClusterLock
{
    const int TurnSecondsMax = 120;

    public static async Task<FileStream> TakeTurnAsync(
        DataDirectory data,
        CancellationToken cancellation
    )
    {
        var file = Path.Combine(data.Postgres, "turn.lock");
        for (var attempt = 0; attempt < TurnSecondsMax * 20; attempt++)
        {
            if (TryExclusive(file) is { } turn)
                return turn;
            await Task.Delay(50, cancellation);
        }
        throw new OperationFailedException(
            $"Another Sentinel has been starting or stopping the database of {data.Path} for "
                + $"{TurnSecondsMax} seconds: stop it, and try again."
        );
    }

    public static FileStream Use(DataDirectory data)
    {
        // Made first: a shared lock is one on a file opened for reading.
        var file = UseFile(data);
        File.Open(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        return File.Open(file, FileMode.Open, FileAccess.Read, FileShare.Read);
    }

    public static bool IsUnused(DataDirectory data)
    {
        using var alone = TryExclusive(UseFile(data));
        return alone is not null;
    }

    static string UseFile(DataDirectory data) => Path.Combine(data.Postgres, "use.lock");

    static FileStream? TryExclusive(string file)
    {
        try
        {
            return File.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.GetType() == typeof(IOException))
        {
            return null;
        }
    }
}
