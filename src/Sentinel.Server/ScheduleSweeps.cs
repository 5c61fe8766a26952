using Hangfire;
using Hangfire.Storage;

namespace Sentinel.Server;

/// <summary>
/// Says when the sweeps are due, beside the start and not in its way: a server that was killed may have left a lock,
/// and its successor has work that waits for no sweep.
/// </summary>
sealed class ScheduleSweeps(IRecurringJobManager jobs, ILogger<ScheduleSweeps> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                SweepJobs.Schedule(jobs);
                return;
            }
            catch (DistributedLockTimeoutException locked)
            {
                log.SweepsLocked(locked);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
    }
}
