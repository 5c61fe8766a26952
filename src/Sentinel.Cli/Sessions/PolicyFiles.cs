using System.CommandLine;
using Sentinel.Cli.Output;
using Sentinel.Policies;
using Sentinel.Policies.Model;
using Sentinel.Policies.Store;
using Sentinel.Siem.Detection;

namespace Sentinel.Cli.Sessions;

/// <summary>Policies as they lie on the disk, without a database.</summary>
static class PolicyFiles
{
    public static Argument<string[]> Paths() =>
        new("PATH")
        {
            Description = "Files, or folders whose .sentinel files are meant.",
            Arity = ArgumentArity.OneOrMore,
        };

    /// <summary>Everything below the paths, each file once.</summary>
    /// <exception cref="WrongUsageException">A path that is not there, or has no policy.</exception>
    public static IReadOnlyList<PolicyText> Read(IReadOnlyList<string> paths) =>
        Below(paths, PolicyFolder.Read, text => text.Path);

    /// <summary>What tests below these paths name, from the folders of their policies.</summary>
    public static ReadSample Samples(IReadOnlyList<string> paths)
    {
        var folders = paths
            .SelectMany(path =>
                PolicyFolder.Read(path).Select(text => (text.Path, Folder: FolderOf(path, text)))
            )
            .DistinctBy(found => found.Path)
            .ToDictionary(found => found.Path, found => found.Folder);
        return (policyPath, name) =>
        {
            if (!folders.TryGetValue(policyPath, out var folder))
                return SampleReading.NotAtHand(name);
            var file = new FileInfo(Path.Combine(folder, name));
            return !file.Exists ? new(null, $"There is no file {name} beside {policyPath}.")
                : file.Length > SampleReading.BytesMax
                    ? new(null, $"The sample {name} has more than {SampleReading.BytesMax} bytes.")
                : new(File.ReadAllBytes(file.FullName), null);
        };
    }

    /// <summary>The files below the paths, each once, as they can be opened.</summary>
    /// <exception cref="WrongUsageException">A path that is not there, or has no policy.</exception>
    public static IReadOnlyList<string> Files(IReadOnlyList<string> paths) =>
        Below(paths, PolicyFolder.Files, Path.GetFullPath);

    static string FolderOf(string path, PolicyText text) =>
        Path.GetDirectoryName(File.Exists(path) ? path : Path.Combine(path, text.Path))!;

    public static string Count(int files) => files == 1 ? "1 file" : $"{files} files";

    static List<T> Below<T>(
        IReadOnlyList<string> paths,
        Func<string, IEnumerable<T>> below,
        Func<T, string> name
    )
    {
        foreach (var path in paths)
            if (!Path.Exists(path))
                throw new WrongUsageException($"There is no file or folder {path}.");
        var found = paths.SelectMany(below).DistinctBy(name).ToList();
        return found.Count > 0
            ? found
            : throw new WrongUsageException(
                $"There is no .sentinel file below {string.Join(", ", paths)}."
            );
    }

    /// <summary>
    /// By themselves where they can stand alone; else together with the shipped policies whose sources
    /// and lists they use, which then are not to blame.
    /// </summary>
    public static PolicyLoad Load(IReadOnlyList<PolicyText> texts)
    {
        var alone = Policy.Load(texts, EventFields.CreateTable());
        if (alone is PolicyLoad.Loaded)
            return alone;
        var given = texts.Select(text => text.Path).ToHashSet();
        var others = ShippedPolicies.Texts.Where(text =>
            !given.Contains(text.Path) && !given.Contains(text.Path["policies/".Length..])
        );
        var together = Policy.Load([.. texts, .. others], EventFields.CreateTable());
        return
            together is PolicyLoad.Rejected rejected
            && rejected.Diagnostics.Count >= ((PolicyLoad.Rejected)alone).Diagnostics.Count
            ? alone
            : together;
    }
}
