using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Workflows;
using Sentinel.Workflows.Execution;

namespace Sentinel.IntegrationTests.Workflows;

/// <summary>A process that a test may kill: this test program again, with one explicit test of it.</summary>
static class WorkerProcess
{
    const string DatabaseVariable = "SENTINEL_TEST_WORKER_DATABASE";
    const string DataVariable = "SENTINEL_TEST_WORKER_DATA";

    public static ActivityCatalogue Activities() => new([new Counting("Test.Note")]);

    /// <param name="crashAt">The station at which it kills itself; empty: at none.</param>
    public static Process Start(Workshop workshop, Type test, string method, string crashAt = "")
    {
        var process = Process.Start(
            new ProcessStartInfo(
                Path.Combine(AppContext.BaseDirectory, "Sentinel.IntegrationTests"),
                ["-method", $"{test.FullName}.{method}", "-explicit", "only"]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment =
                {
                    [DatabaseVariable] = workshop.Database.ConnectionString,
                    [DataVariable] = workshop.Database.Data.Path,
                    [CrashPoint.Variable] = crashAt,
                },
            }
        )!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>What stands in that process.</summary>
    public static (SentinelDatabase Database, WorkflowRunner Runner) Inside()
    {
        var data = new DataDirectory(Environment.GetEnvironmentVariable(DataVariable)!);
        var database = SentinelDatabase.Open(
            Environment.GetEnvironmentVariable(DatabaseVariable)!,
            data
        );
        var secrets = new MachineSecrets(data);
        return (
            database,
            new WorkflowRunner(
                database,
                Activities(),
                organisation => secrets.For(organisation, "workflow"),
                TimeProvider.System,
                NullLogger<WorkflowRunner>.Instance
            )
        );
    }
}
