using System.Text.Json;
using Sentinel.IntegrationTests.Walk;
using Sentinel.Policies.Store;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Organisations;

namespace Sentinel.IntegrationTests.Cli;

/// <summary>publish, approve, history and diff, as people type them, on a real database.</summary>
public sealed class PolicyHistoryTests : IDisposable
{
    const string Path = "policies/sla.sentinel";

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-history-");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task What_was_published_is_listed_and_compared()
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var shipped = ShippedPolicies.Texts.Single(text => text.Path == Path).Text;
        var line = shipped.Split('\n').First(l => l.TrimStart().StartsWith("respond within"));
        var changed = line + " # agreed";
        Write(shipped.Replace(line, changed));

        var published = await founded.RunAsync(
            null,
            "policy",
            "publish",
            folder.FullName,
            "--reason",
            "agreed with the customer",
            "--json"
        );
        var id = Json(published)[0].GetProperty("versions")[0].GetProperty("id").GetString()!;
        var waiting = await founded.RunAsync(null, "policy", "history", Path, "--json");
        var diff = await founded.RunAsync(null, "policy", "diff", Path);

        Assert.Equal(
            [(2, "waits for approval"), (1, "active")],
            Json(waiting)
                .Select(v =>
                    (v.GetProperty("version").GetInt32(), v.GetProperty("state").GetString()!)
                )
        );
        Assert.Equal(
            ["--- version 1, active", "+++ version 2, waits for approval"],
            diff.Output.Split('\n').Take(2)
        );
        Assert.Equal(
            ["-" + line, "+" + changed],
            diff.Output.Split('\n').Skip(2).Where(l => l is ['-' or '+', ..])
        );

        var approved = await ApproveAsync(founded, id);
        Assert.Equal(0, approved.ExitCode);
        var after = await founded.RunAsync(null, "policy", "history", Path, "--json");
        Assert.Equal(
            [(2, "active"), (1, "replaced")],
            Json(after)
                .Select(v =>
                    (v.GetProperty("version").GetInt32(), v.GetProperty("state").GetString()!)
                )
        );
        var same = await founded.RunAsync(null, "policy", "diff", Path);
        Assert.DoesNotContain("respond within", same.Output);
        var back = await founded.RunAsync(null, "policy", "diff", Path, "--from", "2", "--to", "1");
        Assert.Contains("\n-" + changed + "\n", back.Output);
    }

    [Fact]
    public async Task What_was_never_published_and_red_tests_are_refused_in_one_sentence()
    {
        await using var founded = await FoundedDatabase.CreateAsync();

        (await founded.RunAsync(null, "policy", "history", "policies/none.sentinel")).IsOneSentence(
            1,
            "No version of policies/none.sentinel was ever published"
        );
        (await founded.RunAsync(null, "policy", "diff", Path, "--to", "7")).IsOneSentence(
            1,
            "has the versions 1"
        );
        var all = await founded.RunAsync(null, "policy", "history", "--json");
        Assert.Equal(
            ShippedPolicies.Texts.Select(text => text.Path),
            Json(all).Select(v => v.GetProperty("path").GetString())
        );

        var own = ShippedPolicies.Texts.First(text => text.Text.Contains("expect 1 finding"));
        Directory.CreateDirectory(System.IO.Path.Combine(folder.FullName, own.Path, ".."));
        await File.WriteAllTextAsync(
            System.IO.Path.Combine(folder.FullName, own.Path),
            own.Text.Replace("expect 1 finding", "expect 7 findings"),
            Cancellation
        );
        (
            await founded.RunAsync(
                null,
                "policy",
                "publish",
                folder.FullName,
                "--reason",
                "why not"
            )
        ).IsOneSentence(1, "Only policies with green tests are published");
        Assert.Equal(
            0L,
            await founded.Database.AskAsSuperuserAsync<long>(
                "SELECT count(*) FROM policy.policy_versions WHERE version > 1"
            )
        );
    }

    void Write(string text)
    {
        var file = System.IO.Path.Combine(folder.FullName, Path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    static List<JsonElement> Json(Ran ran)
    {
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        return
        [
            .. ran
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement),
        ];
    }

    /// <summary>By a second person: the one who published may not.</summary>
    static async Task<Ran> ApproveAsync(FoundedDatabase founded, string id)
    {
        (
            await founded.RunAsync(null, "policy", "approve", id, "--reason", "read it")
        ).IsOneSentence(1, "wrote it");
        var database = founded.Database;
        var administrator = new Secret(
            (await File.ReadAllTextAsync(database.Data.TokenFile, Cancellation)).Trim()
        );
        var user = await new CreateUser(database.Sentinel, TimeProvider.System).RunAsync(
            administrator,
            "second@example.org",
            "Second",
            [RoleSeeds.DetectionEngineer],
            Cancellation
        );
        var credential = await new IssueCredential(database.Sentinel, TimeProvider.System).RunAsync(
            administrator,
            new CredentialHolder.ForPerson(Assert.IsType<Outcome<Guid>.Done>(user).Value),
            TimeSpan.FromDays(1),
            Cancellation
        );
        await File.WriteAllTextAsync(
            database.Data.TokenFile,
            Assert.IsType<Outcome<IssuedCredential>.Done>(credential).Value.Secret.Value,
            Cancellation
        );
        return await founded.RunAsync(null, "policy", "approve", id, "--reason", "read it");
    }
}
