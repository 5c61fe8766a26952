using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using Sentinel.Postgres;

namespace Sentinel.Cli.Benchmarks;

/// <summary>pgbench's own transaction, with as many statements as ours has.</summary>
static partial class PgbenchRun
{
    const int Scale = 10;

    // TPC-B's five, again and again until there are enough.
    static readonly string[] statements =
    [
        "UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;",
        "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;",
        "UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;",
        "UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;",
        "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) "
            + "VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);",
    ];

    /// <summary>Makes its tables.</summary>
    public static Task PrepareAsync(string connectionString, CancellationToken cancellation) =>
        RunAsync(connectionString, ["-i", "-q", "-s", $"{Scale}"], cancellation);

    /// <returns>Transactions a second.</returns>
    public static async Task<double> RateAsync(
        string connectionString,
        int statementCount,
        int clients,
        int transactions,
        string folder,
        CancellationToken cancellation
    )
    {
        var script = new StringBuilder(
            """
            \set aid random(1, 100000 * <0>)
            \set bid random(1, <1>)
            \set tid random(1, 10 * <2>)
            \set delta random(-5000, 5000)
            BEGIN;

            """.Replace("<0>", $"{Scale}", StringComparison.Ordinal).Replace(
                "<1>",
                $"{Scale}",
                StringComparison.Ordinal
            ).Replace("<2>", $"{Scale}", StringComparison.Ordinal)
        );
        for (var number = 0; number < statementCount; number++)
            script.AppendLine(statements[number % statements.Length]);
        script.AppendLine("END;");
        var file = Path.Combine(folder, "transaction.pgbench");
        await File.WriteAllTextAsync(file, script.ToString(), cancellation);
        var said = await RunAsync(
            connectionString,
            [
                "-n",
                "-M",
                "extended",
                "-f",
                file,
                "-c",
                $"{clients}",
                "-j",
                "1",
                "-t",
                $"{transactions / clients}",
            ],
            cancellation
        );
        return double.Parse(Rate().Match(said).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    static async Task<string> RunAsync(
        string connectionString,
        IEnumerable<string> arguments,
        CancellationToken cancellation
    )
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(Program(), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGHOST"] = settings.Host;
        start.Environment["PGPORT"] = settings.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = settings.Username;
        start.Environment["PGPASSWORD"] = settings.Password;
        start.Environment["PGDATABASE"] = settings.Database;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode == 0
            ? output
            : throw new OperationFailedException($"pgbench failed: {await error}");
    }

    static string Program() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetFiles("/usr/lib/postgresql", "pgbench", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .LastOrDefault()
                ?? "pgbench"
            : "pgbench";

    [GeneratedRegex(@"tps = ([0-9.]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
