using Sentinel.IntegrationTests.Psa;
using Sentinel.Postgres.Access;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>Casework from a terminal, in a process of its own, under each person's token.</summary>
public sealed class CaseworkCommandTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-casework-");

    public void Dispose() => folder.Delete(recursive: true);

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

    [Fact]
    public async Task People_proof_and_approvals_are_managed_from_the_command_line()
    {
        await using var office = await Office.OpenAsync();
        var (admin, by) = (office.Administrator, office.Analyst.Token);
        var caseId = await office.CaseAsync();

        await RunAsync(office, admin, "role", "add", "reader", "--may", "case.read");
        await RunAsync(office, admin, "user", "add", "eve@example.org", "Eve", "--role", "reader");
        var token = await RunAsync(office, admin, "user", "token", "eve@example.org");
        // The token stands alone, so that a script can take it.
        var eve = new Secret(token.Output.TrimEnd('\n'));
        (await RunAsync(office, eve, "case", "take", $"{caseId}")).IsOneSentence(
            1,
            "incident_manager: ada, mia"
        );

        var file = Path.Combine(folder.FullName, "a.log");
        await File.WriteAllTextAsync(file, "he came from Ghent");
        var attached = await RunAsync(office, by, "evidence", "attach", $"{caseId}", file);
        var copy = file + ".copy";
        var read = await RunAsync(
            office,
            by,
            "evidence",
            "read",
            attached.Output[..36],
            "--to",
            copy
        );
        Assert.Equal(attached.Output, read.Output);
        Assert.Equal(await File.ReadAllTextAsync(file), await File.ReadAllTextAsync(copy));
        (
            await RunAsync(office, by, "evidence", "read", attached.Output[..36], "--to", copy)
        ).IsOneSentence(1, "is there already");

        var asked = await RunAsync(office, by, "approval", "ask", $"{caseId}", "May I?");
        var decided = await RunAsync(
            office,
            office.Manager.Token,
            "approval",
            "approve",
            asked.Output[..36],
            "--reason",
            "you may"
        );
        Assert.Contains("approved: May I?", decided.Output, StringComparison.Ordinal);
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
