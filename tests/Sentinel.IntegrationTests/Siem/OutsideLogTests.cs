using Sentinel.Siem.Escalation;
using Sentinel.Siem.Ingestion;
using Sentinel.Siem.Replay;

namespace Sentinel.IntegrationTests.Siem;

/// <summary>Real lines that nobody here wrote, with the policies as they are shipped.</summary>
public class OutsideLogTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static string Log(string name)
    {
        var corpora = Environment.GetEnvironmentVariable("SENTINEL_CORPORA")
            is { Length: > 0 } named
            ? named
            : Path.Combine(Root(), "..", "shared", "corpora");
        var file = Path.Combine(corpora, "loghub", name);
        Assert.SkipUnless(File.Exists(file), $"{name} is not in {corpora}");
        return file;
    }

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Sentinel.sln")))
            folder = folder.Parent;
        return folder!.FullName;
    }

    [Theory]
    [InlineData("OpenSSH_2k.log", true)]
    [InlineData("Linux_2k.log", false)]
    [InlineData("Apache_2k.log", false)]
    public async Task Every_line_is_kept_and_every_finding_replays_to_the_byte(
        string name,
        bool attacked
    )
    {
        await using var world = await SiemWorld.CreateShippedAsync();

        var counts = await world.IngestAsync(Log(name));

        Assert.Equal(2000, counts.RawEvents);
        Assert.Equal(counts.RawEvents, counts.Events + counts.Unparsed + counts.Duplicates);
        var findings = await world.FindingsAsync();
        Assert.Equal(counts.Findings, findings.Count);
        if (attacked)
            Assert.NotEmpty(findings);
        foreach (var finding in findings)
            Assert.IsType<ReplayOutcome.Reproduced>(
                await world
                    .Get<ReplayFinding>()
                    .RunAsync(world.Administrator, finding.Id, null, Cancellation)
            );
        await world.Get<DeliverEscalations>().RunAsync(Cancellation);
        Assert.IsType<RawVerdict.Intact>(
            await world.Get<VerifyRawEvents>().RunAsync(world.Administrator, null, Cancellation)
        );
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{counts}, escalated {world.Intake.Received.Count}"
        );
    }
}
