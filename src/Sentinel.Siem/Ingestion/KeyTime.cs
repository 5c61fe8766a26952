namespace Sentinel.Siem.Ingestion;

/// <summary>The time that places a record in a partition: always there, never absurd.</summary>
public static class KeyTime
{
    const int DaysBeforeReceiptMax = 400;
    const int DaysAfterReceiptMax = 1;

    /// <summary>The event's own time where it lies near its receipt, else the time of receipt.</summary>
    public static DateTimeOffset Of(DateTimeOffset? eventTime, DateTimeOffset receivedAt) =>
        eventTime is { } time
        && time >= receivedAt.AddDays(-DaysBeforeReceiptMax)
        && time <= receivedAt.AddDays(DaysAfterReceiptMax)
            ? time
            : receivedAt;
}
