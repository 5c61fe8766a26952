using Sentinel.Policies.Sigma;
using Sentinel.Tests.House;

namespace Sentinel.Tests.Policies.Sigma;

/// <summary>Rules and events that others wrote; whoever needs them is skipped where they are missing.</summary>
static class SigmaCorpus
{
    public static IReadOnlyList<SigmaFile> Rules()
    {
        var folder = Folder("sigma");
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*.yml", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(f => new SigmaFile(Path.GetRelativePath(folder, f), File.ReadAllText(f))),
        ];
    }

    public static string Folder(string name)
    {
        var corpora = Environment.GetEnvironmentVariable("SENTINEL_CORPORA");
        var folder = Path.Combine(
            string.IsNullOrEmpty(corpora)
                ? Path.Combine(Repository.Root, "../shared/corpora")
                : corpora,
            name
        );
        Assert.SkipUnless(Directory.Exists(folder), $"There is no Sigma at {folder}.");
        return folder;
    }
}
