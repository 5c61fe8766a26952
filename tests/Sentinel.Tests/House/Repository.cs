namespace Sentinel.Tests.House;

/// <summary>One text file of the house, by its path from the root.</summary>
sealed record HouseFile(string Path, string Text)
{
    public string Name => System.IO.Path.GetFileName(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path) ?? "";
}

/// <summary>The checkout that the tests were built from, as it lies on the disk now.</summary>
static class Repository
{
    static readonly HashSet<string> skipped =
    [
        ".git",
        ".sentinel",
        "bin",
        "obj",
        "node_modules",
        "TestResults",
        "BenchmarkDotNet.Artifacts",
    ];

    public static string Root { get; } = FindRoot();

    public static IEnumerable<HouseFile> Files(string folder, params string[] extensions) =>
        Walk(Path.Combine(Root, folder))
            .Where(path => extensions.Contains(Path.GetExtension(path)))
            .Order(StringComparer.Ordinal)
            .Select(path => new HouseFile(Relative(path), File.ReadAllText(path)));

    public static IEnumerable<string> Folders() => WalkFolders(Root).Select(Relative);

    public static string Approved(string name) =>
        Path.Combine(Root, "tests/Sentinel.Tests/House/Approved", name);

    static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    static IEnumerable<string> WalkFolders(string folder) =>
        new DirectoryInfo(folder) is { Exists: false }
            ? []
            : Directory
                .EnumerateDirectories(folder)
                .Where(inner => !skipped.Contains(Path.GetFileName(inner)))
                .SelectMany(inner => WalkFolders(inner).Prepend(inner));

    static IEnumerable<string> Walk(string folder) =>
        WalkFolders(folder)
            .Prepend(folder)
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateFiles);

    static string FindRoot()
    {
        var folder = Environment.GetEnvironmentVariable("SENTINEL_HOME");
        if (!string.IsNullOrEmpty(folder))
            return Path.GetFullPath(folder);
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "Sentinel.sln")))
            here = here.Parent;
        return here?.FullName
            ?? throw new DirectoryNotFoundException("No Sentinel.sln above here.");
    }
}
