namespace Sentinel.Server;

static partial class LogMessages
{
    [LoggerMessage(1, LogLevel.Error, "The worker {Worker} failed and begins again in a second")]
    public static partial void WorkerFailed(this ILogger log, Exception failure, string worker);
}
