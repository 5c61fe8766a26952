using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Sentinel.IntegrationTests.Support;
using Sentinel.Postgres.Objects;
using Sentinel.Psa.Evidence;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>Evidence in a bucket of a real S3 server (npm's s3rver).</summary>
public class S3ObjectsTests
{
    const string Version = "3.7.1";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Evidence_in_a_bucket_comes_back_as_it_was_and_is_never_replaced()
    {
        var program = await InstalledAsync();
        Assert.SkipWhen(program is null, $"the S3 server needs node and npm's s3rver {Version}");
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await Server.StartAsync(program!);
        using var client = new AmazonS3Client(
            new BasicAWSCredentials("S3RVER", "S3RVER"),
            new AmazonS3Config
            {
                ServiceURL = server.Address,
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );
        var bucket = new S3Objects(client, "evidence", "sentinel", 0, TimeProvider.System);
        var objects = new EvidenceObjects(database.Data, bucket);
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("a log"));

        var stored = await objects.StoreAsync(content, Cancellation);
        content.Position = 0;
        var again = await objects.StoreAsync(content, Cancellation);
        var seen = await objects.ReadAsync(stored.Hash, Cancellation);
        await using (seen!.Content)
            Assert.Equal(stored.Hash, seen.Hash);
        // Whoever owns the bucket changes the object: the next read sees it.
        await client.PutObjectAsync(
            new()
            {
                BucketName = "evidence",
                Key = $"sentinel/evidence/{stored.Hash}",
                ContentBody = "a lie",
                UseChunkEncoding = false,
            },
            Cancellation
        );

        Assert.Equal(stored, again);
        Assert.Equal($"s3://evidence/sentinel/evidence/{stored.Hash}", stored.Uri);
        Assert.NotEqual(stored.Hash, await objects.HashSeenAsync(stored.Hash, Cancellation));
        Assert.Null(await objects.HashSeenAsync(new string('0', 64), Cancellation));
    }

    static async Task<string?> InstalledAsync()
    {
        var home = Environment.GetEnvironmentVariable("SENTINEL_HOME") ?? Path.GetTempPath();
        var folder = Path.Combine(home, ".sentinel", "s3rver");
        var program = Path.Combine(folder, "node_modules", "s3rver", "bin", "s3rver.js");
        if (File.Exists(program))
            return program;
        Directory.CreateDirectory(folder);
        try
        {
            using var npm = Process.Start(
                new ProcessStartInfo(
                    "npm",
                    $"install --no-audit --no-fund --prefix {folder} s3rver@{Version}"
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var error = npm.StandardError.ReadToEndAsync(Cancellation);
            await npm.StandardOutput.ReadToEndAsync(Cancellation);
            await error;
            await npm.WaitForExitAsync(Cancellation);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        return File.Exists(program) ? program : null;
    }

    sealed class Server(Process process, string folder, string address) : IAsyncDisposable
    {
        public string Address => address;

        public static async Task<Server> StartAsync(string program)
        {
            int port;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            var folder = Directory.CreateTempSubdirectory("s3rver").FullName;
            var process = Process.Start(
                new ProcessStartInfo(
                    "node",
                    $"{program} -d {folder} -a 127.0.0.1 -p {port} --configure-bucket evidence"
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            while (await process.StandardOutput.ReadLineAsync() is { } line)
                if (line.Contains("listening", StringComparison.OrdinalIgnoreCase))
                    return new Server(process, folder, $"http://127.0.0.1:{port}");
            throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
