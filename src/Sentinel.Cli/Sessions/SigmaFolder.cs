using System.Text;
using Sentinel.Cli.Output;
using Sentinel.Policies.Sigma;

namespace Sentinel.Cli.Sessions;

/// <summary>The YAML files below a folder.</summary>
static class SigmaFolder
{
    static readonly string[] extensions = [".yml", ".yaml"];

    /// <summary>In the order of their paths, which are relative to the folder.</summary>
    /// <exception cref="WrongUsageException">A folder that is not there, or has no YAML.</exception>
    public static IReadOnlyList<SigmaFile> Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new WrongUsageException($"There is no folder {folder}.");
        SigmaFile[] files =
        [
            .. Directory
                .EnumerateFiles(folder, "*.y*ml", SearchOption.AllDirectories)
                .Where(f => extensions.Contains(Path.GetExtension(f).ToLowerInvariant()))
                .Order(StringComparer.Ordinal)
                .Select(f => new SigmaFile(
                    Path.GetRelativePath(folder, f).Replace('\\', '/'),
                    Encoding.UTF8.GetString(File.ReadAllBytes(f))
                )),
        ];
        return files.Length > 0
            ? files
            : throw new WrongUsageException($"There is no .yml file below {folder}.");
    }
}
