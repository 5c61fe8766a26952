using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Outbound;

/// <summary>What was asked of connectors for a case, and how far each came.</summary>
public sealed class ListOutbound(SentinelDatabase database)
{
    public Task<Outcome<IReadOnlyList<OutboundAction>>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    ) =>
        AttemptStore.ReadAsync(
            database.Psa,
            secret,
            new Deed("outbound.read", "case", caseId, caseId),
            "task.read",
            work => InAsync(work, caseId, cancellation),
            cancellation
        );

    static async Task<Outcome<IReadOnlyList<OutboundAction>>> InAsync(
        PresentedTransaction work,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        if (await CaseStore.FindAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<OutboundAction>>.NotFound($"case {caseId}");
        return new Outcome<IReadOnlyList<OutboundAction>>.Done(
            await OutboundStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
