using System.Text.Json;

namespace Sentinel.Siem.Normalisation;

/// <summary>
/// How lines were read, as the batch keeps it: a replay has to read them the same way.
/// </summary>
static class ReadingOptions
{
    public static string Of(NormaliserOptions options) =>
        JsonSerializer.Serialize(
            new Kept(
                options.Source,
                options.Year,
                options.Zone.Equals(TimeZoneInfo.Utc) ? null : options.Zone.Id
            )
        );

    public static NormaliserOptions From(string reading)
    {
        var kept = JsonSerializer.Deserialize<Kept>(reading)!;
        return new NormaliserOptions
        {
            Source = kept.Source,
            Year = kept.Year,
            Zone = kept.Zone is null
                ? TimeZoneInfo.Utc
                : TimeZoneInfo.FindSystemTimeZoneById(kept.Zone),
        };
    }

    sealed record Kept(string? Source, int? Year, string? Zone);
}
