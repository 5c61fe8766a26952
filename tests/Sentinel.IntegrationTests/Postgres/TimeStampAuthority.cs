using System.Diagnostics;

namespace Sentinel.IntegrationTests.Postgres;

/// <summary>A real RFC 3161 authority, made with <c>openssl ts</c> in a folder of its own.</summary>
sealed class TimeStampAuthority : IAsyncDisposable
{
    const string Configuration = """
        [req]
        distinguished_name = dn
        x509_extensions = authority
        prompt = no
        [dn]
        CN = Time-stamp authority of a test
        [authority]
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        [tsa]
        default_tsa = answers
        [answers]
        serial = serial
        crypto_device = builtin
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.99999.1
        digests = sha256
        accuracy = secs:1
        ess_cert_id_alg = sha256
        """;

    readonly string folder;
    readonly OutsideServer server;

    TimeStampAuthority(string folder)
    {
        this.folder = folder;
        server = new OutsideServer(AnswerAsync);
    }

    public Uri Address => server.Address;

    public string Certificate => Path.Combine(folder, "tsa.pem");

    public static async Task<TimeStampAuthority> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("tsa").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "tsa.cnf"), Configuration);
        await File.WriteAllTextAsync(Path.Combine(folder, "serial"), "01\n");
        await RunAsync(
            folder,
            "req -x509 -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.pem -days 2 -config tsa.cnf"
        );
        return new TimeStampAuthority(folder);
    }

    /// <summary>Null where <c>openssl ts -verify</c> accepts the token, else what it says.</summary>
    public async Task<string?> RefusalAsync(string token, string note)
    {
        var (code, said) = await TryAsync(
            folder,
            $"ts -verify -token_in -in {token} -data {note} -CAfile tsa.pem"
        );
        return code == 0 ? null : said;
    }

    async Task<(int Status, byte[] Body)> AnswerAsync(string path, byte[] query)
    {
        await File.WriteAllBytesAsync(Path.Combine(folder, "query.tsq"), query);
        await RunAsync(
            folder,
            "ts -reply -config tsa.cnf -section answers -queryfile query.tsq -signer tsa.pem "
                + "-inkey tsa.key -out answer.tsr"
        );
        return (200, await File.ReadAllBytesAsync(Path.Combine(folder, "answer.tsr")));
    }

    static async Task RunAsync(string folder, string arguments)
    {
        var (code, said) = await TryAsync(folder, arguments);
        Assert.True(code == 0, $"openssl {arguments}: {said}");
    }

    static async Task<(int Code, string Said)> TryAsync(string folder, string arguments)
    {
        using var openssl = Process.Start(
            new ProcessStartInfo("openssl", arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = openssl.StandardOutput.ReadToEndAsync();
        var error = openssl.StandardError.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        return (openssl.ExitCode, await output + await error);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
