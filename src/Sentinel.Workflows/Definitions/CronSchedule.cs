using Cronos;

namespace Sentinel.Workflows.Definitions;

/// <summary>When a cron expression is due, in UTC; five fields, or six with seconds first.</summary>
static class CronSchedule
{
    /// <summary>Null where it never is again.</summary>
    /// <exception cref="FormatException">It is no cron expression.</exception>
    public static DateTimeOffset? Next(string expression, DateTimeOffset after) =>
        Parse(expression).GetNextOccurrence(after.UtcDateTime) is { } next
            ? new DateTimeOffset(next, TimeSpan.Zero)
            : null;

    /// <summary>Why it is no cron expression, or null.</summary>
    public static string? Problem(string expression)
    {
        try
        {
            Parse(expression);
            return null;
        }
        catch (FormatException bad)
        {
            return bad.Message;
        }
    }

    static CronExpression Parse(string expression) =>
        CronExpression.Parse(
            expression,
            expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 6
                ? CronFormat.IncludeSeconds
                : CronFormat.Standard
        );
}
