using System.Text.Json;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Outbound;

/// <param name="Detail">One sentence for people, 1 to 4,000 characters.</param>
/// <param name="Output">What is kept as evidence, or null.</param>
sealed record ConnectorOutcome(OutboundState State, string Detail, string? Output)
{
    const int DetailCharsMax = 4000;
    const int DepthMax = 8;

    /// <summary>Null where it is no outcome.</summary>
    public static ConnectorOutcome? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(
                body,
                new JsonDocumentOptions { MaxDepth = DepthMax }
            );
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var state = Text(json.RootElement, "status") switch
            {
                "succeeded" => OutboundState.Succeeded,
                "failed" => OutboundState.Failed,
                _ => (OutboundState?)null,
            };
            if (state is not { } ended)
                return null;
            var detail = Text(json.RootElement, "detail") ?? "";
            return new ConnectorOutcome(
                ended,
                detail.Length > 0 ? detail.Cut(DetailCharsMax) : "it gave no detail",
                Text(json.RootElement, "output")
            );
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The second: a text has half of a character.
            return null;
        }
    }

    static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member)
        && member.ValueKind == JsonValueKind.String
        && member.GetString() is { Length: > 0 } text
            ? text.Replace('\0', '\uFFFD')
            : null;
}
