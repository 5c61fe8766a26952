using Microsoft.Extensions.Logging;

namespace Sentinel.Siem;

static partial class LogMessages
{
    [LoggerMessage(
        LogLevel.Information,
        "Batch {Number}: {RawEvents} records, {Events} events, {Hits} hits ({CorrelationId})"
    )]
    public static partial void BatchCommitted(
        this ILogger log,
        long number,
        int rawEvents,
        int events,
        int hits,
        Guid correlationId
    );

    public static void MatchesExcepted(this ILogger log, long number, int count)
    {
        if (count > 0)
            log.ExceptedInBatch(number, count);
    }

    [LoggerMessage(
        LogLevel.Information,
        "Batch {Number}: {Count} matches fall under an exception of their rule and raise nothing"
    )]
    static partial void ExceptedInBatch(this ILogger log, long number, int count);
}
