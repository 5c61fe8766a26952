using System.Globalization;

namespace Sentinel.Postgres.Embedded;

/// <summary>The server on one cluster's files: made, started, stopped, deleted.</summary>
sealed class ClusterServer(ClusterLocation location, ServerUser user, bool durable)
{
    const int StartSecondsMax = 60;

    // Processes of a killed server notice that it is gone within moments; until then the files are theirs.
    const int StartAttemptsMax = 40;

    public string SocketFolder => location.SocketFolder;

    public bool IsInitialised => File.Exists(Path.Combine(location.Cluster, "PG_VERSION"));

    public bool IsRunning => ServerProcess.Find(location.Cluster) is not null;

    public static string NameFor(string identity) => $"sentinel-{identity}";

    public void Initialise(string superuser, string password)
    {
        var binaries = Binaries(major: null);
        user.MakeFolder(location.Folder);
        // Made beside and renamed: a crash leaves no half of a cluster.
        var folder = Path.Combine(location.Folder, "cluster.new");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        user.MakeFolder(folder);
        var passwordFile = Path.Combine(location.Folder, "password");
        DataDirectory.WriteAtomically(passwordFile, password);
        user.Own(passwordFile);
        List<string> arguments =
        [
            $"--pgdata={folder}",
            $"--username={superuser}",
            $"--pwfile={passwordFile}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
        ];
        if (!durable)
            arguments.Add("--no-sync");
        var (exitCode, output) = user.Run(binaries.Program("initdb"), arguments);
        File.Delete(passwordFile);
        if (exitCode != 0)
            throw new OperationFailedException(
                $"initdb could not make a database under {folder}: {Reason(output)}."
            );
        File.AppendAllText(Path.Combine(folder, "postgresql.conf"), Configuration());
        Directory.Move(folder, location.Cluster);
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        var version = await File.ReadAllTextAsync(
            Path.Combine(location.Cluster, "PG_VERSION"),
            cancellation
        );
        var binaries = Binaries(int.Parse(version, CultureInfo.InvariantCulture));
        ServerProcess.ForgetStranger(location.Cluster);
        ForgetSocket();
        user.MakeFolder(location.SocketFolder);
        for (var attempt = 1; ; attempt++)
        {
            var logged = File.Exists(location.Log) ? new FileInfo(location.Log).Length : 0;
            var (exitCode, _) = user.Run(
                binaries.Program("pg_ctl"),
                [
                    "start",
                    $"--pgdata={location.Cluster}",
                    $"--log={location.Log}",
                    "--wait",
                    $"--timeout={StartSecondsMax}",
                    $"--options=-k '{location.SocketFolder}'",
                ]
            );
            if (exitCode == 0)
                return;
            var log = await NewLinesAsync(logged, cancellation);
            if (
                !log.Contains("shared memory", StringComparison.Ordinal)
                || attempt == StartAttemptsMax
            )
                throw new OperationFailedException(
                    $"The embedded PostgreSQL did not start: {Reason(log)}; "
                        + $"its log is {location.Log}."
                );
            await Task.Delay(100, cancellation);
        }
    }

    /// <summary>Ends every session, writes everything down, and waits for the end.</summary>
    public void Stop()
    {
        if (!IsRunning)
            return;
        var version = File.ReadAllText(Path.Combine(location.Cluster, "PG_VERSION"));
        var binaries = Binaries(int.Parse(version, CultureInfo.InvariantCulture));
        var (exitCode, output) = user.Run(
            binaries.Program("pg_ctl"),
            [
                "stop",
                $"--pgdata={location.Cluster}",
                "--mode=fast",
                "--wait",
                $"--timeout={StartSecondsMax}",
            ]
        );
        if (exitCode != 0 && IsRunning)
            throw new OperationFailedException(
                $"The embedded PostgreSQL did not stop: {Reason(output)}; its log is {location.Log}."
            );
    }

    /// <summary>
    /// Before a new cluster: what a deleted data directory left outside itself goes after it. Files
    /// inside this one that nothing accounts for are somebody's, and stay.
    /// </summary>
    public void ClearRemains()
    {
        if (!IsInitialised)
            return;
        if (location.IsInside)
            throw new OperationFailedException(
                $"{location.Folder} holds a database, but its location.json is missing: "
                    + "put that file back, or move the folder away to start empty."
            );
        Delete();
    }

    public void Delete()
    {
        Stop();
        foreach (var folder in (string[])[location.Folder, location.SocketFolder])
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
    }

    PostgresBinaries Binaries(int? major) =>
        PostgresBinaries.Locate(major)
        ?? throw new OperationFailedException(
            major is null
                ? "There is no PostgreSQL on this machine: install Debian's package 'postgresql', "
                    + $"set {ConnectionText.Variable} to a server, or set "
                    + $"{PostgresBinaries.Variable} to a folder with initdb, pg_ctl and postgres."
                : $"The database under {location.Folder} was made by PostgreSQL {major}, which is "
                    + $"not installed: install Debian's package 'postgresql-{major}'."
        );

    string Configuration() =>
        """

            cluster_name = '{name}'
            listen_addresses = ''
            unix_socket_permissions = 0700
            password_encryption = scram-sha-256
            max_connections = 200
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_min_messages = warning
            fsync = {durable}
            full_page_writes = {durable}

            """.Replace("{name}", NameFor(location.Identity), StringComparison.Ordinal).Replace(
            "{durable}",
            durable ? "on" : "off",
            StringComparison.Ordinal
        );

    // The server is gone, so nobody answers there; its lock file would name a stranger's process.
    void ForgetSocket()
    {
        if (ServerProcess.AnyWorksIn(location.Cluster) || !Directory.Exists(location.SocketFolder))
            return;
        foreach (var file in Directory.EnumerateFiles(location.SocketFolder, ".s.PGSQL.*"))
            File.Delete(file);
    }

    async Task<string> NewLinesAsync(long from, CancellationToken cancellation)
    {
        if (!File.Exists(location.Log))
            return "";
        await using var stream = File.OpenRead(location.Log);
        stream.Seek(Math.Min(from, stream.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellation);
    }

    static string Reason(string output)
    {
        var lines = output.Split(
            '\n',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );
        var reason =
            lines.LastOrDefault(line => line.Contains("No space left", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.Contains("FATAL", StringComparison.Ordinal))
            ?? lines.LastOrDefault(line => line.Contains("error", StringComparison.Ordinal))
            ?? lines.LastOrDefault()
            ?? "it gave no reason";
        return reason.TrimEnd('.');
    }
}
