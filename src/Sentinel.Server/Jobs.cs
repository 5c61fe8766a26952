using System.Linq.Expressions;
using Hangfire;
using Sentinel.Psa.Assets;

namespace Sentinel.Server;

/// <summary>
/// The sweeps: each takes up what a wake-up call missed, and finds nothing to do where none was. Rows
/// are the truth, so a job that runs twice does its work once.
/// </summary>
static class Jobs
{
    const string EveryMinute = "* * * * *";

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
    }

    public static void Schedule(IRecurringJobManager jobs)
    {
        Sweep<DeliverReferenceData>(jobs, "deliver-reference-data", job => job.RunAsync(default));
    }

    static void Sweep<T>(IRecurringJobManager jobs, string name, Expression<Func<T, Task>> call) =>
        jobs.AddOrUpdate(name, call, EveryMinute);
}
