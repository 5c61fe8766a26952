using System.Text;
using System.Text.Json;
using Sentinel.Siem.Search;

namespace Sentinel.Server.Api;

/// <summary>A stored event as JSON: the same for the command line and the API.</summary>
public static class FoundEventShape
{
    public static object Of(FoundEvent found)
    {
        using var fields = JsonDocument.Parse(found.Event.FieldsJson);
        return new
        {
            Kind = "event",
            found.Event.Id,
            found.Event.RawEventId,
            found.Event.EventTime,
            Source = found.Event.Declaration,
            found.Event.Category,
            found.Event.Type,
            found.Event.Severity,
            Fields = fields.RootElement.Clone(),
            found.Event.Tags,
            Text = TextOf(found),
        };
    }

    /// <summary>The line as it was received, without what a terminal might obey.</summary>
    public static string TextOf(FoundEvent found)
    {
        var text = Encoding.UTF8.GetString(found.Raw.Raw.PayloadBytes.Span);
        return string.Concat(text.Select(c => char.IsControl(c) ? '·' : c)).TrimEnd('·');
    }
}
