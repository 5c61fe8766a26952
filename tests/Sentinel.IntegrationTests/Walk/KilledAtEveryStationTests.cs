using Sentinel.Psa.Intake;
using Sentinel.Siem;
using Sentinel.Siem.Escalation;

namespace Sentinel.IntegrationTests.Walk;

/// <summary>
/// The program dies at each station between a line and a case, and is started again: what it leaves is
/// what an undisturbed run leaves. The stations are those that the path and the dock name.
/// </summary>
public sealed class KilledAtEveryStationTests(CalmRun calm) : IClassFixture<CalmRun>
{
    const int SigKillExitCode = 137;

    public static TheoryData<string> Stations() =>
        [.. EventPath.Stations, .. Dock.Stations, .. OpenCase.Stations];

    [Theory]
    [MemberData(nameof(Stations))]
    public async Task Nothing_is_missing_and_nothing_doubled_after_a_kill_at(string station)
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var log = CalmRun.WriteLog(founded);

        var killed = await founded.RunAsync(station, "ingest", log);
        Assert.Equal(SigKillExitCode, killed.ExitCode);
        var again = await founded.RunAsync(null, "ingest", log);

        Assert.True(again.ExitCode == 0, again.Error);
        Assert.Equal(calm.Traces, await founded.TracesAsync());
    }
}

/// <summary>What an undisturbed run leaves behind: several findings, and cases of them.</summary>
public sealed class CalmRun : IAsyncLifetime
{
    public string Traces { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await using var founded = await FoundedDatabase.CreateAsync();
        var ran = await founded.RunAsync(null, "ingest", WriteLog(founded));
        Assert.True(ran.ExitCode == 0, ran.Error);
        Traces = await founded.TracesAsync();
        // How many exactly is up to the shipped policies; one alone could not be mixed up with another.
        Assert.InRange(Count("finding "), 2, int.MaxValue);
        Assert.InRange(Count("case "), 2, int.MaxValue);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Two addresses guess, one of them is let in; one line that nobody can read.</summary>
    internal static string WriteLog(FoundedDatabase founded)
    {
        var path = Path.Combine(founded.Database.Data.Path, "auth.log");
        IEnumerable<string> Guesses(string address, int minute) =>
            Enumerable
                .Range(0, 12)
                .Select(second =>
                    $"Nov  3 07:{minute:00}:{second * 2:00} gateway sshd[4242]: "
                    + $"Failed password for root from {address} port {40000 + second} ssh2"
                );
        File.WriteAllLines(
            path,
            [
                .. Guesses("198.51.100.9", 10),
                "Nov  3 07:11:00 gateway sshd[4243]: "
                    + "Accepted password for root from 198.51.100.9 port 40100 ssh2",
                "no line that anybody knows",
                .. Guesses("203.0.113.77", 40),
            ]
        );
        return path;
    }

    int Count(string kind) =>
        Traces.Split('\n').Count(trace => trace.StartsWith(kind, StringComparison.Ordinal));
}
