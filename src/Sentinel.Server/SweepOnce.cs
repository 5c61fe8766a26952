using Sentinel.Postgres.Ledger;
using Sentinel.Psa.Assets;
using Sentinel.Psa.Automation;
using Sentinel.Psa.Outbound;
using Sentinel.Psa.Sla;
using Sentinel.Siem.Escalation;
using Sentinel.Workflows;

namespace Sentinel.Server;

/// <param name="LastError">Why something waits to be delivered or copied, or null.</param>
public sealed record SweepCounts(int Delivered, string? LastError);

/// <summary>
/// What the workers do, once and in order: for commands that run where no server does, so that what
/// they cause does not wait for one.
/// </summary>
public sealed class SweepOnce(
    DeliverReferenceData reference,
    DeliverEscalations escalations,
    WorkflowRunner workflows,
    WatchConditions conditions,
    SendOutbound outbound,
    RunClocks clocks,
    SignHead heads,
    CopyHeads copies
)
{
    const int InstancesMax = 100;

    public async Task<SweepCounts> RunAsync(CancellationToken cancellation)
    {
        while (await reference.RunAsync(cancellation) > 0) { }
        var delivered = await escalations.RunAsync(cancellation, retryNow: true);
        await conditions.RunAsync(cancellation);
        while (!(await workflows.RunDueAsync(InstancesMax, cancellation)).NothingToDo) { }
        await outbound.RunAsync(cancellation);
        await clocks.RunAsync(cancellation);
        await heads.RunAllAsync(cancellation);
        var untaken = await copies.RunAsync(cancellation);
        return new SweepCounts(
            delivered.Delivered,
            delivered.LastError ?? untaken.FirstOrDefault()
        );
    }
}
