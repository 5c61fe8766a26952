using Sentinel.Cli.Benchmarks;
using Sentinel.Policies.Model;
using Sentinel.Siem.Detection;

namespace Sentinel.Tests.Cli;

public sealed class SshInputTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sentinel-bench-");

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(2, 1 << 12)]
    [InlineData(4, 300)]
    public void The_benchmark_knows_what_has_to_be_found_however_it_is_read(
        int readers,
        int blockBytes
    )
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
                BlockBytes = blockBytes,
            },
            CancellationToken.None
        );

        var detected = Assert.IsType<DetectOutcome.Detected>(outcome);
        Assert.NotEmpty(input.Hits);
        Assert.Equal(20_000, detected.Summary.Events);
        Assert.Equal(
            input.Hits.OrderBy(hit => hit.Line),
            detected
                .Hits.Select(h => new ExpectedHit(h.Hit.Key[0].Value, h.Hit.Events[^1].Line))
                .OrderBy(hit => hit.Line)
        );
    }

    public void Dispose() => folder.Delete(recursive: true);
}
