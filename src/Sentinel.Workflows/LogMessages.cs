using Microsoft.Extensions.Logging;

namespace Sentinel.Workflows;

static partial class LogMessages
{
    [LoggerMessage(
        1,
        LogLevel.Information,
        "Workflow {Workflow} started as {Instance} for {CorrelationId}"
    )]
    public static partial void Started(
        this ILogger log,
        string workflow,
        Guid instance,
        string? correlationId
    );

    [LoggerMessage(2, LogLevel.Information, "Workflow instance {Instance} is {Status}")]
    public static partial void Advanced(this ILogger log, Guid instance, string status);

    [LoggerMessage(
        3,
        LogLevel.Warning,
        "Workflow instance {Instance} failed at attempt {Attempt} and is tried again at {Until}"
    )]
    public static partial void Postponed(
        this ILogger log,
        Exception reason,
        Guid instance,
        int attempt,
        DateTimeOffset until
    );

    [LoggerMessage(4, LogLevel.Information, "Workflow instance {Instance} is another worker's now")]
    public static partial void LeaseLost(this ILogger log, Guid instance);

    [LoggerMessage(
        5,
        LogLevel.Debug,
        "{Count} workflow instances did not advance together and are advanced one by one"
    )]
    public static partial void NotTogether(this ILogger log, Exception reason, int count);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "Version {Version} of a workflow cannot be read, and is not asked whether it begins with an event"
    )]
    public static partial void Unreadable(this ILogger log, Exception reason, Guid version);
}
