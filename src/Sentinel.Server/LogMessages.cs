namespace Sentinel.Server;

static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Error, "The worker {Worker} failed and begins again in a second")]
    public static partial void WorkerFailed(this ILogger log, Exception failure, string worker);

    [LoggerMessage(
        2,
        LogLevel.Warning,
        "The sweeps are not scheduled yet: a lock is held, perhaps by a server that was killed; tried again in a second"
    )]
    public static partial void SweepsLocked(this ILogger log, Exception reason);
}
