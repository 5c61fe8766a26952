using Sentinel.Postgres;
using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Outbound;
using Sentinel.Siem.Escalation;
using Sentinel.Workflows;

namespace Sentinel.Server;

/// <summary>What happens within the second because somebody was called, not because it was time.</summary>
static class ChannelWorkers
{
    const string OutboxChannel = "siem_outbox";
    const int InstancesMax = 50;

    static readonly TimeSpan sweep = TimeSpan.FromSeconds(30);

    static readonly TimeSpan tick = TimeSpan.FromSeconds(1);

    // What is due of workflows are rows that nobody calls for: each notification would make every commit
    // wait for the one before it, and whoever looks this often is exact to the second all the same.
    static readonly TimeSpan look = TimeSpan.FromMilliseconds(100);

    public static void AddWorkers(this IServiceCollection services) =>
        services
            .AddWorker<DeliverEscalations>(
                OutboxChannel,
                sweep,
                (deliver, cancellation) => deliver.RunAsync(cancellation)
            )
            .AddWorker<DeliverReferenceData>(
                DeliverReferenceData.Channel,
                sweep,
                (deliver, cancellation) => deliver.RunAsync(cancellation)
            )
            .AddWorker<SendOutbound>(
                SendOutbound.Channel,
                sweep,
                (send, cancellation) => send.RunAsync(cancellation)
            )
            .AddWorker<WorkflowRunner>(
                null,
                look,
                async (runner, cancellation) =>
                {
                    while (!(await runner.RunDueAsync(InstancesMax, cancellation)).NothingToDo) { }
                }
            )
            .AddWorker<WatchConditions>(
                null,
                tick,
                (watch, cancellation) => watch.RunAsync(cancellation)
            )
            .AddWorker<SignHead>(
                null,
                tick,
                (heads, cancellation) => heads.RunAllAsync(cancellation)
            )
            .AddWorker<CopyHeads>(
                null,
                copies,
                async (copy, cancellation) =>
                {
                    var problems = await copy.RunAsync(cancellation);
                    if (problems.Count > 0)
                        throw new OperationFailedException(string.Join(" ", problems));
                }
            );

    // Audit rows are taken into the tree beside the hot path, each second, and copied.
    static readonly TimeSpan copies = TimeSpan.FromSeconds(5);

    static IServiceCollection AddWorker<T>(
        this IServiceCollection services,
        string? channel,
        TimeSpan atLeastEvery,
        Func<T, CancellationToken, Task> work
    )
        where T : notnull =>
        services.AddSingleton<IHostedService>(host => new ChannelWorker(
            host.GetRequiredService<SentinelDatabase>(),
            typeof(T).Name,
            channel,
            atLeastEvery,
            cancellation => work(host.GetRequiredService<T>(), cancellation),
            host.GetRequiredService<TimeProvider>(),
            host.GetRequiredService<ILogger<ChannelWorker>>()
        ));
}

/// <summary>Works whenever somebody calls, and every so often; begins again where the database went away.</summary>
/// <param name="name">As the log calls it.</param>
/// <param name="channel">Where it is called; null where nobody calls.</param>
sealed class ChannelWorker(
    SentinelDatabase database,
    string name,
    string? channel,
    TimeSpan atLeastEvery,
    Func<CancellationToken, Task> work,
    TimeProvider clock,
    ILogger<ChannelWorker> log
) : BackgroundService
{
    static readonly TimeSpan pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                if (channel is null)
                    await LookAsync(stoppingToken);
                else
                    await Notifications.ListenAsync(
                        database.Jobs,
                        channel,
                        atLeastEvery,
                        work,
                        stoppingToken
                    );
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // A worker that ends would leave rows lying: it says what happened and goes on.
                log.WorkerFailed(failure, name);
                await Task.Delay(pause, clock, stoppingToken);
            }
    }

    async Task LookAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await work(cancellation);
            await Task.Delay(atLeastEvery, clock, cancellation);
        }
    }
}
