using System.Globalization;
using System.Text.Json;
using Sentinel.Psa.Stories;

namespace Sentinel.Psa.Bundles;

/// <summary>Reads a row of the log back from the bytes under its leaf, which is all that a bundle trusts.</summary>
static class LeafRow
{
    /// <exception cref="InvalidDataException">The bytes are not those of an audit row.</exception>
    public static LoggedRow Read(byte[] content)
    {
        try
        {
            using var leaf = JsonDocument.Parse(content);
            var row = leaf.RootElement;
            return new LoggedRow(
                row.GetProperty("position").GetInt64(),
                DateTimeOffset.Parse(
                    row.GetProperty("timestamp").GetString()!,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal
                ),
                row.GetProperty("actor_id").GetGuid(),
                row.GetProperty("actor_kind").GetString()!,
                Id(row, "on_behalf_of"),
                row.GetProperty("action").GetString()!,
                row.GetProperty("entity_type").GetString()!,
                Id(row, "entity_id"),
                Id(row, "subject_id"),
                row.GetProperty("metadata").Clone()
            );
        }
        catch (Exception unreadable)
            when (unreadable
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            throw new InvalidDataException("an audit entry cannot be read", unreadable);
        }
    }

    static Guid? Id(JsonElement row, string name) =>
        row.GetProperty(name) is { ValueKind: JsonValueKind.String } id ? id.GetGuid() : null;
}
