using System.Collections.Concurrent;
using System.Diagnostics;

namespace Sentinel.Postgres;

/// <summary>
/// Where a test may kill the process: <c>SENTINEL_CRASH_AT=station</c>, or <c>station:N</c> for the
/// Nth time it is reached. SIGKILL, as a power cut would: nothing is flushed, nothing is disposed.
/// </summary>
public static class CrashPoint
{
    public const string Variable = "SENTINEL_CRASH_AT";

    static readonly string? Wanted = Environment.GetEnvironmentVariable(Variable);
    static readonly ConcurrentDictionary<string, int> Visits = new();

    public static void Reach(string station)
    {
        if (string.IsNullOrEmpty(Wanted))
            return;
        if (!IsDue(Wanted, station, Visits.AddOrUpdate(station, 1, (_, visits) => visits + 1)))
            return;
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // The signal is on its way: the statement after this one never runs.
        Thread.SpinWait(int.MaxValue);
    }

    internal static bool IsDue(string wanted, string station, int visit)
    {
        var colon = wanted.LastIndexOf(':');
        return colon > 0 && int.TryParse(wanted.AsSpan(colon + 1), out var nth)
            ? wanted.AsSpan(0, colon).SequenceEqual(station) && visit == nth
            : wanted == station;
    }
}
