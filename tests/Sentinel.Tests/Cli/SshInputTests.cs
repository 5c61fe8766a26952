using Sentinel.Cli.Benchmarks;
using Sentinel.Policies.Model;
using Sentinel.Siem.Detection;

namespace Sentinel.Tests.Cli;

public sealed class SshInputTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-bench-");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_benchmark_knows_what_has_to_be_found_whatever_the_number_of_readers(int readers)
    {
        var log = Path.Combine(folder.FullName, "ssh.log");
        var input = new SshInput(20_000, seed: 7);
        input.Write(log);

        var outcome = new DetectFiles(TimeProvider.System).Run(
            new DetectRequest
            {
                Files = [log],
                Shipped = [],
                Policies = [new PolicyText("ssh.sentinel", SshInput.PolicyText)],
                Year = 2026,
                Readers = readers,
            },
            CancellationToken.None
        );

        var detected = Assert.IsType<DetectOutcome.Detected>(outcome);
        Assert.NotEmpty(input.Hits);
        Assert.Equal(
            input.Hits.OrderBy(hit => hit.Line),
            detected
                .Hits.Select(h => new ExpectedHit(h.Hit.Key[0].Value, h.Hit.Events[^1].Line))
                .OrderBy(hit => hit.Line)
        );
    }

    public void Dispose() => folder.Delete(recursive: true);
}
