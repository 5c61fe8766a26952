using System.Text.Json;

namespace Sentinel.Psa.Stories;

/// <summary>One row of the audit log, as a story reads it.</summary>
/// <param name="Detail">What a new thing is, or what changed: each field with its value before and after.</param>
sealed record LoggedRow(
    long Position,
    DateTimeOffset At,
    Guid ActorId,
    string ActorKind,
    Guid? OnBehalfOf,
    string Action,
    string EntityType,
    Guid? EntityId,
    Guid? SubjectId,
    JsonElement Detail
)
{
    public string Verb => Action[(Action.LastIndexOf('.') + 1)..];

    public bool IsRefusal =>
        Action.EndsWith(".refused", StringComparison.Ordinal) && Rule is not null;

    /// <summary>The rule that refused, where the row is a refusal.</summary>
    public string? Rule => Text("rule");

    /// <summary>A field of a new thing, or what a changed one became.</summary>
    public string? Text(string field)
    {
        if (
            Detail.ValueKind != JsonValueKind.Object
            || !Detail.TryGetProperty(field, out var value)
        )
            return null;
        if (
            value.ValueKind == JsonValueKind.Array
            && value.GetArrayLength() == 2
            && Verb != "created"
        )
            value = value[1];
        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => value.GetString(),
            _ => value.GetRawText(),
        };
    }

    public Guid? Id(string field) => Guid.TryParse(Text(field), out var id) ? id : null;

    public DateTimeOffset? Time(string field) =>
        DateTimeOffset.TryParse(
            Text(field),
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time.ToUniversalTime()
            : null;

    public bool Mentions(string field) =>
        Detail.ValueKind == JsonValueKind.Object && Detail.TryGetProperty(field, out _);
}
