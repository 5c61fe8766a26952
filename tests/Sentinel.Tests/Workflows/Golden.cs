using System.Text.Json;

namespace Sentinel.Tests.Workflows;

/// <summary>Where the recordings are: <c>SENTINEL_GOLDEN</c>, else beside the repository.</summary>
static class Golden
{
    public static string[] Files()
    {
        var folder = Environment.GetEnvironmentVariable("SENTINEL_GOLDEN") ?? Beside();
        var cases = folder is null ? null : Path.Combine(folder, "cases");
        Assert.SkipUnless(
            Directory.Exists(cases),
            "The recorded cases are missing: set SENTINEL_GOLDEN to the folder that holds 'cases'."
        );
        return [.. Directory.GetFiles(cases!, "*.json").Order(StringComparer.Ordinal)];
    }

    /// <summary>The cases of the family "invalid": what Elsa mostly accepts and we refuse.</summary>
    public static IEnumerable<string> Invalid() =>
        Files()
            .Where(file =>
            {
                using var json = JsonDocument.Parse(File.ReadAllText(file));
                return json.RootElement.GetProperty("family").GetString() == "invalid";
            })
            .Select(file => Path.GetFileNameWithoutExtension(file));

    static string? Beside()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
            if (File.Exists(Path.Combine(folder.FullName, "Sentinel.sln")))
                return Path.Combine(folder.FullName, "..", "shared", "golden");
        return null;
    }
}
