using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>Casework from a terminal, in a process of its own, under each person's token.</summary>
public sealed class CaseworkCommandTests
{
    [Fact]
    public async Task A_case_is_opened_worked_and_decided_from_the_command_line()
    {
        await using var office = await Office.OpenAsync();
        var by = office.Analyst.Token;

        var opened = await RunAsync(office, by, "case", "open", "incident", "The printer smokes");
        Assert.Equal((0, "INC-1 is open, severity 4.\n"), (opened.ExitCode, opened.Output));
        Assert.Equal(
            "INC-1 is yours.\n",
            (await RunAsync(office, by, "case", "take", "inc-1")).Output
        );
        var task = await RunAsync(
            office,
            by,
            "task",
            "add",
            "1",
            "investigation",
            "Smell it",
            "--json"
        );
        Assert.Contains("\"task_type\":\"investigation\"", task.Output, StringComparison.Ordinal);
        var shown = await RunAsync(office, by, "case", "show", "INC-1");
        Assert.Contains(
            "What happened?\n  The printer smokes\n",
            shown.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("1 open task(s): Smell it", shown.Output, StringComparison.Ordinal);

        (await RunAsync(office, by, "case", "show", "INC-9")).IsOneSentence(1, "INC-9");
        (await RunAsync(office, by, "case", "close", "INC-1")).IsOneSentence(1, "case.close");
        (
            await RunAsync(office, by, "case", "dispose", "INC-1", "party", "--reason", "x")
        ).IsOneSentence(2, "true_positive");
    }

    static Task<Ran> RunAsync(Office office, Secret token, params string[] arguments) =>
        Launched.RunAsync(
            new Dictionary<string, string?>
            {
                ["SENTINEL_DATABASE"] = office.Database.ConnectionString,
                ["SENTINEL_DATA"] = office.Database.Data.Path,
                ["SENTINEL_TOKEN"] = token.Value,
            },
            arguments
        );
}
