using System.Diagnostics;

namespace Sentinel.IntegrationTests.Tampering;

/// <summary>
/// The program in <c>foreign/main.go</c>, compiled once with Debian's golang-go and
/// golang-golang-x-mod-dev.
/// </summary>
static class ForeignVerifier
{
    const string Packages = "/usr/share/gocode";

    static readonly Lazy<Task<string?>> program = new(BuildAsync);

    /// <summary>The compiled program; skips the test, with a sentence, where Go is not there.</summary>
    public static async Task<string> ProgramAsync()
    {
        var built = await program.Value;
        Assert.SkipWhen(
            built is null,
            "the foreign verifier needs Debian's golang-go and golang-golang-x-mod-dev"
        );
        return built!;
    }

    /// <summary>What it says is wrong with the export, or null.</summary>
    public static async Task<string?> RefusalAsync(
        string verifier,
        string vkey,
        string export,
        params string[] heads
    )
    {
        var (code, said) = await RunAsync(verifier, [vkey, export, .. heads], null);
        return code == 0 ? null : said;
    }

    static async Task<string?> BuildAsync()
    {
        if (!Directory.Exists(Packages + "/src/golang.org/x/mod/sumdb/tlog"))
            return null;
        var folder = Directory.CreateTempSubdirectory("foreign").FullName;
        var source = Path.Combine(
            Environment.GetEnvironmentVariable("SENTINEL_HOME") ?? Home(),
            "tests/Sentinel.IntegrationTests/Tampering/foreign/main.go"
        );
        File.Copy(source, Path.Combine(folder, "main.go"));
        var built = Path.Combine(folder, "foreign");
        try
        {
            var (code, said) = await RunAsync("go", ["build", "-o", built, "main.go"], folder);
            Assert.True(code == 0, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        return built;
    }

    static string Home()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Sentinel.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    static async Task<(int Code, string Said)> RunAsync(
        string command,
        IEnumerable<string> arguments,
        string? folder
    )
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = Packages;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
