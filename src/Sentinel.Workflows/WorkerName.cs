using System.Diagnostics;
using System.Globalization;

namespace Sentinel.Workflows;

/// <summary>Who holds a lease: <c>machine/process id</c>.</summary>
static class WorkerName
{
    public static string Own { get; } = Of(Environment.MachineName, Environment.ProcessId);

    /// <summary>
    /// Whether a worker of this machine that was called so before us is gone: its process does not run, or it
    /// is ours, which has only begun. Of other machines nobody here knows; their leases run out.
    /// </summary>
    public static bool IsDead(string name)
    {
        if (name == Own)
            return true;
        var end = name.LastIndexOf('/');
        return end > 0
            && name[..end] == Environment.MachineName
            && int.TryParse(name.AsSpan(end + 1), CultureInfo.InvariantCulture, out var process)
            && !IsRunning(process);
    }

    static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    static string Of(string machine, int process) =>
        string.Create(CultureInfo.InvariantCulture, $"{machine}/{process}");
}
