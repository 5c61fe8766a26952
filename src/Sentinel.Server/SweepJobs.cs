using System.Linq.Expressions;
using Hangfire;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Sla;
using Sentinel.Server.Database;
using Sentinel.Siem;
using Sentinel.Siem.Escalation;
using Sentinel.Siem.Retention;
using Sentinel.Workflows;

namespace Sentinel.Server;

/// <summary>
/// The sweeps: each takes up what a wake-up call missed, and finds nothing to do where none was. Rows
/// are the truth, so a job that runs twice does its work once.
/// </summary>
static class SweepJobs
{
    const string EveryMinute = "* * * * *";
    const string EveryNight = "20 3 * * *";
    const string EveryTenMinutes = "*/10 * * * *";
    const int InstancesMax = 100;

    public static void AddJobs(this IServiceCollection services, RunningDatabase running)
    {
        services.AddHangfire(
            (provider, configuration) =>
                configuration
                    .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
                    .UseSimpleAssemblyNameTypeSerializer()
                    .UseRecommendedSerializerSettings()
                    .UseStorage(JobStore.Open(running.JobsConnectionString))
        );
        services.AddHangfireServer(options =>
        {
            options.WorkerCount = 2;
            options.SchedulePollingInterval = TimeSpan.FromSeconds(1);
        });
        services.AddHostedService<ScheduleSweeps>();
    }

    public static void Schedule(IRecurringJobManager jobs)
    {
        var until = CancellationToken.None;
        // Under the name that it once had, it would run for ever.
        jobs.RemoveIfExists("mark-breaches");
        Sweep<DeliverEscalations>(jobs, "deliver-escalations", job => job.RunAsync(until, false));
        Sweep<DeliverReferenceData>(jobs, "deliver-reference-data", job => job.RunAsync(until));
        Sweep<WorkflowRunner>(jobs, "run-workflows", job => job.RunDueAsync(InstancesMax, until));
        Sweep<WatchSources>(jobs, "watch-sources", job => job.RunAsync(until));
        Sweep<SendOutbound>(jobs, "send-outbound", job => job.RunAsync(until));
        Sweep<RunClocks>(jobs, "run-clocks", job => job.RunAsync(until));
        Sweep<SignHead>(jobs, "sign-heads", job => job.RunAllAsync(until));
        jobs.AddOrUpdate<RunRetention>("run-retention", job => job.RunAsync(until), EveryNight);
        jobs.AddOrUpdate<StampHeads>("stamp-heads", job => job.RunAsync(until), EveryTenMinutes);
    }

    // Hangfire puts its own token in the place of the one named here.
    static void Sweep<T>(IRecurringJobManager jobs, string name, Expression<Func<T, Task>> call) =>
        jobs.AddOrUpdate(name, call, EveryMinute);
}
