using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;
using Sentinel.Psa.Cases;

namespace Sentinel.Psa.Outbound;

/// <summary>What was asked of connectors for a case, and how far each came.</summary>
public sealed class ListOutbound(SentinelDatabase database)
{
    public async Task<Outcome<IReadOnlyList<OutboundAction>>> RunAsync(
        Secret secret,
        Guid caseId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        if (await PermissionStore.LackingAsync(work, "task.read", cancellation) is { } refusal)
            return new Outcome<IReadOnlyList<OutboundAction>>.Declined(refusal);
        if (await CaseStore.FindAsync(work, caseId, cancellation) is null)
            return new Outcome<IReadOnlyList<OutboundAction>>.NotFound($"case {caseId}");
        return new Outcome<IReadOnlyList<OutboundAction>>.Done(
            await OutboundStore.OfCaseAsync(work, caseId, cancellation)
        );
    }
}
