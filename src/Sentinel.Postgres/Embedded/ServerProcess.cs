using System.Globalization;

namespace Sentinel.Postgres.Embedded;

/// <summary>
/// Whether a server runs on a cluster's files. Every process of a server works in the cluster's
/// folder, so that a number in a stale file, since given to another process, fools nobody.
/// </summary>
static class ServerProcess
{
    /// <summary>The server's process, by its pid file; null where it is gone.</summary>
    public static int? Find(string cluster) =>
        PidFileNumber(cluster) is { } pid && WorksIn(pid, cluster) ? pid : null;

    /// <summary>
    /// Removes a pid file whose number now belongs to a stranger. Where any process still works on
    /// the files, or the number is free, PostgreSQL's own check is the better one.
    /// </summary>
    public static void ForgetStranger(string cluster)
    {
        if (PidFileNumber(cluster) is not { } pid || !Directory.Exists($"/proc/{pid}"))
            return;
        if (!AnyWorksIn(cluster))
            File.Delete(PidFile(cluster));
    }

    public static bool AnyWorksIn(string cluster) =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(folder => Path.GetFileName(folder))
            .Any(name =>
                int.TryParse(name, CultureInfo.InvariantCulture, out var pid)
                && WorksIn(pid, cluster)
            );

    static string PidFile(string cluster) => Path.Combine(cluster, "postmaster.pid");

    static int? PidFileNumber(string cluster)
    {
        try
        {
            var first = File.ReadLines(PidFile(cluster)).FirstOrDefault();
            return int.TryParse(first, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    static bool WorksIn(int pid, string cluster)
    {
        try
        {
            var folder = new DirectoryInfo($"/proc/{pid}/cwd").ResolveLinkTarget(false)?.FullName;
            return folder == cluster;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
