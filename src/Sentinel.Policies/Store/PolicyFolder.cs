using System.Text;
using Sentinel.Policies.Model;

namespace Sentinel.Policies.Store;

/// <summary>The <c>.sentinel</c> files below a folder, or one file.</summary>
public static class PolicyFolder
{
    const string Pattern = "*.sentinel";

    /// <summary>
    /// Every byte as it is on the disk, so that hashes agree with other tools; what is not UTF-8 gives
    /// a diagnostic. Paths are relative to the folder, with slashes, in their order.
    /// </summary>
    /// <exception cref="IOException">A path does not exist or cannot be read.</exception>
    public static IReadOnlyList<PolicyText> Read(string path)
    {
        if (File.Exists(path))
            return [ReadFile(path, path.Replace('\\', '/'))];
        return
        [
            .. Files(path)
                .Select(file => ReadFile(file, Path.GetRelativePath(path, file).Replace('\\', '/')))
                .OrderBy(text => text.Path, StringComparer.Ordinal),
        ];
    }

    /// <summary>The files themselves, as they can be opened, in their order.</summary>
    /// <exception cref="IOException">A path does not exist or cannot be read.</exception>
    public static IReadOnlyList<string> Files(string path) =>
        File.Exists(path)
            ? [path]
            :
            [
                .. Directory
                    .EnumerateFiles(path, Pattern, SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal),
            ];

    static PolicyText ReadFile(string file, string name) =>
        new(name, Encoding.UTF8.GetString(File.ReadAllBytes(file)));
}
