using System.Text.Json;

namespace Sentinel.IntegrationTests.Walk;

/// <summary>One id in the log of the real program leads from a line to its case and its workflow.</summary>
public class OneStoryTests
{
    static readonly string[] stations =
    [
        "Batch ",
        "Finding ",
        "Case ",
        "Escalation ",
        "Workflow ",
        "Workflow instance ",
    ];

    [Fact]
    public async Task The_log_tells_a_story_from_the_batch_to_the_workflow_under_one_id()
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var ran = await founded.RunAsync(null, "ingest", CalmRun.WriteLog(founded));
        Assert.True(ran.ExitCode == 0, ran.Error);
        var log = Directory
            .GetFiles(founded.Database.Data.Logs)
            .SelectMany(File.ReadAllLines)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();

        var id = await founded.Database.AskAsSuperuserAsync<Guid>(
            "SELECT DISTINCT correlation_id FROM psa.cases"
        );
        var story = log.Where(line => Text(line, "CorrelationId") == id.ToString())
            .Select(line => Text(line, "@mt")!)
            .ToList();

        Assert.All(
            stations,
            station =>
                Assert.Contains(story, told => told.StartsWith(station, StringComparison.Ordinal))
        );
        Assert.Equal(
            id,
            await founded.Database.AskAsSuperuserAsync<Guid>(
                "SELECT DISTINCT correlation_id FROM siem.batches WHERE kind = 'records'"
            )
        );
    }

    static string? Text(JsonElement line, string member) =>
        line.TryGetProperty(member, out var value) ? value.GetString() : null;
}
