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
}
