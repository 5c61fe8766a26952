namespace Sentinel.Siem.Ingestion;

/// <summary>
/// A clock that ticks as PostgreSQL does: a time read from a row is the time that was written, so that
/// what is derived again is the same to the byte.
/// </summary>
sealed class MicrosecondClock(TimeProvider clock) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => Truncate(clock.GetUtcNow());

    public override long GetTimestamp() => clock.GetTimestamp();

    public static DateTimeOffset Truncate(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
