using System.Text.Json;

namespace Sentinel.Workflows.Execution;

/// <summary>One thing that happened to one execution of an activity.</summary>
/// <param name="Number">1 and up within the instance, without gaps.</param>
/// <param name="Round">The n-th execution of that activity.</param>
/// <param name="Outcomes">By which ports it left; null where that was a plain Done.</param>
/// <param name="Detail">Inputs or outputs, where there are any.</param>
public sealed record JournalRow(
    int Number,
    string ActivityId,
    JournalEvent Event,
    int Round,
    IReadOnlyList<string>? Outcomes,
    string? Message,
    JsonElement? Detail
);

public enum JournalEvent
{
    Started,
    Completed,
    Suspended,
    Resumed,
    Faulted,
    Canceled,
    Retried,
    Migrated,
    Refused,
}
