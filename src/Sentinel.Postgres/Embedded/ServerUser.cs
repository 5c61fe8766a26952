using System.Diagnostics;
using System.Globalization;

namespace Sentinel.Postgres.Embedded;

/// <summary>
/// Who runs the server: the user that runs Sentinel, or, since PostgreSQL refuses root, the user
/// <c>postgres</c> (else <c>nobody</c>) in root's place.
/// </summary>
sealed record ServerUser(string Name, int Uid, int Gid, bool IsSomebodyElse)
{
    static readonly string[] Switches = ["/usr/bin/setpriv", "/usr/sbin/runuser", "/sbin/runuser"];

    public static ServerUser Choose(string? recorded)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServerUser(Environment.UserName, -1, -1, IsSomebodyElse: false);
        string[] candidates = recorded is null or "root" ? ["postgres", "nobody"] : [recorded];
        foreach (var name in candidates)
            if (Id("-u", name) is { } uid && Id("-g", name) is { } gid && uid != 0)
                return new ServerUser(name, uid, gid, IsSomebodyElse: true);
        throw new OperationFailedException(
            $"PostgreSQL does not run as root, and there is no user {string.Join(" or ", candidates)} "
                + "to run it: create one, or run Sentinel as another user than root."
        );
    }

    /// <summary>Makes a folder that this user alone may enter.</summary>
    public void MakeFolder(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly);
        Own(path);
    }

    public void Own(string path)
    {
        if (IsSomebodyElse && RunDirectly("/bin/chown", $"{Uid}:{Gid}", path).ExitCode != 0)
            throw new OperationFailedException(
                $"Sentinel cannot give {path} to user '{Name}': set {DataDirectory.Variable} to a "
                    + "directory on a file system that keeps owners."
            );
    }

    public bool CanEnter(string folder) =>
        !IsSomebodyElse || Run("/usr/bin/test", ["-x", folder]).ExitCode == 0;

    /// <summary>Runs a program as this user and waits for it; output and errors come together.</summary>
    public (int ExitCode, string Output) Run(string program, IReadOnlyList<string> arguments) =>
        IsSomebodyElse
            ? RunDirectly(Switch, [.. SwitchArguments, program, .. arguments])
            : RunDirectly(program, [.. arguments]);

    public static (int ExitCode, string Output) RunDirectly(
        string program,
        params string[] arguments
    )
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            // A folder that every user may enter.
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // Messages are read: in English, whatever the user's language.
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors);
    }

    const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    static string Switch =>
        Switches.FirstOrDefault(File.Exists)
        ?? throw new OperationFailedException(
            "PostgreSQL does not run as root, and neither setpriv nor runuser is installed: "
                + "install util-linux, or run Sentinel as another user than root."
        );

    string[] SwitchArguments =>
        Switch.EndsWith("setpriv", StringComparison.Ordinal)
            ? [$"--reuid={Uid}", $"--regid={Gid}", "--init-groups", "--"]
            : ["-u", Name, "--"];

    static int? Id(string option, string name)
    {
        var (exitCode, output) = RunDirectly("/usr/bin/id", option, name);
        return exitCode == 0 ? int.Parse(output.Trim(), CultureInfo.InvariantCulture) : null;
    }
}
