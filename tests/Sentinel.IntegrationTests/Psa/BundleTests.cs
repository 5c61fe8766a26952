using System.Diagnostics;
using System.IO.Compression;
using Sentinel.Postgres.Bags;
using Sentinel.Psa.Bundles;

namespace Sentinel.IntegrationTests.Psa;

/// <summary>A case bundle proves itself to whoever has no database, and no word of it can be changed.</summary>
public sealed class BundleTests
{
    [Fact]
    public async Task A_bundle_is_the_same_to_the_byte_and_verifies_offline_also_against_a_head_kept_elsewhere()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.ClosedCaseAsync();
        var first = await ExportAsync(office, caseId);
        await office.StoryAsync(caseId);
        Assert.Equal(first.Sha256, (await ExportAsync(office, caseId)).Sha256);
        Assert.Equal("INC-1.zip", first.Name);
        Assert.Empty(Verify(first.Zip));

        // Later entries make another head, against which the case can be proved too. They are in it as soon
        // as no transaction of the whole cluster is older than they are.
        await office.CaseAsync();
        string head;
        var attempts = 0;
        do
        {
            await Task.Delay(20);
            await office.SignAsync();
            head = await File.ReadAllTextAsync(office.Database.Data.HeadFile("psa"));
        } while (Verify(first.Zip, head).Count == 0 && ++attempts < 200);
        var against = await ExportAsync(office, caseId, head);
        Assert.Empty(Verify(against.Zip, head));
        Assert.Contains("case export CASE --head", Assert.Single(Verify(first.Zip, head)));
    }

    [Fact]
    public async Task Whatever_is_changed_in_a_bundle_is_found_though_its_manifests_were_adapted()
    {
        await using var office = await Office.OpenAsync();
        var packed = await ExportAsync(office, await office.ClosedCaseAsync());
        var bag = Bag.Open(new MemoryStream(packed.Zip), out _)!;
        var payload = bag
            .Files.Where(file => file.Key.StartsWith("data/", StringComparison.Ordinal))
            .ToDictionary();
        var label = new BagLabel("x", "INC-1", DateTimeOffset.UnixEpoch);
        Assert.Empty(Verify(Bag.Pack(payload, label)));
        Assert.True(payload.Count > 12);

        foreach (var (name, content) in payload)
        {
            var without = payload.Where(file => file.Key != name).ToDictionary();
            Assert.NotEmpty(Verify(Bag.Pack(without, label)));
            foreach (var place in new[] { 0, content.Length / 2, content.Length - 2 })
            {
                var changed = content.ToArray();
                changed[place] ^= 1;
                Assert.True(
                    Verify(
                        Bag.Pack(
                            new Dictionary<string, byte[]>(payload) { [name] = changed },
                            label
                        )
                    ).Count > 0,
                    $"{name} was changed at {place}, and nobody noticed"
                );
            }
        }
        var lines = System
            .Text.Encoding.UTF8.GetString(payload["data/audit/entries.jsonl"])
            .Split('\n');
        payload["data/audit/entries.jsonl"] = System.Text.Encoding.UTF8.GetBytes(
            string.Join('\n', lines[1..])
        );
        Assert.NotEmpty(Verify(Bag.Pack(payload, label)));
    }

    [Fact]
    public async Task A_bundle_of_another_signer_is_found_with_a_head_kept_elsewhere()
    {
        await using var office = await Office.OpenAsync();
        await office.ClosedCaseAsync();
        await using var forger = await Office.OpenAsync();
        var forged = await ExportAsync(forger, await forger.ClosedCaseAsync());
        Assert.Empty(Verify(forged.Zip));

        var head = await File.ReadAllTextAsync(office.Database.Data.HeadFile("psa"));
        Assert.Contains("not signed by the key", Assert.Single(Verify(forged.Zip, head)));
    }

    [Fact]
    public async Task The_commands_in_the_bundle_do_what_they_say()
    {
        await using var office = await Office.OpenAsync();
        var packed = await ExportAsync(office, await office.ClosedCaseAsync());
        var folder = Directory.CreateTempSubdirectory("sentinel-bundle-");
        using (var zip = new ZipArchive(new MemoryStream(packed.Zip)))
            zip.ExtractToDirectory(folder.FullName);

        var commands = (await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "VERIFY.txt")))
            .Where(line =>
                line.StartsWith("       ", StringComparison.Ordinal) && line.Contains("sha256sum")
            )
            .ToList();
        Assert.Equal(3, commands.Count);
        foreach (var command in commands)
            Assert.Equal(0, await ShellAsync(folder.FullName, command));
        await File.AppendAllTextAsync(Path.Combine(folder.FullName, "data/timeline.txt"), "more");
        Assert.NotEqual(0, await ShellAsync(folder.FullName, commands[0]));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_unsealed_case_is_not_exported_nor_is_one_by_somebody_who_may_not()
    {
        await using var office = await Office.OpenAsync();
        var caseId = await office.CaseAsync();
        Assert.Equal(
            "case.export.unsealed",
            Office
                .Refused(await office.Export.RunAsync(office.Manager.Token, caseId, null, default))
                .Rule
        );
        Assert.Equal(
            "permission.missing",
            Office
                .Refused(await office.Export.RunAsync(office.Analyst.Token, caseId, null, default))
                .Rule
        );
    }

    static async Task<PackedCase> ExportAsync(Office office, Guid caseId, string? head = null) =>
        Office.Done(await office.Export.RunAsync(office.Manager.Token, caseId, head, default));

    static IReadOnlyList<string> Verify(byte[] zip, params string[] heads) =>
        VerifyBundle.Run(new MemoryStream(zip), heads).Problems;

    static async Task<int> ShellAsync(string folder, string command)
    {
        var start = new ProcessStartInfo("sh")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
