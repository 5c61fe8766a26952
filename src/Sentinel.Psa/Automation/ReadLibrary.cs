using Sentinel.Postgres;
using Sentinel.Postgres.Access;
using Sentinel.Psa.Audit;

namespace Sentinel.Psa.Automation;

/// <summary>The workflows that there are: what ships, what the organisation proposed, what one draws oneself.</summary>
public sealed class ReadLibrary(SentinelDatabase database)
{
    /// <param name="definitionId">Null: every workflow.</param>
    public async Task<Outcome<IReadOnlyList<LibraryText>>> RunAsync(
        Secret secret,
        string? definitionId,
        CancellationToken cancellation
    )
    {
        await using var work = await PresentedTransaction.BeginAsync(
            database.Psa,
            secret,
            cancellation
        );
        return await PermissionStore.LackingAsync(work, "case.read", cancellation) is { } refusal
            ? new Outcome<IReadOnlyList<LibraryText>>.Declined(refusal)
            : new Outcome<IReadOnlyList<LibraryText>>.Done(
                await LibraryStore.ReadAsync(work, definitionId, cancellation)
            );
    }
}
