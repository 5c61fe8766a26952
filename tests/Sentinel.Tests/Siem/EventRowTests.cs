using System.Text.Json;
using FsCheck.Xunit;
using Sentinel.Policies;
using Sentinel.Siem.Enrichment;
using Sentinel.Siem.Ingestion;

namespace Sentinel.Tests.Siem;

/// <summary>An event's fields are stored in the one text that reading them back gives.</summary>
public sealed class EventRowTests
{
    static readonly Policy policy = Some.Policy(
        """
        source some.values
          accepts json where kind == "measured"
          fields
            zeal:number = zeal
            ant:number = ant
            long_word = word
          otherwise is app.measured severity 1
        """
    );

    [Property(MaxTest = 300)]
    public void Stored_fields_are_canonical_whatever_they_hold(
        double one,
        int power,
        long whole,
        string? word
    )
    {
        var ant = one * Math.Pow(10, power % 40);
        var line = JsonSerializer.Serialize(
            new
            {
                kind = "measured",
                zeal = whole,
                ant = double.IsFinite(ant) ? ant : 1e300,
                word,
            }
        );
        var enriched = Assert.Single(Some.Events(policy, line));
        var stored = EventRow.From(enriched, policy.Fields).FieldsJson;
        Assert.Equal(StableJson.Of(stored), stored);
        Assert.Contains("\"ant\":", stored);
    }
}
